//! Planning and polling, bounded by the function's time.

use std::time::Duration;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use cloud::{Cloud, Settings};
use futures::future::join_all;
use intake::{
    App, Error, Timestamp, failed,
    flows::{
        mailboxes,
        poll::{self, Hint},
    },
};
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use tracing::Instrument;

use crate::{
    event::Event,
    queue::{Message, Queue},
};

/// Left of the function's time when a poll stops: its last batch, and giving back the lease.
const RESERVE: Duration = Duration::from_secs(15);

/// What one process knows.
pub(crate) struct Poller {
    cloud: Cloud,
    app: OnceCell<App>,
    queue: Queue,
}

impl Poller {
    pub(crate) fn new(settings: &Settings) -> intake::Result<Self> {
        let cloud = Cloud::new(settings)?;
        let queue = Queue::new(&cloud.sdk, settings.queue_url()?);
        Ok(Self { cloud, app: OnceCell::new(), queue })
    }

    /// Answers an event.
    pub(crate) async fn answer(&self, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
        let end = Timestamp::try_from(event.context.deadline()).unwrap_or(Timestamp::MAX);
        let deadline = end.checked_sub(RESERVE).unwrap_or(Timestamp::MIN);
        let call = cloud::invocation(&event.context.request_id);
        let work = async {
            self.work(event.payload, deadline).await.map_err(|error| {
                failed!(error, error, "The poller could not do its work.");
                Diagnostic { error_type: error.code.to_string(), error_message: error.message.clone() }
            })
        };
        work.instrument(call).await
    }

    async fn work(&self, event: Value, deadline: Timestamp) -> intake::Result<Value> {
        let event = Event::read(event)?;
        // Without the installation's key nothing is decided: the call fails, and the queue keeps its messages. A failure
        // is not kept: the next event tries again.
        let app = self.app.get_or_try_init(|| self.cloud.app()).await?;
        match event {
            Event::Plan => self.plan(app).await,
            Event::Purge => purge(app, deadline).await,
            Event::Hints(hints) => self.poll(app, hints, deadline).await,
        }
    }

    async fn plan(&self, app: &App) -> intake::Result<Value> {
        let plan = poll::plan(app).await?;
        let hints: usize = plan.values().map(Vec::len).sum();
        self.queue.send(&Message::all(plan)).await?;
        tracing::info!(hints, "The plan is made.");
        Ok(json!({ "hints": hints }))
    }

    /// Polls what the messages name. Only a message whose work could not be recorded is given back to the queue.
    async fn poll(&self, app: &App, event: SqsEvent, deadline: Timestamp) -> intake::Result<Value> {
        let mut answer = SqsBatchResponse::default();
        let given_back = join_all(event.records.into_iter().map(|message| async move {
            let lost = self.message(app, &message, deadline).await;
            message.message_id.filter(|_| lost)
        }));
        for id in given_back.await.into_iter().flatten() {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = id;
            answer.batch_item_failures.push(failure);
        }
        serde_json::to_value(answer).map_err(Error::internal)
    }

    /// Whether the message has to come again.
    async fn message(&self, app: &App, message: &SqsMessage, deadline: Timestamp) -> bool {
        let hints = match Message::read(message.body.as_deref().unwrap_or_default()) {
            Ok(hints) => hints,
            // It will be unreadable the next time, too: the dead-letter queue shows it to a person.
            Err(error) => {
                failed!(error, error, "A message of the queue was given back.");
                return true;
            }
        };
        // All at once: the polls have places of their own, so that a slow host delays only itself, and a doubled hint finds
        // its mailbox busy.
        join_all(hints.iter().map(|hint| self.one(app, hint, deadline))).await.contains(&true)
    }

    /// Whether the hint has to come again.
    async fn one(&self, app: &App, hint: &Hint, deadline: Timestamp) -> bool {
        let left = Duration::try_from(deadline.duration_since(app.now())).unwrap_or(Duration::ZERO);
        if left.is_zero() {
            return false;
        }
        let report = match poll::poll_hint(app, hint, left).await {
            Ok(report) => report,
            Err(error) => return given_back(hint, &error),
        };
        // A long import goes on in a call of its own.
        if report.more && !report.busy {
            let next = Hint { planned_at: app.now(), ..hint.clone() };
            if let Err(error) = self.queue.send(&[Message::from(&next)]).await {
                return given_back(hint, &error);
            }
        }
        false
    }
}

/// Goes on with the deletion of mailboxes.
async fn purge(app: &App, deadline: Timestamp) -> intake::Result<Value> {
    let gone = mailboxes::sweep(app, deadline).await?;
    tracing::info!(gone, "Deleted mailboxes were looked at.");
    Ok(json!({ "gone": gone }))
}

fn given_back(hint: &Hint, error: &Error) -> bool {
    failed!(error, *error, mailbox = %hint.mailbox_id, "A poll could not be recorded; the queue brings it again.");
    true
}
