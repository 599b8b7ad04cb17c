//! Hostile mails cost linear time: each input twice as long takes at most a few times as long, and none takes seconds.

use std::time::Duration;

use crate::timed;

/// Of processor time: far above what linear work takes in an unoptimised build, far below what quadratic work does.
const LIMIT: Duration = Duration::from_secs(20);

fn takes(name: &str, raw: &str) {
    takes_bytes(name, raw.as_bytes());
}

fn takes_bytes(name: &str, raw: &[u8]) {
    let (report, took) = timed(|| mail::report(raw));
    eprintln!("{name}: {took:?} for {} bytes, {} bytes of text", raw.len(), report.body_text.len());
    assert!(took < LIMIT, "{name} took {took:?}");
}

fn text(unit: &str) -> String {
    format!("Subject: x\n\n{}", unit.repeat(2_000_000 / unit.len()))
}

fn html(unit: &str) -> String {
    format!("Content-Type: text/html\n\n{}", unit.repeat(2_000_000 / unit.len()))
}

fn header(name: &str, unit: &str) -> String {
    format!("{name}: {}\n\nx", unit.repeat(60_000 / unit.len()))
}

#[test]
fn texts() {
    for unit in [
        "a:\n",
        "On 1.1.2026 a@b wrote:\n\n",
        "> a\nb\n",
        "\n",
        "From: a\n",
        "Sent from my x\n\n",
        "--\n",
        "____________\n",
        "-----Original Message\n",
        "x",
        "\r",
        "5.1.1 a@b.c ",
        "begin 644 a\n",
        "begin 644 a\n#0V%T\n",
        "=ybegin \n",
        "--\nx\n",
        ">>> x\n",
        "> npm start\n",
        "On 1.1.2026 12:34 <a@b>\n",
        "On 1.1.2026 12:34 a@b wrote: x\n\n",
        "From: a@b\n\nSent: x\n",
        "Am 1.1.2026 schrieb x, y\n",
        "---- x ----\n",
        "-\nunsubscribe\n",
        "Sent from my x\nGet Outlook for iOS\n",
        "schrieb",
        "a---1.1.2026 12:34:56---b\n",
        " > x\ny\n",
    ] {
        takes(&format!("text {unit:?}"), &text(unit));
    }
}

#[test]
fn pages() {
    for unit in [
        "<div>",
        "<b>",
        "<p><font size=1>",
        "<blockquote type=cite>",
        "<a href=x>",
        "<table><tr><td>",
        "<ul><li>",
        "</div>",
        "<svg><td>",
        "<body a=b>",
        "<img src=cid:",
        "cid:",
        "<!--",
        "<",
        "&",
        "&amp",
        "<a ",
        "x ",
        "<div style='display:none'>",
        "<p>a",
        "<select>",
        "<pre>\n",
        "<p id=a></b>",
        "<title>",
        "</title",
        "<style>.a{",
        "<style>.a{display:none}</style><p class=a>",
        "<div class=gmail_quote>",
        "<div class=gmail_signature>x</div>",
        "<span style='mso-list:Ignore'>",
        "<!-- -",
        "<a href='",
        "<a b='",
        "&#",
        "&nbsp;",
        "<td>x",
        "<ol><li value=1>",
        "<div style='a:b;",
        "</b></i></u>",
        "<b><td></b>",
    ] {
        takes(&format!("html {unit:?}"), &html(unit));
    }
    takes("html attributes", &format!("Content-Type: text/html\n\n<a {}>x", "a=b ".repeat(400_000)));
    takes("html style", &format!("Content-Type: text/html\n\n<a style='{}'>x", "color:red;".repeat(200_000)));
    takes(
        "html classes",
        &format!(
            "Content-Type: text/html\n\n<style>.a{{display:none}}</style><a class='{}'>x",
            "b ".repeat(900_000)
        ),
    );
    let names: String = (0..200_000).map(|n| format!("a{n} ")).collect();
    takes("html attribute names", &format!("Content-Type: text/html\n\n<a {names}>x"));
}

#[test]
fn headers() {
    for name in [
        "Subject",
        "From",
        "References",
        "Message-ID",
        "Content-Type",
        "Date",
        "In-Reply-To",
        "Return-Path",
        "List-Id",
        "X-Failed-Recipients",
        "Auto-Submitted",
        "Authentication-Results",
        "Received",
        "Thread-Index",
    ] {
        for unit in [
            "=?a?q?",
            "=?utf-8?q?x=?utf-8?b?",
            "=?utf-8?q?a?=3D",
            "<a",
            "a, b <c@d> ",
            "\"a, ",
            "(a",
            "filename*1*=%e;",
            "filename=\"a\"b",
            "=?utf-8?q?a?= ",
            "=?",
            "?=",
            "<",
            "<a@b>",
            "(",
            "\"",
            ",",
            ";",
            "a=b;",
            "a*1=b;",
            "\\",
            ":",
            "a@b, ",
            "1 ",
        ] {
            takes(&format!("{name} {unit:?}"), &header(name, unit));
        }
    }
    takes("many headers", &format!("{}\n\nx", "A: =?utf-8?q?a?=\n".repeat(100_000)));
}

