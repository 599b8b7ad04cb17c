//! What token endpoints answer.

use intake::{
    Error, Kind,
    flows::{
        authorize::{self, AuthorizationInput},
        callback,
    },
};
use playground::{Answer, Endpoint, Options};
use reqwest::Method;
use serde_json::json;
use tests::{Served, inside::actor};

use super::{failed, tells, tells_in_japanese, text};

/// `error`, `error_description`, and what is told of them: class, code, a part of the sentences.
type Row = (&'static str, &'static str, (&'static str, &'static str, &'static str));

const CONFIGURATION: &str = "configuration";
const CONSENT: &str = "consent";
const ADMINISTRATOR: &str = "administrator";
const TEMPORARY: &str = "temporary";

const ROWS: [Row; 63] = [
    // RFC 6749, OpenID Connect.
    ("invalid_request", "x", (CONFIGURATION, "provider_refused_request", "did not understand")),
    ("invalid_client", "x", (CONFIGURATION, "client_refused", "current values")),
    ("invalid_grant", "x", (CONSENT, "grant_refused", "Sign in again")),
    ("unauthorized_client", "x", (CONFIGURATION, "client_not_allowed", "app registration")),
    ("unsupported_grant_type", "x", (CONFIGURATION, "grant_type_unsupported", "does not support")),
    ("invalid_scope", "x", (CONFIGURATION, "scopes_invalid", "Check the scopes")),
    ("access_denied", "x", (CONSENT, "access_denied", "accept the permissions")),
    ("server_error", "x", (TEMPORARY, "provider_busy", "by itself")),
    ("temporarily_unavailable", "x", (TEMPORARY, "provider_busy", "by itself")),
    ("interaction_required", "x", (CONSENT, "interaction_required", "a person")),
    ("login_required", "x", (CONSENT, "interaction_required", "a person")),
    ("consent_required", "x", (CONSENT, "consent_missing", "has not been approved")),
    ("invalid_resource", "x", (CONFIGURATION, "no_exchange_online", "Exchange Online")),
    // Google.
    ("invalid_grant", "Token has been expired or revoked.", (CONSENT, "grant_refused", "Sign in again")),
    ("invalid_grant", "Malformed auth code.", (CONSENT, "sign_in_used", "Begin it again")),
    ("invalid_grant", "Invalid code verifier.", (CONSENT, "sign_in_mixed_up", "one browser")),
    ("invalid_grant", "Account has been deleted", (CONSENT, "account_deleted", "another account")),
    (
        "invalid_grant",
        "reauth related error (invalid_rapt)",
        (ADMINISTRATOR, "reauthentication_policy", "exemption"),
    ),
    (
        "invalid_client",
        "The OAuth client was not found.",
        (CONFIGURATION, "client_unknown", "Google console"),
    ),
    ("invalid_client", "Unauthorized", (CONFIGURATION, "client_refused", "client secret")),
    ("deleted_client", "x", (CONFIGURATION, "client_deleted", "Create a new one")),
    ("disabled_client", "x", (CONFIGURATION, "client_deleted", "disabled")),
    ("redirect_uri_mismatch", "x", (CONFIGURATION, "redirect_url_not_registered", "exactly as it is shown")),
    ("admin_policy_enforced", "x", (ADMINISTRATOR, "admin_policy", "Google Workspace")),
    ("org_internal", "x", (CONFIGURATION, "internal_app", "external")),
    ("rate_limit_exceeded", "x", (TEMPORARY, "provider_limits", "limits")),
    // Zoho.
    ("invalid_code", "x", (CONSENT, "grant_refused", "Sign in again")),
    (
        "Access Denied",
        "You have made too many requests continuously.",
        (TEMPORARY, "provider_limits", "limits"),
    ),
    // Microsoft: the number decides, whatever the word is.
    (
        "invalid_client",
        "AADSTS7000215: Invalid client secret provided.",
        (CONFIGURATION, "client_secret_wrong", "not its ID"),
    ),
    (
        "invalid_client",
        "AADSTS7000222: The provided client secret keys are expired.",
        (CONFIGURATION, "client_secret_expired", "without a new sign-in"),
    ),
    (
        "invalid_client",
        "AADSTS7000218: The request body must contain client_secret.",
        (CONFIGURATION, "client_secret_missing", "Enter it"),
    ),
    (
        "unauthorized_client",
        "AADSTS700016: Application was not found.",
        (CONFIGURATION, "client_unknown", "tenant"),
    ),
    (
        "unauthorized_client",
        "AADSTS7000112: Application is disabled.",
        (CONFIGURATION, "app_disabled", "Entra"),
    ),
    ("invalid_client", "AADSTS700025: Client is public.", (CONFIGURATION, "public_client", "type Web")),
    (
        "invalid_request",
        "AADSTS50011: The redirect URI does not match.",
        (CONFIGURATION, "redirect_url_not_registered", "Authentication"),
    ),
    (
        "invalid_grant",
        "AADSTS50020: User account does not exist in tenant.",
        (CONFIGURATION, "account_of_other_tenant", "another tenant"),
    ),
    (
        "invalid_grant",
        "AADSTS50034: The user account does not exist.",
        (CONFIGURATION, "account_unknown", "Check the address"),
    ),
    (
        "invalid_request",
        "AADSTS50194: Application is not configured as multi-tenant.",
        (CONFIGURATION, "single_tenant_app", "tenant ID"),
    ),
    (
        "invalid_client",
        "AADSTS650057: Invalid resource.",
        (CONFIGURATION, "permission_not_listed", "IMAP.AccessAsUser.All"),
    ),
    (
        "invalid_grant",
        "AADSTS700084: The refresh token was issued to a single page app.",
        (CONFIGURATION, "spa_redirect", "one day"),
    ),
    (
        "invalid_grant",
        "AADSTS700005: Code is for another tenant.",
        (CONFIGURATION, "tenant_changed", "another tenant"),
    ),
    (
        "invalid_scope",
        "AADSTS70011: The provided value for scope is not valid.",
        (CONFIGURATION, "scopes_invalid", "suggested scopes"),
    ),
    (
        "invalid_resource",
        "AADSTS500011: The resource principal was not found.",
        (CONFIGURATION, "no_exchange_online", "Exchange Online"),
    ),
    ("invalid_request", "AADSTS90002: Tenant not found.", (CONFIGURATION, "tenant_unknown", "US Government")),
    (
        "invalid_request",
        "AADSTS9002332: Application is for Microsoft accounts only.",
        (CONFIGURATION, "tenant_word_wrong", "consumers"),
    ),
    (
        "invalid_request",
        "AADSTS900144: The request body must contain a parameter.",
        (CONFIGURATION, "provider_refused_request", "token endpoint"),
    ),
    ("invalid_grant", "AADSTS50055: The password is expired.", (CONSENT, "password_expired", "Change it")),
    ("invalid_grant", "AADSTS50126: Invalid username or password.", (CONSENT, "password_wrong", "wrong")),
    (
        "interaction_required",
        "AADSTS50079: The user must enroll in multi-factor authentication.",
        (CONSENT, "second_factor_setup", "security setup"),
    ),
    (
        "interaction_required",
        "AADSTS50076: Strong authentication is required.",
        (CONSENT, "second_factor_needed", "second factor"),
    ),
    (
        "invalid_grant",
        "AADSTS50173: The grant has expired due to it being revoked.",
        (CONSENT, "grant_ended", "password change"),
    ),
    (
        "invalid_grant",
        "AADSTS700082: The refresh token has expired due to inactivity.",
        (CONSENT, "grant_expired", "not used"),
    ),
    (
        "invalid_grant",
        "AADSTS70043: The refresh token has expired due to sign-in frequency checks.",
        (CONSENT, "sign_in_frequency", "regular times"),
    ),
    ("invalid_grant", "AADSTS65001: The user has not consented.", (CONSENT, "consent_missing", "approve it")),
    (
        "invalid_grant",
        "AADSTS50053: The account is locked.",
        (ADMINISTRATOR, "account_locked", "sign-in log"),
    ),
    (
        "invalid_grant",
        "AADSTS50057: The user account is disabled.",
        (ADMINISTRATOR, "account_disabled", "enable it"),
    ),
    (
        "invalid_grant",
        "AADSTS53000: Device is not compliant.",
        (ADMINISTRATOR, "managed_device_needed", "managed devices"),
    ),
    (
        "invalid_grant",
        "AADSTS50105: The signed in user is not assigned to a role.",
        (ADMINISTRATOR, "account_not_assigned", "assign it"),
    ),
    (
        "invalid_grant",
        "AADSTS53003: Access has been blocked by Conditional Access policies.",
        (ADMINISTRATOR, "conditional_access", "network address"),
    ),
    (
        "invalid_grant",
        "AADSTS530035: Access has been blocked by security defaults.",
        (ADMINISTRATOR, "security_defaults", "security defaults"),
    ),
    (
        "invalid_grant",
        "AADSTS90094: The grant requires administrator permission.",
        (ADMINISTRATOR, "admin_consent_needed", "admin consent"),
    ),
    (
        "invalid_grant",
        "AADSTS90033: A transient error occurred.",
        (TEMPORARY, "provider_busy", "short problem"),
    ),
    (
        "invalid_request",
        "AADSTS90055: The tenant request limit has been exceeded.",
        (TEMPORARY, "provider_limits_tenant", "organisation"),
    ),
];

#[tokio::test]
async fn every_answer_of_a_token_endpoint_is_told_in_plain_sentences() {
    let served = Served::new(Options::default()).await;
    let api = &served.api;
    let grant = served.connected().await.grant;
    for (error, description, told) in ROWS {
        let what = format!("{error}: {description}");
        // Some are tried once more in another way.
        served.playground.script().answer_next(Endpoint::Token, 2, &Answer::oauth_error(error, description));
        let (status, problem) = api.attempt(Method::POST, &format!("{grant}/refresh"), Some(json!({}))).await;
        served.playground.script().calm();
        let expected = if told.0 == TEMPORARY { 503 } else { 409 };
        assert_eq!((status.as_u16(), text(&problem["code"])), (expected, told.1), "{what}");
        assert!(text(&problem["detail"]).contains(told.2), "{what}: {problem}");
        let shown = api.get(&grant).await;
        tells(&shown["last_error"], told, &what);
        let consents = told.0 == CONSENT;
        assert_eq!(shown["status"], if consents { "needs_consent" } else { "failing" }, "{what}");
        let japanese = api.in_language("ja-JP, en;q=0.5").get(&grant).await;
        tells_in_japanese(&japanese["last_error"], told, &what);
        // Good again without a person: nothing but the word was wrong.
        assert_eq!(api.post(&format!("{grant}/refresh"), json!({})).await["status"], "active", "{what}");
    }
}

#[tokio::test]
async fn the_test_of_an_integration_tells_them_too() {
    let served = Served::new(Options::default()).await;
    let integration = served.inside.integration(&served.playground).await;
    let path = format!("/integrations/{integration}/test");
    for (error, description, told) in ROWS {
        let what = format!("{error}: {description}");
        served.playground.script().answer_next(Endpoint::Token, 1, &Answer::oauth_error(error, description));
        let test = served.api.post(&path, json!({})).await;
        let of_the_standard = description == "x"
            && ["invalid_request", "unauthorized_client", "unsupported_grant_type", "invalid_scope"]
                .contains(&error);
        match told.0 {
            // The code was made up: that the provider refuses it means that it accepts the client.
            CONSENT => assert_eq!(test["ok"], true, "{what}: {test}"),
            _ if of_the_standard => {
                assert_eq!(test["ok"], true, "{what}: {test}");
                assert!(text(&test["summary"]).contains("does not tell whether"), "{what}: {test}");
            }
            class => {
                let step = failed(&test);
                let name = if class == TEMPORARY { "token_endpoint" } else { "client" };
                let expected = (&json!(name), &json!(told.1), &json!(class));
                assert_eq!((&step["name"], &step["code"], &step["class"]), expected, "{what}");
                assert!(text(&test["summary"]).contains(told.2), "{what}: {test}");
            }
        }
    }
    assert!(served.playground.script().is_used_up());
}

#[tokio::test]
async fn unknown_words_are_cut_and_shown_as_they_are() {
    let served = Served::new(Options::default()).await;
    let grant = served.connected().await.grant;
    let odd = format!("<script>alert(1)</script>\u{202e}\u{1b}[31m {}", "x".repeat(2000));
    served.playground.script().answer_next(Endpoint::Token, 1, &Answer::oauth_error("odd_word", &odd));
    served.api.attempt(Method::POST, &format!("{grant}/refresh"), Some(json!({}))).await;
    let error = served.api.get(&grant).await["last_error"].clone();
    tells(&error, (CONFIGURATION, "provider_refused", "(127.0.0.1: odd_word: <script>"), "an unknown word");
    let message = text(&error["message"]);
    assert!(message.chars().count() < 400 && !message.contains(['\u{202e}', '\u{1b}']), "{message}");
}

#[tokio::test]
async fn a_callback_with_an_error_is_told_the_same_way() {
    let served = Served::new(Options::default()).await;
    let integration = served.inside.integration(&served.playground).await;
    for (error, kind, code) in [
        ("access_denied", Kind::NeedsConsent, "access_denied"),
        ("temporarily_unavailable", Kind::Retry { after: None }, "provider_busy"),
        ("admin_policy_enforced", Kind::NeedsAdministrator, "admin_policy"),
        ("unsupported_response_type", Kind::Configuration, "grant_type_unsupported"),
    ] {
        let app = &served.inside.app;
        let input = AuthorizationInput::default();
        let begun = authorize::begin(app, &actor(), integration, input, None).await.unwrap();
        let ticket = begun.start_url.path_segments().and_then(Iterator::last).unwrap().to_owned();
        let start = authorize::start(app, &ticket).await.unwrap();
        let mut back = served.playground.consent_automatically(&start.consent_url).unwrap();
        let kept: Vec<_> = back.query_pairs().into_owned().filter(|(name, _)| name != "code").collect();
        back.query_pairs_mut().clear().extend_pairs(kept).append_pair("error", error);
        let request = tests::inside::callback_request(&back, start.cookie.clone());
        let id = callback::finish(app, request).await.unwrap();
        let attempt = served.api.get(&format!("/authorizations/{id}")).await;
        let class = Error::told(kind, "folder_missing").class().unwrap().as_str();
        assert_eq!((text(&attempt["error"]["code"]), text(&attempt["error"]["class"])), (code, class));
    }
}
