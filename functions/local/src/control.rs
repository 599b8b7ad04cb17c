//! How other commands reach the running process: a socket in the data folder, which only its owner can open.

use std::{path::Path, time::Duration};

use intake::{App, Error, Kind, failed};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::{
    apply,
    data::DataFolder,
    failure::{Failure, Outcome},
    import, token,
};

/// The socket's name in the data folder.
const SOCKET: &str = "control";
/// The longest request and answer, bytes.
const MAX_LINE: u64 = 4 * 1024 * 1024;
/// How long the other side may take to say its request, or to take the answer: it is a command that does nothing else.
const LINE_TIME: Duration = Duration::from_secs(5);
/// How long a request may take: a document may name issuers that have to be asked for their endpoints.
const TIME: Duration = Duration::from_secs(60);
/// How long what an import keeps from one step to the next is kept.
const KEPT: Duration = Duration::from_secs(30);

/// What is asked of the running process.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    /// One of the token commands.
    Token(token::Request),
    /// The configuration as a document.
    Config(apply::Request),
    /// A step of an import.
    Import(import::Request),
    /// Whether the store can be read, and its disk takes what is written.
    CheckStore,
}

/// What the running process answers: what to print, or the sentence of a failure.
pub(crate) type Answer = Result<String, String>;

async fn execute<'a>(app: &'a App, kept: &mut Option<import::Kept<'a>>, request: Request) -> Answer {
    match request {
        Request::Import(request) => {
            let answer = import::step(app, kept, request).await.map_err(|failure| failure.to_string())?;
            serde_json::to_string(&answer).map_err(|error| error.to_string())
        }
        Request::Token(request) => token::execute(app, request).await.map_err(|failure| failure.to_string()),
        Request::Config(request) => apply::execute(app, request).await.map_err(|failure| failure.to_string()),
        Request::CheckStore => match (app.disk.fault(), app.store.check().await) {
            (None, Ok(())) => Ok("The running maildocket can read and write it.".to_owned()),
            (Some(error), _) | (None, Err(error)) => Err(Failure::from(error).to_string()),
        },
    }
}

/// Begins to listen for other commands, and gives what answers them until it is asked to stop.
#[cfg(unix)]
pub(crate) fn listen(data: &DataFolder, app: App, stop: CancellationToken) -> impl Future<Output = ()> {
    let path = data.file(SOCKET);
    data.remove(SOCKET);
    let listener = tokio::net::UnixListener::bind(&path);
    if listener.is_err() {
        let unavailable = Error::new(
            Kind::Installation,
            "control_unavailable",
            "The socket of the data folder cannot be listened on: its path may be too long.",
        )
        .action("Choose a data folder with a shorter path.");
        failed!(warn, unavailable, "Other commands cannot reach this process.");
    }
    async move {
        let Ok(listener) = listener else { return stop.cancelled().await };
        let mut kept = None;
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                // The command that asked for it was stopped.
                () = tokio::time::sleep(KEPT), if kept.is_some() => kept = None,
                accepted = listener.accept() => {
                    // One at a time: a person types them.
                    if let Ok((stream, _)) = accepted {
                        let _ = answer(stream, &app, &mut kept).await;
                    }
                }
            }
        }
        // Nobody can have taken its place: the data folder is locked.
        let _ = std::fs::remove_file(path);
    }
}

#[cfg(not(unix))]
pub(crate) fn listen(_: &DataFolder, _: App, stop: CancellationToken) -> impl Future<Output = ()> {
    async move { stop.cancelled().await }
}

#[cfg(unix)]
async fn answer<'a>(
    stream: tokio::net::UnixStream,
    app: &'a App,
    kept: &mut Option<import::Kept<'a>>,
) -> std::io::Result<()> {
    use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    let mut read = BufReader::new(read.take(MAX_LINE));
    tokio::time::timeout(LINE_TIME, read.read_line(&mut line)).await??;
    let answer: Answer = match serde_json::from_str(&line) {
        Ok(request) => match tokio::time::timeout(TIME, execute(app, kept, request)).await {
            Ok(answer) => answer,
            Err(_) => Err("It takes longer than a minute, and was given up.".to_owned()),
        },
        Err(_) => Err("The running maildocket is of another version. Restart it.".to_owned()),
    };
    let line = format!("{}\n", serde_json::to_string(&answer)?);
    tokio::time::timeout(LINE_TIME, write.write_all(line.as_bytes())).await?
}

/// Asks the running process, if there is one.
pub(crate) async fn ask(data_dir: &Path, request: &Request) -> Option<Outcome<String>> {
    let answer = exchange(data_dir, request).await?;
    Some(answer.and_then(|answer| answer.map_err(Failure::new)))
}

/// The same, with what it answers apart from that it does not answer.
#[cfg(unix)]
pub(crate) async fn exchange(data_dir: &Path, request: &Request) -> Option<Outcome<Answer>> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::UnixStream::connect(data_dir.join(SOCKET)).await.ok()?;
    let exchange = async {
        stream.write_all(format!("{}\n", serde_json::to_string(request)?).as_bytes()).await?;
        let mut text = String::new();
        stream.take(MAX_LINE).read_to_string(&mut text).await?;
        std::io::Result::Ok(text)
    };
    Some(match tokio::time::timeout(TIME, exchange).await {
        Ok(Ok(text)) if text.is_empty() => {
            Err(Failure::new("The running maildocket ended before it had answered."))
        }
        Ok(Ok(text)) => serde_json::from_str(&text)
            .map_err(|error| Failure::because("The running maildocket answered something else", error)),
        Ok(Err(error)) => Err(Failure::because("The running maildocket did not answer", error)),
        Err(_) => Err(Failure::new("The running maildocket did not answer in time.")),
    })
}

#[cfg(not(unix))]
pub(crate) async fn exchange(_: &Path, _: &Request) -> Option<Outcome<Answer>> {
    None
}
