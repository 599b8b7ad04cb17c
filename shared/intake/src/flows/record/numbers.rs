//! Numbers for the issues of an import, in blocks: each block is a write to the project's counter.

use std::{collections::BTreeMap, ops::Range};

use crate::{
    App,
    error::{Error, Result},
    limits::NUMBERS_AT_ONCE,
    types::project::{IssueKey, ProjectKey},
};

/// Numbers that were taken and not used yet. What is left at the end of an import is a gap.
#[derive(Debug, Default)]
pub(in crate::flows) struct Numbers {
    taken: BTreeMap<ProjectKey, Range<u64>>,
    /// Mails that come after those of the present batch, and may need numbers as well.
    pub(in crate::flows) to_come: u64,
}

impl Numbers {
    /// Keys for so many issues. A batch with nothing after it takes no more than it needs.
    pub(in crate::flows) async fn keys(
        &mut self,
        app: &App,
        project: &ProjectKey,
        count: u64,
    ) -> Result<Vec<IssueKey>> {
        let taken = self.taken.entry(project.clone()).or_insert(0..0);
        let mut numbers: Vec<u64> = taken.by_ref().take(to_usize(count)?).collect();
        let missing = count - numbers.len() as u64;
        if missing > 0 {
            let block = missing.max(NUMBERS_AT_ONCE.min(missing + self.to_come));
            let first = app.store.take_numbers(project, block).await?;
            *taken = first..first + block;
            numbers.extend(taken.by_ref().take(to_usize(missing)?));
        }
        Ok(numbers.into_iter().map(|number| IssueKey::new(project.clone(), number)).collect())
    }
}

fn to_usize(count: u64) -> Result<usize> {
    usize::try_from(count).map_err(|_| Error::internal("a batch makes more issues than there can be"))
}
