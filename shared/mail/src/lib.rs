//! Bytes of a mail in, a value out.
//!
//! [`parse`] never fails: whatever was repaired or left out is a [`Defect`] of the result.
//! Mails too large for memory go through [`splitter::Splitter`] and [`parse_reduced`]; both ways share every step, so
//! they give equal results.
//!
//! Structure is found by one scanner that works on pieces (`structure/`), because large mails must be read while they
//! stream by and nesting must be bounded. Transfer encodings, charsets, encoded words, addresses, dates and ids are
//! decoded in `decode/`, by what people can read rather than by what a grammar allows; each repair leaves a defect.

mod assemble;
pub mod auth;
mod containers;
mod decode;
mod defect;
mod files;
pub mod html;
pub mod identity;
mod kind;
mod mail;
mod received;
mod reply;
mod report;
pub mod splitter;
mod structure;
mod text;
pub mod thread;

pub use defect::Defect;
pub use kind::Kind;
pub use mail::{Address, Attachment, AttachmentContent, Mail};
pub use received::received_at;
pub use report::{Report, ReportAttachment, report};

use splitter::{Limits, Reduced, Splitter};

/// How a mail is parsed.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Tests only: a mail whose Message-ID contains this text panics the parser.
    /// Nothing in a mail or in settings reaches it.
    pub poison: Option<&'static str>,
}

/// Parses a whole mail. Never fails; linear in the length of `raw`.
pub fn parse(raw: &[u8]) -> Mail {
    parse_with(raw, &Options::default())
}

/// [`parse`] with options.
pub fn parse_with(raw: &[u8], options: &Options) -> Mail {
    let mut splitter = Splitter::new(Limits::keep_all());
    splitter.push(raw, &mut |_| ());
    parse_reduced(splitter.finish(&mut |_| ()), options)
}

/// Parses what a [`Splitter`] left of a mail. Leaves that it streamed out become [`AttachmentContent::Extracted`].
pub fn parse_reduced(reduced: Reduced, options: &Options) -> Mail {
    let mail = assemble::assemble(reduced);
    if let (Some(poison), Some(id)) = (options.poison, &mail.message_id) {
        assert!(!id.contains(poison), "poisoned by the test");
    }
    mail
}
