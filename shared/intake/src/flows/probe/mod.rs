//! Connection tests: ordered steps, each with a time limit of its own, that change nothing and end in one sentence to
//! act on. Whatever the outside does, a test ends before the 30 seconds of an HTTP API gateway.

mod after_import;
mod grant;
mod integration;
mod mailbox;
mod report;

use std::{sync::Arc, time::Duration};

pub use grant::grant;
pub use integration::integration;
pub use mailbox::{mailbox, mailbox_followed};
pub use report::{ProbeReport, Step, StepStatus};

use crate::{App, Error, Kind, Result, Sentence, Timestamp};

/// All steps of a test together.
const WHOLE: Duration = Duration::from_secs(24);
/// A call to the provider.
const PROVIDER: Duration = Duration::from_secs(8);

/// A test reads secrets from the vault itself: what this process remembers of them says nothing about the next one.
fn without_memory(app: &App) -> App {
    App { credentials: Arc::default(), ..app.clone() }
}

/// How much time a test has left.
#[derive(Clone, Copy)]
struct Budget {
    end: Timestamp,
}

impl Budget {
    fn of(app: &App) -> Self {
        Self { end: app.after(WHOLE) }
    }

    /// What is left, at most so much.
    fn left(self, app: &App, most: Duration) -> Duration {
        Duration::try_from(self.end.duration_since(app.now())).unwrap_or(Duration::ZERO).min(most)
    }

    /// What a call to the provider makes of its time, or that it took too long. A refresh under way goes on behind it.
    async fn ask<T>(self, app: &App, call: impl Future<Output = T>) -> Result<T> {
        let limit = self.left(app, PROVIDER);
        let too_long = || Sentence::new("test_timed_out").with("seconds", limit.as_secs());
        let answer = app.within(limit, call).await;
        answer.ok_or_else(|| Error::told(Kind::Retry { after: None }, too_long()))
    }
}
