//! What a mail becomes, in words.

use crate::types::{
    message::{Reason, TraceStep},
    project::IssueKey,
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

/// What a trace calls an issue whose number is not known yet: [`with_key`] puts it in.
const NUMBERLESS: &str = "an issue made in the same poll";

pub(crate) fn name(issue: &IssueRef) -> String {
    match issue {
        IssueRef::Existing(key) => key.to_string(),
        IssueRef::New(_) => NUMBERLESS.to_owned(),
    }
}

/// A step of a decision to comment on this issue. Where a batch ends is a matter of time, and no trace depends on it.
pub(crate) fn with_key(step: &TraceStep, key: Option<&IssueKey>) -> TraceStep {
    match key {
        Some(key) => TraceStep::new(&step.step, step.detail.replace(NUMBERLESS, &key.to_string())),
        None => step.clone(),
    }
}
