#![doc = include_str!("../README.md")]

mod assemble;
pub mod auth;
mod containers;
mod decode;
mod defect;
mod files;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;
pub mod html;
pub mod identity;
mod kind;
mod languages;
mod mail;
mod part;
mod received;
mod reply;
mod report;
pub mod splitter;
mod structure;
mod text;
pub mod thread;
mod why;

pub use defect::Defect;
pub use kind::{Certainty, Kind, Verdict};
pub use mail::{Address, Attachment, AttachmentContent, Mail};
pub use received::received_at;
pub use report::{Report, ReportAttachment, report, report_from};
pub use why::{Reason, why};

use splitter::{Limits, Reduced, Splitter};

/// How a mail is parsed.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Tests only: a mail whose Message-ID contains this text panics the parser.
    /// Nothing in a mail or in settings reaches it.
    pub poison: Option<&'static str>,
    /// What a person says that the texts are in, whatever they say themselves: see [`Options::with_charset`].
    charset: Option<String>,
}

/// The name is of no charset that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not the name of a charset that is known, such as shift_jis or windows-1251")]
pub struct UnknownCharset;

impl Options {
    /// Tests only: see [`Options::poison`].
    pub fn poisoned(text: &'static str) -> Self {
        Self { poison: Some(text), ..Self::default() }
    }

    /// Reads the texts in this charset, for mails that name a wrong one.
    pub fn with_charset(self, label: &str) -> Result<Self, UnknownCharset> {
        if !decode::charset::is_named(label) {
            return Err(UnknownCharset);
        }
        Ok(Self { charset: Some(label.to_owned()), ..self })
    }
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
    let mail = assemble::assemble(reduced, options.charset.as_deref());
    if let (Some(poison), Some(id)) = (options.poison, &mail.message_id) {
        assert!(!id.contains(poison), "poisoned by the test");
    }
    mail
}
