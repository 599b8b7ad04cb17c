//! The trace of a mail: what was decided and why, step by step.

use serde::Serialize;
use utoipa::ToSchema;

use crate::catalogue::{Language, Sentence};

/// The longest detail, in characters: it quotes what mails say.
const MAX_CHARS: usize = 2000;

/// One step of what was decided and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TraceStep {
    /// Which decision, as a stable word: `kind`, `duplicate`, `thread`, `handler`, `limit`, `defect` …
    pub step: String,
    /// One sentence, with what it was decided from.
    pub detail: String,
    /// The sentence of the catalogue, for other languages; None in old records, and for a step in words of its own.
    #[serde(skip)]
    pub sentence: Option<Box<Sentence>>,
}

impl TraceStep {
    /// A step in words of its own, at most 2,000 characters of them.
    pub fn new(step: &str, detail: impl Into<String>) -> Self {
        Self { step: step.to_owned(), detail: cut(detail.into()), sentence: None }
    }

    /// A step in the words of the catalogue.
    pub fn told(step: &str, sentence: impl Into<Sentence>) -> Self {
        let sentence = Box::new(sentence.into());
        let detail = cut(sentence.message(Language::English));
        Self { step: step.to_owned(), detail, sentence: Some(sentence) }
    }

    /// The same in another language, where the catalogue has it.
    #[must_use]
    pub fn in_language(mut self, language: Language) -> Self {
        if let Some(said) = self.sentence.as_ref().and_then(|sentence| sentence.say(language)) {
            self.detail = cut(said.message);
        }
        self
    }
}

fn cut(mut detail: String) -> String {
    if let Some((end, _)) = detail.char_indices().nth(MAX_CHARS) {
        detail.truncate(end);
    }
    detail
}

/// How steps lie in records. One of the catalogue lies there as its sentence alone, and its words are made of that when it
/// is read: both would double what a trace takes.
pub(super) mod stored {
    use std::borrow::Cow;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{Sentence, TraceStep};

    #[derive(Serialize, Deserialize)]
    struct Stored<'s> {
        step: Cow<'s, str>,
        /// Empty beside a sentence, and there all the same: releases that know no sentences want it.
        detail: Cow<'s, str>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sentence: Option<Cow<'s, Sentence>>,
    }

    pub(in crate::types) fn serialize<S: Serializer>(
        trace: &[TraceStep],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(trace.iter().map(|step| Stored {
            step: Cow::Borrowed(&step.step),
            detail: Cow::Borrowed(if step.sentence.is_none() { &step.detail } else { "" }),
            sentence: step.sentence.as_deref().map(Cow::Borrowed),
        }))
    }

    pub(in crate::types) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<TraceStep>, D::Error> {
        let told = |Stored { step, detail, sentence }| match sentence {
            Some(sentence) => TraceStep::told(&step, Cow::into_owned(sentence)),
            None => TraceStep { step: step.into_owned(), detail: detail.into_owned(), sentence: None },
        };
        Ok(Vec::<Stored<'_>>::deserialize(deserializer)?.into_iter().map(told).collect())
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Record(#[serde(with = "stored")] Vec<TraceStep>);

    fn answers() -> TraceStep {
        let sentence = Sentence::new("trace.thread.answers").with("parent", "1@a").with("issue", "SUP-1");
        TraceStep::told("thread", sentence)
    }

    #[test]
    fn a_step_is_stored_by_its_sentence_and_told_in_any_language() {
        let record = Record(vec![answers(), TraceStep::new("defect", "no_headers")]);
        let stored = json!([
            {"step": "thread", "detail": "",
                "sentence": {"key": "trace.thread.answers", "values": {"issue": "SUP-1", "parent": "1@a"}}},
            {"step": "defect", "detail": "no_headers"},
        ]);
        assert_eq!(serde_json::to_value(&record).unwrap(), stored);
        let read: Record = serde_json::from_value(stored).unwrap();
        assert_eq!(read, record);
        let told = |language| read.0.iter().cloned().map(|step| step.in_language(language).detail).collect();
        let (english, japanese): (Vec<_>, Vec<_>) = (told(Language::English), told(Language::Japanese));
        assert_eq!(english, ["It answers <1@a>, which belongs to SUP-1.", "no_headers"]);
        assert_eq!(japanese, ["SUP-1 に属する <1@a> への返信です。", "no_headers"]);
    }

    #[test]
    fn an_answer_tells_words_alone() {
        let told = json!({"step": "thread", "detail": "It answers <1@a>, which belongs to SUP-1."});
        assert_eq!(serde_json::to_value(answers()).unwrap(), told);
    }

    #[test]
    fn records_of_other_releases_are_read() {
        let (old, newer) = (
            json!([{"step": "thread", "detail": "It carries the reply token of SUP-1."}]),
            json!([{"step": "x", "detail": "", "sentence": {"key": "trace.not_a_key"}}]),
        );
        let read = |stored| serde_json::from_value::<Record>(stored).unwrap().0.remove(0);
        let old = read(old).in_language(Language::Japanese);
        assert_eq!((&*old.detail, old.sentence), ("It carries the reply token of SUP-1.", None));
        assert_eq!(read(newer).detail, "trace.not_a_key");
    }

    #[test]
    fn a_detail_has_an_end() {
        let long = TraceStep::new("handler", "あ".repeat(2100));
        assert_eq!(long.detail.chars().count(), 2000);
        let quoted = Sentence::new("trace.read.refused").with_own("told", "x".repeat(2100));
        assert_eq!(TraceStep::told("read", quoted).detail.chars().count(), 2000);
    }
}
