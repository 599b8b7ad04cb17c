//! The projects: which there are, how much waits in each, and a form that makes one.

use axum::extract::{RawQuery, State};
use futures::{StreamExt, TryStreamExt, stream};
use intake::{
    App, Error,
    flows::{
        issues,
        projects::{self, ProjectInput},
    },
    ports::IssueFilter,
    types::{
        PageRequest,
        audit::Role,
        issue::IssueStatus,
        project::{Project, ProjectKey},
    },
};
use maud::{Markup, html};

use super::{
    super::frame::{
        console::{console, csrf},
        fields::{Filled, Line},
        form::{AdministratorForm, Form},
        page::{PageResult, again},
        parts::{card, done, empty, on_to, once, pager, refused, table},
        visitor::{Reader, Visitor},
        words::{ago, number, word, word_for},
    },
    looking::Looking,
};

/// Projects of one page.
const ON_A_PAGE: u32 = 50;
/// So far issues are counted.
pub(super) const COUNTED: u32 = 100;
/// How many projects are counted at a time.
const AT_ONCE: usize = 8;

/// All projects.
pub(super) async fn page(
    State(app): State<App>,
    Reader(visitor): Reader,
    RawQuery(query): RawQuery,
) -> PageResult {
    let query = query.unwrap_or_default();
    let form = form(&app, &visitor, &Filled::default(), None);
    shown(&app, &visitor, &query, form).await
}

/// Makes one.
pub(super) async fn create(State(app): State<App>, AdministratorForm(form): AdministratorForm) -> PageResult {
    match made(&app, &form).await {
        Ok(project) => Ok(on_to(&format!("/projects/{}", project.key), "created")),
        Err(error) => {
            let filled = Filled::again(&form, &error);
            let form_again = self::form(&app, &form.visitor, &filled, Some(&error));
            Ok(again(shown(&app, &form.visitor, "", form_again).await?, error))
        }
    }
}

async fn made(app: &App, form: &Form) -> Result<Project, Error> {
    let once = form.once(app, "post /projects")?;
    projects::create(app, &form.visitor.actor, form.request::<ProjectInput>()?, once.as_ref()).await
}

async fn shown(app: &App, visitor: &Visitor, query: &str, form: Markup) -> PageResult {
    let cursor = Looking::of(query).cursor;
    let is_first = cursor.is_none();
    let read = projects::list(app, &PageRequest { limit: ON_A_PAGE, cursor }).await;
    let counted = async {
        let page = read?;
        let rows = stream::iter(page.items).map(|project| row(app, project)).buffered(AT_ONCE);
        Ok::<_, Error>((rows.try_collect::<Vec<_>>().await?, page.next))
    };
    let (rows, next) = counted.await?;
    Ok(console(
        visitor,
        &word("page.projects"),
        html! {
            (done(query))
            (listed(visitor, rows))
            (pager("/projects", &[], is_first, next.as_deref()))
            (form)
        },
    ))
}

fn listed(visitor: &Visitor, rows: Vec<Vec<Markup>>) -> Markup {
    if rows.is_empty() {
        let more =
            if visitor.may(Role::Administrator) { "page.no_project.begin" } else { "page.no_project.wait" };
        return empty(&[word("page.no_project"), word(more)].join(" "), None);
    }
    let columns = ["key", "project", "open", "in_progress", "since"]
        .map(|column| word_for("page.issue_column", column));
    html! { section.card { (table(&word("page.projects"), &columns, rows)) } }
}

async fn row(app: &App, project: Project) -> Result<Vec<Markup>, Error> {
    let key = &project.key;
    let (open, in_progress) =
        futures::try_join!(waiting(app, key, IssueStatus::Open), waiting(app, key, IssueStatus::InProgress))?;
    let count = |n: u64, status: IssueStatus| {
        let looking = Looking { status: Some(status), ..Looking::default() };
        html! { a href=(looking.address(key)) { (told(n)) } }
    };
    Ok(vec![
        html! { span.faint { (key) } },
        html! { a.strong dir="auto" href={ "/projects/" (key) } { (project.name) } },
        count(open, IssueStatus::Open),
        count(in_progress, IssueStatus::InProgress),
        ago(project.created_at, app.now()),
    ])
}

/// How many issues of a project are in this state.
pub(super) async fn waiting(app: &App, project: &ProjectKey, status: IssueStatus) -> Result<u64, Error> {
    issues::count(app, &IssueFilter::Project(project.clone(), Some(status)), COUNTED).await
}

/// A count; behind the last one counted there may be more.
pub(super) fn told(n: u64) -> String {
    if n >= COUNTED.into() { format!("{}+", number(n)) } else { number(n) }
}

fn form(app: &App, visitor: &Visitor, filled: &Filled, error: Option<&Error>) -> Markup {
    if !visitor.may(Role::Administrator) {
        return html! {};
    }
    card(
        &word("page.project.new"),
        html! {
            @if let Some(error) = error { (refused(error, filled, &["/key", "/name"])) }
            form method="post" action="/projects" {
                (csrf(visitor)) (once(app))
                div.form-columns {
                    (filled.line("/key", "project_key", Line::Required))
                    (filled.line("/name", "project_name", Line::Required))
                }
                button { (word("page.project.create")) }
            }
        },
    )
}
