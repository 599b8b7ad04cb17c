//! `maildocket mailbox`: mailboxes, looked at, tried out and polled now.

use serde_json::{Value, json};

use super::desk::{self, Columns, Desk, line, number, text, time, trouble};
use crate::{
    config::{MailboxCommand, Settings, Since, Which},
    failure::{Failure, Outcome},
    process::out,
};

pub(crate) async fn run(settings: Settings, command: MailboxCommand) -> Outcome {
    let mut desk = Desk::new(settings)?;
    match command {
        MailboxCommand::List { json } => list(&mut desk, json).await,
        MailboxCommand::Show(which) => show(&mut desk, &which).await,
        MailboxCommand::Test(which) => test(&mut desk, &which).await,
        MailboxCommand::Poll(which) => import(&mut desk, &which, "poll", json!({})).await,
        MailboxCommand::Preview { which, since, everything } => {
            preview(&mut desk, &which, start(since, everything)).await
        }
        MailboxCommand::Backfill { which, since, before } => {
            let mut span = json!({ "since": since.0.to_string() });
            if let Some(before) = before {
                span["before"] = json!(before.0.to_string());
            }
            import(&mut desk, &which, "backfill", span).await
        }
    }
}

async fn list(desk: &mut Desk, as_json: bool) -> Outcome {
    let mailboxes = desk.mailboxes().await?;
    if as_json {
        return desk::json(&Value::Array(mailboxes));
    }
    if mailboxes.is_empty() {
        return out::print("There is no mailbox yet. `maildocket open /setup` connects one.");
    }
    let mut columns = Columns::new(&["mailbox", "state", "project", "account", "server", "last success"]);
    for mailbox in &mailboxes {
        let cell = |pointer| text(mailbox, pointer).to_owned();
        columns.line([
            cell("/name"),
            cell("/state/status"),
            cell("/project"),
            cell("/auth/username"),
            server(mailbox),
            time(mailbox, "/state/last_success_at"),
        ]);
    }
    out::print(columns)
}

fn server(mailbox: &Value) -> String {
    format!("{} {}:{}", text(mailbox, "/protocol"), text(mailbox, "/host"), number(mailbox, "/port"))
}

async fn show(desk: &mut Desk, which: &Which) -> Outcome {
    let mailbox = desk.mailbox(&which.name).await?;
    if which.json {
        return desk::json(&mailbox);
    }
    let mut columns = Columns::new(&[]);
    let mut say = |name: &str, value: String| {
        if !value.is_empty() {
            columns.line([name.to_owned(), value]);
        }
    };
    say("name", text(&mailbox, "/name").to_owned());
    say("id", text(&mailbox, "/id").to_owned());
    say("state", text(&mailbox, "/state/status").to_owned());
    say("what is wrong", text(&mailbox, "/state/last_error/message").to_owned());
    say("what to do", text(&mailbox, "/state/last_error/action").to_owned());
    say("server", format!("{}, tls {}", server(&mailbox), text(&mailbox, "/tls")));
    say("folder", text(&mailbox, "/folder").to_owned());
    say("account", text(&mailbox, "/auth/username").to_owned());
    say("signs in by", text(&mailbox, "/auth/method").to_owned());
    say("project", text(&mailbox, "/project").to_owned());
    say(
        "start",
        format!("{} {}", text(&mailbox, "/start/mode"), text(&mailbox, "/start/since")).trim_end().to_owned(),
    );
    say("poll interval", format!("{} s", number(&mailbox, "/poll_interval_seconds")));
    say("after import", text(&mailbox, "/after_import/action").to_owned());
    say("handlers", mailbox["handlers"].as_array().map_or(0, Vec::len).to_string());
    say("last poll", time(&mailbox, "/state/last_poll_at"));
    say("last success", time(&mailbox, "/state/last_success_at"));
    out::print(columns)
}

async fn test(desk: &mut Desk, which: &Which) -> Outcome {
    let mailbox = desk.mailbox(&which.name).await?;
    let report = desk.post(&format!("/mailboxes/{}/test", text(&mailbox, "/id")), json!({})).await?;
    if which.json {
        desk::json(&report)?;
    } else {
        let steps = report["steps"].as_array().into_iter().flatten();
        // What was left out has nothing to say to most people.
        for step in steps.filter(|step| desk.settings().talk.verbose || text(step, "/status") != "skipped") {
            let (status, name) = (text(step, "/status"), text(step, "/name"));
            out::print(format_args!("{status:<8} {name}: {}", line(text(step, "/detail"))))?;
        }
    }
    match report["ok"].as_bool() {
        Some(true) if which.json => Ok(()),
        Some(true) => out::print(line(text(&report, "/summary"))),
        _ => Err(Failure::new(line(text(&report, "/summary")))),
    }
}

