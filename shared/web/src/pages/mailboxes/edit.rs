//! The form of a mailbox: making one, and changing it.

use axum::extract::{RawQuery, State};
use intake::{
    App, Error, explain,
    flows::{
        mailboxes::{self, MailboxInput, Shown},
        projects,
    },
    json, lists,
    types::{
        host::MailHost,
        ids::MailboxId,
        mailbox::{MailAuth, Mailbox, Start},
    },
};
use maud::{Markup, html};
use serde_json::{Map, Value, json};

use super::{
    super::frame::{
        console::{console, csrf},
        fields::{Choice, Filled, Line},
        form::{AdministratorForm, Form},
        page::{PageResult, again},
        parts::{Tone, card, notice, on_to, once, refused, version},
        visitor::{Administrator, Visitor},
        words::{word, word_for},
    },
    common::{Of, back, day_begins, day_of, path_of, seen},
    sign_in::{BY, PASSWORD, Ways, at_choice, chosen},
};

/// The fields of the form, by their pointers.
const FIELDS: [&str; 21] = [
    "/name",
    "/protocol",
    "/host",
    "/port",
    "/tls",
    "/folder",
    BY,
    "/auth/username",
    "/auth/password",
    "/poll_interval_seconds",
    "/start/mode",
    "/start/since",
    "/project",
    "/after_import/action",
    "/after_import/folder",
    "/sender_policy/on_fail",
    "/sender_policy/on_none",
    "/sender_policy/trusted_authserv_ids",
    "/rate_limits",
    "/enabled",
    "/handlers",
];

/// What a choice may be, beside the mailbox.
struct Choices {
    ways: Vec<Choice>,
    projects: Vec<Choice>,
}

impl Choices {
    async fn read(app: &App) -> Result<Self, Error> {
        let mut ways = Ways::read(app).await?.choices();
        ways.push(Choice::new(PASSWORD, word("page.mailbox.way.password")));
        let projects = lists::all(|page| async move { projects::list(app, &page).await }).await?;
        let project = |project: &intake::types::project::Project| {
            Choice::new(project.key.to_string(), format!("{} ({})", project.name, project.key))
        };
        Ok(Self { ways, projects: projects.iter().map(project).collect() })
    }
}

/// The form of a new mailbox.
pub(super) async fn new(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    RawQuery(_): RawQuery,
) -> PageResult {
    answer_new(&app, &visitor, &Filled::with(usual()), html! {}).await
}

/// What most mailboxes have.
fn usual() -> Value {
    json!({
        "protocol": "imap", "port": 993, "tls": "implicit", "poll_interval_seconds": 60,
        "start": { "mode": "new_only" }, "after_import": { "action": "none" }, "enabled": true,
        "sender_policy": { "on_fail": "mark", "on_none": "accept" },
        "rate_limits": { "per_sender": 30, "per_subject": 5, "per_thread": 20, "per_mailbox": 200 },
    })
}

/// Makes a mailbox.
pub(super) async fn create(State(app): State<App>, AdministratorForm(form): AdministratorForm) -> PageResult {
    let made = async {
        let once = form.once(&app, "/mailboxes/new")?;
        mailboxes::create(&app, &form.visitor.actor, input(&form, None)?, once.as_ref()).await
    };
    match made.await {
        Ok(made) => Ok(on_to(&path_of(made.mailbox.id, ""), "created")),
        Err(error) => {
            let (filled, told) = wrong(&form, error.clone());
            Ok(again(answer_new(&app, &form.visitor, &filled, told).await?, error))
        }
    }
}

/// The form of a mailbox that is there.
pub(super) async fn page(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    Of(id): Of,
) -> PageResult {
    answer_of(&app, &visitor, id, None, html! {}).await
}

/// Changes a mailbox.
pub(super) async fn change(
    State(app): State<App>,
    Of(id): Of,
    AdministratorForm(form): AdministratorForm,
) -> PageResult {
    let changed = async {
        let of = mailboxes::get(&app, id).await?;
        let input = input(&form, Some(&of.mailbox))?;
        mailboxes::patch(&app, &form.visitor.actor, id, &form.expect(), input).await
    };
    match changed.await {
        Ok(_) => Ok(on_to(&path_of(id, ""), "saved")),
        Err(error) => {
            let (filled, told) = wrong(&form, error.clone());
            let page = answer_of(&app, &form.visitor, id, Some((&form, filled)), told).await;
            Ok(again(page?, error))
        }
    }
}

