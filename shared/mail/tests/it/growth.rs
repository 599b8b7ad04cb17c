//! A crafted mail that is four times as long takes about four times as long, in whatever it grows.

use std::time::Duration;

use crate::timed;

/// Bytes of the smaller mail.
const SMALL: usize = 50_000;
/// How many times longer the other is, and how many times as long it may take: linear work comes out below, because a
/// busy machine disturbs both, and quadratic work takes four times four.
const LONGER: usize = 4;
const MOST: u32 = 10;
/// Below this nothing can be told.
const SHORTEST: Duration = Duration::from_micros(200);
/// Measurements of which the best counts.
const ROUNDS: usize = 8;

/// The dimensions in which a crafted mail may grow, each as a mail of about so many bytes.
type Shape = (&'static str, fn(usize) -> Vec<u8>);

const SHAPES: [Shape; 20] = [
    ("multiparts in multiparts", |n| {
        let parts = (0..n / 60).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n"));
        parts.collect::<String>().into_bytes()
    }),
    ("mails in mails", |n| filled("", "Content-Type: message/rfc822\n\n", n)),
    ("parts", |n| {
        filled("Content-Type: multipart/mixed; boundary=b\n\n", "--b\nContent-Type: text/html\n\n<p>a\n", n)
    }),
    ("boundaries with text behind", |n| {
        filled("Content-Type: multipart/mixed; boundary=frontier\n\n", "--frontierx\n\na\n--frontier y\n", n)
    }),
    ("header fields", |n| filled("", "X-A: =?utf-8?q?a?=\n", n)),
    ("encoded words", |n| filled("Subject: ", "=?utf-8?q?=C3=BC?= ", n)),
    ("raw words", |n| filled("Subject: \u{fc}", "=?utf-8?q?x\u{e9}", n)),
    ("addresses", |n| filled("To: ", "a . b@c .d (e), ", n)),
    ("quotes", |n| filled("Subject: Re: x\n\n", "> a\nOn 1.1.2026 12:34 a@b wrote:\n>> b\nc\n", n)),
    ("elements", |n| filled(HTML, "<div><b><s><blockquote type=cite>a", n)),
    ("tables", |n| filled(HTML, "<table><tr><td>a<td>b", n)),
    ("pictures in pages", |n| {
        let pictures = (0..n / 60).map(|n| format!("<img src='data:image/png;base64,AAAA{n:08}'>a"));
        [HTML.as_bytes(), pictures.collect::<String>().as_bytes()].concat()
    }),
    ("one picture in a page", |n| {
        [HTML.as_bytes(), b"<img src='data:image/png;base64,", &vec![b'A'; n], b"'>a"].concat()
    }),
    ("struck-out twins", |n| {
        let head = "Content-Type: multipart/alternative; boundary=b\n\n--b\n\n";
        let page = filled("\n--b\nContent-Type: text/html\n\n", "<s>a b</s> c<br>", n / 2);
        [filled(head, "a b c\n", n / 2), page].concat()
    }),
    ("uuencoded files", |n| filled("\n", "begin 644\n#0V%T\n`\nend\nbegin 644\n#0V%T\n", n)),
    ("yEnc files", |n| filled("\n", "=ybegin line=1 size=1\nk\n=yend\n=ybegin line=1 size=1\n", n)),
    ("calendars", |n| {
        let head = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\na 1\n--b\nContent-Type: text/calendar; method=REQUEST\n\nMETHOD:REQUEST\n";
        filled(head, "BEGIN:VEVENT\nDTSTART:20260112T100000\nLOCATION:a\nEND:VEVENT\n", n)
    }),
    ("UTF-8 under another name", |n| {
        filled("Content-Type: text/plain; charset=gbk\n\n", "\u{fc}a\u{df} ", n)
    }),
    ("bytes under the name of text", |n| filled("\n", "\0\u{1}\u{2}\u{3}abc", n)),
    ("mails in winmail.dat", |n| {
        let mut inner = vec![0; n];
        for _ in 0..8 {
            let object = [&[0; 16][..], &inner].concat();
            let length = (object.len() as u32).to_le_bytes();
            let props = [&[1, 0, 0, 0, 0x0D, 0, 1, 0x37, 1, 0, 0, 0][..], &length, &object, &[0; 4]].concat();
            let attribute = |id: u32, data: &[u8]| {
                [&[2][..], &id.to_le_bytes(), &(data.len() as u32).to_le_bytes(), data, &[0, 0]].concat()
            };
            inner = [
                &b"\x78\x9F\x3E\x22\x01\0"[..],
                &attribute(0x0006_9002, &[0; 14]),
                &attribute(0x0006_9005, &props),
            ]
            .concat();
        }
        [b"Content-Type: application/ms-tnef\nContent-Transfer-Encoding: binary\n\n", inner.as_slice()]
            .concat()
    }),
];

const HTML: &str = "Content-Type: text/html\n\n";

/// `head`, and `unit` as often as it takes.
fn filled(head: &str, unit: &str, n: usize) -> Vec<u8> {
    format!("{head}{}", unit.repeat(n / unit.len())).into_bytes()
}

fn took(raw: &[u8]) -> Duration {
    let (report, took) = timed(|| mail::report(raw));
    assert!(report.body_text.len() <= raw.len() * 4 + 1000, "a text that grows");
    took
}

#[test]
fn work_grows_as_the_mail_does() {
    for (name, shape) in SHAPES {
        let (small, large) = (shape(SMALL), shape(SMALL * LONGER));
        let (mut least_small, mut least_large) = (Duration::MAX, Duration::MAX);
        let is_linear = (0..ROUNDS).any(|_| {
            least_small = least_small.min(took(&small));
            least_large = least_large.min(took(&large));
            least_large <= least_small.max(SHORTEST) * MOST
        });
        assert!(is_linear, "{name}: {least_small:?}, and {least_large:?} for {LONGER} times as much");
    }
}
