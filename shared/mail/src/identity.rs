//! By what the same mail is recognised when it comes again.

use aws_lc_rs::digest::{Context, SHA256};

use crate::{Mail, files::hex};

/// Bytes of the normalised text that count.
const TEXT_BYTES: usize = 4096;

/// What makes two copies of a mail the same: Message-ID and fingerprint together.
/// The same Message-ID with another fingerprint is another mail.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Identity {
    /// Without angle brackets.
    pub message_id: Option<String>,
    /// SHA-256 over Date, From, Subject and the start of the text, hex. Without a Message-ID also over the files.
    pub fingerprint: String,
}

impl Identity {
    /// A stable key of at most 130 characters: two mails are copies of each other exactly if their markers are equal.
    pub fn marker(&self) -> String {
        let mut hash = Context::new(&SHA256);
        field(&mut hash, self.message_id.as_deref().unwrap_or_default().as_bytes());
        field(&mut hash, self.fingerprint.as_bytes());
        hex(hash.finish().as_ref())
    }
}

/// The identity of a mail. Transport changes (Received, folding, transfer encoding, trailing blanks) do not alter it.
pub fn identity(mail: &Mail) -> Identity {
    let mut hash = Context::new(&SHA256);
    let date = mail.date.map(|date| date.as_second().to_string());
    field(
        &mut hash,
        date.or_else(|| mail.header("date").next().map(str::to_owned)).unwrap_or_default().as_bytes(),
    );
    let from = mail.from.as_ref().map(|from| from.address.to_lowercase());
    field(&mut hash, from.unwrap_or_default().as_bytes());
    field(&mut hash, squeeze(&mail.subject).as_bytes());
    field(&mut hash, squeeze(&mail.body_text).as_bytes());
    if mail.message_id.is_none() {
        for file in &mail.attachments {
            field(&mut hash, file.sha256.as_bytes());
        }
    }
    Identity { message_id: mail.message_id.clone(), fingerprint: hex(hash.finish().as_ref()) }
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
}
