//! How an odd server says what an honest one says.

use super::session::{Listed, Session};
use crate::imap::wire::End;
use crate::script::Pop3Oddity;

impl Session {
    pub(crate) fn oddity(&self) -> Option<Pop3Oddity> {
        self.world.plan().pop3.oddity
    }

    pub(crate) fn is(&self, oddity: Pop3Oddity) -> bool {
        self.oddity() == Some(oddity)
    }

    /// Whether it is odd in this way now; only for what is so at times.
    pub(crate) fn is_now(&self, oddity: Pop3Oddity) -> bool {
        self.at_times && self.is(oddity)
    }

    /// Whether this command is one that the server does not know.
    pub(crate) fn is_unknown(&self, name: &str) -> bool {
        match self.oddity() {
            Some(Pop3Oddity::NoUidl) => name == "UIDL",
            Some(Pop3Oddity::NoTop) => name == "TOP",
            Some(Pop3Oddity::NoCapa) => name == "CAPA",
            Some(Pop3Oddity::NoList) => name == "LIST",
            Some(Pop3Oddity::Bare) => matches!(name, "UIDL" | "TOP" | "CAPA"),
            _ => false,
        }
    }

    /// An answer's first line: the word that says whether it worked, and words for people.
    pub(crate) async fn status(&mut self, word: &str, text: &str) -> Result<(), End> {
        let line = match self.oddity() {
            Some(Pop3Oddity::Wordless) => word.to_owned(),
            Some(Pop3Oddity::Bare) if word == "-ERR" => word.to_owned(),
            Some(Pop3Oddity::LowerCase) => format!("{} {text}", word.to_ascii_lowercase()),
            Some(Pop3Oddity::Colons) => format!("{word}: {text}"),
            Some(Pop3Oddity::EmptyLines) => format!("\r\n\r\n{word} {text}"),
            _ => format!("{word} {text}"),
        };
        self.say(line.trim_end_matches(' ')).await
    }

    /// A line. Mails are none.
    pub(crate) async fn say(&mut self, line: &str) -> Result<(), End> {
        let end = match self.oddity() {
            Some(Pop3Oddity::BareLf) => "\n",
            Some(Pop3Oddity::BlankEnds) => " \t\r\n",
            _ => "\r\n",
        };
        self.wire.send(format!("{line}{end}").as_bytes()).await
    }

    /// The lines of CAPA.
    pub(crate) fn capabilities(&self) -> Vec<String> {
        let mut lines = self.world.pop3_capabilities();
        lines.retain(|line| {
            !self.is(Pop3Oddity::UntoldWays) || !(line.starts_with("USER") || line.starts_with("SASL"))
        });
        lines
    }

    /// The lines of UIDL.
    pub(crate) fn unique_ids(&self, listed: &[Listed]) -> Vec<String> {
        let count = listed.len();
        let line = |mail: &Listed| self.unique_id(mail, count);
        listed.iter().filter_map(line).collect()
    }

    fn unique_id(&self, Listed { number, unique_id, .. }: &Listed, count: usize) -> Option<String> {
        let third = number % 3 == 2;
        Some(match self.oddity() {
            Some(Pop3Oddity::EmptyUniqueIds) if number % 2 == 0 => format!("{number} "),
            Some(Pop3Oddity::SharedUniqueIds) => format!("{number} same"),
            Some(Pop3Oddity::BlankUniqueIds) => format!("{number} {}", unique_id.replace('-', "  ")),
            Some(Pop3Oddity::LongUniqueIds) => format!("{number} {}", unique_id.repeat(20)),
            Some(Pop3Oddity::UniqueIdsLeftOut) if third => return None,
            Some(Pop3Oddity::UniqueIdsAtTimes) if third && self.at_times => return None,
            Some(Pop3Oddity::LastUniqueIdLeftOut) if *number == count => return None,
            _ => format!("{number} {unique_id}"),
        })
    }

    /// The lines of LIST.
    pub(crate) fn sizes(&self, listed: &[Listed]) -> Vec<String> {
        let count = listed.len();
        let line = |Listed { number, size, .. }: &Listed| match self.oddity() {
            Some(Pop3Oddity::ShortList) if *number == count => None,
            Some(Pop3Oddity::HugeSizes) => Some(format!("{number} {}", (1 << 40) + size)),
            Some(Pop3Oddity::NoSizes) => Some(number.to_string()),
            _ => Some(format!("{number} {size}")),
        };
        listed.iter().filter_map(line).collect()
    }

    /// The lines of a whole listing, as they are written.
    pub(crate) fn in_order(&self, mut lines: Vec<String>) -> Vec<String> {
        match self.oddity() {
            Some(Pop3Oddity::FallingOrder) => lines.reverse(),
            Some(Pop3Oddity::JunkInListings) => {
                lines.insert(0, "This is what lies here:".to_owned());
                lines.push(String::new());
            }
            Some(Pop3Oddity::WideBlanks) => {
                lines.iter_mut().for_each(|line| *line = format!(" {} \t ", line.replace(' ', " \t ")));
            }
            _ => {}
        }
        lines
    }

    /// Whether the connection is cut in the middle of the mail that is asked for.
    pub(crate) fn is_cut(&self) -> bool {
        self.is_now(Pop3Oddity::CutInMails) && self.read.len() > 1
    }
}
