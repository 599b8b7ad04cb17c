//! The frame of the console: its menu, who has signed in, and the page between.

use axum::response::Response;
use intake::types::audit::Role;
use maud::{Markup, html};

use super::{
    page::{document, page_with_form},
    visitor::Visitor,
    words::word,
};

/// A section of the console: its way, its name, and who may see it.
struct Section {
    path: &'static str,
    key: &'static str,
    least: Role,
}

/// In the order of the menu. A section is that of all pages whose path begins with its own.
const SECTIONS: [Section; 10] = [
    Section { path: "/", key: "page.overview", least: Role::Administrator },
    Section { path: "/projects", key: "page.projects", least: Role::Reader },
    Section { path: "/held", key: "page.held", least: Role::Administrator },
    Section { path: "/messages", key: "page.messages", least: Role::Administrator },
    Section { path: "/mailboxes", key: "page.mailboxes", least: Role::Administrator },
    Section { path: "/integrations", key: "page.integrations", least: Role::Administrator },
    Section { path: "/accounts", key: "page.accounts", least: Role::Administrator },
    Section { path: "/audit", key: "page.audit", least: Role::Administrator },
    Section { path: "/settings", key: "page.settings", least: Role::Reader },
    Section { path: "/help", key: "page.help", least: Role::Reader },
];

impl Section {
    fn is_at(&self, path: &str) -> bool {
        match self.path {
            "/" => path == "/",
            "/projects" => path.starts_with("/projects") || path.starts_with("/issues"),
            own => path.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        }
    }
}

/// A page of the console.
pub(crate) fn console(visitor: &Visitor, title: &str, content: Markup) -> Response {
    page_with_form(console_document(visitor, title, content))
}

/// The same, not yet an answer.
pub(crate) fn console_document(visitor: &Visitor, title: &str, content: Markup) -> Markup {
    let path = visitor.address.split(['?', '#']).next().unwrap_or_default();
    document(
        title,
        html! {
            a.skip href="#content" { (word("page.skip")) }
            header.top {
                a.brand href="/" { "Maildocket" }
                (menu(visitor, path))
                div.who {
                    span.faint { bdi { (visitor.actor.name) } }
                    form method="post" action="/sign-out" {
                        (csrf(visitor))
                        button.quiet { (word("page.sign_out")) }
                    }
                }
            }
            main #content {
                h1 dir="auto" { (title) }
                (content)
            }
        },
    )
}

fn menu(visitor: &Visitor, path: &str) -> Markup {
    html! {
        nav.menu aria-label=(word("page.menu")) {
            ul {
                @for section in SECTIONS.iter().filter(|section| visitor.may(section.least)) {
                    li { a href=(section.path) aria-current=[section.is_at(path).then_some("page")] { (word(section.key)) } }
                }
            }
        }
    }
}

/// What every form that changes something carries.
pub(crate) fn csrf(visitor: &Visitor) -> Markup {
    html! { input type="hidden" name="csrf_token" value=(visitor.csrf_token); }
}
