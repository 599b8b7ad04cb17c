//! `maildocket token`: API tokens, through the running process where there is one.

use crate::{
    config::{Settings, TokenCommand},
    control::{self, client},
    failure::Outcome,
    process::{offline::Offline, out},
    work::tokens::{self, Request},
};

impl From<TokenCommand> for Request {
    fn from(command: TokenCommand) -> Self {
        match command {
            TokenCommand::Create { name, role, expires_in_days } => {
                Self::Create { name, role: role.as_str().to_owned(), expires_in_days }
            }
            TokenCommand::Revoke { name } => Self::Revoke { name },
            TokenCommand::List => Self::List,
        }
    }
}

pub(crate) async fn run(settings: Settings, command: TokenCommand) -> Outcome {
    let request = Request::from(command);
    let asked = control::Request::Token(request.clone());
    let text = match client::ask(&settings.data_dir()?, &asked).await {
        Some(answer) => answer?,
        None => tokens::execute(&Offline::open(&settings).await?.app, request).await?,
    };
    out::print(text)
}
