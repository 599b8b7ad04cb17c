//! What the fuzzer calls (`cargo xtask fuzz`), and tests that call it with what is kept of its inputs, and with changes
//! of them.
//!
//! Each target is a whole session with a server that says any bytes, whatever it is asked: connected, signed in, a folder
//! opened, and all done that can be done. It panics where something is promised and does not hold.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, LazyLock},
    task::{Context, Poll},
    time::Duration,
};

use async_trait::async_trait;
use intake::{
    Timestamp,
    ports::{
        Credentials, Fetched, FolderSession, Gate, Listed, MailError, MailSession, MailTarget, OpenedFolder,
        Resolve, ToChange,
    },
    types::{
        errand::MailAction,
        host::{AddressPolicy, MailHost, OwnListener},
        mailbox::{MailServer, Protocol, Tls},
        message::ServerId,
    },
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    runtime::{Builder, Runtime},
    sync::mpsc,
};

use crate::{
    SourceConfig,
    approach::{Approach, Failed},
    connect::Connector,
    imap, pop3,
};

/// A name and what it runs.
pub type Target = (&'static str, fn(&[u8]));

/// All targets; what is kept of their inputs lies in `tests/corpus/NAME/`.
pub const TARGETS: [Target; 2] = [("imap", imap_session), ("pop3", pop3_session)];

/// Reads at the end of what a server says. More are made by something that does not end.
const MAX_READS: u32 = 1000;
/// Mails of one listing.
const LISTING: usize = 50;
/// The largest mail that is taken whole, bytes: what a server only announces takes no memory.
const MAX_MAIL: u64 = 64 * 1024;

/// Nothing is connected to.
struct NoNames;

#[async_trait]
impl Resolve for NoNames {
    async fn resolve(&self, _: &str, _: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(Vec::new())
    }
}

static CONNECTOR: LazyLock<Connector> = LazyLock::new(|| {
    let gate = Gate {
        addresses: AddressPolicy { allow_private: true },
        own: OwnListener::default(),
        resolver: Arc::new(NoNames),
    };
    let config = SourceConfig::new(gate, Vec::new());
    Connector::new(config)
});

/// A server that has said everything before it is asked, and hangs up.
#[derive(Debug)]
struct Said {
    bytes: Vec<u8>,
    at: usize,
    /// As many bytes come at once.
    piece: usize,
    reads: u32,
}

impl AsyncRead for Said {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest.len().min(self.piece).min(buf.remaining());
        buf.put_slice(rest.get(..length).unwrap_or_default());
        self.at += length;
        self.reads += u32::from(length == 0);
        assert!(self.reads < MAX_READS, "it goes on reading where nothing comes any more");
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Said {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// The first byte says who signs in, and how the others come.
fn begun(data: &[u8]) -> (Said, Credentials) {
    let (how, bytes) = data.split_first().unwrap_or((&b'0', &[]));
    let username = "ann@example.com".to_owned();
    let credentials = if how & 1 == 0 {
        Credentials::Password { username, password: "secret".into() }
    } else {
        Credentials::Bearer { username, token: "token".into() }
    };
    let piece = [1, 7, 64, usize::MAX].into_iter().nth(usize::from(how >> 1 & 3)).unwrap_or(1);
    (Said { bytes: bytes.to_vec(), at: 0, piece, reads: 0 }, credentials)
}

fn target(protocol: Protocol) -> MailTarget {
    let host = MailHost::new("mail.example.com").expect("a name");
    let server = MailServer { protocol, host, port: 1, tls: Tls::None };
    let life = Duration::from_secs(60);
    MailTarget { server, folder: "INBOX".to_owned(), max_mail_bytes: MAX_MAIL, life }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().expect("a runtime")
}

fn imap_session(data: &[u8]) {
    runtime().block_on(async {
        if let Ok(opened) = open_imap(data).await {
            go_through(opened).await;
        }
    });
}

async fn open_imap(data: &[u8]) -> Result<OpenedFolder, MailError> {
    let (said, credentials) = begun(data);
    let greeted = imap::greeted(Box::new(said), CONNECTOR.limits.handshake, "greet").await?;
    let target = target(Protocol::Imap);
    let who = (&target, &credentials);
    let opened = imap::enter(&CONNECTOR, who, greeted, Approach::Usual).await;
    opened.map_err(|failed| failed.error)
}

fn pop3_session(data: &[u8]) {
    runtime().block_on(async {
        if let Ok(opened) = open_pop3(data).await {
            go_through(opened).await;
        }
    });
}

async fn open_pop3(data: &[u8]) -> Result<OpenedFolder, MailError> {
    let (said, credentials) = begun(data);
    let (target, approach) = (target(Protocol::Pop3), Approach::Usual);
    let opened = async {
        let greeted = pop3::greeted(Box::new(said), &CONNECTOR, approach, "greet".to_owned()).await?;
        let who = (&target, &credentials);
        pop3::enter(&CONNECTOR, who, greeted, approach).await
    };
    opened.await.map_err(|failed: Failed| failed.error)
}

/// All that polls do, for as long as the server has something to say.
async fn go_through(opened: OpenedFolder) {
    let OpenedFolder { mut session, status } = opened;
    let open = &mut *session;
    let from = status.uid_next.unwrap_or(1).saturating_sub(100).max(1);
    let mut mails = listed(open, from, None).await;
    if let Some(maildrop) = open.half().maildrop() {
        mails.extend(maildrop.mails().await.unwrap_or_default().into_iter().map(|mail| mail.server_id));
    }
    mails.truncate(LISTING);
    mails.sort_unstable();
    mails.dedup();
    read(open, &mails, true).await;
    read(open, &mails, false).await;
    for id in mails.iter().take(2) {
        piece(open, id, 0, 1).await;
        piece(open, id, 1, 5).await;
        let _ = open.fetch_header(id).await;
    }
    listed(open, 1, Some(from)).await;
    if let Ok(folder) = open.half().folder() {
        as_folder(folder, &mails).await;
    }
    session.close().await;
}

/// What folders alone can.
async fn as_folder(open: &mut dyn FolderSession, mails: &[ServerId]) {
    let found = open.find(None, Some(Timestamp::UNIX_EPOCH)).await.unwrap_or_default();
    let found: Vec<ServerId> = found.into_iter().take(LISTING).collect();
    let _ = open.describe(&found).await;
    let _ = open.identify(mails).await;
    let moved = MailAction::Move { folder: "Done & dusted".to_owned() };
    for action in [MailAction::MarkSeen, moved, MailAction::Delete] {
        let to_change =
            mails.iter().map(|id| ToChange { server_id: id.clone(), again: true }).collect::<Vec<_>>();
        let _ = open.change(&to_change, &action).await;
    }
}

/// Ascending, each mail once, within the range, and no more than were wanted.
async fn listed(session: &mut dyn MailSession, from: u32, to: Option<u32>) -> Vec<ServerId> {
    let listed: Vec<Listed> = session.list(from, to, LISTING).await.unwrap_or_default();
    let uids: Vec<u32> = listed.iter().filter_map(|mail| mail.server_id.uid()).collect();
    assert!(uids.is_sorted_by(|one, next| one < next), "{uids:?} is no order");
    assert!(uids.iter().all(|uid| *uid >= from && to.is_none_or(|to| *uid < to)), "{uids:?} is beyond");
    assert!(listed.len() <= LISTING, "more than were wanted");
    listed.into_iter().map(|mail| mail.server_id).collect()
}

/// Each mail that was asked for comes at most once, and no other.
async fn read(session: &mut dyn MailSession, mails: &[ServerId], headers: bool) {
    let (sender, mut receiver) = mpsc::channel::<Fetched>(1);
    let mut awaited = mails.to_vec();
    let receive = async {
        while let Some(mail) = receiver.recv().await {
            let at = awaited.iter().position(|id| *id == mail.server_id);
            awaited.swap_remove(at.expect("a mail came that was not asked for, or once more"));
        }
    };
    let send = async {
        if headers { session.fetch_headers(mails, sender).await } else { session.fetch(mails, sender).await }
    };
    let _ = tokio::join!(send, receive);
}

async fn piece(session: &mut dyn MailSession, id: &ServerId, offset: u64, length: u32) {
    if let Ok(Some(piece)) = session.fetch_piece(id, offset, length).await {
        assert!(piece.len() <= length as usize, "more came than was asked for");
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use proptest::{collection::vec, prelude::*, sample::Index};

    use super::*;

    fn corpus(name: &str) -> Vec<Vec<u8>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus").join(name);
        let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        files.iter().map(|file| fs::read(file).unwrap()).collect()
    }

    #[test]
    fn what_is_kept_holds() {
        for (name, run) in TARGETS {
            let kept = corpus(name);
            assert!(!kept.is_empty(), "{name} has no corpus");
            kept.iter().for_each(|bytes| run(bytes));
        }
    }

    /// The seeds lead where they are meant to lead: a corpus that ends at the greeting finds nothing.
    #[test]
    fn seeds_lead_into_the_session() {
        let opened = |name: &str| {
            let is_open = |bytes: &Vec<u8>| {
                runtime().block_on(async {
                    if name == "imap" { open_imap(bytes).await } else { open_pop3(bytes).await }.is_ok()
                })
            };
            corpus(name).iter().filter(|bytes| is_open(bytes)).count()
        };
        assert!(opened("imap") >= 5 && opened("pop3") >= 3);
    }

    #[derive(Debug, Clone)]
    enum Mutation {
        Set(Index, u8),
        Remove(Index, usize),
        Double(Index, usize),
        /// Another place's bytes.
        Copy(Index, Index, usize),
    }

    impl Mutation {
        fn apply(&self, bytes: &mut Vec<u8>) {
            let end = |at: usize, length: usize, bytes: &[u8]| (at + length).min(bytes.len());
            match self {
                Self::Set(at, byte) => *at.get_mut(bytes) = *byte,
                Self::Remove(at, length) if bytes.len() > *length => {
                    let at = at.index(bytes.len());
                    bytes.drain(at..end(at, *length, bytes));
                }
                Self::Remove(..) => {}
                Self::Double(at, length) => Self::Copy(*at, *at, *length).apply(bytes),
                Self::Copy(from, to, length) => {
                    let from = from.index(bytes.len());
                    let some = bytes[from..end(from, *length, bytes)].to_vec();
                    let to = to.index(bytes.len());
                    bytes.splice(to..to, some);
                }
            }
        }
    }

    fn mutation() -> impl Strategy<Value = Mutation> {
        let at = any::<Index>;
        prop_oneof![
            (at(), prop_oneof![any::<u8>(), b'0'..=b'9', Just(b' '), Just(b'\n')])
                .prop_map(|(at, byte)| Mutation::Set(at, byte)),
            (at(), 1..30usize).prop_map(|(at, length)| Mutation::Remove(at, length)),
            (at(), 1..30usize).prop_map(|(at, length)| Mutation::Double(at, length)),
            (at(), at(), 1..60usize).prop_map(|(from, to, length)| Mutation::Copy(from, to, length)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]
        #[test]
        fn changed_inputs_hold(seed: Index, mutations in vec(mutation(), 1..6)) {
            for (name, run) in TARGETS {
                let kept = corpus(name);
                let mut bytes = seed.get(&kept).clone();
                mutations.iter().for_each(|mutation| mutation.apply(&mut bytes));
                run(&bytes);
            }
        }
    }
}
