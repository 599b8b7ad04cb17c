//! The mailbox in short: its server, folder, project, and where the import begins. `/mailboxes` has the rest.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use intake::{
    App, Error, Kind,
    error::FieldErrors,
    flows::{
        integrations,
        mailboxes::{self, MailboxInput, Shown, StartInput},
        projects::{self, ProjectInput},
    },
    json::{self, Unread},
    types::{
        PageRequest,
        given::Given,
        integration::Provider,
        mailbox::{Protocol, StartMode, Tls},
        presets::{self, Preset},
        project::{Project, ProjectKey},
    },
};
use jiff::civil::{Date, Time};
use maud::{Markup, html};
use serde_json::{Value, json};

use super::{
    server,
    shell::shown,
    trip::{Answer, Step, Trip},
    way,
};
use crate::{
    language,
    pages::frame::{
        console::csrf,
        fields::{Choice, Filled, Line},
        form::{AdministratorForm, Form},
        page::{PageResult, again},
        parts::{card, once, refused},
        visitor::{Administrator, Visitor},
        words::{word, word_for},
    },
};

/// The fields that the form shows.
const SHOWN: [&str; 12] = [
    "/name",
    "/protocol",
    "/host",
    "/port",
    "/tls",
    "/folder",
    "/auth/username",
    "/auth/password",
    "/start",
    "/project",
    "/new_project/key",
    "/new_project/name",
];
/// The most projects that are offered.
const OFFERED: u32 = 200;
/// The most characters of a project's key.
const MAX_KEY: usize = 10;

/// What the form depends on beside the answers.
struct Around {
    projects: Vec<Project>,
    /// The provider whose servers are meant.
    preset: Option<Preset>,
}

async fn around(app: &App, trip: &Trip) -> Result<Around, Error> {
    let projects = projects::list(app, &PageRequest::first(OFFERED)).await?.items;
    let provider = match trip.integration() {
        Some(id) => Some(integrations::get(app, id).await?.provider),
        None => None,
    };
    // Known providers have their own servers; at the others the chosen preset says, or the address.
    let known = provider.filter(|provider| *provider != Provider::Custom);
    let known = known.and_then(|provider| presets::of_id(provider.as_str()));
    let preset = known.or_else(|| trip.preset()).or_else(|| presets::of_address(trip.signs_in()));
    Ok(Around { projects, preset })
}

/// The form.
pub(super) async fn page(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    trip: Trip,
) -> PageResult {
    let trip = trip.at(Step::Mailbox)?;
    let around = around(&app, &trip).await?;
    let filled = first(&trip, &around);
    Ok(asked(&app, &visitor, &trip, &around, &filled, None))
}

/// What the form begins with.
fn first(trip: &Trip, around: &Around) -> Filled {
    let address = trip.get(Answer::Address);
    let server = server::of(trip, around.preset.as_ref());
    // Of the password's account, or of the shared mailbox; else it is the account that signs in.
    let username = match (trip.by_password(), trip.get(Answer::Kind)) {
        (false, "shared") => address,
        (true, "shared" | "own") => address,
        (true, _) => trip.signs_in(),
        (false, _) => "",
    };
    Filled::with(json!({
        "name": address,
        "protocol": server.as_ref().map(|server| server.protocol),
        "host": server.as_ref().map(|server| server.host.to_string()),
        "port": server.as_ref().map(|server| server.port),
        "tls": server.as_ref().map(|server| server.tls),
        "auth": { "username": username },
        "start": { "mode": StartMode::NewOnly },
        "project": around.projects.first().map(|project| project.key.to_string()),
        "new_project": { "key": key_of(address), "name": word("page.guide.project_name") },
    }))
}

/// A key for a first project, made of what stands before the @, else behind it: `HELP` of help@example.com.
fn key_of(address: &str) -> String {
    let word = |text: &str| -> String {
        let fits = text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase());
        fits.skip_while(char::is_ascii_digit).take(MAX_KEY).collect()
    };
    let (local, domain) = address.split_once('@').unwrap_or((address, ""));
    let key = word(local);
    if key.is_empty() { word(domain) } else { key }
}

