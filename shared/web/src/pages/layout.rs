//! The frame of all pages.

use maud::{DOCTYPE, Markup, html};

fn document(title: &str, body: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Maildocket" }
                link rel="icon" type="image/svg+xml" href="/assets/icon.svg";
                link rel="stylesheet" href="/assets/style.css";
            }
            body { (body) }
        }
    }
}

/// A page for somebody who has not signed in.
pub(super) fn plain(title: &str, content: Markup) -> Markup {
    document(
        title,
        html! {
            main.narrow {
                a.brand href="/" { "Maildocket" }
                h1 { (title) }
                (content)
            }
        },
    )
}

/// A page of the console.
pub(super) fn console(title: &str, csrf_token: &str, content: Markup) -> Markup {
    document(
        title,
        html! {
            header.top {
                div {
                    a.brand href="/" { "Maildocket" }
                    form method="post" action="/sign-out" {
                        input type="hidden" name="csrf_token" value=(csrf_token);
                        button.quiet { "Sign out" }
                    }
                }
            }
            main {
                h1 dir="auto" { (title) }
                (content)
            }
        },
    )
}
