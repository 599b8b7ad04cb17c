//! The catalogue: sentences for people, in each language, under stable keys.
//!
//! Errors, stored problems and steps of tests and traces keep a [`Sentence`], a key with its values; the language is
//! chosen where it is shown. The files are read at the first use; a test compares their keys and placeholders.
//!
//! A file is a list of blocks. A key stands at the beginning of a line; under it, indented, one line says what happened,
//! and one that begins with `>` says what to do. `{name}` is a placeholder, `#` begins a remark. Where a language says it
//! otherwise of one thing (the category `one` of CLDR), a line that begins with `[one]` does, for a `{count}` of 1.

use std::{borrow::Cow, collections::BTreeMap, sync::OnceLock};

use serde::{Deserialize, Serialize};

macro_rules! files {
    ($language:literal: $($name:literal)*) => { [$(include_str!(concat!($language, "/", $name, ".txt")),)*] };
    ($language:literal) => {
        files!($language:
            "provider" "mail" "trace" "tests" "health" "storage" "requests" "people" "fields" "presets"
            "pages/frame" "pages/setup" "pages/mailboxes" "pages/mails" "pages/issues" "pages/settings")
    };
}

const ENGLISH: [&str; 16] = files!("en");
const JAPANESE: [&str; 16] = files!("ja");
/// The value that is added in brackets where a sentence has no place of its own for it: the other side's own words.
const SEEN: &str = "seen";
/// The place of a sentence within another one.
pub(crate) const TOLD: &str = "told";
/// The place of a kind of mail.
const KIND: &str = "kind";
/// The longest value, in characters: what others say is cut.
const MAX_VALUE: usize = 300;

/// A language of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// The language of what has no other words.
    #[default]
    English,
    /// Japanese.
    Japanese,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::English, Self::Japanese];

    /// The language tag (RFC 5646).
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Japanese => "ja",
        }
    }

    /// How it calls itself: whoever reads no other one finds it by that.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Japanese => "日本語",
        }
    }

    /// The language with this tag.
    pub fn of_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// The best language for an `Accept-Language` header (RFC 9110 section 12.5.4); English where none fits.
    pub fn accepted(header: &str) -> Self {
        let ranges = header.split(',').filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let primary = parts.next()?.split('-').next()?.to_ascii_lowercase();
            let language = Self::ALL.into_iter().find(|language| language.tag() == primary)?;
            let weight =
                parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse().ok())?;
            (weight > 0.0).then_some((language, weight))
        });
        // The first of equals wins.
        let best = ranges.fold(None, |best: Option<(Self, f32)>, next| match best {
            Some(best) if best.1 >= next.1 => Some(best),
            _ => Some(next),
        });
        best.map(|(language, _)| language).unwrap_or_default()
    }
}

/// A sentence of the catalogue, with what belongs into its places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    key: Cow<'static, str>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    values: BTreeMap<Cow<'static, str>, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    told: Option<Box<Sentence>>,
}

impl From<&'static str> for Sentence {
    fn from(key: &'static str) -> Self {
        Self::new(key)
    }
}

/// What a sentence says in one language.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    /// What happened.
    pub message: String,
    /// What to do; may be empty.
    pub action: String,
}

impl Sentence {
    /// The sentence with this key. What is before the first dot is the stable code of the error that it tells.
    pub fn new(key: &'static str) -> Self {
        Self { key: Cow::Borrowed(key), values: BTreeMap::new(), told: None }
    }

    /// The sentence of this code about one of several things, whose name is the rest of the key.
    pub fn variant(code: &str, thing: &str) -> Self {
        Self { key: Cow::Owned(format!("{code}.{thing}")), ..Self::new("") }
    }

    /// The sentence of which this is the variant about that thing, with the same values; None: it is none.
    pub(crate) fn main_of(&self, thing: &str) -> Option<Self> {
        let key = self.key.strip_suffix(thing)?.strip_suffix('.')?.to_owned();
        Some(Self { key: Cow::Owned(key), ..self.clone() })
    }

    /// The same with another sentence within it.
    pub(crate) fn around(self, told: Self) -> Self {
        Self { told: Some(Box::new(told)), ..self }
    }

