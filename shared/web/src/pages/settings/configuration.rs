//! The configuration as a file: saved, and applied back the difference was shown.

use axum::{
    extract::{RawQuery, State},
    http::header,
    response::{IntoResponse, Response},
};
use configuration::{Action, Applied, ObjectChange, Options, apply, export};
use intake::{
    App, Error, Kind, Result, Sentence,
    app::sha256_hex,
    json::{self, Unread},
};
use maud::{Markup, html};
use serde_json::Value;

use super::{
    super::{
        audit::changed,
        frame::{
            console::{console, csrf},
            fields::Filled,
            form::{AdministratorForm, Form},
            page::{PageResult, again},
            parts::{Tone, badge, card, done, notice, on_to, refused},
            visitor::{Administrator, Visitor},
            words::{counted, shown, word, word_for},
        },
    },
    secrets::{self, Wanted},
    tabs::tabs,
};
use crate::language;

const PATH: &str = "/settings/configuration";
/// The most changes of one object that the page shows.
const MAX_CHANGES: usize = 30;
/// The most objects whose changes the page shows.
const MAX_OBJECTS: usize = 100;

/// The page.
pub(super) async fn page(Administrator(visitor): Administrator, RawQuery(query): RawQuery) -> Response {
    let content = html! {
        (tabs(&visitor))
        (done(&query.unwrap_or_default()))
        (download())
        (card(&word("page.config.upload"), upload(&visitor, &Filled::default())))
    };
    console(&visitor, &word("page.settings.configuration"), content)
}

fn download() -> Markup {
    card(
        &word("page.config.download"),
        html! {
            p { (word("page.config.download_means")) }
            div.actions { a.button.second href={ (PATH) "/download" } download { (word("page.config.save")) } }
        },
    )
}

/// Asks for a document.
fn upload(visitor: &Visitor, filled: &Filled) -> Markup {
    html! {
        p { (word("page.config.upload_means")) }
        form method="post" action={ (PATH) "/plan" } {
            (csrf(visitor))
            div.field data-file="document" hidden {
                label for="file" { (word("page.config.file")) }
                input #file type="file" accept=".json,application/json";
            }
            (filled.area("/document:text", "document", 12))
            (filled.check("/prune:bool", "prune"))
            div.actions { button { (word("page.config.compare")) } }
        }
    }
}

/// The document, as `GET /api/v1/config` gives it, for people to read.
pub(super) async fn saved(State(app): State<App>, _: Administrator) -> PageResult {
    let text = serde_json::to_string_pretty(&export(&app).await?).map_err(Error::internal)?;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"maildocket.json\""),
    ];
    Ok((headers, text + "\n").into_response())
}

/// The document of a form.
fn document(form: &Form) -> Result<Value> {
    let body = form.body();
    let text = body.pointer("/document").and_then(Value::as_str).unwrap_or_default();
    if text.trim().is_empty() {
        return Err(Error::field("/document", "field.required"));
    }
    json::strictly(text).map_err(|unread| match unread {
        Unread::Unwanted(error) => error,
        Unread::Malformed(error) => {
            let sentence = Sentence::new("malformed_json").with("line", error.line());
            Error::told(Kind::Invalid, sentence.with("column", error.column()))
        }
    })
}

fn is_set(form: &Form, name: &str) -> bool {
    form.body().pointer(name).and_then(Value::as_bool).unwrap_or_default()
}

async fn tried(app: &App, form: &Form, document: Value) -> Result<Applied> {
    let options = Options { dry_run: true, prune: is_set(form, "/prune"), force: false };
    apply(app, &form.visitor.actor, document, options).await.map_err(Error::from)
}

/// The form again, with everything that is wrong. Secrets do not come back.
fn wrong(form: &Form, error: Error) -> Response {
    let filled = Filled::again(form, &error);
    let text = secrets::without(&filled.text("/document"));
    let filled = filled.holding("/document", text);
    let content = html! {
        (tabs(&form.visitor))
        (refused(&error, &filled, &["/document", "/prune"]))
        (card(&word("page.config.upload"), upload(&form.visitor, &filled)))
    };
    again(console(&form.visitor, &word("page.settings.configuration"), content), error)
}

/// Shows what would change.
pub(super) async fn plan(State(app): State<App>, AdministratorForm(form): AdministratorForm) -> Response {
    let planned = async {
        let document = document(&form)?;
        Ok((tried(&app, &form, document.clone()).await?, document))
    };
    match planned.await {
        Ok((planned, document)) => difference(&form, document, &planned, &html! {}),
        Err(error) => wrong(&form, error),
    }
}

