//! Commands that are read to their tagged end.
//!
//! async-imap's own answers to FETCH, SEARCH and EXAMINE end without a word when the connection does, and those to FETCH
//! and SEARCH do not look at the tagged status. An answer that was cut off must not look like an empty folder.

use std::time::Duration;

use async_imap::{
    Session,
    imap_proto::{AttributeValue, MessageSection, RequestId, Response, ResponseCode, SectionPath, Status},
};
use intake::{
    Timestamp,
    ports::{MailError, MailFault},
};
use tokio::time::timeout;

use super::{
    Connection, command_error, heard, io_error, refused,
    tolerant::{Asked, Told},
};
use crate::error::mail_error;

/// A command under way.
pub(crate) struct Command<'a> {
    session: &'a mut Session<Connection>,
    tag: RequestId,
    idle: Duration,
    context: &'a str,
    ended: bool,
    read_only: bool,
}

impl<'a> Command<'a> {
    /// Sends it. Between two answers that were asked for lies at most `idle`, whatever else the server says meanwhile.
    pub(crate) async fn send(
        session: &'a mut Session<Connection>,
        line: &str,
        idle: Duration,
        context: &'a str,
    ) -> Result<Self, MailError> {
        Self::ask(session, (line, None), idle, context).await
    }

    /// The same for a command that asks for a piece of a mail.
    pub(crate) async fn ask(
        session: &'a mut Session<Connection>,
        (line, asked): (&str, Option<Asked>),
        idle: Duration,
        context: &'a str,
    ) -> Result<Self, MailError> {
        session.get_mut().begin(asked);
        let sent = timeout(idle, session.run_command(line)).await;
        let tag = sent
            .map_err(|_| mail_error(MailFault::TimedOut, context))?
            .map_err(|error| command_error(&error, session.get_ref().told(), context, false))?;
        Ok(Self { session, tag, idle, context, ended: false, read_only: false })
    }

    /// What was said besides since it was sent.
    pub(crate) fn told(&self) -> &Told {
        self.session.get_ref().told()
    }

    /// The next thing that `look` makes of an untagged response; None after the tagged OK. Any other end is an error.
    pub(crate) async fn next<T>(
        &mut self,
        look: &mut (dyn FnMut(&Response<'_>) -> Option<T> + Send),
    ) -> Result<Option<T>, MailError> {
        let (idle, context) = (self.idle, self.context);
        match timeout(idle, self.read_on(look)).await {
            Ok(read) => read,
            Err(_) => Err(heard(mail_error(MailFault::TimedOut, context), self.told())),
        }
    }

    async fn read_on<T>(
        &mut self,
        look: &mut (dyn FnMut(&Response<'_>) -> Option<T> + Send),
    ) -> Result<Option<T>, MailError> {
        loop {
            let read = self.session.read_response().await;
            let read = read.map_err(|error| heard(io_error(&error, self.context), self.told()))?;
            let Some(answer) = read else { return Err(self.cut_off()) };
            match answer.parsed() {
                Response::Done { tag, status, outcome } if *tag == self.tag => {
                    self.ended = true;
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

    /// Whether its tagged end was read: the session is good for more, also after a refusal.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Whether its tagged end said `[READ-ONLY]`.
    pub(crate) fn told_read_only(&self) -> bool {
        self.read_only
    }

    /// An OK to something that cannot be is none.
    fn end(&self, status: &Status) -> Result<(), MailError> {
        let told = self.told();
        match (status, &told.absurd) {
            (Status::Ok, None) => Ok(()),
            (Status::Ok, Some(absurd)) => {
                Err(mail_error(MailFault::Protocol, format!("{}: {absurd}", self.context)))
            }
            _ => Err(refused(told, self.context, false)),
        }
    }

    /// The connection ended before the command did.
    fn cut_off(&self) -> MailError {
        let context = format!("{}: the connection was lost", self.context);
        heard(mail_error(MailFault::Temporary, context), self.told())
    }
}

/// What a FETCH response says of one mail.
pub(crate) struct Attributes<'a> {
    /// Its place in the folder.
    pub(crate) sequence: u32,
    /// Its UID, said here or in an answer before.
    pub(crate) uid: Option<u32>,
    values: &'a [AttributeValue<'a>],
}

impl<'a> Attributes<'a> {
    pub(crate) fn new(sequence: u32, values: &'a [AttributeValue<'a>]) -> Self {
        let uid = values.iter().find_map(|attribute| match attribute {
            AttributeValue::Uid(uid) => Some(*uid),
            _ => None,
        });
        Self { sequence, uid, values }
    }

    fn find<T>(&self, wanted: impl Fn(&'a AttributeValue<'a>) -> Option<T>) -> Option<T> {
        self.values.iter().find_map(wanted)
    }

    /// RFC822.SIZE.
    pub(crate) fn size(&self) -> Option<u32> {
        self.find(|attribute| match attribute {
            AttributeValue::Rfc822Size(size) => Some(*size),
            _ => None,
        })
    }

    /// INTERNALDATE.
    pub(crate) fn received_at(&self) -> Option<Timestamp> {
        self.find(|attribute| match attribute {
            AttributeValue::InternalDate(date) => internal_date(date),
            _ => None,
        })
    }

    /// BODY[], or a piece of it.
    pub(crate) fn body(&self) -> Option<&'a [u8]> {
        self.find(|attribute| match attribute {
            AttributeValue::BodySection { section: None, data: Some(data), .. }
            | AttributeValue::Rfc822(Some(data)) => Some(&**data),
            _ => None,
        })
    }

    /// `BODY[HEADER]`.
    pub(crate) fn header(&self) -> Option<&'a [u8]> {
        self.find(|attribute| match attribute {
            AttributeValue::BodySection {
                section: Some(SectionPath::Full(MessageSection::Header)),
                data: Some(data),
                ..
            }
            | AttributeValue::Rfc822Header(Some(data)) => Some(&**data),
            _ => None,
        })
    }
}

/// RFC 3501's `date-time`: ` 1-Nov-2026 10:00:00 +0100`.
fn internal_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::strtime::parse("%d-%b-%Y %H:%M:%S %z", text.trim()).ok()?.to_timestamp().ok()
}

#[cfg(test)]
mod tests {
    use super::internal_date;

    #[test]
    fn dates_are_read_with_and_without_a_leading_blank() {
        for text in [" 1-Nov-2026 10:00:00 +0100", "1-Nov-2026 10:00:00 +0100", "01-Nov-2026 09:00:00 +0000"]
        {
            assert_eq!(internal_date(text).unwrap().to_string(), "2026-11-01T09:00:00Z", "{text}");
        }
        assert_eq!(internal_date("31-Feb-2026 10:00:00 +0100"), None);
    }
}
