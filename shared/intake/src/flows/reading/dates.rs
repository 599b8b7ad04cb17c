//! Mails of which the server tells no date that can be read: their header dates them, as with POP3.

use std::collections::{BTreeMap, BTreeSet};

use tokio::sync::mpsc;

use crate::{
    Timestamp,
    limits::READ_AHEAD,
    ports::{Fetched, Listed, MailError, MailSession, received_at},
    types::message::ServerId,
};

/// Dates what has no date: by its header, else by the guess, which those that are not to be asked get at once. An error
/// names the mail at which it came.
pub(in crate::flows) async fn date(
    session: &mut dyn MailSession,
    mut listed: Vec<Listed>,
    guess: Timestamp,
    unasked: &BTreeSet<ServerId>,
) -> Result<Vec<Listed>, (Option<ServerId>, MailError)> {
    let undated = listed.iter().filter(|mail| mail.received_at.is_none());
    let undated = undated.map(|mail| mail.server_id.clone()).filter(|id| !unasked.contains(id));
    let undated: Vec<ServerId> = undated.collect();
    let mut told: BTreeMap<ServerId, Timestamp> = BTreeMap::new();
    let read = read_dates(session, &undated, |id, at| {
        told.insert(id, at.unwrap_or(guess));
    });
    if let Err(error) = read.await {
        return Err((undated.into_iter().find(|id| !told.contains_key(id)), error));
    }
    for mail in listed.iter_mut().filter(|mail| mail.received_at.is_none()) {
        mail.received_at = Some(told.get(&mail.server_id).copied().unwrap_or(guess));
    }
    Ok(listed)
}

/// Reads the headers of these mails and notes when each was received; None where its header does not tell.
pub(in crate::flows) async fn read_dates(
    session: &mut dyn MailSession,
    ids: &[ServerId],
    mut note: impl FnMut(ServerId, Option<Timestamp>) + Send,
) -> Result<(), MailError> {
    let note = |header: Fetched| note(header.server_id, header.raw.as_deref().and_then(received_at));
    read_headers(session, ids, note).await
}

/// Reads the headers of these mails.
pub(in crate::flows) async fn read_headers(
    session: &mut dyn MailSession,
    ids: &[ServerId],
    mut note: impl FnMut(Fetched) + Send,
) -> Result<(), MailError> {
    if ids.is_empty() {
        return Ok(());
    }
    let (sender, mut receiver) = mpsc::channel::<Fetched>(READ_AHEAD);
    let noting = async {
        while let Some(header) = receiver.recv().await {
            note(header);
        }
    };
    tokio::join!(session.fetch_headers(ids, sender), noting).0
}

/// The date of mails whose header cannot be read: in whole seconds, as the roll keeps it.
pub(in crate::flows) fn guess(created_at: Timestamp) -> Timestamp {
    Timestamp::from_second(created_at.as_second()).unwrap_or(created_at)
}
