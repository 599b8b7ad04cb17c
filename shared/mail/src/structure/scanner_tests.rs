use super::*;

/// The parts as lines: depth by parent, media, body.
fn scan(raw: &str, size: usize) -> (Vec<String>, Vec<crate::Defect>) {
    let mut found: Vec<String> = Vec::new();
    let mut scanner = Scanner::new();
    let mut take = |piece: Piece<'_>| match piece {
        Piece::Open(head) => {
            let parent = head.parent.map(|n| n.to_string()).unwrap_or_default();
            found.push(format!("{parent}|{}|", head.content.media()));
        }
        Piece::Body(bytes) => {
            if let Some(last) = found.last_mut() {
                last.push_str(&String::from_utf8_lossy(bytes));
            }
        }
        Piece::Close => {
            if let Some(last) = found.last_mut() {
                last.push('.');
            }
        }
    };
    for piece in raw.as_bytes().chunks(size) {
        scanner.push(piece, &mut take);
    }
    scanner.finish(&mut take);
    (found, scanner.defects.into_vec())
}

fn check(raw: &str, expected: &[&str], defects: &[crate::Defect]) {
    for size in [raw.len().max(1), 1, 2, 7] {
        let (found, noted) = scan(raw, size);
        assert_eq!(found, expected, "{raw:?} in pieces of {size}");
        assert_eq!(noted, defects, "{raw:?}");
    }
}

use crate::Defect::{
    BareCarriageReturns, BoundaryNotFound, MalformedHeaderLine, MissingBlankLine, MissingBoundary,
    MissingEndBoundary, NoHeaders,
};

#[test]
fn a_plain_mail() {
    check("A: b\n\nText\n--x\n", &["|text/plain|Text\n--x\n."], &[]);
    check("A: b\r\n\r\n", &["|text/plain|."], &[]);
    check("A: b", &["|text/plain|."], &[]);
}

#[test]
fn parts_lose_the_line_end_before_the_boundary() {
    check(
        "Content-Type: multipart/mixed; boundary=x\r\n\r\npre\r\n--x\r\n\r\na\r\n\r\n--x \r\nContent-Type: a/b\r\n\r\n-b\r\n--x--\r\nend",
        &["|multipart/mixed|", "0|text/plain|a\r\n.", "0|a/b|-b."],
        &[],
    );
}

#[test]
fn an_outer_boundary_ends_inner_parts() {
    check(
        "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: multipart/alternative; boundary=x1\n\n--x1\n\na\n--x\n\nb\n--x--",
        &["|multipart/mixed|", "0|multipart/alternative|", "1|text/plain|a.", "0|text/plain|b."],
        &[MissingEndBoundary],
    );
}

#[test]
fn a_missing_or_wrong_boundary_is_guessed() {
    let parts = &["|multipart/mixed|", "0|text/plain|a."];
    check("Content-Type: multipart/mixed\n\n--y\n\na\n--y--\n", parts, &[MissingBoundary]);
    let wrong = "Content-Type: multipart/mixed; boundary=x\n\n--y\nContent-Type: text/plain\n\na\n--y--\n";
    check(wrong, parts, &[BoundaryNotFound]);
    let none = "Content-Type: multipart/mixed; boundary=x\n\nJust text\n";
    check(none, &["|multipart/mixed|", "0|text/plain|Just text\n."], &[BoundaryNotFound]);
}

#[test]
fn broken_headers() {
    check("From x@y Mon\nA: b\n\nc", &["|text/plain|c."], &[]);
    check("A: b\nbroken line\nC: d\n\ne", &["|text/plain|e."], &[MalformedHeaderLine]);
    check("A: b\nHello,\nhow are you?", &["|text/plain|Hello,\nhow are you?."], &[MissingBlankLine]);
    check("Hello,\nyou", &["|text/plain|Hello,\nyou."], &[NoHeaders]);
}

