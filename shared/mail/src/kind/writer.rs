//! What the envelope and the header show of who wrote a mail. A person's mail carries none of the signs that count here;
//! words, subjects and files are not looked at.

use super::{
    phrases::{squeezed, starts_with_word},
    seen::Seen,
};
use crate::{
    languages::{self, Words},
    reply::is_answer_or_forward,
};

/// Local parts that only mail servers use.
pub(super) const DAEMONS: &[&str] = &[
    "mailer-daemon",
    "mailer_daemon",
    "mailerdaemon",
    "mailer.daemon",
    "mail-daemon",
    "mail_daemon",
    "maildaemon",
    "mail.daemon",
    "mdaemon",
    "internet-mail-delivery",
];

/// Local parts and names that mail servers use, and sometimes people who run them.
static KEEPERS: Words = Words::new(|| languages::words("bounce", "keeper"));

/// Parts of local parts at which nobody reads.
pub(super) const UNATTENDED: &[&str] = &[
    "noreply",
    "no-reply",
    "no_reply",
    "no.reply",
    "donotreply",
    "do-not-reply",
    "do_not_reply",
    "dmarc",
    "tlsrpt",
    "tls-report",
    "fbl",
    "feedbackloop",
];

/// Programs in which people write. In lower case.
pub(super) const PEOPLES: &[&str] = &[
    "thunderbird",
    "microsoft outlook",
    "microsoft office outlook",
    "apple mail",
    "iphone mail",
    "ipad mail",
    "windows live mail",
    "mutt",
    "evolution",
    "k-9",
    "kmail",
    "claws",
    "sylpheed",
    "em client",
    "the bat!",
    "becky",
    "shuriken",
    "foxmail",
    "mailmate",
    "airmail",
    "roundcube",
    "squirrelmail",
];

/// Who the From field says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sender {
    /// `MAILER-DAEMON`.
    Daemon,
    /// `postmaster`, `Mail Delivery System`: a server, or a person who keeps one.
    Keeper,
    /// Nobody reads there.
    Unattended,
    /// No address at all.
    Nobody,
    /// As people have it.
    Ordinary,
}

/// What Auto-Submitted (RFC 3834, section 5) says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Automatic {
    /// An answer that no person wrote.
    Replied,
    /// Sent by a machine, which notices, forms and forwarding rules are too.
    Generated,
    No,
}

/// What the envelope and the header show.
#[derive(Debug, Clone, Copy)]
pub(super) struct Writer {
    pub(super) sender: Sender,
    pub(super) automatic: Automatic,
    /// `Return-Path: <>`: whoever sent it wants no bounces (RFC 5321, section 4.5.5). A person's mail has lost its return
    /// path where a program fetched it and sent it on.
    pub(super) null_path: bool,
    /// A Return-Path with an address.
    pub(super) named_path: bool,
    /// It names a mail that it answers.
    pub(super) answers: bool,
    /// `Precedence: bulk` or `junk` outside of a list, as old answering programs set it.
    pub(super) bulk: bool,
    /// `X-Auto-Response-Suppress: All`. Exchange sets other values on what people write.
    pub(super) suppresses_all: bool,
    /// An inbox rule of Exchange forwarded or redirected it: whoever wrote it, that was no machine's mark.
    pub(super) by_rule: bool,
}

impl Writer {
    pub(super) fn of(seen: &Seen<'_>, is_list: bool) -> Self {
        let by_rule = by_rule(seen);
        let automatic = match seen.lower("auto-submitted") {
            value if value.starts_with("auto-replied") => Automatic::Replied,
            value if value.starts_with("auto") && !by_rule => Automatic::Generated,
            _ => Automatic::No,
        };
        Self {
            sender: sender(seen),
            automatic,
            null_path: seen.return_path == Some("") && !by_rule && !by_peoples_program(seen),
            named_path: seen.return_path.is_some_and(|path| !path.is_empty()),
            answers: seen.header("in-reply-to").is_some() || seen.header("references").is_some(),
            bulk: !is_list && matches!(seen.lower("precedence").as_str(), "bulk" | "junk"),
            suppresses_all: suppresses_all(seen),
            by_rule,
        }
    }

    /// Whether a machine says that it sent the mail, be it an answer or a notice.
    pub(super) fn is_automatic(&self) -> bool {
        self.automatic != Automatic::No
    }

    /// Whether the envelope or the sender shows that a mail server wrote it.
    pub(super) fn is_server(&self) -> bool {
        self.null_path || self.automatic == Automatic::Replied || self.sender == Sender::Daemon
    }

    /// Whether no person sends mail in such a way, not even one who keeps a mail server.
    pub(super) fn is_unmanned(&self) -> bool {
        self.is_server() || self.is_automatic() || self.sender == Sender::Unattended
    }

    /// Whether anything shows that no person wrote it.
    pub(super) fn is_machine(&self) -> bool {
        self.is_server() || self.is_automatic() || self.sender != Sender::Ordinary
    }
}

fn sender(seen: &Seen<'_>) -> Sender {
    let Some(from) = seen.from else { return Sender::Nobody };
    let address = from.address.to_lowercase();
    let local = address.split('@').next().unwrap_or_default();
    let name = from.name.as_deref().map(squeezed).unwrap_or_default();
    let spaced = local.replace(['_', '.', '-'], " ");
    let is_local = |keeper: &str| local == keeper || spaced == keeper;
    let is_exchange = local.starts_with("microsoftexchange");
    if DAEMONS.iter().any(|daemon| starts_with_word(local, daemon)) {
        Sender::Daemon
    } else if is_exchange || KEEPERS.iter().any(|keeper| is_local(keeper) || starts_with_word(&name, keeper))
    {
        Sender::Keeper
    } else if UNATTENDED.iter().any(|part| local.contains(part)) {
        Sender::Unattended
    } else {
        Sender::Ordinary
    }
}

fn by_peoples_program(seen: &Seen<'_>) -> bool {
    let program = seen.lower("x-mailer") + &seen.lower("user-agent");
    PEOPLES.iter().any(|name| program.contains(name))
}

fn suppresses_all(seen: &Seen<'_>) -> bool {
    let value = seen.lower("x-auto-response-suppress");
    value.split([',', ';', ' ']).any(|word| word == "all")
}

/// Whether Exchange's agent for rules forwarded the mail. Its absence notices bear its name too: they suppress all
/// answers, come from the mailbox of the rule, and have a subject of their own.
fn by_rule(seen: &Seen<'_>) -> bool {
    let agent = seen.lower("x-ms-exchange-generated-message-source").contains("mailbox rules agent");
    let looped = seen.lower("x-ms-exchange-inbox-rules-loop");
    let from = seen.from.map(|from| from.address.to_ascii_lowercase()).unwrap_or_default();
    let is_own = looped.is_empty() || !from.is_empty() && looped.contains(&from);
    let sent_on = is_answer_or_forward(seen.subject);
    agent && !(suppresses_all(seen) && is_own && !sent_on)
}
