//! From the name of an operation to dynoxide's typed call.

use std::sync::atomic::{AtomicU64, Ordering};

use dynoxide::{
    Database,
    actions::{batch_write_item::BatchWriteItemRequest, transact_write_items::TransactWriteItemsRequest},
};
use serde::{
    Deserialize, Serialize,
    de::{
        DeserializeOwned, IntoDeserializer,
        value::{self, StrDeserializer},
    },
};

/// A DynamoDB operation. `Scan` is left out on purpose: every list is a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[allow(missing_docs, reason = "the names are DynamoDB's own")]
pub enum Operation {
    BatchGetItem,
    BatchWriteItem,
    CreateTable,
    DeleteItem,
    DescribeTable,
    DescribeTimeToLive,
    GetItem,
    PutItem,
    Query,
    TransactGetItems,
    TransactWriteItems,
    UpdateItem,
    UpdateTimeToLive,
}

impl Operation {
    /// The operation named by an `X-Amz-Target` header.
    pub(crate) fn of_target(target: &str) -> Option<Self> {
        let name = target.strip_prefix("DynamoDB_20120810.")?;
        let name: StrDeserializer<'_, value::Error> = name.into_deserializer();
        Self::deserialize(name).ok()
    }

    /// Whether it changes items.
    pub fn writes(self) -> bool {
        matches!(
            self,
            Self::BatchWriteItem
                | Self::DeleteItem
                | Self::PutItem
                | Self::TransactWriteItems
                | Self::UpdateItem
        )
    }
}

/// An answer as HTTP would carry it.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// An error as DynamoDB words it.
    pub(crate) fn error(code: &str, message: &str) -> Self {
        let kind = format!("com.amazonaws.dynamodb.v20120810#{code}");
        let body = serde_json::json!({"__type": kind, "message": message}).to_string();
        Self { status: 400, body: body.into_bytes() }
    }
}

/// How calls are carried out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mode {
    /// An answer can be lost, and the same transaction come again: its token is looked at, which takes an eighth of the
    /// time of a transaction. In a process without faults no answer is lost.
    pub(crate) answers_get_lost: bool,
}

/// Carries out an operation, and counts the items that it is asked to write; its answer, or what dynoxide refuses with.
/// Blocks.
pub(crate) fn dispatch(
    database: &Database,
    operation: Operation,
    body: &[u8],
    mode: Mode,
    written: &AtomicU64,
) -> dynoxide::Result<Answer> {
    let count = |items: usize| {
        written.fetch_add(items as u64, Ordering::Relaxed);
    };
    match operation {
        Operation::BatchGetItem => call(body, |r| database.batch_get_item(r)),
        Operation::BatchWriteItem => call(body, |r: BatchWriteItemRequest| {
            count(r.request_items.values().map(Vec::len).sum());
            database.batch_write_item(r)
        }),
        Operation::CreateTable => call(body, |r| database.create_table(r)),
        Operation::DeleteItem => call(body, |r| {
            count(1);
            database.delete_item(r)
        }),
        Operation::DescribeTable => call(body, |r| database.describe_table(r)),
        Operation::DescribeTimeToLive => call(body, |r| database.describe_time_to_live(r)),
        Operation::GetItem => call(body, |r| database.get_item(r)),
        Operation::PutItem => call(body, |r| {
            count(1);
            database.put_item(r)
        }),
        Operation::Query => call(body, |r| database.query(r)),
        Operation::TransactGetItems => call(body, |r| database.transact_get_items(r)),
        Operation::TransactWriteItems => call(body, |mut r: TransactWriteItemsRequest| {
            count(r.transact_items.iter().filter(|action| action.condition_check.is_none()).count());
            r.client_request_token.take_if(|_| !mode.answers_get_lost);
            database.transact_write_items(r)
        }),
        Operation::UpdateItem => call(body, |r| {
            count(1);
            database.update_item(r)
        }),
        Operation::UpdateTimeToLive => call(body, |r| database.update_time_to_live(r)),
    }
}

fn call<Q: DeserializeOwned, A: Serialize>(
    body: &[u8],
    run: impl FnOnce(Q) -> dynoxide::Result<A>,
) -> dynoxide::Result<Answer> {
    let request = match serde_json::from_slice(body) {
        Ok(request) => request,
        Err(error) => return Ok(Answer::error("SerializationException", &error.to_string())),
    };
    let answer = run(request)?;
    Ok(match serde_json::to_vec(&answer) {
        Ok(body) => Answer { status: 200, body },
        Err(error) => Answer::error("InternalServerError", &error.to_string()),
    })
}