/// Another start than the mailbox's own, where one was typed.
fn start(since: Option<Since>, everything: bool) -> Value {
    match since {
        Some(Since(since)) => json!({ "start": { "mode": "since", "since": since.to_string() } }),
        None if everything => json!({ "start": { "mode": "all" } }),
        None => json!({}),
    }
}

async fn preview(desk: &mut Desk, which: &Which, start: Value) -> Outcome {
    let mailbox = desk.mailbox(&which.name).await?;
    let found = desk.post(&format!("/mailboxes/{}/preview", text(&mailbox, "/id")), start).await?;
    if which.json {
        return desk::json(&found);
    }
    let (count, all) = (number(&found, "/count"), number(&found, "/folder_count"));
    let size = indicatif::HumanBytes(number(&found, "/bytes"));
    out::print(format_args!("{count} of {all} mails in the folder would be imported, {size}."))?;
    if count > 0 {
        let (oldest, newest) = (time(&found, "/oldest_received_at"), time(&found, "/newest_received_at"));
        out::print(format_args!("They were received from {oldest} to {newest}."))?;
    }
    if found["complete"] == json!(false) {
        out::print("There are more: the time was over before all were counted.")?;
    }
    Ok(())
}

/// What a poll counts.
const COUNTS: [(&str, &str); 6] = [
    ("fetched", "mails fetched"),
    ("created", "issues made"),
    ("commented", "comments made"),
    ("skipped", "left out on purpose"),
    ("held", "held for a person"),
    ("failed", "failed"),
];

/// A poll or a backfill, part by part until nothing is left.
async fn import(desk: &mut Desk, which: &Which, verb: &str, body: Value) -> Outcome {
    let mailbox = desk.mailbox(&which.name).await?;
    let path = format!("/mailboxes/{}/{verb}", text(&mailbox, "/id"));
    let mut sums = [0; COUNTS.len()];
    loop {
        let report = desk.post(&path, body.clone()).await?;
        for (sum, (name, _)) in sums.iter_mut().zip(COUNTS) {
            *sum += report[name].as_u64().unwrap_or_default();
        }
        if report["busy"] == json!(true) {
            return Err(Failure::new(format!(
                "Another poll of {} is under way. `maildocket mailbox show` tells how it goes.",
                text(&mailbox, "/name")
            )));
        }
        if report["more"] != json!(true) {
            break;
        }
        desk.progress(format_args!("{} mails so far …", sums[0]));
    }
    if which.json {
        let counts = sums.iter().zip(COUNTS).map(|(sum, (name, _))| (name.to_owned(), json!(sum)));
        return desk::json(&Value::Object(counts.collect()));
    }
    out::print(sentence(&sums))?;
    advise(desk, &mailbox, verb, sums[0]).await
}

fn sentence(sums: &[u64; COUNTS.len()]) -> String {
    let told = sums
        .iter()
        .zip(COUNTS)
        .filter(|(sum, _)| **sum > 0)
        .map(|(sum, (_, words))| format!("{sum} {words}"));
    match told.collect::<Vec<_>>().join(", ") {
        told if told.is_empty() => "No new mail.".to_owned(),
        told => format!("{told}."),
    }
}

/// Why a poll that brought nothing brought nothing.
async fn advise(desk: &mut Desk, mailbox: &Value, verb: &str, fetched: u64) -> Outcome {
    if verb != "poll" || fetched > 0 {
        return Ok(());
    }
    let mailbox = desk.get(&format!("/mailboxes/{}", text(mailbox, "/id"))).await?;
    let wrong = trouble(&mailbox, "/state/last_error");
    if !wrong.is_empty() {
        return Err(Failure::new(wrong));
    }
    if text(&mailbox, "/start/mode") == "all" {
        return Ok(());
    }
    let all = json!({ "start": { "mode": "all" } });
    let found = desk.post(&format!("/mailboxes/{}/preview", text(&mailbox, "/id")), all).await?;
    match number(&found, "/count") {
        0 => Ok(()),
        older => out::print(format_args!(
            "The folder holds {older} mails. Those from before the mailbox's start are left out: `maildocket mailbox backfill {:?} --since DAY` imports them.",
            text(&mailbox, "/name")
        )),
    }
}
