//! Whether a line that begins like a phone's own names a device and ends there, or goes on as a sentence does.

use crate::languages::{self, Words};

/// Devices and programs, in lower case; without one, a line is what somebody wrote.
pub(super) static PRODUCTS: Words = Words::new(|| languages::words("device", "names"));

/// `Sent from my ...` needs no product: people put in whatever they have.
pub(super) static ANY_DEVICE: Words = Words::new(|| languages::words("device", "any"));

/// The same in other languages, where a capital tells a device from what else is somebody's.
pub(super) static OWN_DEVICE: Words = Words::new(|| languages::words("device", "own"));

/// How lines end that programs write below a mail in other languages, in lower case.
pub(super) static ENDS: Words = Words::new(|| languages::words("device", "ends"));

/// Words of a device without a known name: `Sent from my toaster`.
const MAX_OTHER: usize = 4;

/// What is no device, behind `Sent from my`.
static NO_DEVICE: Words = Words::new(|| languages::words("device", "none"));

/// By one of these a line excuses itself.
static POLITE: Words = Words::new(|| languages::words("device", "excuses"));

/// Words in lower case that stand behind a device's or a program's name.
static TAIL: Words = Words::new(|| languages::words("device", "behind"));

/// Words in German that the line has to end in.
static SENT: Words = Words::new(|| languages::words("device", "sent"));

/// Whether the words name a device or program, and nothing but an excuse follows.
pub(super) fn is_named(line: &str) -> bool {
    let mut clauses = clauses(line);
    let Some(first) = clauses.next() else { return false };
    let lower = first.to_lowercase();
    let german = lower.starts_with("von ") && !lower.starts_with("von unterwegs")
        || lower.starts_with("diese nachricht wurde von");
    if german && !SENT.iter().any(|sent| lower.ends_with(sent)) {
        return false;
    }
    let other = ANY_DEVICE.iter().find_map(|start| lower.strip_prefix(start));
    let own = OWN_DEVICE.iter().any(|start| lower.starts_with(start) && is_all_named(first, start));
    (ends_in_product(first) || other.is_some_and(is_other) || own)
        && clauses.all(|clause| is_polite(clause) || ends_in_product(clause) || is_hint(clause))
}

/// Whether the few words behind a start are all names: `Poco X3`.
fn is_all_named(clause: &str, start: &str) -> bool {
    let words: Vec<&str> = clause.split_whitespace().skip(start.split_whitespace().count()).collect();
    let named = |word: &&str| word.starts_with(|c: char| c.is_uppercase() || c.is_numeric());
    (1..=MAX_OTHER).contains(&words.len()) && words.iter().all(named)
}

/// The parts of a line, as commas and full stops part them.
fn clauses(line: &str) -> impl Iterator<Item = &str> {
    line.split([',', ';', '。', '，', '、', '|'])
        .flat_map(|clause| clause.split("! "))
        .flat_map(|clause| clause.split(". "))
        .flat_map(|clause| clause.split(" - "))
        .map(|clause| clause.trim().trim_end_matches(['.', '!', ':']))
        .filter(|clause| !clause.is_empty())
}

fn is_other(rest: &str) -> bool {
    let words = || rest.split_whitespace();
    words().count() <= MAX_OTHER && !words().any(|word| NO_DEVICE.contains(&word))
}

fn is_polite(clause: &str) -> bool {
    let lower = clause.to_lowercase();
    POLITE.iter().any(|word| lower.contains(word))
}

/// How programs go on behind their names.
static HINTS: Words = Words::new(|| languages::words("device", "hints"));

/// How they praise themselves.
static SLOGANS: Words = Words::new(|| languages::words("device", "slogans"));

/// `Get the app`
fn is_hint(clause: &str) -> bool {
    let lower = clause.to_lowercase();
    HINTS.iter().any(|hint| lower.starts_with(hint)) && lower.split_whitespace().count() <= 5
        || SLOGANS.iter().any(|slogan| lower.contains(slogan))
}

/// Whether a clause names a product and says nothing behind it.
fn ends_in_product(clause: &str) -> bool {
    let words: Vec<String> = clause.split_whitespace().map(str::to_lowercase).collect();
    let names = |word: &str| {
        word.starts_with("ios") || PRODUCTS.iter().any(|product| word.contains(product.trim_end()))
    };
    let lower = words.join(" ");
    // A name of two words is found in both of them.
    let pair = |n: usize| {
        words.get(n + 1).is_some_and(|next| {
            PRODUCTS
                .iter()
                .any(|product| product.contains(' ') && format!("{} {next} ", words[n]).contains(product))
        })
    };
    let Some(last) = (0..words.len()).rev().find(|n| names(&words[*n]) || pair(*n)) else { return false };
    let row_end = || ENDS.iter().any(|end| lower.ends_with(end.trim_end_matches('.')));
    let tail = || clause.split_whitespace().skip(last + 1).filter(|word| goes_on(word));
    tail().next().is_none() || row_end() && tail().count() <= 2
}

/// Whether a word behind a product's name is one of a sentence.
fn goes_on(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    // iOS
    let lower = word.starts_with(char::is_lowercase) && !word.contains(char::is_uppercase);
    lower && !word.contains(char::is_numeric) && !TAIL.contains(&word) && !SENT.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_and_sentences() {
        for line in [
            "Sent from my Verizon, Samsung Galaxy smartphone",
            "Sent via the Samsung Galaxy S21 5G, an AT&T 5G smartphone",
            "Sent from my iPhone, please excuse typos",
            "Sent from my phone. Please excuse any spelling mistakes.",
            "Sent from my T-Mobile 4G LTE Device",
            "Sent from my toaster",
            "Von meinem Handy gesendet, bitte Tippfehler entschuldigen",
            "Sent from Outlook on Windows 11",
            "Sent from Yahoo Mail on Android",
        ] {
            assert!(is_named(line), "{line}");
        }
        for line in [
            "Sent from my wife's account, since mine is locked.",
            "Sent from my point of view this is done, please close.",
            "Sent from my iPhone, but the attachment is missing",
            "Sent from my iPhone the picture looks fine",
            "Sent from Outlook on Windows 11 it works, on the Mac it does not",
            "Sent from my old account",
            "Von meinem iPhone geht es nicht.",
            "Von meinem Handy aus klappt es",
            "Envoyé depuis mon iPhone le message arrive",
            "Enviado desde Outlook el correo no llega",
            "Gesendet von Outlook kommt die Mail nicht an",
        ] {
            assert!(!is_named(line), "{line}");
        }
    }
}
