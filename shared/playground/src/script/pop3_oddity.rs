//! POP3 servers that are not as RFC 1939 has them, each named after its defect. People have met every one of them.
//!
//! "At times" is in every other session, the first one included.

use clap::ValueEnum;

/// What is odd about the POP3 server, for as long as the script does not say otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum)]
pub enum Pop3Oddity {
    /// UIDL is not known.
    NoUidl,
    /// Every other mail has a line in UIDL, and no unique-id in it.
    EmptyUniqueIds,
    /// All mails have the same unique-id.
    SharedUniqueIds,
    /// Unique-ids have blanks in them.
    BlankUniqueIds,
    /// Unique-ids have more than 70 characters.
    LongUniqueIds,
    /// Every third mail has no line in UIDL.
    UniqueIdsLeftOut,
    /// The last mail has no line in UIDL.
    LastUniqueIdLeftOut,
    /// Every third mail has no line in UIDL at times.
    UniqueIdsAtTimes,
    /// Every third mail is not there at times.
    MailsAtTimes,
    /// Listings begin with the last mail.
    FallingOrder,
    /// Listings have lines that tell of no mail.
    JunkInListings,
    /// Words of listings are set apart by several blanks and tabs.
    WideBlanks,
    /// The last mail has no line in LIST.
    ShortList,
    /// LIST tells sizes of more than 32 bits.
    HugeSizes,
    /// LIST tells no sizes.
    NoSizes,
    /// STAT says that there is nothing.
    FalseStat,
    /// TOP is not known.
    NoTop,
    /// TOP gives the whole mail.
    WholeTop,
    /// TOP is refused for every other mail.
    TopRefused,
    /// CAPA is not known.
    NoCapa,
    /// UIDL, TOP and CAPA are not known, and refusals are without words.
    Bare,
    /// Answers have no words, the greeting included.
    Wordless,
    /// Answers are in lower case.
    LowerCase,
    /// A colon follows the word that says whether it worked.
    Colons,
    /// Lines end in a bare LF.
    BareLf,
    /// Empty lines stand before answers.
    EmptyLines,
    /// PIPELINING is announced, and a command that came along with another is refused.
    PipeliningRefused,
    /// What came along with the end of the sign-in is thrown away.
    ForgetsBehindSignIn,
    /// AUTH PLAIN is announced and does not work; USER and PASS do.
    PlainDoesNotWork,
    /// An initial response is passed over, and asked for with words.
    AsksAgain,
    /// Another session has the maildrop at times.
    LockedAtTimes,
    /// The connection is cut in the middle of UIDL at times.
    CutInUidl,
    /// The connection is cut in the middle of the second mail that a session reads at times.
    CutInMails,
    /// Mails that were read in a session that ended well are not shown again.
    ShowsMailsOnce,
    /// Lines end in blanks and tabs; those of mails do not.
    BlankEnds,
    /// LIST is not known.
    NoList,
    /// AUTH PLAIN is announced, and ends the session; USER and PASS do not.
    EndsAtPlain,
    /// CAPA ends the session.
    EndsAtCapa,
    /// CAPA names no way to sign in.
    UntoldWays,
    /// TOP has a problem.
    TopIsUnavailable,
    /// More words follow the end of the sign-in.
    TalksAtSignIn,
    /// The connection ends without an answer to QUIT.
    NoGoodBye,
}
