//! What an administrator asks of a mailbox: each is a form, and what came of it stands above the mailbox.

use std::time::Duration;

use axum::{extract::State, response::Redirect};
use intake::{
    App, Error, Kind,
    flows::{
        audit,
        authorize::{self, AuthorizationInput},
        mailboxes::{self, AuthInput, MailboxInput, Shown, StartInput},
        poll, probe, survey,
    },
    json,
    types::{given::Given, ids::MailboxId, mailbox::MailAuth},
};
use maud::Markup;
use serde_json::{Value, json};

use super::{
    super::frame::{
        fields::Filled,
        form::{AdministratorForm, Form},
        page::PageResult,
        parts::{on_to, tested},
    },
    common::{Of, day_begins, day_ends, path_of},
    report::{consent_begun, polled, previewed, reconciled, span_counted},
    show::{Above, answer, answer_refused},
    sign_in::{BY, Ways, at_choice, chosen},
};

/// The longest that each of these takes; what is left follows with the next.
const TIME: Duration = Duration::from_secs(20);

/// Whoever asks for the address of a form gets the mailbox.
pub(super) async fn back(Of(id): Of) -> Redirect {
    Redirect::to(&path_of(id, ""))
}

/// What was found stands above the mailbox; else why not.
async fn told(app: &App, form: &Form, id: MailboxId, found: Result<Markup, Error>) -> PageResult {
    let asked = || Filled::with(form.body());
    match found {
        Ok(told) => answer(app, &form.visitor, id, Above { told, asked: asked() }).await,
        Err(error) => {
            answer_refused(
                app,
                &form.visitor,
                id,
                at_choice(error.clone()),
                Filled::again(form, &at_choice(error)),
            )
            .await
        }
    }
}

/// What was done is told on the mailbox's page; else why not.
async fn done(
    app: &App,
    form: &Form,
    id: MailboxId,
    what: &str,
    outcome: Result<Shown, Error>,
) -> PageResult {
    match outcome {
        Ok(_) => Ok(on_to(&path_of(id, ""), what)),
        Err(error) => told(app, form, id, Err(error)).await,
    }
}

/// Tests the connection, step by step.
pub(super) async fn test(
    State(app): State<App>,
    Of(id): Of,
    AdministratorForm(form): AdministratorForm,
) -> PageResult {
    let found = probe::mailbox(&app, id).await.map(|report| tested(&report));
    told(&app, &form, id, found).await
}

/// Polls now.
pub(super) async fn poll_now(
    State(app): State<App>,
    Of(id): Of,
    AdministratorForm(form): AdministratorForm,
) -> PageResult {
    let found = async {
        mailboxes::get(&app, id).await?;
        audit::asked(&app, &form.visitor.actor, "mailbox.poll_requested", id).await?;
        poll::poll_now(&app, id, TIME).await.map(|report| polled(&report))
    };
    let found = found.await;
    told(&app, &form, id, found).await
}

/// Not polled any more, until it is resumed.
pub(super) async fn pause(
    State(app): State<App>,
    Of(id): Of,
    AdministratorForm(form): AdministratorForm,
) -> PageResult {
    let outcome = switched(&app, &form, id, false).await;
    done(&app, &form, id, "mailbox_paused", outcome).await
}

/// Polled again.
pub(super) async fn resume(
    State(app): State<App>,
    Of(id): Of,
    AdministratorForm(form): AdministratorForm,
) -> PageResult {
    let outcome = switched(&app, &form, id, true).await;
    done(&app, &form, id, "mailbox_resumed", outcome).await
}

async fn switched(app: &App, form: &Form, id: MailboxId, enabled: bool) -> Result<Shown, Error> {
    let input = MailboxInput { enabled: Given::Value(enabled), ..MailboxInput::default() };
    mailboxes::patch(app, &form.visitor.actor, id, &form.expect(), input).await
}

