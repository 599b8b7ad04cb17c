//! What a line may be, by one look at its bytes. Most lines are none of what the rules look for, and this tells so before
//! any of them reads the line.

/// The classes of a line's bytes, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Glance(u8);

/// A colon, a tab, or the first byte of a full-width colon.
const LABEL: u8 = 1;
/// A digit, or the first byte of what may be a numeral or end an attribution outside of ASCII.
const NUMERAL: u8 = 1 << 1;
const AT: u8 = 1 << 2;
/// `<` or `*`, by which a line with an address or a name may begin.
const NAME: u8 = 1 << 3;
const DASH: u8 = 1 << 4;
const HASH: u8 = 1 << 5;
/// The line begins with a sign of which rules and dividers are drawn, or outside of ASCII.
const SIGN: u8 = 1 << 6;
/// A slash or a bracket, as links have.
const LINK: u8 = 1 << 7;

static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b':' | b'\t' => LABEL,
            b'0'..=b'9' => NUMERAL,
            b'@' => AT,
            b'<' => NAME | LINK,
            b'*' => NAME,
            b'/' | b'(' => LINK,
            b'-' => DASH,
            b'#' => HASH,
            0xEF => LABEL | NUMERAL,
            0xC2 | 0xD6.. => NUMERAL,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

impl Glance {
    pub(super) fn of(line: &str) -> Self {
        let classes = line.bytes().fold(0, |all, byte| all | CLASSES[usize::from(byte)]);
        let drawn = |byte: u8| matches!(byte, b'-' | b'_' | b'=' | b'#' | b'~' | b'*' | b'[' | b'<' | 0x80..);
        // A divider may stand behind marks of quotes.
        let first = line.bytes().find(|byte| !matches!(byte, b' ' | b'>' | b'\t'..=b'\r'));
        Self(if first.is_some_and(drawn) { classes | SIGN } else { classes })
    }

    fn has(self, any: u8) -> bool {
        self.0 & any != 0
    }

    /// Whether the line may divide what is new from an older mail.
    pub(super) fn may_divide(self) -> bool {
        self.has(SIGN | LABEL | HASH)
    }

    /// Whether a header block may begin with the line, also without a word that is known.
    pub(super) fn may_head(self) -> bool {
        self.has(SIGN | LABEL | NUMERAL | AT)
    }

    /// Whether an attribution may begin with the line.
    pub(super) fn may_attribute(self) -> bool {
        self.has(LABEL | NUMERAL | AT | NAME | DASH)
    }

    /// Whether the line may hold a link.
    pub(super) fn has_link(self) -> bool {
        self.has(LINK)
    }

    /// Whether the line may hold an address.
    pub(super) fn has_at(self) -> bool {
        self.has(AT)
    }

    /// Whether the line may hold dashes.
    pub(super) fn has_dash(self) -> bool {
        self.has(DASH)
    }
}

/// What a rule says, which is not asked where the line may not be of its kind.
pub(super) fn asked<T: Default + PartialEq + std::fmt::Debug>(may_be: bool, rule: impl Fn() -> T) -> T {
    if may_be {
        return rule();
    }
    debug_assert_eq!(rule(), T::default(), "a glance overlooks it");
    T::default()
}
