//! How an odd server writes what an honest one says.

use super::{items::Item, session::Session, wire::End};
use crate::script::Oddity;

/// Mails that one command looks at under [`Oddity::MessageLimit`].
pub(crate) const MESSAGE_LIMIT: usize = 2;
/// Mails that one FETCH tells of under [`Oddity::ShortAnswers`] and [`Oddity::RefusesMany`].
pub(crate) const FEW: usize = 2;

impl Session {
    pub(crate) fn is(&self, oddity: Oddity) -> bool {
        self.world.oddity() == Some(oddity)
    }

    /// Whether it is odd in this way now; only for what is so at times.
    pub(crate) fn is_now(&self, oddity: Oddity) -> bool {
        self.at_times && self.is(oddity)
    }

    /// What the server says that it can do.
    pub(crate) fn capabilities(&self) -> Vec<String> {
        let mut all = self.world.capabilities();
        match self.world.oddity() {
            Some(Oddity::BareCapabilities | Oddity::NoCapability) => all.retain(|word| word == "IMAP4rev1"),
            Some(Oddity::WordyContinuation | Oddity::CodedContinuation | Oddity::TalksInSignIn) => {
                all.retain(|word| word != "SASL-IR")
            }
            Some(Oddity::LeavesStrangers) => all.retain(|word| word != "ID"),
            _ => {}
        }
        all
    }

    pub(crate) fn can(&self, capability: &str) -> bool {
        self.capabilities().iter().any(|word| word == capability)
    }

    /// The capabilities as a code, where nobody has asked for them.
    pub(crate) fn capabilities_by_the_way(&self) -> String {
        match self.world.oddity() {
            Some(Oddity::UntoldCapabilities | Oddity::NoCapability) => String::new(),
            _ => format!("[CAPABILITY {}] ", self.capabilities().join(" ")),
        }
    }

