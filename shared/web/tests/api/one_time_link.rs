//! The link that signs in once, which the first start and the demo tell.

use secrecy::SecretString;
use web::OneTimeLink;

use crate::site::Site;

const LINK: &str = "/sign-in/once/the-ticket";

async fn site() -> Site {
    let site = Site::new().await;
    let token = SecretString::from(site.admin.as_str());
    site.with_link(OneTimeLink::new("the-ticket".to_owned(), token, "/setup?way=google".to_owned()))
}

#[tokio::test]
async fn a_preview_uses_nothing_up_and_the_button_does() {
    let site = site().await;
    for _ in 0..3 {
        let seen = site.page(LINK).await;
        assert_eq!(seen.status, 200);
        assert!(
            seen.text.contains("<form method=\"post\" action=\"/sign-in/once/the-ticket\">"),
            "{}",
            seen.text
        );
        assert!(seen.headers.get("set-cookie").is_none(), "nobody is signed in by looking");
        assert_eq!(seen.header("referrer-policy"), "same-origin");
    }
    let pressed = site.form(LINK, "").await;
    assert_eq!((pressed.status.as_u16(), pressed.header("location")), (303, "/setup?way=google"));
    let cookie = pressed.header("set-cookie").split(';').next().unwrap().to_owned();
    for reply in [site.form(LINK, "").await, site.page(LINK).await] {
        assert_eq!(reply.status, 403);
        assert!(reply.text.contains("used already"), "{}", reply.text);
    }
    let again = site.page(LINK).header("cookie", &cookie).await;
    assert_eq!((again.status.as_u16(), again.header("location")), (303, "/setup?way=google"));
}

#[tokio::test]
async fn another_ticket_and_another_sites_form_sign_nobody_in() {
    let site = site().await;
    for path in ["/sign-in/once/another", "/sign-in/once/the-ticke"] {
        assert_eq!(site.page(path).await.status, 403);
        assert_eq!(site.form(path, "").await.status, 403);
    }
    let foreign = site.form(LINK, "").header("origin", "https://elsewhere.example").await;
    assert_eq!(foreign.status, 403);
    assert_eq!(site.form(LINK, "").await.status, 303, "it is still good");
}
