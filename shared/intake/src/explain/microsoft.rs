//! What Microsoft's error numbers mean (Entra error reference).

/// A row of Microsoft's error numbers: number, stable code, what happened, what to do.
type Row = (u32, &'static str, &'static str, &'static str);

/// The AADSTS numbers with a sentence of their own.
const AADSTS: [Row; 24] = [
    (
        50011,
        "redirect_url_not_registered",
        "Microsoft does not know the redirect URL.",
        "Add it to the app registration in Entra, under Authentication, as type Web.",
    ),
    (
        50020,
        "account_of_other_tenant",
        "This account does not belong to the organisation of the integration.",
        "Use another account, or another tenant value.",
    ),
    (
        50034,
        "account_unknown",
        "Microsoft does not know this account in that organisation.",
        "Check the address and the tenant.",
    ),
    (
        50053,
        "account_locked",
        "Microsoft locked the account or blocked the sign-in.",
        "Wait, then try again, or ask the Microsoft 365 administrator to look at the sign-in log.",
    ),
    (50055, "password_expired", "The password of the account has expired.", "Change it, then sign in again."),
    (
        50057,
        "account_disabled",
        "The account is disabled.",
        "Ask the Microsoft 365 administrator to enable it.",
    ),
    (50076, "second_factor_needed", "Microsoft asks for a second factor.", "Sign in again to reconnect."),
    (
        50079,
        "second_factor_needed",
        "Microsoft asks for a second factor to be set up.",
        "Finish the security setup of this account, then sign in again.",
    ),
    (
        50105,
        "account_not_assigned",
        "This account is not assigned to the app.",
        "Ask the Entra administrator to assign it.",
    ),
    (
        50173,
        "grant_ended",
        "The permission was ended by a password change or an administrator.",
        "Sign in again.",
    ),
    (
        50194,
        "single_tenant_app",
        "The app is for one organisation only.",
        "Enter your tenant ID in the integration, or make the app multi-tenant.",
    ),
    (
        53003,
        "conditional_access",
        "A Conditional Access rule blocks this sign-in.",
        "Ask the administrator to allow this app or our network address.",
    ),
    (
        65001,
        "consent_missing",
        "The app has not been approved for this account.",
        "Sign in again and accept, or ask the administrator to approve it.",
    ),
    (65004, "access_denied", "The permissions were declined.", "Sign in again and choose Accept."),
    (
        65005,
        "permission_not_listed",
        "A permission is not listed in the app registration.",
        "Add IMAP.AccessAsUser.All (Office 365 Exchange Online) to it.",
    ),
    (70008, "grant_expired", "The mailbox was not used for too long.", "Sign in again."),
    (70011, "scopes_invalid", "The list of permissions is not valid.", "Use the suggested scopes."),
    (90002, "tenant_unknown", "The tenant was not found.", "Check the tenant ID and the cloud."),
    (
        90094,
        "admin_consent_needed",
        "An administrator of the organisation must approve this app first.",
        "Ask them to grant admin consent in Entra.",
    ),
    (
        700_016,
        "client_unknown",
        "Microsoft does not know this client ID in the organisation.",
        "Check client ID and tenant.",
    ),
    (
        700_082,
        "grant_expired",
        "The permission expired because it was not used for 90 days.",
        "Sign in again.",
    ),
    (
        700_084,
        "spa_redirect",
        "The redirect URL is registered as single-page application, whose tokens live one day.",
        "Register it as Web.",
    ),
    (
        7_000_215,
        "client_secret_wrong",
        "The client secret is wrong.",
        "Paste the secret's value, not its ID.",
    ),
    (
        7_000_222,
        "client_secret_expired",
        "The client secret has expired.",
        "Create a new one and enter it here; all mailboxes go on without a new sign-in.",
    ),
];

/// Code, what happened and what to do, for a description such as `AADSTS700082: The refresh token has expired …`.
pub(super) fn told(description: &str) -> Option<(&'static str, &'static str, &'static str)> {
    let number = aadsts(description);
    let row = AADSTS.iter().find(|(row, ..)| Some(*row) == number)?;
    Some((row.1, row.2, row.3))
}

fn aadsts(description: &str) -> Option<u32> {
    let digits: String =
        description.split("AADSTS").nth(1)?.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