fn asked(
    app: &App,
    visitor: &Visitor,
    trip: &Trip,
    around: &Around,
    filled: &Filled,
    error: Option<&Error>,
) -> Response {
    let content = html! {
        @if let Some(error) = error { (refused(error, filled, &SHOWN)) }
        form method="post" action="/setup/mailbox" {
            (csrf(visitor)) (once(app)) (trip.hidden(&[]))
            (card(&word("page.guide.mailbox.which"), html! {
                (filled.line("/name", "setup_name", Line::Required))
                (sign_in(trip, around, filled))
                (filled.line("/folder", "setup_folder", Line::Optional))
            }))
            (card(&word("page.guide.mailbox.project"), project(around, filled)))
            (card(&word("page.guide.mailbox.start"), start(filled)))
            (card(&word("page.guide.mailbox.server"), server_fields(filled)))
            div.actions { button { (word("page.guide.mailbox.save")) } }
        }
    };
    shown(visitor, trip, Step::Mailbox, content)
}

fn sign_in(trip: &Trip, around: &Around, filled: &Filled) -> Markup {
    if trip.by_password() {
        return html! {
            @if let Some(preset) = around.preset.as_ref().filter(|preset| preset.provider.is_some()) {
                (way::to_consent(trip, preset))
            }
            input type="hidden" name="/auth/method" value="password";
            (filled.line("/auth/username", "setup_login", Line::Required))
            (filled.line("/auth/password:secret", "setup_password", Line::Secret))
        };
    }
    html! {
        input type="hidden" name="/auth/method" value="oauth2";
        input type="hidden" name="/auth/integration_id" value=(trip.get(Answer::Integration));
        (filled.line("/auth/username", "setup_username", Line::Optional))
    }
}

fn project(around: &Around, filled: &Filled) -> Markup {
    let there =
        around.projects.iter().map(|p| Choice::new(p.key.as_str(), format!("{} – {}", p.key, p.name)));
    let choices: Vec<_> = there.chain([Choice::new("", word("page.guide.project.new"))]).collect();
    html! {
        @if !around.projects.is_empty() { (filled.choice("/project", "setup_project", &choices)) }
        // Without another one to choose, a new one is asked for.
        details open[around.projects.is_empty() || filled.text("/project").is_empty()] {
            summary { (word("page.guide.project.new")) }
            div.form-columns {
                (filled.line("/new_project/key", "setup_project_key", Line::Optional))
                (filled.line("/new_project/name", "setup_project_name", Line::Optional))
            }
        }
    }
}

fn start(filled: &Filled) -> Markup {
    let modes: Vec<_> = [StartMode::NewOnly, StartMode::Since, StartMode::All]
        .iter()
        .map(|mode| Choice::new(mode.as_str(), word_for("page.guide.start", mode.as_str())))
        .collect();
    html! {
        (filled.choice("/start/mode", "setup_start", &modes))
        (filled.line("/start/since", "setup_since", Line::Day))
    }
}

fn server_fields(filled: &Filled) -> Markup {
    let protocols: Vec<_> = Protocol::ALL
        .iter()
        .map(|protocol| Choice::new(protocol.as_str(), protocol.as_str().to_uppercase()))
        .collect();
    let ways = Tls::ALL.iter().map(|tls| Choice::new(tls.as_str(), word_for("page.guide.tls", tls.as_str())));
    let ways: Vec<_> = ways.collect();
    html! {
        p.hint { (word("page.guide.mailbox.server.hint")) }
        div.form-columns {
            (filled.line("/host", "setup_host", Line::Required))
            (filled.line("/port:number", "setup_port", Line::Number))
            (filled.choice("/protocol", "setup_protocol", &protocols))
            (filled.choice("/tls", "setup_tls", &ways))
        }
    }
}

