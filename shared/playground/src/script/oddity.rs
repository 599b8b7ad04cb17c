//! IMAP servers that are not as RFC 3501 has them, each named after its defect. People have met every one of them.

/// What is odd about the mail server, for as long as the script does not say otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Oddity {
    /// INTERNALDATE is the thirteenth of no month.
    ZeroDates,
    /// INTERNALDATE is left out.
    NoDates,
    /// INTERNALDATE is NIL, which RFC 3501 does not know.
    NilDates,
    /// INTERNALDATE is an empty string.
    EmptyDates,
    /// RFC822.SIZE has more than 32 bits.
    HugeSizes,
    /// RFC822.SIZE is left out.
    NoSizes,
    /// Each attribute comes in an answer of its own, with the UID.
    SplitAttributes,
    /// Each attribute comes in an answer of its own; only the first has the UID.
    SplitWithoutUid,
    /// The UID comes in the last of several answers.
    LateUid,
    /// UIDVALIDITY has more than 32 bits.
    LongValidity,
    /// No UIDNEXT.
    NoUidNext,
    /// Lines that are no answers stand between the answers: empty ones, unknown ones, ones with literals.
    JunkLines,
    /// Lines end in a bare LF.
    BareLf,
    /// Words are set apart by several blanks, and lines end in some.
    WideBlanks,
    /// A piece of a mail is asked for, the whole mail comes.
    WholeMails,
    /// The length that was asked for is told in the answer, too: `BODY[]<0.100>`.
    EchoedLength,
    /// At most two mails are looked at by a command, the highest first (RFC 9738).
    MessageLimit,
    /// No folder is opened before the client has said who it is (RFC 2971).
    WantsId,
    /// ID is announced and not known.
    RefusesId,
    /// AUTHENTICATE PLAIN is announced and does not work; LOGIN does.
    PlainDoesNotWork,
    /// Numbers of 64 bits and more in codes and attributes.
    LongNumbers,
    /// Attributes that nobody asked for, with literals and brackets in them.
    StrangeAttributes,
    /// Flags of other mails are told meanwhile.
    OthersMeanwhile,
    /// Names in lower case.
    LowerCase,
}

impl Oddity {
    /// All of them.
    pub const ALL: [Self; 24] = [
        Self::ZeroDates,
        Self::NoDates,
        Self::NilDates,
        Self::EmptyDates,
        Self::HugeSizes,
        Self::NoSizes,
        Self::SplitAttributes,
        Self::SplitWithoutUid,
        Self::LateUid,
        Self::LongValidity,
        Self::NoUidNext,
        Self::JunkLines,
        Self::BareLf,
        Self::WideBlanks,
        Self::WholeMails,
        Self::EchoedLength,
        Self::MessageLimit,
        Self::WantsId,
        Self::RefusesId,
        Self::PlainDoesNotWork,
        Self::LongNumbers,
        Self::StrangeAttributes,
        Self::OthersMeanwhile,
        Self::LowerCase,
    ];
}
