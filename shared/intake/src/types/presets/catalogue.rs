//! Providers that are known well enough to fill in a form: what to enter, what to do at the provider, what it demands.
//!
//! Sources: the vendors' documentation, and for endpoints and scopes of Yahoo, AOL and Fastmail the tables of a widely used
//! mail client. What is not certain says so in its prerequisites.

mod form;
mod national;

use self::form::{COPY_CLIENT, EXACT, HTTPS, at, here, imap, pop3};
pub use self::form::{Guide, MailHostPreset, Preset};
use crate::types::{integration::Provider, presets::TENANT_WORDS};

const CONTRACT: &str = "New clients get the mail scope by a contract with the provider only. Without one, let the mailbox sign in with an app password.";
const YAHOO_STEPS: [Guide; 3] = [
    at("https://developer.yahoo.com/apps/", "Create an app and give it the redirect URL."),
    here("Ask for the permission to read mail, which needs a contract."),
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
        at("https://console.cloud.google.com/projectcreate", "Create a project, or choose one."),
        at(
            "https://console.cloud.google.com/auth/overview",
            "Configure the consent screen: Internal for an organisation's own accounts, else External and published, because consents of an app in testing end after seven days.",
        ),
        at("https://console.cloud.google.com/auth/scopes", "Add the scope https://mail.google.com/."),
        at(
            "https://console.cloud.google.com/auth/clients",
            "Create a client of the type Web application, with the redirect URL among its authorized redirect URIs.",
        ),
        COPY_CLIENT,
    ],
    redirect_url_rules: &[
        HTTPS,
        "Its host must be a name under a public domain: private names such as docket.local are refused.",
        "Addresses are refused, but for those of loopback.",
        EXACT,
    ],
    prerequisites: &[
        "A Google account that may create projects in the Google Cloud console.",
        "IMAP or POP is allowed for the mailbox, by its owner and by the organisation's administrator.",
        "Where the organisation restricts apps, its administrator trusts this one.",
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
            "Register an application; choose whose accounts it lets in, and enter the tenant to fit: an application of one organisation needs its tenant id or domain.",
        ),
        here(
            "Under Authentication, add the platform Web with the redirect URL: not Single-page application.",
        ),
        here(
            "Under API permissions, add IMAP.AccessAsUser.All and POP.AccessAsUser.All of Office 365 Exchange Online, as delegated permissions.",
        ),
        here(
            "Under Certificates & secrets, make a client secret; copy its value, not its ID, and the day on which it ends.",
        ),
        here("Copy the application (client) ID and the secret's value into the integration."),
        here(
            "For a shared mailbox, sign in as a person who has full access to it, and enter the shared address as the mailbox to open.",
        ),
    ],
    redirect_url_rules: &[
        HTTPS,
        "At most 256 characters.",
        "No special characters such as ! $ ' ( ) , ;.",
        "localhost, and not 127.0.0.1.",
        EXACT,
    ],
    prerequisites: &[
        "An account that may register applications in Microsoft Entra.",
        "IMAP or POP is allowed for the mailbox in Exchange Online; for a personal account it is switched on in the mailbox's settings.",
        "Where users may not consent to applications themselves, an administrator approves it once.",
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
    steps: &[
        at("https://www.fastmail.com/dev/", "Ask the provider to register a client with the redirect URL."),
        COPY_CLIENT,
    ],
    redirect_url_rules: &[HTTPS, EXACT],
    prerequisites: &[
        "Clients are registered by the provider on request. Without one, let the mailbox sign in with an app password.",
    ],
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
        at("https://oauth.yandex.com/client/new", "Create an app for web services, with the redirect URL."),
        here("Give it the permission to read mail over IMAP (mail:imap_ro)."),
        COPY_CLIENT,
    ],
    redirect_url_rules: &[HTTPS, EXACT],
    prerequisites: &[
        "Mail programs are allowed in the mailbox's settings. POP3 does not work with OAuth 2.0 here.",
    ],
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
        at("https://account.apple.com/", "Make an app-specific password for the mailbox's account."),
        here("Create a mailbox that signs in with the address and this password; it needs no integration."),
    ],
    redirect_url_rules: &[],
    prerequisites: &[
        "Two-factor authentication is on for the account. The provider has neither OAuth 2.0 nor POP3 for mail.",
    ],
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
        here("Enter both endpoints, or only the issuer, and generate the redirect URL."),
        here(
            "Register a confidential client with this redirect URL at the provider, for the authorization code flow with refresh tokens.",
        ),
        here(
            "Copy the client ID and the client secret into the integration; where one makes them oneself, enter the suggested ones on both sides.",
        ),
    ],
    redirect_url_rules: &[HTTPS, EXACT, "It depends on both endpoints: change one, and generate it again."],
    prerequisites: &[
        "The endpoints begin with https, and their certificates are signed by an authority that this machine trusts.",
        "The mail server accepts access tokens of this provider (XOAUTH2 or OAUTHBEARER).",
    ],
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
