use super::*;

fn is(text: &str, after: After) -> bool {
    let lines: Vec<&str> = text.lines().collect();
    attribution(&lines, Around { after: &|_| after, before: &[], answers: true }) == Some(lines.len())
}

#[test]
fn every_language_has_lines_that_are_known() {
    let mut languages: Vec<&str> = ROWS.iter().map(|row| row.language).collect();
    languages.dedup();
    assert!(languages.len() >= 50, "{}", languages.len());
    for row in ROWS {
        for sample in row.samples {
            let line = sample.replace('%', "Jane Doe <jane@example.com>");
            assert!(is(&line, After::Quote), "{}: {line}", row.language);
            let dated = line.chars().filter(|c| c.is_numeric()).count() >= 6;
            if dated && (row.begins.is_empty() || line.contains('@')) {
                assert!(is(&line, After::Text), "unmarked, {}: {line}", row.language);
            }
        }
    }
}

#[test]
fn long_lines_are_wrapped() {
    for row in ROWS {
        for sample in row.samples.iter().filter(|sample| sample.is_ascii() && sample.len() > 40) {
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
