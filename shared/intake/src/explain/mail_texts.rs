//! What mail servers say when they refuse: response codes (RFC 5530, RFC 2449, RFC 3206) and the texts of well-known servers.

use std::time::Duration;

use super::{
    row::{Source, has},
    vendors::Vendor,
};
use crate::{error::Kind, ports::MailFault, types::host::MailHost};

/// When a row counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// For every answer.
    Always,
    /// For the answer to a sign-in.
    SignIn,
    /// For the answer to any other command.
    Command,
}

/// A part of a server's text, in lower case, and what it means.
pub(super) struct Row {
    pub(super) text: &'static str,
    pub(super) when: When,
    pub(super) fault: MailFault,
    pub(super) class: Kind,
    pub(super) key: &'static str,
    #[allow(dead_code, reason = "for readers of the table; counted by a test")]
    pub(super) source: Source,
    /// Whose words they are, and the sentence at everybody else's hosts.
    pub(super) vendor: Option<(Vendor, &'static str)>,
}

impl Row {
    /// The sentence is about this vendor; elsewhere the words mean less.
    const fn at(mut self, vendor: Vendor, elsewhere: &'static str) -> Self {
        self.vendor = Some((vendor, elsewhere));
        self
    }

    /// Its sentence at this host; the one for everybody where the host is not known.
    pub(super) fn key_at(&self, host: Option<&MailHost>) -> &'static str {
        match self.vendor {
            Some((vendor, elsewhere)) if !host.is_some_and(|host| vendor.owns(host)) => elsewhere,
            _ => self.key,
        }
    }
}

const REFUSED: MailFault = MailFault::AuthenticationRefused { challenge: None };
const SOON: MailFault = MailFault::Throttled { after: None };
const FIVE_MINUTES: MailFault = MailFault::Throttled { after: Some(Duration::from_secs(300)) };
const HOUR: MailFault = MailFault::Throttled { after: Some(Duration::from_secs(3600)) };
const RETRY: Kind = Kind::Retry { after: None };