#[test]
fn notices() {
    let head = "Return-Path: <>\nFrom: MAILER-DAEMON@example.net\nSubject: failure notice\n\n";
    for unit in [
        "<a@b.example>:\n",
        "a@b.example ",
        "@",
        "\"@",
        "a@",
        "\"a b",
        "5.1.1 ",
        "5.",
        "550 5.1.1 <a@b.example>... User unknown\n",
        "Final-Recipient: rfc822; a@b.example\nAction: failed\n",
        "Action: failed\n\n",
        "To: a@b.example: ",
        "-----\n",
        "Message-ID: <\n",
        "配信",
    ] {
        takes(&format!("notice {unit:?}"), &format!("{head}{}", unit.repeat(2_000_000 / unit.len())));
        let status = unit.repeat(1_000_000 / unit.len());
        takes(
            &format!("status {unit:?}"),
            &format!(
                "From: MAILER-DAEMON@example.net\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nno\n--b\nContent-Type: message/delivery-status\n\n{status}\n--b--\n"
            ),
        );
    }
    let parts =
        "--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: a@b.example\nAction: failed\n";
    takes(
        "many statuses",
        &format!("Content-Type: multipart/report; boundary=b\n\n{}", parts.repeat(20_000)),
    );
    let many: String = (0..100_000)
        .map(|n| {
            format!("Final-Recipient: rfc822; a{n}@b.example\nAction: failed\nStatus: 5.1.{}\n\n", n % 1000)
        })
        .collect();
    takes(
        "many recipients",
        &format!(
            "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n{many}"
        ),
    );
}

#[test]
fn charsets() {
    for charset in [
        "iso-2022-jp",
        "iso-2022-kr",
        "utf-7",
        "hz",
        "utf-16",
        "gbk",
        "cp437",
        "utf-8",
        "us-ascii",
        "iso-8859-1",
    ] {
        for unit in ["\u{1b}$B", "\u{1b}$B\u{1b}(B", "$B", "\u{e}a\u{f}", "+", "+A-", "~{", "\u{e9}", "日本"]
        {
            let text = unit.repeat(2_000_000 / unit.len());
            takes(
                &format!("{charset} {unit:?}"),
                &format!("Content-Type: text/plain; charset={charset}\n\n{text}"),
            );
        }
    }
}

#[test]
fn containers() {
    let many = |unit: &[u8], count: usize| unit.repeat(count);
    let tnef =
        [&b"\x78\x9F\x3E\x22\x01\x00"[..], &many(b"\x02\x02\x90\x06\x00\x00\x00\x00\x00\x00\x00", 90_000)]
            .concat();
    let open_only = many(b"\x30\x80", 500_000);
    let pieces = [
        &b"\x30\x80\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02\xA0\x80\x30\x80\x02\x01\x01\x31\x00\x30\x80\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01\xA0\x80"[..],
        &many(b"\x24\x80", 400_000),
    ]
    .concat();
    for (name, media, bytes) in [
        ("tnef", "application/ms-tnef", tnef),
        ("cms", "application/pkcs7-mime", open_only),
        ("cms pieces", "application/pkcs7-mime", pieces),
    ] {
        let raw =
            [format!("Content-Type: {media}\nContent-Transfer-Encoding: binary\n\n").into_bytes(), bytes]
                .concat();
        takes_bytes(name, &raw);
    }
    for unit in ["BEGIN:VEVENT\n", "BEGIN:A\n", "SUMMARY:a\n ", "\\", "DTSTART;"] {
        takes(
            &format!("calendar {unit:?}"),
            &format!("Content-Type: text/calendar\n\n{}", unit.repeat(1_000_000 / unit.len())),
        );
    }
    for unit in ["<", "< ", "<<", "<param>", "<a"] {
        takes(
            &format!("enriched {unit:?}"),
            &format!("Content-Type: text/enriched\n\n{}", unit.repeat(2_000_000 / unit.len())),
        );
    }
}

#[test]
fn structures() {
    let mixed = "Content-Type: multipart/mixed; boundary=b\n\n";
    for unit in [
        "--b\n",
        "--b\n\n",
        "--b--\n",
        "--c\n",
        "-\n",
        "--",
        "--b\nContent-Type: multipart/mixed; boundary=b\n\n",
        "Content-Type: a\n",
        "--c\nContent-X: y\n",
        "--c\n\n--d\n",
        "--c\n--c--\n",
        "\n \n",
    ] {
        takes(&format!("parts {unit:?}"), &format!("{mixed}{}", unit.repeat(4_000_000 / unit.len())));
    }
    let nested = "Content-Type: message/rfc822\n\n".repeat(100_000);
    takes("nested mails", &nested);
    let deep: String =
        (0..30_000).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n")).collect();
    takes("nested multiparts", &deep);
    takes(
        "soft line breaks",
        &format!("Content-Transfer-Encoding: quoted-printable\n\n{}", "= ".repeat(1_000_000)),
    );
    for unit in ["SGk=\n", "_\n", "a b ", "=\n\n"] {
        takes(
            &format!("base64 {unit:?}"),
            &format!("Content-Transfer-Encoding: base64\n\n{}", unit.repeat(2_000_000 / unit.len())),
        );
        takes(
            &format!("uuencode {unit:?}"),
            &format!(
                "Content-Transfer-Encoding: uuencode\n\nbegin 644 a\n{}",
                unit.repeat(2_000_000 / unit.len())
            ),
        );
    }
    takes("lone carriage returns", &"A: b\r".repeat(400_000));
    takes("held carriage returns", &"\r".repeat(2_000_000));
    takes("padding", &format!("Content-Transfer-Encoding: base64\n\n{}", "=".repeat(2_000_000)));
}
