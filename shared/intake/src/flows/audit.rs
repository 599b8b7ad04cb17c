//! The audit trail: read, and what is noted in it although it changes no configuration.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{
    App, Error, Result, failed,
    flows::change::{Deed, Undone},
    ports::{Change, Remembered, Why},
    types::{
        Page, PageRequest,
        audit::{Actor, AuditEntry, AuditFilter, Origin, Via},
    },
};

/// The audit trail, newest first.
pub async fn list(app: &App, filter: &AuditFilter, page: &PageRequest) -> Result<Page<AuditEntry>> {
    app.store.audit(filter, app.now(), page).await
}

/// Notes that somebody asked for something that takes many steps: before the first.
pub async fn asked(app: &App, actor: &Actor, action: &str, subject: impl ToString) -> Result<()> {
    Deed::new(app, actor, action, subject).commit().await?;
    Ok(())
}

/// Sign-ins that were refused: one entry for each network and way in a quarter of an hour, so that whoever guesses
/// tokens fills no table.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<BTreeMap<(Via, String), i64>>);

impl Refusals {
    /// The length of a window, in seconds.
    const WINDOW: i64 = 15 * 60;
    /// The most networks that one process notes in a window.
    const MOST: usize = 200;

    /// Notes one. It changes no answer: a fault of the store is told to the log.
    pub async fn note(&self, app: &App, from: Origin) {
        let network = from.network().unwrap_or_else(|| "-".to_owned());
        let window = app.now().as_second() / Self::WINDOW;
        if !self.is_first(from.via, &network, window) {
            return;
        }
        // Other processes see the same network: the store keeps one entry of them.
        let key = app.mac.tag("sign-in-refused", &format!("{window} {} {network}", from.via.as_str()));
        let end = Duration::from_secs(2 * Self::WINDOW.unsigned_abs());
        let once = Change::Remember {
            key,
            what: Remembered { request: String::new(), object: network.clone() },
            expires_at: app.after(end),
        };
        let deed = Deed::new(app, &Actor::unknown(from), "sign_in.refused", network).change(once);
        match deed.commit().await {
            Ok(_) | Err(Undone::Refused(Why::Exists | Why::Remembered(_))) => {}
            Err(undone) => failed!(warn, Error::from(undone), "A refused sign-in could not be noted."),
        }
    }

    fn is_first(&self, via: Via, network: &str, window: i64) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|_, at| *at == window);
        seen.len() < Self::MOST && seen.insert((via, network.to_owned()), window).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_are_noted_once_a_window_and_not_without_end() {
        let refusals = Refusals::default();
        assert!(refusals.is_first(Via::ApiToken, "192.0.2.0/24", 1));
        assert!(!refusals.is_first(Via::ApiToken, "192.0.2.0/24", 1));
        assert!(refusals.is_first(Via::Page, "192.0.2.0/24", 1));
        assert!(refusals.is_first(Via::ApiToken, "192.0.2.0/24", 2));
        let noted = (0..1_000).filter(|n| refusals.is_first(Via::ApiToken, &format!("{n}"), 2)).count();
        assert_eq!(noted, Refusals::MOST - 1);
    }
}
