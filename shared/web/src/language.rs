//! The language of an answer: chosen once, from the request's `Accept-Language`, for everything that is told in it.
//!
//! It is known to the task that answers, because sentences are said deep inside of what is serialised.

use std::future::Future;

use axum::http::{HeaderMap, header};
use intake::Language;

tokio::task_local! {
    static LANGUAGE: Language;
}

/// What the caller reads; English where the header names nothing that there is.
pub(crate) fn of(headers: &HeaderMap) -> Language {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    accepted.map(Language::accepted).unwrap_or_default()
}

/// Answers in this language.
pub(crate) async fn answer_in<T>(language: Language, answer: impl Future<Output = T>) -> T {
    LANGUAGE.scope(language, answer).await
}

/// The language of the answer that is being made; English outside of one.
pub(crate) fn present() -> Language {
    LANGUAGE.try_with(|language| *language).unwrap_or_default()
}
