//! Message-IDs (RFC 5322, section 3.6.4) for comparing.

use std::borrow::Cow;

/// An id as two of them are compared: its right side is a domain, which has no case (RFC 4343), and some programs give
/// it back in another one. The left side counts as it is.
pub fn comparable(id: &str) -> Cow<'_, str> {
    match id.rsplit_once('@') {
        Some((left, domain)) if domain.bytes().any(|b| b.is_ascii_uppercase()) => {
            Cow::Owned(format!("{left}@{}", domain.to_ascii_lowercase()))
        }
        _ => Cow::Borrowed(id),
    }
}

#[cfg(test)]
mod tests {
    use super::comparable;

    #[test]
    fn only_the_domain_has_no_case() {
        assert_eq!(comparable("CAJ=AbC@Mail.Example.COM"), "CAJ=AbC@mail.example.com");
        assert_eq!(comparable("\"A@B\"@C.Example"), "\"A@B\"@c.example");
        for same in ["CAJ=AbC@mail.example.com", "No-At-Sign", ""] {
            assert_eq!(comparable(same), same);
        }
    }
}
