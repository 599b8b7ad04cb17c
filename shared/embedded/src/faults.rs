//! What AWS does and an embedded database never shows: conflicts, throttling, lost answers, unprocessed keys, indexes
//! that lag. Deterministic: by call number, or by a seeded sequence.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use serde_json::{Value, json};

use crate::dispatch::{Answer, Operation};

/// One disturbance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A transaction meets another one: every reason is `TransactionConflict` or `None`.
    Conflict,
    /// `ProvisionedThroughputExceededException`.
    Throttled,
    /// `AccessDeniedException`: not carried out, and not worth another try.
    Denied,
    /// The call never arrives.
    Unreachable,
    /// The call is carried out, and its answer is lost.
    AnswerLost,
    /// A batch leaves its last entry unprocessed.
    Unprocessed,
}

#[derive(Debug, Default)]
struct State {
    calls: BTreeMap<Operation, u64>,
    script: Vec<(Operation, u64, Fault)>,
    random: Option<(u64, u64)>,
    lag: usize,
    recent: VecDeque<String>,
}

/// A script of disturbances for one client.
#[derive(Debug, Default)]
pub struct Faults(Mutex<State>);

/// What to do with a call.
pub(crate) enum Verdict {
    Answer(Answer),
    Unreachable,
    Proceed { body: Bytes, lose_answer: bool, unprocessed: Option<Value> },
}

impl Faults {
    /// No disturbance yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Disturbs the `nth` call (from 1) of an operation.
    #[must_use]
    pub fn fail(self, operation: Operation, nth: u64, fault: Fault) -> Self {
        self.state().script.push((operation, nth, fault));
        self
    }

    /// Disturbs about this many of a thousand calls, each in a way that suits it; the same seed does the same.
    #[must_use]
    pub fn random(self, seed: u64, permille: u64) -> Self {
        self.state().random = Some((seed | 1, permille));
        self
    }

    /// Index queries do not see what the last `writes` writes wrote.
    #[must_use]
    pub fn stale_indexes(self, writes: usize) -> Self {
        self.state().lag = writes;
        self
    }

    /// How many calls of an operation came so far.
    pub fn calls(&self, operation: Operation) -> u64 {
        self.state().calls.get(&operation).copied().unwrap_or(0)
    }

    /// Whether it disturbs any call.
    pub(crate) fn disturb(&self) -> bool {
        let state = self.state();
        !state.script.is_empty() || state.random.is_some()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn before(&self, operation: Operation, body: &[u8]) -> Verdict {
        let proceed = |lose_answer| Verdict::Proceed {
            body: Bytes::copy_from_slice(body),
            lose_answer,
            unprocessed: None,
        };
        match self.state().next(operation) {
            None => proceed(false),
            Some(Fault::AnswerLost) => proceed(true),
            Some(Fault::Unreachable) => Verdict::Unreachable,
            Some(Fault::Throttled) => Verdict::Answer(Answer::error(
                "ProvisionedThroughputExceededException",
                "slow down, says the fault mode",
            )),
            Some(Fault::Denied) => {
                Verdict::Answer(Answer::error("AccessDeniedException", "no, says the fault mode"))
            }
            Some(Fault::Conflict) => Verdict::Answer(conflict(body)),
            Some(Fault::Unprocessed) => match shortened(operation, body) {
                Some((body, rest)) => {
                    Verdict::Proceed { body: body.into(), lose_answer: false, unprocessed: Some(rest) }
                }
                None => proceed(false),
            },
        }
    }

    /// Remembers which items were written, for indexes that lag.
    pub(crate) fn carried_out(&self, operation: Operation, body: &[u8], answer: &Answer) {
        let mut state = self.state();
        if state.lag > 0 && operation.writes() && answer.status == 200 {
            let Ok(request) = serde_json::from_slice::<Value>(body) else { return };
            collect_keys(&request, &mut state.recent);
            let surplus = state.recent.len().saturating_sub(state.lag);
            state.recent.drain(..surplus);
        }
    }

    /// What the caller sees of an answer: an index without its newest items, a batch with what was left out.
    pub(crate) fn after(&self, operation: Operation, body: &[u8], answer: Answer) -> Answer {
        let state = self.state();
        if state.lag == 0 || operation != Operation::Query {
            return answer;
        }
        let Ok(request) = serde_json::from_slice::<Value>(body) else { return answer };
        if request.get("IndexName").is_none_or(Value::is_null) {
            return answer;
        }
        let Ok(mut page) = serde_json::from_slice::<Value>(&answer.body) else { return answer };
        if let Some(items) = page.get_mut("Items").and_then(Value::as_array_mut) {
            items.retain(|item| !state.recent.contains(&key_of(item)));
        }
        Answer { body: page.to_string().into_bytes(), ..answer }
    }
}

impl State {
    fn next(&mut self, operation: Operation) -> Option<Fault> {
        let count = self.calls.entry(operation).or_default();
        *count += 1;
        let count = *count;
        let scripted = self
            .script
            .iter()
            .find(|(op, nth, _)| *op == operation && *nth == count)
            .map(|(_, _, fault)| *fault);
        scripted.or_else(|| self.roll(operation))
    }

