//! What agents do to an issue: change it, close it or open it again, and comment on it.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use intake::{
    App, Error, Kind,
    flows::{
        comments::{self, CommentInput},
        issues::{self, IssueInput},
    },
    types::{
        given::Given,
        issue::{Issue, IssueStatus},
        project::IssueKey,
    },
};
use maud::html;
use serde_json::Value;

use super::{
    super::frame::{
        fields::Filled,
        form::{AgentForm, Form},
        page::{PageResult, again},
        parts::{Tone, notice, on_to, refused},
        visitor::own_page,
        words::word,
    },
    details,
    issue::{Shown, key_of, whole},
};

/// Changes what people set.
pub(super) async fn change(
    State(app): State<App>,
    Path(key): Path<String>,
    AgentForm(form): AgentForm,
) -> PageResult {
    let key = key_of(&key)?;
    let Err(error) = patched(&app, &key, &form).await else { return Ok(to(&key, "saved")) };
    let issue = issues::get(&app, &key).await?;
    let (now, typed) = (details::fields(&issue), form.body());
    let was_changed = is_stale(&error);
    if was_changed && details::is_there(&typed, &now) {
        return Ok(to(&key, "saved"));
    }
    let details = if was_changed {
        let was = form.text("was").and_then(|was| serde_json::from_str(was).ok()).unwrap_or(Value::Null);
        let (merged, differences) = details::over(&was, &typed, &now);
        (Filled::with(merged), details::meanwhile(&differences))
    } else {
        let filled = Filled::again(&form, &error);
        let wrong = details::wrong(&filled, &error);
        (filled, wrong)
    };
    let shown = Shown { details: Some(details), ..Shown::default() };
    once_more(&app, &form, &issue, shown, error).await
}

async fn patched(app: &App, key: &IssueKey, form: &Form) -> Result<Issue, Error> {
    issues::patch(app, &form.visitor.actor, key, &form.expect(), form.request::<IssueInput>()?).await
}

fn is_stale(error: &Error) -> bool {
    matches!(error.kind, Kind::Stale | Kind::Conflict)
}

/// Closes an issue or opens it again; then back to the list, where the button stood there.
pub(super) async fn move_on(
    State(app): State<App>,
    Path(key): Path<String>,
    AgentForm(form): AgentForm,
) -> PageResult {
    let key = key_of(&key)?;
    let wanted = form.text("/status").unwrap_or_default().to_owned();
    let input = IssueInput { status: Given::Value(wanted.clone()), ..IssueInput::default() };
    let Err(error) = issues::patch(&app, &form.visitor.actor, &key, &form.expect(), input).await else {
        return Ok(moved(&key, &form, &wanted));
    };
    let issue = issues::get(&app, &key).await?;
    // The second click of two, or somebody else was as quick.
    if is_stale(&error) && issue.status.as_str() == wanted {
        return Ok(moved(&key, &form, &wanted));
    }
    let said = match is_stale(&error) {
        true => notice(Tone::Bad, html! { p { (word("page.issue.moved_meanwhile")) } }),
        false => refused(&error, &Filled::again(&form, &error), &[]),
    };
    let shown = Shown { notice: Some(said), ..Shown::default() };
    once_more(&app, &form, &issue, shown, error).await
}

fn moved(key: &IssueKey, form: &Form, wanted: &str) -> Response {
    let what = if wanted == IssueStatus::Closed.as_str() { "closed" } else { "reopened" };
    let Some(then) = form.text("then").and_then(own_page) else { return to(key, what) };
    let join = if then.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{then}{join}done={what}")).into_response()
}

/// Adds a comment, which nobody but those who sign in here sees.
pub(super) async fn comment(
    State(app): State<App>,
    Path(key): Path<String>,
    AgentForm(form): AgentForm,
) -> PageResult {
    let key = key_of(&key)?;
    let Err(error) = commented(&app, &key, &form).await else { return Ok(to(&key, "commented")) };
    let issue = issues::get(&app, &key).await?;
    let comment = Some((Filled::again(&form, &error), error.clone()));
    once_more(&app, &form, &issue, Shown { comment, ..Shown::default() }, error).await
}

async fn commented(app: &App, key: &IssueKey, form: &Form) -> Result<(), Error> {
    let once = form.once(app, &format!("post /issues/{key}/comments"))?;
    let input = form.request::<CommentInput>()?;
    comments::create(app, &form.visitor.actor, key, input, once.as_ref()).await.map(drop)
}

fn to(key: &IssueKey, what: &str) -> Response {
    on_to(&format!("/issues/{key}"), what)
}

/// The page again, with what was typed and why it was not done.
async fn once_more(app: &App, form: &Form, issue: &Issue, shown: Shown, error: Error) -> PageResult {
    Ok(again(whole(app, &form.visitor, issue, "", shown).await?, error))
}
