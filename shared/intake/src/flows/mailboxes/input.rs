//! What people type about a mailbox, and the checks that need no store.

use secrecy::SecretString;

use super::{
    after::{self, AfterImportInput},
    rules,
};
use crate::{
    App, Timestamp,
    error::FieldErrors,
    types::{
        errand::MailAction,
        given::{self, Given},
        handler::Handler,
        host::{AddressPolicy, MailHost, Network, network_of},
        mailbox::{MailServer, Mailbox, Protocol, Start, StartMode, Tls},
        name::Name,
        policy::{RateLimits, RateLimitsInput, SenderPolicy, SenderPolicyInput},
        project::ProjectKey,
    },
};

/// What a request says about a mailbox, unchecked. Used to create and to change.
#[derive(Debug, Default)]
pub struct MailboxInput {
    /// Unique among mailboxes, without regard to case and width.
    pub name: Given<String>,
    /// `imap` or `pop3`.
    pub protocol: Given<String>,
    /// A name or address.
    pub host: Given<String>,
    /// 1 to 65535.
    pub port: Given<i64>,
    /// `implicit`, `starttls` or `none`.
    pub tls: Given<String>,
    /// IMAP only; `INBOX` by default.
    pub folder: Given<String>,
    /// How to sign in.
    pub auth: Given<AuthInput>,
    /// 60 (default) to 86,400.
    pub poll_interval_seconds: Given<i64>,
    /// What the first poll imports; `new_only` by default.
    pub start: Given<StartInput>,
    /// A project's key.
    pub project: Given<String>,
    /// What is done to a mail on the server after its import; nothing by default.
    pub after_import: Given<AfterImportInput>,
    /// What a mail becomes; the list as a whole.
    pub handlers: Given<Vec<Handler>>,
    /// What is done about senders that may be forged; marked by default where the server found them so.
    pub sender_policy: Given<SenderPolicyInput>,
    /// How many mails an hour are ordinary.
    pub rate_limits: Given<RateLimitsInput>,
    /// True by default.
    pub enabled: Given<bool>,
}

/// How to sign in, unchecked.
#[derive(Debug, Default)]
pub struct AuthInput {
    /// `oauth2` or `password`.
    pub method: Given<String>,
    /// OAuth 2.0: a signed-in account …
    pub grant_id: Given<String>,
    /// … or an integration under which an account is going to sign in.
    pub integration_id: Given<String>,
    /// The mailbox to open (OAuth 2.0; the grant's account by default) or the login name (password).
    pub username: Given<String>,
    /// Password only.
    pub password: Given<SecretString>,
}

/// What the first poll imports, unchecked.
#[derive(Debug, Clone, Default)]
pub struct StartInput {
    /// `new_only`, `all` or `since`.
    pub mode: Given<String>,
    /// With `since`: RFC 3339.
    pub since: Given<String>,
}

impl StartInput {
    /// What it means, where it is all that was given.
    pub(in crate::flows) fn checked(self) -> crate::Result<Start> {
        let mut errors = FieldErrors::default();
        let start = start(Given::Value(self), Start::NewOnly, &mut errors);
        errors.finish()?;
        start.ok_or_else(|| crate::Error::internal("a start without an error and without a value"))
    }
}

/// Everything but the sign-in, checked as far as no store is needed. None where an error was noted.
pub(super) struct Checked {
    pub(super) name: Option<Name>,
    pub(super) server: Option<MailServer>,
    pub(super) folder: Option<String>,
    pub(super) poll_interval_seconds: Option<u32>,
    pub(super) start: Option<Start>,
    pub(super) project: Option<ProjectKey>,
    pub(super) after_import: Option<MailAction>,
    pub(super) handlers: Vec<Handler>,
    pub(super) sender_policy: SenderPolicy,
    pub(super) rate_limits: RateLimits,
    pub(super) enabled: bool,
}

