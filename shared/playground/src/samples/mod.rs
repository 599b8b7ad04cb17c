//! Mails for the demo: a small company's support mailbox of the last two days.

mod shop;
mod talks;
mod template;

use bytes::Bytes;
use jiff::Timestamp;

use crate::clock::Clock;
pub use shop::{Incoming, SHOP, shop_history};
use template::Filled;

/// Who gets them.
const USER: &str = "support@example.test";

/// In the order of their arrival, which is not always that of their dates.
const FILES: [(&str, &[u8]); 15] = [
    ("en-invoice-address", include_bytes!("../../samples/01-en-invoice-address.eml")),
    ("en-agent-answer", include_bytes!("../../samples/02-en-agent-answer.eml")),
    ("en-bounce", include_bytes!("../../samples/03-en-bounce.eml")),
    ("en-reply-with-picture", include_bytes!("../../samples/04-en-reply-with-picture.eml")),
    ("ja-delivery-date", include_bytes!("../../samples/05-ja-delivery-date.eml")),
    ("de-damaged", include_bytes!("../../samples/07-de-damaged.eml")),
    ("ja-follow-up", include_bytes!("../../samples/06-ja-follow-up.eml")),
    ("es-html-only", include_bytes!("../../samples/10-es-html-only.eml")),
    ("zh-reorder", include_bytes!("../../samples/11-zh-reorder.eml")),
    ("ar-bulb", include_bytes!("../../samples/12-ar-bulb.eml")),
    ("de-automatic-reply", include_bytes!("../../samples/13-de-automatic-reply.eml")),
    ("fr-reply-before-parent", include_bytes!("../../samples/08-fr-reply-before-parent.eml")),
    ("fr-warranty", include_bytes!("../../samples/09-fr-warranty.eml")),
    ("pt-opening-hours", include_bytes!("../../samples/14-pt-opening-hours.eml")),
    ("en-phone", include_bytes!("../../samples/15-en-phone.eml")),
];

/// The mail that arrives a second time, and after which one.
const DUPLICATE: (&str, &str) = ("en-invoice-address", "ja-delivery-date");

/// A mail for the demo.
#[derive(Clone, Debug)]
pub struct Sample {
    /// What it shows, such as `de-damaged`; the duplicate has its original's name.
    pub name: &'static str,
    /// The mail with CRLF line ends.
    pub raw: Bytes,
    /// The account whose INBOX it belongs to.
    pub user: &'static str,
    /// For INTERNALDATE: its date, but never before the mail that arrived ahead of it.
    pub received: Timestamp,
}

/// The sample mails, the newest two hours old, in the order of their arrival.
///
/// Threads with replies (one arrives before its parent, one is a bounce), an inline picture, a PDF, an HTML-only
/// mail, an automatic reply, a duplicate, and seven languages.
pub fn samples() -> Vec<Sample> {
    samples_as_of(Clock::default().now())
}

/// The same mails at every call with the same time.
pub fn samples_as_of(now: Timestamp) -> Vec<Sample> {
    let sample = |(name, file): (&'static str, &[u8])| {
        let Filled { raw, date } = template::fill(file, now);
        Sample { name, raw, user: USER, received: date.unwrap_or(now) }
    };
    let mut samples: Vec<Sample> = FILES.into_iter().map(sample).collect();
    let (copied, after) = DUPLICATE;
    let copy = samples.iter().find(|sample| sample.name == copied).cloned();
    let place = samples.iter().position(|sample| sample.name == after);
    if let (Some(copy), Some(place)) = (copy, place) {
        samples.insert(place + 1, copy);
    }
    let mut latest = Timestamp::MIN;
    for sample in &mut samples {
        latest = latest.max(sample.received);
        sample.received = latest;
    }
    samples
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn now() -> Timestamp {
        "2026-11-05T10:00:00Z".parse().unwrap()
    }

    fn header<'a>(raw: &'a str, name: &str) -> Option<&'a str> {
        let head = raw.split("\r\n\r\n").next()?;
        head.split("\r\n").find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    #[test]
    fn every_sample_is_filled_and_dated() {
        for sample in samples_as_of(now()) {
            let text = String::from_utf8_lossy(&sample.raw);
            assert!(!text.contains("{{") && !text.contains("}}"), "{}", sample.name);
            assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "{}", sample.name);
            assert!(sample.received < now() && header(&text, "Message-ID").is_some(), "{}", sample.name);
            assert!(text.lines().all(|line| line.len() < 998), "{}", sample.name);
        }
    }

    #[test]
    fn dates_are_those_of_the_sender() {
        let samples = samples_as_of(now());
        let sample = samples.iter().find(|sample| sample.name == "ja-follow-up").unwrap();
        let text = String::from_utf8_lossy(&sample.raw);
        assert_eq!(header(&text, "Date"), Some("Wed, 04 Nov 2026 23:00:00 +0900"));
        assert_eq!(sample.received, "2026-11-04T14:00:00Z".parse().unwrap());
        assert!(text.contains("2026/11/04 15:00、高橋"));
    }

    #[test]
    fn one_reply_comes_before_its_parent_and_one_mail_twice() {
        let samples = samples_as_of(now());
        let mut known = BTreeSet::new();
        let (mut early, mut twice) = (Vec::new(), Vec::new());
        let own: BTreeSet<String> = samples.iter().filter_map(|sample| id(sample, "Message-ID")).collect();
        for sample in &samples {
            if let Some(parent) = id(sample, "In-Reply-To").filter(|parent| own.contains(parent))
                && !known.contains(&parent)
            {
                early.push(sample.name);
            }
            if !known.insert(id(sample, "Message-ID").unwrap()) {
                twice.push(sample.name);
            }
        }
        assert_eq!((early, twice), (vec!["fr-reply-before-parent"], vec!["en-invoice-address"]));
    }

    #[test]
    fn times_of_arrival_rise() {
        let samples = samples_as_of(now());
        assert!(samples.is_sorted_by_key(|sample| sample.received));
        assert_eq!(samples.first().unwrap().received, "2026-11-03T06:00:00Z".parse().unwrap());
    }

    fn id(sample: &Sample, name: &str) -> Option<String> {
        header(&String::from_utf8_lossy(&sample.raw), name).map(str::to_owned)
    }
}
