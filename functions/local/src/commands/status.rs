//! `maildocket status`: how everything is, in one look.

use serde_json::Value;

use super::desk::{Columns, Desk, json, line, number, text, time};
use crate::{
    config::{Settings, StatusOptions},
    failure::Outcome,
    process::out,
};

pub(crate) async fn run(settings: Settings, options: StatusOptions) -> Outcome {
    let mut desk = Desk::new(settings)?;
    let status = desk.get("/status").await?;
    if options.json {
        return json(&status);
    }
    out::print(format_args!("{}\n", if desk.runs() { "Maildocket runs." } else { NOT_RUNNING }))?;
    for part in [mailboxes(&status), accounts(&status), waiting(&status)] {
        out::whole(format_args!("{part}"))?;
    }
    for notice in notices(&status) {
        out::print(format_args!("! {notice}"))?;
    }
    Ok(())
}

/// What everybody should know who looks at numbers that do not move.
const NOT_RUNNING: &str = "Maildocket does not run: no mail is fetched until `maildocket serve` does.";

fn list<'a>(status: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    status[name].as_array().into_iter().flatten()
}

fn mailboxes(status: &Value) -> String {
    let mut columns = Columns::new(&["mailbox", "state", "last success", "what is wrong"]);
    let mut some = false;
    for mailbox in list(status, "mailboxes") {
        some = true;
        let wrong = text(mailbox, "/last_error/message").to_owned();
        columns.line([
            text(mailbox, "/name").to_owned(),
            text(mailbox, "/status").to_owned(),
            time(mailbox, "/last_success_at"),
            wrong,
        ]);
    }
    if some {
        format!("{columns}\n\n")
    } else {
        "No mailbox is connected yet: `maildocket open /setup`.\n\n".to_owned()
    }
}

fn accounts(status: &Value) -> String {
    let mut columns = Columns::new(&["signed-in account", "state", "next refresh", "what is wrong"]);
    let mut some = false;
    for grant in list(status, "grants") {
        some = true;
        let name = [text(grant, "/account"), text(grant, "/id")].into_iter().find(|name| !name.is_empty());
        let wrong = text(grant, "/last_error/message").to_owned();
        columns.line([
            name.unwrap_or_default().to_owned(),
            text(grant, "/status").to_owned(),
            time(grant, "/next_refresh_at"),
            wrong,
        ]);
    }
    if some { format!("{columns}\n\n") } else { String::new() }
}

fn waiting(status: &Value) -> String {
    let (backlog, held) = (number(status, "/backlog"), number(status, "/held"));
    let oldest = match text(status, "/oldest_unprocessed_at") {
        "" => String::new(),
        _ => format!(", the oldest since {}", time(status, "/oldest_unprocessed_at")),
    };
    format!("Mails: {backlog} to be decided{oldest}; {held} held for a person.\n")
}

/// What a person should look at, with the name of what it is about.
pub(super) fn notices(status: &Value) -> Vec<String> {
    let name_of = |id: &str| {
        let named = |list_name: &'static str, field: &'static str| {
            list(status, list_name).find(|one| text(one, "/id") == id).map(|one| text(one, field))
        };
        let name = named("mailboxes", "/name").or_else(|| named("grants", "/account"));
        name.filter(|name| !name.is_empty()).unwrap_or(id).to_owned()
    };
    let told = |notice: &Value| match name_of(text(notice, "/subject")) {
        name if name.is_empty() => text(notice, "/message").to_owned(),
        name => format!("{name}: {}", text(notice, "/message")),
    };
    list(status, "warnings").map(|notice| line(&told(notice))).collect()
}
