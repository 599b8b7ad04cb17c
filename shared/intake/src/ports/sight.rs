//! What a try of a mail server sees, stage by stage.

use std::net::{IpAddr, SocketAddr};

use tokio::sync::mpsc;

use super::{FolderStatus, MailError};
use crate::Timestamp;

/// Who follows a try while it is made: is told each stage as it begins, with what was seen before it.
#[derive(Debug, Clone)]
pub struct Follower(mpsc::UnboundedSender<(Stage, Sight)>);

impl Follower {
    /// A follower, and where it reads. A try has a handful of stages, which bounds what waits here.
    pub fn new() -> (Self, mpsc::UnboundedReceiver<(Stage, Sight)>) {
        let (told, read) = mpsc::unbounded_channel();
        (Self(told), read)
    }

    /// A stage begins. Nobody has to listen.
    pub fn tell(&self, stage: Stage, seen: &Sight) {
        let _ = self.0.send((stage, seen.clone()));
    }
}

/// The stages of a connection, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Stage {
    /// The host's name.
    #[default]
    Resolve,
    /// TCP.
    Connect,
    /// TLS and the certificate, with STARTTLS what leads there.
    Tls,
    /// The greeting, and what the server offers.
    Greet,
    /// The sign-in.
    SignIn,
    /// Opening the folder.
    Folder,
    /// Reading one header.
    Header,
    /// Looking at what is to be done to imported mails.
    AfterImport,
}

/// What a server's certificate says, good or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Who issued it: common name, else organisation. Printable.
    pub issuer: String,
    /// The hosts that it is for, at most ten.
    pub names: Vec<String>,
    /// The beginning of its validity.
    pub not_before: Timestamp,
    /// The end of its validity.
    pub not_after: Timestamp,
}

/// What would come of an action on imported mails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prospect {
    /// By what it would be done.
    pub means: Means,
    /// Whether the account may change mails in the folder.
    pub rights: Rights,
    /// Where mails would go; None where they stay or are deleted.
    pub target: Option<Target>,
}

/// By what an action is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// A flag.
    Flag,
    /// UID EXPUNGE (RFC 4315).
    Expunge,
    /// MOVE (RFC 6851).
    Move,
    /// COPY and UID EXPUNGE.
    CopyAndExpunge,
    /// By nothing, because the server does not offer this.
    Lacking(&'static str),
}

/// Whether mails in a folder may be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rights {
    /// As far as the server tells.
    Given,
    /// The folder opens for reading only.
    ReadOnly,
    /// The folder does not keep this flag.
    FlagNotKept(&'static str),
    /// The account lacks these rights (RFC 4314 section 2.1).
    Lacking(String),
}

/// The folder to which mails go, in Unicode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// It is there, under this name.
    There(String),
    /// It is there, and the account may not put mails into it.
    Closed(String),
    /// It is not there: the first mail makes it.
    ToBeMade {
        /// Under this name.
        name: String,
        /// The first folders that there are.
        others: Vec<String>,
    },
    /// It is not there, and the account may not make it.
    NotMade {
        /// The first folders that there are.
        others: Vec<String>,
    },
}

/// What was seen of a mail server, as far as the try came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sight {
    /// What the host resolves to.
    pub addresses: Vec<IpAddr>,
    /// The address that answered.
    pub peer: Option<SocketAddr>,
    /// The version of TLS, such as `TLS 1.3`.
    pub tls_version: Option<&'static str>,
    /// The certificate, also one that is refused; None where it cannot be read.
    pub certificate: Option<Certificate>,
    /// The ways to sign in that the server names, such as `XOAUTH2`.
    pub offered: Vec<String>,
    /// The way that was taken.
    pub used: Option<&'static str>,
    /// The opened folder.
    pub folder: Option<FolderStatus>,
    /// How many bytes the header of one mail has; None where there is no mail.
    pub header: Option<u64>,
    /// The first folders that can be opened, in Unicode; none where nobody got that far.
    pub folders: Vec<String>,
    /// What would come of what follows an import; None where nothing does.
    pub prospect: Option<Prospect>,
    /// Where and why the try ended before its end.
    pub end: Option<(Stage, MailError)>,
}

impl Sight {
    /// Whether this stage went well.
    pub fn passed(&self, stage: Stage) -> bool {
        self.end.as_ref().is_none_or(|(end, _)| stage < *end)
    }
}
