//! Reply tokens: what we put into Reply-To and Message-ID so that an answer finds its issue, and nobody else can.
//!
//! `sup-42-5t0c8e9w7k2m4q6r`: the issue key, a hyphen, and 80 bits of HMAC-SHA-256 over it, base32. It holds the key,
//! so it is checked without a look-up. Some servers change the case of local parts, so case does not count.

use std::fmt;

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};

use crate::{Mail, decode::address::addresses_of};

use super::key::is_issue_key;

/// Of the keyed hash, 80 bits: guessing one right in 2^80.
const TAG_BYTES: usize = 10;
/// The same in base32.
const TAG_CHARS: usize = 16;
/// Longest token, characters: a local part may have 64.
const MAX_TOKEN: usize = 40;
/// Digits and letters without i, l, o and u, which look like others (Crockford's base32).
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// What the keyed hash is for, so that the key can serve nothing else by mistake.
const PURPOSE: &[u8] = b"maildocket reply token 1\0";
/// Fields that may hold the address to which an answer was sent. In lower case.
const ADDRESS_FIELDS: [&str; 7] =
    ["to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-forwarded-to"];
/// Of one mail, addresses that are looked at.
const MAX_LOOKED_AT: usize = 500;

/// The secret by which tokens are made and checked. Not shown by `Debug`, not serialised.
#[derive(Clone)]
pub struct ReplyKey(hmac::Key);

impl ReplyKey {
    /// From 32 random bytes.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// The token of an issue such as `SUP-42`: at most 40 characters of `a-z`, `0-9`, `_` and `-`. None if that is no
    /// issue key.
    pub fn token(&self, issue: &str) -> Option<String> {
        is_issue_key(issue).then(|| format!("{}-{}", issue.to_ascii_lowercase(), self.tag(issue)))
    }

    /// The issue of a token; none if it was not made with this key.
    pub fn verify(&self, token: &str) -> Option<String> {
        if token.len() > MAX_TOKEN || !token.is_ascii() {
            return None;
        }
        let (issue, tag) = token.rsplit_once('-')?;
        let issue = issue.to_ascii_uppercase();
        let expected = self.tag(&issue);
        let same = verify_slices_are_equal(expected.as_bytes(), tag.to_ascii_lowercase().as_bytes());
        (same.is_ok() && is_issue_key(&issue)).then_some(issue)
    }

    /// `support@example.org` as `support+TOKEN@example.org`. None if the issue or mailbox is none, or the local part
    /// grew above 64 characters.
    pub fn reply_address(&self, mailbox: &str, issue: &str) -> Option<String> {
        let (local, domain) = mailbox.rsplit_once('@')?;
        let local = format!("{local}+{}", self.token(issue)?);
        (local.len() <= 64 && !domain.is_empty() && !local.starts_with('+'))
            .then(|| format!("{local}@{domain}"))
    }

    /// A Message-ID without angle brackets: `TOKEN.N@domain`. `n` tells the mails of one issue apart.
    pub fn message_id(&self, issue: &str, n: u64, domain: &str) -> Option<String> {
        Some(format!("{}.{n}@{domain}", self.token(issue)?))
    }

    /// The issue that a mail answers: by the address to which it was sent, else by the newest of our Message-IDs that
    /// it refers to, else, for a bounce, by that of the mail that came back.
    pub fn issue_of(&self, mail: &Mail) -> Option<String> {
        let sent_to = mail.headers.iter().filter(|(name, _)| ADDRESS_FIELDS.contains(&name.as_str()));
        let sent_to = sent_to.flat_map(|(_, value)| addresses_of(value.as_bytes()));
        let by_address = sent_to.take(MAX_LOOKED_AT).find_map(|to| self.issue_of_address(&to.address));
        let returned = &mail.kind.returned_message_id;
        let ids = mail.in_reply_to.iter().chain(mail.references.iter().rev()).take(MAX_LOOKED_AT);
        by_address.or_else(|| ids.chain(returned).find_map(|id| self.issue_of_id(id)))
    }

    /// The issue of an address made by [`Self::reply_address`].
    pub fn issue_of_address(&self, address: &str) -> Option<String> {
        let (local, _) = address.rsplit_once('@')?;
        local.split('+').skip(1).find_map(|detail| self.verify(detail))
    }

    /// The issue of an id made by [`Self::message_id`].
    pub fn issue_of_id(&self, id: &str) -> Option<String> {
        let (token, number) = id.split_once('@')?.0.split_once('.')?;
        let is_number = (1..=20).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
        self.verify(token).filter(|_| is_number)
    }

    fn tag(&self, issue: &str) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(PURPOSE);
        context.update(issue.as_bytes());
        base32(&context.sign().as_ref()[..TAG_BYTES])
    }
}