    /// How AUTHENTICATE goes on.
    pub(crate) fn continuation(&self) -> &'static str {
        match self.world.oddity() {
            Some(Oddity::WordyContinuation) => "+ Go ahead, please.",
            Some(Oddity::CodedContinuation) => "+ R28gYWhlYWQ=",
            Some(Oddity::TalksInSignIn) => "* OK Still here\r\n* NO [ALERT] A disk is full\r\n+ ",
            _ => "+ ",
        }
    }

    /// A word of LIST and ID.
    pub(crate) fn string(&self, word: &str) -> String {
        match self.is(Oddity::Literals) {
            true => format!("{{{}}}\r\n{word}", word.len()),
            false => format!("\"{word}\""),
        }
    }

    /// Words between the answers.
    pub(crate) async fn junk(&mut self) -> Result<(), End> {
        let lines: &[&str] = match self.world.oddity() {
            Some(Oddity::JunkLines) => {
                &["* ", "", "* X-NOTIFY {8}\r\nA9 OK\r\n* more", "[COPYUID 38505 304,319:320 3956:3958] Done"]
            }
            Some(Oddity::QuotaWarnings) => &["* NO [ALERT] The mailbox is at 98% of its quota."],
            _ => &[],
        };
        for line in lines {
            self.wire.say(line).await?;
        }
        Ok(())
    }

    /// A mail comes and goes, while the answer to a command that names mails by UID is under way.
    pub(crate) async fn comes_and_goes(&mut self) -> Result<(), End> {
        let count = self.selected.as_ref().map_or(0, |selected| selected.uids.len());
        if self.is(Oddity::ComesAndGoes) && count > 0 {
            self.wire.say(&format!("* {} EXISTS", count + 1)).await?;
            self.wire.say("* 1 RECENT").await?;
            self.wire.say(&format!("* {} FETCH (FLAGS (\\Recent))", count + 1)).await?;
            self.wire.say(&format!("* {} EXPUNGE", count + 1)).await?;
            self.wire.say(&format!("* {count} EXISTS")).await?;
        }
        Ok(())
    }

    /// The server leaves in the middle of an answer about so many mails.
    pub(crate) async fn says_bye(&mut self, mails: usize) -> Result<(), End> {
        if mails < 2 || !self.is_now(Oddity::ByeAtTimes) {
            return Ok(());
        }
        self.wire.say("* BYE The server is going down, come back later.").await?;
        Err(End::Closed)
    }

    /// The beginning of a mail's bytes as a word of FETCH, up to the bytes themselves; none follow a quoted string.
    pub(crate) fn body_told(&self, label: &str, bytes: &[u8]) -> (String, bool) {
        let label = match (self.is(Oddity::OldNames), label) {
            (true, "BODY[]") => "RFC822",
            (true, "BODY[HEADER]") => "RFC822.HEADER",
            _ => label,
        };
        let plain = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
        if self.is(Oddity::QuotedPieces) && bytes.iter().all(plain) {
            return (format!("{label} \"{}\"", String::from_utf8_lossy(bytes)), false);
        }
        let binary = if self.is(Oddity::BinaryLiterals) { "~" } else { "" };
        let end = if self.is(Oddity::BareLf) { "\n" } else { "\r\n" };
        (format!("{label} {binary}{{{}}}{end}", bytes.len()), true)
    }

    /// Why a FETCH of so many mails is refused whole.
    pub(crate) fn refuses_fetch(&self, mails: usize, items: &[Item]) -> Option<&'static str> {
        let has_pieces = || items.iter().any(|item| matches!(item, Item::Body(body) if body.piece.is_some()));
        match self.world.oddity() {
            Some(Oddity::RefusesMany) if mails > FEW => Some("NO [MESSAGELIMIT 2] Too many messages."),
            Some(Oddity::RefusesPieces) if has_pieces() => Some("BAD Pieces are not known."),
            _ => None,
        }
    }

    /// The highest of these under a limit, with the lowest of them for the code.
    pub(crate) fn within_limit<T>(&self, mut all: Vec<T>, uid: impl Fn(&T) -> u32) -> (Vec<T>, String) {
        if !self.is(Oddity::MessageLimit) || all.len() <= MESSAGE_LIMIT {
            return (all, String::new());
        }
        let all = all.split_off(all.len() - MESSAGE_LIMIT);
        let code = all.first().map(|lowest| format!("[MESSAGELIMIT {MESSAGE_LIMIT} {}] ", uid(lowest)));
        (all, code.unwrap_or_default())
    }

    /// The date of a mail as it is told.
    pub(crate) fn date_told(&self, honest: &str) -> Option<String> {
        let date = match self.world.oddity() {
            Some(Oddity::ZeroDates) => "\"00-Jan-0000 00:00:00 +0000\"".to_owned(),
            Some(Oddity::NoDates) => return None,
            Some(Oddity::NilDates) => "NIL".to_owned(),
            Some(Oddity::EmptyDates) => "\"\"".to_owned(),
            Some(Oddity::UnclosedDates) => format!("\"{honest}"),
            _ => format!("\"{honest}\""),
        };
        Some(format!("INTERNALDATE {date}"))
    }

    /// The size of a mail as it is told.
    pub(crate) fn size_told(&self, honest: u64) -> Option<String> {
        match self.world.oddity() {
            Some(Oddity::HugeSizes) => Some(format!("RFC822.SIZE {}", (1 << 32) + honest)),
            Some(Oddity::NoSizes) => None,
            _ => Some(format!("RFC822.SIZE {honest}")),
        }
    }

    pub(crate) fn validity_told(&self, honest: u32) -> u64 {
        let more = match self.world.oddity() {
            Some(Oddity::LongValidity) => 1 << 33,
            Some(Oddity::NewValidity) => self.world.counters_now().sign_ins_accepted,
            _ => 0,
        };
        u64::from(honest) + more
    }
}
