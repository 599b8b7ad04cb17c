//! Projects: create, list, read.

use crate::{
    App, Error, Kind, Result, Sentence,
    error::FieldErrors,
    flows::change::{Committed, Deed, Diff, Once, Undone, made_before},
    ports::{Change, Why, Write},
    request,
    types::{
        Page, PageRequest, Version,
        audit::Actor,
        name::Name,
        project::{Project, ProjectKey},
    },
};

request! {
    /// What makes a project.
    #[schema(as = NewProject)]
    pub struct ProjectInput {
        /// 1 to 10 capital letters, digits or `_`, beginning with a letter; unique.
        #[schema(value_type = String, required, pattern = "^[A-Z][A-Z0-9_]{0,9}$")]
        key: String,
        /// 1 to 100 characters.
        #[schema(value_type = String, required, min_length = 1, max_length = 100)]
        name: String,
    }
}

/// Makes a project.
pub async fn create(app: &App, actor: &Actor, input: ProjectInput, once: Option<&Once>) -> Result<Project> {
    if let Some(object) = made_before(app, once).await? {
        return by_text(app, &object).await;
    }
    let mut errors = FieldErrors::default();
    let key = input.key.required(&mut errors, "/key", None, |text| ProjectKey::new(&text));
    let name = input.name.required(&mut errors, "/name", None, |text| Name::new(&text));
    let (key, name) = errors.finish_with(key.zip(name))?;
    let project = Project { key, version: Version::FIRST, name, created_at: app.now() };
    let committed = Deed::new(app, actor, "project.created", &project.key)
        .tells(Diff::default().field("key", "", &project.key).field("name", "", &project.name))
        .change(Change::Project(Write::Create(project.clone())))
        .once(once)
        .commit()
        .await
        .map_err(|undone| key_taken(undone, &project.key))?;
    match committed {
        Committed::Now => Ok(project),
        Committed::Before(object) => by_text(app, &object).await,
    }
}

/// The store tells only that something of it is taken.
fn key_taken(undone: Undone, key: &ProjectKey) -> Error {
    let sentence = match undone {
        Undone::Refused(Why::NameTaken) => "name_taken.project",
        Undone::Refused(Why::Exists) => "exists.project",
        undone => return undone.into(),
    };
    Error::told(Kind::Conflict, Sentence::new(sentence).with("key", key)).at("/key", "field.taken")
}

async fn by_text(app: &App, key: &str) -> Result<Project> {
    get(app, &ProjectKey::new(key).map_err(|_| Error::not_found("project"))?).await
}

/// All projects, by key.
pub async fn list(app: &App, page: &PageRequest) -> Result<Page<Project>> {
    app.store.projects(page).await
}

/// One project.
pub async fn get(app: &App, key: &ProjectKey) -> Result<Project> {
    app.store.project(key).await?.ok_or_else(|| Error::not_found("project"))
}