    /// The same with a value. What others say is made printable and cut; who shows it escapes it.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.values.insert(Cow::Borrowed(name), printable(&value.to_string()));
        self
    }

    /// The same with words of our own, however many they are.
    #[must_use]
    pub fn with_own(mut self, name: &'static str, words: impl Into<String>) -> Self {
        self.values.insert(Cow::Borrowed(name), words.into());
        self
    }

    /// The same, with what the other side said in brackets.
    #[must_use]
    pub fn seen(self, words: Option<impl ToString>) -> Self {
        match words {
            Some(words) => self.with(SEEN, words),
            None => self,
        }
    }

    /// The stable code of the error that it tells.
    pub fn code(&self) -> String {
        self.key.split('.').next().unwrap_or_default().to_owned()
    }

    /// Whether it is meant for everybody, and says nothing of the machine that only its people should know.
    pub fn is_for_outsiders(&self) -> bool {
        self.key.ends_with(".outside")
    }

    /// What it says in English with these values alone, and without the other side's words.
    pub(crate) fn say_of_nobody(&self, allowed: &[&str]) -> Option<Said> {
        let mut said = self.clone();
        said.values.retain(|name, _| allowed.contains(&&**name));
        if let Some(told) = &mut said.told {
            told.values.retain(|name, _| allowed.contains(&&**name));
        }
        said.say(Language::English)
    }

    /// What it says. None for a key of a newer version.
    pub fn say(&self, language: Language) -> Option<Said> {
        let block = catalogue(language).get(&*self.key)?;
        let one = self.values.get("count").is_some_and(|count| count == "1") && !block.one.is_empty();
        let mut message = self.fill(if one { block.one } else { block.message }, language);
        let place = format!("{{{SEEN}}}");
        let told_elsewhere = block.message.contains(&place) || block.action.contains(&place);
        if let (Some(seen), false) = (self.values.get(SEEN).filter(|seen| !seen.is_empty()), told_elsewhere) {
            message = match language {
                Language::English => format!("{} ({seen}).", message.trim_end_matches('.')),
                Language::Japanese => format!("{}（{seen}）。", message.trim_end_matches('。')),
            };
        }
        Some(Said { message, action: self.fill(block.action, language) })
    }

    /// The message alone; the key where the catalogue does not know it.
    pub fn message(&self, language: Language) -> String {
        self.say(language).map_or_else(|| self.key.clone().into_owned(), |said| said.message)
    }

    /// What happened and what to do, in one line.
    pub fn whole(&self, language: Language) -> String {
        match self.say(language) {
            Some(said) if said.action.is_empty() => said.message,
            Some(said) => format!("{} {}", said.message, said.action),
            None => self.message(language),
        }
    }

    /// What stands at a place. A kind of mail lies in records as its word of the API, and is told in words.
    fn value(&self, name: &str, language: Language) -> &str {
        let value = self.values.get(name).map_or("?", String::as_str);
        let word = (name == KIND).then(|| catalogue(language).get(&*format!("{KIND}.{value}"))).flatten();
        word.map_or(value, |word| word.message)
    }

    /// A value that is itself never read for places.
    fn fill(&self, text: &str, language: Language) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else { break };
            filled.push_str(before);
            match self.told.as_ref().filter(|_| name == TOLD) {
                Some(told) => filled.push_str(&told.message(language)),
                None => filled.push_str(self.value(name, language)),
            }
            rest = after;
        }
        filled + rest
    }
}

/// Without control characters and without those that turn the direction of text around.
fn printable(text: &str) -> String {
    let odd = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let text: String = text.chars().filter(|c| !odd(*c)).collect();
    match text.char_indices().nth(MAX_VALUE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Block {
    message: &'static str,
    /// What is said of one thing, where that is something else.
    one: &'static str,
    action: &'static str,
}

type Catalogue = BTreeMap<&'static str, Block>;

fn catalogue(language: Language) -> &'static Catalogue {
    static READ: [OnceLock<Catalogue>; 2] = [OnceLock::new(), OnceLock::new()];
    let [english, japanese] = &READ;
    match language {
        Language::English => english.get_or_init(|| read(&ENGLISH)),
        Language::Japanese => japanese.get_or_init(|| read(&JAPANESE)),
    }
}

fn read(files: &[&'static str]) -> Catalogue {
    let mut blocks = Catalogue::new();
    let mut key = "";
    for line in files.iter().flat_map(|file| file.lines()).filter(|line| !line.starts_with('#')) {
        match (line.strip_prefix("  "), line.trim()) {
            (_, "") => {}
            (None, name) => {
                key = name;
                blocks.insert(key, Block::default());
            }
            (Some(_), text) => {
                let block = blocks.entry(key).or_default();
                match (text.strip_prefix("> "), text.strip_prefix("[one] ")) {
                    (Some(action), _) => block.action = action,
                    (_, Some(one)) => block.one = one,
                    (None, None) => block.message = text,
                }
            }
        }
    }
    blocks
}

/// Whether the catalogue has this sentence, for tests of what names its keys.
#[cfg(test)]
pub(crate) fn has(key: &str) -> bool {
    catalogue(Language::English).contains_key(key)
}

#[cfg(test)]
mod tests;
