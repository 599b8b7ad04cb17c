//! The guide as a person walks it: from an empty installation to the first issue, in a real browser, against the certified
//! OAuth server and Dovecot. What it costs in presses and seconds is printed, and bounded.

use std::time::{Duration, Instant};

use fantoccini::{Locator, elements::Element};
use tests::{
    Chromium, Maildocket, Servers, authority::MAIL_SCOPE, maildocket::TOKEN, mails::mail, process::until,
};

/// The most presses from the sign-in to the first issue.
const PRESSES: u32 = 15;
/// The longest that the machine takes for it.
const TIME: Duration = Duration::from_secs(60);

/// A person at the guide, whose presses are counted.
struct Person {
    browser: Chromium,
    presses: u32,
}

impl Person {
    async fn at(address: &str) -> Self {
        let browser = Chromium::open(1200, 1000).await;
        browser.window.goto(address).await.unwrap();
        Self { browser, presses: 0 }
    }

    async fn find(&self, css: &str) -> Element {
        let found = until(css, async || self.browser.window.find(Locator::Css(css)).await.ok());
        found.await
    }

    /// Types over what stands in a field.
    async fn types(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    async fn chooses(&self, css: &str, value: &str) {
        self.find(css).await.select_by_value(value).await.unwrap();
    }

    /// Presses something, and waits for what it leads to.
    async fn presses(&mut self, css: &str, then: &str) {
        self.find(css).await.click().await.unwrap();
        self.presses += 1;
        self.browser.shows(then).await;
    }

    /// What stands in what is copied from the page.
    async fn reads(&self, css: &str) -> String {
        self.find(css).await.text().await.unwrap()
    }

    /// Signs in and agrees at the provider, in the tab that was opened, and closes it.
    async fn consents(&mut self, account: &str) {
        let window = &self.browser.window;
        let guide = window.window().await.unwrap();
        self.find("a.button[target=_blank]").await.click().await.unwrap();
        self.presses += 1;
        let opened =
            until("another tab", async || window.windows().await.ok()?.into_iter().find(|tab| *tab != guide));
        window.switch_to_window(opened.await).await.unwrap();
        self.types("input[name=login]", account).await;
        self.types("input[name=password]", "any").await;
        self.presses("form button[type=submit]", "Continue").await;
        self.presses("form button[type=submit]", "The account is connected").await;
        self.browser.window.close_window().await.unwrap();
        self.browser.window.switch_to_window(guide).await.unwrap();
    }
}

#[tokio::test]
async fn the_guide_leads_from_nothing_to_the_first_issue() {
    let servers = Servers::get().await;
    let docket = Maildocket::start_empty(servers).await;
    let account = servers.dovecot.account();
    account.deliver(&mail("1", "The lamp blinks", "", "Since yesterday."));
    let begun = Instant::now();
    let mut person = Person::at(&format!("{}/setup", docket.api.base)).await;
    person.types("input[name=token]", TOKEN).await;
    person.presses("form button", "Which address shall").await;

    person.types("#address", &account.address).await;
    person.presses("form .actions button", "What the address tells").await;
    person.browser.picture("guide-way").await;
    person.presses("input[value=custom]", "").await;
    person.presses("form .actions button", "Register Maildocket").await;
    person.types("[name='/name']", "The company's").await;
    person.types("[name='/issuer:null']", servers.authority.issuer.as_str().trim_end_matches('/')).await;
    person.presses("button[value=generate]", "/oauth2/callback/").await;
    person.browser.picture("guide-integration").await;
    let client = servers.authority.register(&person.reads(".copied code").await).await;
    person.types("[name='/client_id']", &client.id).await;
    person.types("[name='/client_secret:secret']", &client.secret).await;
    person.types("[name='/scopes:lines']", &format!("openid\nemail\noffline_access\n{MAIL_SCOPE}")).await;
    person.presses("form .actions button:not(.second)", "What shall be imported").await;

    person.types("[name='/host']", "localhost").await;
    person.types("[name='/port:number']", &servers.dovecot.imaps.to_string()).await;
    person.chooses("[name='/start/mode']", "all").await;
    person.browser.picture("guide-mailbox").await;
    person.presses("form .actions button", "Who signs in").await;
    person.presses("form .actions button", "Sign in at the provider").await;
    person.browser.picture("guide-consent").await;
    person.consents(&account.address).await;
    person.browser.shows("nothing is left to do here").await;
    person.presses(".actions a.button", "Does it work").await;
    person.presses("form.act button", "To the first import").await;
    person.browser.picture("guide-test").await;
    person.presses(".actions a.button", "No mail has become").await;
    person.presses("form.act button[value=poll]", "The lamp blinks").await;
    person.browser.picture("guide-done").await;

    let (presses, took) = (person.presses, begun.elapsed());
    println!("from nothing to the first issue: {presses} presses, {took:.1?}");
    assert!(presses <= PRESSES && took < TIME, "{presses} presses, {took:?}");
    person.browser.close().await;
}