const fn row(
    text: &'static str,
    when: When,
    fault: MailFault,
    (class, key): (Kind, &'static str),
    source: Source,
) -> Row {
    Row { text, when, fault, class, key, source, vendor: None }
}

use Kind::{Configuration, NeedsAdministrator, NeedsConsent};
use MailFault::{AddressBlocked, NoFolder, NotPermitted, Refused, SignInBlocked, Temporary};
use Source::{Experience, Reported, Rfc};
use Vendor::{Google, Microsoft};
use When::{Always, Command, SignIn};

/// Texts of servers stand before general codes, and within both the more special first.
pub(super) static TEXTS: [Row; 77] = [
    // Pauses.
    row("suggested backoff time", Always, SOON, (RETRY, "mail_throttled.microsoft"), Reported)
        .at(Microsoft, "mail_throttled"),
    row("request is throttled", Always, SOON, (RETRY, "mail_throttled.microsoft"), Reported)
        .at(Microsoft, "mail_throttled"),
    row("bandwidth limits", Always, HOUR, (RETRY, "mail_quota"), Reported),
    row("too many simultaneous", Always, FIVE_MINUTES, (RETRY, "mail_connections"), Reported),
    row("maximum number of connections", Always, SOON, (RETRY, "mail_connections"), Reported),
    row("too many connections", Always, SOON, (RETRY, "mail_connections"), Reported),
    row("rate limit", Always, SOON, (RETRY, "mail_throttled"), Experience),
    row("throttled", Always, SOON, (RETRY, "mail_throttled"), Experience),
    row("login attempts exceeded", Always, FIVE_MINUTES, (RETRY, "mail_throttled"), Experience),
    row("[login-delay]", Always, FIVE_MINUTES, (RETRY, "mail_throttled"), Rfc(2449)),
    // A setting of the mailbox, which no other token mends.
    row("not enabled for imap", SignIn, SignInBlocked, (NeedsAdministrator, "imap_switched_off"), Experience),
    row(
        "imap access is disabled",
        SignIn,
        SignInBlocked,
        (NeedsAdministrator, "imap_switched_off"),
        Experience,
    ),
    row("imap is disabled", SignIn, SignInBlocked, (NeedsAdministrator, "imap_switched_off"), Experience),
    row("not enabled for pop", SignIn, SignInBlocked, (NeedsAdministrator, "pop_switched_off"), Experience),
    row(
        "pop access is disabled",
        SignIn,
        SignInBlocked,
        (NeedsAdministrator, "pop_switched_off"),
        Experience,
    ),
    row("pop is disabled", SignIn, SignInBlocked, (NeedsAdministrator, "pop_switched_off"), Experience),
    row("log in via your web browser", SignIn, SignInBlocked, (NeedsConsent, "web_login_required"), Reported)
        .at(Google, "web_login_required.other"),
    row("web login required", SignIn, SignInBlocked, (NeedsConsent, "web_login_required"), Reported)
        .at(Google, "web_login_required.other"),
    row(
        "application-specific password",
        SignIn,
        SignInBlocked,
        (Configuration, "mail_password_login_off"),
        Experience,
    ),
    row(
        "basic authentication is disabled",
        SignIn,
        SignInBlocked,
        (Configuration, "mail_password_login_off"),
        Reported,
    ),
    row(
        "login failed.",
        SignIn,
        REFUSED,
        (Configuration, "mail_password_login_off.microsoft"),
        Source::Vendor,
    )
    .at(Microsoft, "mail_sign_in_refused.exchange"),
    row(
        "account is disabled",
        SignIn,
        SignInBlocked,
        (NeedsAdministrator, "mail_account_disabled"),
        Experience,
    ),
    row(
        "account is locked",
        SignIn,
        SignInBlocked,
        (NeedsAdministrator, "mail_account_disabled"),
        Experience,
    ),
    row("user disabled", SignIn, SignInBlocked, (NeedsAdministrator, "mail_account_disabled"), Experience),
    row(
        "account is blocked",
        SignIn,
        SignInBlocked,
        (NeedsAdministrator, "mail_account_disabled"),
        Experience,
    ),
    row(
        "account has been blocked",
        SignIn,
        SignInBlocked,
        (NeedsAdministrator, "mail_account_disabled"),
        Experience,
    ),
    row(
        "plaintext authentication disallowed",
        SignIn,
        SignInBlocked,
        (Configuration, "mail_needs_tls"),
        Experience,
    ),
    // A refused sign-in, where the server's habit tells more.
    row("(#auth", SignIn, REFUSED, (NeedsConsent, "mail_token_refused"), Reported),
    row(
        "invalid credentials (failure)",
        SignIn,
        REFUSED,
        (NeedsConsent, "mail_token_refused.google"),
        Reported,
    )
    .at(Google, "mail_token_refused"),
    row(
        "[auth] username and password not accepted",
        SignIn,
        REFUSED,
        (NeedsConsent, "mail_token_refused.google"),
        Experience,
    )
    .at(Google, "mail_token_refused"),
    row(
        "authenticate failed.",
        SignIn,
        REFUSED,
        (Configuration, "mail_sign_in_refused.microsoft"),
        Source::Vendor,
    )
    .at(Microsoft, "mail_sign_in_refused.exchange"),
    row(
        "authentication failure: unknown user name or bad password",
        SignIn,
        REFUSED,
        (Configuration, "mail_sign_in_refused.microsoft_pop"),
        Source::Vendor,
    )
    .at(Microsoft, "mail_sign_in_refused.exchange"),
    // The mailbox behind the sign-in.
    row(
        "authenticated but not connected",
        Always,
        NotPermitted,
        (Configuration, "mailbox_not_permitted"),
        Reported,
    ),
    // A session whose token ended, and short problems.
    row("accesstokenexpired", Always, Temporary, (RETRY, "mail_session_ended"), Reported),
    row("server unavailable", Always, Temporary, (RETRY, "mail_server_busy"), Reported),
    row("server busy", Always, Temporary, (RETRY, "mail_server_busy"), Reported),
    row("system error", Always, Temporary, (RETRY, "mail_server_busy"), Experience),
    row("temporary authentication failure", Always, Temporary, (RETRY, "mail_server_cannot_check"), Reported),
    row("internal error occurred", Always, Temporary, (RETRY, "mail_server_busy"), Experience),
    row("protocol error. connection is closed", Always, Temporary, (RETRY, "mail_server_closed"), Reported),
    row("temporary", Always, Temporary, (RETRY, "mail_server_busy"), Experience),
    // Folders: Dovecot, Cyrus, Courier, UW and Panda, Mailutils, pymap, Exchange.
    row("[nonexistent]", Command, NoFolder, (Configuration, "folder_missing"), Rfc(5530)),
    row("[trycreate]", Command, NoFolder, (Configuration, "folder_missing"), Rfc(3501)),
    row("unknown mailbox", Command, NoFolder, (Configuration, "folder_missing"), Experience),
    row("unknown folder", Command, NoFolder, (Configuration, "folder_missing"), Experience),
    row("unknown namespace", Command, NoFolder, (Configuration, "folder_missing"), Experience),
    row("doesn't exist", Command, NoFolder, (Configuration, "folder_missing"), Reported),
    row("does not exist", Command, NoFolder, (Configuration, "folder_missing"), Reported),
    row("no such mailbox", Command, NoFolder, (Configuration, "folder_missing"), Reported),
    row("no such folder", Command, NoFolder, (Configuration, "folder_missing"), Experience),
    row("no such file or directory", Command, NoFolder, (Configuration, "folder_missing"), Experience),
    row("mailbox not found", Command, NoFolder, (Configuration, "folder_missing"), Experience),
    row("folder not found", Command, NoFolder, (Configuration, "folder_missing"), Experience),
    row("invalid mailbox name", Command, NoFolder, (Configuration, "folder_missing.name"), Reported),
    row("invalid folder name", Command, NoFolder, (Configuration, "folder_missing.name"), Experience),
    row("mailbox name is invalid", Command, NoFolder, (Configuration, "folder_missing.name"), Experience),
    row("not selectable", Command, NoFolder, (Configuration, "folder_missing.not_selectable"), Experience),
    row("isn't selectable", Command, NoFolder, (Configuration, "folder_missing.not_selectable"), Experience),
    row("unable to open this mailbox", Command, NoFolder, (Configuration, "folder_missing.closed"), Reported),
    // Codes.
    row("[expired]", SignIn, SignInBlocked, (NeedsConsent, "mail_password_expired"), Rfc(5530)),
    row("[privacyrequired]", Always, SignInBlocked, (Configuration, "mail_needs_tls"), Rfc(5530)),
    row(
        "[contactadmin]",
        Always,
        SignInBlocked,
        (NeedsAdministrator, "mail_contact_administrator"),
        Rfc(5530),
    ),
    row("[authorizationfailed]", Always, NotPermitted, (Configuration, "mailbox_not_permitted"), Rfc(5530)),
    row("[noperm]", Always, NotPermitted, (Configuration, "mailbox_not_permitted"), Rfc(5530)),
    // Said of one mail too, which must not stop the others: only the sentence is of its own.
    row("permission denied", Command, Refused, (Configuration, "mailbox_not_permitted.folder"), Reported),
    row("access denied", Command, Refused, (Configuration, "mailbox_not_permitted.folder"), Experience),
    row("not authorized", Command, Refused, (Configuration, "mailbox_not_permitted.folder"), Experience),
    row("insufficient rights", Command, Refused, (Configuration, "mailbox_not_permitted.folder"), Experience),
    row("insufficient access", Command, Refused, (Configuration, "mailbox_not_permitted.folder"), Experience),
    row("[overquota]", Always, HOUR, (RETRY, "mail_quota"), Rfc(5530)),
    row("[limit]", Always, SOON, (RETRY, "mail_throttled"), Rfc(5530)),
    row("[unavailable]", Always, Temporary, (RETRY, "mail_server_cannot_check"), Rfc(5530)),
    row("[in-use]", Always, Temporary, (RETRY, "mailbox_in_use"), Rfc(2449)),
    row("[inuse]", Always, Temporary, (RETRY, "mailbox_in_use"), Rfc(5530)),
    row("[sys/perm]", SignIn, SignInBlocked, (NeedsAdministrator, "mail_contact_administrator"), Rfc(3206)),
    row("[sys/temp]", Always, Temporary, (RETRY, "mail_server_busy"), Rfc(3206)),
    row("[serverbug]", Always, Temporary, (RETRY, "mail_server_busy"), Rfc(5530)),
];

/// Somebody else holds the mailbox, in words that differ from server to server.
static IN_USE: Row = row("another session", Always, Temporary, (RETRY, "mailbox_in_use"), Rfc(1939));

/// A maildrop has one session at a time (RFC 1939 section 4), and hardly two servers say so in the same words. A lock on an
/// account is another matter: a person has to open it.
fn in_use(lower: &str, signing_in: bool) -> Option<&'static Row> {
    let has = |words: &[&str]| has(lower, words);
    let drop = has(&["maildrop", "mail drop", "mailbox", "mail file", "spool"]);
    let lock = has(&["lock"]) && !has(&["block"]);
    let of_account = has(&["account", "user", "login", "password", "attempt", "auth"]);
    let session = has(&["session", "connection", "logged"]) && has(&["another", "already", "other pop"]);
    let held = drop && has(&["in use", "busy", "already open", "being used", "is open", "used by"]);
    let said = if signing_in { session || (lock && !of_account) } else { false };
    (held || (drop && lock) || said).then_some(&IN_USE)
}

