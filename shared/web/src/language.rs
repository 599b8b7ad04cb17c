//! The language and time zone of an answer: chosen once, by the person's own choice or the request's `Accept-Language`, for
//! everything that is told in it.
//!
//! They are known to the task that answers, because sentences are said deep inside of what is serialised.

use std::future::Future;

use axum::http::{HeaderMap, HeaderValue, header};
use intake::{Language, Settings};
use jiff::tz::TimeZone;

/// The cookie of a chosen language. It is no secret, and scripts may read it.
pub(crate) const LANGUAGE_COOKIE: &str = "maildocket-language";
/// The cookie of a time zone's name (IANA).
pub(crate) const ZONE_COOKIE: &str = "maildocket-zone";

/// Who reads an answer.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    language: Language,
    zone: TimeZone,
}

#[cfg(test)]
impl Reading {
    /// Of somebody in Greenwich.
    pub(crate) fn utc(language: Language) -> Self {
        Self { language, zone: TimeZone::UTC }
    }
}

tokio::task_local! {
    static READING: Reading;
}

/// What the caller reads; English where neither choice nor header name anything that there is.
pub(crate) fn of(headers: &HeaderMap) -> Reading {
    let chosen = cookie(headers, LANGUAGE_COOKIE).and_then(Language::of_tag);
    let accepted = || headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let language = chosen.or_else(|| accepted().map(Language::accepted)).unwrap_or_default();
    let zone = cookie(headers, ZONE_COOKIE).and_then(zone_of).unwrap_or(TimeZone::UTC);
    Reading { language, zone }
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, value)| *key == name && !value.is_empty()).map(|(_, value)| value)
}

/// `Set-Cookie` for a choice of a person's, for a year; an empty value takes it back.
pub(crate) fn chosen(settings: &Settings, name: &str, value: &str) -> HeaderValue {
    let seconds = if value.is_empty() { 0 } else { 365 * 24 * 60 * 60 };
    let secure = if settings.base_url.scheme() == "https" { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

/// The time zone of this name, as the cookie may hold it.
pub(crate) fn zone_of(name: &str) -> Option<TimeZone> {
    // Cookies hold no slash as browsers' scripts write them.
    TimeZone::get(&name.replace("%2F", "/")).ok()
}

/// The names of all time zones that places have, in order.
pub(crate) fn zones() -> Vec<String> {
    const AREAS: [&str; 10] = [
        "Africa/",
        "America/",
        "Antarctica/",
        "Arctic/",
        "Asia/",
        "Atlantic/",
        "Australia/",
        "Europe/",
        "Indian/",
        "Pacific/",
    ];
    let all = jiff::tz::db().available().map(|name| name.to_string());
    let mut places: Vec<_> = all.filter(|name| AREAS.iter().any(|area| name.starts_with(area))).collect();
    places.sort_unstable();
    places.push("UTC".to_owned());
    places
}

/// Answers in this language.
pub(crate) async fn answer_in<T>(reading: Reading, answer: impl Future<Output = T>) -> T {
    READING.scope(reading, answer).await
}

/// For what goes on beside the answer that is being made: it is told as the answer is.
pub(crate) fn carried<T>(beside: impl Future<Output = T>) -> impl Future<Output = T> {
    let reading = READING.try_with(Clone::clone);
    let reading = reading.unwrap_or(Reading { language: Language::default(), zone: TimeZone::UTC });
    answer_in(reading, beside)
}

/// The language of the answer that is being made; English outside of one.
pub(crate) fn present() -> Language {
    READING.try_with(|reading| reading.language).unwrap_or_default()
}

/// The time zone of the answer that is being made; UTC outside of one.
pub(crate) fn zone() -> TimeZone {
    READING.try_with(|reading| reading.zone.clone()).unwrap_or(TimeZone::UTC)
}
