//! Committing: one conditional transaction, retried while it is only contended.

use async_trait::async_trait;
use aws_sdk_dynamodb::{
    error::SdkError,
    operation::transact_write_items::TransactWriteItemsError,
    types::{CancellationReason, error::TransactionCanceledException},
};
use intake::{
    Error, Kind, Result, Sentence, Timestamp,
    ports::{Change, Rejection, Remembered, Store, StoreError},
};

use crate::{
    DynamoStore,
    action::{Action, Verb},
    changes::Actions,
    fault,
    item::{self, Item, text_of},
    keys::Key,
};

/// The most actions of one transaction: below DynamoDB's 100, with room for what folding adds.
const MAX_ACTIONS: usize = 80;
/// How often a contended transaction is tried, over about three seconds.
const TRIES: u32 = 12;

/// What came of one try.
enum Try {
    Done,
    Contended,
    Rejected(Vec<Rejection>),
    Failed(Error),
}

#[async_trait]
impl Store for DynamoStore {
    async fn commit(&self, changes: &[Change]) -> Result<(), StoreError> {
        let actions = Actions::of(changes, self.now())?;
        if actions.len() > MAX_ACTIONS {
            let sentence = Sentence::new("commit_too_large").with("count", actions.len());
            return Err(Error::told(Kind::Internal, sentence).into());
        }
        let mut last = None;
        for tries in 0..TRIES {
            match self.attempt_commit(&actions).await? {
                Try::Done => return Ok(()),
                Try::Rejected(rejections) => return Err(StoreError::Rejected(rejections)),
                Try::Failed(error) if !fault::passes(&error) => return Err(error.into()),
                Try::Contended => last = None,
                Try::Failed(error) => last = Some(error),
            }
            tokio::time::sleep(self.pause(tries)).await;
        }
        Err(last.unwrap_or_else(fault::busy).into())
    }

    async fn remembered(&self, key: &str, now: Timestamp) -> Result<Option<Remembered>> {
        let found = self.get(&Key::alone("ONCE", key)).await?.filter(|item| !item::is_expired(item, now));
        let part = |item: &Item, name| text_of(item, name).unwrap_or_default().to_owned();
        Ok(found.map(|item| Remembered { request: part(&item, "request"), object: part(&item, "object") }))
    }

    async fn check(&self) -> Result<()> {
        // A read of nothing says as much as a description of the table, and needs no further permission or code.
        self.get(&Key::alone("CHECK", "table")).await.map(|_| ())
    }
}

impl DynamoStore {
    async fn attempt_commit(&self, actions: &[Action]) -> Result<Try, Error> {
        let items = actions.iter().map(|action| action.build(&self.table)).collect::<Result<Vec<_>, _>>()?;
        let sent = self.client.transact_write_items().set_transact_items(Some(items)).send().await;
        Ok(match sent {
            Ok(_) => Try::Done,
            Err(SdkError::ServiceError(answer)) => match answer.err() {
                TransactWriteItemsError::TransactionCanceledException(cancelled) => {
                    verdict(actions, cancelled)
                }
                _ => Try::Failed(fault::meaning(&SdkError::ServiceError(answer))),
            },
            Err(error) => Try::Failed(fault::meaning(&error)),
        })
    }
}

fn verdict(actions: &[Action], cancelled: &TransactionCanceledException) -> Try {
    let reasons = cancelled.cancellation_reasons();
    let with_code = |wanted: &str| reasons.iter().any(|r| r.code() == Some(wanted));
    if ["TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"]
        .iter()
        .any(|code| with_code(code))
    {
        return Try::Contended;
    }
    let failed: Vec<(&Action, Item)> =
        actions.iter().zip(reasons).filter(|(_, r)| is_refusal(r)).map(|(a, r)| (a, there(r))).collect();
    if failed.is_empty() {
        let codes: Vec<_> =
            reasons.iter().filter_map(CancellationReason::code).filter(|code| *code != "None").collect();
        return Try::Failed(Error::internal(format!("the store cancelled a transaction with {codes:?}")));
    }
    if is_our_own(actions, &failed) {
        return Try::Done;
    }
    let mut rejections: Vec<Rejection> = Vec::new();
    for (change, why) in failed.iter().flat_map(|(action, there)| action.failed(there)) {
        rejections.push(Rejection { change, why });
    }
    Try::Rejected(rejections)
}

/// Whether an earlier attempt of this very transaction came through: everything that it claims is there as it makes it.
/// One claim that is still free, or taken by something else, shows another transaction.
fn is_our_own(actions: &[Action], failed: &[(&Action, Item)]) -> bool {
    let claims = actions.iter().filter(|action| action.claims() && !matches!(action.verb, Verb::Check));
    let mut any = false;
    for claim in claims {
        any = true;
        let same = failed.iter().any(|(action, there)| action.key == claim.key && claim.is_done(there));
        if !same {
            return false;
        }
    }
    any && failed.iter().all(|(action, _)| action.claims())
}

fn is_refusal(reason: &CancellationReason) -> bool {
    reason.code() == Some("ConditionalCheckFailed")
}

fn there(reason: &CancellationReason) -> Item {
    reason.item().cloned().unwrap_or_default()
}
