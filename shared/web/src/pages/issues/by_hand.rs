//! An issue that an agent makes: what somebody told them by telephone, or what came to their mind.

use axum::{
    extract::{Path, State},
    response::Response,
};
use intake::{
    App, Error,
    flows::{
        issues::{self, IssueInput},
        projects,
    },
    types::{
        given::Given,
        issue::Issue,
        project::{Project, ProjectKey},
    },
};
use maud::{Markup, html};

use super::super::frame::{
    console::{console, csrf},
    fields::{Filled, Line},
    form::{AgentForm, Form},
    page::{PageResult, again},
    parts::{on_to, once, refused},
    visitor::{Agent, Visitor},
    words::word,
};

/// The fields of the form.
const FIELDS: [&str; 9] = [
    "/summary",
    "/description_text",
    "/reporter/name",
    "/reporter/address",
    "/assignee",
    "/priority",
    "/type",
    "/labels",
    "/watchers",
];

/// The form.
pub(super) async fn page(
    State(app): State<App>,
    Agent(visitor): Agent,
    Path(key): Path<String>,
) -> PageResult {
    let project = project(&app, &key).await?;
    Ok(shown(&app, &visitor, &project, &Filled::default(), None))
}

/// Makes the issue.
pub(super) async fn create(
    State(app): State<App>,
    Path(key): Path<String>,
    AgentForm(form): AgentForm,
) -> PageResult {
    let project = project(&app, &key).await?;
    match made(&app, &project, &form).await {
        Ok(issue) => Ok(on_to(&format!("/issues/{}", issue.key), "created")),
        Err(error) => {
            let filled = Filled::again(&form, &error);
            Ok(again(shown(&app, &form.visitor, &project, &filled, Some(&error)), error))
        }
    }
}

async fn project(app: &App, key: &str) -> Result<Project, Error> {
    projects::get(app, &ProjectKey::new(key).map_err(|_| Error::not_found("project"))?).await
}

async fn made(app: &App, project: &Project, form: &Form) -> Result<Issue, Error> {
    let once = form.once(app, &format!("post /projects/{}/new", project.key))?;
    let input = IssueInput { project: Given::Value(project.key.to_string()), ..form.request()? };
    issues::create(app, &form.visitor.actor, input, once.as_ref()).await
}

fn shown(
    app: &App,
    visitor: &Visitor,
    project: &Project,
    filled: &Filled,
    error: Option<&Error>,
) -> Response {
    let content = html! {
        p.about { a href={ "/projects/" (project.key) } { bdi { (project.name) } } }
        @if let Some(error) = error { (refused(error, filled, &FIELDS)) }
        form.card method="post" action={ "/projects/" (project.key) "/new" } {
            (csrf(visitor)) (once(app))
            (fields(filled))
            div.actions {
                button { (word("page.issue.create")) }
                a.button.second href={ "/projects/" (project.key) } { (word("page.issue.cancel")) }
            }
        }
    };
    console(visitor, &word("page.issue.new"), content)
}

fn fields(filled: &Filled) -> Markup {
    html! {
        (filled.line("/summary", "issue_summary", Line::Required))
        (filled.area("/description_text:text", "issue_text", 8))
        div.form-columns {
            (filled.line("/reporter/name", "reporter_name", Line::Optional))
            (filled.line("/reporter/address", "reporter_address", Line::Address))
            (filled.line("/assignee", "issue_assignee", Line::Optional))
            (filled.line("/priority", "issue_priority", Line::Optional))
            (filled.line("/type", "issue_type", Line::Optional))
        }
        div.form-columns {
            (filled.area("/labels:lines", "issue_labels", 3))
            (filled.area("/watchers:lines", "issue_watchers", 3))
        }
    }
}
