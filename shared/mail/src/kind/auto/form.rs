//! Whether a subject is that of an absence notice. People write about their notices with the same words: programs write
//! the words alone, or a colon and the subject that they answer.

use std::sync::LazyLock;

use super::super::phrases::{Starts, squeezed, starts_with_word};
use crate::{
    Address,
    languages::{self, Words},
    reply::is_answer_or_forward,
};

/// Starts of sentences about oneself: subjects of absence notices where nothing or a time follows.
static SENTENCES: LazyLock<Starts> = LazyLock::new(|| Starts::new("absence", "subject sentence"));
/// What programs put before the subject that they answer, and subjects of absence notices.
static STARTS: LazyLock<Starts> = LazyLock::new(|| Starts::new("absence", "subject begins"));
/// Words of absence at the start of a subject, which people use too (`Out of office on Friday`).
static NOUNS: LazyLock<Starts> = LazyLock::new(|| Starts::new("absence", "subject noun"));
/// Ends of subjects that name who is away: `Jane Doe/Example is out of the office.`
static ENDS: Words = Words::new(|| languages::words("absence", "subject ends"));
/// What stands between such a start and the sender.
static BY: Words = Words::new(|| languages::words("absence", "subject by"));

/// The longest rest of a sentence that names a time, bytes.
const MAX_TIME: usize = 60;
/// The most words of a name.
const MAX_NAME: usize = 5;
/// How a label in brackets ends.
const LABEL_ENDS: [char; 5] = [']', ')', '】', '）', '＞'];
/// How people end questions.
const QUESTIONS: [char; 4] = ['?', '？', '؟', ';'];

/// A subject that begins or ends with the words of absence notices.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::kind) struct Form {
    words: &'static str,
    place: Place,
    fit: Fit,
    everyday: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    End,
}

/// How well a subject has the form in which programs write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// The words with nothing behind them that a person would write.
    Whole,
    /// The words, a colon and a question: that of a person, or the subject that is answered.
    Asks,
    /// The words begin a sentence that names a time.
    Dated,
    /// The words begin a sentence.
    Topic,
}

impl Form {
    /// Whether it has the form in which programs write, with any subject that they answer.
    pub(super) fn is_sure(&self) -> bool {
        matches!(self.fit, Fit::Whole | Fit::Asks)
    }

    /// Whether it tells until when somebody is away, or has the form itself.
    pub(in crate::kind) fn is_dated(&self) -> bool {
        self.fit != Fit::Topic
    }

    /// Whether the form alone suggests a program.
    pub(in crate::kind) fn is_whole(&self) -> bool {
        self.fit == Fit::Whole
    }

    /// Whether people begin subjects with these words as well.
    pub(super) fn is_everyday(&self) -> bool {
        self.everyday
    }

    pub(super) fn told(&self) -> String {
        let place = if self.place == Place::Start { "begins" } else { "ends" };
        format!("the subject {place} with \"{}\"", self.words)
    }
}

pub(super) fn form(subject: &str, from: Option<&Address>) -> Option<Form> {
    let subject = squeezed(subject);
    // Ticket systems put their number first: `[example.com #7] AutoReply: Printer`.
    let untagged = subject.strip_prefix('[').and_then(|inner| inner.split_once("] ")).map(|(_, rest)| rest);
    let subject = subject.trim_start_matches(['[', '(', '*', '<', '"', ' ', '【', '（', '＜']);
    [Some(subject), untagged].into_iter().flatten().find_map(|subject| start(subject, from)).or_else(|| {
        end(subject.strip_prefix("auto:").unwrap_or(subject).trim(), subject.starts_with("auto:"), from)
    })
}

fn start(subject: &str, from: Option<&Address>) -> Option<Form> {
    let find = |table: &Starts| {
        table.of(subject).filter(|words| starts_with_word(subject, words)).max_by_key(|words| words.len())
    };
    let found = |words: &'static str, fit| {
        Some(Form { words, place: Place::Start, fit, everyday: NOUNS.all.contains(&words) })
    };
    if let Some(words) = find(&SENTENCES) {
        return found(words, if is_time(&subject[words.len()..]) { Fit::Whole } else { Fit::Topic });
    }
    let words = find(&STARTS).or_else(|| find(&NOUNS))?;
    found(words, fit(words, &subject[words.len()..], from))
}

fn fit(words: &str, rest: &str, from: Option<&Address>) -> Fit {
    let labelled = rest.starts_with(LABEL_ENDS);
    let rest = rest.trim_start_matches([']', ')', '】', '）', '>', '＞', '"', '*', ' ']);
    let bare = rest.trim_matches(['.', '!', ' ']);
    let quoted = bare.starts_with(['(', '[', '（', '【']) && bare.ends_with([')', ']', '）', '】']);
    let by_sender = BY
        .iter()
        .find_map(|by| bare.strip_prefix(by))
        .is_some_and(|name| name.contains('@') || names_sender(name, from));
    let answered = is_answer_or_forward(rest);
    let colon = rest.starts_with([':', '：']) || words.ends_with(':');
    if bare.is_empty() || labelled || quoted || by_sender || answered {
        Fit::Whole
    } else if colon {
        if bare.ends_with(QUESTIONS) { Fit::Asks } else { Fit::Whole }
    } else if is_time(rest) {
        Fit::Dated
    } else {
        Fit::Topic
    }
}

