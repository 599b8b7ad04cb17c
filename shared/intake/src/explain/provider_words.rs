//! What the `error` of a provider means (RFC 6749 sections 4.1.2.1 and 5.2, OpenID Connect Core section 3.1.2.6), and
//! the habits of Google, Microsoft, Zoho, Yahoo, GitHub, Mail.ru and Keycloak.

use super::row::{Source, has};
use crate::ports::OAuthFault;

/// A word, and what its description has to contain (lower case; empty: anything).
pub(super) struct Row {
    pub(super) error: &'static str,
    pub(super) told: &'static str,
    pub(super) fault: OAuthFault,
    pub(super) key: &'static str,
    pub(super) source: Source,
}

const fn means(
    error: &'static str,
    told: &'static str,
    fault: OAuthFault,
    key: &'static str,
    source: Source,
) -> Row {
    Row { error, told, fault, key, source }
}

use OAuthFault::{Administrator, ClientRefused, Configuration, GrantRefused, Temporary};
use Source::{Experience, Reported, Rfc, Vendor};

const SHORT: OAuthFault = Temporary { after: None };

/// Special cases stand before their general ones.
pub(super) static WORDS: [Row; 64] = [
    // Google's descriptions of invalid_grant.
    means("invalid_grant", "invalid_rapt", Administrator, "reauthentication_policy", Vendor),
    means("invalid_grant", "reauth related error", Administrator, "reauthentication_policy", Vendor),
    means("invalid_grant", "malformed auth code", GrantRefused, "sign_in_used", Experience),
    means("invalid_grant", "code was already redeemed", GrantRefused, "sign_in_used", Experience),
    means("invalid_grant", "code_verifier", GrantRefused, "sign_in_mixed_up", Experience),
    means("invalid_grant", "code verifier", GrantRefused, "sign_in_mixed_up", Experience),
    means("invalid_grant", "account has been deleted", GrantRefused, "account_deleted", Experience),
    means("invalid_grant", "account has been disabled", Administrator, "account_disabled", Experience),
    means("invalid_grant", "", GrantRefused, "grant_refused", Rfc(6749)),
    means("invalid_client", "client was not found", ClientRefused, "client_unknown.google", Experience),
    means("invalid_client", "", ClientRefused, "client_refused", Rfc(6749)),
    means("invalid_request", "redirect_uri", Configuration, "redirect_url_not_registered.other", Experience),
    means("invalid_request", "", Configuration, "provider_refused_request", Rfc(6749)),
    // Keycloak's word for a client secret that is not good.
    means("unauthorized_client", "client credentials", ClientRefused, "client_refused", Reported),
    means("unauthorized_client", "client secret", ClientRefused, "client_refused", Experience),
    means("unauthorized_client", "", Configuration, "client_not_allowed", Rfc(6749)),
    means("unsupported_grant_type", "", Configuration, "grant_type_unsupported", Rfc(6749)),
    means("unsupported_response_type", "", Configuration, "grant_type_unsupported", Rfc(6749)),
    means("invalid_scope", "", Configuration, "scopes_invalid", Rfc(6749)),
    means(
        "access_denied",
        "not completed the google verification",
        Configuration,
        "not_a_test_user",
        Experience,
    ),
    means("access_denied", "", GrantRefused, "access_denied", Rfc(6749)),
    means("server_error", "", SHORT, "provider_busy", Rfc(6749)),
    means("temporarily_unavailable", "", SHORT, "provider_busy", Rfc(6749)),
    // OpenID Connect, and Microsoft at its token endpoint.
    means("interaction_required", "", GrantRefused, "interaction_required", Vendor),
    means("login_required", "", GrantRefused, "interaction_required", Vendor),
    means("consent_required", "", GrantRefused, "consent_missing.provider", Vendor),
    means("account_selection_required", "", GrantRefused, "interaction_required", Vendor),
    means("invalid_resource", "", Configuration, "no_exchange_online", Vendor),
    // Google.
    means("deleted_client", "", ClientRefused, "client_deleted", Experience),
    means("disabled_client", "", ClientRefused, "client_deleted", Experience),
    means("redirect_uri_mismatch", "", Configuration, "redirect_url_not_registered.other", Vendor),
    means("admin_policy_enforced", "", Administrator, "admin_policy", Experience),
    means("org_internal", "", Configuration, "internal_app", Experience),
    means("rate_limit_exceeded", "", SHORT, "provider_limits", Experience),
    means("invalid_rapt", "", Administrator, "reauthentication_policy", Vendor),
    // Zoho, also with status 200.
    means("invalid_code", "", GrantRefused, "grant_refused", Vendor),
    means("access denied", "too many requests", SHORT, "provider_limits", Vendor),
    means("access denied", "", SHORT, "provider_limits", Vendor),
    means("invalid_client_secret", "", ClientRefused, "client_secret_wrong.other", Experience),
    means("invalid_redirect_uri", "", Configuration, "redirect_url_not_registered.other", Experience),
    means("incorrect_client_credentials", "", ClientRefused, "client_refused", Vendor),
    // What invalid_grant is called elsewhere.
    means("invalid_refresh_token", "", GrantRefused, "grant_refused", Reported),
    means("bad_refresh_token", "", GrantRefused, "grant_refused", Vendor),
    means("refresh_token_expired", "", GrantRefused, "grant_refused", Experience),
    means("expired_refresh_token", "", GrantRefused, "grant_refused", Experience),
    means("refresh_token_not_found", "", GrantRefused, "grant_refused", Experience),
    means("token_expired", "", GrantRefused, "grant_refused", Reported),
    means("expired_token", "", GrantRefused, "grant_refused", Rfc(8628)),
    means("token_revoked", "", GrantRefused, "grant_refused", Experience),
    means("revoked_token", "", GrantRefused, "grant_refused", Experience),
    means("token not found", "", GrantRefused, "grant_refused", Vendor),
    means("account_not_authorized", "", GrantRefused, "grant_refused", Experience),
    means("invalid_authorization_code", "", GrantRefused, "sign_in_used", Experience),
    means("bad_verification_code", "", GrantRefused, "sign_in_used", Vendor),
    // What a short problem is called elsewhere.
    means("slow_down", "", SHORT, "provider_limits", Rfc(8628)),
    means("too_many_requests", "", SHORT, "provider_limits", Reported),
    means("rate_limited", "", SHORT, "provider_limits", Experience),
    means("quota_exceeded", "", SHORT, "provider_limits", Experience),
    means("internal_error", "", SHORT, "provider_busy", Reported),
    means("internal_failure", "", SHORT, "provider_busy", Reported),
    means("internal_server_error", "", SHORT, "provider_busy", Reported),
    means("service_unavailable", "", SHORT, "provider_busy", Reported),
    means("backend_error", "", SHORT, "provider_busy", Reported),
    // RFC 7009 and RFC 6750 words that some token endpoints use.
    means("invalid_token", "", GrantRefused, "grant_refused", Rfc(6750)),
];

