//! Dates in a sample: `{{date -2h +0100}}` and `{{said -2h +0100 %d.%m.%Y}}`, counted from now.

use bytes::{BufMut, Bytes, BytesMut};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};

/// The form of a Date header (RFC 5322, section 3.3).
const RFC_5322: &str = "%a, %d %b %Y %H:%M:%S %z";

/// A sample that can be sent.
pub(super) struct Filled {
    pub(super) raw: Bytes,
    /// The first date in it, that of its Date header.
    pub(super) date: Option<Timestamp>,
}

/// Puts dates in, and CRLF at the end of lines. What is no placeholder stays as it is.
pub(super) fn fill(file: &[u8], now: Timestamp) -> Filled {
    let (mut raw, mut date) = (BytesMut::with_capacity(file.len() + file.len() / 16), None);
    let mut rest = file;
    while let Some((before, inner, after)) = placeholder(rest) {
        put_lines(&mut raw, before);
        match write_date(inner, now) {
            Some((time, text)) => {
                date = date.or(Some(time));
                raw.put_slice(text.as_bytes());
            }
            None => raw.put_slice(&rest[before.len()..rest.len() - after.len()]),
        }
        rest = after;
    }
    put_lines(&mut raw, rest);
    Filled { raw: raw.freeze(), date }
}

fn placeholder(text: &[u8]) -> Option<(&[u8], &str, &[u8])> {
    let start = text.windows(2).position(|pair| pair == b"{{")?;
    let length = text[start + 2..].windows(2).position(|pair| pair == b"}}")?;
    let inner = std::str::from_utf8(&text[start + 2..start + 2 + length]).ok()?;
    Some((&text[..start], inner, &text[start + 4 + length..]))
}

fn write_date(inner: &str, now: Timestamp) -> Option<(Timestamp, String)> {
    let mut words = inner.splitn(4, ' ');
    let (kind, hours, offset) = (words.next()?, words.next()?, words.next()?);
    let format = match kind {
        "date" => RFC_5322,
        "said" => words.next()?,
        _ => return None,
    };
    let hours: i64 = hours.strip_prefix('-')?.strip_suffix('h')?.parse().ok()?;
    let time = now.checked_sub(hours.hours()).ok()?;
    let zone = TimeZone::fixed(Offset::from_seconds(offset_seconds(offset)?).ok()?);
    Some((time, time.to_zoned_datetime(zone).strftime(format).to_string()))
}

/// `+0530`.
fn offset_seconds(text: &str) -> Option<i32> {
    let (sign, digits) =
        text.strip_prefix('+').map(|rest| (1, rest)).or(text.strip_prefix('-').map(|rest| (-1, rest)))?;
    let (hours, minutes): (i32, i32) = (digits.get(..2)?.parse().ok()?, digits.get(2..)?.parse().ok()?);
    Some(sign * (hours * 3600 + minutes * 60))
}

fn put_lines(to: &mut BytesMut, text: &[u8]) {
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(line) => {
                to.put_slice(line);
                to.put_slice(b"\r\n");
            }
            None => to.put_slice(line),
        }
    }
}
