//! Signing in at the company's identity provider, with a provider that says what the code says.

use std::time::Duration;

use crate::site::{Reply, Site};

/// A browser on its way: what it keeps, and what was sent along.
struct Way {
    cookie: String,
    state: String,
    nonce: String,
}

async fn begin(site: &Site) -> Way {
    let away = site.page("/sign-in/oidc?then=%2Fsettings%2Ftokens").await;
    assert_eq!(away.status, 303, "{}", away.text);
    let to: url::Url = away.header("location").parse().unwrap();
    assert_eq!(to.host_str(), Some("issuer.example"));
    let value = |name: &str| to.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    let cookie = away.header("set-cookie");
    assert!(cookie.contains("HttpOnly; SameSite=Lax") && cookie.contains("Max-Age=600"), "{cookie}");
    Way { cookie: cookie.split(';').next().unwrap().to_owned(), state: value("state"), nonce: value("nonce") }
}

async fn back(site: &Site, cookie: &str, state: &str, code: &str) -> Reply {
    let path = format!("/sign-in/oidc/callback?state={state}&code={code}");
    site.page(&path).header("cookie", cookie).await
}

#[tokio::test]
async fn groups_and_subjects_sign_in_with_their_role() {
    let site = Site::with_people().await;
    let form = site.page("/sign-in?then=%2Faudit").await.text;
    assert!(form.contains("href=\"/sign-in/oidc?then=%2Faudit\""), "{form}");
    for (who, status) in [("ada,it", 200), ("bob,sales", 403)] {
        let way = begin(&site).await;
        let done = back(&site, &way.cookie, &way.state, &format!("{who},{}", way.nonce)).await;
        assert_eq!(
            (done.status.as_u16(), done.header("location")),
            (303, "/settings/tokens"),
            "{}",
            done.text
        );
        let cookies: Vec<_> =
            done.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap()).collect();
        assert!(cookies[0].contains("-sign-in=;") && cookies[0].contains("Max-Age=0"), "{cookies:?}");
        let session = cookies[1].split(';').next().unwrap();
        assert_eq!(site.page("/settings/tokens").header("cookie", session).await.status.as_u16(), status);
        let own = site.page("/settings").header("cookie", session).await.text;
        assert!(own.contains(&format!("<code>{}</code>", &who[..3])), "{own}");
    }
    let listed = site.get("/sessions").await.is(200);
    assert_eq!((&listed["items"][0]["person"], &listed["items"][0]["token_id"]), (&"bob".into(), &().into()));
    let trail = site.get("/audit?actor=bob").await.is(200);
    assert_eq!(trail["items"][0]["action"], "session.created");
}

#[tokio::test]
async fn whoever_has_no_role_or_another_browser_stays_out() {
    let site = Site::with_people().await;
    let (way, other) = (begin(&site).await, begin(&site).await);
    let good = format!("ada,it,{}", way.nonce);
    let wrong_nonce = format!("ada,it,{}", other.nonce);
    let no_role = format!("eve,sales,{}", way.nonce);
    for (cookie, state, code, said) in [
        ("", &way.state, &good, "not begun in this browser"),
        (&*other.cookie, &way.state, &good, "not begun in this browser"),
        (&*way.cookie, &other.state, &good, "not begun in this browser"),
        (&*way.cookie, &way.state, &wrong_nonce, "not begun in this browser"),
        (&*way.cookie, &way.state, &no_role, "no role here"),
        (&*way.cookie, &way.state, &String::new(), "refused the sign-in"),
    ] {
        let out = back(&site, cookie, state, code).await;
        assert_eq!(out.status, 403, "{code}");
        assert!(out.text.contains(said) && out.headers.get("set-cookie").is_none(), "{said}: {}", out.text);
    }
    let path = format!("/sign-in/oidc/callback?state={}&code={good}&iss=https://evil.example", way.state);
    let mixed = site.page(&path).header("cookie", &way.cookie).await;
    assert!(mixed.status == 403 && mixed.text.contains("another issuer"), "{}", mixed.text);
    site.clock.advance(Duration::from_secs(11 * 60));
    assert_eq!(back(&site, &way.cookie, &way.state, &good).await.status, 403, "it took too long");
    let away = site.page("/sign-in/oidc?then=https://evil.example").await;
    assert_eq!(away.status, 303);
}

#[tokio::test]
async fn what_is_not_set_up_is_not_there() {
    let site = Site::new().await;
    assert!(!site.page("/sign-in").await.text.contains("/sign-in/oidc"));
    for path in ["/sign-in/oidc", "/sign-in/oidc/callback?code=x&state=y"] {
        assert_eq!(site.page(path).await.status, 404, "{path}");
    }
}
