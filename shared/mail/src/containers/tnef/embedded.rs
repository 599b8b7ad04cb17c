//! Mails within a TNEF file, which are TNEF again: written anew as the mail that they were, their files beside it.

use crate::{decode::params::Content, files, part::Part};

use super::{
    body::Body,
    props::{self, Props, Value},
};

/// Seconds from 1601, where Windows begins to count, to 1970.
const EPOCH: i64 = 11_644_473_600;
/// Windows counts in tenths of a microsecond.
const TICKS: u64 = 10_000_000;

/// What the header of a mail says.
#[derive(Debug, Default)]
pub(super) struct Header {
    pub(super) subject: Option<Value>,
    name: Option<Value>,
    address: Option<Value>,
    sent: Option<u64>,
}

impl Header {
    pub(super) fn take(&mut self, props: Props<'_>) {
        for (id, value) in props {
            match (id, value) {
                (props::SUBJECT, value) => self.subject = Some(value),
                (props::SENT_REPRESENTING_NAME, value) => self.name = Some(value),
                (props::SENDER_NAME, value) => self.name = self.name.take().or(Some(value)),
                (props::SENDER_SMTP_ADDRESS | props::SENT_REPRESENTING_SMTP_ADDRESS, value) => {
                    self.address = Some(value);
                }
                (props::SENDER_EMAIL_ADDRESS | props::SENT_REPRESENTING_EMAIL_ADDRESS, value) => {
                    self.address = self.address.take().or(Some(value));
                }
                (props::CLIENT_SUBMIT_TIME, Value::Number(time)) => self.sent = Some(time),
                _ => {}
            }
        }
    }

    /// In UTF-8, which RFC 6532 allows.
    fn lines(&self, subject: &str, code_page: &str) -> String {
        let text = |value: &Option<Value>| {
            let text = value.as_ref().map(|value| value.text(code_page)).unwrap_or_default();
            text.replace(char::is_control, " ")
        };
        let (name, address) = (text(&self.name), text(&self.address));
        let mut lines = String::new();
        let sent = self.sent.and_then(|sent| i64::try_from(sent / TICKS).ok());
        if let Some(sent) = sent.and_then(|sent| jiff::Timestamp::from_second(sent - EPOCH).ok()) {
            lines += &format!("Date: {}\r\n", sent.strftime("%a, %d %b %Y %H:%M:%S +0000"));
        }
        if !name.is_empty() || address.contains('@') {
            let name = name.replace(['"', '\\'], "");
            let address = Some(address).filter(|address| address.contains('@')).unwrap_or_default();
            lines += &format!("From: \"{name}\" <{address}>\r\n");
        }
        format!("{lines}Subject: {}\r\nMIME-Version: 1.0\r\n", subject.replace(char::is_control, " "))
    }
}

/// The mail as a file. `title`: the name that it has as a file.
pub(super) fn part(header: &Header, body: Body, title: Option<String>, code_page: &str) -> Part {
    let subject =
        header.subject.as_ref().map(|subject| subject.text(code_page)).filter(|text| !text.is_empty());
    let subject = subject.or(title).unwrap_or_default();
    let mut mail = header.lines(&subject, code_page);
    write_texts(&body.texts(code_page), &mut mail);
    let name = files::named_after(&subject, "message", "eml");
    Part::found(Content::file("message/rfc822", Some(&name)), mail.into_bytes(), None)
}

fn write_texts(texts: &[(&'static str, String)], mail: &mut String) {
    let part = |(media, text): &(&str, String)| {
        format!("Content-Type: {media}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n")
    };
    if let [text] = texts {
        return mail.push_str(&part(text));
    }
    // No text holds its own digest.
    let all: String = texts.iter().map(|(_, text)| text.as_str()).collect();
    let boundary = format!("=_{}", &files::sha256(all.as_bytes())[..32]);
    *mail += &format!("Content-Type: multipart/alternative; boundary=\"{boundary}\"\r\n\r\n");
    for text in texts {
        *mail += &format!("--{boundary}\r\n{}", part(text));
    }
    *mail += &format!("--{boundary}--\r\n");
}
