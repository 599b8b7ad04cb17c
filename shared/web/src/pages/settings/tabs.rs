//! The ways between the pages of the settings.

use intake::types::audit::Role;
use maud::{Markup, html};

use super::super::frame::{
    visitor::Visitor,
    words::{word, word_for},
};

/// In the order in which they stand: the path, and the page's word.
const PAGES: [(&str, &str); 4] = [
    ("/settings", "general"),
    ("/settings/tokens", "tokens"),
    ("/settings/sessions", "sessions"),
    ("/settings/configuration", "configuration"),
];

/// The pages of the settings; administrators alone have more than one.
pub(super) fn tabs(visitor: &Visitor) -> Markup {
    let path = visitor.address.split(['?', '#']).next().unwrap_or_default();
    let is_at = |own: &str| path == own || (own != "/settings" && path.starts_with(own));
    html! {
        @if visitor.may(Role::Administrator) {
            nav.tabs aria-label=(word("page.settings")) {
                ul {
                    @for (path, page) in PAGES {
                        li { a href=(path) aria-current=[is_at(path).then_some("page")] { (word_for("page.settings", page)) } }
                    }
                }
            }
        }
    }
}
