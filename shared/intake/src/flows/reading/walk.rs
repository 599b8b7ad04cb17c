//! A folder place by place, by another command than imports list with, from its end to its beginning: so that whatever is
//! deleted meanwhile, what was not seen yet keeps a lower place than what was.

use crate::{
    limits::WINDOW,
    ports::{Count, Listed, MailError, MailFault, MailSession},
    types::{message::ServerId, watch::Named},
};

/// How far a walk came.
pub(in crate::flows) struct Walk {
    count: Count,
    /// The places that are left lie below this one.
    below: u32,
    /// The lowest UID seen.
    above: Option<u32>,
}

/// What one step has shown.
#[derive(Debug, Default)]
pub(in crate::flows) struct Window {
    /// The mails, ascending.
    pub(in crate::flows) mails: Vec<Listed>,
    /// Mails that are counted and not shown; by name where the import's own listing has them.
    pub(in crate::flows) lacking: Named,
}

impl Walk {
    /// From the end of the folder, or on from below a place.
    pub(in crate::flows) async fn begin(
        session: &mut dyn MailSession,
        below: Option<u32>,
    ) -> Result<Self, MailError> {
        let count = session.count().await?;
        let end = count.exists.saturating_add(1);
        Ok(Self { count, below: below.map_or(end, |below| below.min(end)), above: None })
    }

    /// Where it goes on.
    pub(in crate::flows) fn below(&self) -> u32 {
        self.below
    }

    /// The next places; None at the beginning of the folder.
    pub(in crate::flows) async fn step(
        &mut self,
        session: &mut dyn MailSession,
    ) -> Result<Option<Window>, MailError> {
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
pub(in crate::flows) fn name(id: &ServerId) -> String {
    match id {
        ServerId::Imap { uid } => format!("UID {uid}"),
        other => other.to_string().chars().take("pop3:".len() + 12).collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use async_trait::async_trait;
    use bytes::Bytes;
    use tokio::sync::mpsc;

    use super::*;
    use crate::ports::{Fetched, Half, Placed};

    /// A folder whose mails have twice their first place as UID.
    #[derive(Default)]
    struct Folder {
        uids: Vec<u32>,
        hidden: BTreeSet<u32>,
        /// Deleted by others behind this many steps, and told with the next count.
        deleted: Vec<u32>,
        expunged: u32,
        most: usize,
    }

    impl Folder {
        fn of(count: u32) -> Self {
            Self { uids: (1..=count).map(|place| 2 * place).collect(), ..Self::default() }
        }
    }

    fn listed(uid: u32) -> Listed {
        Listed { server_id: ServerId::Imap { uid }, size: 1, received_at: None }
    }

    #[async_trait]
    impl MailSession for Folder {
        fn half(&mut self) -> Half<'_> {
            unreachable!("a walk asks for what both protocols can")
        }

        async fn count(&mut self) -> Result<Count, MailError> {
            let before = self.uids.len();
            let deleted = std::mem::take(&mut self.deleted);
            self.uids.retain(|uid| !deleted.contains(uid));
            self.expunged += u32::try_from(before - self.uids.len()).unwrap();
            Ok(Count { exists: u32::try_from(self.uids.len()).unwrap(), expunged: self.expunged })
        }

        async fn at_places(&mut self, from: u32, to: u32) -> Result<Vec<Placed>, MailError> {
            assert!(from <= to && to as usize <= self.uids.len(), "{from}:{to} of {}", self.uids.len());
            self.most = self.most.max((to - from + 1) as usize);
            let at = |place: u32| (place, self.uids[place as usize - 1]);
            let shown = (from..=to).map(at).filter(|(_, uid)| !self.hidden.contains(uid));
            let shown = shown.filter(|(_, uid)| !self.deleted.contains(uid));
            Ok(shown.map(|(place, uid)| Placed { place, mail: Some(listed(uid)) }).collect())
        }

        async fn list(&mut self, from: u32, to: Option<u32>, limit: usize) -> Result<Vec<Listed>, MailError> {
            let within = |uid: &u32| *uid >= from && to.is_none_or(|to| *uid < to);
            Ok(self.uids.iter().copied().filter(within).take(limit).map(listed).collect())
        }

        async fn fetch(&mut self, _: &[ServerId], _: mpsc::Sender<Fetched>) -> Result<(), MailError> {
            Ok(())
        }

        async fn fetch_headers(&mut self, _: &[ServerId], _: mpsc::Sender<Fetched>) -> Result<(), MailError> {
            Ok(())
        }

        async fn fetch_piece(&mut self, _: &ServerId, _: u64, _: u32) -> Result<Option<Bytes>, MailError> {
            Ok(None)
        }

        async fn fetch_header(&mut self, _: &ServerId) -> Result<Option<Bytes>, MailError> {
            Ok(None)
        }

        async fn close(self: Box<Self>) {}
    }

    /// All that a walk shows, and what lacks.
    async fn walked(folder: &mut Folder, below: Option<u32>) -> (Vec<u32>, Named) {
        let (mut walk, mut seen, mut lacking) =
            (Walk::begin(folder, below).await.unwrap(), Vec::new(), Named::default());
        while let Some(window) = walk.step(folder).await.unwrap() {
            seen.extend(window.mails.iter().filter_map(|mail| mail.server_id.uid()));
            lacking.count += window.lacking.count;
            window.lacking.first.iter().for_each(|name| lacking.name(name));
        }
        seen.sort_unstable();
        (seen, lacking)
    }

    #[tokio::test]
    async fn a_walk_sees_each_mail_once_in_windows() {
        for count in [0, 1, 999, 1000, 1001, 2500, 100_000] {
            let mut folder = Folder::of(count);
            let (seen, lacking) = walked(&mut folder, None).await;
            assert_eq!((seen, lacking), (folder.uids.clone(), Named::default()), "{count}");
            assert!(folder.most <= WINDOW as usize);
        }
    }

    #[tokio::test]
    async fn what_is_counted_and_not_shown_lacks_by_name() {
        let mut folder = Folder::of(2500);
        folder.hidden = [2, 2998, 3000, 5000].into();
        let (seen, lacking) = walked(&mut folder, None).await;
        assert_eq!((seen.len(), lacking.count), (2496, 4));
        assert_eq!(lacking.first.iter().collect::<BTreeSet<_>>().len(), 4, "{lacking:?}");
    }

    #[tokio::test]
    async fn what_others_delete_meanwhile_lacks_nowhere_and_hides_nothing() {
        let mut folder = Folder::of(2500);
        let mut walk = Walk::begin(&mut folder, None).await.unwrap();
        walk.step(&mut folder).await.unwrap();
        let below = walk.below();
        folder.deleted = vec![10, 20, 2000, 4000];
        let left = walk.step(&mut folder).await.unwrap().unwrap();
        assert_eq!(left.lacking.count, 0);
        // The next session goes on there: all that was not seen lies below.
        folder.deleted = vec![30];
        let (seen, lacking) = walked(&mut folder, Some(below)).await;
        let unseen = folder.uids.iter().filter(|uid| **uid < 2 * below).count();
        assert_eq!((seen.iter().filter(|uid| **uid < 2 * below).count(), lacking.count), (unseen, 0));
    }
}
