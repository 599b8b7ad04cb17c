//! What kind of mail it is: answers of machines, bounces, reports, lists.
//!
//! Words alone never make a person's mail nothing: each kind says how sure it is. [`Certainty::Certain`] needs what machines
//! write into envelope, header and MIME form (`writer`), and only then may a mail be skipped; what words, a subject or a
//! file suggest is [`Certainty::Likely`].

mod auto;
mod bounce;
mod calendar;
mod kinds;
mod list;
mod phrases;
mod receipt;
mod report;
mod seen;
mod verdict;
mod writer;

pub use kinds::Kind;
pub(crate) use seen::{Leaf, Seen};
pub use verdict::{Certainty, Verdict};
use writer::{Automatic, Writer};

/// Decides the kind.
pub(crate) fn kind(seen: &Seen<'_>) -> Kind {
    let mut kind = Kind::default();
    list::look(seen, &mut kind);
    let writer = Writer::of(seen, kind.list_mail.is_some());
    report::look(seen, &writer, &mut kind);
    receipt::look(seen, &writer, &mut kind);
    kind.calendar_answer = calendar::look(seen, &writer);
    let form = auto::form(seen);
    bounce::look(seen, &writer, form.is_some(), &mut kind);
    // Reports are answers too, of a kind of their own.
    if kind.bounce.is_none() && kind.report.is_none() && kind.read_receipt.is_none() {
        kind.auto_reply = auto::look(seen, &writer, form.as_ref());
    }
    agree(seen, &writer, &mut kind);
    kind
}

/// What the whole mail says of its kinds.
fn agree(seen: &Seen<'_>, writer: &Writer, kind: &mut Kind) {
    // Whoever sends on a mail as it came (RFC 5322, section 3.6.6) wants it to be read.
    let resent = seen.header("resent-from").is_some() && !writer.null_path;
    for verdict in kind.automatic_mut() {
        if resent {
            verdict.certainty = Certainty::Likely;
            verdict.evidence.push("somebody sent it on (resent-from)".to_owned());
        } else if writer.automatic == Automatic::Replied && verdict.is_likely() {
            verdict.certainty = Certainty::Certain;
            verdict.evidence.push("auto-submitted: auto-replied".to_owned());
        }
    }
}
