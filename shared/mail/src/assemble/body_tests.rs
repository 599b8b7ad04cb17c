//! What is text and what is a file, in mails of other programs than those of the fixtures.

/// A mail of these parts, each with its own header lines.
fn mail(kind: &str, parts: &[&str]) -> String {
    let parts: String = parts.iter().map(|part| format!("--b\n{part}\n")).collect();
    format!("Subject: x\nContent-Type: multipart/{kind}; boundary=b\n\n{parts}--b--\n")
}

/// A part that is nested in another multipart.
fn nested(kind: &str, parts: &[&str]) -> String {
    let parts: String = parts.iter().map(|part| format!("--n\n{part}\n")).collect();
    format!("Content-Type: multipart/{kind}; boundary=n\n\n{parts}--n--")
}

fn check(raw: &str, text: &str, files: &[&str]) {
    let mail = crate::parse(raw.as_bytes());
    let names: Vec<&str> =
        mail.attachments.iter().map(|file| file.filename.as_deref().unwrap_or_default()).collect();
    assert_eq!((mail.body_text.as_str(), names.as_slice()), (text, files), "{raw}");
}

const PLAIN: &str = "Content-Type: text/plain; charset=utf-8\n\nHello";
const PAGE: &str = "Content-Type: text/html; charset=utf-8\n\n<p>Hello</p>";
const BLANK: &str = "Content-Type: text/plain; charset=utf-8\n\n \u{A0}\n";
const BLANK_PAGE: &str = "Content-Type: text/html; charset=utf-8\n\n<div>&nbsp;</div><br>";
const PDF: &str = "Content-Type: application/pdf; name=a.pdf\nContent-Disposition: attachment\n\n%PDF";

#[test]
fn the_only_text_is_the_body_whatever_it_is_called() {
    for (head, listed) in [
        ("Content-Type: text/plain\nContent-Disposition: attachment", false),
        ("Content-Type: text/plain\nContent-Disposition: attachment; filename=\"ATT00001.txt\"", false),
        ("Content-Type: text/plain; name=\"Message.txt\"\nContent-Disposition: attachment", false),
        ("Content-Type: text/html\nContent-Disposition: attachment; filename=email", false),
        ("Content-Type: text/html\nContent-Disposition: attachment; filename=mail-body.htm", false),
        ("Content-Type: text/plain; name=\"本文.txt\"\nContent-Disposition: attachment", false),
        ("Content-Type: text/plain\nContent-Disposition: attachment; filename=Textteil", false),
        ("Content-Type: text/plain\nContent-Disposition: inline; filename=body.txt", false),
        ("Content-Type: text/plain\nContent-Disposition: =?utf-8?Q?attached?=", false),
        ("Content-Type: text/plain\nContent-Disposition: attachment; filename=readme.txt", true),
        ("Content-Type: text/html\nContent-Disposition: attachment; filename=report.html", true),
    ] {
        let text = format!("{head}\n\nHello");
        let name = head.rsplit('=').next().filter(|_| listed);
        let files = |others: &[&'static str]| -> Vec<&str> {
            name.into_iter().chain(others.iter().copied()).collect()
        };
        check(&format!("Subject: x\n{text}"), "Hello", &files(&[]));
        for kind in ["mixed", "related", "signed"] {
            check(&mail(kind, &[&text, PDF]), "Hello", &files(&["a.pdf"]));
        }
        check(&mail("mixed", &[BLANK, &text, PDF]), "Hello", &files(&["a.pdf"]));
        check(&mail("mixed", &[BLANK_PAGE, &text]), "Hello", &files(&[]));
        check(&mail("mixed", &[&nested("alternative", &[BLANK, BLANK_PAGE]), &text]), "Hello", &files(&[]));
    }
    // Beside a text these are files, and what is not for reading is one without a text too.
    let att = "Content-Type: text/plain\nContent-Disposition: attachment; filename=ATT00001.txt\n\nmore";
    let log = "Content-Type: text/plain\nContent-Disposition: attachment; filename=a.log\n\n12:00";
    check(&mail("mixed", &[PLAIN, PDF, att]), "Hello", &["a.pdf", "ATT00001.txt"]);
    check(&mail("mixed", &[PAGE, att]), "Hello", &["ATT00001.txt"]);
    check(&mail("mixed", &[BLANK, log]), "", &["a.log"]);
    check(&mail("mixed", &[BLANK, PDF]), "", &["a.pdf"]);
}

