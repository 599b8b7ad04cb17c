//! Many messages that are worked on again.

use std::time::Duration;

use crate::{
    App, Result,
    error::Kind,
    flows::change::Deed,
    ports::MessageFilter,
    types::{
        Page, PageRequest,
        audit::Actor,
        message::{Message, MessageState, Reason},
    },
};

use super::{list, redrive::rework};

/// Messages between two looks at the clock: each may be large.
const AT_ONCE: u32 = 10;

/// What became of the messages of a redrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Redriven {
    /// Worked on again.
    pub redriven: u64,
    /// Of them, now in another state than before.
    pub changed: u64,
    /// Could not be worked on: only their header is kept, or their bytes are gone.
    pub refused: u64,
}

/// Works again on messages of a mailbox, newest first, for at most this long; then where to go on. With `reason`, only
/// on those with it.
pub async fn redrive_many(
    app: &App,
    actor: &Actor,
    filter: &MessageFilter,
    reason: Option<Reason>,
    mut cursor: Option<String>,
    time: Duration,
) -> Result<(Redriven, Option<String>)> {
    let deadline = app.after(time);
    if cursor.is_none() {
        list(app, filter, None, &PageRequest::first(1)).await?;
        Deed::new(app, actor, "messages.redriven", filter.mailbox_id).commit().await?;
    }
    let mut done = Redriven::default();
    loop {
        let page = PageRequest { cursor: cursor.take(), ..PageRequest::first(AT_ONCE) };
        let Page { items, next } = list(app, filter, None, &page).await?;
        for message in
            items.into_iter().filter(|message| reason.is_none_or(|reason| message.reason == reason))
        {
            one_of_many(app, message, &mut done).await?;
        }
        match next {
            Some(next) if !app.is_over(deadline) => cursor = Some(next),
            next => return Ok((done, next)),
        }
    }
}

async fn one_of_many(app: &App, message: Message, done: &mut Redriven) -> Result<()> {
    let before: (MessageState, Reason) = (message.state, message.reason);
    match rework(app, message, app.parse.clone(), false).await {
        Ok(after) => {
            done.redriven += 1;
            done.changed += u64::from((after.state, after.reason) != before);
        }
        Err(error) if matches!(error.kind, Kind::Conflict | Kind::NotFound) => done.refused += 1,
        Err(error) => return Err(error),
    }
    Ok(())
}
