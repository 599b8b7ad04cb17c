//! By what the same mail is recognised when it comes again.

use aws_lc_rs::digest::{Context, SHA256};

use crate::{
    Mail,
    thread::{is_answer, normalised},
};

/// Bytes of the normalised text that count.
const TEXT_BYTES: usize = 4096;
/// Dates before this (2005-01-01) are of devices whose clock was never set.
const CLOCKS_ARE_SET: i64 = 1_104_537_600;

/// What makes two copies of a mail the same: Message-ID and fingerprint together.
/// The same Message-ID with another fingerprint is another mail.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Identity {
    /// Without angle brackets.
    pub message_id: Option<String>,
    /// SHA-256 over Date, From, Subject and the start of the text, hex. Without a Message-ID or a date that says when it
    /// was written also over the files: scanners send the same id, subject and text each time.
    pub fingerprint: String,
    /// The Message-ID that a server on the way has replaced: two copies of one mail may have got two others.
    pub original_message_id: Option<String>,
}

impl Identity {
    /// A stable key of at most 130 characters: two mails are copies of each other exactly if their markers are equal.
    pub fn marker(&self) -> String {
        self.marker_with(self.message_id.as_deref())
    }

    /// The same with the Message-ID that was replaced in the place of the one it has now.
    pub fn original_marker(&self) -> Option<String> {
        self.original_message_id.as_deref().map(|id| self.marker_with(Some(id)))
    }

    fn marker_with(&self, message_id: Option<&str>) -> String {
        let mut hash = Context::new(&SHA256);
        field(&mut hash, message_id.unwrap_or_default().as_bytes());
        field(&mut hash, self.fingerprint.as_bytes());
        hex::encode(hash.finish())
    }
}

/// What the forms of one mail share that came by several ways (a list adds to its subject and text, and puts its address
/// into From), and mails that only have the same Message-ID do not: the time, the author and the subject, hashed to 32
/// digits. None where nothing says when it was written: then the Message-ID alone joins it with no other mail.
pub fn likeness(mail: &Mail) -> Option<String> {
    let date = dated(mail)?;
    let mut hash = Context::new(&SHA256);
    field(&mut hash, date.to_string().as_bytes());
    field(&mut hash, mail.from.as_ref()?.address.to_lowercase().as_bytes());
    field(&mut hash, untagged(&normalised(&mail.subject, is_answer(mail))).as_bytes());
    Some(hex::encode(&hash.finish().as_ref()[..16]))
}

/// A subject without the names of lists before it.
fn untagged(subject: &str) -> &str {
    let mut rest = subject;
    while let Some((_, behind)) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        rest = behind.trim_start();
    }
    if rest.is_empty() { subject } else { rest }
}

/// When it was written, in seconds, as far as that can be told.
fn dated(mail: &Mail) -> Option<i64> {
    mail.date.map(|date| date.as_second()).filter(|second| *second >= CLOCKS_ARE_SET)
}

/// The identity of a mail. Transport changes (Received, folding, transfer encoding, trailing blanks) do not alter it.
pub fn identity(mail: &Mail) -> Identity {
    let mut hash = Context::new(&SHA256);
    let date = mail.date.map(|date| date.as_second().to_string());
    field(
        &mut hash,
        date.or_else(|| mail.header("date").next().map(str::to_owned)).unwrap_or_default().as_bytes(),
    );
    // As the field says it: what is known of who wrote it may change.
    let from = mail.rewritten_from.as_ref().or(mail.from.as_ref()).map(|from| from.address.to_lowercase());
    field(&mut hash, from.unwrap_or_default().as_bytes());
    field(&mut hash, squeeze(&mail.subject).as_bytes());
    field(&mut hash, squeeze(&mail.body_text).as_bytes());
    if mail.message_id.is_none() || dated(mail).is_none() {
        for file in &mail.attachments {
            field(&mut hash, file.sha256.as_bytes());
        }
    }
    Identity {
        message_id: mail.message_id.clone(),
        fingerprint: hex::encode(hash.finish()),
        original_message_id: mail.original_message_ids.first().cloned(),
    }
}

/// Length before value, so that neighbouring fields cannot trade bytes.
fn field(hash: &mut Context, value: &[u8]) {
    hash.update(&(value.len() as u64).to_be_bytes());
    hash.update(value);
}