/// Our address is shut out. Servers, fail2ban and their neighbours say it in too many ways for a list of texts.
pub(super) static ADDRESS_BLOCKED: Row =
    row("", Always, AddressBlocked, (NeedsAdministrator, "mail_address_blocked"), Reported);
/// One sentence of the server names two causes, as Yandex's `LOGIN invalid credentials or IMAP is disabled`.
pub(super) static REFUSED_OR_SWITCHED_OFF: Row =
    row("", SignIn, REFUSED, (Configuration, "mail_sign_in_refused.or_switched_off"), Reported);

/// What a refusal means; None where neither its codes nor its words are known.
pub fn fault(text: &str, signing_in: bool) -> Option<MailFault> {
    let lower = text.to_ascii_lowercase();
    let fits = |row: &Row| match row.when {
        When::Always => true,
        When::SignIn => signing_in,
        When::Command => !signing_in,
    };
    let row = find(&lower, fits).or_else(|| in_use(&lower, signing_in))?;
    Some(match (&row.fault, pause(&lower)) {
        (MailFault::Throttled { .. }, Some(after)) => MailFault::Throttled { after: Some(after) },
        (fault, _) => fault.clone(),
    })
}

/// The row of a server's text that tells this fault, whenever it was said.
pub(super) fn row_of(text: &str, fault: &MailFault) -> Option<&'static Row> {
    let same = |row: &Row| std::mem::discriminant(&row.fault) == std::mem::discriminant(fault);
    let lower = text.to_ascii_lowercase();
    find(&lower, same).or_else(|| in_use(&lower, true).filter(|row| same(row)))
}

