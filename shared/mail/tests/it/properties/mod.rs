//! What holds for every mail: no panic, and the same result whichever way the bytes came.
#![allow(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

mod pieces;

use std::collections::BTreeMap;

use mail::{
    AttachmentContent, Mail, Options,
    splitter::{Event, Limits, Splitter},
};
use proptest::{collection::vec, prelude::*, sample::select};

use pieces::{base64, lines, mail_text, pages, soup};

/// What a splitter gave: the mail, and the leaves that it let out.
struct Split {
    mail: Mail,
    leaves: BTreeMap<u32, Vec<u8>>,
}

fn split(raw: &[u8], sizes: &[usize], limits: Limits) -> Split {
    let mut leaves = BTreeMap::new();
    let mut open = None;
    let mut sink = |event: Event| match event {
        Event::LeafStart { n, .. } => {
            assert_eq!(open.replace(n), None, "leaves do not mix");
            leaves.insert(n, Vec::new());
        }
        Event::LeafData { n, data } => {
            assert_eq!(open, Some(n));
            leaves.get_mut(&n).unwrap().extend(data);
        }
        Event::LeafEnd { n, size, .. } => {
            assert_eq!(open.take(), Some(n));
            assert_eq!(leaves[&n].len() as u64, size);
        }
    };
    let mut splitter = Splitter::new(limits);
    let mut rest = raw;
    let mut sizes = sizes.iter().cycle();
    while !rest.is_empty() {
        let (piece, after) = rest.split_at((*sizes.next().unwrap_or(&1)).clamp(1, rest.len()));
        splitter.push(piece, &mut sink);
        rest = after;
    }
    let reduced = splitter.finish(&mut sink);
    Split { mail: mail::parse_reduced(reduced, &Options::default()), leaves }
}

/// Both ways give the same mail and the same bytes of each file.
fn same(raw: &[u8], sizes: &[usize], leaf: usize) {
    let direct = mail::parse(raw);
    let split = split(raw, sizes, Limits { leaf, total: 8 * 1024 * 1024 });
    assert_eq!(serde_json::to_value(&direct).unwrap(), serde_json::to_value(&split.mail).unwrap());
    for (one, two) in direct.attachments.iter().zip(&split.mail.attachments) {
        let AttachmentContent::Bytes(whole) = &one.content else { panic!("parse keeps everything") };
        match &two.content {
            AttachmentContent::Bytes(bytes) => assert_eq!(whole, bytes),
            AttachmentContent::Extracted { n } => assert_eq!(whole, &split.leaves[n]),
        }
    }
}

/// Whether all words of one text stand in the other.
fn words_are_in(part: &str, whole: &str) -> bool {
    let whole: std::collections::BTreeSet<&str> = whole.split_whitespace().collect();
    // A line that programs glued is parted within a word.
    let glued = |word: &str| whole.iter().any(|all| all.starts_with(word) || all.ends_with(word));
    part.split_whitespace().all(|word| whole.contains(word) || glued(word))
}

fn cut_is_sane(head: &str, body: &str) {
    let report = mail::report(format!("{head}\n\n{body}").as_bytes());
    assert_eq!(report.reply_only.is_empty(), report.body_text.is_empty());
    assert!(words_are_in(&report.reply_only, &report.body_text), "{report:?}");
    assert!(words_are_in(&report.quoted_text, &report.body_text), "{report:?}");
    assert!(report.body_text.lines().all(|line| line.trim_end() == line), "{report:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_ways_give_the_same(raw in mail_text(), sizes in vec(1usize..300, 1..8), leaf in 0usize..64) {
        same(raw.as_bytes(), &sizes, leaf);
    }

    #[test]
    fn also_for_damaged_mails(raw in mail_text(), cut in any::<prop::sample::Index>(), hits in vec(any::<(prop::sample::Index, u8)>(), 0..6), sizes in vec(1usize..50, 1..8)) {
        let mut raw = raw.into_bytes();
        for (at, byte) in hits {
            let at = at.index(raw.len());
            raw[at] = byte;
        }
        raw.truncate(cut.index(raw.len()) + 1);
        same(&raw, &sizes, 8);
    }

    #[test]
    fn no_bytes_panic(raw in soup(), sizes in vec(1usize..20, 1..4)) {
        same(&raw, &sizes, 4);
        let report = mail::report(&raw);
        prop_assert!(!report.body_text.contains('\r'));
        prop_assert_eq!(report.reply_only.is_empty(), report.body_text.is_empty());
        let _ = mail::identity::identity(&mail::parse(&raw)).marker();
    }

    #[test]
    fn a_reply_is_part_of_its_text(text in lines(), subject in select(vec!["x", "Re: x", "Fwd: x"]), answers in any::<bool>()) {
        let head = format!("Subject: {subject}{}", if answers { "\nIn-Reply-To: <a@b>" } else { "" });
        cut_is_sane(&format!("{head}\nContent-Type: text/plain; charset=utf-8"), &text);
    }

    #[test]
    fn also_of_a_page(html in pages(), subject in select(vec!["x", "Re: x", "Fwd: x"])) {
        cut_is_sane(&format!("Subject: {subject}\nContent-Type: text/html; charset=utf-8"), &html);
    }

    #[test]
    fn also_of_twins(text in lines(), html in pages()) {
        let part = |kind: &str, body: &str| format!("--b\nContent-Type: text/{kind}; charset=utf-8\n\n{body}\n");
        let body = format!("{}{}--b--\n", part("plain", &text), part("html", &html));
        cut_is_sane("Subject: Re: x\nContent-Type: multipart/alternative; boundary=b", &body);
    }

    #[test]
    fn blocks_part_words(tags in vec(select(vec![
        "<div>", "</div>", "<p>", "</p>", "<p style='margin:0'>", "<br>", "<hr>", "<table>", "</table>", "<tr>", "</tr>", "<td>", "</td>",
        "<ul>", "</ul>", "<ol>", "<li>", "</li>", "<blockquote>", "</blockquote>", "<h1>", "</h1>", "<pre>", "</pre>", "<dl><dt>", "<dd>",
        "<div class=gmail_quote>", "<blockquote type=cite>", "<td>&nbsp;</td><td>", "<div><p>", " ", "\n",
    ]), 1..40)) {
        let html: String = tags.iter().enumerate().map(|(n, tag)| format!("w{n}w{tag}")).collect();
        let text = mail::html::to_text(&html);
        let words: Vec<&str> = text.split_whitespace().filter(|word| word.starts_with('w')).collect();
        let wanted: Vec<String> = (0..tags.len()).map(|n| format!("w{n}w")).collect();
        prop_assert_eq!(words, wanted, "{} {}", html, text);
    }

    #[test]
    fn no_html_panics_or_runs(html in "(<[a-z]{1,6}( [a-z]{1,4}=[\"']?[a-z:/]{0,6}[\"']?){0,2}/?>|</[a-z]{1,6}>|<script|javascript:|&[a-z]{1,4};?|[a-z <>\"'=]{0,8}){0,30}") {
        let clean = mail::html::sanitise(&html, &|_| None);
        prop_assert!(!clean.contains("<script"));
        let _ = mail::html::to_text(&html);
    }
}