/// Runs of blanks as one, at most [`TEXT_BYTES`] at a character's border.
fn squeeze(text: &str) -> String {
    let mut out = String::new();
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        for c in word.chars() {
            if out.len() + c.len_utf8() > TEXT_BYTES {
                return out;
            }
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(raw: &str) -> Identity {
        identity(&crate::parse(raw.as_bytes()))
    }

    #[test]
    fn transport_does_not_change_it() {
        let one = of(
            "From: a@b\nDate: Mon, 5 Jan 2026 12:00:00 +0100\nMessage-ID: <1@b>\nSubject: x\n\nHello  \nyou\n",
        );
        let two = of(
            "Received: by c\r\nMessage-ID: <1@b>\r\nSubject: x\r\nDate: Mon, 5 Jan 2026 11:00:00 +0000\r\nFrom: A@b\r\n\r\nHello\r\nyou",
        );
        assert_eq!(one, two);
        assert_eq!(one.marker(), two.marker());
    }

    #[test]
    fn another_text_under_the_same_message_id_is_another_mail() {
        let one = of("From: a@b\nMessage-ID: <1@b>\n\nHello\n");
        let two = of("From: a@b\nMessage-ID: <1@b>\n\nGoodbye\n");
        assert_eq!(one.message_id, two.message_id);
        assert_ne!(one.marker(), two.marker());
    }

    #[test]
    fn empty_mails_differ_by_their_files() {
        let mail = |body: &str| of(&format!("From: a@b\nContent-Type: application/pdf\n\n{body}"));
        assert_ne!(mail("a").marker(), mail("b").marker());
        assert_eq!(mail("a").marker(), mail("a").marker());
    }

    #[test]
    fn a_scanner_that_knows_no_time_loses_no_scan() {
        let scan = |date: &str, body: &str| {
            of(&format!(
                "From: scan@b\n{date}Message-ID: <scan@b>\nSubject: Scan\nContent-Type: application/pdf\n\n{body}"
            ))
            .marker()
        };
        for date in [
            "",
            "Date: Thu, 1 Jan 1970 00:00:09 +0000\n",
            "Date: Sat, 1 Jan 2000 00:00:09 +0000\n",
            "Date: x\n",
        ] {
            assert_ne!(scan(date, "a"), scan(date, "b"), "{date}");
            assert_eq!(scan(date, "a"), scan(date, "a"), "{date}");
        }
    }

    #[test]
    fn a_replaced_message_id_does_not_hide_a_copy() {
        let copy =
            |id: &str| of(&format!("Message-ID: <{id}@mx>\nX-Google-Original-Message-ID: <1@b>\n\nHello\n"));
        let (one, two) = (copy("x"), copy("y"));
        assert_ne!(one.marker(), two.marker());
        assert!(one.original_marker().is_some());
        assert_eq!(one.original_marker(), two.original_marker());
        assert_eq!(one.original_marker(), Some(of("Message-ID: <1@b>\n\nHello\n").marker()));
    }

    #[test]
    fn forms_of_one_mail_are_alike_and_mails_of_one_id_are_not() {
        let like = |from: &str, minute: &str, subject: &str| {
            let raw =
                format!("From: {from}\nDate: Mon, 5 Jan 2026 12:{minute}:00 +0100\nSubject: {subject}\n\nx");
            likeness(&crate::parse(raw.as_bytes()))
        };
        let first = like("Ann <ann@a.example>", "01", "Printer");
        assert!(first.is_some());
        let munged = "Ann via L <l@x.example>\nReply-To: Ann <ann@a.example>\nList-Id: <l.x.example>";
        for same in [like("ANN@a.example", "01", "[L] Printer"), like(munged, "01", "[L] [M] Printer")] {
            assert_eq!(same, first);
        }
        for other in [
            like("bob@a.example", "01", "Printer"),
            like("ann@a.example", "02", "Printer"),
            like("ann@a.example", "01", "Invoice"),
        ] {
            assert_ne!(other, first);
        }
        assert_eq!(likeness(&crate::parse(b"From: a@b\nSubject: x\n\nx")), None);
        let unset = b"From: a@b\nDate: Thu, 1 Jan 1970 00:00:09 +0000\n\nx";
        assert_eq!(likeness(&crate::parse(unset)), None);
    }
}
