//! API tokens, made and revoked from the command line.

use std::time::Duration;

use intake::{
    App,
    flows::tokens::{self, TokenInput},
    types::{PageRequest, audit::Actor, given::Given, token::ApiToken},
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use crate::failure::{Failure, Outcome};

/// A token command, as it is told to the running process.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    Create { name: String, role: String, expires_in_days: Option<u32> },
    Revoke { name: String },
    List,
}

/// Carries out a token command; what to print.
pub(crate) async fn execute(app: &App, request: Request) -> Outcome<String> {
    let actor = Actor::command_line();
    match request {
        Request::Create { name, role, expires_in_days } => {
            create(app, &actor, name, role, expires_in_days).await
        }
        Request::Revoke { name } => revoke(app, &actor, &name).await,
        Request::List => Ok(all(app).await?.iter().map(line).collect::<Vec<_>>().join("\n")),
    }
}

async fn create(app: &App, actor: &Actor, name: String, role: String, days: Option<u32>) -> Outcome<String> {
    let end = days.map(|days| app.after(Duration::from_secs(u64::from(days) * 24 * 3600)).to_string());
    let input = TokenInput {
        name: Given::Value(name),
        role: Given::Value(role),
        expires_at: end.map_or(Given::Absent, Given::Value),
    };
    let made = tokens::create(app, actor, input, None).await?;
    made.value
        .map(|value| value.expose_secret().to_owned())
        .ok_or_else(|| Failure::new("The token was made, but its value is gone."))
}

async fn revoke(app: &App, actor: &Actor, name: &str) -> Outcome<String> {
    let tokens = all(app).await?;
    let token = tokens.iter().find(|token| token.name.as_str() == name);
    let token = token.ok_or_else(|| {
        Failure::new(format!("There is no token named {name}. maildocket token list shows all."))
    })?;
    tokens::revoke(app, actor, token.id, &intake::flows::change::Expect::any()).await?;
    Ok(format!("The token {name} is revoked."))
}

async fn all(app: &App) -> Outcome<Vec<ApiToken>> {
    // People name tokens by hand: the first 200 are all.
    Ok(tokens::list(app, &PageRequest::first(200)).await?.items)
}

fn line(token: &ApiToken) -> String {
    let end = token.expires_at.map_or_else(|| "does not end".to_owned(), |end| format!("ends {end}"));
    let used = token.last_used_at.map_or_else(|| "never used".to_owned(), |at| format!("last used {at}"));
    format!("{}\t{}\t{end}\t{used}", token.name, token.role.as_str())
}
