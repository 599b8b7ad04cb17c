//! IMAP servers that are not as RFC 3501 has them, each named after its defect, or that keep to it in a way that few do.
//! People have met every one of them.
//!
//! "At times" is in every other session, the first one included.

use clap::ValueEnum;

/// What is odd about the IMAP server, for as long as the script does not say otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum)]
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
    /// UIDVALIDITY is another at each sign-in.
    NewValidity,
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
    /// Words of LIST and ID come as literals.
    Literals,
    /// Mails come as binary literals (RFC 3516).
    BinaryLiterals,
    /// A piece of a mail without an end of line comes as a quoted string.
    QuotedPieces,
    /// Mails come under the names of FETCH's old items: RFC822 and RFC822.HEADER.
    OldNames,
    /// Mails are told of in falling order.
    FallingOrder,
    /// Each mail that was found has a line of SEARCH to itself.
    SplitSearch,
    /// SEARCH is answered as IMAP4rev2 has it (RFC 9051): by ESEARCH, with a set.
    ExtendedSearch,
    /// A search that finds nothing has no answer but its tagged end.
    NoEmptySearch,
    /// Mails come and go in the middle of answers.
    ComesAndGoes,
    /// An untagged NO warns of the quota in every answer.
    QuotaWarnings,
    /// No capability is told but that of the protocol.
    BareCapabilities,
    /// Capabilities are told only where they are asked for.
    UntoldCapabilities,
    /// AUTHENTICATE goes on with words.
    WordyContinuation,
    /// AUTHENTICATE goes on with words in Base64.
    CodedContinuation,
    /// ID is answered behind the command that came after it.
    LateId,
    /// No folder can be opened at times.
    UnavailableAtTimes,
    /// BYE comes in the middle of an answer at times.
    ByeAtTimes,
    /// FETCH tells of two mails at most, and says nothing of the others.
    ShortAnswers,
    /// FETCH of more than one mail tells of all, and then ends with NO: some could not be fetched.
    RefusesAtTheEnd,
    /// FETCH of more than two mails is refused.
    RefusesMany,
    /// A piece of a mail is refused.
    RefusesPieces,
    /// A piece of a mail is asked for, the whole mail comes under the piece's name.
    WholeMailsAsPieces,
    /// EXAMINE is not known.
    NoExamine,
    /// CAPABILITY is not known.
    NoCapability,
    /// ID is announced, and ends the session.
    EndsAtId,
    /// AUTHENTICATE PLAIN is announced and has a problem; LOGIN has none.
    PlainIsUnavailable,
    /// UIDNEXT is always 1.
    LowUidNext,
    /// A folder is opened without EXISTS.
    NoExists,
    /// INTERNALDATE is a quoted string without an end.
    UnclosedDates,
    /// SASL-IR is announced, and an initial response is refused.
    RefusesInitialResponses,
    /// AUTHENTICATE PLAIN is announced, and ends the session.
    EndsAtPlain,
    /// AUTHENTICATE goes on behind words of other things.
    TalksInSignIn,
    /// ID is not announced; who opens a folder without it is left.
    LeavesStrangers,
}
