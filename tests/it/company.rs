//! Signing in to the console at the company's identity provider, in the whole program, at a certified OpenID provider.

use reqwest::Method;
use serde_json::json;
use tests::{Browser, Maildocket, Person, Servers, browser::Page};
use url::Url;

/// The program with an identity provider, and accounts there of which each test has its own.
struct Company {
    servers: &'static Servers,
    maildocket: Maildocket,
    /// What tells this test's accounts and groups from others'.
    name: &'static str,
}

impl Company {
    /// Administrators are a group, readers are whoever has an address that the provider has checked.
    async fn new(name: &'static str) -> Self {
        let servers = Servers::get().await;
        let mut maildocket = Maildocket::start(servers).await;
        let client = servers.authority.register_console(&maildocket.api.base).await;
        let issuer = servers.authority.issuer.as_str().trim_end_matches('/').to_owned();
        maildocket
            .restart_with(&[
                ("MAILDOCKET_OIDC_ISSUER", issuer),
                ("MAILDOCKET_OIDC_CLIENT_ID", client.id),
                ("MAILDOCKET_OIDC_CLIENT_SECRET", client.secret),
                ("MAILDOCKET_OIDC_ADMINISTRATORS", format!("{name}-admins, sub:{name}-root")),
                ("MAILDOCKET_OIDC_READERS", format!("email:bob@{name}.example")),
            ])
            .await;
        Self { servers, maildocket, name }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.maildocket.api.base)
    }

    fn browser(&self) -> Browser {
        Browser::new(&self.servers.identity.ca_pem)
    }

    fn account(&self, who: &str) -> String {
        format!("{}-{who}", self.name)
    }

    /// Signs in there, and stops at what the provider sends the browser back with.
    async fn way_back(&self, browser: &mut Browser, who: &str) -> Url {
        let stop = self.url("/sign-in/oidc/callback");
        let account = self.account(who);
        let page = browser.walk(&self.url("/sign-in/oidc"), Person::Agrees(&account), Some(&stop)).await;
        assert!(page.url.as_str().starts_with(&stop), "{page:?}");
        page.url
    }

    /// Signs in for the page of tokens, which is an administrator's.
    async fn sign_in(&self, who: &str) -> Page {
        let start = self.url("/sign-in/oidc?then=%2Fsettings%2Ftokens");
        self.browser().walk(&start, Person::Agrees(&self.account(who)), None).await
    }
}

async fn opened(browser: &mut Browser, url: &str) -> Page {
    browser.walk(url, Person::Cancels, None).await
}

