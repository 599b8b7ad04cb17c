//! Every bound of the import in one place, each with its reason.

use std::time::Duration;

use crate::types::back_off::BackOff;

// A mail and what it becomes.

/// Larger mails are held: only their header is kept.
pub(crate) const MAX_MAIL: u64 = 150 * 1024 * 1024;
/// Mails above this announced size are read in pieces, bytes.
pub(crate) const LARGE: u64 = 1024 * 1024;
/// Of a large mail, asked for at once, bytes.
pub(crate) const PIECE: u32 = 1024 * 1024;
/// The most bytes that a server may announce for one literal of an ordinary read; larger mails are read in pieces.
pub(crate) const MAX_LITERAL: u64 = 4 * 1024 * 1024;
/// The longest subject kept in records, in characters.
pub(crate) const MAX_SUBJECT_CHARS: usize = 250;
/// The most files of one mail that become attachments; the raw mail holds them all.
pub(crate) const MAX_ATTACHMENTS: usize = 50;
/// The most watchers that a mail adds.
pub(crate) const MAX_WATCHERS: usize = 50;
/// A longer one is no address that mail reaches, bytes: 64 before the @, 255 behind it (RFC 5321 section 4.5.3.1).
pub(crate) const MAX_WATCHER: usize = 64 + 1 + 255;
/// The most signs that are kept with an issue or comment; the record of the mail has them all.
pub(crate) const MAX_EVIDENCE: usize = 20;
/// The newest references that are looked at.
pub(crate) const MAX_REFERENCES: usize = 20;
/// The unknown parents that an issue waits for.
pub(crate) const MAX_AWAITED: usize = 5;
/// The nearest answers of Outlook's conversation that are looked at, beside the mail that began it.
pub(crate) const MAX_ANCESTORS: usize = 10;
/// Issue keys in a subject that are looked up.
pub(crate) const MAX_SUBJECT_KEYS: usize = 3;
/// Comments whose writers count as taking part in an issue.
pub(crate) const MAX_COMMENTS: u32 = 200;
/// Mails of another server, account or folder are taken from this long before the last complete poll.
pub(crate) const OVERLAP: Duration = Duration::from_secs(3 * 24 * 3600);

// A transaction.

/// The most mails of one transaction.
pub(crate) const BATCH_MAILS: usize = 13;
/// The store takes 80 actions; one is the cursor, and one the tally of the mailbox.
pub(crate) const BATCH_ACTIONS: usize = 77;
/// The store takes 2 MB.
pub(crate) const BATCH_BYTES: usize = 1_500_000;
/// The mails of a batch have so many bytes together, or one has more.
pub(crate) const BATCH_RAW: u64 = 8 * 1024 * 1024;
/// Errands of one batch: two actions each and one for the run make one transaction.
pub(crate) const ERRANDS_AT_ONCE: u32 = 35;
/// How often a batch is decided again because the store knew more.
pub(crate) const MAX_DECISIONS: u32 = 4;
/// Blobs written side by side.
pub(crate) const PARALLEL_BLOBS: usize = 8;
/// Numbers for issues, taken in one write to the project's counter while more mails are to come.
pub(crate) const NUMBERS_AT_ONCE: u64 = 100;

// Mails in work.

/// Mails read ahead of the parser: each may have the most that a server may announce.
pub(crate) const READ_AHEAD: usize = 2;
/// Mails parsed and stored side by side.
pub(crate) const IN_WORK: usize = 16;
/// Mails that can be in work at once: read ahead, parsed, waiting, being made durable, decided on, being written.
pub(crate) const IN_FLIGHT: usize = READ_AHEAD + IN_WORK + 4 * BATCH_MAILS;
/// Mails that can have been in work when a run died: after a crash so many go one at a time, the others as usual.
pub(crate) const SUSPECTS: usize = IN_FLIGHT + 1;
/// A mail that killed the process this often is failed. More than a few: whoever ends the process again and again by other
/// means meets the moments between a note and its taking back, too, on a slow machine one time in two.
pub(crate) const MAX_ATTEMPTS: u32 = 10;
/// Bytes of mails, over all polls of the process, that are read and not yet decided on. What is made of a mail takes a
/// few times its bytes.
pub(crate) const ROOM: usize = 24 * 1024 * 1024;

// Places for polls.

/// Polls of one host at a time.
pub(crate) const POLLS_A_HOST: usize = 4;
/// Polls in ordinary places at a time.
pub(crate) const ORDINARY_POLLS: usize = 16;
/// Polls in the lane of the slow at a time: most of them wait for a word of their server. One in which a large mail
/// streams by holds a few MiB: the piece that came, the one that comes, and what the splitter and the two open blobs keep.
pub(crate) const SLOW_POLLS: usize = 32;
/// A poll that takes longer is a slow one.
pub(crate) const ORDINARY_TIME: Duration = Duration::from_secs(5);

// Listings.

