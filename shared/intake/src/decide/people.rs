//! Who counts as the writer of a mail, and who watches what it becomes.

use crate::{
    limits::{MAX_WATCHER, MAX_WATCHERS},
    types::issue::Person,
};

use super::{handlers::without_sub_address, rules::Understood, text::shown};

/// Who counts as its writer.
pub(crate) fn writer(mail: &Understood) -> Person {
    match mail.route.reporter(&mail.mail, mail.to.as_deref()) {
        Some(from) => {
            Person { name: shown(from.name.as_deref().unwrap_or_default()), address: shown(&from.address) }
        }
        None => Person {
            name: String::new(),
            address: mail.route.set.default_reporter.clone().unwrap_or_default(),
        },
    }
}

/// Who forwarded it, and the addresses of Cc, but for the mailbox's own.
pub(crate) fn watchers(mail: &Understood) -> Vec<String> {
    let is_own = |address: &str| mail.to.as_deref() == Some(&without_sub_address(address));
    let mut watchers: Vec<String> = Vec::new();
    let cc = mail.mail.cc.iter().filter(|_| mail.route.set.watchers_from_cc == Some(true));
    let forwarder = mail.route.forwarder(&mail.mail, mail.to.as_deref());
    let all = forwarder.into_iter().chain(cc).map(|address| address.address.to_lowercase());
    for address in all.filter(|address| address.len() <= MAX_WATCHER) {
        if watchers.len() < MAX_WATCHERS && !watchers.contains(&address) && !is_own(&address) {
            watchers.push(address);
        }
    }
    watchers
}
