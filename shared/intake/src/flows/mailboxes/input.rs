//! What people give of a mailbox, and its checks.

use super::{
    after::{self, AfterImportInput},
    auth::{self, AuthInput, Resolved},
    folder::{INBOX, folder_name},
    rules,
};
use crate::{
    App, Result, Sentence, Timestamp,
    error::FieldErrors,
    request,
    types::{
        Version,
        given::Given,
        handler::{self, Handler},
        host::{AddressPolicy, MailHost, Network, network_of},
        ids::MailboxId,
        mailbox::{MailServer, Mailbox, Protocol, Start, StartMode, Tls},
        name::Name,
        policy::{RateLimits, RateLimitsInput, SenderPolicy, SenderPolicyInput},
        project::ProjectKey,
    },
};

request! {
    /// What makes a mailbox, and what changes it: then absent fields stay.
    #[schema(as = NewMailbox)]
    pub struct MailboxInput {
        /// 1 to 100 characters; unique without regard to case and width.
        #[schema(value_type = String, required, min_length = 1, max_length = 100)]
        name: String,
        /// What is spoken with the server.
        #[schema(value_type = Protocol, required)]
        protocol: String,
        /// A name or address. Google's and Microsoft's accounts: the provider's own mail hosts only.
        #[schema(value_type = String, required, min_length = 1, max_length = 253)]
        host: String,
        /// 1 to 65535.
        #[schema(value_type = i64, required, minimum = 1, maximum = 65535)]
        port: i64,
        /// `none`: to a private address only, where private networks are allowed.
        #[schema(value_type = Tls, required)]
        tls: String,
        /// IMAP only; `INBOX` by default.
        #[schema(value_type = String, min_length = 1, max_length = 500)]
        folder: String,
        /// In a change, merged with what is there while the method stays. A changed protocol, host, port or tls needs the
        /// password again.
        #[schema(value_type = AuthInput, required)]
        auth: AuthInput,
        /// 60 (default) to 86400.
        #[schema(value_type = i64, minimum = 60, maximum = 86400)]
        poll_interval_seconds: i64,
        /// `new_only` by default.
        #[schema(value_type = StartInput)]
        start: StartInput,
        /// A project's key.
        #[schema(value_type = String, required, pattern = "^[A-Z][A-Z0-9_]{0,9}$")]
        project: String,
        /// Nothing by default.
        #[schema(value_type = AfterImportInput)]
        after_import: AfterImportInput,
        /// The whole list, from top to bottom; none by default.
        #[schema(value_type = Vec<Handler>, max_items = 100)]
        handlers: Vec<Handler>,
        /// What is done about senders that may be forged; marked by default where the server found them so.
        #[schema(value_type = SenderPolicy)]
        sender_policy: SenderPolicyInput,
        /// How many mails an hour are ordinary, 1 to 1000 each; what comes above is held. Not for a first import, a
        /// backfill, an import or a redrive.
        #[schema(value_type = RateLimits)]
        rate_limits: RateLimitsInput,
        /// True by default.
        #[schema(value_type = bool)]
        enabled: bool,
    }
}

request! {
    /// What the first poll imports.
    pub struct StartInput {
        /// `new_only` by default.
        #[schema(value_type = StartMode, required)]
        mode: String,
        /// With `since`: RFC 3339.
        #[schema(value_type = String, format = DateTime)]
        since: String,
    }
}

impl StartInput {
    /// What it means, where it is all that was given.
    pub(in crate::flows) fn checked(self) -> Result<Start> {
        let mut errors = FieldErrors::default();
        let start = start(Given::Value(self), Start::NewOnly, &mut errors);
        errors.finish_with(start)
    }
}

/// The mailbox that is meant, and how it signs in; `present` is what a change starts from. Tells everything that is wrong
/// at once.
pub(super) async fn check(
    app: &App,
    input: MailboxInput,
    present: Option<&Mailbox>,
) -> Result<(Mailbox, Resolved)> {
    let mut errors = FieldErrors::default();
    let e = &mut errors;
    let name = input.name.required(e, "/name", present.map(|p| p.name.clone()), |text| Name::new(&text));
    let was = present.map(|p| p.server.clone());
    let protocol = input.protocol.required(e, "/protocol", was.as_ref().map(|s| s.protocol), |t| t.parse());
    let server = server(app, protocol, (input.host, input.port, input.tls), was, e);
    let interval = present.map_or(Mailbox::MIN_POLL_INTERVAL, |p| p.poll_interval_seconds);
    let interval = input.poll_interval_seconds.required(e, "/poll_interval_seconds", Some(interval), seconds);
    let folder = folder(input.folder, protocol, present, e);
    let after_import = after::check(input.after_import, present, protocol, &folder, e);
    let start = start(input.start, present.map_or(Start::NewOnly, |p| p.start), e);
    let project = input
        .project
        .required(e, "/project", present.map(|p| p.project.clone()), |text| ProjectKey::new(&text));
    let handlers = rules::handlers(input.handlers, present, e);
    let sender_policy = rules::sender_policy(input.sender_policy, present, e);
    let rate_limits = rules::rate_limits(input.rate_limits, present, e);
    let signs_in = auth::resolve(app, input.auth, server.as_ref(), present, e).await?;
    if let Some(key) = &project
        && present.map(|p| &p.project) != Some(key)
        && app.store.project(key).await?.is_none()
    {
        e.add("/project", "field.missing.project");
    }
    if present.map(|p| &p.handlers) != Some(&handlers) {
        check_handlers(app, &handlers, e).await?;
    }
    let now = app.now();
    let made = || {
        Some(Mailbox {
            id: present.map_or_else(|| MailboxId::from_parts(now, app.id_bits()), |p| p.id),
            version: present.map_or(Version::FIRST, |p| p.version.next()),
            name: name?,
            server: server?,
            folder,
            auth: signs_in.auth.clone()?,
            known_as: present.and_then(|p| p.known_as.clone()),
            poll_interval_seconds: interval?,
            start: start?,
            project: project?,
            after_import,
            handlers,
            sender_policy,
            rate_limits,
            enabled: input.enabled.value().unwrap_or(present.is_none_or(|p| p.enabled)),
            deleting: false,
            created_at: present.map_or(now, |p| p.created_at),
            updated_at: now,
        })
    };
    let made = made();
    errors.finish_with(made).map(|mailbox| (mailbox, signs_in))
}

