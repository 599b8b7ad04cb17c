//! The provider over real connections.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;
use url::Url;

use crate::testing::{
    CALLBACK, CLIENT, Http, SECRET, USER, VERIFIER, authorize_url, changed, field, http, start,
};
use crate::{
    Answer, CallbackIssuer, ConsentError, Decision, Endpoint, IdTokenTrick, Playground, RefreshTokens,
    Rotation,
};

async fn token(playground: &Playground, fields: &[(&str, &str)]) -> Http {
    let mut form = vec![("client_id", CLIENT), ("client_secret", SECRET)];
    form.extend_from_slice(fields);
    http(playground, &playground.endpoints().token, &[], Some(&form)).await.unwrap()
}

async fn exchange(playground: &Playground, code: &str) -> Http {
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    token(playground, &fields).await
}

async fn refresh(playground: &Playground, refresh_token: &str) -> Http {
    token(playground, &[("grant_type", "refresh_token"), ("refresh_token", refresh_token)]).await
}

fn code(playground: &Playground) -> String {
    let url = authorize_url(&playground.endpoints().authorization);
    field(&playground.consent_automatically(&url).unwrap(), "code").unwrap()
}

fn claims(answer: &Http) -> Value {
    let token = answer.json()["id_token"].as_str().unwrap().to_owned();
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_person_consents_by_one_click_and_the_code_becomes_tokens() {
    let playground = start().await;
    for endpoints in [playground.endpoints(), playground.plain_endpoints()] {
        let url = authorize_url(&endpoints.authorization);
        let page = http(&playground, &url, &[], None).await.unwrap();
        assert_eq!(page.status, 200);
        assert!(page.body.contains("Continue as support@example.test") && page.body.contains("Cancel"));
        assert!(page.headers["content-security-policy"].contains("default-src 'none'"));

        let clicked = http(&playground, &url, &[], Some(&[("continue_as", USER)])).await.unwrap();
        assert_eq!(clicked.status, 303);
        let callback = clicked.location();
        assert!(callback.as_str().starts_with(CALLBACK), "the query of the redirect URI stays");
        assert_eq!(field(&callback, "state").as_deref(), Some("state-1"));
        assert_eq!(field(&callback, "iss").as_deref(), Some(endpoints.issuer.as_str()));

        let form = [
            ("grant_type", "authorization_code"),
            ("code", &field(&callback, "code").unwrap()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        // Both halves are form-encoded first (RFC 6749, section 2.3.1).
        let basic = STANDARD.encode(format!("{CLIENT}:a+secret+with+%26+and+%2B"));
        let headers = [("Authorization", format!("Basic {basic}"))];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        let answer = http(&playground, &endpoints.token, &headers, Some(&form)).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert_eq!(answer.json()["scope"], "email mail openid profile");
        let claims = claims(&answer);
        assert_eq!((&claims["iss"], &claims["aud"]), (&endpoints.issuer.as_str().into(), &CLIENT.into()));
        assert_eq!((&claims["nonce"], &claims["email"]), (&"nonce-1".into(), &USER.into()));

        let bearer = format!("Bearer {}", text(&answer.json()["access_token"]));
        let info = http(&playground, &endpoints.userinfo, &[("Authorization", &bearer)], None).await.unwrap();
        assert_eq!(info.json()["sub"], claims["sub"]);
    }
    let counters = playground.script().counters();
    assert_eq!((counters.authorize_requests, counters.token_requests_for("authorization_code")), (2, 2));
}

#[tokio::test]
async fn the_id_token_is_signed_with_the_client_secret() {
    let playground = start().await;
    let answer = exchange(&playground, &code(&playground)).await.json();
    let (text, signature) = answer["id_token"].as_str().unwrap().rsplit_once('.').unwrap();
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, SECRET.as_bytes());
    aws_lc_rs::hmac::verify(&key, text.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
}

#[tokio::test]
async fn discovery_names_its_own_listener() {
    let playground = start().await;
    for endpoints in [playground.endpoints(), playground.plain_endpoints()] {
        for path in ["openid-configuration", "oauth-authorization-server"] {
            let url = Url::parse(&format!("{}/.well-known/{path}", endpoints.issuer)).unwrap();
            let document = http(&playground, &url, &[], None).await.unwrap().json();
            assert_eq!(document["issuer"], endpoints.issuer);
            assert_eq!(document["token_endpoint"], endpoints.token.as_str());
        }
    }
}

#[tokio::test]
async fn an_untrusted_redirect_uri_gets_a_page_and_never_a_redirect() {
    let playground = start().await;
    let url = authorize_url(&playground.endpoints().authorization);
    let bad = [
        changed(&url, "client_id", Some("somebody")),
        changed(&url, "client_id", None),
        changed(&url, "redirect_uri", Some("http://localhost:8025/oauth2/callback/custom?x=1/")),
        changed(&url, "redirect_uri", None),
        Url::parse(&format!("{url}&state=two")).unwrap(),
    ];
    for url in bad {
        let page = http(&playground, &url, &[], None).await.unwrap();
        assert_eq!((page.status, page.headers.get("location")), (400, None), "{url}");
        assert!(matches!(playground.consent_automatically(&url), Err(ConsentError::ErrorPage(_))));
    }
    let elsewhere = Url::parse("https://provider.invalid/authorize").unwrap();
    assert!(matches!(playground.consent_automatically(&elsewhere), Err(ConsentError::NotOurs)));
}

#[tokio::test]
async fn other_faults_of_a_request_reach_the_callback() {
    let playground = start().await;
    let url = authorize_url(&playground.endpoints().authorization);
    let bad = [
        ("response_type", Some("token"), "unsupported_response_type"),
        ("code_challenge", None, "invalid_request"),
        ("code_challenge_method", Some("plain"), "invalid_request"),
        ("scope", Some("mail everything"), "invalid_scope"),
        ("prompt", Some("none"), "interaction_required"),
    ];
    for (name, value, error) in bad {
        let answer = http(&playground, &changed(&url, name, value), &[], None).await.unwrap();
        assert_eq!(answer.status, 303, "{name}");
        assert_eq!(field(&answer.location(), "error").as_deref(), Some(error));
        assert_eq!(field(&answer.location(), "state").as_deref(), Some("state-1"));
    }
    let cancelled = playground.consent(&url, &Decision::Cancel).unwrap();
    assert_eq!(field(&cancelled, "error").as_deref(), Some("access_denied"));
}

#[tokio::test]
async fn text_from_a_request_is_escaped() {
    let playground = start().await;
    let callback = "https://app.example/cb";
    playground.register_client("<script>alert(1)</script>", "s", callback);
    let url = authorize_url(&playground.endpoints().authorization);
    let url = changed(&url, "client_id", Some("<script>alert(1)</script>"));
    let page = http(&playground, &changed(&url, "redirect_uri", Some(callback)), &[], None).await.unwrap();
    assert!(page.status == 200 && !page.body.contains("<script>"), "{}", page.body);
}

#[tokio::test]
async fn a_code_works_once_for_its_client_verifier_and_redirect_uri() {
    let playground = start().await;
    let good = [
        ("grant_type", "authorization_code"),
        ("code", ""),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    for (name, value) in
        [("redirect_uri", "http://localhost:1/"), ("code_verifier", "wrong"), ("code", "made-up")]
    {
        let code = code(&playground);
        let form = good.map(|(field, text)| (field, if field == "code" { code.as_str() } else { text }));
        let form = form.map(|(field, text)| (field, if field == name { value } else { text }));
        let answer = token(&playground, &form).await;
        assert_eq!((answer.status, answer.json()["error"].as_str()), (400, Some("invalid_grant")), "{name}");
    }
    let code = code(&playground);
    let tokens = exchange(&playground, &code).await.json();
    assert_eq!(exchange(&playground, &code).await.json()["error"], "invalid_grant");
    let after = refresh(&playground, tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!(after.json()["error"], "invalid_grant", "a stolen code ends what came of it");
}

#[tokio::test]
async fn codes_and_tokens_expire_by_the_playgrounds_clock() {
    let playground = start().await;
    let script = playground.script();
    let late = code(&playground);
    script.advance_clock(Duration::from_secs(601));
    assert_eq!(exchange(&playground, &late).await.json()["error"], "invalid_grant");

    script.set_access_token_life(Duration::from_secs(30));
    let tokens = exchange(&playground, &code(&playground)).await.json();
    assert_eq!(tokens["expires_in"], 30);
    let bearer = format!("Bearer {}", text(&tokens["access_token"]));
    let userinfo = &playground.endpoints().userinfo;
    let ask =
        || async { http(&playground, userinfo, &[("Authorization", &bearer)], None).await.unwrap().status };
    assert_eq!(ask().await, 200);
    script.advance_clock(Duration::from_secs(31));
    assert_eq!(ask().await, 401);
}

#[tokio::test]
async fn wrong_clients_are_told_so() {
    let playground = start().await;
    let url = &playground.endpoints().token;
    let grant = ("grant_type", "refresh_token");
    for form in
        [[grant, ("client_id", CLIENT), ("client_secret", "no")], [grant, ("client_id", "x"), ("y", "z")]]
    {
        let answer = http(&playground, url, &[], Some(&form)).await.unwrap();
        assert_eq!((answer.status, answer.json()["error"].as_str()), (401, Some("invalid_client")));
    }
    let both = [grant, ("client_id", CLIENT), ("client_secret", SECRET)];
    let answer = http(&playground, url, &[("Authorization", "Basic eDp5")], Some(&both)).await.unwrap();
    assert_eq!(answer.json()["error"], "invalid_request");
    let other = token(&playground, &[("grant_type", "password")]).await;
    assert_eq!(other.json()["error"], "unsupported_grant_type");
    assert_eq!(playground.script().counters().token_requests_for("other"), 1);
}

#[tokio::test]
async fn refreshing_follows_the_rotation() {
    let playground = start().await;
    let script = playground.script();
    let first = text(&exchange(&playground, &code(&playground)).await.json()["refresh_token"]);
    assert!(
        refresh(&playground, &first).await.json().get("refresh_token").is_none(),
        "no rotation: no new one"
    );

    script.set_rotation(Rotation::Lenient);
    let second = text(&refresh(&playground, &first).await.json()["refresh_token"]);
    assert_eq!(refresh(&playground, &first).await.status, 200, "the old one keeps working");

    script.set_rotation(Rotation::Strict);
    let third = text(&refresh(&playground, &second).await.json()["refresh_token"]);
    assert_eq!(refresh(&playground, &second).await.json()["error"], "invalid_grant");
    assert_eq!(
        refresh(&playground, &third).await.json()["error"],
        "invalid_grant",
        "the theft ends the grant"
    );
}

#[tokio::test]
async fn a_grant_ends_by_revocation_and_by_the_person() {
    let playground = start().await;
    let script = playground.script();
    let revoked = script.issue_tokens(CLIENT, USER).unwrap().refresh_token.unwrap();
    let form = [("client_id", CLIENT), ("client_secret", SECRET), ("token", &revoked)];
    let answer = http(&playground, &playground.endpoints().revocation, &[], Some(&form)).await.unwrap();
    assert_eq!(answer.status, 200);
    let removed = script.issue_tokens(CLIENT, USER).unwrap().refresh_token.unwrap();
    script.revoke_grants(USER);
    for dead in [revoked, removed] {
        assert_eq!(refresh(&playground, &dead).await.json()["error"], "invalid_grant");
    }
}

#[tokio::test]
async fn tricks_spoil_one_thing_each() {
    let playground = start().await;
    let script = playground.script();
    for (trick, claim) in [
        (IdTokenTrick::WrongNonce, "nonce"),
        (IdTokenTrick::WrongAudience, "aud"),
        (IdTokenTrick::WrongIssuer, "iss"),
        (IdTokenTrick::Expired, "exp"),
        (IdTokenTrick::NoAddress, "email"),
    ] {
        script.set_id_token(IdTokenTrick::Honest);
        let honest = claims(&exchange(&playground, &code(&playground)).await);
        script.set_id_token(trick);
        let spoilt = claims(&exchange(&playground, &code(&playground)).await);
        assert_ne!(honest.get(claim), spoilt.get(claim), "{claim}");
    }
    script.set_id_token(IdTokenTrick::Missing);
    assert!(exchange(&playground, &code(&playground)).await.json().get("id_token").is_none());
    script.set_refresh_tokens(RefreshTokens::Never);
    assert!(exchange(&playground, &code(&playground)).await.json().get("refresh_token").is_none());
    script.withhold_scopes(&["mail"]);
    assert_eq!(exchange(&playground, &code(&playground)).await.json()["scope"], "email openid profile");

    let url = authorize_url(&playground.endpoints().authorization);
    script.set_callback_issuer(CallbackIssuer::Absent);
    assert_eq!(field(&playground.consent_automatically(&url).unwrap(), "iss"), None);
    script.set_callback_issuer(CallbackIssuer::Foreign);
    let foreign = field(&playground.consent_automatically(&url).unwrap(), "iss");
    assert_eq!(foreign.as_deref(), Some("https://provider.invalid"));
}

#[tokio::test]
async fn scripted_answers_come_in_order_and_then_honesty_returns() {
    let playground = start().await;
    let script = playground.script();
    let good = script.issue_tokens(CLIENT, USER).unwrap().refresh_token.unwrap();
    script.answer_next(Endpoint::Token, 2, &Answer::busy(7));
    script.answer_next(Endpoint::Token, 1, &Answer::oversized());
    script.answer_next(Endpoint::Token, 1, &Answer::html());
    for _ in 0..2 {
        let busy = refresh(&playground, &good).await;
        assert_eq!((busy.status, busy.headers["retry-after"].as_str()), (503, "7"));
    }
    let oversized = refresh(&playground, &good).await;
    assert_eq!(oversized.body.len(), 3 * 1024 * 1024);
    assert!(oversized.json().is_object());
    assert!(refresh(&playground, &good).await.headers["content-type"].starts_with("text/html"));
    assert!(script.is_used_up());
    assert_eq!(refresh(&playground, &good).await.status, 200);
    assert_eq!(script.counters().token_requests_for("refresh_token"), 5);
}

#[tokio::test]
async fn an_answer_can_be_lost_before_or_after_its_effect() {
    let playground = start().await;
    let script = playground.script();
    script.set_rotation(Rotation::Strict);
    let first = script.issue_tokens(CLIENT, USER).unwrap().refresh_token.unwrap();
    let form = [
        ("client_id", CLIENT),
        ("client_secret", SECRET),
        ("grant_type", "refresh_token"),
        ("refresh_token", &first),
    ];
    for endpoints in [playground.endpoints(), playground.plain_endpoints()] {
        script.answer_next(Endpoint::Token, 1, &Answer::dropped());
        assert!(http(&playground, &endpoints.token, &[], Some(&form)).await.is_err());
    }
    assert!(refresh(&playground, &first).await.status == 200, "nothing had happened");

    let second = script.issue_tokens(CLIENT, USER).unwrap().refresh_token.unwrap();
    script.answer_next(Endpoint::Token, 1, &Answer::dropped().after_effect());
    let lost = [form[0], form[1], form[2], ("refresh_token", second.as_str())];
    assert!(http(&playground, &playground.endpoints().token, &[], Some(&lost)).await.is_err());
    assert_eq!(refresh(&playground, &second).await.json()["error"], "invalid_grant", "it had been rotated");
}
