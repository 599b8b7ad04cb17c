//! Under which numbers mails are looked at: a new epoch begins where they are others than before.

use crate::{
    App, Timestamp,
    error::Result,
    limits::OVERLAP,
    ports::{Change, FolderStatus, Lease, RunChange},
    types::{
        mailbox::{Counted, Cursor, Run},
        renumbering::{Renewed, RenumberingSign},
    },
};

/// The run with the cursor to go on from: the one that it has, or that of a first contact.
pub(in crate::flows) async fn begin(app: &App, run: Run, lease: &Lease, folder: FolderStatus) -> Result<Run> {
    match run.cursor {
        Some(cursor) if cursor.uid_validity != folder.uid_validity => {
            renumbered(app, run, lease, folder, RenumberingSign::Told).await
        }
        Some(cursor) if cursor.counted.is_some_and(|counted| counted.went_back(folder)) => {
            renumbered(app, run, lease, folder, RenumberingSign::WentBack).await
        }
        Some(_) => Ok(run),
        None => {
            let renewed = others_are_read(&run);
            Ok(Run { cursor: Some(first_contact(folder, renewed)), ..run })
        }
    }
}

/// The server numbered its mails anew: a new epoch, in which known mails are recognised by what they say.
pub(super) async fn renumbered(
    app: &App,
    run: Run,
    lease: &Lease,
    folder: FolderStatus,
    sign: RenumberingSign,
) -> Result<Run> {
    tracing::info!(mailbox = %run.mailbox_id, ?sign, "The mail server numbered its mails anew.");
    let change =
        RunChange { fence: Some(lease.fence), epoch: Some(run.epoch + 1), ..RunChange::of(run.mailbox_id) };
    app.write(&[Change::Run(change)]).await?;
    let before = run.cursor.and_then(|cursor| cursor.renewed).unwrap_or_default();
    let cursor = first_contact(folder, Some(before.renumbered(app.now(), sign)));
    Ok(Run { epoch: run.epoch + 1, cursor: Some(cursor), ..run })
}

/// A person chose another server, account or folder since the last complete poll. Before the first one nothing can be
/// known by its date: the first import still goes on.
fn others_are_read(run: &Run) -> Option<Renewed> {
    let since = run.last_success_at.map(|last| last.checked_sub(OVERLAP).unwrap_or(Timestamp::MIN));
    (run.epoch > 1).then(|| Renewed { since, ..Renewed::default() })
}

/// A server that does not tell UIDNEXT: everything that is listed until the first listing is complete was there before.
fn first_contact(folder: FolderStatus, renewed: Option<Renewed>) -> Cursor {
    Cursor {
        uid_validity: folder.uid_validity,
        next_uid: 1,
        import_below: folder.uid_next.unwrap_or(u32::MAX),
        counted: folder.listing.is_none().then(Counted::default),
        maildrop: None,
        renewed,
    }
}
