//! Providers that are known well enough to fill in a form: what to enter, what to do at the provider, what it demands.
//!
//! Sources: the vendors' documentation, and for endpoints and scopes of Yahoo, AOL and Fastmail the tables of a widely used
//! mail client. What is not certain says so in its prerequisites.

mod form;
mod national;

use self::form::{COPY_CLIENT, EXACT, HTTPS, at, here, imap, pop3};
pub use self::form::{Guide, MailHostPreset, Preset};
use crate::types::{integration::Provider, presets::TENANT_WORDS};

const CONTRACT: &str = "preset.yahoo.needs.contract";
const YAHOO_STEPS: [Guide; 3] = [
    at("https://developer.yahoo.com/apps/", "preset.yahoo.step.app"),
    here("preset.yahoo.step.permission"),
    COPY_CLIENT,
];

/// Google, Microsoft and the others, most used first.
pub const CATALOGUE: [Preset; 11] = [
    GOOGLE,
    MICROSOFT,
    YAHOO,
    AOL,
    FASTMAIL,
    YANDEX,
    ICLOUD,
    national::US_GOVERNMENT,
    national::US_DEFENSE,
    national::CHINA,
    CUSTOM,
];

const GOOGLE: Preset = Preset {
    id: "google",
    name: "Google",
    provider: Some(Provider::Google),
    authorization_endpoint: Some("https://accounts.google.com/o/oauth2/v2/auth"),
    token_endpoint: Some("https://oauth2.googleapis.com/token"),
    tenants: &[],
    scopes: super::GOOGLE_SCOPES,
    mail_servers: &[imap("imap.gmail.com"), pop3("pop.gmail.com")],
    steps: &[
        at("https://console.cloud.google.com/projectcreate", "preset.google.step.project"),
        at("https://console.cloud.google.com/auth/overview", "preset.google.step.consent_screen"),
        at("https://console.cloud.google.com/auth/scopes", "preset.google.step.scope"),
        at("https://console.cloud.google.com/auth/clients", "preset.google.step.client"),
        COPY_CLIENT,
    ],
    redirect_url_rules: &[HTTPS, "preset.google.rule.public", "preset.google.rule.address", EXACT],
    prerequisites: &[
        "preset.google.needs.account",
        "preset.google.needs.imap",
        "preset.google.needs.trusted",
    ],
};

const MICROSOFT: Preset = Preset {
    id: "microsoft",
    name: "Microsoft",
    provider: Some(Provider::Microsoft),
    authorization_endpoint: Some("https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize"),
    token_endpoint: Some("https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"),
    tenants: &TENANT_WORDS,
    scopes: super::MICROSOFT_SCOPES,
    mail_servers: &[imap("outlook.office365.com"), pop3("outlook.office365.com")],
    steps: &[
        at(
            "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade",
            "preset.microsoft.step.register",
        ),
        here("preset.microsoft.step.redirect"),
        here("preset.microsoft.step.permissions"),
        here("preset.microsoft.step.secret"),
        here("preset.microsoft.step.copy"),
        here("preset.microsoft.step.shared"),
    ],
    redirect_url_rules: &[
        HTTPS,
        "preset.rule.length",
        "preset.microsoft.rule.special",
        "preset.microsoft.rule.localhost",
        EXACT,
    ],
    prerequisites: &[
        "preset.microsoft.needs.account",
        "preset.microsoft.needs.imap",
        "preset.microsoft.needs.approval",
    ],
};

const YAHOO: Preset = Preset {
    id: "yahoo",
    name: "Yahoo",
    provider: Some(Provider::Custom),
    authorization_endpoint: Some("https://api.login.yahoo.com/oauth2/request_auth"),
    token_endpoint: Some("https://api.login.yahoo.com/oauth2/get_token"),
    tenants: &[],
    scopes: &["mail-r"],
    mail_servers: &[imap("imap.mail.yahoo.com"), pop3("pop.mail.yahoo.com")],
    steps: &YAHOO_STEPS,
    redirect_url_rules: &[HTTPS, EXACT],
    prerequisites: &[CONTRACT],
};

const AOL: Preset = Preset {
    id: "aol",
    name: "AOL",
    authorization_endpoint: Some("https://api.login.aol.com/oauth2/request_auth"),
    token_endpoint: Some("https://api.login.aol.com/oauth2/get_token"),
    mail_servers: &[imap("imap.aol.com"), pop3("pop.aol.com")],
    ..YAHOO
};

