//! The running process's end of the socket.

use std::{io, time::Duration};

use intake::{App, Error, Kind, failed};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{
        UnixStream,
        unix::{OwnedWriteHalf, SocketAddr},
    },
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use web::Router;

use super::{Answer, MAX_LINE, Request, SOCKET, TIME};
use crate::{
    failure::Failure,
    process::data::DataFolder,
    work::{api, configuration, import, tokens},
};

/// How long the other side may take to say its request, or to take the answer: it is a command that does nothing else.
const LINE_TIME: Duration = Duration::from_secs(5);
/// How long what an import keeps from one step to the next is kept.
const KEPT: Duration = Duration::from_secs(30);
/// How many calls of the API are under way at once.
const MAX_CALLS: usize = 8;

/// What answers requests.
#[derive(Clone)]
struct Answering {
    app: App,
    routes: Router,
}

impl Answering {
    async fn execute<'a>(&'a self, kept: &mut Option<import::Kept<'a>>, request: Request) -> Answer {
        let (app, told) = (&self.app, |failure: Failure| failure.to_string());
        match request {
            Request::Api(request) => api::execute(app, self.routes.clone(), request).await.map_err(told),
            Request::Import(request) => {
                let answer = import::step(app, kept, request).await.map_err(told)?;
                serde_json::to_string(&answer).map_err(|error| error.to_string())
            }
            Request::Token(request) => tokens::execute(app, request).await.map_err(told),
            Request::Config(request) => configuration::execute(app, request).await.map_err(told),
            Request::CheckStore => match (app.disk.fault(), app.store.check().await) {
                (None, Ok(())) => Ok("The running maildocket can read and write it.".to_owned()),
                (Some(error), _) | (None, Err(error)) => Err(told(error.into())),
            },
        }
    }
}

/// Begins to listen for other commands, and gives what answers them until it is asked to stop.
#[cfg(unix)]
pub(crate) fn listen(
    data: &DataFolder,
    app: App,
    routes: Router,
    stop: CancellationToken,
) -> impl Future<Output = ()> {
    let path = data.file(SOCKET);
    data.remove(SOCKET);
    let listener = tokio::net::UnixListener::bind(&path);
    if listener.is_err() {
        let unavailable = Error::told(Kind::Installation, "control_unavailable");
        failed!(warn, unavailable, "Other commands cannot reach this process.");
    }
    async move {
        let Ok(listener) = listener else { return stop.cancelled().await };
        let answering = Answering { app, routes };
        let (mut kept, mut calls) = (None, JoinSet::new());
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                // The command that asked for it was stopped.
                () = tokio::time::sleep(KEPT), if kept.is_some() => kept = None,
                Some(_) = calls.join_next(), if !calls.is_empty() => {}
                accepted = listener.accept() => match asked(accepted).await {
                    // As over HTTP: a connection test of a minute keeps no other command waiting.
                    Ok((request @ Request::Api(_), write)) if calls.len() < MAX_CALLS => {
                        let answering = answering.clone();
                        calls.spawn(async move {
                            let _ = answer(write, answering.execute(&mut None, request)).await;
                        });
                    }
                    // One at a time: a person types them.
                    Ok((request, write)) => {
                        let _ = answer(write, answering.execute(&mut kept, request)).await;
                    }
                    Err(_) => {}
                },
            }
        }
        // Nobody can have taken its place: the data folder is locked.
        let _ = std::fs::remove_file(path);
    }
}

#[cfg(not(unix))]
pub(crate) fn listen(_: &DataFolder, _: App, _: Router, stop: CancellationToken) -> impl Future<Output = ()> {
    async move { stop.cancelled().await }
}

/// What a command wants, and where it waits for the answer.
#[cfg(unix)]
async fn asked(accepted: io::Result<(UnixStream, SocketAddr)>) -> io::Result<(Request, OwnedWriteHalf)> {
    let (read, write) = accepted?.0.into_split();
    let mut line = String::new();
    let mut read = BufReader::new(read.take(MAX_LINE));
    tokio::time::timeout(LINE_TIME, read.read_line(&mut line)).await??;
    match serde_json::from_str(&line) {
        Ok(request) => Ok((request, write)),
        Err(error) => {
            let other = Err("The running maildocket is of another version. Restart it.".to_owned());
            answer(write, async { other }).await?;
            Err(error.into())
        }
    }
}

#[cfg(unix)]
async fn answer(mut write: OwnedWriteHalf, answer: impl Future<Output = Answer>) -> io::Result<()> {
    let answer = match tokio::time::timeout(TIME, answer).await {
        Ok(answer) => answer,
        Err(_) => Err("It takes longer than a minute, and was given up.".to_owned()),
    };
    let line = format!("{}\n", serde_json::to_string(&answer)?);
    tokio::time::timeout(LINE_TIME, write.write_all(line.as_bytes())).await?
}
