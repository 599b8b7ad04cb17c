//! Whether two domains belong to one organisation.
//!
//! Without the list of public suffixes, which is large and grows old, a stricter rule than that of RFC 7489,
//! section 3.1.1: the domains are equal, or one lies below the other. `a.example.com` and `b.example.com` do not
//! align. Names under which anyone registers a domain align with nothing but themselves.

/// Second labels below which countries let register.
const SECOND_LEVEL: [&str; 24] = [
    "ac", "asso", "asn", "biz", "co", "com", "ed", "edu", "firm", "gen", "go", "gob", "gouv", "gov", "gv",
    "id", "ltd", "me", "mil", "ne", "net", "nom", "or", "org",
];

/// Relaxed alignment; case does not count.
pub(super) fn aligned(one: &str, other: &str) -> bool {
    let (one, other) = (normal(one), normal(other));
    let (short, long) = if one.len() <= other.len() { (&one, &other) } else { (&other, &one) };
    !short.is_empty() && (short == long || below(long, short) && !is_public(short))
}

/// Whether `host` is `parent` or lies below it.
pub(super) fn is_within(host: &str, parent: &str) -> bool {
    let (host, parent) = (normal(host), normal(parent));
    !parent.is_empty() && (host == parent || below(&host, &parent) && !is_public(&parent))
}

/// The hosts beside this one: its domain without the first label, if anyone can own that.
pub(super) fn parent(host: &str) -> Option<&str> {
    let (_, parent) = host.trim_end_matches('.').split_once('.')?;
    (!is_public(&normal(parent))).then_some(parent)
}

fn normal(domain: &str) -> String {
    domain.trim().trim_end_matches('.').to_lowercase()
}

fn below(long: &str, short: &str) -> bool {
    long.strip_suffix(short).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
}

fn is_public(domain: &str) -> bool {
    match domain.split('.').collect::<Vec<_>>().as_slice() {
        [_] => true,
        [second, top] => top.len() == 2 && (SECOND_LEVEL.contains(second) || second.len() == 1),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_that_align() {
        for (one, other, expected) in [
            ("example.com", "Example.COM", true),
            ("mail.example.com", "example.com", true),
            ("example.com", "a.b.example.com.", true),
            ("a.example.com", "b.example.com", false),
            ("example.com", "badexample.com", false),
            ("example.com", ".example.com", false),
            ("example.com.evil.example", "example.com", false),
            ("co.uk", "evil.co.uk", false),
            ("shop.co.uk", "mail.shop.co.uk", true),
            ("com", "example.com", false),
            ("", "example.com", false),
            ("", "", false),
        ] {
            assert_eq!(aligned(one, other), expected, "{one} {other}");
            assert_eq!(aligned(other, one), expected, "{other} {one}");
        }
        assert_eq!(parent("mx.example.org"), Some("example.org"));
        assert_eq!(parent("example.org"), None);
    }
}
