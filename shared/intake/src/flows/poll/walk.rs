//! A folder place by place, by another command than imports list with, from its end to its beginning: so that whatever is
//! deleted meanwhile, what was not seen yet keeps a lower place than what was.

use crate::{
    ports::{Count, Listed, MailError, MailFault, MailSession},
    types::{message::ServerId, watch::Named},
};

/// Places of one step.
const WINDOW: u32 = 1000;

/// How far a walk came.
pub(super) struct Walk {
    count: Count,
    /// The places that are left lie below this one.
    below: u32,
    /// The lowest UID seen.
    above: Option<u32>,
}

/// What one step has shown.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// The mails, ascending.
    pub(super) mails: Vec<Listed>,
    /// Mails that are counted and not shown; by name where the import's own listing has them.
    pub(super) lacking: Named,
}

impl Walk {
    /// From the end of the folder, or on from below a place.
    pub(super) async fn begin(session: &mut dyn MailSession, below: Option<u32>) -> Result<Self, MailError> {
        let count = session.count().await?;
        let end = count.exists.saturating_add(1);
        Ok(Self { count, below: below.map_or(end, |below| below.min(end)), above: None })
    }

    /// Where it goes on.
    pub(super) fn below(&self) -> u32 {
        self.below
    }

    /// The next places; None at the beginning of the folder.
    pub(super) async fn step(&mut self, session: &mut dyn MailSession) -> Result<Option<Window>, MailError> {
        let to = self.below.saturating_sub(1).min(self.count.exists);
        if to == 0 {
            return Ok(None);
        }
        let from = to.saturating_sub(WINDOW - 1).max(1);
        let placed = session.at_places(from, to).await?;
        let first = placed.first().map(|placed| placed.place);
        let mails: Vec<Listed> = placed.into_iter().filter_map(|placed| placed.mail).collect();
        let mut window = Window { mails, lacking: Named::default() };
        let shown = u32::try_from(window.mails.len()).unwrap_or(u32::MAX);
        let lacking = (to - from + 1).saturating_sub(shown);
        if lacking > 0 {
            // What others deleted meanwhile is no contradiction.
            let count = session.count().await?;
            let expunged = count.expunged.saturating_sub(self.count.expunged);
            window.lacking.count = lacking.saturating_sub(expunged).into();
            self.count = count;
        }
        if window.lacking.count > 0 {
            let low = if from == 1 { Some(1) } else { window.lowest().filter(|_| first == Some(from)) };
            self.name(session, &mut window, low).await?;
        }
        self.below = from;
        self.above = window.lowest().or(self.above);
        Ok(Some(window))
    }

    /// Asks by the import's own command for the names of what lacks among the UIDs from `low` on.
    async fn name(
        &self,
        session: &mut dyn MailSession,
        window: &mut Window,
        low: Option<u32>,
    ) -> Result<(), MailError> {
        let Some(low) = low else { return Ok(()) };
        let listed = match session.list(low, self.above, 2 * WINDOW as usize).await {
            Err(error) if error.fault == MailFault::Refused => return Ok(()),
            listed => listed?,
        };
        let shown = |id: &ServerId| window.mails.iter().any(|mail| mail.server_id == *id);
        let lacking: Vec<_> = listed.into_iter().map(|mail| mail.server_id).filter(|id| !shown(id)).collect();
        lacking.iter().for_each(|id| window.lacking.name(name(id)));
        Ok(())
    }
}

impl Window {
    fn lowest(&self) -> Option<u32> {
        self.mails.iter().filter_map(|mail| mail.server_id.uid()).min()
    }
}

/// What people find a mail by: `UID 7`; by POP3 the beginning of the digest of its unique-id, as its record shows it.
pub(super) fn name(id: &ServerId) -> String {
    match id {
        ServerId::Imap { uid } => format!("UID {uid}"),
        other => other.to_string().chars().take("pop3:".len() + 12).collect(),
    }
}
