//! A browser without script, for tests of pages.

use intake::flows::sessions;
use serde_json::Value;
use url::form_urlencoded;

use crate::site::{Reply, Site};

/// Somebody at a browser who has signed in.
pub(crate) struct Browser<'a> {
    site: &'a Site,
    /// The session's cookie, as it is sent.
    pub(crate) cookie: String,
    csrf: String,
}

impl<'a> Browser<'a> {
    /// Whoever has this token.
    pub(crate) async fn of(site: &'a Site, token: &str) -> Self {
        let reply = site.form("/sign-in", &format!("token={token}")).await;
        assert_eq!(reply.status, 303, "{}", reply.text);
        let cookie = reply.header("set-cookie").split(';').next().unwrap().to_owned();
        let csrf = sessions::csrf_token(&site.app, cookie.split_once('=').unwrap().1);
        Self { site, cookie, csrf }
    }

    pub(crate) async fn administrator(site: &'a Site) -> Self {
        Self::of(site, &site.admin).await
    }

    /// Somebody with this role, and a token of their own.
    pub(crate) async fn role(site: &'a Site, role: &str) -> Self {
        Self::of(site, &site.token(role).await).await
    }

    /// The same with another token in its forms.
    pub(crate) fn with_csrf(self, csrf: &str) -> Self {
        Self { csrf: csrf.to_owned(), ..self }
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.get_in(path, "").await
    }

    pub(crate) async fn get_in(&self, path: &str, language: &str) -> Reply {
        self.site.page(path).header("cookie", &self.cookie).header("accept-language", language).await
    }

    /// A page that is there, and not heavy.
    pub(crate) async fn read(&self, path: &str) -> String {
        self.read_in(path, "").await
    }

    pub(crate) async fn japanese(&self, path: &str) -> String {
        self.read_in(path, "ja").await
    }

    async fn read_in(&self, path: &str, language: &str) -> String {
        let page = self.get_in(path, language).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        assert!(page.text.len() < 100_000, "{path} has {} bytes", page.text.len());
        page.text
    }

    /// Sends these fields with what every form of this session carries.
    pub(crate) async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("csrf_token", &self.csrf).extend_pairs(fields);
        self.site.form(path, &form.finish()).header("cookie", &self.cookie).await
    }

    /// Where a form leads that is right.
    pub(crate) async fn moved(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let reply = self.send(path, fields).await;
        assert_eq!(reply.status, 303, "{path}: {}", reply.text);
        reply.header("location").to_owned()
    }

    /// A press that leads to this place.
    #[track_caller]
    pub(crate) fn led_to(reply: &Reply, place: &str) {
        assert_eq!((reply.status.as_u16(), reply.header("location")), (303, place), "{}", reply.text);
    }
}

/// As a browser reads it.
pub(crate) fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// The value of a hidden field.
pub(crate) fn hidden(page: &str, name: &str) -> String {
    let field = page.split(&format!("name=\"{name}\" value=\"")).nth(1);
    let field = field.unwrap_or_else(|| panic!("no {name} in {page}"));
    unescaped(field.split('"').next().unwrap())
}

pub(crate) async fn mailbox(site: &Site, body: Value) -> String {
    site.post("/mailboxes", body).await.str("/id")
}

/// Words that are names, and what people have to type.
const NAMES: [&str; 25] = [
    "Maildocket",
    "UTC",
    "SUP",
    "Administrator",
    "IMAP",
    "POP3",
    "TLS",
    "STARTTLS",
    "INBOX",
    "OAuth",
    "com",
    "imap",
    "example",
    "Support",
    "support",
    "Authentication",
    "Results",
    "Google",
    "Microsoft",
    "JSON",
    "SHA",
    "exe",
    "image",
    "Cc",
    "DMARC",
];

/// Fails where a page has English words for people.
pub(crate) fn is_japanese(page: &str, more: &[&str]) {
    let page = page.replace("&quot;", " ");
    let body = page.split("<body>").nth(1).unwrap();
    let text: String =
        body.split('<').filter_map(|tag| Some(tag.split_once('>')?.1)).collect::<Vec<_>>().join("\n");
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() > 1);
    let english: Vec<&str> = words
        .filter(|word| word.parse::<u64>().is_err() && !NAMES.contains(word) && !more.contains(word))
        .collect();
    assert_eq!(english, Vec::<&str>::new(), "{text}");
}
