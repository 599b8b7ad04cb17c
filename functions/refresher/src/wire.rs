//! One pass over the grants that are due.

use std::time::Duration;

use cloud::{Cloud, Settings};
use intake::{
    App, Error, Timestamp, failed,
    flows::refresher::{self, Counts},
};
use lambda_runtime::{Context, Diagnostic, LambdaEvent};
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use tracing::Instrument;

/// Left of the function's time when the last refresh begins: a token endpoint, and the writes after it.
const RESERVE: Duration = Duration::from_secs(45);

/// What one process knows.
pub(crate) struct Refresher {
    cloud: Cloud,
    app: OnceCell<App>,
}

impl Refresher {
    pub(crate) fn new(settings: &Settings) -> intake::Result<Self> {
        Ok(Self { cloud: Cloud::new(settings)?, app: OnceCell::new() })
    }

    /// The schedule's event says nothing: what is due is in the table.
    pub(crate) async fn answer(&self, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
        let call = cloud::invocation(&event.context.request_id);
        self.pass(deadline(&event.context)).instrument(call).await
    }

    async fn pass(&self, deadline: Timestamp) -> Result<Value, Diagnostic> {
        let counts = self.run(deadline).await.map_err(|error| {
            failed!(error, error, "The refresher could not run.");
            diagnostic(&error)
        })?;
        tracing::info!(
            refreshed = counts.refreshed,
            failed = counts.failed,
            swept = counts.swept,
            left = counts.left,
            "The refresher has run."
        );
        Ok(json!({ "refreshed": counts.refreshed, "failed": counts.failed, "left": counts.left }))
    }

    async fn run(&self, deadline: Timestamp) -> intake::Result<Counts> {
        // A failure is not kept: the next event tries again.
        let app = self.app.get_or_try_init(|| self.cloud.app()).await?;
        refresher::run(app, deadline).await
    }
}

fn deadline(context: &Context) -> Timestamp {
    let end = Timestamp::try_from(context.deadline()).unwrap_or(Timestamp::MAX);
    end.checked_sub(RESERVE).unwrap_or(Timestamp::MIN)
}

fn diagnostic(error: &Error) -> Diagnostic {
    Diagnostic { error_type: error.code.to_string(), error_message: error.message.clone() }
}