/// Makes the mailbox, and its project where that is a new one; then somebody signs in, or all is tried.
pub(super) async fn save(State(app): State<App>, AdministratorForm(sent): AdministratorForm) -> PageResult {
    let trip = Trip::of_form(&sent);
    match made(&app, &sent).await {
        Ok(made) => {
            let next = if trip.by_password() { Step::Test } else { Step::Consent };
            Ok(Redirect::to(&trip.with(Answer::Mailbox, made.mailbox.id).to(next)).into_response())
        }
        Err(error) => {
            let (around, filled) = (around(&app, &trip).await?, Filled::again(&sent, &error));
            Ok(again(asked(&app, &sent.visitor, &trip, &around, &filled, Some(&error)), error))
        }
    }
}

async fn made(app: &App, sent: &Form) -> Result<Shown, Error> {
    let once = sent.once(app, "setup/mailbox")?;
    let mut body = sent.body();
    let new = body.as_object_mut().and_then(|fields| fields.remove("new_project")).unwrap_or_default();
    if body.get("project").is_none() {
        body["project"] = Value::from(project_of(app, sent, &new).await?.to_string());
    }
    let mut input: MailboxInput = strictly(&body)?;
    input.start = started(input.start);
    mailboxes::create(app, &sent.visitor.actor, input, once.as_ref()).await
}

fn strictly(body: &Value) -> Result<MailboxInput, Error> {
    json::strictly(&body.to_string()).map_err(|unread| match unread {
        Unread::Unwanted(error) => error,
        Unread::Malformed(_) => Error::told(Kind::Invalid, "form_unreadable"),
    })
}

/// The project with the typed key; it is made where there is none.
async fn project_of(app: &App, sent: &Form, new: &Value) -> Result<ProjectKey, Error> {
    let text = |name: &str| new.get(name).and_then(Value::as_str).map(str::to_owned);
    let mut errors = FieldErrors::default();
    let key: Given<String> = text("key").into();
    let key = key.required(&mut errors, "/new_project/key", None, |text| ProjectKey::new(&text));
    let key = errors.finish_with(key)?;
    let there = async || projects::get(app, &key).await;
    if let Ok(project) = there().await {
        return Ok(project.key);
    }
    let name = text("name").unwrap_or_else(|| key.to_string());
    let input = ProjectInput { key: Given::Value(key.to_string()), name: Given::Value(name) };
    match projects::create(app, &sent.visitor.actor, input, None).await {
        Ok(project) => Ok(project.key),
        // The same form came twice at once.
        Err(error) if error.kind == Kind::Conflict => there().await.map(|project| project.key),
        Err(error) => Err(renamed(error)),
    }
}

/// Errors of a new project at the fields that this form has for it.
fn renamed(mut error: Error) -> Error {
    for field in &mut error.fields {
        field.pointer = format!("/new_project{}", field.pointer);
    }
    error
}

/// A day means its first moment where the reader is; it counts for its own choice alone.
fn started(start: Given<StartInput>) -> Given<StartInput> {
    start.map(|mut start| {
        let is_since = matches!(&start.mode, Given::Value(mode) if mode == StartMode::Since.as_str());
        start.since = match start.since {
            Given::Value(text) if is_since => Given::Value(moment(&text).unwrap_or(text)),
            Given::Value(_) => Given::Absent,
            other => other,
        };
        start
    })
}

fn moment(day: &str) -> Option<String> {
    let day: Date = day.parse().ok()?;
    let begin = language::zone().to_timestamp(day.to_datetime(Time::midnight()));
    Some(begin.ok()?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_named_after_the_address() {
        for (address, key) in [
            ("help@example.com", "HELP"),
            ("24-hour.service-desk@example.com", "HOURSERVIC"),
            ("窓口@example.com", "EXAMPLECOM"),
            ("", ""),
        ] {
            assert_eq!(key_of(address), key, "{address}");
        }
    }
}