fn wrong(form: &Form, error: Error) -> (Filled, Markup) {
    let error = at_choice(error);
    let filled = Filled::again(form, &error);
    let told = refused(&error, &filled, &FIELDS);
    (filled, told)
}

/// What the fields mean to the API. What is left over of a choice that was not made is left out.
fn input(form: &Form, present: Option<&Mailbox>) -> Result<MailboxInput, Error> {
    let mut body = form.body();
    let text = |body: &Value, pointer: &str| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    if let Some(Value::Object(auth)) = body.get_mut("auth") {
        sign_in(auth);
    }
    if text(&body, "/start/mode").as_deref() != Some("since") {
        forget(&mut body, "start", "since");
    } else if let Some(day) = text(&body, "/start/since") {
        // A time of that day stays as it is.
        let same = present.and_then(|there| match there.start {
            Start::Since { since } => Some(since).filter(|since| day_of(*since) == day),
            _ => None,
        });
        if let Some(since) = same.or_else(|| day_begins(&day)) {
            body["start"]["since"] = json!(since);
        }
    }
    if text(&body, "/after_import/action").as_deref() != Some("move") {
        forget(&mut body, "after_import", "folder");
    }
    if text(&body, "/protocol").as_deref() == Some("pop3") {
        body["folder"] = Value::Null;
    }
    json::part(body)
}

fn forget(body: &mut Value, object: &str, field: &str) {
    if let Some(Value::Object(fields)) = body.get_mut(object) {
        fields.remove(field);
    }
}

fn sign_in(auth: &mut Map<String, Value>) {
    chosen(auth);
    let by_password = auth.get("method").and_then(Value::as_str) == Some(PASSWORD);
    if by_password {
        // A login name there must be: none typed is none given.
        auth.retain(|name, value| name != "username" || !value.is_null());
    } else {
        auth.remove("password");
    }
}

/// The form with what there is.
fn filled(of: &Shown) -> Filled {
    let mut told = serde_json::to_value(of.told()).unwrap_or_default();
    let (by, typed) = match &of.mailbox.auth {
        MailAuth::Password { username, .. } => (PASSWORD.to_owned(), Some(username.clone())),
        MailAuth::OAuth2 { grant_id: Some(id), username, .. } => (id.to_string(), username.clone()),
        MailAuth::OAuth2 { integration_id, username, .. } => (integration_id.to_string(), username.clone()),
    };
    told["auth"] = json!({ "by": by, "username": typed });
    if let Start::Since { since } = of.mailbox.start {
        told["start"]["since"] = json!(day_of(since));
    }
    Filled::with(told)
}

async fn answer_new(app: &App, visitor: &Visitor, filled: &Filled, above: Markup) -> PageResult {
    let choices = Choices::read(app).await?;
    let content = html! {
        p { a href="/mailboxes" { (word("page.mailbox.list")) } }
        (above)
        @if choices.projects.is_empty() {
            (notice(Tone::Warn, html! { p { (word("page.mailbox.no_project")) " " a href="/projects" { (word("page.projects")) } } }))
        }
        form method="post" action="/mailboxes/new" {
            (csrf(visitor)) (once(app))
            (fields(filled, &choices, false))
            div.actions { button { (word("page.mailbox.create")) } a.button.second href="/mailboxes" { (word("page.mailbox.cancel")) } }
        }
    };
    Ok(console(visitor, &word("page.mailbox.new"), content))
}

async fn answer_of(
    app: &App,
    visitor: &Visitor,
    id: MailboxId,
    sent: Option<(&Form, Filled)>,
    above: Markup,
) -> PageResult {
    let (of, choices) = (mailboxes::get(app, id).await?, Choices::read(app).await?);
    let seen = seen(sent.as_ref().map(|(form, _)| *form), &of);
    let filled = sent.map_or_else(|| filled(&of), |(_, filled)| filled);
    let content = html! {
        (back(&of))
        (above)
        form method="post" action=(path_of(id, "edit")) {
            (csrf(visitor)) (version(seen))
            (fields(&filled, &choices, true))
            div.actions { button { (word("page.mailbox.save")) } a.button.second href=(path_of(id, "")) { (word("page.mailbox.cancel")) } }
        }
    };
    Ok(console(visitor, &word("page.mailbox.edit"), content))
}

