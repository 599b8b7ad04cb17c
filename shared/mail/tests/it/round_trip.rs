//! What a careful program writes is read as it was meant: charsets, encodings, names and files.
#![allow(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use encoding_rs::Encoding;
use mail::AttachmentContent;
use proptest::{collection::vec, prelude::*, sample::select};

/// Charsets, and letters that they have.
const CHARSETS: [(&str, &str); 11] = [
    ("utf-8", "aäß日本語😀 Ж"),
    ("iso-2022-jp", "あいう日本語山田アイ a1"),
    ("shift_jis", "あいう日本語山田ｱｲ a1"),
    ("euc-jp", "あいう日本語山田アイ a1"),
    ("gb18030", "你好世界报价𠀀 a1"),
    ("gbk", "你好世界报价 a1"),
    ("big5", "您好世界報價 a1"),
    ("euc-kr", "안녕하세요견적 a1"),
    ("windows-1251", "Приветмир a1"),
    ("koi8-r", "Приветмир a1"),
    ("windows-1253", "Καλημέρα a1"),
];

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = bytes.chunks(3).flat_map(|group| {
        let bits =
            group.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        let used = group.len();
        (0..4)
            .map(move |n| if n > used { '=' } else { ALPHABET[(bits >> (18 - 6 * n) & 63) as usize] as char })
    });
    digits.collect()
}

fn lines(text: &str, length: usize) -> String {
    text.as_bytes().chunks(length).map(|line| format!("{}\r\n", String::from_utf8_lossy(line))).collect()
}

fn quoted(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("={byte:02X}")).collect()
}

/// As encoded words of some characters each.
fn words(text: &str, charset: &str, by: usize, base: bool) -> String {
    let chars: Vec<char> = text.chars().collect();
    let word = |part: &[char]| {
        let bytes = encoded(&part.iter().collect::<String>(), charset);
        if base {
            format!("=?{charset}?B?{}?=", base64(&bytes))
        } else {
            format!("=?{charset}?Q?{}?=", quoted(&bytes))
        }
    };
    chars.chunks(by).map(word).collect::<Vec<_>>().join("\r\n ")
}

fn encoded(text: &str, charset: &str) -> Vec<u8> {
    Encoding::for_label(charset.as_bytes()).unwrap().encode(text).0.into_owned()
}

fn parameter(text: &str, charset: &str) -> String {
    let escaped: String = encoded(text, charset).iter().map(|byte| format!("%{byte:02X}")).collect();
    // Cut anywhere, also within an escape.
    let pieces = escaped.as_bytes().chunks(25).enumerate().map(|(n, piece)| {
        let start = if n == 0 { format!("{charset}''") } else { String::new() };
        format!(";\r\n filename*{n}*={start}{}", String::from_utf8_lossy(piece))
    });
    pieces.collect()
}

#[derive(Debug, Clone)]
struct Written {
    charset: &'static str,
    subject: String,
    name: String,
    text: String,
    file: String,
    bytes: Vec<u8>,
    base: bool,
    by: usize,
}

fn written() -> impl Strategy<Value = Written> {
    select(CHARSETS.to_vec()).prop_flat_map(|(charset, letters)| {
        let word = move |least: usize| {
            vec(select(letters.chars().filter(|c| *c != ' ').collect::<Vec<_>>()), least..12)
                .prop_map(|chars| chars.into_iter().collect::<String>())
        };
        let text = vec(vec(select(letters.chars().collect::<Vec<_>>()), 1..30), 1..6).prop_map(|lines| {
            let lines: Vec<String> = lines
                .into_iter()
                .map(|line| line.into_iter().collect::<String>().trim().to_owned())
                .collect();
            lines.join("\n").trim().to_owned()
        });
        (word(1), word(1), text, word(1), vec(any::<u8>(), 0..200), any::<bool>(), 1usize..8).prop_map(
            move |(subject, name, text, file, bytes, base, by)| Written {
                charset,
                subject,
                name,
                text,
                file,
                bytes,
                base,
                by,
            },
        )
    })
}