/// Checks everything but `auth`.
pub(super) fn check(
    app: &App,
    input: MailboxInput,
    present: Option<&Mailbox>,
    e: &mut FieldErrors,
) -> Checked {
    let name = input.name.required(e, "/name", present.map(|p| p.name.clone()), |text| Name::new(&text));
    let protocol = input
        .protocol
        .required(e, "/protocol", present.map(|p| p.server.protocol), |text| text.parse::<Protocol>());
    let host =
        input.host.required(e, "/host", present.map(|p| p.server.host.clone()), |text| MailHost::new(&text));
    let port = input.port.required(e, "/port", present.map(|p| p.server.port), |port| {
        u16::try_from(port).ok().filter(|port| *port > 0).ok_or("must be a number from 1 to 65535")
    });
    let tls = input.tls.required(e, "/tls", present.map(|p| p.server.tls), |text| text.parse::<Tls>());
    let server = match (protocol, host, port, tls) {
        (Some(protocol), Some(host), Some(port), Some(tls)) => {
            let server = MailServer { protocol, host, port, tls };
            check_server(app, &server, e);
            Some(server)
        }
        _ => None,
    };
    let interval = Mailbox::MIN_POLL_INTERVAL..=Mailbox::MAX_POLL_INTERVAL;
    let poll_interval_seconds = input.poll_interval_seconds.required(
        e,
        "/poll_interval_seconds",
        Some(present.map_or(Mailbox::MIN_POLL_INTERVAL, |p| p.poll_interval_seconds)),
        |seconds| {
            let seconds = u32::try_from(seconds).ok().filter(|seconds| interval.contains(seconds));
            seconds.ok_or("must be a number from 60 to 86400")
        },
    );
    let present_start = present.map_or(Start::NewOnly, |p| p.start);
    let folder = folder(input.folder, protocol, present, e);
    Checked {
        name,
        after_import: after::check(input.after_import, present, protocol, folder.as_deref(), e),
        folder,
        server,
        poll_interval_seconds,
        start: start(input.start, present_start, e),
        project: input
            .project
            .required(e, "/project", present.map(|p| p.project.clone()), |text| ProjectKey::new(&text)),
        handlers: rules::handlers(input.handlers, present, e),
        sender_policy: rules::sender_policy(input.sender_policy, present, e),
        rate_limits: rules::rate_limits(input.rate_limits, present, e),
        enabled: input.enabled.value().unwrap_or(present.is_none_or(|p| p.enabled)),
    }
}

/// Addresses and local names are decided now, other names at each connection.
fn check_server(app: &App, server: &MailServer, e: &mut FieldErrors) {
    let policy = app.settings.addresses;
    let private =
        server.host.ip().map_or(server.host.is_local_name(), |ip| network_of(ip) == Network::Private);
    if !policy.permits_host(&server.host) {
        let detail = AddressPolicy::refusal(&server.host);
        e.refuse("/host", "address_not_allowed", "An address is not allowed.", detail);
    } else if app.settings.is_ourselves(&server.host, server.port) {
        e.refuse("/host", "address_not_allowed", "An address is not allowed.", "is Maildocket itself");
    }
    if server.tls == Tls::None && !(private && policy.allow_private) {
        let detail = "must be implicit or starttls: clear text goes only to a private address, where allowed";
        e.refuse("/tls", "clear_text_not_allowed", "A connection without TLS is not allowed.", detail);
    }
}

const INBOX: &str = "INBOX";

/// A folder's name, in Unicode.
pub(super) fn folder_name(text: String) -> Result<String, &'static str> {
    if text.len() > 500 || text.is_empty() || text.chars().any(char::is_control) {
        return Err("must be a folder's name of 1 to 500 bytes");
    }
    // RFC 3501 section 5.1: this name alone has no case.
    Ok(if text.eq_ignore_ascii_case(INBOX) { INBOX.to_owned() } else { text })
}

fn folder(
    given: Given<String>,
    protocol: Option<Protocol>,
    present: Option<&Mailbox>,
    e: &mut FieldErrors,
) -> Option<String> {
    let folder = given.optional(e, "/folder", present.map(|p| p.folder.clone()), folder_name);
    let folder = folder.unwrap_or_else(|| INBOX.to_owned());
    if protocol == Some(Protocol::Pop3) && folder != INBOX {
        e.add("/folder", "is for imap only: POP3 has no folders");
    }
    Some(folder)
}

fn start(given: Given<StartInput>, present: Start, e: &mut FieldErrors) -> Option<Start> {
    let Given::Value(input) = given else { return Some(present) };
    let since = input.since.clone().optional(e, "/start/since", None, |text| {
        text.parse::<Timestamp>().map_err(|_| "must be a time such as 2026-11-01T00:00:00Z")
    });
    let mode = input.mode.required(e, "/start/mode", None, |text| text.parse())?;
    match (mode, since) {
        (StartMode::Since, Some(since)) => Some(Start::Since { since }),
        (StartMode::Since, None) => {
            if !input.since.is_value() {
                e.add("/start/since", "is required with since");
            }
            None
        }
        (_, Some(_)) => {
            e.add("/start/since", "is for the mode since only");
            None
        }
        (StartMode::All, None) => Some(Start::All),
        (StartMode::NewOnly, None) => Some(Start::NewOnly),
    }
}

/// A login name or address: one line, kept as typed but for blanks around it.
pub(super) fn username(text: &str) -> Result<String, String> {
    given::line(text, 320)
}
