//! The records of mails that are listed.

use std::collections::BTreeSet;

use crate::{
    App, Timestamp,
    decide::Origin,
    error::Result,
    ports::Listed,
    types::message::{Message, ServerId},
};

/// Those that there are. A mail of a folder that was noted when nobody told its date has its record under the date that was
/// guessed then: when the mailbox was created here. Of a maildrop the roll keeps that date.
pub(in crate::flows) async fn records(
    app: &App,
    origin: &Origin,
    listed: &[Listed],
    guess: Timestamp,
) -> Result<Vec<Message>> {
    let ids: Vec<_> = listed.iter().map(|mail| origin.record(mail).id).collect();
    let mut records = app.store.known(&ids).await?;
    let known: BTreeSet<&ServerId> = records.iter().map(|record| &record.server_id).collect();
    let unknown = |id: &ServerId| id.uid().is_some() && !known.contains(id);
    let others = listed.iter().filter(|mail| unknown(&mail.server_id)).cloned();
    let guessed = others.map(|mail| origin.record(&Listed { received_at: Some(guess), ..mail }).id);
    let ids: Vec<_> = guessed.collect();
    if !ids.is_empty() {
        records.extend(app.store.known(&ids).await?);
    }
    Ok(records)
}
