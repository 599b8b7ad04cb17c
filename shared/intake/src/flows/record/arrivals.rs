//! The mails that came before: what limits of rate look at.

use std::pin::pin;

use futures::TryStreamExt;

use crate::{
    App, Timestamp,
    decide::Rates,
    error::Result,
    lists,
    ports::MessageFilter,
    types::{ids::MailboxId, message::Message, policy::RateLimits},
};

/// Records of one page.
const PAGE: u32 = 200;

/// Reads the records of the mails that came within an hour before `first`, as many as the limits look at.
pub(in crate::flows) async fn rates_before(
    app: &App,
    mailbox: MailboxId,
    limits: RateLimits,
    first: Timestamp,
) -> Result<Rates> {
    let most = limits.per_mailbox.max(limits.per_sender).max(limits.per_thread).min(RateLimits::MAX) as usize;
    let since = Rates::since(first);
    let filter = &MessageFilter { mailbox_id: mailbox, state: None };
    let mut parts = pin!(lists::parts(PAGE, |page| async move { app.store.messages(filter, &page).await }));
    let (mut came, mut looked, mut all_newer) = (Vec::new(), 0, true);
    // Newest first: the next part is older still.
    while all_newer
        && came.len() < most
        && looked < RateLimits::MAX as usize
        && let Some(records) = parts.try_next().await?
    {
        looked += records.len();
        let is_newer = |message: &Message| message.received_at > since;
        all_newer = records.iter().all(is_newer);
        came.extend(records.into_iter().filter(|m| is_newer(m) && Rates::counts(m)));
    }
    Ok(Rates::of(limits, came))
}
