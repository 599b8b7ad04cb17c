use std::collections::BTreeSet;

use super::*;
use crate::languages::{Group, Language};

fn is(text: &str, after: After) -> bool {
    let lines: Vec<&str> = text.lines().collect();
    attribution(&lines, Around { after: &|_| after, before: &[], answers: true }) == Some(lines.len())
}

/// The ways of writing attributions.
fn rows() -> impl Iterator<Item = (&'static Language, &'static Group)> {
    let of = |language: &'static Language| language.groups("attribution").map(move |group| (language, group));
    languages::all().iter().flat_map(of)
}

#[test]
fn every_language_has_lines_that_are_known() {
    let languages: BTreeSet<&str> = rows().map(|(language, _)| language.tag).collect();
    assert!(languages.len() >= 50, "{}", languages.len());
    for (language, row) in rows() {
        let samples: Vec<_> = row.words("sample").collect();
        assert!(!samples.is_empty(), "{}: an attribution without a sample", language.tag);
        for sample in samples {
            let line = sample.replace('%', "Jane Doe <jane@example.com>");
            assert!(is(&line, After::Quote), "{}: {line}", language.tag);
            let dated = line.chars().filter(|c| c.is_numeric()).count() >= 6;
            if dated && (row.words("begins").next().is_none() || line.contains('@')) {
                assert!(is(&line, After::Text), "unmarked, {}: {line}", language.tag);
            }
        }
    }
}

#[test]
fn long_lines_are_wrapped() {
    for (_, row) in rows() {
        for sample in row.words("sample").filter(|sample| sample.is_ascii() && sample.len() > 40) {
            let line = sample.replace('%', "Jane Doe <jane@example.com>");
            let at = line[..line.len() - 8].rfind(' ').unwrap_or(0);
            let wrapped = format!("{}\n{}", &line[..at], &line[at + 1..]);
            assert!(is(&wrapped, After::Quote), "{wrapped}");
        }
    }
}

#[test]
fn other_programs() {
    for line in [
        "---- On Mon, 05 Jan 2026 12:34:56 +0100 Jane Doe <jane@example.com> wrote ----",
        "---- Am Mo., 05 Jan. 2026 12:34:56 +0100 schrieb Jane Doe <jane@example.com> ---",
        "-----Jane Doe <jane@example.com> wrote: -----",
        "Jane Doe---05.01.2026 12:34:56---Hello, the printer is broken",
        "\u{202b}בתאריך יום ב׳, 5 בינו׳ 2026 ב-12:34 מאת \u{202a}Jane Doe\u{202c}\u{200f} <\u{202a}jane@example.com\u{202c}\u{200f}>:\u{202c}",
        "در تاریخ دوشنبه ۵ ژانویهٔ ۲۰۲۶،\u{200f} ۱۲:۳۴ Jane Doe <jane@example.com> نوشت:",
    ] {
        assert!(is(line, After::Text), "{line}");
    }
    for line in [
        "Jane Doe wrote:",
        "Jane Doe <jane@example.com> writes:",
        "* Jane Doe <jane@example.com> [2026-01-05 12:34]:",
    ] {
        assert!(is(line, After::Quote), "{line}");
    }
}

#[test]
fn prose_is_none() {
    for line in [
        "On Monday I wrote:",
        "On 5 January 2026 I wrote:",
        "Things to do on Friday:",
        "Here is what I wrote:",
        "Please call me at 12:34:",
        "The address is jane@example.com:",
        "On the following days we are closed: 1.1.2026, 2.1.2026:",
        "Jane wrote:",
    ] {
        assert!(!is(line, After::Text), "{line}");
    }
    assert!(!is("The error on 2026-01-05 12:34 was:", After::Quote));
    assert!(!is("Please run this:", After::Quote));
    assert!(!is("5時に行きます。\n2026年1月5日(月) 12:34 山田 <y@example.com>:", After::Quote));
    assert!(!is("See you at 5\n2026-01-05 12:34 Jane <j@example.com>:", After::Quote));
    assert!(!is("See you at 5!\nOn Mon, 5 Jan 2026 at 12:34, Jane <j@example.com> wrote:", After::Quote));
    assert!(!is("Thanks!\nOn Mon, 5 Jan 2026 at 12:34, Jane <j@example.com> wrote:", After::Quote));
}
