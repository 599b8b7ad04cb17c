//! The queue of hints: SQS.

use std::collections::BTreeMap;

use aws_sdk_sqs::{Client, error::ProvideErrorMetadata, types::SendMessageBatchRequestEntry};
use cloud::SdkConfig;
use intake::{
    Error, Kind, Result, Timestamp, failed,
    flows::poll::Hint,
    types::{host::MailHost, ids::MailboxId},
};
use serde::{Deserialize, Serialize};

/// Messages of one call.
const BATCH: usize = 10;
/// The most mailboxes of one message, which one call of the function polls. Those of a host come together, so that the limit
/// of a host is one for all of them; a host with more than these has a call more.
const MAILBOXES: usize = 100;

/// One message: a hint that these mailboxes should be polled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Message {
    mailbox_ids: Vec<MailboxId>,
    planned_at: Timestamp,
    rescan: bool,
}

impl From<&Hint> for Message {
    fn from(hint: &Hint) -> Self {
        Self { mailbox_ids: vec![hint.mailbox_id], planned_at: hint.planned_at, rescan: hint.rescan }
    }
}

impl Message {
    /// Those of a plan.
    pub(crate) fn all(plan: BTreeMap<MailHost, Vec<Hint>>) -> Vec<Self> {
        let mut messages: Vec<Self> = Vec::new();
        for hints in plan.values().flat_map(|hints| hints.chunks(MAILBOXES)) {
            let ids = hints.iter().map(|hint| hint.mailbox_id);
            match messages.last_mut().filter(|last| last.mailbox_ids.len() + hints.len() <= MAILBOXES) {
                Some(last) => last.mailbox_ids.extend(ids),
                None => messages.extend(
                    hints.first().map(|first| Self { mailbox_ids: ids.collect(), ..Self::from(first) }),
                ),
            }
        }
        messages
    }

    /// From a message's body.
    pub(crate) fn read(body: &str) -> Result<Vec<Hint>> {
        let message: Self =
            serde_json::from_str(body).map_err(|_| Error::told(Kind::Poisoned, "hint_unreadable"))?;
        let Self { mailbox_ids, planned_at, rescan } = message;
        let hint = |mailbox_id| Hint { mailbox_id, planned_at, rescan };
        Ok(mailbox_ids.into_iter().map(hint).collect())
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

    /// Sends messages. What is not taken is not lost: the next plan sends it again.
    pub(crate) async fn send(&self, messages: &[Message]) -> Result<()> {
        for some in messages.chunks(BATCH) {
            let mut batch = self.client.send_message_batch().queue_url(&self.url);
            for (n, message) in some.iter().enumerate() {
                let body = serde_json::to_string(message).map_err(Error::internal)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(hosts: &[(&str, u128)]) -> BTreeMap<MailHost, Vec<Hint>> {
        let hint = |n| Hint {
            mailbox_id: MailboxId::from_parts(Timestamp::UNIX_EPOCH, n),
            planned_at: Timestamp::UNIX_EPOCH,
            rescan: false,
        };
        let of =
            |(host, count): &(&str, u128)| (MailHost::new(host).unwrap(), (0..*count).map(hint).collect());
        hosts.iter().map(of).collect()
    }

    #[test]
    fn mailboxes_of_a_host_share_a_call() {
        let counts =
            |hosts| Message::all(plan(hosts)).iter().map(|m| m.mailbox_ids.len()).collect::<Vec<_>>();
        assert_eq!(counts(&[]), [0; 0]);
        assert_eq!(counts(&[("a.example", 3), ("b.example", 97)]), [100]);
        assert_eq!(counts(&[("a.example", 3), ("b.example", 98), ("c.example", 2)]), [3, 100]);
        assert_eq!(counts(&[("a.example", 250)]), [100, 100, 50]);
    }

    #[test]
    fn a_message_is_read_as_it_was_written() {
        let plan = plan(&[("a.example", 2)]);
        let body = serde_json::to_string(&Message::all(plan.clone())[0]).unwrap();
        assert_eq!(Message::read(&body).unwrap(), plan.into_values().next().unwrap());
        assert_eq!(Message::read("{}").unwrap_err().code, "hint_unreadable");
    }
}
