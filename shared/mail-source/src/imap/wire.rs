//! Commands that are read to their tagged end.
//!
//! async-imap's own answers to FETCH, SEARCH and EXAMINE end without a word when the connection does, and those to FETCH
//! and SEARCH do not look at the tagged status. An answer that was cut off must not look like an empty folder.

use std::time::Duration;

use async_imap::{
    Session,
    imap_proto::{RequestId, Response, ResponseCode, Status},
};
use intake::ports::{MailError, MailFault};
use tokio::time::timeout;

use super::{
    failure::{command_error, heard, io_error, refused},
    tolerant::{Asked, Connection, Told},
};
use crate::error::mail_error;

/// A signed-in connection.
pub(crate) struct Wire {
    session: Session<Connection>,
    /// Between two answers that were asked for lies at most so much, whatever else the server says meanwhile.
    pub(super) idle: Duration,
    place: String,
    /// An answer was given up in the middle: what comes next cannot be told from the rest of it. Or another folder may
    /// be open.
    pub(super) broken: bool,
}

/// A command under way.
pub(super) struct Command<'a> {
    wire: &'a mut Wire,
    tag: RequestId,
    context: String,
    read_only: bool,
}

impl Wire {
    pub(crate) fn new(session: Session<Connection>, idle: Duration, place: String) -> Self {
        Self { session, idle, place, broken: false }
    }

    /// What is done, for errors.
    pub(super) fn context(&self, what: &str) -> String {
        format!("{what} at {}", self.place)
    }

    /// What was said besides since the last command was sent.
    pub(super) fn told(&self) -> &Told {
        self.session.get_ref().told()
    }

    /// Notes how many mails the open folder holds, where the server has not said it.
    pub(super) fn counted(&mut self, exists: u32) {
        self.session.get_mut().counted(exists);
    }

    /// Sends a command, which may ask for a piece of a mail.
    pub(super) async fn send(
        &mut self,
        what: &str,
        (line, asked): (&str, Option<Asked>),
    ) -> Result<Command<'_>, MailError> {
        if self.broken {
            let context = self.context(what);
            return Err(mail_error(MailFault::Temporary, format!("{context}: the session was given up")));
        }
        self.send_along(what, (line, asked)).await
    }

    /// The same, also where the answer to another command is still to come.
    pub(super) async fn send_along(
        &mut self,
        what: &str,
        (line, asked): (&str, Option<Asked>),
    ) -> Result<Command<'_>, MailError> {
        let context = self.context(what);
        self.broken = true;
        self.session.get_mut().begin(asked);
        let sent = timeout(self.idle, self.session.run_command(line)).await;
        let tag = sent
            .map_err(|_| mail_error(MailFault::TimedOut, &context))?
            .map_err(|error| command_error(&error, self.told(), &context, false))?;
        Ok(Command { wire: self, tag, context, read_only: false })
    }

    /// Runs a command to its end and shows each untagged answer.
    pub(super) async fn run_and_see(
        &mut self,
        what: &str,
        line: &str,
        look: &mut (dyn FnMut(&Response<'_>) + Send),
    ) -> Result<(), MailError> {
        self.send(what, (line, None)).await?.see(look).await.map(|_| ())
    }

    /// Runs a command to its end.
    pub(super) async fn run(&mut self, what: &str, line: &str) -> Result<(), MailError> {
        self.run_and_see(what, line, &mut |_| ()).await
    }

    /// Says good-bye.
    pub(super) async fn log_out(&mut self, within: Duration) {
        if !self.broken {
            // A server that does not answer the good-bye is left without one.
            let _ = timeout(within, self.session.logout()).await;
        }
    }
}

impl Command<'_> {
    /// What was said besides since it was sent.
    pub(super) fn told(&self) -> &Told {
        self.wire.told()
    }

    /// What it is for.
    pub(super) fn context(&self) -> &str {
        &self.context
    }

    /// Whether its tagged end said `[READ-ONLY]`.
    pub(super) fn told_read_only(&self) -> bool {
        self.read_only
    }

    /// Reads to its tagged OK and shows each untagged answer; itself again.
    pub(super) async fn see(
        mut self,
        look: &mut (dyn FnMut(&Response<'_>) + Send),
    ) -> Result<Self, MailError> {
        let mut see = |answer: &Response<'_>| {
            look(answer);
            None::<()>
        };
        self.next(&mut see).await?;
        Ok(self)
    }

    /// The next thing that `look` makes of an untagged response; None after the tagged OK. Any other end is an error.
    pub(super) async fn next<T>(
        &mut self,
        look: &mut (dyn FnMut(&Response<'_>) -> Option<T> + Send),
    ) -> Result<Option<T>, MailError> {
        match timeout(self.wire.idle, self.read_on(look)).await {
            Ok(read) => read,
            Err(_) => Err(heard(mail_error(MailFault::TimedOut, &self.context), self.told())),
        }
    }

    async fn read_on<T>(
        &mut self,
        look: &mut (dyn FnMut(&Response<'_>) -> Option<T> + Send),
    ) -> Result<Option<T>, MailError> {
        loop {
            let read = self.wire.session.read_response().await;
            let read = read.map_err(|error| heard(io_error(&error, &self.context), self.told()))?;
            let Some(answer) = read else { return Err(self.cut_off()) };
            match answer.parsed() {
                Response::Done { tag, status, outcome } if *tag == self.tag => {
                    // The session is good for more, also after a refusal.
                    self.wire.broken = false;
                    self.read_only = matches!(outcome.code, Some(ResponseCode::ReadOnly));
                    return self.end(status).map(|()| None);
                }
                other => {
                    if let Some(made) = look(other) {
                        return Ok(Some(made));
                    }
                }
            }
        }
    }

    /// An OK to something that cannot be is none.
    fn end(&self, status: &Status) -> Result<(), MailError> {
        let told = self.told();
        match (status, &told.absurd) {
            (Status::Ok, None) => Ok(()),
            (Status::Ok, Some(absurd)) => {
                Err(mail_error(MailFault::Protocol, format!("{}: {absurd}", self.context)))
            }
            _ => Err(refused(told, &self.context, false)),
        }
    }

    /// The connection ended before the command did.
    fn cut_off(&self) -> MailError {
        let context = format!("{}: the connection was lost", self.context);
        heard(mail_error(MailFault::Temporary, context), self.told())
    }
}
