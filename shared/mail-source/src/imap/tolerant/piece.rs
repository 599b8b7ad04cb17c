//! Which bytes of what comes are those that were asked for, where mails are read in pieces.

/// The piece of a mail that was asked for: `BODY[]<offset.length>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) offset: u64,
    pub(crate) length: u64,
}

impl Asked {
    /// How many of so many bytes that came are passed over, and how many are then shown; None where other bytes came, or
    /// it cannot be told which.
    pub(super) fn window(self, origin: Option<u64>, came: u64, pieces: &mut Pieces) -> Option<(u64, u64)> {
        let too_much = came > self.length;
        pieces.sends_whole |= origin.is_none() && too_much;
        if self.offset == 0 {
            pieces.whole = too_much.then_some(came);
        }
        let begins = match origin {
            // It repeats what was asked for, and may send all the same from the beginning on.
            Some(_) if too_much && self.offset > 0 && pieces.whole? == came => 0,
            Some(origin) => origin,
            None if pieces.sends_whole => 0,
            None => self.offset,
        };
        let skip = self.offset.checked_sub(begins)?.min(came);
        Some((skip, (came - skip).min(self.length)))
    }
}

/// How this server answers when pieces are asked for: one that does not know them (RFC 3501 section 6.4.5) sends the mail
/// from its beginning on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pieces {
    /// It has sent more than was asked for: without an origin, whole mails come.
    pub(super) sends_whole: bool,
    /// So many bytes came instead of the first piece of the mail that is read.
    pub(super) whole: Option<u64>,
}
