//! What the `error` of a provider means (RFC 6749 sections 4.1.2.1 and 5.2, OpenID Connect Core section 3.1.2.6), and
//! the habits of Google, Microsoft and Zoho.

use super::Source;
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
use Source::{Experience, Rfc, Vendor};

const SHORT: OAuthFault = Temporary { after: None };

/// Special cases stand before their general ones.
pub(super) static WORDS: [Row; 39] = [
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
    // RFC 7009 and RFC 6750 words that some token endpoints use.
    means("invalid_token", "", GrantRefused, "grant_refused", Rfc(6750)),
];

/// The row of an answer.
pub(super) fn row(error: &str, description: Option<&str>) -> Option<&'static Row> {
    let told = description.unwrap_or_default().to_lowercase();
    WORDS.iter().find(|row| row.error.eq_ignore_ascii_case(error) && told.contains(row.told))
}