    /// Xorshift: repeatable, and good enough to spread disturbances.
    fn roll(&mut self, operation: Operation) -> Option<Fault> {
        let (state, permille) = self.random.as_mut()?;
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        if *state % 1000 >= *permille {
            return None;
        }
        let choices: &[Fault] = match operation {
            Operation::TransactWriteItems => {
                &[Fault::Conflict, Fault::Throttled, Fault::AnswerLost, Fault::Unreachable]
            }
            Operation::BatchGetItem | Operation::BatchWriteItem => &[Fault::Unprocessed, Fault::Throttled],
            Operation::CreateTable | Operation::DescribeTable => return None,
            _ => &[Fault::Throttled, Fault::AnswerLost, Fault::Unreachable],
        };
        choices.get(usize::try_from(*state >> 32).unwrap_or(0) % choices.len()).copied()
    }
}

fn conflict(body: &[u8]) -> Answer {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let actions = request["TransactItems"].as_array().map_or(1, Vec::len);
    let code = |n| if n == 0 { "TransactionConflict" } else { "None" };
    let reasons: Vec<Value> = (0..actions).map(|n| json!({"Code": code(n)})).collect();
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons [TransactionConflict]",
        "CancellationReasons": reasons,
    });
    Answer { status: 400, body: body.to_string().into_bytes() }
}

/// The batch without its last entry, and a batch of that entry alone.
fn shortened(operation: Operation, body: &[u8]) -> Option<(Vec<u8>, Value)> {
    let mut request: Value = serde_json::from_slice(body).ok()?;
    let mut rest = request.clone();
    let all = entries(operation, &mut request)?;
    if all.len() < 2 {
        return None;
    }
    let last = all.pop()?;
    *entries(operation, &mut rest)? = vec![last];
    Some((request.to_string().into_bytes(), rest["RequestItems"].take()))
}

fn entries(operation: Operation, request: &mut Value) -> Option<&mut Vec<Value>> {
    let table = request.get_mut("RequestItems")?.as_object_mut()?.values_mut().next()?;
    match operation {
        Operation::BatchGetItem => table.get_mut("Keys")?.as_array_mut(),
        Operation::BatchWriteItem => table.as_array_mut(),
        _ => None,
    }
}

/// The answer to a shortened batch, naming what was left out.
pub(crate) fn with_unprocessed(operation: Operation, answer: Answer, rest: Value) -> Answer {
    let Ok(mut fields) = serde_json::from_slice::<Value>(&answer.body) else { return answer };
    let field = if operation == Operation::BatchGetItem { "UnprocessedKeys" } else { "UnprocessedItems" };
    fields[field] = rest;
    Answer { body: fields.to_string().into_bytes(), ..answer }
}

fn key_of(item: &Value) -> String {
    format!("{}|{}", item["pk"], item["sk"])
}

/// Every object below that has the key attributes is an item or a key that was written.
fn collect_keys(value: &Value, found: &mut VecDeque<String>) {
    match value {
        Value::Object(fields) => {
            if fields.contains_key("pk") && fields.contains_key("sk") {
                found.push_back(key_of(value));
            }
            fields.values().for_each(|value| collect_keys(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| collect_keys(value, found)),
        _ => {}
    }
}
