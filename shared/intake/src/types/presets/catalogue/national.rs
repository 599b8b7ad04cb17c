//! Microsoft's national clouds: entered as Custom, because each has hosts of its own.
//!
//! Sources: login hosts and mail hosts from Microsoft's lists of national clouds and of Microsoft 365 endpoints; scopes of
//! US Government and China from Microsoft's own test scripts for IMAP with OAuth 2.0. What is only deduced says so in its
//! prerequisites. None of them was tried with an account.

use super::form::{COPY_CLIENT, EXACT, Guide, HTTPS, Preset, at, here, imap, pop3};
use crate::types::integration::Provider;

const TENANT: Guide = here(
    "For an application of one organisation, put its tenant id in the place of organizations in both endpoints.",
);
const REDIRECT: Guide =
    here("Under Authentication, add the platform Web with the redirect URL: not Single-page application.");
const PERMISSIONS: Guide = here(
    "Under API permissions, add IMAP.AccessAsUser.All and POP.AccessAsUser.All of Office 365 Exchange Online, as delegated permissions.",
);
const SECRET: Guide = here(
    "Under Certificates & secrets, make a client secret; copy its value, not its ID, and the day on which it ends.",
);
const UNTRIED: &str =
    "Unverified: these values come from published lists and were not tried with an account of this cloud.";
const IMAP_ALLOWED: &str = "IMAP or POP is allowed for the mailbox in Exchange Online.";

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
        at(
            "https://portal.azure.us/",
            "Register an application in Microsoft Entra of the US Government cloud.",
        ),
        TENANT,
        REDIRECT,
        PERMISSIONS,
        SECRET,
        COPY_CLIENT,
    ],
    redirect_url_rules: &[HTTPS, "At most 256 characters.", EXACT],
    prerequisites: &[
        "An organisation in GCC High; accounts of GCC are in the worldwide cloud: use Microsoft for them.",
        IMAP_ALLOWED,
        UNTRIED,
    ],
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
    prerequisites: &[
        "An organisation in the cloud of the Department of Defense.",
        IMAP_ALLOWED,
        UNTRIED,
        "Unverified: the scopes are deduced from the name of the mail host; where they are unknown (invalid_scope), try https://webmail.apps.mil/ or https://outlook.office365.us/ in the place of https://outlook-dod.office365.us/.",
    ],
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
        at("https://portal.azure.cn/", "Register an application in Microsoft Entra of the China cloud."),
        TENANT,
        REDIRECT,
        PERMISSIONS,
        SECRET,
        COPY_CLIENT,
    ],
    prerequisites: &[
        "An organisation in the cloud that 21Vianet operates; its older sign-in host is login.chinacloudapi.cn.",
        IMAP_ALLOWED,
        UNTRIED,
        "Unverified: where the single permissions are unknown (invalid_scope), try https://partner.outlook.cn/.default with offline_access.",
    ],
    ..US_GOVERNMENT
};