/// What stands behind `I am out of the office`: nothing, or until when.
fn is_time(rest: &str) -> bool {
    let rest = rest.trim_matches(['.', '!', ' ']);
    let short = rest.len() <= MAX_TIME && !rest.contains(QUESTIONS);
    rest.is_empty() || rest.starts_with(':') || short && rest.contains(|c: char| c.is_ascii_digit())
}

/// `Jane Doe/Example is out of the office (returning 01/16/2026)`, from Jane Doe.
fn end(subject: &str, marked: bool, from: Option<&Address>) -> Option<Form> {
    let subject =
        subject.rsplit_once(" (").filter(|_| subject.ends_with(')')).map_or(subject, |(named, _)| named);
    let subject = subject.trim_end_matches(['.', '!', ' ']);
    let words = ENDS.iter().copied().filter(|end| subject.ends_with(end)).max_by_key(|end| end.len())?;
    let name = subject[..subject.len() - words.len()].trim();
    let named = marked || names_sender(name, from);
    let fit = if named { Fit::Whole } else { Fit::Topic };
    Some(Form { words, place: Place::End, fit, everyday: false })
}

/// Whether these words are a name of the sender.
fn names_sender(words: &str, from: Option<&Address>) -> bool {
    let Some(from) = from else { return false };
    let split = |text: &str| {
        let words = text.to_lowercase();
        let words = words.split(|c: char| !c.is_alphanumeric()).map(str::to_owned);
        words.filter(|word| word.chars().count() > 1).collect::<Vec<_>>()
    };
    let local = from.address.split('@').next().unwrap_or_default();
    let own: Vec<String> =
        split(from.name.as_deref().unwrap_or_default()).into_iter().chain(split(local)).collect();
    let words = split(words);
    // Where no blanks divide words, a name is part of one.
    let is_own = |word: &String| own.iter().any(|own| own == word || !own.is_ascii() && word.contains(own));
    !words.is_empty() && words.len() <= MAX_NAME && words.iter().any(is_own)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(subject: &str) -> Option<Fit> {
        let from = Address { name: Some("Jane Doe".to_owned()), address: "j.doe@example.com".to_owned() };
        form(subject, Some(&from)).map(|form| form.fit)
    }

    #[test]
    fn the_words_of_every_language_are_known() {
        for words in [&SENTENCES, &STARTS, &NOUNS].into_iter().flat_map(|starts| &starts.all) {
            assert_eq!(of(words), Some(Fit::Whole), "{words}");
        }
        for words in &*ENDS {
            assert_eq!(of(&format!("Jane Doe {words}")), Some(Fit::Whole), "{words}");
        }
    }

    #[test]
    fn programs_write_the_words_alone_or_a_colon() {
        for (subject, fit) in [
            ("Automatic reply: Printer", Some(Fit::Whole)),
            ("Automatic reply: When is it repaired?", Some(Fit::Asks)),
            ("Automatic reply", Some(Fit::Whole)),
            ("[Auto-Reply] Printer", Some(Fit::Whole)),
            ("[example.com #7] AutoReply: Printer", Some(Fit::Whole)),
            ("Out of Office AutoReply: RE: Printer", Some(Fit::Whole)),
            ("Autoreply from j.doe@example.com", Some(Fit::Whole)),
            ("Auto reply RE: Printer", Some(Fit::Whole)),
            ("Automatic reply does not work", Some(Fit::Topic)),
            ("Abwesenheitsnotiz lässt sich nicht einschalten", Some(Fit::Topic)),
            ("Abwesenheit: wer vertritt Anna?", Some(Fit::Asks)),
            ("自動返信: 見積り", Some(Fit::Whole)),
            ("自動返信の設定方法", Some(Fit::Topic)),
            ("I am out of the office until 16 January.", Some(Fit::Whole)),
            ("Out of office until 16 January", Some(Fit::Dated)),
            ("I am out of the office so often", Some(Fit::Topic)),
            ("Jane Doe/Example is out of the office (returning 01/16/2026)", Some(Fit::Whole)),
            ("AUTO: John Roe is out of the office", Some(Fit::Whole)),
            ("Please forward mails while Anna is on vacation", Some(Fit::Topic)),
            ("Printer in office 3 is out of office", Some(Fit::Topic)),
            ("Re: Automatic reply: Printer", None),
            ("Out of officers", None),
        ] {
            assert_eq!(of(subject), fit, "{subject}");
        }
    }
}
