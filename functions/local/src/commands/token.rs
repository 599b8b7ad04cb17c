//! `maildocket token`: API tokens, through the running process where there is one.

use intake::types::audit::Role;

use super::desk::{self, Desk};
use crate::{
    config::{Settings, TokenCommand},
    control::{self, client},
    failure::Outcome,
    process::{offline::Offline, out},
    work::tokens::{self, Request},
};

/// More tokens than anybody makes by hand.
const MOST: usize = 1_000;

impl From<TokenCommand> for Request {
    fn from(command: TokenCommand) -> Self {
        match command {
            TokenCommand::Create { name, role, expires_in_days } => {
                Self::Create { name, role: role.as_str().to_owned(), expires_in_days }
            }
            TokenCommand::Revoke { name } => Self::Revoke { name },
            TokenCommand::List { .. } => Self::List,
        }
    }
}

pub(crate) async fn run(settings: Settings, command: TokenCommand) -> Outcome {
    if matches!(command, TokenCommand::List { json: true }) {
        let mut desk = Desk::new(settings)?;
        return desk::json(&desk.list("/tokens", MOST).await?.into());
    }
    let taken = match &command {
        TokenCommand::Create { role, expires_in_days, .. } => Some(taken(*role, *expires_in_days)),
        _ => None,
    };
    let request = Request::from(command);
    let asked = control::Request::Token(request.clone());
    let text = match client::ask(&settings.data_dir()?, &asked).await {
        Some(answer) => answer?,
        None => tokens::execute(&Offline::open(&settings).await?.app, request).await?,
    };
    taken.iter().for_each(out::tell);
    out::print(text)
}

/// What the token may do and for how long, also where nobody said it.
fn taken(role: Role, days: Option<u32>) -> String {
    let end = match days {
        Some(1) => "for a day".to_owned(),
        Some(days) => format!("for {days} days"),
        None => "without an end (--expires-in-days N gives one)".to_owned(),
    };
    format!("A token of the role {} (--role chooses another), {end}:", role.as_str())
}