#[test]
fn a_large_mail_stays_small() {
    let body = base64(&vec![7u8; 12 * 1024 * 1024]);
    let raw = format!(
        "Subject: big\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n--b\nContent-Type: application/zip\nContent-Transfer-Encoding: base64\n\n{body}\n--b--\n"
    );
    let mut most = 0;
    let mut total = 0;
    let mut splitter = Splitter::new(Limits::default());
    let mut sink = |event: Event| {
        if let Event::LeafData { data, .. } = event {
            most = most.max(data.len());
            total += data.len();
        }
    };
    for piece in raw.as_bytes().chunks(64 * 1024) {
        splitter.push(piece, &mut sink);
    }
    let mail = mail::parse_reduced(splitter.finish(&mut sink), &Options::default());
    assert_eq!(total, 12 * 1024 * 1024);
    assert!(most <= 1024 * 1024 + 64 * 1024, "{most}");
    assert_eq!(mail.attachments[0].content, AttachmentContent::Extracted { n: 2 });
    assert_eq!(mail.attachments[0].size, 12 * 1024 * 1024);
    assert_eq!(mail.body_text, "text");
}

#[test]
fn many_middling_files_stream_out_once_the_total_is_reached() {
    let body = base64(&vec![7u8; 700 * 1024]);
    let part = format!("--b\nContent-Type: application/zip\nContent-Transfer-Encoding: base64\n\n{body}\n");
    let raw = format!("Content-Type: multipart/mixed; boundary=b\n\n{}--b--\n", part.repeat(20));
    let split = split(raw.as_bytes(), &[65536], Limits::default());
    let kept = split
        .mail
        .attachments
        .iter()
        .filter(|file| matches!(file.content, AttachmentContent::Bytes(_)))
        .count();
    assert_eq!((split.mail.attachments.len(), kept), (20, 11));
    assert!(split.leaves.values().all(|leaf| leaf.len() == 700 * 1024));
}

#[test]
fn a_huge_text_is_shown_in_part_and_kept_as_a_file() {
    let raw = format!("Content-Type: text/plain\n\n{}", "0123456789abcde\n".repeat(200_000));
    let split = split(raw.as_bytes(), &[65536], Limits::default());
    assert_eq!(split.mail.body_text.len(), 2 * 1024 * 1024 - 1);
    assert_eq!(split.mail.attachments[0].size, 3_200_000);
    assert!(split.mail.defects.contains(&mail::Defect::TextTooLarge));
    let direct = mail::parse(raw.as_bytes());
    assert_eq!(direct.body_text, split.mail.body_text);
    assert_eq!(direct.attachments[0].sha256, split.mail.attachments[0].sha256);
}

#[test]
#[should_panic(expected = "poisoned by the test")]
fn a_poisoned_mail_panics() {
    mail::parse_with(b"Message-ID: <poison-1@x>\n\n", &Options::poisoned("poison"));
}

#[test]
fn a_splitter_may_change_threads() {
    fn is_send<T: Send>() {}
    is_send::<Splitter>();
    is_send::<mail::splitter::Reduced>();
    is_send::<Mail>();
}

/// Reads a byte at a time, and is interrupted before each.
struct Slow<'a> {
    rest: &'a [u8],
    interrupted: bool,
}

impl std::io::Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.interrupted = !self.interrupted;
        if self.interrupted {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        let length = self.rest.len().min(1);
        buffer[..length].copy_from_slice(&self.rest[..length]);
        self.rest = &self.rest[length..];
        Ok(length)
    }
}

#[test]
fn a_mail_that_is_read_is_the_same() {
    let raw = b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nText\n--x\nContent-Type: a/b\nContent-Transfer-Encoding: base64\n\nQUJD\n--x--\n";
    let read = mail::report_from(Slow { rest: raw, interrupted: false }).expect("nothing fails");
    assert_eq!(format!("{read:?}"), format!("{:?}", mail::report(raw)));
    assert_eq!(read.attachments[0].size, 3);
}
