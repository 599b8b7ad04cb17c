//! Reading mails, their headers and their pieces, whatever the server leaves out or refuses of what it is asked for.

use std::collections::BTreeSet;

use bytes::Bytes;
use intake::{
    ports::{Fetched, MailError, MailFault},
    types::message::ServerId,
};
use tokio::sync::mpsc;

use super::{
    attributes::Attributes,
    session::{ImapSession, Query},
    sets::set_of,
    tolerant::Asked,
};

/// The longest header that is read, bytes.
const MAX_HEADER: u32 = 256 * 1024;

/// A part of a mail (RFC 3501 section 6.4.5).
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    /// All of the mail, or its `HEADER`.
    pub(super) section: &'static str,
    /// Bytes before it.
    pub(super) offset: u64,
    /// Bytes at most.
    pub(super) length: u32,
}

impl Part {
    /// What is to be cut out, where the server sends more.
    fn asked(&self) -> Option<Asked> {
        let Self { section, offset, length } = *self;
        section.is_empty().then_some(Asked { offset, length: length.into() })
    }
}

impl ImapSession {
    /// Reads these mails, and takes away those that came.
    pub(super) async fn fetch_some(
        &mut self,
        wanted: &mut BTreeSet<u32>,
        to: &mpsc::Sender<Fetched>,
    ) -> Result<(), MailError> {
        let set = set_of(&*wanted);
        // A body that came before its UID, and its place.
        let mut early: Option<(u32, Bytes)> = None;
        let mut read = |fetch: &Attributes<'_>| {
            let body = fetch.body().map(Bytes::copy_from_slice);
            let Some(uid) = fetch.uid else {
                early = body.map(|body| (fetch.sequence, body)).or(early.take());
                return None;
            };
            let before = early.take_if(|(place, _)| *place == fetch.sequence).map(|(_, body)| body);
            let raw = Some(body.or(before)?);
            wanted.remove(&uid).then_some(Fetched { server_id: ServerId::Imap { uid }, raw })
        };
        let query = Query { set: &set, items: "(UID BODY.PEEK[])", asked: None };
        self.fetch_each("read mails", query, Some(to), &mut read).await
    }

    /// Reads a part of one mail; all of its section where the server refuses pieces. None where it answers without bytes.
    pub(super) async fn fetch_part(
        &mut self,
        what: &str,
        uid: u32,
        part: &Part,
    ) -> Result<Option<Bytes>, MailError> {
        let whole = format!("(UID BODY.PEEK[{}])", part.section);
        if self.refuses_pieces {
            return self.fetch_bytes(what, uid, &whole, part).await;
        }
        let piece = format!("(UID BODY.PEEK[{}]<{}.{}>)", part.section, part.offset, part.length);
        match self.fetch_bytes(what, uid, &piece, part).await {
            Err(error) if error.fault == MailFault::Refused && !self.wire.broken => {
                // The mail may be what it refuses.
                let bytes = self.fetch_bytes(what, uid, &whole, part).await.map_err(|_| error)?;
                self.refuses_pieces = true;
                Ok(bytes)
            }
            bytes => bytes,
        }
    }

    async fn fetch_bytes(
        &mut self,
        what: &str,
        uid: u32,
        items: &str,
        part: &Part,
    ) -> Result<Option<Bytes>, MailError> {
        let mut bytes = None;
        let mut keep = |fetch: &Attributes<'_>| {
            // One mail was asked for: its bytes are known without its UID.
            if fetch.uid.is_none_or(|of| of == uid) {
                let came = if part.section.is_empty() { fetch.body() } else { fetch.header() };
                bytes = came.map(Bytes::copy_from_slice).or(bytes.take());
            }
            None
        };
        let set = uid.to_string();
        let query = Query { set: &set, items, asked: part.asked() };
        match self.fetch_each(what, query, None, &mut keep).await {
            // It gave what it has, and complains of something else.
            Err(error) if error.fault == MailFault::Refused && bytes.is_some() => Ok(bytes),
            done => done.map(|()| bytes),
        }
    }

    /// Reads one header.
    pub(super) async fn read_header(&mut self, uid: u32) -> Result<Option<Bytes>, MailError> {
        let part = Part { section: "HEADER", offset: 0, length: MAX_HEADER };
        self.fetch_part("read a header", uid, &part).await
    }

    /// Reads the headers of these mails.
    pub(super) async fn fetch_all_headers(
        &mut self,
        mut left: BTreeSet<u32>,
        to: &mpsc::Sender<Fetched>,
    ) -> Result<(), MailError> {
        if !self.refuses_pieces && !left.is_empty() {
            let set = set_of(&left);
            let items = format!("(UID BODY.PEEK[HEADER]<0.{MAX_HEADER}>)");
            let mut read = |fetch: &Attributes<'_>| {
                let (uid, raw) = (fetch.uid?, fetch.header()?);
                let raw = Some(Bytes::copy_from_slice(raw));
                left.remove(&uid).then_some(Fetched { server_id: ServerId::Imap { uid }, raw })
            };
            let query = Query { set: &set, items: &items, asked: None };
            match self.fetch_each("read headers", query, Some(to), &mut read).await {
                Err(error) if error.fault == MailFault::Refused => {}
                Ok(()) if !to.is_closed() => {}
                done => return done,
            }
        }
        // One of them, perhaps, was refused, or told of without its UID.
        for uid in left {
            let raw = match self.read_header(uid).await {
                Err(error) if error.fault == MailFault::Refused => None,
                header => header?,
            };
            if to.send(Fetched { server_id: ServerId::Imap { uid }, raw }).await.is_err() {
                break;
            }
        }
        Ok(())
    }
}
