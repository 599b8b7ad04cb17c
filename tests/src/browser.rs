//! A person at a browser, as far as the pages of OAuth need one: cookies, redirects, forms.

use std::collections::BTreeMap;

use reqwest::{Client, StatusCode, header};
use url::Url;

use crate::servers::http;

/// More redirects and forms than any sign-in has.
const MAX_STEPS: usize = 30;

/// The fields of a form.
type Form = Vec<(String, String)>;

/// A browser with an empty jar of cookies. A clone is what somebody has who copied the jar.
#[derive(Clone)]
pub struct Browser {
    http: Client,
    /// By host, port and name: enough for a few servers on loopback, whose paths do not matter here.
    cookies: BTreeMap<(String, String), String>,
}

/// What the person does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Person<'a> {
    /// Signs in as this account and agrees to everything.
    Agrees(&'a str),
    /// Presses cancel.
    Cancels,
}

/// Where the person ends up.
#[derive(Debug)]
pub struct Page {
    /// Its address.
    pub url: Url,
    /// Its status.
    pub status: StatusCode,
    /// Its HTML.
    pub text: String,
}

impl Browser {
    /// A browser that trusts this certificate authority (PEM).
    pub fn new(ca_pem: &str) -> Self {
        Self { http: http(ca_pem), cookies: BTreeMap::new() }
    }

    /// Opens a page and follows redirects as long as they do not begin with `stop`; signs in and decides on the way.
    pub async fn walk(&mut self, start: &str, person: Person<'_>, stop: Option<&str>) -> Page {
        let mut url = Url::parse(start).expect("a URL");
        let mut form: Option<Form> = None;
        for _ in 0..MAX_STEPS {
            let page = self.open(&url, form.take()).await;
            if let Some(next) = page.next {
                if stop.is_some_and(|stop| next.as_str().starts_with(stop)) {
                    return Page { url: next, status: page.status, text: page.text };
                }
                url = next;
                continue;
            }
            match self.decide(&url, &page.text, person) {
                Some((next, fields)) => (url, form) = (next, fields),
                None => return Page { url, status: page.status, text: page.text },
            }
        }
        panic!("the sign-in does not end; now at {url}");
    }

    /// Fills in a form and sends it; where it leads to is followed.
    pub async fn send(&mut self, url: &str, fields: &[(&str, &str)]) -> Page {
        let url = Url::parse(url).expect("a URL");
        let form = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let page = self.open(&url, Some(form)).await;
        match page.next {
            Some(next) => self.walk(next.as_str(), Person::Cancels, None).await,
            None => Page { url, status: page.status, text: page.text },
        }
    }

    /// Forgets everything, as another browser would not know it.
    pub fn forget(&mut self) {
        self.cookies.clear();
    }

    /// The pages of the OAuth server: a sign-in form, a consent form, and a link to cancel.
    fn decide(&self, url: &Url, text: &str, person: Person<'_>) -> Option<(Url, Option<Form>)> {
        if !url.path().starts_with("/interaction/") {
            return None;
        }
        let Person::Agrees(account) = person else {
            let link = between(text, "href=\"", "\"", "/abort")?;
            return Some((url.join(link).ok()?, None));
        };
        let action = between(text, "action=\"", "\"", "/interaction/")?;
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let fields = if text.contains("name=\"login\"") {
            vec![field("prompt", "login"), field("login", account), field("password", "any")]
        } else {
            vec![field("prompt", "consent")]
        };
        Some((url.join(action).ok()?, Some(fields)))
    }

    async fn open(&mut self, url: &Url, form: Option<Form>) -> Opened {
        let place =
            format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(0));
        let mine = self.cookies.iter().filter(|((host, _), _)| *host == place);
        let cookies: Vec<String> = mine.map(|((_, name), value)| format!("{name}={value}")).collect();
        let request = match form {
            Some(fields) => {
                let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
                // A form of the page at the same place.
                let origin = url.origin().ascii_serialization();
                let post = self.http.post(url.clone()).body(body).header(header::ORIGIN, origin);
                post.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            }
            None => self.http.get(url.clone()),
        };
        let answer = request.header(header::COOKIE, cookies.join("; ")).send().await;
        let answer = answer.unwrap_or_else(|error| panic!("{url}: {error:?}"));
        for cookie in answer.headers().get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().expect("a cookie").split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').expect("a cookie with a value");
            let key = (place.clone(), name.to_owned());
            if value.is_empty() {
                self.cookies.remove(&key);
            } else {
                self.cookies.insert(key, value.to_owned());
            }
        }
        let location = answer.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
        let next = location.map(|location| url.join(location).expect("a location"));
        Opened { status: answer.status(), next, text: answer.text().await.expect("a whole page") }
    }
}

struct Opened {
    status: StatusCode,
    next: Option<Url>,
    text: String,
}

/// The attribute's value that holds a word.
fn between<'a>(text: &'a str, start: &str, end: &str, word: &str) -> Option<&'a str> {
    text.split(start).skip(1).filter_map(|rest| rest.split(end).next()).find(|value| value.contains(word))
}