fn find(lower: &str, fits: impl Fn(&Row) -> bool) -> Option<&'static Row> {
    let known = TEXTS.iter().filter(|row| fits(row)).find(|row| lower.contains(row.text));
    match known {
        Some(row) if matches!(row.fault, MailFault::Throttled { .. }) => known,
        _ if is_address_blocked(lower) && fits(&ADDRESS_BLOCKED) => Some(&ADDRESS_BLOCKED),
        // What is switched off needs no other token, what is refused does.
        _ if is_switched_off(lower) && judges_the_sign_in(lower) => {
            Some(&REFUSED_OR_SWITCHED_OFF).filter(|row| fits(row)).or(known)
        }
        Some(row) if row.fault == NoFolder && is_about_a_mail(lower) => None,
        _ => known,
    }
}

fn is_address_blocked(lower: &str) -> bool {
    const LISTS: [&str; 6] = ["banned", "blacklist", "blocklist", "black list", "block list", "denylist"];
    const REFUSALS: [&str; 8] = [
        "block",
        "denied",
        "not allowed",
        "rejected",
        "many failed",
        "failed logins",
        "failed attempts",
        "failed login attempts",
    ];
    const OURS: [&str; 9] = [
        "your ip",
        "ip address",
        "your address",
        "your host",
        "your network",
        "this ip",
        "client ip",
        "from ip",
        "ip is ",
    ];
    let of_an_address = has(lower, &OURS);
    (has(lower, &LISTS) && (of_an_address || !has(lower, &["account", "user", "folder", "mailbox"])))
        || (of_an_address && has(lower, &REFUSALS))
}

fn is_switched_off(lower: &str) -> bool {
    has(lower, &["imap", "pop"])
        && has(lower, &["is disabled", "access disabled", "not enabled", "turned off", "switched off"])
        && !has(lower, &["basic authentication", "plaintext"])
}

/// Whether a text says, among other things, that name, password or token are not good.
fn judges_the_sign_in(lower: &str) -> bool {
    const WORDS: [&str; 8] = [
        "[authenticationfailed]",
        "[auth]",
        "invalid credential",
        "invalid login",
        "invalid user",
        "password",
        "authentication fail",
        "incorrect",
    ];
    has(lower, &WORDS) && !has(lower, &["application-specific", "app password"])
}

fn is_about_a_mail(lower: &str) -> bool {
    has(lower, &["message", "mail number"]) && !has(lower, &["mailbox", "folder", "namespace"])
}

/// Exchange names its pause: `Suggested Backoff Time: 299910 milliseconds`. At most one hour.
fn pause(lower: &str) -> Option<Duration> {
    let rest = lower.split("suggested backoff time:").nth(1)?.trim_start();
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let millis: u64 = digits.parse().ok()?;
    Some(Duration::from_millis(millis).min(Duration::from_secs(3600)))
}
