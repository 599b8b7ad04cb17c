//! Microsoft's national clouds: entered as Custom, because each has hosts of its own.
//!
//! Sources: login hosts and mail hosts from Microsoft's lists of national clouds and of Microsoft 365 endpoints; scopes of
//! US Government and China from Microsoft's own test scripts for IMAP with OAuth 2.0. What is only deduced says so in its
//! prerequisites. None of them was tried with an account.

use super::form::{COPY_CLIENT, EXACT, Guide, HTTPS, Preset, at, here, imap, pop3};
use crate::types::integration::Provider;

const TENANT: Guide = here("preset.national.step.tenant");
const REDIRECT: Guide = here("preset.microsoft.step.redirect");
const PERMISSIONS: Guide = here("preset.microsoft.step.permissions");
const SECRET: Guide = here("preset.microsoft.step.secret");
const UNTRIED: &str = "preset.national.needs.untried";
const IMAP_ALLOWED: &str = "preset.national.needs.imap";

/// GCC High. GCC itself is in the worldwide cloud.
pub(super) const US_GOVERNMENT: Preset = Preset {
    id: "microsoft_us_government",
    name: "Microsoft US Government (GCC High)",
    provider: Some(Provider::Custom),
    authorization_endpoint: Some("https://login.microsoftonline.us/organizations/oauth2/v2.0/authorize"),
    token_endpoint: Some("https://login.microsoftonline.us/organizations/oauth2/v2.0/token"),
    tenants: &[],
    scopes: &[
        "https://outlook.office365.us/IMAP.AccessAsUser.All",
        "https://outlook.office365.us/POP.AccessAsUser.All",
        "offline_access",
        "openid",
        "email",
        "profile",
    ],
    mail_servers: &[imap("outlook.office365.us"), pop3("outlook.office365.us")],
    steps: &[
        at("https://portal.azure.us/", "preset.national.step.register.us"),
        TENANT,
        REDIRECT,
        PERMISSIONS,
        SECRET,
        COPY_CLIENT,
    ],
    redirect_url_rules: &[HTTPS, "preset.rule.length", EXACT],
    prerequisites: &["preset.national.needs.gcc_high", IMAP_ALLOWED, UNTRIED],
};

/// The Department of Defense.
pub(super) const US_DEFENSE: Preset = Preset {
    id: "microsoft_us_dod",
    name: "Microsoft US Government (DoD)",
    scopes: &[
        "https://outlook-dod.office365.us/IMAP.AccessAsUser.All",
        "https://outlook-dod.office365.us/POP.AccessAsUser.All",
        "offline_access",
        "openid",
        "email",
        "profile",
    ],
    mail_servers: &[
        imap("outlook-dod.office365.us"),
        pop3("outlook-dod.office365.us"),
        imap("webmail.apps.mil"),
        pop3("webmail.apps.mil"),
    ],
    prerequisites: &["preset.national.needs.dod", IMAP_ALLOWED, UNTRIED, "preset.national.needs.dod_scopes"],
    ..US_GOVERNMENT
};

/// Operated by 21Vianet.
pub(super) const CHINA: Preset = Preset {
    id: "microsoft_china",
    name: "Microsoft China (21Vianet)",
    authorization_endpoint: Some(
        "https://login.partner.microsoftonline.cn/organizations/oauth2/v2.0/authorize",
    ),
    token_endpoint: Some("https://login.partner.microsoftonline.cn/organizations/oauth2/v2.0/token"),
    scopes: &[
        "https://partner.outlook.cn/IMAP.AccessAsUser.All",
        "https://partner.outlook.cn/POP.AccessAsUser.All",
        "offline_access",
        "openid",
        "email",
        "profile",
    ],
    mail_servers: &[imap("partner.outlook.cn"), pop3("partner.outlook.cn")],
    steps: &[
        at("https://portal.azure.cn/", "preset.national.step.register.china"),
        TENANT,
        REDIRECT,
        PERMISSIONS,
        SECRET,
        COPY_CLIENT,
    ],
    prerequisites: &[
        "preset.national.needs.china",
        IMAP_ALLOWED,
        UNTRIED,
        "preset.national.needs.china_scopes",
    ],
    ..US_GOVERNMENT
};
