//! Projects.

use axum::extract::State;
use intake::{
    App,
    flows::projects::{self, ProjectInput},
    types::project::{Project, ProjectKey},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::calls::calls;
use crate::{
    answer::{self, List, Time},
    auth::{Administrator, Reader},
    error::ApiResult,
    extract::{Body, Id, IdempotencyKey, IfMatch, IfMatchHeader, Paging, Params, Patch},
};

calls!(list_projects, create_project, get_project, patch_project, delete_project);

/// A project: where issues live.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Project)]
struct View {
    key: String,
    name: String,
    created_at: Time,
}

fn view(project: Project) -> View {
    View {
        key: project.key.to_string(),
        name: project.name.to_string(),
        created_at: Time(project.created_at),
    }
}

/// Creates a project.
#[utoipa::path(post, path = "/projects", tag = "projects",
    params(IdempotencyKey), request_body = ProjectInput, responses((status = 201, body = View)))]
async fn create_project(
    State(app): State<App>,
    Administrator(actor): Administrator,
    body: Body<ProjectInput>,
) -> ApiResult {
    let once = body.once(&app, &actor)?;
    let project = projects::create(&app, &actor, body.value, once.as_ref()).await?;
    let path = format!("/api/v1/projects/{}", project.key);
    Ok(answer::created(&path, project.version, &view(project)))
}

type ProjectPatch = Patch<ProjectInput>;

/// Renames a project.
#[utoipa::path(patch, path = "/projects/{key}", tag = "projects",
    params(("key" = String, Path, description = "SUP"), IfMatchHeader),
    request_body = ProjectPatch, responses((status = 200, body = View)))]
async fn patch_project(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Id(key): Id<ProjectKey>,
    IfMatch(expect): IfMatch,
    body: Body<ProjectPatch>,
) -> ApiResult {
    let project = projects::patch(&app, &actor, &key, &expect, body.value.0).await?;
    Ok(answer::versioned(project.version, &view(project)))
}

/// Deletes a project that nothing is tied to. 409 `in_use` where an issue was ever made in it, mails were imported into it
/// from files, or a mailbox or one of its handlers names it; the sentence says which.
#[utoipa::path(delete, path = "/projects/{key}", tag = "projects",
    params(("key" = String, Path, description = "SUP"), IfMatchHeader), responses((status = 204)))]
async fn delete_project(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Id(key): Id<ProjectKey>,
    IfMatch(expect): IfMatch,
) -> ApiResult {
    projects::delete(&app, &actor, &key, &expect).await?;
    Ok(answer::no_content())
}

/// All projects, by key.
#[utoipa::path(get, path = "/projects", tag = "projects",
    params(Paging), responses((status = 200, body = List<View>)))]
async fn list_projects(State(app): State<App>, _: Reader, params: Params) -> ApiResult {
    answer::part!(params.page()?, page => projects::list(&app, &page).await, item => view(item))
}

/// One project.
#[utoipa::path(get, path = "/projects/{key}", tag = "projects",
    params(("key" = String, Path, description = "SUP")), responses((status = 200, body = View)))]
async fn get_project(State(app): State<App>, _: Reader, Id(key): Id<ProjectKey>) -> ApiResult {
    let project = projects::get(&app, &key).await?;
    Ok(answer::versioned(project.version, &view(project)))
}
