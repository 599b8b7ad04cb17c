//! What a change would break. Each risk is a sentence for whoever decides about it.

use crate::{
    flows::mailboxes::Shown,
    types::{
        integration::Integration,
        mailbox::{MailAuth, Mailbox},
    },
};

/// A mailbox that is polled, and is led elsewhere.
pub fn of_mailbox(old: &Shown, new: &Shown) -> Vec<String> {
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
    let sentence = |what: &str| format!("It is polled, and its {what} would change.");
    moved.into_iter().map(sentence).collect()
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
) -> Vec<String> {
    if mailboxes == 0 && accounts == 0 {
        return Vec::new();
    }
    let used = users(mailboxes, accounts);
    let mut risks = Vec::new();
    if old.endpoints.token != new.endpoints.token {
        risks.push(format!(
            "{used}, and its token endpoint would change: every account has to consent again."
        ));
    } else if old.endpoints.authorization != new.endpoints.authorization {
        risks.push(format!("{used}, and its authorization endpoint would change."));
    }
    if old.client_id != new.client_id {
        risks.push(format!(
            "{used}, and its client ID would change: consents belong to the client they were given to."
        ));
    }
    risks
}

fn users(mailboxes: usize, accounts: usize) -> String {
    let some = |n, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    match (mailboxes, accounts) {
        (0, n) => format!("It has {}", some(n, "signed-in account", "signed-in accounts")),
        (n, _) => format!("It is used by {}", some(n, "mailbox", "mailboxes")),
    }
}

/// A mailbox that would be deleted with its mails.
pub fn of_deleted_mailbox(old: &Shown) -> Option<String> {
    let seen = old.run.cursor.is_some() || old.run.last_success_at.is_some();
    seen.then(|| "It would be deleted, with the raw mails that it imported; issues stay.".to_owned())
}

/// An integration that would be deleted with its signed-in accounts.
pub fn of_deleted_integration(accounts: usize) -> Option<String> {
    (accounts > 0).then(|| format!("{}, which would be signed out.", users(0, accounts)))
}