#[track_caller]
fn refused(page: &Page, said: &str) {
    assert!(page.status == 403 && page.text.contains(said), "{said}: {page:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groups_subjects_and_checked_addresses_are_roles() {
    let company = Company::new("roles").await;
    let authority = &company.servers.authority;
    let groups = json!({ "name": "Ada Lovelace", "groups": ["staff", "roles-admins"] });
    authority.person(&company.account("ada"), groups).await;
    let address = |verified: bool| json!({ "email": "bob@roles.example", "email_verified": verified });
    authority.person(&company.account("bob"), address(true)).await;
    authority.person(&company.account("mallory"), address(false)).await;
    authority.person(&company.account("eve"), json!({ "groups": ["staff"] })).await;

    let form = opened(&mut company.browser(), &company.url("/sign-in")).await;
    assert!(form.text.contains("href=\"/sign-in/oidc?"), "{form:?}");
    for who in ["ada", "root"] {
        let page = company.sign_in(who).await;
        assert!(page.status.is_success() && page.url.path() == "/settings/tokens", "{who}: {page:?}");
    }
    // The page is an administrator's, and he is signed in all the same.
    let page = company.sign_in("bob").await;
    assert!(page.status == 403 && page.text.contains("yours is reader"), "{page:?}");
    for who in ["mallory", "eve"] {
        refused(&company.sign_in(who).await, &format!("your subject is roles-{who}"));
    }
    let api = &company.maildocket.api;
    let trail = api.list("/audit?action=session.created").await;
    let mut people: Vec<_> = trail.iter().filter_map(|entry| entry["actor"]["name"].as_str()).collect();
    people.sort_unstable();
    assert_eq!(people, ["Ada Lovelace", "bob@roles.example", "roles-root"], "{trail:?}");
    let own = api.list("/sessions").await;
    assert_eq!(own.iter().filter(|session| session["person"].is_string()).count(), 3, "{own:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_way_back_counts_once_and_in_its_own_browser_only() {
    let company = Company::new("ways").await;
    let (mut own, mut other) = (company.browser(), company.browser());
    let back = company.way_back(&mut own, "root").await;
    let of_other = company.way_back(&mut other, "root").await;
    let elsewhere = "not begun in this browser";
    // A browser that began nothing, one that began another sign-in, and one that is given its own state with their code.
    refused(&opened(&mut company.browser(), back.as_str()).await, elsewhere);
    refused(&opened(&mut other, back.as_str()).await, elsewhere);
    let value = |url: &Url, name: &str| {
        url.query_pairs()
            .find(|(key, _)| key == name)
            .unwrap_or_else(|| panic!("no {name} in {url}"))
            .1
            .into_owned()
    };
    let mut mixed = of_other.clone();
    mixed.query_pairs_mut().clear().extend_pairs([
        ("code", value(&back, "code")),
        ("state", value(&of_other, "state")),
        ("iss", value(&of_other, "iss")),
    ]);
    // The provider compares the verifier of PKCE.
    let page = opened(&mut other.clone(), mixed.as_str()).await;
    assert!(page.status.is_client_error() && page.text.contains("did not let anybody sign in"), "{page:?}");
    let another = back.as_str().replace(&value(&back, "state"), &value(&of_other, "state"));
    refused(&opened(&mut own.clone(), &another).await, elsewhere);
    let from = url::form_urlencoded::byte_serialize(value(&back, "iss").as_bytes()).collect::<String>();
    let evil = back.as_str().replace(&from, "https%3A%2F%2Fevil.example");
    refused(&opened(&mut own.clone(), &evil).await, "another issuer");

    // Nothing of that has used up the browser's own way back, but for the code that was tried.
    let mut fresh = company.browser();
    let back = company.way_back(&mut fresh, "root").await;
    let mut copied = fresh.clone();
    let page = opened(&mut fresh, back.as_str()).await;
    assert!(page.status.is_success() && page.text.contains("Sign out"), "{page:?}");
    // Once more: the browser has forgotten what bound it, and whoever copied that finds the code used up.
    refused(&opened(&mut fresh, back.as_str()).await, elsewhere);
    let page = opened(&mut copied, back.as_str()).await;
    assert!(page.status.is_client_error() && !page.text.contains("Sign out"), "{page:?}");
    assert_eq!(company.maildocket.api.list("/audit?action=session.created").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_with_another_nonce_and_a_person_who_cancels_stay_out() {
    let company = Company::new("nonce").await;
    let mut browser = company.browser();
    let authority = company.servers.authority.issuer.as_str();
    let start = company.url("/sign-in/oidc");
    let to = browser.walk(&start, Person::Cancels, Some(authority)).await.url;
    let nonce = to.query_pairs().find(|(key, _)| key == "nonce").unwrap().1.into_owned();
    let replayed = to.as_str().replace(&nonce, "of-another-sign-in");
    let account = company.account("root");
    let page = browser.walk(&replayed, Person::Agrees(&account), None).await;
    refused(&page, "not begun in this browser");

    let page = company.browser().walk(&start, Person::Cancels, None).await;
    refused(&page, "refused the sign-in");

    // Its secret is nowhere but with the process.
    let api = &company.maildocket.api;
    let (_, told) = api.attempt(Method::GET, "/status", None).await;
    assert!(!told.to_string().contains("client_secret"), "{told}");
    assert!(!company.maildocket.log().contains("code="), "{}", company.maildocket.log());
}