#[test]
fn blanks_in_the_header() {
    check("A: b\n \nC: d\n\ne", &["|text/plain|e."], &[]);
    check("A: b\n \n folded\n\ne", &["|text/plain|e."], &[]);
    check("A: b\n\t\nHello\nyou", &["|text/plain|Hello\nyou."], &[]);
    check("A: b\n \nhttp://example.com/\n", &["|text/plain|http://example.com/\n."], &[]);
    check("\u{FEFF}A: b\n\nc", &["|text/plain|c."], &[]);
    check("A: b\rC: d\r\re\r", &["|text/plain|e\n."], &[BareCarriageReturns]);
}

#[test]
fn boundaries_that_lie() {
    let head = "Content-Type: multipart/mixed; boundary=x\n\n";
    check(
        &format!("{head}--y\n\na\n--y\n\nb\n--y--\n"),
        &["|multipart/mixed|", "0|text/plain|a.", "0|text/plain|b."],
        &[BoundaryNotFound],
    );
    check(
        &format!("{head}Text\n--x--\n"),
        &["|multipart/mixed|", "0|text/plain|Text\n."],
        &[BoundaryNotFound],
    );
    // Both have the same boundary.
    check(
        &format!(
            "{head}--x\nContent-Type: multipart/related; boundary=x\n\n--x\n\na\n--x--\n--x\n\nb\n--x--\n"
        ),
        &["|multipart/mixed|", "0|multipart/related|", "1|text/plain|a.", "0|text/plain|b."],
        &[],
    );
}

#[test]
fn nesting_and_parts_are_bounded() {
    let deep: String =
        (0..100).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n")).collect();
    let (found, defects) = scan(&deep, 1000);
    assert_eq!(found.len(), MAX_DEPTH + 1);
    assert!(defects.contains(&crate::Defect::TooDeep));
    let many = format!("Content-Type: multipart/mixed; boundary=b\n\n{}", "--b\n\nx\n".repeat(1000));
    let (found, defects) = scan(&many, 1000);
    assert_eq!(found.len(), MAX_PARTS);
    assert!(defects.contains(&crate::Defect::TooManyParts));
}

#[test]
fn text_behind_a_boundary() {
    let head = "Content-Type: multipart/mixed; boundary=\"=_frontier\"\n\n";
    let parts = &["|multipart/mixed|", "0|text/plain|a.", "0|text/html|b."];
    let mail = |first: &str, second: &str, last: &str| {
        format!(
            "{head}pre\n--=_frontier{first}\n\na\n--=_frontier{second}\nContent-Type: text/html\n\nb\n--=_frontier{last}\nend\n"
        )
    };
    check(&mail(" the first part", " (2)", "-- the end"), parts, &[]);
    check(&mail("", " second", "--"), parts, &[]);
    check(&mail("\t; charset=utf-8", "", "-- "), parts, &[]);
    check(&mail("<junk>", "", "--"), parts, &[]);
    // Glued to it, but on each line.
    check(&mail("junk", "more", "--"), parts, &[BoundaryNotFound]);
    check(&mail("junk\nContent-Type: text/plain", "more", "end--"), parts, &[BoundaryNotFound]);
    // Another boundary that begins in the same way is another one.
    check(
        &format!(
            "{head}--=_frontier\nContent-Type: multipart/mixed; boundary=\"=_frontier2\"\n\n--=_frontier2 x\n\na\n--=_frontier2--\n--=_frontier--\n"
        ),
        &["|multipart/mixed|", "0|multipart/mixed|", "1|text/plain|a."],
        &[],
    );
    check(
        &format!("{head}--=_frontier\n\na\n--=_frontier_of_a_mail_quoted\n--=_frontie\n--=_frontier--\n"),
        &["|multipart/mixed|", "0|text/plain|a\n--=_frontier_of_a_mail_quoted\n--=_frontie."],
        &[],
    );
    // A short boundary is no sign of anything.
    check(
        "Content-Type: multipart/mixed; boundary=-\n\n---\n\na\n--- b\nc\n-----\n",
        &["|multipart/mixed|", "0|text/plain|a\n--- b\nc."],
        &[],
    );
}
