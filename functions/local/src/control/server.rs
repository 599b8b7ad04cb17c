//! The running process's end of the socket.

use std::time::Duration;

use intake::{App, Error, Kind, failed};
use tokio_util::sync::CancellationToken;

use super::{Answer, MAX_LINE, Request, SOCKET, TIME};
use crate::{
    failure::Failure,
    process::data::DataFolder,
    work::{configuration, import, tokens},
};

/// How long the other side may take to say its request, or to take the answer: it is a command that does nothing else.
const LINE_TIME: Duration = Duration::from_secs(5);
/// How long what an import keeps from one step to the next is kept.
const KEPT: Duration = Duration::from_secs(30);

async fn execute<'a>(app: &'a App, kept: &mut Option<import::Kept<'a>>, request: Request) -> Answer {
    match request {
        Request::Import(request) => {
            let answer = import::step(app, kept, request).await.map_err(|failure| failure.to_string())?;
            serde_json::to_string(&answer).map_err(|error| error.to_string())
        }
        Request::Token(request) => tokens::execute(app, request).await.map_err(|failure| failure.to_string()),
        Request::Config(request) => {
            configuration::execute(app, request).await.map_err(|failure| failure.to_string())
        }
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
        let unavailable = Error::told(Kind::Installation, "control_unavailable");
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
