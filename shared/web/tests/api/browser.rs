//! A browser without script, for tests of pages.

use intake::flows::sessions;
use serde_json::Value;
use url::form_urlencoded;

use crate::site::{Reply, Site};

/// Somebody at a browser who has signed in.
pub(crate) struct Browser<'a> {
    site: &'a Site,
    cookie: String,
    csrf: String,
}

impl<'a> Browser<'a> {
    pub(crate) async fn of(site: &'a Site, token: &str) -> Self {
        let reply = site.form("/sign-in", &format!("token={token}")).await;
        assert_eq!(reply.status, 303, "{}", reply.text);
        let cookie = reply.header("set-cookie").split(';').next().unwrap().to_owned();
        let csrf = sessions::csrf_token(&site.app, cookie.split_once('=').unwrap().1);
        Self { site, cookie, csrf }
    }

    /// The same with another token in its forms.
    pub(crate) fn with_csrf(self, csrf: &str) -> Self {
        Self { csrf: csrf.to_owned(), ..self }
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.site.page(path).header("cookie", &self.cookie).await
    }

    pub(crate) async fn japanese(&self, path: &str) -> String {
        let page = self.site.page(path).header("cookie", &self.cookie).header("accept-language", "ja").await;
        assert_eq!(page.status, 200, "{}", page.text);
        page.text
    }

    pub(crate) async fn read(&self, path: &str) -> String {
        let page = self.get(path).await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(page.text.len() < 100_000, "{path} has {} bytes", page.text.len());
        page.text
    }

    pub(crate) async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("csrf_token", &self.csrf).extend_pairs(fields);
        self.site.form(path, &form.finish()).header("cookie", &self.cookie).await
    }

    /// A press that leads to this place.
    #[track_caller]
    pub(crate) fn led_to(reply: &Reply, place: &str) {
        assert_eq!((reply.status.as_u16(), reply.header("location")), (303, place), "{}", reply.text);
    }
}

/// The value of a hidden field.
pub(crate) fn hidden(page: &str, name: &str) -> String {
    let at = format!("name=\"{name}\" value=\"");
    page.split(&at)
        .nth(1)
        .unwrap_or_else(|| panic!("no {name} in {page}"))
        .split('"')
        .next()
        .unwrap()
        .to_owned()
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