/// Said with a word that is about something else: a temporary trouble must never end a grant.
pub(super) static LIMITED: Row = means("", "", SHORT, "provider_limits", Experience);
/// The same, without a limit.
pub(super) static BUSY: Row = means("", "", SHORT, "provider_busy", Experience);
/// A refresh token that is not good, said with `invalid_request` or a word of the provider's own.
pub(super) static DEAD_REFRESH_TOKEN: Row = means("", "", GrantRefused, "grant_refused", Reported);

/// The row of an answer.
pub(super) fn row(error: &str, description: Option<&str>) -> Option<&'static Row> {
    let told = description.unwrap_or_default().to_lowercase();
    let known = find(|row| row.error.eq_ignore_ascii_case(error), &told)
        .or_else(|| find(|row| plain(row.error).eq(plain(error)), &told));
    match known {
        // What is told more closely is known more closely.
        Some(row) if !row.told.is_empty() => known,
        _ if has(&told, &["too many requests", "rate limit", "quota exceeded"]) => Some(&LIMITED),
        _ if is_short(&told) => Some(&BUSY),
        Some(row) if row.error != "invalid_request" => known,
        _ if is_dead_refresh_token(&told) => Some(&DEAD_REFRESH_TOKEN),
        _ => known,
    }
}

fn find(named: impl Fn(&Row) -> bool, told: &str) -> Option<&'static Row> {
    WORDS.iter().find(|row| named(row) && told.contains(row.told))
}

/// Letters and digits in lower case: `Invalid-Grant` and `invalidGrant` are `invalid_grant` too. A word with a blank is not
/// the same with an underscore: Zoho's `Access Denied` is a limit.
fn plain(word: &str) -> impl Iterator<Item = char> {
    word.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase())
}

fn is_short(told: &str) -> bool {
    const WORDS: [&str; 12] = [
        "try again later",
        "temporarily",
        "temporary error",
        "temporary failure",
        "temporary problem",
        "service unavailable",
        "currently unavailable",
        "server error",
        "internal error",
        "database error",
        "overloaded",
        "under maintenance",
    ];
    has(told, &WORDS)
}

fn is_dead_refresh_token(told: &str) -> bool {
    has(told, &["refresh token", "refresh_token", "refreshtoken"])
        && has(told, &["invalid", "expired", "revoked", "not found", "does not exist", "not active"])
        && !has(told, &["missing", "required", "must "])
}