#[test]
fn a_named_text_that_comes_first_is_a_file() {
    for (head, name) in [
        ("Content-Type: text/plain; name=\"a.log\"", "a.log"),
        ("Content-Type: text/plain\nContent-Disposition: inline; filename=a.csv", "a.csv"),
        ("Content-Type: text/html; name=report.html\nContent-Disposition: inline", "report.html"),
        ("Content-Type: text/plain; name*=utf-8''%C3%BC.txt", "ü.txt"),
    ] {
        let file = format!("{head}\n\n12:00");
        for text in [PLAIN, PAGE, &nested("alternative", &[PLAIN, PAGE])] {
            check(&mail("mixed", &[&file, text]), "Hello", &[name]);
            check(&mail("mixed", &[&file, PDF, text]), "Hello", &[name, "a.pdf"]);
        }
        // It is the body where nothing else is, or only what a list puts below each mail.
        check(&mail("mixed", &[&file, PDF]), "12:00", &["a.pdf"]);
        check(&mail("mixed", &[&file, BLANK]), "12:00", &[]);
        let footer = "Content-Type: text/plain\n\n_______\nA list";
        check(&mail("mixed", &[&file, footer]), "12:00\n\n_______\nA list", &[]);
    }
    let made_up = "Content-Type: text/plain; name=message.txt\n\nHello";
    check(&mail("mixed", &[made_up, "Content-Type: text/plain\n\nBye"]), "Hello\n\nBye", &[]);
    let log = "Content-Type: text/plain; name=a.log\n\n12:00";
    check(&mail("mixed", &[log, made_up]), "Hello", &["a.log"]);
    check(&mail("mixed", &[PDF, log, made_up]), "Hello", &["a.pdf", "a.log"]);
    check(&mail("mixed", &[PLAIN, PDF, made_up]), "Hello", &["a.pdf", "message.txt"]);
    check(&mail("alternative", &["Content-Type: text/plain; name=a.txt\n\nHello", PAGE]), "Hello", &[]);
}

const EVENT: &str = "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:Plan\nDTSTART:20260112T140000\nLOCATION:Room 5\nEND:VEVENT\nEND:VCALENDAR";
const FACTS: &str = "When: 2026-01-12 14:00\nWhere: Room 5";

#[test]
fn invitations_are_told() {
    let calendar = format!("Content-Type: text/calendar; method=REQUEST\n\n{EVENT}");
    let all = format!("Plan\n\n{FACTS}");
    let named = "Content-Type: text/plain\n\n&nbsp;\n";
    let unseen = "Content-Type: text/plain; charset=utf-8\n\n\u{200B}\u{2060}\n";
    for blank in
        [BLANK, BLANK_PAGE, named, unseen, "Content-Type: text/html\n\n<p>&#8203;</p><img src=cid:x>"]
    {
        check(&mail("alternative", &[blank, &calendar]), &all, &["invite.ics"]);
        check(&mail("mixed", &[&calendar, blank]), &all, &["invite.ics"]);
        check(
            &mail("mixed", &[&nested("alternative", &[blank, &calendar]), PDF]),
            &all,
            &["invite.ics", "a.pdf"],
        );
        for file in [
            "Content-Type: application/ics; name=plan.ics\nContent-Disposition: attachment",
            "Content-Type: application/octet-stream; name=plan.ics",
            "Content-Type: text/calendar; name=plan.ics\nContent-Disposition: attachment",
        ] {
            check(&mail("mixed", &[blank, &format!("{file}\n\n{EVENT}")]), &all, &["plan.ics"]);
        }
    }
    // A text that does not say when and where is told them.
    for text in [PLAIN, PAGE, &nested("alternative", &[PLAIN, PAGE])] {
        check(&mail("mixed", &[text, &calendar]), &format!("{FACTS}\n\nHello"), &["invite.ics"]);
    }
    let says = "Content-Type: text/plain\n\nOn 12 January at 2 pm in room 5.";
    check(&mail("alternative", &[says, &calendar]), "On 12 January at 2 pm in room 5.", &["invite.ics"]);
    // A file that somebody attached is one, and an answer or a published calendar asks nobody to come.
    let file = format!("Content-Type: text/calendar; name=a.ics\nContent-Disposition: attachment\n\n{EVENT}");
    check(&mail("mixed", &[PLAIN, &file]), "Hello", &["a.ics"]);
    for method in ["REPLY", "PUBLISH"] {
        let other = format!("Content-Type: text/calendar\n\n{}", EVENT.replace("REQUEST", method));
        check(&mail("mixed", &[PLAIN, &other]), "Hello", &["invite.ics"]);
    }
}