/// The projects that handlers name exist.
pub(in crate::flows) async fn check_handlers(
    app: &App,
    handlers: &[Handler],
    errors: &mut FieldErrors,
) -> Result<()> {
    for key in handler::projects(handlers) {
        if app.store.project(key).await?.is_none() {
            errors.add("/handlers", Sentence::new("field.handler_project").with("key", key));
        }
    }
    Ok(())
}

fn server(
    app: &App,
    protocol: Option<Protocol>,
    (host, port, tls): (Given<String>, Given<i64>, Given<String>),
    was: Option<MailServer>,
    e: &mut FieldErrors,
) -> Option<MailServer> {
    let was = was.as_ref();
    let host = host.required(e, "/host", was.map(|s| s.host.clone()), |text| MailHost::new(&text));
    let port = port.required(e, "/port", was.map(|s| s.port), |port| {
        u16::try_from(port).ok().filter(|port| *port > 0).ok_or("field.port")
    });
    let tls = tls.required(e, "/tls", was.map(|s| s.tls), |text| text.parse::<Tls>());
    let server = MailServer { protocol: protocol?, host: host?, port: port?, tls: tls? };
    check_server(app, &server, e);
    Some(server)
}

fn seconds(given: i64) -> Result<u32, &'static str> {
    let interval = Mailbox::MIN_POLL_INTERVAL..=Mailbox::MAX_POLL_INTERVAL;
    let seconds = u32::try_from(given).ok().filter(|seconds| interval.contains(seconds));
    seconds.ok_or("field.interval")
}

/// Addresses and local names are decided now, other names at each connection.
fn check_server(app: &App, server: &MailServer, e: &mut FieldErrors) {
    let policy = app.settings.addresses;
    let private =
        server.host.ip().map_or(server.host.is_local_name(), |ip| network_of(ip) == Network::Private);
    if !policy.permits_host(&server.host) {
        let detail = AddressPolicy::refusal(&server.host);
        e.refuse("/host", "address_not_allowed", detail);
    } else if app.settings.is_ourselves(&server.host, server.port) {
        e.refuse("/host", "address_not_allowed", "field.ourselves");
    }
    if server.tls == Tls::None && !(private && policy.allow_private) {
        let detail = "field.tls.clear";
        e.refuse("/tls", "clear_text_not_allowed", detail);
    }
}

fn folder(
    given: Given<String>,
    protocol: Option<Protocol>,
    present: Option<&Mailbox>,
    e: &mut FieldErrors,
) -> String {
    let folder = given.optional(e, "/folder", present.map(|p| p.folder.clone()), folder_name);
    let folder = folder.unwrap_or_else(|| INBOX.to_owned());
    if protocol == Some(Protocol::Pop3) && folder != INBOX {
        e.add("/folder", "field.imap_only");
    }
    folder
}

fn start(given: Given<StartInput>, present: Start, e: &mut FieldErrors) -> Option<Start> {
    let Given::Value(input) = given else { return Some(present) };
    let since = input
        .since
        .clone()
        .optional(e, "/start/since", None, |text| text.parse::<Timestamp>().map_err(|_| "field.time"));
    let mode = input.mode.required(e, "/start/mode", None, |text| text.parse())?;
    match (mode, since) {
        (StartMode::Since, Some(since)) => Some(Start::Since { since }),
        (StartMode::Since, None) => {
            if !input.since.is_value() {
                e.add("/start/since", "field.with_since");
            }
            None
        }
        (_, Some(_)) => {
            e.add("/start/since", "field.since_only");
            None
        }
        (StartMode::All, None) => Some(Start::All),
        (StartMode::NewOnly, None) => Some(Start::NewOnly),
    }
}
