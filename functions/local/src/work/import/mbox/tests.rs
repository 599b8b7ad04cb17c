//! What is written into an mbox comes out of it again, and whatever bytes there are, nothing breaks.

use std::io::Cursor;

use proptest::prelude::*;

use super::{lines::INTERNAL, *};

const MAX: usize = 1024 * 1024;

/// The four ways.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    O,
    Rd,
    Cl,
    Cl2,
}

impl Way {
    fn quoting(self) -> Quoting {
        match self {
            Self::O => Quoting::Lossy,
            Self::Rd | Self::Cl => Quoting::Reversible,
            Self::Cl2 => Quoting::Unquoted,
        }
    }
}

/// A mail: header lines, and lines of the body.
type Mail = (Vec<&'static str>, Vec<&'static str>);

fn text((header, body): &Mail, end: &str) -> String {
    let line = |line: &&str| format!("{line}{end}");
    let header: String = header.iter().map(line).collect();
    let body: String = body.iter().map(line).collect();
    format!("Subject: x{end}{header}{end}{body}")
}

fn write(way: Way, mails: &[Mail], end: &str) -> Vec<u8> {
    let mut out = String::new();
    for (n, (header, body)) in mails.iter().enumerate() {
        let quoted: String = body
            .iter()
            .map(|line| {
                let quoted = match way {
                    Way::O => line.starts_with("From "),
                    Way::Rd | Way::Cl => line.trim_start_matches('>').starts_with("From "),
                    Way::Cl2 => false,
                };
                format!("{}{line}{end}", if quoted { ">" } else { "" })
            })
            .collect();
        let header: String = header.iter().map(|line| format!("{line}{end}")).collect();
        let length = match way {
            Way::Cl | Way::Cl2 => format!("Content-Length: {}{end}", quoted.len()),
            Way::O | Way::Rd => String::new(),
        };
        let day = n % 28 + 1;
        out += &format!("From ann@example.org Tue Nov {day:2} 09:00:00 2026{end}");
        out += &format!("Subject: x{end}{header}{length}{end}{quoted}{end}");
    }
    out.into_bytes()
}

fn read(mbox: &mut Mbox<Cursor<Vec<u8>>>) -> Vec<Found> {
    std::iter::from_fn(|| mbox.next().expect("bytes in memory can be read")).collect()
}

fn bytes(found: &Found) -> Option<&[u8]> {
    found.raw.as_ref()?.1.as_deref()
}

/// The mails without what a way adds to them.
fn texts(found: Vec<Found>) -> Vec<String> {
    let text = |found: Found| String::from_utf8(bytes(&found).expect("a mail").to_vec()).expect("text");
    let is_length = |line: &&str| line.starts_with("Content-Length:");
    let without = |text: String| text.split_inclusive('\n').filter(|l| !is_length(l)).collect();
    found.into_iter().map(text).map(without).collect()
}

fn body_lines(way: Way) -> impl Strategy<Value = Vec<&'static str>> {
    let mut lines =
        vec!["", "text", "From here on", "From x Tue Nov 24 09:00:00 2026", "Subject: y", " From "];
    if way != Way::O {
        lines.extend([">From here", ">>From there", "> quoted", ">"]);
    }
    prop::collection::vec(prop::sample::select(lines), 0..8)
}

fn mails() -> impl Strategy<Value = (Way, Vec<Mail>, &'static str)> {
    let header = || prop::collection::vec(prop::sample::select(vec!["From: a", "X: y", "\tfolded"]), 0..3);
    let ways = prop::sample::select(vec![Way::O, Way::Rd, Way::Cl, Way::Cl2]);
    (ways, prop::sample::select(vec!["\n", "\r\n"])).prop_flat_map(move |(way, end)| {
        let mail = (header(), body_lines(way));
        (Just(way), prop::collection::vec(mail, 0..6), Just(end))
    })
}

