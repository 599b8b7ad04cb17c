//! What everybody chooses for themselves, language and time zone, and what is known of who has signed in.

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, header},
    response::Response,
};
use intake::{App, Error, Language, types::audit::Role};
use maud::{Markup, html};
use serde_json::json;

use super::{
    super::frame::{
        console::{console, csrf},
        fields::{Choice, Filled},
        form::ReaderForm,
        page::PageResult,
        parts::{card, done, facts, on_to},
        visitor::{Reader, Visitor},
        words::{word, word_for},
    },
    tabs::tabs,
};
use crate::language::{self, LANGUAGE_COOKIE, ZONE_COOKIE};

/// The page.
pub(super) async fn page(
    State(app): State<App>,
    Reader(visitor): Reader,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let content = html! {
        (tabs(&visitor))
        (done(&query.unwrap_or_default()))
        (card(&word("page.settings.reading"), reading(&visitor, &headers)))
        (card(&word("page.settings.you"), you(&visitor)))
        @if visitor.may(Role::Administrator) { (card(&word("page.settings.people"), people(&app))) }
        (card(&word("page.api"), html! { p { (word("page.api.what")) " " a href="/api" { (word("page.api.all")) } } }))
    };
    console(&visitor, &word("page.settings"), content)
}

/// Language and time zone, as this browser has them.
fn reading(visitor: &Visitor, headers: &HeaderMap) -> Markup {
    let chosen = |name| language::cookie(headers, name).unwrap_or_default().replace("%2F", "/");
    let filled = Filled::with(json!({ "language": chosen(LANGUAGE_COOKIE), "zone": chosen(ZONE_COOKIE) }));
    let browser = || Choice::new("", word("page.settings.by_browser"));
    let languages = Language::ALL.map(|language| Choice::new(language.tag(), language.own_name()));
    let zones = language::zones().into_iter().map(|zone| Choice::new(zone.clone(), zone.replace('_', " ")));
    html! {
        form method="post" action="/settings" {
            (csrf(visitor))
            div.form-columns {
                (filled.choice("/language", "language", &[browser()].into_iter().chain(languages).collect::<Vec<_>>()))
                (filled.choice("/zone", "zone", &[browser()].into_iter().chain(zones).collect::<Vec<_>>()))
            }
            div.actions { button { (word("page.settings.save")) } }
        }
    }
}

fn you(visitor: &Visitor) -> Markup {
    let fact = |of: &'static str, value: Markup| (word_for("page.access", of), value);
    let mut known = vec![
        fact("who", html! { bdi { (visitor.actor.name) } }),
        fact("role", html! { (word_for("page.role", visitor.actor.role.as_str())) }),
    ];
    if let Some(person) = &visitor.actor.person {
        known.push(fact("person", html! { code { (person) } }));
    }
    html! {
        (facts(known))
        p.faint { (word_for("page.role_means", visitor.actor.role.as_str())) }
    }
}

/// How people sign in here.
fn people(app: &App) -> Markup {
    html! {
        p { (word("page.settings.by_token")) " " a href="/settings/tokens" { (word("page.settings.tokens")) } }
        @match &app.settings.identity {
            Some(identity) => p { (word("page.settings.by_provider")) " " code { (identity.issuer) } },
            None => p.faint { (word("page.settings.no_provider")) },
        }
    }
}

/// Keeps the choice, in this browser.
pub(super) async fn save(State(app): State<App>, ReaderForm(form): ReaderForm) -> PageResult {
    let (language, zone) =
        (form.text("/language").unwrap_or_default(), form.text("/zone").unwrap_or_default());
    if !language.is_empty() && Language::of_tag(language).is_none() {
        return Err(Error::field("/language", "field.another").into());
    }
    if !zone.is_empty() && language::zone_of(zone).is_none() {
        return Err(Error::field("/zone", "field.another").into());
    }
    let mut response = on_to("/settings", "saved");
    for (name, value) in [(LANGUAGE_COOKIE, language), (ZONE_COOKIE, zone)] {
        response.headers_mut().append(header::SET_COOKIE, language::chosen(&app.settings, name, value));
    }
    Ok(response)
}