/// A link to the provider's consent page.
pub(super) async fn consent(
    State(app): State<App>,
    Of(id): Of,
    AdministratorForm(form): AdministratorForm,
) -> PageResult {
    let found = async {
        let of = mailboxes::get(&app, id).await?;
        let integration = of
            .mailbox
            .integration_id()
            .ok_or_else(|| Error::told(Kind::Conflict, "mailbox_needs_no_consent"))?;
        let once = form.once(&app, &path_of(id, "consent"))?;
        let input = AuthorizationInput {
            grant_id: of.mailbox.grant_id(),
            mailbox_id: Some(id),
            // It is shown to be sent to the mailbox's owner.
            valid_for: Some(authorize::LONGEST_LIFE),
            ..AuthorizationInput::default()
        };
        let begun = authorize::begin(&app, &form.visitor.actor, integration, input, once.as_ref()).await?;
        Ok(consent_begun(&begun))
    };
    let found = found.await;
    told(&app, &form, id, found).await
}

/// From a password to OAuth 2.0, with the same mailbox and its history.
pub(super) async fn change_over(
    State(app): State<App>,
    Of(id): Of,
    AdministratorForm(form): AdministratorForm,
) -> PageResult {
    let outcome = changed_over(&app, &form, id).await;
    done(&app, &form, id, "mailbox_changed_over", outcome).await
}

async fn changed_over(app: &App, form: &Form, id: MailboxId) -> Result<Shown, Error> {
    let of = mailboxes::get(app, id).await?;
    let by = form.text(BY).ok_or_else(|| Error::field(BY, "field.required"))?;
    let mut auth = json!({ "by": by });
    auth.as_object_mut().map(chosen);
    // Another account opens the mailbox that was opened so far.
    if let (MailAuth::Password { username, .. }, Some(account)) =
        (&of.mailbox.auth, Ways::read(app).await?.account(by))
        && username.contains('@')
        && !username.eq_ignore_ascii_case(account)
    {
        auth["username"] = Value::from(username.as_str());
    }
    let auth: AuthInput = json::part(auth)?;
    let input = MailboxInput { auth: Given::Value(auth), ..MailboxInput::default() };
    mailboxes::patch(app, &form.visitor.actor, id, &form.expect(), input).await
}

/// Counts what a first import would bring.
pub(super) async fn preview(
    State(app): State<App>,
    Of(id): Of,
    AdministratorForm(form): AdministratorForm,
) -> PageResult {
    let found = async {
        let start = match form.text("/mode") {
            None | Some("own") => None,
            Some("since") => {
                let day = form.text("/day").ok_or_else(|| Error::field("/day", "field.required"))?;
                let since = day_begins(day).ok_or_else(|| Error::field("/day", "field.another"))?;
                Some(json!({ "mode": "since", "since": since }))
            }
            Some(mode) => Some(json!({ "mode": mode })),
        };
        let start = start.map(json::part::<StartInput>).transpose()?;
        survey::preview(&app, id, start, TIME).await.map(|preview| previewed(&preview))
    };
    let found = found.await;
    told(&app, &form, id, found).await
}

/// Compares the server's list with the records, and imports what is missing where that is wanted.
pub(super) async fn reconcile(
    State(app): State<App>,
    Of(id): Of,
    AdministratorForm(form): AdministratorForm,
) -> PageResult {
    let import = form.text("import") == Some("true");
    let found = survey::reconcile(&app, &form.visitor.actor, id, import, TIME).await;
    let found = found.map(|found| reconciled(&form.visitor, id, &found));
    told(&app, &form, id, found).await
}

/// Counts the mails of a span of days, and imports them once their number was seen.
pub(super) async fn backfill(
    State(app): State<App>,
    Of(id): Of,
    AdministratorForm(form): AdministratorForm,
) -> PageResult {
    let found = async {
        let since = form.text("/since").ok_or_else(|| Error::field("/since", "field.required"))?;
        let until = form.text("/until");
        let begin = day_begins(since).ok_or_else(|| Error::field("/since", "field.another"))?;
        let end = until.map(|day| day_ends(day).ok_or_else(|| Error::field("/until", "field.another")));
        let end = end.transpose()?;
        let span = survey::span(begin, end).map_err(|_| Error::field("/until", "field.later_than_since"))?;
        if form.text("do") == Some("import") {
            let report = survey::backfill(&app, &form.visitor.actor, id, span, TIME).await?;
            return Ok(polled(&report));
        }
        let preview = survey::preview_span(&app, id, span, TIME).await?;
        Ok(span_counted(&form.visitor, id, &preview, (since, until.unwrap_or_default())))
    };
    let found = found.await;
    told(&app, &form, id, found).await
}
