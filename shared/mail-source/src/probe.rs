//! Trying a connection out: the same way as a poll's, with short patience and with notes.

use std::time::Duration;

use intake::{
    ports::{MailError, MailFault, MailSession, OpenedFolder, Stage},
    types::{errand::MailAction, message::ServerId},
};

use crate::{config::TimeLimits, connect::Connector, error::mail_error};

/// How long each stage may take while somebody waits for the answer.
pub(crate) const LIMITS: TimeLimits = TimeLimits {
    connect: Duration::from_secs(4),
    handshake: Duration::from_secs(4),
    sign_in: Duration::from_secs(8),
    idle: Duration::from_secs(4),
    open: Duration::from_secs(20),
    close: Duration::from_secs(1),
};
/// The newest mails among which one is looked for, as far as UIDs tell.
const WINDOW: u32 = 500;

/// Looks at what a poll would read of an opened folder, and at what would follow an import.
pub(crate) async fn look(
    connector: &Connector,
    OpenedFolder { mut session, status }: OpenedFolder,
    after_import: Option<&MailAction>,
) -> Result<(), MailError> {
    connector.note(|seen| seen.folder = Some(status));
    connector.reached(Stage::Header);
    if status.exists > 0 {
        let header = header(&mut *session, status.uid_next).await?;
        connector.note(|seen| seen.header = header);
    }
    connector.reached(Stage::AfterImport);
    if let Some(action) = after_import {
        let prospect = session.half().folder()?.foresee(action).await?;
        connector.note(|seen| seen.prospect = Some(prospect));
    }
    session.close().await;
    Ok(())
}

/// How many bytes the header of one mail has: one of the newest, so that a large folder is not listed whole.
async fn header(session: &mut dyn MailSession, uid_next: Option<u32>) -> Result<Option<u64>, MailError> {
    let from = uid_next.map_or(1, |next| next.saturating_sub(WINDOW).max(1));
    let mut listed = session.list(from, None, WINDOW as usize).await?;
    if listed.is_empty() && from > 1 {
        listed = session.list(1, None, 1).await?;
    }
    let found: Option<ServerId> = match listed.pop() {
        Some(mail) => Some(mail.server_id),
        // What it tells as UIDNEXT may be wrong.
        None => session.half().folder()?.find(None, None).await?.pop(),
    };
    let Some(id) = found else {
        let context = "read a header: the server counts mails and shows none";
        return Err(mail_error(MailFault::Protocol, context));
    };
    Ok(session.fetch_header(&id).await?.map(|header| header.len() as u64))
}
