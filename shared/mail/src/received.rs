//! When a mail arrived, by its header alone.

use jiff::Timestamp;

use crate::{
    decode::{date::date, words},
    structure::header_of,
};

/// The date of the topmost `Received` field, which the receiving server wrote; else the `Date` field, which its sender
/// wrote; None where neither is a date. Linear in the length of the header.
pub fn received_at(header: &[u8]) -> Option<Timestamp> {
    let fields = header_of(header);
    let first =
        |name: &str| fields.iter().find(|field| field.name == name).map(|field| words::unfold(&field.raw));
    let received = first("received").and_then(|raw| date(after_last_semicolon(&raw)?));
    received.or_else(|| date(&first("date")?))
}

/// RFC 5322 section 3.6.7: the date stands behind the last semicolon.
fn after_last_semicolon(raw: &[u8]) -> Option<&[u8]> {
    let at = raw.iter().rposition(|byte| *byte == b';')?;
    raw.get(at + 1..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_receiving_server_is_believed_before_the_sender() {
        let check = |header: &str, expected: &str| {
            let found = received_at(header.as_bytes()).map(|at| at.to_string()).unwrap_or_default();
            assert_eq!(found, expected, "{header}");
        };
        let received = "Received: from a.example (a.example [192.0.2.1]; helo=x)\r\n\tby b.example with ESMTPS id 7\r\n\t; Mon, 5 Jan 2026 12:34:56 +0900 (JST)\r\n";
        let older = "Received: by c.example; Mon, 5 Jan 2026 01:00:00 +0000\r\n";
        let date = "Date: Sun, 4 Jan 2026 10:00:00 +0000\r\n";
        check(
            &format!("Delivered-To: x@b.example\r\n{received}{older}{date}\r\nbody"),
            "2026-01-05T03:34:56Z",
        );
        check(&format!("Received: by b.example\r\n{date}\r\n"), "2026-01-04T10:00:00Z");
        check(&format!("{date}Subject: x\r\n\r\n"), "2026-01-04T10:00:00Z");
        check("Subject: x\r\n\r\nDate: Sun, 4 Jan 2026 10:00:00 +0000\r\n", "");
        check("", "");
    }
}
