//! What a mail becomes, in words.

use crate::{
    Sentence,
    types::{
        message::{Reason, TraceStep},
        project::IssueKey,
    },
};

/// An issue that exists, or one that this batch makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum IssueRef {
    Existing(IssueKey),
    /// The n-th issue created by this batch.
    New(usize),
}

/// What a mail becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Create,
    Comment(IssueRef),
    Skip(Reason),
    Hold(Reason),
}

/// A decision with the reasons for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) outcome: Outcome,
    pub(crate) trace: Vec<TraceStep>,
    /// Parents that are not known yet: an issue made from them will take this one's place in the thread.
    pub(crate) awaits: Vec<String>,
    /// Labels that say what is doubtful about it.
    pub(crate) marks: Vec<&'static str>,
}

/// The variant of a sentence about an issue whose number is not known yet: [`with_key`] puts it in.
pub(crate) const NUMBERLESS: &str = "numberless";

/// This sentence about an issue.
pub(crate) fn about(key: &'static str, issue: &IssueRef) -> Sentence {
    match issue {
        IssueRef::Existing(issue) => Sentence::new(key).with("issue", issue),
        IssueRef::New(_) => Sentence::variant(key, NUMBERLESS),
    }
}

/// A step of a decision to comment on this issue. Where a batch ends is a matter of time, and no trace depends on it.
pub(crate) fn with_key(step: &TraceStep, key: Option<&IssueKey>) -> TraceStep {
    let numberless = step.sentence.as_ref().and_then(|sentence| sentence.main_of(NUMBERLESS));
    match (numberless, key) {
        (Some(sentence), Some(key)) => TraceStep::told(&step.step, sentence.with("issue", key)),
        _ => step.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::project::ProjectKey;

    #[test]
    fn an_issue_that_has_its_number_is_told_by_it() {
        let key = IssueKey::new(ProjectKey::new("SUP").unwrap(), 7);
        let of = |issue| about("trace.thread.answers", &issue).with("parent", "1@a");
        let numberless = TraceStep::told("thread", of(IssueRef::New(0)));
        let numbered = TraceStep::told("thread", of(IssueRef::Existing(key.clone())));
        assert_eq!(numberless.detail, "It answers <1@a>, which belongs to an issue made in the same poll.");
        assert_eq!(numbered.detail, "It answers <1@a>, which belongs to SUP-7.");
        assert_eq!(with_key(&numberless, Some(&key)), numbered);
        for (step, key) in [(&numberless, None), (&numbered, Some(&key))] {
            assert_eq!(with_key(step, key), *step);
        }
    }
}
