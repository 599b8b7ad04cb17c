//! A project's own page: another name for it, and its end where nothing is tied to it.

use axum::{
    extract::{Path, RawQuery, State},
    response::Response,
};
use intake::{
    App, Error,
    flows::projects::{self, ProjectInput},
    types::{
        Version,
        project::{Project, ProjectKey},
    },
};
use maud::{Markup, html};
use serde_json::json;

use super::super::frame::{
    console::{console, csrf},
    fields::{Filled, Line},
    form::AdministratorForm,
    page::{self, PageResult},
    parts::{Tone, card, done, notice, on_to, refused, version},
    visitor::{Administrator, Visitor},
    words::{whole, with, word},
};

async fn read(app: &App, key: &str) -> Result<Project, Error> {
    let key = ProjectKey::new(key).map_err(|_| Error::not_found("project"))?;
    projects::get(app, &key).await
}

/// The form with the name.
pub(super) async fn settings(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
) -> PageResult {
    let project = read(&app, &key).await?;
    let filled = Filled::with(json!({ "name": project.name }));
    Ok(shown(&visitor, &project, project.version, &filled, done(&query.unwrap_or_default())))
}

/// `seen`: the version that the form was made from, which a form that is shown again keeps.
fn shown(visitor: &Visitor, project: &Project, seen: Version, filled: &Filled, above: Markup) -> Response {
    let path = format!("/projects/{}", project.key);
    let content = html! {
        (above)
        (card(&word("page.project.name"), html! {
            form method="post" action={ (path) "/settings" } {
                (csrf(visitor)) (version(seen))
                (filled.line("/name", "project_name", Line::Required))
                div.actions { button { (word("page.issue.save")) } " " a href=(path) { (word("page.connect.cancel")) } }
            }
        }))
        (card(&word("page.project.delete"), html! {
            p.hint { (word("page.project.delete.when")) }
            div.actions { a.button.second href={ (path) "/delete" } { (word("page.connect.delete")) } }
        }))
    };
    console(visitor, &with("page.project.settings.named", "name", &project.name), content)
}

/// Saves the name; nothing is overwritten that was not seen.
pub(super) async fn save(
    State(app): State<App>,
    Path(key): Path<String>,
    AdministratorForm(sent): AdministratorForm,
) -> PageResult {
    let project = read(&app, &key).await?;
    let input = sent.request::<ProjectInput>()?;
    match projects::patch(&app, &sent.visitor.actor, &project.key, &sent.expect(), input).await {
        Ok(project) => Ok(on_to(&format!("/projects/{}/settings", project.key), "saved")),
        Err(error) => {
            let filled = Filled::again(&sent, &error);
            let seen = sent.text("version").and_then(|text| text.parse().ok()).map(Version);
            let above = refused(&error, &filled, &["/name"]);
            let seen = seen.unwrap_or(project.version);
            Ok(page::again(shown(&sent.visitor, &project, seen, &filled, above), error))
        }
    }
}

/// Asks, or says what holds it.
pub(super) async fn ask(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    Path(key): Path<String>,
) -> PageResult {
    asked(&app, &visitor, &read(&app, &key).await?, None).await
}

async fn asked(app: &App, visitor: &Visitor, project: &Project, error: Option<&Error>) -> PageResult {
    let path = format!("/projects/{}", project.key);
    let held = projects::holds(app, &project.key).await?;
    let content = html! {
        @if let Some(error) = error { (refused(error, &Filled::default(), &[])) }
        @if let Some(held) = &held {
            @if error.is_none() { (notice(Tone::Warn, html! { p { (whole(held)) } })) }
            p { a href={ (path) "/settings" } { (word("page.connect.back")) } }
        } @else {
            p { (word("page.project.delete.what")) }
            form method="post" action={ (path) "/delete" } {
                (csrf(visitor)) (version(project.version))
                div.actions {
                    button.danger { (word("page.connect.delete")) } " "
                    a href={ (path) "/settings" } { (word("page.connect.cancel")) }
                }
            }
        }
    };
    Ok(console(visitor, &with("page.connect.delete.named", "name", &project.name), content))
}

/// Does it.
pub(super) async fn delete(
    State(app): State<App>,
    Path(key): Path<String>,
    AdministratorForm(sent): AdministratorForm,
) -> PageResult {
    let project = read(&app, &key).await?;
    match projects::delete(&app, &sent.visitor.actor, &project.key, &sent.expect()).await {
        Ok(()) => Ok(on_to("/projects", "deleted")),
        Err(error) => {
            let shown = asked(&app, &sent.visitor, &project, Some(&error)).await?;
            Ok(page::again(shown, error))
        }
    }
}
