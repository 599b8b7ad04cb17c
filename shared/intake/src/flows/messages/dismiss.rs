//! Held mails that a person decides to leave out: they become nothing, and can be worked on again like any other.

use crate::{
    App, Sentence,
    decide::note_errand,
    error::{Error, Kind, Result},
    flows::change::{Deed, Undone},
    ports::{Change, Listed, Why},
    types::{
        audit::Actor,
        errand::AfterImport,
        ids::MessageId,
        message::{Message, MessageState, Reason, TraceStep},
    },
};

use super::{
    get,
    redrive::{check_raw, origin_of},
};

/// Dismisses a held mail: its record says so and by whom, its raw mail stays, and what its mailbox does to mails that are
/// left out is done to it as well.
pub async fn dismiss(app: &App, actor: &Actor, id: MessageId) -> Result<Message> {
    let held = get(app, id).await?;
    if held.state != MessageState::Held {
        return Err(Error::told(Kind::Conflict, "not_held"));
    }
    let mut message = Message {
        state: MessageState::Skipped,
        reason: Reason::Dismissed,
        held_for: Some(held.reason),
        ..held.clone()
    };
    let step = Sentence::new("trace.dismissed").with("person", &actor.name);
    message.trace.push(TraceStep::told("dismissed", step));
    let errand = errand_of(app, &held, &mut message).await?;
    let deed = Deed::new(app, actor, "message.dismissed", id).changes(errand);
    let record = Change::Message { message: Box::new(message.clone()), expected: Some(held.state) };
    match deed.change(record).commit().await {
        Ok(_) => Ok(message),
        // Somebody else was faster.
        Err(Undone::Refused(Why::Exists)) => Err(Error::told(Kind::Conflict, "not_held")),
        Err(undone) => Err(undone.into()),
    }
}

/// What is to be done to it on its server, as with other mails that are left out: never where its bytes are not all here,
/// and only where it still lies where its record says.
async fn errand_of(app: &App, held: &Message, message: &mut Message) -> Result<Option<Change>> {
    if check_raw(held).is_err() {
        return Ok(None);
    }
    let (origin, uid_validity) = origin_of(app, held).await?;
    let Some(uid_validity) = uid_validity else { return Ok(None) };
    message.after_import = origin.after_import.map(AfterImport::pending);
    Ok(note_errand(message, &Listed::from(held), uid_validity))
}