/// Applies it, as it was shown: where something else would change by now, that is shown first.
pub(super) async fn carry_out(
    State(app): State<App>,
    AdministratorForm(form): AdministratorForm,
) -> Response {
    let mut document = match document(&form) {
        Ok(document) => document,
        Err(error) => return wrong(&form, error),
    };
    secrets::put_in(&mut document, &form);
    let planned = match tried(&app, &form, document.clone()).await {
        Ok(planned) => planned,
        Err(error) => return wrong(&form, error),
    };
    let unseen = form.text("seen") != Some(&*mark(&planned));
    let force = is_set(&form, "/force");
    if unseen || (!planned.risks.is_empty() && !force) {
        let key = if unseen { "page.config.changed" } else { "page.config.confirm" };
        let told = notice(Tone::Bad, html! { p { (word(key)) } });
        let kind = if unseen { Kind::Stale } else { Kind::Conflict };
        let sentence = if unseen { "version_mismatch" } else { "would_break" };
        return again(difference(&form, document, &planned, &told), Error::told(kind, sentence));
    }
    let options = Options { dry_run: false, prune: is_set(&form, "/prune"), force };
    match apply(&app, &form.visitor.actor, document, options).await {
        Ok(_) => on_to(PATH, "config_applied"),
        Err(error) => wrong(&form, error.into()),
    }
}

/// What stands for everything that would change: whether it is still the same.
fn mark(planned: &Applied) -> String {
    sha256_hex(&format!("{planned:?}"))
}

/// What would change, and the form that applies it.
fn difference(form: &Form, mut document: Value, planned: &Applied, told: &Markup) -> Response {
    let wanted = secrets::take_out(&mut document);
    let count = u64::try_from(planned.changes.len()).unwrap_or(u64::MAX);
    let content = html! {
        (tabs(&form.visitor))
        (told)
        @if planned.changes.is_empty() {
            (notice(Tone::Good, html! { p { (word("page.config.same")) } }))
            div.actions { a.button.second href=(PATH) { (word("page.config.back")) } }
        } @else {
            (card(&counted("page.config.changes", count), changes(&planned.changes)))
            @if !planned.risks.is_empty() { (risks(planned)) }
            (card(&word("page.config.apply_title"), application(form, &document, planned, &wanted)))
        }
    };
    console(&form.visitor, &word("page.config.difference"), content)
}

fn changes(changes: &[ObjectChange]) -> Markup {
    html! {
        ul.objects {
            @for change in changes.iter().take(MAX_OBJECTS) {
                li {
                    @let tone = match change.action { Action::Create => Tone::Good, Action::Change => Tone::Warn, Action::Delete => Tone::Bad };
                    h3 {
                        (badge(tone, &word_for("page.config.action", change.action.as_str())))
                        " " (word_for("page.config.kind", change.kind)) " " bdi { (shown(&change.name)) }
                    }
                    ul.changes { @for field in change.fields.iter().take(MAX_CHANGES) { li { (changed(field)) } } }
                }
            }
        }
        @if changes.len() > MAX_OBJECTS { p.faint { (word("page.config.more")) } }
    }
}

fn risks(planned: &Applied) -> Markup {
    let risks = planned.risks.iter().cloned().map(|risk| risk.in_language(language::present()));
    notice(
        Tone::Warn,
        html! {
            p { strong { (word("page.config.risks")) } }
            ul { @for risk in risks { li { code { (shown(&risk.pointer)) } ": " (risk.detail) } } }
        },
    )
}

fn application(form: &Form, document: &Value, planned: &Applied, wanted: &[Wanted]) -> Markup {
    let filled = Filled::default();
    html! {
        form method="post" action={ (PATH) "/apply" } {
            (csrf(&form.visitor))
            input type="hidden" name="/document:text" value=(document);
            input type="hidden" name="/prune:bool" value=(is_set(form, "/prune"));
            input type="hidden" name="seen" value=(mark(planned));
            @if !wanted.is_empty() { p { (word("page.config.secrets")) } }
            @for secret in wanted {
                div.field {
                    label for=(secret.field()) { (word("page.config.secret")) ": " bdi { (shown(&secret.name)) } }
                    input id=(secret.field()) name=(secret.field()) type="password" autocomplete="new-password" required;
                }
            }
            @if planned.risks.is_empty() { p { (word("page.config.apply_means")) } }
            @else { (filled.check("/force:bool", "force")) }
            div.actions {
                button { (word("page.config.apply")) }
                a.button.second href=(PATH) { (word("page.settings.cancel")) }
            }
        }
    }
}
