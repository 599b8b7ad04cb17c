//! Signing in at the company's identity provider, in a stack that is told of it by an update.

use tests::{Browser, Person, deployed::Stack};

/// Whose subject is a reader's.
const READER: &str = "reader-of-the-stack";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_sign_in_at_the_companys_identity_provider() {
    let mut stack = Stack::deploy("maildocket-people", &[("Schedules", "DISABLED")]).await;
    let servers = stack.cloud.servers;
    let base = stack.outputs["BaseUrl"].clone();
    let start = format!("{base}/sign-in/oidc");
    let mut browser = Browser::new(&servers.identity.ca_pem);
    assert_eq!(browser.walk(&start, Person::Cancels, None).await.status, 404);
    assert!(!stack.outputs.contains_key("OidcRedirectUrl"), "{:?}", stack.outputs);

    let client = servers.authority.register_console(&base).await;
    let issuer = servers.authority.issuer.as_str().trim_end_matches('/');
    let readers = format!("it-people,sub:{READER}");
    stack
        .update(&[
            ("Schedules", "DISABLED"),
            ("OidcIssuer", issuer),
            ("OidcClientId", &client.id),
            ("OidcReaders", &readers),
        ])
        .await;
    assert_eq!(stack.outputs["OidcRedirectUrl"], format!("{base}/sign-in/oidc/callback"));
    let command = &stack.outputs["OidcClientSecretCommand"];
    let name = command.split("--name ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    assert_eq!(name, stack.secret("oidc-client-secret"));
    let made = stack.cloud.secrets().create_secret().name(name).secret_string(&client.secret).send().await;
    made.unwrap();

    // The role lets the function read it, and the roles are those of the parameters.
    let mut browser = Browser::new(&servers.identity.ca_pem);
    let page = browser.walk(&start, Person::Agrees(READER), None).await;
    assert!(page.status.is_success() && page.text.contains("Sign out"), "{page:?}");
    let page = browser.walk(&format!("{base}/settings/tokens"), Person::Cancels, None).await;
    assert_eq!(page.status, 403, "{page:?}");
    let mut browser = Browser::new(&servers.identity.ca_pem);
    let page = browser.walk(&start, Person::Agrees("nobody-of-the-stack"), None).await;
    assert!(page.status == 403 && page.text.contains("no role here"), "{page:?}");
    stack.delete().await;
}
