//! How other commands reach the running process: a socket in the data folder, which only its owner can open.

pub(crate) mod client;
pub(crate) mod server;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::work::{api, configuration, import, tokens};

/// The socket's name in the data folder.
const SOCKET: &str = "control";
/// The longest request and answer, bytes.
const MAX_LINE: u64 = 4 * 1024 * 1024;
/// How long a request may take: a document may name issuers that have to be asked for their endpoints.
const TIME: Duration = Duration::from_secs(60);

/// What is asked of the running process.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    /// One of the token commands.
    Token(tokens::Request),
    /// The configuration as a document.
    Config(configuration::Request),
    /// A call of the API.
    Api(api::Request),
    /// A step of an import.
    Import(import::Request),
    /// Whether the store can be read, and its disk takes what is written.
    CheckStore,
}

/// What the running process answers: what to print, or the sentence of a failure.
pub(crate) type Answer = Result<String, String>;