fn build(mail: &Written) -> String {
    let Written { charset, subject, name, text, file, bytes, base, by } = mail;
    let body = encoded(&text.replace('\n', "\r\n"), charset);
    let (encoding, body) = if *base {
        ("base64", lines(&base64(&body), 76))
    } else {
        ("quoted-printable", lines(&quoted(&body), 75).replace("\r\n", "=\r\n"))
    };
    format!(
        "From: {} <a@example.com>\r\nSubject: {}\r\nContent-Type: multipart/mixed; boundary=\"=_x\"\r\n\r\n--=_x\r\nContent-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}\r\n--=_x\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment{}\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--=_x--\r\n",
        words(name, charset, *by, *base),
        words(subject, charset, *by, !*base),
        parameter(&format!("{file}.bin"), charset),
        lines(&base64(bytes), 76),
    )
}

/// The first half of uuencode's line, one per 45 bytes.
fn uuencoded(bytes: &[u8]) -> String {
    let sign = |value: u32| char::from_u32(if value == 0 { 0x60 } else { value + 0x20 }).unwrap();
    let lines = bytes.chunks(45).map(|line| {
        let groups = line.chunks(3).flat_map(|group| {
            let bits = (0..3).fold(0u32, |bits, n| bits << 8 | u32::from(*group.get(n).unwrap_or(&0)));
            (0..4).map(move |n| sign(bits >> (18 - 6 * n) & 63))
        });
        format!("{}{}\n", sign(u32::try_from(line.len()).unwrap()), groups.collect::<String>())
    });
    lines.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_written_is_read(mail in written()) {
        let read = mail::parse(build(&mail).as_bytes());
        prop_assert_eq!(&read.subject, &mail.subject);
        prop_assert_eq!(read.from.unwrap().name.unwrap_or_default(), mail.name);
        prop_assert_eq!(&read.body_text, &mail.text);
        let [file] = read.attachments.as_slice() else { panic!("one file") };
        prop_assert_eq!(file.filename.clone().unwrap(), format!("{}.bin", mail.file));
        prop_assert_eq!(&file.content, &AttachmentContent::Bytes(mail.bytes));
        prop_assert_eq!(read.defects, [mail::Defect::MissingDate, mail::Defect::MissingMessageId]);
    }

    #[test]
    fn files_in_text_are_taken_out(bytes in vec(any::<u8>(), 1..300), before in "[a-z]{1,9}", after in "[a-z]{1,9}") {
        let raw = format!("From: a@b\n\n{before}\nbegin 644 a b.bin\n{}`\nend\n{after}\n", uuencoded(&bytes));
        let read = mail::parse(raw.as_bytes());
        prop_assert_eq!(read.body_text, format!("{before}\n{after}"));
        prop_assert_eq!(&read.attachments[0].content, &AttachmentContent::Bytes(bytes));
        prop_assert_eq!(read.attachments[0].filename.as_deref(), Some("a b.bin"));
    }

    #[test]
    fn dates_survive_every_form(seconds in 0i64..4_000_000_000) {
        let when = jiff::Timestamp::from_second(seconds).unwrap();
        let local = jiff::tz::offset(5).to_datetime(when);
        for form in [
            "%a, %d %b %Y %H:%M:%S +0500",
            "%d-%b-%Y %H:%M:%S +0500",
            "%Y-%m-%dT%H:%M:%S+05:00",
            "%B %d, %Y %I:%M:%S %p +0500",
            "%Y/%m/%d %H:%M:%S +0500",
        ] {
            let raw = format!("Date: {}\n\nx", local.strftime(form));
            prop_assert_eq!(mail::parse(raw.as_bytes()).date, Some(when), "{}", raw);
        }
    }
}
