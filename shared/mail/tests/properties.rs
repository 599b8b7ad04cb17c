//! What holds for every mail: no panic, and the same result whichever way the bytes came.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use mail::{
    AttachmentContent, Mail, Options,
    splitter::{Event, Limits, Splitter},
};
use proptest::{collection::vec, prelude::*, sample::select};

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

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let bits =
            group.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for n in 0..4 {
            let digit = ALPHABET[(bits >> (18 - 6 * n) & 63) as usize] as char;
            out.push(if n > group.len() { '=' } else { digit });
            if out.len() % 77 == 76 {
                out.push('\n');
            }
        }
    }
    out
}

fn leaf() -> impl Strategy<Value = String> {
    let text = "[a-zäß日 =\n>-]{0,120}";
    prop_oneof![
        text.prop_map(|text| format!("Content-Type: text/plain; charset=utf-8\n\n{text}")),
        text.prop_map(|text| format!("Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n<p>{text}</p>")),
        (vec(any::<u8>(), 0..200), "[a-zé. ]{1,12}").prop_map(|(bytes, name)| {
            format!(
                "Content-Type: application/octet-stream; name=\"{name}\"\nContent-Transfer-Encoding: base64\n\n{}",
                base64(&bytes)
            )
        }),
        text.prop_map(|text| format!("Content-Type: message/rfc822\n\nSubject: x\nMessage-ID: <i@j>\n\n{text}")),
        text.prop_map(|text| format!("Content-Type: text/csv\nContent-Disposition: attachment\n\n{text}")),
        Just("\nno header".to_owned()),
        vec(any::<u8>(), 0..80).prop_map(|bytes| container("application/ms-tnef", &tnef(&bytes))),
        text.prop_map(|text| container("application/pkcs7-mime", &signed(text.as_bytes()))),
        text.prop_map(|text| format!("Content-Type: text/plain\n\n{text}\nbegin 644 a.bin\n#0V%T\n`\nend\n")),
    ]
}

fn container(media: &str, bytes: &[u8]) -> String {
    format!("Content-Type: {media}\nContent-Transfer-Encoding: base64\n\n{}", base64(bytes))
}

/// A file whose data is `bytes`, and what else `bytes` may mean.
fn tnef(bytes: &[u8]) -> Vec<u8> {
    let attribute = |id: u32, data: &[u8]| {
        [&[2][..], &id.to_le_bytes(), &(data.len() as u32).to_le_bytes(), data, &[0, 0]].concat()
    };
    let ids = [0x0006_9002, 0x0006_800F, 0x0006_9005, 0x0006_9003];
    let attributes = ids.into_iter().flat_map(|id| attribute(id, bytes));
    [0x78, 0x9F, 0x3E, 0x22, 1, 0].into_iter().chain(attributes).collect()
}

