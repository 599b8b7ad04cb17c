//! What the function is called with: the schedule, or messages of the queue.

use aws_lambda_events::sqs::SqsEvent;
use intake::{Error, Kind, Result};
use serde_json::Value;

/// An event.
#[derive(Debug)]
pub(crate) enum Event {
    /// Make the plan of this minute.
    Plan,
    /// Go on with the deletion of mailboxes.
    Purge,
    /// Poll what these messages name.
    Hints(SqsEvent),
}

impl Event {
    /// From the event's JSON. An unknown shape is an error with its own code: nothing is guessed.
    pub(crate) fn read(value: Value) -> Result<Self> {
        if value.get("Records").is_some() {
            return serde_json::from_value(value)
                .map(Self::Hints)
                .map_err(|_| unknown("event_unknown.records"));
        }
        match value.get("detail-type").and_then(Value::as_str) {
            Some("Scheduled Event") => Ok(Self::Plan),
            Some("Purge") => Ok(Self::Purge),
            _ => Err(unknown("event_unknown")),
        }
    }
}

fn unknown(sentence: &'static str) -> Error {
    Error::told(Kind::Invalid, sentence)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn shapes_are_told_apart() {
        let plan = json!({"source": "aws.scheduler", "detail-type": "Scheduled Event", "detail": "{}"});
        assert!(matches!(Event::read(plan).unwrap(), Event::Plan));
        let purge = json!({"source": "maildocket.schedule", "detail-type": "Purge"});
        assert!(matches!(Event::read(purge).unwrap(), Event::Purge));
        let hints = json!({"Records": [{"messageId": "1", "body": "{}", "eventSource": "aws:sqs"}]});
        let Event::Hints(hints) = Event::read(hints).unwrap() else { panic!("no hints") };
        assert_eq!(hints.records.len(), 1);
        for odd in [json!({}), json!({"Records": 7}), json!(null), json!({"detail-type": "Other"})] {
            assert_eq!(Event::read(odd).unwrap_err().code, "event_unknown");
        }
    }
}