#[test]
fn forms_for_certain_programs_are_no_files() {
    for media in
        ["text/x-amp-html", "text/watch-html", "text/vnd.google.email-reaction+json", "TEXT/X-AMP-HTML"]
    {
        let form = format!("Content-Type: {media}; charset=utf-8\n\n<b>other</b>");
        for parts in [[PLAIN, &form, PAGE], [&form, PLAIN, PAGE], [PLAIN, PAGE, &form]] {
            check(&mail("alternative", &parts), "Hello", &[]);
        }
        check(&mail("mixed", &[&nested("alternative", &[&form, PAGE]), PDF]), "Hello", &["a.pdf"]);
        check(&mail("alternative", &[&form, PAGE]), "Hello", &[]);
        let file = form.replace("charset=utf-8", "name=a.html");
        check(&mail("mixed", &[PLAIN, &file]), "Hello", &["a.html"]);
    }
    check(&mail("alternative", &[PLAIN, "Content-Type: text/enriched\n\nHello", PAGE]), "Hello", &[""]);
}

#[test]
fn bytes_that_are_no_text_are_files() {
    let pdf = "%PDF-1.4\n1 0 obj\n<<>>\n";
    for head in [
        "Content-Type: file",
        "Content-Type: pdf",
        "Content-Type: octet-stream",
        "Content-Type: text/plain",
        "Content-Type:",
        "X-A: b",
    ] {
        check(&mail("mixed", &[PLAIN, &format!("{head}\n\n{pdf}")]), "Hello", &[""]);
        check(&format!("{head}\n\n{pdf}"), "", &[""]);
        check(&format!("{head}\n\n\0\u{1}\u{2}\u{3}"), "", &[""]);
        check(&mail("mixed", &[PLAIN, &format!("{head}\n\nMore")]), "Hello\n\nMore", &[]);
    }
}

#[test]
fn the_source_of_a_page_is_the_page() {
    let source = "<!DOCTYPE html>\n<html><body><p>Hello</p></body></html>";
    let plain = format!("Content-Type: text/plain\n\n{source}");
    check(&plain, "Hello", &[]);
    check(&mail("alternative", &[&plain, PAGE]), "Hello", &[]);
    check(&mail("mixed", &[&plain, PDF]), "Hello", &["a.pdf"]);
    let question = format!("Content-Type: text/plain\n\nWhy is this wrong?\n\n{source}");
    check(&question, &format!("Why is this wrong?\n\n{source}"), &[]);
}

#[test]
fn pictures_of_a_page_are_files() {
    let picture = "<img src=\"data:image/png;base64,iVBORw0KGgo=\">";
    for page in [
        format!("Content-Type: text/html\n\n<p>Hello</p>{picture}"),
        format!("Content-Type: text/html\n\n{picture}{picture}Hello"),
        format!("Content-Type: text/html; charset=iso-2022-jp\n\nHello{picture}"),
        format!(
            "Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\nHello{}",
            picture.replace('=', "=3D")
        ),
    ] {
        check(&page, "Hello", &["image1.png"]);
        check(&mail("alternative", &[PLAIN, &page]), "Hello", &["image1.png"]);
        check(&mail("mixed", &[&nested("related", &[&page]), PDF]), "Hello", &["a.pdf", "image1.png"]);
    }
    // What stands behind a picture larger than a text may be is shown.
    let large = "A".repeat(3_000_000);
    let raw = format!(
        "Content-Type: text/html\n\n<p>Look:</p><img src='data:image/png;base64,{large}'><p>Hello</p>"
    );
    check(&raw, "Look:\n\nHello", &["image1.png"]);
}
