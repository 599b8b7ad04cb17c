//! The queue of hints: SQS.

use aws_sdk_sqs::{Client, error::ProvideErrorMetadata, types::SendMessageBatchRequestEntry};
use cloud::SdkConfig;
use intake::{Error, Kind, Result, Timestamp, failed, flows::poll::Hint, types::ids::MailboxId};
use serde::{Deserialize, Serialize};

/// Messages of one call.
const BATCH: usize = 10;

/// One message: a hint that a mailbox should be polled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Message {
    mailbox_id: MailboxId,
    planned_at: Timestamp,
    rescan: bool,
}

impl From<&Hint> for Message {
    fn from(hint: &Hint) -> Self {
        Self { mailbox_id: hint.mailbox_id, planned_at: hint.planned_at, rescan: hint.rescan }
    }
}

impl Message {
    /// From a message's body.
    pub(crate) fn read(body: &str) -> Result<Hint> {
        let message: Self =
            serde_json::from_str(body).map_err(|_| Error::told(Kind::Poisoned, "hint_unreadable"))?;
        let Self { mailbox_id, planned_at, rescan } = message;
        Ok(Hint { mailbox_id, planned_at, rescan })
    }
}

/// The queue.
pub(crate) struct Queue {
    client: Client,
    url: String,
}

impl Queue {
    pub(crate) fn new(config: &SdkConfig, url: &str) -> Self {
        Self { client: Client::new(config), url: url.to_owned() }
    }

    /// Sends hints. What is not taken is not lost: the next plan sends it again.
    pub(crate) async fn send(&self, hints: &[Hint]) -> Result<()> {
        for some in hints.chunks(BATCH) {
            let mut batch = self.client.send_message_batch().queue_url(&self.url);
            for (n, hint) in some.iter().enumerate() {
                let body = serde_json::to_string(&Message::from(hint)).map_err(Error::internal)?;
                let entry = SendMessageBatchRequestEntry::builder().id(n.to_string()).message_body(body);
                batch = batch.entries(entry.build().map_err(Error::internal)?);
            }
            let answer = batch.send().await.map_err(|error| fault(error.code()))?;
            if !answer.failed().is_empty() {
                let lost = Error::retry("hints_not_taken");
                failed!(warn, lost, count = answer.failed().len(), "The queue did not take some hints.");
            }
        }
        Ok(())
    }
}

fn fault(code: Option<&str>) -> Error {
    match code {
        Some("AWS.SimpleQueueService.NonExistentQueue" | "QueueDoesNotExist") => {
            Error::told(Kind::Installation, "queue_missing")
        }
        Some("AccessDenied" | "AccessDeniedException") => {
            Error::told(Kind::Installation, "queue_access_denied")
        }
        _ => Error::retry("queue_unavailable"),
    }
}
