//! All parts of the design on one page, so that each can be looked at in every language, colour scheme and width.

use axum::{extract::State, response::Response};
use intake::App;
use maud::html;
use serde_json::json;

use super::frame::{
    console::console,
    fields::{Choice, Filled, Line},
    parts::{Tone, act, badge, card, copied, empty, facts, notice, table},
    visitor::Reader,
    words::{ago, when, word},
};

/// The page.
pub(super) async fn page(State(app): State<App>, Reader(visitor): Reader) -> Response {
    let now = app.now();
    let (label, sentence) = (word("page.value"), word("page.overview.well"));
    let tones = [Tone::Good, Tone::Warn, Tone::Bad, Tone::Calm];
    let filled =
        Filled::with(json!({ "name": sentence, "enabled": true, "client_secret_expires_on": "2027-03-31" }));
    let columns = [label.clone(), word("page.field.name"), label.clone()];
    let cell = |n: usize| html! { (sentence) " " (n) };
    let rows = (0..3).map(|n| vec![badge(tones[n], &label), cell(n), when(now)]).collect();
    let content = html! {
        p { @for tone in tones { (badge(tone, &label)) " " } (ago(now, now)) }
        @for tone in tones { (notice(tone, html! { p { (sentence) } })) }
        (card(&label, html! {
            (table(&label, &columns, rows))
            (facts(vec![(label.clone(), html! { (sentence) }), (label.clone(), when(now))]))
            (copied(&label, "https://docket.example.com/oauth2/callback/google"))
        }))
        (card(&label, html! {
            form method="get" {
                (filled.line("/name", "name", Line::Required))
                (filled.line("/client_secret:secret", "client_secret", Line::Secret))
                (filled.line("/client_secret_expires_on", "client_secret_expires_on", Line::Day))
                (filled.area("/name:text", "description", 3))
                (filled.choice("/provider", "provider", &[Choice::new("google", &label), Choice::new("custom", &sentence)]))
                (filled.check("/enabled:bool", "enabled"))
                div.actions { button { (label) } " " button.second type="button" { (label) } " " button.danger type="button" { (label) } }
            }
            (act(&visitor, "/sign-out", &word("page.sign_out"), "second", html! {}))
        }))
        (empty(&sentence, Some(("/", &label))))
    };
    console(&visitor, &word("page.components"), content)
}
