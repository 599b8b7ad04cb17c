//! What became of the mails, in numbers and words.

use std::ops::AddAssign;

use indicatif::HumanCount;
use intake::{
    flows::poll::PollReport,
    types::{ids::MailboxId, project::ProjectKey},
};
use serde::{Deserialize, Serialize};

/// What became of mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Counts {
    /// All of them.
    pub(crate) mails: u64,
    /// Issues made.
    pub(crate) issues: u64,
    /// Comments made.
    pub(crate) comments: u64,
    /// Imported before.
    pub(crate) known: u64,
    /// Nothing, on purpose.
    pub(crate) skipped: u64,
    /// Waiting for a person.
    pub(crate) held: u64,
    /// Not understood.
    pub(crate) failed: u64,
    /// Skipped because they are too large, and without a record.
    pub(crate) too_large: u64,
    /// Failed because their files cannot be read, and without a record.
    pub(crate) unreadable: u64,
    /// Links and special files in the places of mails: no mails.
    #[serde(default)]
    pub(crate) passed_over: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.mails += other.mails;
        self.issues += other.issues;
        self.comments += other.comments;
        self.known += other.known;
        self.skipped += other.skipped;
        self.held += other.held;
        self.failed += other.failed;
        self.too_large += other.too_large;
        self.unreadable += other.unreadable;
        self.passed_over += other.passed_over;
    }
}

impl Counts {
    /// What became of so many mails that were handed over.
    pub(crate) fn of(mails: u64, report: PollReport) -> Self {
        Self {
            mails,
            issues: report.created,
            comments: report.commented,
            known: mails.saturating_sub(report.fetched),
            skipped: report.skipped,
            held: report.held,
            failed: report.failed,
            ..Self::default()
        }
    }

    /// In one sentence.
    pub(crate) fn sentence(&self) -> String {
        let counted = |count: u64, one: &str, many: &str| {
            format!("{} {}", HumanCount(count), if count == 1 { one } else { many })
        };
        let (skipped, failed) = (self.skipped + self.too_large, self.failed + self.unreadable);
        let parts = [
            (self.issues, counted(self.issues, "issue", "issues")),
            (self.comments, counted(self.comments, "comment", "comments")),
            (self.known, counted(self.known, "was there already", "were there already")),
            (skipped, format!("{} skipped", HumanCount(skipped))),
            (self.held, format!("{} held", HumanCount(self.held))),
            (failed, format!("{} failed", HumanCount(failed))),
        ];
        let parts: Vec<String> =
            parts.into_iter().filter(|(count, _)| *count > 0).map(|(_, part)| part).collect();
        let mails = counted(self.mails, "mail", "mails");
        if parts.is_empty() { format!("{mails}.") } else { format!("{mails}: {}.", parts.join(", ")) }
    }

    /// What was not looked into, where there was such a thing.
    pub(crate) fn left_alone(&self) -> Option<String> {
        let what = match self.passed_over {
            0 => return None,
            1 => "1 link or special file was".to_owned(),
            many => format!("{} links or special files were", HumanCount(many)),
        };
        Some(format!("{what} not followed: only regular files in the folder itself are read."))
    }

    /// Whether something has to be looked after.
    pub(crate) fn has_failures(&self) -> bool {
        self.failed + self.unreadable > 0
    }

    /// Where more is told about those that became nothing and have a record.
    pub(crate) fn more(&self, project: &ProjectKey) -> Option<String> {
        let id = MailboxId::of_imports(project);
        let states = [(self.skipped, "skipped"), (self.held, "held"), (self.failed, "failed")].into_iter();
        let asked: Vec<String> = states
            .filter(|(count, _)| *count > 0)
            .map(|(_, state)| format!("  GET /api/v1/messages?mailbox_id={id}&state={state}"))
            .collect();
        (!asked.is_empty()).then(|| format!("Why, mail by mail:\n{}", asked.join("\n")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_names_what_there_was() {
        let counts = Counts {
            mails: 1200,
            issues: 1000,
            comments: 150,
            known: 40,
            skipped: 7,
            too_large: 1,
            failed: 1,
            unreadable: 1,
            ..Counts::default()
        };
        assert_eq!(
            counts.sentence(),
            "1,200 mails: 1,000 issues, 150 comments, 40 were there already, 8 skipped, 2 failed."
        );
        let one = Counts { mails: 1, known: 1, ..Counts::default() };
        assert_eq!(one.sentence(), "1 mail: 1 was there already.");
        assert_eq!(Counts::default().sentence(), "0 mails.");
    }

    #[test]
    fn what_became_nothing_can_be_looked_up() {
        let project = ProjectKey::new("SUP").expect("a key");
        let id = MailboxId::of_imports(&project).to_string();
        assert_eq!(Counts { issues: 3, known: 2, ..Counts::default() }.more(&project), None);
        let told = Counts { failed: 1, held: 1, too_large: 1, ..Counts::default() }
            .more(&project)
            .unwrap_or_default();
        assert!(told.contains(&format!("mailbox_id={id}&state=failed")), "{told}");
        assert!(told.contains("state=held") && !told.contains("state=skipped"), "{told}");
    }

    #[test]
    fn what_is_not_new_was_there_already() {
        let report = PollReport { fetched: 3, created: 2, skipped: 1, ..PollReport::default() };
        let counts = Counts::of(5, report);
        assert_eq!((counts.mails, counts.known, counts.issues, counts.skipped), (5, 2, 2, 1));
    }
}
