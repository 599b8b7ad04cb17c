//! Mail that came through a mailing list (RFC 2369, RFC 2919, and the fields of list programs).
//!
//! `List-Unsubscribe` alone makes none: shops and newsletters set it, as mail providers ask of them.

use super::{
    kinds::Kind,
    seen::Seen,
    verdict::{self, Verdict},
};

/// Fields that list programs set.
const FIELDS: &[&str] = &[
    "list-id",
    "list-post",
    "list-archive",
    "list-subscribe",
    "list-owner",
    "mailing-list",
    "x-mailing-list",
    "x-mailinglist",
    "x-beenthere",
    "x-mailman-version",
    "x-listname",
    "x-list-id",
    "x-listserver",
    "x-listprocessor-version",
    "x-listar-version",
    "x-ecartis-version",
    "x-ml-name",
    "x-ml-count",
    "x-ml-info",
    "x-mlserver",
    "x-google-group-id",
];

pub(super) fn look(seen: &Seen<'_>, kind: &mut Kind) {
    for name in FIELDS {
        if let Some(value) = seen.header(name).filter(|value| !value.trim().is_empty() && !is_no(name, value))
        {
            verdict::add(&mut kind.list_mail, Verdict::certain(format!("{name}: {value}")));
        }
    }
    let precedence = seen.lower("precedence");
    let by_owner = precedence == "bulk" && seen.lower("sender").starts_with("owner-");
    if precedence == "list" || by_owner {
        verdict::add(&mut kind.list_mail, Verdict::certain(format!("precedence: {precedence}")));
    }
}

/// `List-Post: NO` (RFC 2369, section 3.4): a list to which nobody may write.
fn is_no(name: &str, value: &str) -> bool {
    name == "list-post" && value.trim().to_ascii_lowercase().starts_with("no")
}
