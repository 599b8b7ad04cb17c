//! What has an end: attempts, their openings, console sessions, and what an Idempotency-Key stands for.

use std::time::Duration;

use intake::{
    Result, Timestamp,
    ports::{Remembered, Why, Write},
    types::{
        attempt::{Attempt, AttemptStatus, Opening},
        ids::AttemptId,
        token::Session,
    },
};

use super::{Actions, sides};
use crate::{
    action::{Action, Condition, Meaning, Verb},
    item::{self, encode, text},
    keys::Key,
};

impl Actions {
    pub(super) fn attempt(&mut self, at: usize, attempt: &Attempt) -> Result<()> {
        let key = Key::alone("ATTEMPT", attempt.id);
        let mut item = item::carrying(&key, "attempt", attempt)?;
        item.insert("status".to_owned(), text("pending"));
        item::expires(&mut item, later(attempt.expires_at));
        self.push(Action::new(key, Verb::Put(item)).when(at, Condition::Absent, Why::Exists))
    }

    pub(super) fn attempt_end(&mut self, at: usize, id: AttemptId, status: &AttemptStatus) -> Result<()> {
        let word = if matches!(status, AttemptStatus::Done { .. }) { "done" } else { "failed" };
        let verb = Verb::update().set("status", text(word)).set("outcome", encode(status)?);
        let open = Condition::Differs("status", text("done"));
        self.push(Action::new(Key::alone("ATTEMPT", id), verb).when(at, open, Why::Stale))
    }

    pub(super) fn opening(&mut self, at: usize, opening: &Opening) -> Result<()> {
        let key = Key::alone("OPENING", &opening.state_hash);
        let mut item = item::carrying(&key, "opening", opening)?;
        item::expires(&mut item, opening.expires_at);
        self.push(Action::new(key, Verb::Put(item)).when(at, Condition::Absent, Why::Exists))
    }

    pub(super) fn session(&mut self, at: usize, write: &Write<Session>) -> Result<()> {
        let key = |session: &Session| Key::alone("SESSION", &session.hash);
        let (old, new) = sides(write);
        if let Some(session) = new {
            let mut item = item::carrying(&key(session), "session", session)?;
            item::index(&mut item, 1, "SESSION".to_owned(), session.id().to_string());
            item::expires(&mut item, session.expires_at);
            return self.push(Action::new(key(session), Verb::Put(item)));
        }
        let gone = |session| {
            let action = Action::new(key(session), Verb::Delete);
            self.push(action.when(at, Condition::Present, Why::Stale))
        };
        old.map_or(Ok(()), gone)
    }

    pub(super) fn remember(
        &mut self,
        at: usize,
        key: &str,
        what: &Remembered,
        expires_at: Timestamp,
    ) -> Result<()> {
        let key = Key::alone("ONCE", key);
        let mut item = item::new(&key, "once");
        item.insert("request".to_owned(), text(&what.request));
        item.insert("object".to_owned(), text(&what.object));
        item::expires(&mut item, expires_at);
        self.push(Action::new(key, Verb::Put(item)).when(at, Condition::Absent, Meaning::Remembered))
    }
}

/// Attempts are kept a day after their end, so that people can look at how they ended.
fn later(at: Timestamp) -> Timestamp {
    at.checked_add(Duration::from_secs(24 * 3600)).unwrap_or(at)
}
