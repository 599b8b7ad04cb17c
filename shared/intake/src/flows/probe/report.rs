//! What a test tells: its steps, in the language of whoever reads them.

use tokio::sync::mpsc;

use crate::{Error, Language, Sentence, types::Class};

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepStatus {
    /// Well.
    Ok,
    /// Not well; the steps after it are skipped.
    Failed,
    /// Not tried, or without a result.
    Skipped,
}

impl StepStatus {
    /// The word used in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// A stable word.
    pub name: &'static str,
    /// How it went.
    pub status: StepStatus,
    /// What was seen; with a failure, what was seen beside it.
    seen: Option<Sentence>,
    /// What failed.
    error: Option<Error>,
}

impl Step {
    /// What was seen.
    pub fn detail(&self, language: Language) -> String {
        let error = self.error.clone().map(|error| error.in_language(language).message);
        let seen = self.seen.as_ref().map(|seen| seen.message(language));
        error.into_iter().chain(seen).collect::<Vec<_>>().join(" ")
    }

    /// The stable code of a failure.
    pub fn code(&self) -> Option<&str> {
        self.error.as_ref().map(|error| error.code.as_ref())
    }

    /// Who has to act after a failure.
    pub fn class(&self) -> Option<Class> {
        self.error.as_ref().and_then(Error::class)
    }

    /// What to do about a failure.
    pub fn action(&self, language: Language) -> Option<String> {
        let error = self.error.clone()?.in_language(language);
        Some(error.action).filter(|action| !action.is_empty())
    }
}

/// A test's result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeReport {
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The first folders that can be opened, in Unicode; none where nobody got that far.
    pub folders: Vec<String>,
    well: Sentence,
}

impl ProbeReport {
    /// Whether no step failed.
    pub fn ok(&self) -> bool {
        self.failure().is_none()
    }

    fn failure(&self) -> Option<&Error> {
        self.steps.iter().find_map(|step| step.error.as_ref())
    }

    /// The one sentence to act on.
    pub fn summary(&self, language: Language) -> String {
        match self.failure() {
            None => self.well.message(language),
            Some(error) => {
                let error = error.clone().in_language(language);
                format!("{} {}", error.message, error.action).trim_end().to_owned()
            }
        }
    }
}

/// Collects steps. After a failure the rest is skipped.
pub(super) struct Probe {
    names: &'static [&'static str],
    steps: Vec<Step>,
    folders: Vec<String>,
    follower: Option<mpsc::UnboundedSender<Step>>,
}

impl Probe {
    /// A test with these steps.
    pub(super) fn new(names: &'static [&'static str]) -> Self {
        Self { names, steps: Vec::with_capacity(names.len()), folders: Vec::new(), follower: None }
    }

    /// Each step is told as it is known.
    pub(super) fn told_to(self, follower: Option<mpsc::UnboundedSender<Step>>) -> Self {
        Self { follower, ..self }
    }

    pub(super) fn saw_folders(&mut self, folders: &[String]) {
        self.folders = folders.to_vec();
    }

    /// What is told of a step first stands, but for a failure: that is always told.
    fn push(&mut self, name: &'static str, status: StepStatus, seen: Option<Sentence>, error: Option<Error>) {
        debug_assert!(self.names.contains(&name), "{name} is no step of this test");
        let step = Step { name, status, seen, error };
        let there = self.steps.iter_mut().find(|step| step.name == name);
        if there.as_ref().is_some_and(|there| step.error.is_none() || there.error.is_some()) {
            return;
        }
        if let Some(follower) = &self.follower {
            // Nobody has to listen.
            let _ = follower.send(step.clone());
        }
        match there {
            Some(there) => *there = step,
            None => self.steps.push(step),
        }
    }

    pub(super) fn passed(&mut self, name: &'static str, seen: Sentence) {
        self.push(name, StepStatus::Ok, Some(seen), None);
    }

    pub(super) fn skipped(&mut self, name: &'static str, why: Sentence) {
        self.push(name, StepStatus::Skipped, Some(why), None);
    }

    pub(super) fn failed(&mut self, name: &'static str, error: Error) {
        self.push(name, StepStatus::Failed, None, Some(error));
    }

    /// The same, with what was seen beside it.
    pub(super) fn failed_with(&mut self, name: &'static str, error: Error, seen: Option<Sentence>) {
        self.push(name, StepStatus::Failed, seen, Some(error));
    }

    pub(super) fn has_failed(&self) -> bool {
        self.steps.iter().any(|step| step.status == StepStatus::Failed)
    }

    pub(super) fn has_skipped(&self, name: &str) -> bool {
        self.steps.iter().any(|step| step.name == name && step.status == StepStatus::Skipped)
    }

    /// The report; what was not reached is skipped, each step in its place.
    pub(super) fn end(mut self, well: &'static str) -> ProbeReport {
        for name in self.names {
            self.skipped(name, Sentence::new("step.earlier"));
        }
        let place = |step: &Step| self.names.iter().position(|name| *name == step.name);
        self.steps.sort_by_key(place);
        ProbeReport { steps: self.steps, folders: self.folders, well: Sentence::new(well) }
    }
}