fn fields(filled: &Filled, choices: &Choices, is_there: bool) -> Markup {
    html! {
        (card(&word("page.mailbox.part.server"), html! {
            (filled.line("/name", "mailbox_name", Line::Required))
            div.form-columns {
                (filled.choice("/protocol", "mailbox_protocol", &words("page.mailbox_protocol", &["imap", "pop3"])))
                (filled.choice("/tls", "mailbox_tls", &words("page.mailbox_tls", &["implicit", "starttls", "none"])))
                (filled.line("/host", "mailbox_host", Line::Required))
                (filled.line("/port:number", "mailbox_port", Line::Number))
                (filled.line("/folder:null", "mailbox_folder", Line::Optional))
            }
        }))
        (card(&word("page.mailbox.part.sign_in"), html! {
            (outdated(filled))
            @if is_there { p.hint { (word("page.mailbox.way.history")) } }
            (filled.choice(BY, "mailbox_way", &choices.ways))
            div.form-columns {
                (filled.line("/auth/username:null", "mailbox_username", Line::Optional))
                (filled.line("/auth/password:secret", if is_there { "mailbox_password_again" } else { "mailbox_password" }, Line::Secret))
            }
        }))
        (card(&word("page.mailbox.part.import"), html! {
            div.form-columns {
                (filled.choice("/project", "mailbox_project", &choices.projects))
                (filled.line("/poll_interval_seconds:number", "mailbox_interval", Line::Number))
                (filled.choice("/start/mode", "mailbox_start", &words("page.mailbox_start", &["new_only", "since", "all"])))
                (filled.line("/start/since", "mailbox_since", Line::Day))
                (filled.choice("/after_import/action", "mailbox_after", &words("page.mailbox_after", &["none", "mark_seen", "move", "delete"])))
                (filled.line("/after_import/folder", "mailbox_after_folder", Line::Optional))
            }
            (filled.check("/enabled:bool", "mailbox_enabled"))
        }))
        (card(&word("page.mailbox.part.senders"), html! {
            div.form-columns {
                (filled.choice("/sender_policy/on_fail", "mailbox_on_fail", &words("page.mailbox_treatment", &TREATMENTS)))
                (filled.choice("/sender_policy/on_none", "mailbox_on_none", &words("page.mailbox_treatment", &TREATMENTS)))
            }
            (filled.area("/sender_policy/trusted_authserv_ids:lines", "mailbox_trusted", 2))
        }))
        (card(&word("page.mailbox.part.rates"), html! {
            p.hint { (word("page.mailbox.rates")) }
            div.form-columns.narrow-fields {
                (filled.line("/rate_limits/per_sender:number", "mailbox_per_sender", Line::Number))
                (filled.line("/rate_limits/per_subject:number", "mailbox_per_subject", Line::Number))
                (filled.line("/rate_limits/per_thread:number", "mailbox_per_thread", Line::Number))
                (filled.line("/rate_limits/per_mailbox:number", "mailbox_per_mailbox", Line::Number))
            }
        }))
    }
}

/// What may be done about a sender.
const TREATMENTS: [&str; 4] = ["accept", "mark", "hold", "ignore"];

fn words(family: &'static str, of: &[&str]) -> Vec<Choice> {
    of.iter().map(|word| Choice::new(*word, word_for(family, word))).collect()
}

/// A password goes to a provider that wants OAuth 2.0.
fn outdated(filled: &Filled) -> Markup {
    let host = MailHost::new(&filled.text("/host")).ok();
    let provider = host.filter(|_| filled.text(BY) == PASSWORD).and_then(|host| explain::provider_of(&host));
    html! {
        @if let Some(provider) = provider {
                        (notice(Tone::Warn, html! { p { strong { (word_for("page.mailbox_password", provider.as_str())) } } }))
        }
    }
}
