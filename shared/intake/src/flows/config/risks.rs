//! What a change would break. Each risk is a sentence for whoever decides about it.

use crate::{
    Sentence,
    flows::mailboxes::Shown,
    types::{
        integration::Integration,
        mailbox::{MailAuth, Mailbox},
    },
};

/// A mailbox that is polled, and is led elsewhere.
pub fn of_mailbox(old: &Shown, new: &Shown) -> Vec<Sentence> {
    if !is_polled(old) {
        return Vec::new();
    }
    let (was, is) = (&old.mailbox, &new.mailbox);
    let mut moved = Vec::new();
    let mut note = |what, changed| {
        if changed {
            moved.push(what);
        }
    };
    note("protocol", was.server.protocol != is.server.protocol);
    note("host", was.server.host != is.server.host);
    note("port", was.server.port != is.server.port);
    note("tls", was.server.tls != is.server.tls);
    note("folder", was.folder != is.folder);
    note("method", is_oauth(was) != is_oauth(is));
    note("integration", was.integration_id() != is.integration_id() && is_oauth(was) == is_oauth(is));
    note("account", differs(old.username.as_deref(), new.username.as_deref()));
    moved.into_iter().map(|what| Sentence::new("risk.polled").with("what", what)).collect()
}

fn is_polled(shown: &Shown) -> bool {
    shown.mailbox.enabled && shown.run.cursor.is_some()
}

fn is_oauth(mailbox: &Mailbox) -> bool {
    matches!(mailbox.auth, MailAuth::OAuth2 { .. })
}

fn differs(before: Option<&str>, after: Option<&str>) -> bool {
    !before.unwrap_or_default().eq_ignore_ascii_case(after.unwrap_or_default())
}

/// An integration with signed-in accounts or mailboxes, whose consents would end.
pub fn of_integration(
    old: &Integration,
    new: &Integration,
    mailboxes: usize,
    accounts: usize,
) -> Vec<Sentence> {
    if mailboxes == 0 && accounts == 0 {
        return Vec::new();
    }
    let risk = |key| Sentence::new(key).around(users(mailboxes, accounts));
    let mut risks = Vec::new();
    if old.endpoints.token != new.endpoints.token {
        risks.push(risk("risk.token_endpoint"));
    } else if old.endpoints.authorization != new.endpoints.authorization {
        risks.push(risk("risk.authorization_endpoint"));
    }
    if old.client_id != new.client_id {
        risks.push(risk("risk.client_id"));
    }
    risks
}

fn users(mailboxes: usize, accounts: usize) -> Sentence {
    let (key, count) = match mailboxes {
        0 => ("field.users.accounts", accounts),
        n => ("field.users.mailboxes", n),
    };
    Sentence::new(key).with("count", count)
}

/// A mailbox that would be deleted with its mails.
pub fn of_deleted_mailbox(old: &Shown) -> Option<Sentence> {
    let seen = old.run.cursor.is_some() || old.run.last_success_at.is_some();
    seen.then(|| Sentence::new("risk.deleted_mailbox"))
}

/// An integration that would be deleted with its signed-in accounts.
pub fn of_deleted_integration(accounts: usize) -> Option<Sentence> {
    (accounts > 0).then(|| Sentence::new("risk.deleted_integration").around(users(0, accounts)))
}
