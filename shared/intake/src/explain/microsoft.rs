//! What Microsoft's error numbers mean (the Entra error reference).

use super::row::Source;
use crate::ports::OAuthFault;

/// Numbers that mean the same.
pub(super) struct Row {
    pub(super) numbers: &'static [u32],
    pub(super) fault: OAuthFault,
    pub(super) key: &'static str,
    pub(super) source: Source,
}

const fn means(fault: OAuthFault, key: &'static str, numbers: &'static [u32]) -> Row {
    Row { numbers, fault, key, source: Source::Vendor }
}

const fn client(key: &'static str, numbers: &'static [u32]) -> Row {
    means(OAuthFault::ClientRefused, key, numbers)
}

const fn setting(key: &'static str, numbers: &'static [u32]) -> Row {
    means(OAuthFault::Configuration, key, numbers)
}

const fn consent(key: &'static str, numbers: &'static [u32]) -> Row {
    means(OAuthFault::GrantRefused, key, numbers)
}

const fn administrator(key: &'static str, numbers: &'static [u32]) -> Row {
    means(OAuthFault::Administrator, key, numbers)
}

const fn short(key: &'static str, numbers: &'static [u32]) -> Row {
    means(OAuthFault::Temporary { after: None }, key, numbers)
}

/// The AADSTS numbers with a sentence of their own.
pub(super) static AADSTS: [Row; 44] = [
    // The registration, or what is entered here.
    client("client_secret_wrong", &[70002, 7_000_215]),
    client("client_secret_expired", &[7_000_222]),
    client("client_secret_missing", &[7_000_218]),
    client("client_unknown", &[700_016, 700_011]),
    client("app_disabled", &[70001, 7_000_112]),
    client("public_client", &[700_025]),
    setting("redirect_url_not_registered", &[50011, 70004, 900_971]),
    setting("account_of_other_tenant", &[50020]),
    setting("account_unknown", &[50034, 51004]),
    setting("single_tenant_app", &[50194]),
    setting("permission_not_listed", &[65005, 650_056, 650_057]),
    setting("spa_redirect", &[700_084]),
    setting("spa_redirect.code", &[9_002_325, 9_002_327]),
    setting("tenant_changed", &[700_005]),
    setting("scopes_invalid.microsoft", &[70011, 28002, 28003, 700_022]),
    setting("no_exchange_online", &[500_011, 650_052]),
    setting("tenant_unknown", &[90002, 90038]),
    setting("tenant_word_wrong", &[9_002_332, 90130, 9_001_023]),
    setting("provider_refused_request", &[90014, 900_144, 9_002_313, 90100]),
    // The account's person.
    consent("password_expired", &[50055, 50144]),
    consent("password_wrong", &[50056, 50126]),
    consent("not_signed_in", &[50058]),
    consent("second_factor_setup", &[50072, 50079, 53004]),
    consent("second_factor_needed", &[50074, 50076, 50078, 50158]),
    consent("grant_ended", &[50089, 50132, 50133, 50173]),
    consent("grant_refused.invalid", &[70000]),
    consent("grant_expired", &[70008, 700_082]),
    consent("sign_in_frequency", &[70043]),
    consent("consent_missing.provider", &[65001]),
    consent("access_denied", &[65004]),
    consent("sign_in_used", &[54005]),
    consent("sign_in_mixed_up", &[501_481]),
    // The organisation's administrator.
    administrator("account_locked", &[50053]),
    administrator("account_disabled", &[50057]),
    administrator("managed_device_needed", &[50097, 53000, 53001]),
    Row { source: Source::Experience, ..administrator("managed_device_needed", &[530_003]) },
    administrator("account_not_assigned", &[50105]),
    administrator("conditional_access", &[50131, 53003, 530_032]),
    administrator("security_defaults", &[530_035]),
    administrator("admin_consent_needed", &[90094, 90095]),
    Row { source: Source::Experience, ..administrator("administrator_needed", &[700_211]) },
    // Time.
    short("provider_busy", &[50033, 50087, 90006, 90012, 90024, 90033, 90090, 70012, 80005]),
    short("provider_limits_tenant", &[90055]),
    short("sign_in_loop", &[50196]),
];

/// The row for a description such as `AADSTS700082: The refresh token has expired …`.
pub(super) fn row(description: &str) -> Option<&'static Row> {
    let number = aadsts(description)?;
    AADSTS.iter().find(|row| row.numbers.contains(&number))
}

fn aadsts(description: &str) -> Option<u32> {
    let digits: String =
        description.split("AADSTS").nth(1)?.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
