//! Projects: create, list, read, rename, and delete where nothing is tied to them.

use std::pin::pin;

use futures::{StreamExt, TryStreamExt, stream};

use crate::{
    App, Error, Kind, Result, Sentence,
    error::FieldErrors,
    flows::{
        change::{Committed, Deed, Diff, Expect, Once, Undone, made_before},
        messages,
    },
    ports::{Change, Why, Write},
    request,
    types::{
        Page, PageRequest, Version,
        audit::Actor,
        handler,
        mailbox::Mailbox,
        name::Name,
        project::{Project, ProjectKey, Ties},
    },
};

/// How many mailboxes are read at a time.
const AT_ONCE: usize = 16;

request! {
    /// What makes a project, and what changes it: then absent fields stay.
    #[schema(as = NewProject)]
    pub struct ProjectInput {
        @once {
            /// 1 to 10 capital letters, digits or `_`, beginning with a letter; unique.
            #[schema(value_type = String, required, pattern = "^[A-Z][A-Z0-9_]{0,9}$")]
            key: String,
        }
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

/// Changes its name; the key stays.
pub async fn patch(
    app: &App,
    actor: &Actor,
    key: &ProjectKey,
    expect: &Expect,
    input: ProjectInput,
) -> Result<Project> {
    let old = get(app, key).await?;
    expect.check(old.version)?;
    let mut errors = FieldErrors::default();
    let present = Some(old.name.clone());
    let name = input.name.required(&mut errors, "/name", present, |text| Name::new(&text));
    let name = errors.finish_with(name)?;
    if name == old.name {
        return Ok(old);
    }
    let new = Project { name, version: old.version.next(), ..old.clone() };
    Deed::new(app, actor, "project.changed", key)
        .tells(Diff::default().field("name", &old.name, &new.name))
        .change(Change::Project(Write::Replace { new: new.clone(), old }))
        .commit()
        .await?;
    Ok(new)
}

/// Deletes a project that nothing is tied to: no issue was ever made in it, no mailbox and no handler names it, and no mails
/// were imported into it. What comes meanwhile finds it gone, or keeps it.
pub async fn delete(app: &App, actor: &Actor, key: &ProjectKey, expect: &Expect) -> Result<()> {
    let read = app.store.project_and_ties(key).await?;
    let (old, ties) = read.ok_or_else(|| Error::not_found("project"))?;
    expect.check(old.version)?;
    // Mailboxes after the ties: one that begins to name it since has changed them.
    if let Some(held) = held(app, key, &ties).await? {
        return Err(Error::told(Kind::Conflict, held));
    }
    Deed::new(app, actor, "project.deleted", key)
        .tells(Diff::default().field("name", &old.name, ""))
        .change(Change::ProjectGone { old, named: ties.named })
        .commit()
        .await
        .map_err(|undone| match undone {
            Undone::Refused(Why::InUse) => Error::told(Kind::Conflict, "in_use.project"),
            undone => undone.into(),
        })?;
    Ok(())
}

/// What holds a project, as a sentence; None where nothing does.
pub async fn holds(app: &App, key: &ProjectKey) -> Result<Option<Sentence>> {
    match app.store.project_and_ties(key).await? {
        Some((_, ties)) => held(app, key, &ties).await,
        None => Ok(None),
    }
}

async fn held(app: &App, key: &ProjectKey, ties: &Ties) -> Result<Option<Sentence>> {
    if ties.numbers > 0 {
        return Ok(Some("in_use.project_issues".into()));
    }
    if ties.imported || messages::imported_into(app, key).await? {
        return Ok(Some("in_use.project_files".into()));
    }
    let Some(mailbox) = named_by(app, key).await? else {
        return Ok((ties.mailboxes > 0).then(|| "in_use.project".into()));
    };
    let how = if mailbox.project == *key { "in_use.project_mailbox" } else { "in_use.project_handlers" };
    Ok(Some(Sentence::new(how).with("name", &mailbox.name)))
}

/// A mailbox that names a project itself or in its handlers. Read strongly consistent: the schedule has a row of each.
async fn named_by(app: &App, key: &ProjectKey) -> Result<Option<Mailbox>> {
    let rows = app.store.schedule().await?;
    let read = rows.into_iter().map(|row| app.store.mailbox(row.mailbox_id));
    let named = stream::iter(read).buffered(AT_ONCE).try_filter_map(|mailbox| async move {
        Ok(mailbox.filter(|m| m.project == *key || handler::projects(&m.handlers).contains(key)))
    });
    pin!(named).try_next().await
}