/// SignedData in indefinite lengths.
fn signed(text: &[u8]) -> Vec<u8> {
    let oid = |n: u8| [&b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07"[..], &[n]].concat();
    let piece = [&[0x04, text.len().min(127) as u8][..], &text[..text.len().min(127)]].concat();
    [
        b"\x30\x80".to_vec(),
        oid(2),
        b"\xA0\x80\x30\x80\x02\x01\x01\x31\x00\x30\x80".to_vec(),
        oid(1),
        b"\xA0\x80\x24\x80".to_vec(),
        piece,
    ]
    .concat()
}

fn part() -> impl Strategy<Value = String> {
    leaf().prop_recursive(3, 20, 5, |inner| {
        let kind = select(vec!["mixed", "alternative", "related", "report", "signed"]);
        (kind, "[a-z]{1,3}", vec(inner, 0..5), select(vec!["\n", "--\n", ""])).prop_map(
            |(kind, boundary, parts, end)| {
                let parts: String = parts.iter().map(|part| format!("--{boundary}\n{part}\n")).collect();
                format!(
                    "Content-Type: multipart/{kind}; boundary={boundary}\n\npre\n{parts}--{boundary}{end}"
                )
            },
        )
    })
}

fn mail_text() -> impl Strategy<Value = String> {
    ("[a-zä =?]{0,30}", "[a-z0-9]{1,8}", part(), any::<bool>()).prop_map(|(subject, id, part, crlf)| {
        let raw =
            format!("From: Jörg <a@b>\nSubject: {subject}\nMessage-ID: <{id}@x>\nReferences: <r@x>\n{part}");
        if crlf { raw.replace('\n', "\r\n") } else { raw }
    })
}

/// Pieces that mean something to a mail parser, in any order.
fn soup() -> impl Strategy<Value = Vec<u8>> {
    let word = select(vec![
        "Content-Type: ",
        "multipart/mixed",
        "; boundary=x",
        "--x",
        "--x--",
        "\n",
        "\r\n",
        "\r",
        "\n\n",
        "message/rfc822",
        "Content-Transfer-Encoding: base64\n",
        "quoted-printable",
        "=?utf-8?q?",
        "?=",
        "=?iso-2022-jp?b?",
        "GyRC",
        "=E4",
        "Subject: ",
        "From: ",
        "<a@b>",
        "\"",
        "(",
        ")",
        ":",
        ";",
        "*0*=utf-8''%e4",
        "filename",
        "text/html\n\n<div",
        "<p ",
        ">",
        "\u{1b}$B",
        "\u{e9}",
        "> ",
        "On 1.1.2026 a@b wrote:\n",
        "-- \n",
        "From: x\nSent: y\nTo: z\n",
        "Action: failed\n",
        "Date: ",
        "5 Jan 2026 12:34",
        "References: ",
        "begin 644 a\n#0V%T\n",
        "end\n",
        "Content-Transfer-Encoding: x-uuencode\n",
        "application/ms-tnef",
        "\u{feff}",
        "=?utf-8?b?w7",
        "BEGIN:VEVENT\nDTSTART:2026",
        "text/calendar\n\n",
        "charset=utf-7\n\n+AOQ",
        "charset=iso-2022-kr\n\n\u{1b}$)C\u{e}0!",
        "text/plain; format=flowed; delsp=yes\n\n",
        " \n",
    ]);
    let piece = prop_oneof![word.prop_map(|word| word.as_bytes().to_vec()), vec(any::<u8>(), 0..8)];
    vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// Lines that mean something to whoever cuts quotes, in any order.
fn lines() -> impl Strategy<Value = String> {
    let line = select(vec![
        "",
        " ",
        "text",
        "Hello Jane,",
        "> quoted",
        ">> quoted twice",
        ">",
        " > quoted",
        "＞ 引用",
        "| piped",
        "JD> cited",
        "--",
        "---",
        "__",
        "________________________________",
        "-----Original Message-----",
        "---------- Forwarded message ---------",
        "Begin forwarded message:",
        "From: Jane <j@example.com>",
        "Sent: Monday",
        "To: Bob",
        "Subject: x",
        "Von: J",
        "On Mon, 5 Jan 2026 at 12:34, Jane <j@example.com> wrote:",
        "On Monday, 5 January 2026 at 12:34",
        "Jane <j@example.com>",
        "wrote:",
        "Am 5.1.2026 um 12:34 schrieb J:",
        "---- On Mon, 05 Jan 2026 12:34:56 +0100 J <j@example.com> wrote ----",
        "##- Please type your reply above this line -##",
        "Sent from my iPhone",
        "Get Outlook for iOS",
        "mailing list",
        ">>> import x",
        "> npm start",
        "2c2",
        "< old",
        ">From here",
    ]);
    vec(line, 0..30).prop_map(|lines| lines.join("\n"))
}

/// The same with the elements that programs put around quotes.
fn pages() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "<div class=gmail_quote>",
        "<div class=gmail_attr>",
        "<div class=yahoo_quoted>",
        "<div class=gmail_signature>",
        "<div class=moz-cite-prefix>",
        "<div id=divRplyFwdMsg>",
        "<div id=appendonsend></div>",
        "<div style='border:none;border-top:solid #E1E1E1 1.0pt'>",
        "<div style='display:none'>",
        "<blockquote type=cite>",
        "<blockquote>",
        "</blockquote>",
        "</div>",
        "<p>",
        "</p>",
        "<br>",
        "<table><tr><td>",
        "<td>",
        "</table>",
        "<ul><li>",
        "</ul>",
        "<pre>",
        "</pre>",
        "&nbsp;",
        "&zwnj;",
        "&gt; ",
        "<span style='mso-list:Ignore'>1.</span>",
        "<a href='https://example.com/x'>",
        "</a>",
        "<!--",
        "-->",
        "<style>.a{display:none}</style>",
        "<p class=a>",
    ]);
    vec((piece, lines()), 0..12)
        .prop_map(|pieces| pieces.into_iter().map(|(piece, text)| format!("{piece}{text}")).collect())
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
