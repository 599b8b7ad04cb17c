//! Signing in at the company's identity provider: the client's secret lies in Secrets Manager, and nowhere else.

use serde_json::json;
use tests::{Browser, Person, Servers, authority::OAuthClient, aws::PREFIX, browser::Page};

use super::Cloud;

/// Whose subject is an administrator's.
const ADMINISTRATOR: &str = "administrator-of-functions";

/// What the template sets.
pub(super) fn settings(servers: &Servers, client: &OAuthClient) -> [(&'static str, String); 3] {
    [
        ("MAILDOCKET_OIDC_ISSUER", servers.authority.issuer.as_str().trim_end_matches('/').to_owned()),
        ("MAILDOCKET_OIDC_CLIENT_ID", client.id.clone()),
        ("MAILDOCKET_OIDC_ADMINISTRATORS", format!("sub:{ADMINISTRATOR}")),
    ]
}

impl Cloud {
    fn identity_secret(&self) -> String {
        format!("{PREFIX}/oidc-client-secret")
    }

    /// As the output `OidcClientSecretCommand` of the stack says it.
    pub(super) async fn make_identity_secret(&self, value: &str) {
        let secrets = self.aws.secrets_manager();
        secrets.create_secret().name(self.identity_secret()).secret_string(value).send().await.unwrap();
    }

    pub(super) async fn sign_in_there(&self) -> Page {
        let mut browser = Browser::new(&self.servers.identity.ca_pem);
        let start = format!("{}/sign-in/oidc?then=%2Fsettings%2Ftokens", self.base_url);
        browser.walk(&start, Person::Agrees(ADMINISTRATOR), None).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_clients_secret_is_read_when_somebody_signs_in_and_anew_where_it_was_refused() {
    let cloud = Cloud::start().await;
    assert!(!json!(cloud.environment).to_string().contains(&cloud.client.secret));
    // Tokens work without it, and a sign-in says what is missing.
    cloud.api.get("/status").await;
    let page = cloud.sign_in_there().await;
    assert!(page.status == 503 && page.text.contains("oidc-client-secret"), "{page:?}");
    assert!(cloud.function.log().contains("identity_secret_missing"), "{}", cloud.function.log());
    cloud.make_identity_secret("another one").await;
    let page = cloud.sign_in_there().await;
    assert!(page.status.is_client_error() && page.text.contains("client authentication failed"), "{page:?}");
    let put = cloud.aws.secrets_manager().put_secret_value().secret_id(cloud.identity_secret());
    // With the end of the line that a terminal adds.
    put.secret_string(format!("{}\n", cloud.client.secret)).send().await.unwrap();
    let page = cloud.sign_in_there().await;
    assert!(page.status.is_success() && page.url.path() == "/settings/tokens", "{page:?}");
    // From now on the process knows it.
    let gone = cloud.aws.secrets_manager().delete_secret().secret_id(cloud.identity_secret());
    gone.force_delete_without_recovery(true).send().await.unwrap();
    let page = cloud.sign_in_there().await;
    assert!(page.status.is_success(), "{page:?}");
    assert!(!cloud.function.log().contains(&cloud.client.secret));
}
