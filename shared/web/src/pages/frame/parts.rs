//! The parts of the design. `/components` shows all of them on one page.

use axum::response::{IntoResponse, Redirect, Response};
use intake::{
    Sentence, Timestamp,
    flows::probe::{ProbeReport, Step, StepStatus},
    types::Problem,
};
use maud::{Markup, html};
use url::form_urlencoded;

use super::{
    console::csrf,
    fields::Filled,
    visitor::Visitor,
    words::{around, when, word, word_for},
};
use crate::language;

/// How something is: its colour and its sign, which tell the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// As it should be.
    Good,
    /// Somebody should look.
    Warn,
    /// Somebody must act.
    Bad,
    /// Neither good nor bad.
    Calm,
}

impl Tone {
    /// The name of its style.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Calm => "calm",
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Warn => "!",
            Self::Bad => "✕",
            Self::Calm => "•",
        }
    }
}

/// A state, in a word and a colour.
pub(crate) fn badge(tone: Tone, text: &str) -> Markup {
    html! { span class={ "badge " (tone.class()) } { span.sign aria-hidden="true" { (tone.sign()) } " " (text) } }
}

/// Something to know or to do, with the way to it.
pub(crate) fn notice(tone: Tone, content: Markup) -> Markup {
    let role = if tone == Tone::Bad { "alert" } else { "status" };
    html! { div class={ "notice " (tone.class()) } role=(role) { (content) } }
}

/// What went wrong with a mailbox or an account: the sentence, what to do, and its code.
pub(crate) fn problem(tone: Tone, problem: &Problem) -> Markup {
    let said = problem.say(language::present());
    notice(
        tone,
        html! {
            p lang=(problem.language(language::present()).tag()) {
                (said.message) @if !said.action.is_empty() { " " strong { (said.action) } }
            }
            p.faint { code { (problem.code) } }
        },
    )
}

/// What was wrong with a form: the sentence, and what is wrong with fields that it does not show.
pub(crate) fn refused(error: &intake::Error, filled: &Filled, shown: &[&str]) -> Markup {
    let error = error.clone().in_language(language::present());
    notice(
        Tone::Bad,
        html! {
            p { (error.message) @if !error.action.is_empty() { " " strong { (error.action) } } }
            @let elsewhere = filled.elsewhere(shown);
            @if !elsewhere.is_empty() {
                ul { @for field in elsewhere { li { code { (field.pointer) } " " (field.detail) } } }
            }
        },
    )
}

/// What was done, told on the page that comes after it: `?done=saved` is the sentence `page.done.saved`.
pub(crate) fn done(query: &str) -> Markup {
    let told = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "done");
    let told = told.and_then(|(_, word)| Sentence::variant("page.done", &word).say(language::present()));
    html! { @if let Some(said) = told { (notice(Tone::Good, html! { p { (said.message) } })) } }
}

/// On to a page that tells what was done.
pub(crate) fn on_to(path: &str, what: &str) -> Response {
    Redirect::to(&format!("{path}?done={what}")).into_response()
}

/// A part of a page with a title of its own.
pub(crate) fn card(title: &str, content: Markup) -> Markup {
    html! { section.card { h2 { (title) } (content) } }
}

/// There is nothing here: why, and what to do next.
pub(crate) fn empty(text: &str, way: Option<(&str, &str)>) -> Markup {
    html! {
        div.empty {
            p { (text) }
            @if let Some((path, label)) = way { p { a.button href=(path) { (label) } } }
        }
    }
}

/// A table that becomes a list on narrow screens: each cell says which column it is of.
pub(crate) fn table(caption: &str, columns: &[String], rows: Vec<Vec<Markup>>) -> Markup {
    html! {
        table.data {
            caption.hidden { (caption) }
            thead { tr { @for column in columns { th scope="col" { (column) } } } }
            tbody {
                @for row in rows {
                    tr {
                        @for (cell, column) in row.into_iter().zip(columns) { td data-label=(column) { (cell) } }
                    }
                }
            }
        }
    }
}