const FASTMAIL: Preset = Preset {
    id: "fastmail",
    name: "Fastmail",
    provider: Some(Provider::Custom),
    authorization_endpoint: Some("https://api.fastmail.com/oauth/authorize"),
    token_endpoint: Some("https://api.fastmail.com/oauth/refresh"),
    tenants: &[],
    scopes: &["https://www.fastmail.com/dev/protocol-imap", "https://www.fastmail.com/dev/protocol-pop"],
    mail_servers: &[imap("imap.fastmail.com"), pop3("pop.fastmail.com")],
    steps: &[at("https://www.fastmail.com/dev/", "preset.fastmail.step.register"), COPY_CLIENT],
    redirect_url_rules: &[HTTPS, EXACT],
    prerequisites: &["preset.fastmail.needs.request"],
};

const YANDEX: Preset = Preset {
    id: "yandex",
    name: "Yandex",
    provider: Some(Provider::Custom),
    authorization_endpoint: Some("https://oauth.yandex.com/authorize"),
    token_endpoint: Some("https://oauth.yandex.com/token"),
    tenants: &[],
    scopes: &["mail:imap_ro"],
    mail_servers: &[imap("imap.yandex.com")],
    steps: &[
        at("https://oauth.yandex.com/client/new", "preset.yandex.step.app"),
        here("preset.yandex.step.permission"),
        COPY_CLIENT,
    ],
    redirect_url_rules: &[HTTPS, EXACT],
    prerequisites: &["preset.yandex.needs.allowed"],
};

const ICLOUD: Preset = Preset {
    id: "icloud",
    name: "iCloud",
    provider: None,
    authorization_endpoint: None,
    token_endpoint: None,
    tenants: &[],
    scopes: &[],
    mail_servers: &[imap("imap.mail.me.com")],
    steps: &[
        at("https://account.apple.com/", "preset.icloud.step.password"),
        here("preset.icloud.step.mailbox"),
    ],
    redirect_url_rules: &[],
    prerequisites: &["preset.icloud.needs.two_factor"],
};

const CUSTOM: Preset = Preset {
    id: "custom",
    name: "Custom",
    provider: Some(Provider::Custom),
    authorization_endpoint: None,
    token_endpoint: None,
    tenants: &[],
    scopes: &[],
    mail_servers: &[],
    steps: &[
        here("preset.custom.step.endpoints"),
        here("preset.custom.step.register"),
        here("preset.custom.step.copy"),
    ],
    redirect_url_rules: &[HTTPS, EXACT, "preset.custom.rule.endpoints"],
    prerequisites: &["preset.custom.needs.https", "preset.custom.needs.tokens"],
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::types::{host::MailHost, presets};

    #[test]
    fn the_catalogue_says_what_the_code_does() {
        let ids: BTreeSet<_> = CATALOGUE.iter().map(|preset| preset.id).collect();
        assert_eq!(ids.len(), CATALOGUE.len());
        for preset in CATALOGUE {
            let id = preset.id;
            assert!(!preset.steps.is_empty() && !preset.prerequisites.is_empty(), "{id}");
            let steps = preset.steps.iter().map(|step| step.text);
            let tenants = preset.tenants.iter().map(|(_, accounts)| *accounts);
            let told = preset.redirect_url_rules.iter().chain(preset.prerequisites).copied();
            for key in steps.chain(tenants).chain(told) {
                assert!(crate::catalogue::has(key), "{id} tells {key}");
            }
            for server in preset.mail_servers {
                assert!(MailHost::new(server.host).is_ok_and(|host| !host.is_local_name()), "{id}");
                let hosts = preset.provider.and_then(presets::mail_hosts);
                assert!(hosts.is_none_or(|hosts| hosts.contains(&server.host)), "{id}");
            }
            let typed = [preset.authorization_endpoint, preset.token_endpoint].into_iter().flatten();
            for url in typed.filter(|_| preset.provider == Some(Provider::Custom)) {
                assert!(url.parse::<url::Url>().is_ok_and(|url| url.scheme() == "https"), "{id}");
                assert!(!url.contains('{'), "{id}: to be entered as it is");
            }
            let Some(provider) = preset.provider else { continue };
            if let Some(known) = presets::endpoints(provider, Some("TENANT")) {
                let filled = |text: Option<&str>| text.unwrap().replace("{tenant}", "TENANT");
                assert_eq!(filled(preset.authorization_endpoint), known.authorization.as_str(), "{id}");
                assert_eq!(filled(preset.token_endpoint), known.token.as_str(), "{id}");
                assert_eq!(preset.scopes, presets::scopes(provider), "{id}");
            }
        }
    }
}
