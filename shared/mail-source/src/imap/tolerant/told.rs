//! What a server says beside its answers: words, codes that async-imap does not know, and what cannot be.

use intake::ports::Count;

/// The longest text kept, in characters.
const MAX_TEXT: usize = 1000;

/// Heard since the last command was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// The words of the tagged NO or BAD, with their code.
    pub(crate) refusal: Option<String>,
    /// What was said besides: BYE, an untagged NO or BAD, an alert.
    pub(crate) aside: Option<String>,
    /// UIDVALIDITY (RFC 3501 section 2.3.1.1), also where it has more than 32 bits.
    pub(crate) uid_validity: Option<u64>,
    /// RFC 9738: mails below this UID were left out of the answer.
    pub(crate) limit: Option<u32>,
    /// Something that no mailbox can have, and that must not be passed over.
    pub(crate) absurd: Option<String>,
    /// The flags that the opened folder keeps (RFC 3501 section 7.1, PERMANENTFLAGS).
    pub(crate) permanent_flags: Option<Vec<String>>,
    /// What comes before the names of the account's own folders (RFC 2342).
    pub(crate) prefix: Option<String>,
    /// The account's rights to the folder that was asked for (RFC 4314 section 3.8, MYRIGHTS).
    pub(crate) rights: Option<String>,
    /// How many mails the open folder holds: EXISTS and EXPUNGE of all commands.
    pub(crate) holds: Count,
}

impl Told {
    /// Another command begins.
    pub(super) fn begin(&mut self) {
        *self = Self { holds: self.holds, ..Self::default() };
    }

    /// All of its words: those of the refusal first.
    pub(crate) fn words(&self) -> Option<String> {
        match (&self.refusal, &self.aside) {
            (Some(refusal), Some(aside)) if refusal != aside => Some(format!("{refusal} / {aside}")),
            (Some(words), _) | (None, Some(words)) => Some(words.clone()),
            (None, None) => None,
        }
    }
}

/// What people can read of it.
pub(super) fn readable(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.chars().filter(|c| !c.is_control()).take(MAX_TEXT).collect::<String>().trim().to_owned()
}
