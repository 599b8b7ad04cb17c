//! What `maildocket parse` prints.

use std::{
    collections::BTreeMap,
    io::{self, Read},
};

use serde::Serialize;

use crate::{
    Address, Attachment, Certainty, Defect, Kind, Mail, Verdict, assemble, html,
    splitter::{Limits, Splitter},
};

/// Bytes that are read at once.
const PIECE: usize = 64 * 1024;

/// A mail as `maildocket parse` prints it: names and rules are fixed.
/// Texts are never null; `date`, `message_id`, `filename` and `content_id` are null when the mail has none.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Decoded, one line.
    pub subject: String,
    /// As written, without brackets.
    pub from_addr: String,
    /// Decoded.
    pub from_name: String,
    /// What From says, where a list or forwarder put its own address there and `from_addr` is the author; else left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rewritten_from: Option<String>,
    /// In header order.
    pub to_addrs: Vec<String>,
    /// In header order.
    pub cc_addrs: Vec<String>,
    /// In header order.
    pub reply_to: Vec<String>,
    /// RFC 3339, UTC.
    pub date: Option<String>,
    /// Without angle brackets.
    pub message_id: Option<String>,
    /// Without angle brackets: what a server on the way has replaced. Left out if there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub original_message_ids: Vec<String>,
    /// Without angle brackets.
    pub in_reply_to: Vec<String>,
    /// Without angle brackets, oldest first.
    pub references: Vec<String>,
    /// The readable text of the whole mail.
    pub body_text: String,
    /// Sanitised; pictures of the mail keep their `cid:` addresses.
    pub body_html: String,
    /// What the sender newly wrote.
    pub reply_only: String,
    /// What was cut: quotes, signature and the lines of devices.
    pub quoted_text: String,
    /// See [`crate::Kind`].
    pub is_auto_reply: bool,
    /// See [`crate::Kind`].
    pub is_bounce: bool,
    /// See [`crate::Kind`].
    pub is_report: bool,
    /// See [`crate::Kind`].
    pub is_list_mail: bool,
    /// See [`crate::Kind`].
    pub is_feedback_report: bool,
    /// See [`crate::Kind`]; left out if false, as are the next two.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_read_receipt: bool,
    /// See [`crate::Kind`].
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_calendar_answer: bool,
    /// See [`crate::Kind`].
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_aggregate_report: bool,
    /// How sure each of these is that is true, by the words of [`crate::Kind::verdicts`]; left out if none is.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub certainty: BTreeMap<&'static str, Certainty>,
    /// By what each of them was seen: `bounce: return-path: <>`; left out if none is true.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// See [`crate::Kind`].
    pub bounced_recipients: Vec<String>,
    /// See [`crate::Kind`].
    pub bounce_statuses: Vec<String>,
    /// Every leaf that is not the shown text or HTML.
    pub attachments: Vec<ReportAttachment>,
    /// Sorted, each once.
    pub defects: Vec<Defect>,
}

/// A file in a [`Report`].
#[derive(Debug, Clone, Serialize)]
pub struct ReportAttachment {
    /// Decoded and cleaned.
    pub filename: Option<String>,
    /// Bytes after transfer decoding.
    pub size: u64,
    /// `type/subtype` in lower case.
    pub content_type: String,
    /// Hex.
    pub sha256: String,
    /// Shown within the text.
    pub inline: bool,
    /// Without angle brackets.
    pub content_id: Option<String>,
}

/// Reports on a mail. Files are hashed as they pass and not kept.
pub fn report(raw: &[u8]) -> Report {
    let mut splitter = Splitter::new(Limits::default());
    for piece in raw.chunks(PIECE) {
        splitter.push(piece, &mut |_| ());
    }
    of_split(splitter)
}

/// [`report`] of a mail that is read piece by piece, so that its size does not matter. Fails only if reading does.
pub fn report_from(mut source: impl Read) -> io::Result<Report> {
    let mut splitter = Splitter::new(Limits::default());
    let mut piece = vec![0; PIECE];
    loop {
        match source.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => splitter.push(&piece[..length], &mut |_| ()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(of_split(splitter))
}

fn of_split(splitter: Splitter) -> Report {
    Report::from(assemble::assemble(splitter.finish(&mut |_| ()), None))
}

impl From<Mail> for Report {
    fn from(mail: Mail) -> Self {
        let addresses = |list: &[Address]| list.iter().map(|address| address.address.clone()).collect();
        let html = mail.body_html.as_deref();
        let (from_name, from_addr) = mail.from.map(|from| (from.name, from.address)).unwrap_or_default();
        Self {
            subject: mail.subject,
            from_addr,
            from_name: from_name.unwrap_or_default(),
            rewritten_from: mail.rewritten_from.map(|from| from.address),
            to_addrs: addresses(&mail.to),
            cc_addrs: addresses(&mail.cc),
            reply_to: addresses(&mail.reply_to),
            date: mail.date.map(|date| date.to_string()),
            message_id: mail.message_id,
            original_message_ids: mail.original_message_ids,
            in_reply_to: mail.in_reply_to,
            references: mail.references,
            body_html: html
                .map(|html| html::sanitise(html, &|id| Some(format!("cid:{id}"))))
                .unwrap_or_default(),
            body_text: mail.body_text,
            reply_only: mail.reply_only,
            quoted_text: mail.quoted_text,
            is_auto_reply: mail.kind.auto_reply.is_some(),
            is_bounce: mail.kind.bounce.is_some(),
            is_report: mail.kind.report.is_some(),
            is_list_mail: mail.kind.list_mail.is_some(),
            is_feedback_report: mail.kind.feedback_report.is_some(),
            is_read_receipt: mail.kind.read_receipt.is_some(),
            is_calendar_answer: mail.kind.calendar_answer.is_some(),
            is_aggregate_report: mail.kind.aggregate_report.is_some(),
            certainty: certainty(&mail.kind),
            evidence: evidence(&mail.kind),
            bounced_recipients: mail.kind.bounced_recipients,
            bounce_statuses: mail.kind.bounce_statuses,
            attachments: mail.attachments.into_iter().map(ReportAttachment::from).collect(),
            defects: mail.defects,
        }
    }
}

/// Lists are no matter of doubt.
fn automatic(kind: &Kind) -> impl Iterator<Item = (&'static str, &Verdict)> {
    kind.verdicts().filter(|(word, _)| *word != "list_mail")
}

fn certainty(kind: &Kind) -> BTreeMap<&'static str, Certainty> {
    automatic(kind).map(|(word, verdict)| (word, verdict.certainty)).collect()
}

fn evidence(kind: &Kind) -> Vec<String> {
    let told = |(word, verdict): (&'static str, &Verdict)| {
        verdict.evidence.iter().map(move |sign| format!("{word}: {sign}")).collect::<Vec<_>>()
    };
    automatic(kind).flat_map(told).collect()
}

impl From<Attachment> for ReportAttachment {
    fn from(file: Attachment) -> Self {
        let Attachment { filename, content_type, size, sha256, inline, content_id, .. } = file;
        Self { filename, size, content_type, sha256, inline, content_id }
    }
}
