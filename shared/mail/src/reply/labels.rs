//! The labels of header blocks, in all languages.

use std::{collections::HashMap, sync::LazyLock};

use crate::languages;

/// What a line of a block says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    From,
    /// When it was sent, in a word that nobody uses in forms.
    Sent,
    Date,
    To,
    Cc,
    Subject,
}

/// The first role of a word that has several counts: senders decide most.
const ROLES: [(&str, Role); 6] = [
    ("subject", Role::Subject),
    ("sent", Role::Sent),
    ("date", Role::Date),
    ("from", Role::From),
    ("to", Role::To),
    ("cc", Role::Cc),
];

pub(super) static LABELS: LazyLock<HashMap<&'static str, Role>> = LazyLock::new(|| {
    let mut labels = HashMap::new();
    for (language, (key, role)) in languages::all().iter().flat_map(|one| ROLES.map(|role| (one, role))) {
        language.words("header", key).for_each(|word| _ = labels.entry(word).or_insert(role));
    }
    labels
});