/// Mails of one listing.
pub(crate) const LISTING: usize = 500;
/// The newest mails, among which the witnesses and the missed ones are looked for.
pub(crate) const NEWEST: u32 = 200;
/// Places in a folder asked for in one command.
pub(crate) const WINDOW: u32 = 1000;
/// So often in a row mails that lack are looked for by each poll; then with each rescan.
pub(crate) const LOOKS: u32 = 5;
/// Mails that are dated, read and written before the roll is written.
pub(crate) const DATED_AT_ONCE: usize = 200;
/// A large roll is written no more often than so many times in one import: it only saves work, and costs its whole length
/// each time.
pub(crate) const ROLL_WRITES: usize = 64;
/// The largest roll, bytes.
pub(crate) const MAX_ROLL: u64 = 64 * 1024 * 1024;
/// A maildrop in which at least so many mails are, and none that was there before, was filled anew.
pub(crate) const FILLED_ANEW: usize = 10;
/// The most failed mails that are looked at again in one rescan.
pub(crate) const LOOKED_AT: usize = 200;
/// The most records of mails that have not come in earlier polls that one poll looks at: whether they are listed still.
pub(crate) const AWAITED_AT_ONCE: u32 = 200;
/// Headers asked for in one command.
pub(crate) const HEADERS_AT_ONCE: usize = 200;
/// As much of a header as is looked at, bytes.
pub(crate) const MAX_HEADER: usize = 32 * 1024;
/// Errands that follow their mails to other numbers; further ones are given up, with a sentence.
pub(crate) const MAX_ERRANDS: u32 = 1000;

// Mails that do not come.

/// A mail that could not be read in this many polls is failed.
pub(crate) const MAX_READINGS: u32 = 3;
/// Sessions of one poll: each reading that breaks off costs one.
pub(crate) const MAX_SESSIONS: u32 = 8;
/// After so many sessions in a row that gave no mail, the server is out of order.
pub(crate) const MAX_BARREN: u32 = 3;
/// After so many sessions doubtful mails wait, so that the others come.
pub(crate) const PATIENT_SESSIONS: u32 = 4;
/// The same of barren ones in a row.
pub(crate) const PATIENT_BARREN: u32 = 2;
/// Mails read before that are asked for, to see whether the server gives any.
pub(crate) const WITNESSES: usize = 3;
/// A mail of which so many long polls in a row brought nothing more is failed.
pub(crate) const MAX_STALLS: u32 = 3;
/// A shorter reading says nothing about the mail, seconds.
pub(crate) const LONG: i64 = 60;
/// So many failed mails one rescan asks for in vain; the next asks for others first.
pub(crate) const IN_VAIN: usize = 3;
/// No stand-in has more bytes.
pub(crate) const MAX_STAND_IN: u64 = 1024;
/// A mail to which the server refuses it alone this often is left as it is.
pub(crate) const MAX_ERRAND_TRIES: u32 = 5;

// Times.

/// Between two plans.
pub(crate) const A_PLAN: Duration = Duration::from_secs(60);
/// An older hint is dropped: the plan has made new ones since.
pub(crate) const HINT_LIFE: Duration = Duration::from_secs(10 * 60);
/// A poll of the plan begins with no less: within it a healthy server takes the sign-in and gives a batch. What ends sooner
/// would say that its server is slow, while only its place came late.
pub(crate) const LEAST: Duration = Duration::from_secs(15);
/// What a connection still has after its poll's end, for the good-bye.
pub(crate) const GOOD_BYE: Duration = Duration::from_secs(1);
/// How long a lease holds without being renewed.
pub(crate) const LEASE: Duration = Duration::from_secs(90);
/// A lease with less time left is renewed.
pub(crate) const RENEW_BELOW: Duration = Duration::from_secs(60);
/// Between two looks at a lease that another poll holds.
pub(crate) const LEASE_RETRY: Duration = Duration::from_millis(250);
/// How often the newest mails are compared with the records.
pub(crate) const RESCAN_EVERY: Duration = Duration::from_secs(60 * 60);
/// The time of an uneventful poll is written this often: an idle poll writes nothing else.
pub(crate) const NOTE_EVERY: Duration = Duration::from_secs(15 * 60);
/// The first pause after a failed poll, and the longest.
pub(crate) const BACK_OFF: BackOff =
    BackOff { first: Duration::from_secs(60), longest: Duration::from_secs(30 * 60) };
/// Over what limits of rate count mails.
pub(crate) const HOUR: Duration = Duration::from_secs(3600);

// The daily look.

/// The most that a look takes of one poll; it goes on with the next.
pub(crate) const LOOK_TIME: Duration = Duration::from_secs(20);
/// After a look that failed.
pub(crate) const LOOK_PAUSE: Duration = Duration::from_secs(60 * 60);
/// A look ends after so many polls, wherever it is: the newest mails come first.
pub(crate) const LOOK_POLLS: u32 = 60;
/// The most mails that a poll's part of a look imports by itself. Where more lack, a person should know before.
pub(crate) const MENDED: usize = 1000;
/// Records that a look asks for at once.
pub(crate) const RECORDS_AT_ONCE: usize = 1000;