/// Names and what stands behind them.
pub(crate) fn facts(facts: Vec<(String, Markup)>) -> Markup {
    html! { dl.facts { @for (name, value) in facts { div { dt { (name) } dd { (value) } } } } }
}

/// A text to be copied, with a button that does it where there is script.
pub(crate) fn copied(label: &str, text: &str) -> Markup {
    html! {
        div.copied {
            code aria-label=(label) { (text) }
            button.small type="button" data-copy=(text) data-copied=(word("page.copied")) hidden { (word("page.copy")) }
        }
    }
}

/// A button that does something: a form of its own, which works without script.
pub(crate) fn act(visitor: &Visitor, path: &str, label: &str, class: &str, more: Markup) -> Markup {
    html! {
        form.act method="post" action=(path) {
            (csrf(visitor)) (more)
            button class=(class) { (label) }
        }
    }
}

/// The hidden field by which a form makes nothing twice.
pub(crate) fn once(app: &intake::App) -> Markup {
    html! { input type="hidden" name="once" value=(app.random_text()); }
}

/// The hidden field by which nothing is overwritten that was not seen.
pub(crate) fn version(version: intake::types::Version) -> Markup {
    html! { input type="hidden" name="version" value=(version.0); }
}

/// Which part of a list a query asks for.
pub(crate) fn cursor(query: &str) -> Option<String> {
    let mut given = form_urlencoded::parse(query.as_bytes());
    given.find(|(name, _)| name == "cursor").map(|(_, value)| value.into_owned())
}

/// To the first and the next part of a list.
pub(crate) fn pager(path: &str, query: &[(&str, &str)], is_first: bool, next: Option<&str>) -> Markup {
    let with = |cursor: Option<&str>| {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        pairs.extend_pairs(query.iter().filter(|(_, value)| !value.is_empty()));
        if let Some(cursor) = cursor {
            pairs.append_pair("cursor", cursor);
        }
        let query = pairs.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    };
    html! {
        @if !is_first || next.is_some() {
            nav.pages aria-label=(word("page.pages")) {
                @if !is_first { a href=(with(None)) { (word("page.first")) } }
                @if let Some(next) = next { a rel="next" href=(with(Some(next))) { (word("page.next")) } }
            }
        }
    }
}

/// The steps of a test, in order: each with its state and its sentence.
fn steps(steps: &[Step]) -> Markup {
    html! { ol.steps { @for one in steps { (step(one)) } } }
}

/// A step of a test.
pub(crate) fn step(step: &Step) -> Markup {
    let language = language::present();
    let tone = match step.status {
        StepStatus::Ok => Tone::Good,
        StepStatus::Failed => Tone::Bad,
        StepStatus::Skipped => Tone::Calm,
    };
    html! {
        li class=(tone.class()) {
            span.sign aria-hidden="true" { (tone.sign()) }
            div {
                strong { (word_for("page.step", step.name)) }
                p { (step.detail(language)) @if let Some(action) = step.action(language) { " " strong { (action) } } }
            }
        }
    }
}

/// What was seen in a test, with the one sentence to act on.
pub(crate) fn tested(report: &ProbeReport) -> Markup {
    card(&word("page.tested"), html! { (summary(report)) (steps(&report.steps)) })
}

/// The one sentence of a test.
pub(crate) fn summary(report: &ProbeReport) -> Markup {
    let tone = if report.ok() { Tone::Good } else { Tone::Bad };
    notice(tone, html! { p { (report.summary(language::present())) } })
}

/// A part of a page that is renewed while it is looked at, every so many seconds, where there is script.
pub(crate) fn live(id: &str, seconds: u32, content: Markup) -> Markup {
    html! { div id=(id) data-live=(seconds) { (content) } }
}

/// When it was told: pages that renew themselves say so.
pub(crate) fn as_of(now: Timestamp) -> Markup {
    html! { p.faint.as-of { (around("page.as_of", "time", when(now))) } }
}
