//! `maildocket authorize`: consent for a mailbox, from the terminal.

use std::time::Duration;

use serde_json::json;

use super::desk::{self, Desk, line, text, time, trouble};
use crate::{
    config::{AuthorizeOptions, RedirectUrlOptions, Settings},
    failure::{Failure, Outcome},
    process::{out, runtime},
};

/// How often it is looked whether somebody has consented.
const LOOK: Duration = Duration::from_secs(1);
/// After how many looks a person may wonder.
const PATIENCE: u32 = 60;
const NOBODY_YET: &str = "Nobody has come back yet. An error on the provider's own page is not told to anybody else: mostly the redirect URL is not registered there letter by letter.";
const DAY: u64 = 24 * 3600;

pub(crate) async fn run(settings: Settings, options: AuthorizeOptions) -> Outcome {
    let mut desk = Desk::new(settings)?;
    let mailbox = desk.mailbox(&options.which.name).await?;
    if !desk.runs() {
        return Err(Failure::new(
            "Maildocket does not run, so nobody would answer the provider. Start `maildocket serve` first.",
        ));
    }
    let integration = text(&mailbox, "/auth/integration_id");
    if integration.is_empty() {
        return Err(Failure::new(format!(
            "{} signs in with a password, so there is nothing to consent to.",
            text(&mailbox, "/name")
        )));
    }
    let mut asked = json!({ "mailbox_id": mailbox["id"] });
    if let Some(days) = options.valid_for_days {
        asked["valid_for_seconds"] = json!(days * DAY);
    }
    let begun = desk.post(&format!("/integrations/{integration}/authorizations"), asked).await?;
    if options.which.json {
        desk::json(&begun)?;
    } else {
        let registered = desk.get(&format!("/integrations/{integration}")).await?;
        let redirect_url = text(&registered, "/redirect_url");
        out::print(format_args!("The provider must know this redirect URL: {redirect_url}"))?;
        out::print(format_args!("Open this link and consent, before {}:", time(&begun, "/expires_at")))?;
        out::print(format_args!("{}", text(&begun, "/start_url")))?;
    }
    if options.open {
        super::open::open(text(&begun, "/start_url"))?;
    }
    if options.no_wait {
        return Ok(());
    }
    wait(&mut desk, text(&begun, "/id"), &mailbox, options.which.json).await
}

/// `maildocket redirect-url`: what is registered at a provider, before there is an integration.
pub(crate) async fn redirect_url(settings: Settings, options: RedirectUrlOptions) -> Outcome {
    let mut place = json!({ "provider": options.provider.as_str() });
    let given = [
        ("issuer", options.issuer),
        ("authorization_endpoint", options.authorization_endpoint),
        ("token_endpoint", options.token_endpoint),
    ];
    for (name, value) in given {
        if let Some(value) = value {
            place[name] = json!(value);
        }
    }
    let made = Desk::new(settings)?.post("/redirect-urls", place).await?;
    for warning in made["warnings"].as_array().into_iter().flatten() {
        out::tell(line(text(warning, "/message")));
    }
    out::print(text(&made, "/redirect_url"))
}

/// Until somebody has consented, or nobody can any more.
async fn wait(desk: &mut Desk, id: &str, mailbox: &serde_json::Value, as_json: bool) -> Outcome {
    let stop = runtime::stop_signal();
    desk.progress("Waiting for the consent (Ctrl-C stops waiting; the link stays good) …");
    let mut looks = 0;
    loop {
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = stop.cancelled() => return Err(Failure::new("Stopped waiting; the link stays good.")),
        }
        let attempt = desk.get(&format!("/authorizations/{id}")).await?;
        match text(&attempt, "/status") {
            "pending" => {
                looks += 1;
                if looks == PATIENCE {
                    desk.progress(NOBODY_YET);
                }
            }
            "done" if as_json => return desk::json(&attempt),
            "done" => {
                let name = text(mailbox, "/name");
                return out::print(format_args!(
                    "{name} is connected. `maildocket mailbox poll {name:?}` fetches its mail now."
                ));
            }
            // It failed, or it is too late for it.
            _ => return Err(Failure::new(trouble(&attempt, "/error"))),
        }
    }
}
