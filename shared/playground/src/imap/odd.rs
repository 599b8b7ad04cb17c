//! How an odd server writes what an honest one says.

use super::{session::Session, wire::End};
use crate::script::Oddity;

/// Mails that one command looks at under [`Oddity::MessageLimit`].
pub(crate) const MESSAGE_LIMIT: usize = 2;

impl Session {
    pub(crate) fn is(&self, oddity: Oddity) -> bool {
        self.world.oddity() == Some(oddity)
    }

    /// Words between the answers.
    pub(crate) async fn junk(&mut self) -> Result<(), End> {
        if self.is(Oddity::JunkLines) {
            self.wire.say("* ").await?;
            self.wire.say("").await?;
            self.wire.say("* X-NOTIFY {8}\r\nA9 OK\r\n* more").await?;
            self.wire.say("[COPYUID 38505 304,319:320 3956:3958] Done").await?;
        }
        Ok(())
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
        u64::from(honest) + if self.is(Oddity::LongValidity) { 1 << 33 } else { 0 }
    }
}

/// A line as an odd server ends and sets it. Literals are no lines.
pub(crate) fn written(oddity: Option<Oddity>, line: &str) -> String {
    match oddity {
        Some(Oddity::BareLf) => format!("{line}\n"),
        Some(Oddity::WideBlanks) if line.starts_with("* ") && !line.contains('"') => {
            format!("{}  \r\n", line.replace(' ', "  "))
        }
        Some(Oddity::LowerCase) if !line.contains('[') && !line.starts_with('+') => {
            format!("{}\r\n", line.to_ascii_lowercase())
        }
        _ => format!("{line}\r\n"),
    }
}