proptest! {
    #[test]
    fn what_is_written_comes_out_again((way, mails, end) in mails()) {
        let file = write(way, &mails, end);
        let expected: Vec<String> = mails.iter().map(|mail| text(mail, end)).collect();
        let mut mbox = Mbox::at(Cursor::new(file.clone()), MAX, 0, way.quoting()).unwrap();
        let found = read(&mut mbox);
        let places: Vec<u64> = found.iter().map(|found| found.at).collect();
        prop_assert_eq!(&texts(found), &expected);
        // From any mail on, the rest is the same.
        for (n, at) in places.into_iter().enumerate() {
            let mut rest = Mbox::at(Cursor::new(file.clone()), MAX, at, way.quoting()).unwrap();
            prop_assert_eq!(&texts(read(&mut rest)), &expected[n..]);
        }
    }

    #[test]
    fn whatever_the_bytes_nothing_breaks(
        parts in prop::collection::vec(prop_oneof![
            any::<Vec<u8>>(),
            prop::sample::select(vec![
                &b"From x Tue Nov 24 09:00:00 2026\n"[..], b"From \n", b"\n\n", b"\r\n", b"A: b\n", b">From ",
                b"Content-Length: 7\n", b"Content-Length: 18446744073709551615\n", b"\xef\xbb\xbf",
            ]).prop_map(<[u8]>::to_vec),
        ], 0..12),
    ) {
        let file = parts.concat();
        let len = file.len() as u64;
        let mut mbox = Mbox::open(Cursor::new(file), 200).unwrap();
        let found = read(&mut mbox);
        prop_assert!(found.windows(2).all(|two| two[0].at < two[1].at));
        prop_assert_eq!(mbox.offset(), len);
    }
}

fn opened(file: &str, max: usize) -> (Quoting, Vec<Found>) {
    let mut mbox = Mbox::open(Cursor::new(file.as_bytes().to_vec()), max).unwrap();
    (mbox.quoting(), read(&mut mbox))
}

#[test]
fn lengths_count_only_where_they_lead_on() {
    let of = |length: &str, body: &str| {
        format!(
            "From a Tue Nov 24 09:00:00 2026\nContent-Length: {length}\n\n{body}\nFrom b Tue Nov 24 09:00:00 2026\nX: y\n\nz\n"
        )
    };
    let inner = "a\n\nFrom c Tue Nov 24 09:00:00 2026\nb\n";
    for (length, body, count) in [
        (inner.len().to_string(), inner, 2),
        // Into the middle of a line, beyond the end, no number, nothing.
        ("4".to_owned(), inner, 3),
        ("9999".to_owned(), inner, 3),
        ("-1".to_owned(), inner, 3),
        ("0".to_owned(), "a\n", 2),
    ] {
        let (_, found) = opened(&of(&length, body), MAX);
        assert_eq!(found.len(), count, "{length}: {found:?}");
    }
    let (quoting, _) = opened(&of(&inner.len().to_string(), inner), MAX);
    assert_eq!(quoting, Quoting::Unquoted);
}

#[test]
fn too_large_mails_are_passed_over_and_cost_no_memory() {
    let long = "x".repeat(3 * 256 * 1024);
    let file = format!("From a\nA: b\n\n{long}\n\nFrom c Tue Nov 24 09:00:00 2026\nA: b\n\nsmall\n");
    let (_, found) = opened(&file, 1000);
    let raws: Vec<_> = found.iter().map(bytes).collect();
    assert_eq!(raws, [None, Some(&b"A: b\n\nsmall\n"[..])]);
    assert_eq!(found[1].at, file.find("From c").unwrap() as u64);
}

#[test]
fn the_first_mail_of_some_programs_is_theirs() {
    let file = format!(
        "From MAILER-DAEMON Tue Nov 24 09:00:00 2026\nSubject: {}\nX-IMAP: 1 2\n\nThis text is part of it.\n\n\
         From a Tue Nov 24 09:00:00 2026\nSubject: b\n\nc\n",
        String::from_utf8_lossy(INTERNAL)
    );
    let (_, found) = opened(&file, MAX);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].received.unwrap().to_string(), "2026-11-24T09:00:00Z");
}

#[test]
fn a_large_mail_is_not_kept_and_passed_on_as_it_was() {
    let line = format!(">From {}\n", "y".repeat(3_000));
    let body = line.repeat(FiledLook::KEPT / line.len() + 2);
    let file =
        format!("From a Tue Nov 24 09:00:00 2026\nA: b\n\n{body}\nFrom b Tue Nov 24 09:00:00 2026\nA: b\n\n");
    let mut mbox = Mbox::open(Cursor::new(file.clone().into_bytes()), 100 * MAX).unwrap();
    let found = mbox.next().unwrap().unwrap();
    let (sight, whole) = found.raw.unwrap();
    assert!(whole.is_none());
    let mut again = Mbox::at(Cursor::new(file.into_bytes()), MAX, found.at, mbox.quoting()).unwrap();
    let mut passed = Vec::new();
    again.pass_on(&mut |piece| passed.extend_from_slice(piece)).unwrap();
    assert_eq!(
        String::from_utf8(passed.clone()).unwrap(),
        format!("A: b\n\n{}", body.replace(">From", "From"))
    );
    let mut look = FiledLook::default();
    look.see(&passed);
    assert_eq!(look.finish().0, sight);
}
