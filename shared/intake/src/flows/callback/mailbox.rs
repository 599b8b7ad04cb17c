//! The mailbox that a consent is for. It belongs to the account that it is read with: another one never takes it over,
//! because then that account's mails would become issues. Who wants that chooses the other account for the mailbox.

use super::{
    identity::{self, Account, Whose},
    refusal::Refusal,
};
use crate::{
    App,
    error::{Error, Kind},
    flows::{mailboxes::is_another_user, waiting},
    ports::{Change, RunChange, Write},
    types::{
        attempt::Attempt,
        grant::Grant,
        ids::GrantId,
        mailbox::{MailAuth, Mailbox, Run},
    },
};

/// A mailbox that is going to be read with a grant.
pub(super) struct Connected {
    old: Mailbox,
    run: Run,
    /// Whose it was is not known, or it was another user's: its cursor says nothing any more.
    another: bool,
}

/// The mailbox of the attempt, unless this grant is its own already. What is found here is what is committed: the commit
/// is refused where the mailbox was changed in between.
pub(super) async fn find(
    app: &App,
    attempt: &Attempt,
    grant: Option<&Grant>,
    account: Option<&Account>,
) -> Result<Option<Connected>, Refusal> {
    let Some(id) = attempt.mailbox_id else { return Ok(None) };
    let Some((old, run)) = app.store.mailbox_and_run(id).await? else { return Ok(None) };
    let MailAuth::OAuth2 { integration_id, grant_id, username } = &old.auth else { return Ok(None) };
    if *integration_id != attempt.integration_id {
        return Err(mailbox_changed().into());
    }
    if grant_id.is_some() && *grant_id == grant.map(|grant| grant.id) {
        return Ok(None);
    }
    let another = match (grant_id, username) {
        // The mailbox was named by hand: whoever may open it, opens the same one.
        (Some(_), Some(_)) => false,
        (None, Some(name)) => is_another_user(old.known_as.as_deref(), Some(name), false),
        (Some(present), None) => takes_over(app.store.grant(*present).await?.as_ref(), account)?,
        (None, None) => waits_for(old.known_as.as_deref(), account)?,
    };
    Ok(Some(Connected { old, run, another }))
}

/// Whether the mailbox of a grant begins anew with this account: only where nobody knows whose it was.
fn takes_over(present: Option<&Grant>, account: Option<&Account>) -> Result<bool, Refusal> {
    let Some(present) = present else { return Ok(true) };
    let known = present.account.as_deref();
    match identity::whose(present, account) {
        Whose::Same => Ok(known.is_none() && present.subject.is_none()),
        Whose::Another => Err(identity::wrong_account("wrong_account.mailbox", account, known)),
        Whose::Untold => Err(identity::account_unknown("account_unknown.mailbox", known)),
    }
}

/// The same for a mailbox that waits: what is known of it may be a login name, which is written differently.
fn waits_for(known: Option<&str>, account: Option<&Account>) -> Result<bool, Refusal> {
    if !known.is_some_and(|known| known.contains('@')) {
        return Ok(false);
    }
    match account.and_then(|account| account.address.as_deref()) {
        None => Err(identity::account_unknown("account_unknown.mailbox", known)),
        address if is_another_user(known, address, false) => {
            Err(identity::wrong_account("wrong_account.mailbox", account, known))
        }
        Some(_) => Ok(false),
    }
}

fn mailbox_changed() -> Error {
    Error::told(Kind::Conflict, "mailbox_changed")
}

impl Connected {
    /// The mailbox gets the grant; its state is told anew at the next poll.
    pub(super) fn with(self, app: &App, grant: GrantId) -> Vec<Change> {
        let Self { old, run, another } = self;
        let mut new =
            Mailbox { version: old.version.next(), known_as: None, updated_at: app.now(), ..old.clone() };
        if let MailAuth::OAuth2 { grant_id, .. } = &mut new.auth {
            *grant_id = Some(grant);
        }
        let shown = RunChange {
            status: Some(waiting::after_consent(&run)),
            last_error: Some(None),
            not_before: Some(app.now()),
            // Another account is another mailbox: mails are recognised by what they say.
            epoch: another.then(|| run.epoch + 1),
            ..RunChange::of(old.id)
        };
        vec![Change::Mailbox(Write::Replace { new, old }), Change::Run(shown)]
    }
}