impl fmt::Debug for ReplyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReplyKey(secret)")
    }
}

/// Five bits a character; the bytes are a multiple of five.
fn base32(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(TAG_CHARS);
    for block in bytes.chunks(5) {
        let bits = block.iter().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
        out.extend((0..8).rev().map(|n| char::from(ALPHABET[(bits >> (5 * n) & 31) as usize])));
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key() -> ReplyKey {
        ReplyKey::new(&[7; 32])
    }

    #[test]
    fn a_token_has_its_form() {
        let token = key().token("ABCDEFGHIJ-123456789").unwrap();
        assert!(token.len() <= MAX_TOKEN, "{token}");
        assert!(token.starts_with("abcdefghij-123456789-"));
        assert_eq!(token.rsplit_once('-').unwrap().1.len(), TAG_CHARS);
        assert_eq!(base32(&[0xff; 10]), "zzzzzzzzzzzzzzzz");
        assert_eq!(key().token("sup-1"), None);
        assert_eq!(format!("{:?}", key()), "ReplyKey(secret)");
    }

    #[test]
    fn addresses_and_ids() {
        let key = key();
        let address = key.reply_address("support@example.org", "SUP-42").unwrap();
        assert!(address.starts_with("support+sup-42-") && address.ends_with("@example.org"), "{address}");
        assert_eq!(key.issue_of_address(&address.to_uppercase()).as_deref(), Some("SUP-42"));
        assert_eq!(
            key.issue_of_address(&address.replace("support+", "support+x+")).as_deref(),
            Some("SUP-42")
        );
        assert_eq!(key.issue_of_address(&address.replace("support+", "")), None);
        assert_eq!(key.reply_address(&format!("{}@example.org", "x".repeat(50)), "SUP-42"), None);
        assert_eq!(key.reply_address("support", "SUP-42"), None);
        let id = key.message_id("SUP-42", 3, "maildocket.example.org").unwrap();
        assert_eq!(key.issue_of_id(&id).as_deref(), Some("SUP-42"));
        assert_eq!(key.issue_of_id(&id.replace(".3@", ".x@")), None);
        assert_eq!(ReplyKey::new(&[8; 32]).issue_of_id(&id), None);
    }

    #[test]
    fn a_mail_names_its_issue() {
        let key = key();
        let address = key.reply_address("support@example.org", "SUP-42").unwrap();
        let id = key.message_id("SUP-7", 1, "example.org").unwrap();
        let issue = |raw: String| key.issue_of(&crate::parse(raw.as_bytes()));
        assert_eq!(
            issue(format!("To: x@y\nDelivered-To: {address}\nReferences: <{id}>\n\n")).as_deref(),
            Some("SUP-42")
        );
        assert_eq!(issue(format!("Cc: Us <{address}>\n\n")).as_deref(), Some("SUP-42"));
        assert_eq!(issue(format!("References: <a@b> <{id}> <c@d>\n\n")).as_deref(), Some("SUP-7"));
        assert_eq!(issue(format!("From: {address}\nSubject: {id}\n\n{id}")), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_was_made_is_found(secret: [u8; 32], issue in "[A-Z][A-Z0-9_]{0,9}-[1-9][0-9]{0,8}") {
            let key = ReplyKey::new(&secret);
            let token = key.token(&issue).unwrap();
            prop_assert_eq!(key.verify(&token), Some(issue.clone()));
            prop_assert_eq!(key.verify(&token.to_uppercase()), Some(issue));
        }

        #[test]
        fn what_was_changed_is_not(issue in "[A-Z][A-Z0-9_]{0,9}-[1-9][0-9]{0,8}", at: prop::sample::Index, c in "[a-z0-9_.+-]") {
            let token = key().token(&issue).unwrap();
            let at = at.index(token.len());
            prop_assume!(token[at..=at] != c);
            let changed = format!("{}{c}{}", &token[..at], &token[at + 1..]);
            prop_assert_eq!(key().verify(&changed), None);
            prop_assert_eq!(key().verify(&token[..token.len() - 1]), None);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,80}", subject in "(re|fw|\\[a\\]|\\[2\\]|:|：| |2|\\(fwd\\)|x|r|İ|\\PC){0,16}") {
            prop_assert_eq!(key().verify(&text), None);
            prop_assert_eq!(key().issue_of_address(&text), None);
            let _ = super::super::ThreadIndex::parse(&text);
            let _ = super::super::issue_keys(&text);
            // Nothing is left to strip.
            let once = super::super::normalised(&subject, true);
            prop_assert_eq!(super::super::normalised(&once, true), once);
        }
    }
}
