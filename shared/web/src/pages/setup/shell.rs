//! What all pages of the guide have: the list of its steps, and where one is.

use axum::response::Response;
use maud::{Markup, html};

use super::trip::{Step, Trip};
use crate::pages::frame::{
    console::{console_document, csrf},
    page::page_with_form,
    visitor::Visitor,
    words::{word, word_for},
};

/// A page of the guide.
pub(super) fn shown(visitor: &Visitor, trip: &Trip, at: Step, content: Markup) -> Response {
    page_with_form(page(visitor, trip, at, content))
}

/// The same, not yet an answer.
pub(super) fn page(visitor: &Visitor, trip: &Trip, at: Step, content: Markup) -> Markup {
    let title = word_for("page.guide.question", at.word());
    console_document(
        visitor,
        &title,
        html! {
            div.guide {
                (steps(trip, at))
                div { (content) }
            }
        },
    )
}

/// The steps: those that are done are ways back.
fn steps(trip: &Trip, at: Step) -> Markup {
    let is_wanted = |step: &&Step| !trip.by_password() || !step.is_of_consent();
    html! {
        nav aria-label=(word("page.guide.steps")) {
            ol.trail {
                @for step in Step::ALL.iter().filter(is_wanted) {
                    li class=[(*step < at).then_some("done")] aria-current=[(*step == at).then_some("step")] {
                        @if *step < at {
                            span.sign aria-hidden="true" { "✓" }
                            a href=(trip.to(*step)) { (name(*step)) }
                            span.hidden { " " (word("page.guide.done")) }
                        } @else {
                            span.sign aria-hidden="true" { "•" }
                            span { (name(*step)) }
                        }
                    }
                }
            }
        }
    }
}

fn name(step: Step) -> String {
    word_for("page.guide.step", step.word())
}

/// The way on.
pub(super) fn on(trip: &Trip, step: Step, label: &str) -> Markup {
    html! { div.actions { a.button href=(trip.to(step)) { (label) } } }
}

/// A form with nothing but a button. `wish`: what is wanted of several things.
pub(super) fn button(
    visitor: &Visitor,
    trip: &Trip,
    step: Step,
    wish: &str,
    label: &str,
    is_main: bool,
) -> Markup {
    html! {
        form.act method="post" action={ "/setup/" (step.word()) } {
            (csrf(visitor)) (trip.hidden(&[]))
            button.second[!is_main] name="do" value=(wish) { (label) }
        }
    }
}
