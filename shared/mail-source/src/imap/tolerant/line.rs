//! Answers without literals, written anew as RFC 3501 has them. What we never ask for is left out.

use base64::{Engine, engine::general_purpose::STANDARD};

use intake::ports::Count;

use super::{
    token::{Token, Tokens, number, word},
    told::{Told, readable},
};
use crate::imap::sets::MAX_FOUND;

/// The state words of RFC 3501 section 7.1.
pub(super) fn is_status(word: &[u8]) -> bool {
    [&b"OK"[..], b"NO", b"BAD", b"BYE", b"PREAUTH"].iter().any(|status| word.eq_ignore_ascii_case(status))
}

/// Writes an answer anew; nothing where it is not understood.
pub(super) fn render(line: &[u8], told: &mut Told, out: &mut Vec<u8>) {
    let (first, rest) = word(line);
    match first {
        b"*" => untagged(rest, told, out),
        [b'+', ..] => continuation(line.trim_ascii_start().get(1..).unwrap_or_default(), out),
        tag if is_tag(tag) => tagged(tag, rest, told, out),
        _ => {}
    }
}

/// Of the form that async-imap gives its commands.
fn is_tag(word: &[u8]) -> bool {
    let digits = word.strip_prefix(b"A").or_else(|| word.strip_prefix(b"a"));
    digits.is_some_and(|digits| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit))
}

/// A challenge is Base64 (RFC 3501 section 7.5); words for people are none.
fn continuation(text: &[u8], out: &mut Vec<u8>) {
    let text = text.trim_ascii();
    out.extend_from_slice(b"+ ");
    if STANDARD.decode(text).is_ok() {
        out.extend_from_slice(text);
    }
    out.extend_from_slice(b"\r\n");
}

fn tagged(tag: &[u8], rest: &[u8], told: &mut Told, out: &mut Vec<u8>) {
    let (status, text) = word(rest);
    let status = status.to_ascii_uppercase();
    let (status, text) = match status.as_slice() {
        b"OK" | b"NO" | b"BAD" => (status, text),
        // An end that is not understood is none that can be trusted.
        _ => (b"BAD".to_vec(), rest),
    };
    if status != b"OK" {
        told.refusal = Some(readable(text)).filter(|words| !words.is_empty());
    }
    out.extend_from_slice(&tag.to_ascii_uppercase());
    out.push(b' ');
    state(&status, text, told, out);
}

/// `OK [CODE] text`.
fn state(status: &[u8], text: &[u8], told: &mut Told, out: &mut Vec<u8>) {
    out.extend_from_slice(status);
    out.push(b' ');
    let code = text.strip_prefix(b"[").and_then(|rest| {
        let end = rest.iter().position(|byte| *byte == b']')?;
        rest.get(..end)
    });
    if let Some(code) = code.and_then(|code| known_code(code, told)) {
        out.extend_from_slice(format!("[{code}] ").as_bytes());
    }
    // The words themselves are in `told`.
    out.extend_from_slice(b".\r\n");
}

/// Codes that async-imap hands on; the others stay with the words in [`Told`].
fn known_code(code: &[u8], told: &mut Told) -> Option<String> {
    let (name, value) = word(code);
    let (first, more) = word(value);
    match name.to_ascii_uppercase().as_slice() {
        // async-imap knows 32 bits of it, which may stay as they are where it changes.
        b"UIDVALIDITY" => {
            told.uid_validity = Some(uid_validity(first));
            None
        }
        b"UIDNEXT" => Some(format!("UIDNEXT {}", u32::try_from(number(first)?).ok()?)),
        b"READ-ONLY" => Some("READ-ONLY".to_owned()),
        b"PERMANENTFLAGS" => {
            let flags = Tokens::new(value).filter_map(|token| match token {
                Token::Atom(flag) => Some(readable(flag)),
                _ => None,
            });
            told.permanent_flags = Some(flags.collect());
            None
        }
        b"MESSAGELIMIT" => {
            told.limit = number(word(more).0).and_then(|uid| u32::try_from(uid).ok()).or(told.limit);
            None
        }
        _ => None,
    }
}

/// RFC 3501 has 32 bits, some servers have more. What has more than 64, or is no number, still differs where it changes:
/// its digest does (FNV-1a).
fn uid_validity(value: &[u8]) -> u64 {
    number(value).unwrap_or_else(|| {
        let digest = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        value.iter().fold(0xcbf2_9ce4_8422_2325, digest)
    })
}

fn untagged(rest: &[u8], told: &mut Told, out: &mut Vec<u8>) {
    let (first, more) = word(rest);
    let name = first.to_ascii_uppercase();
    if let Some(count) = number(first) {
        return counted(count, more, told, out);
    }
    match name.as_slice() {
        b"OK" | b"NO" | b"BAD" | b"BYE" | b"PREAUTH" => {
            let words = readable(more);
            let alarms =
                name != b"OK" && name != b"PREAUTH" || words.to_ascii_uppercase().starts_with("[ALERT]");
            if alarms && !words.is_empty() {
                told.aside = Some(words);
            }
            out.extend_from_slice(b"* ");
            state(&name, more, told, out);
        }
        b"SEARCH" => search(more, told, out),
        b"ESEARCH" => extended_search(more, told, out),
        b"CAPABILITY" => capability(more, out),
        b"LIST" => list(more, out),
        // async-imap does not know them.
        b"NAMESPACE" => told.prefix = personal_prefix(more),
        b"MYRIGHTS" => told.rights = Tokens::new(more).filter_map(words).nth(1),
        _ => {}
    }
}

/// `12 EXISTS`, `12 EXPUNGE`.
fn counted(count: u64, rest: &[u8], told: &mut Told, out: &mut Vec<u8>) {
    let name = word(rest).0.to_ascii_uppercase();
    let expunged = name == b"EXPUNGE";
    if expunged || name == b"EXISTS" {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let Count { exists, expunged: before } = told.holds;
        told.holds = match expunged {
            true => Count { exists: exists.saturating_sub(1), expunged: before.saturating_add(1) },
            false => Count { exists: count, expunged: before },
        };
        out.extend_from_slice(format!("* {count} ").as_bytes());
        out.extend_from_slice(&name);
        out.extend_from_slice(b"\r\n");
    }
}

/// Numbers up to what follows them in brackets (RFC 7162).
fn search(rest: &[u8], told: &mut Told, out: &mut Vec<u8>) {
    let mut most = MAX_FOUND;
    out.extend_from_slice(b"* SEARCH");
    for token in Tokens::new(rest) {
        let Token::Atom(word) = token else { break };
        found(word, &mut most, told, out);
    }
    out.extend_from_slice(b"\r\n");
}

/// `(TAG "A1") UID ALL 1:5,7` (RFC 4731): how servers that know IMAP4rev2 alone answer each search (RFC 9051 section 7.3.4).
fn extended_search(rest: &[u8], told: &mut Told, out: &mut Vec<u8>) {
    let mut words = Tokens::new(rest);
    let is_all = |token: Token<'_>| matches!(token, Token::Atom(name) if name.eq_ignore_ascii_case(b"ALL"));
    out.extend_from_slice(b"* SEARCH");
    if words.any(is_all)
        && let Some(Token::Atom(set)) = words.next()
    {
        let mut most = MAX_FOUND;
        found(set, &mut most, told, out);
    }
    out.extend_from_slice(b"\r\n");
}

/// A number, or a set of them, of which at most so many are written out. What is none must not be passed over.
fn found(set: &[u8], most: &mut usize, told: &mut Told, out: &mut Vec<u8>) {
    let number = |word: &[u8]| number(word).and_then(|uid| u32::try_from(uid).ok());
    for range in set.split(|byte| *byte == b',') {
        let mut ends = range.splitn(2, |byte| *byte == b':');
        let first = ends.next().and_then(number);
        let last = ends.next().map_or(first, number);
        match first.zip(last).map(|(first, last)| first.min(last)..=first.max(last)) {
            Some(range) if (range.end() - range.start()) as usize <= *most => {
                *most -= (range.end() - range.start()) as usize;
                range.for_each(|uid| out.extend_from_slice(format!(" {uid}").as_bytes()));
            }
            _ => {
                let range = readable(range.get(..40).unwrap_or(range));
                told.absurd = Some(format!("it found a mail called {range}"));
            }
        }
    }
}

fn capability(rest: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b"* CAPABILITY IMAP4rev1");
    let atom =
        |word: &&[u8]| word.iter().all(|byte| byte.is_ascii_alphanumeric() || b"=-+_./:".contains(byte));
    let words = rest.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty() && !word.ends_with(b"="));
    for word in words.filter(atom).filter(|word| !word.eq_ignore_ascii_case(b"IMAP4rev1")) {
        out.push(b' ');
        out.extend_from_slice(word);
    }
    out.extend_from_slice(b"\r\n");
}

/// `(("INBOX." ".")) …`: the first of the account's own namespaces (RFC 2342 section 5).
fn personal_prefix(rest: &[u8]) -> Option<String> {
    let mut all = Tokens::new(rest);
    let begins = all.next() == Some(Token::Open) && all.next() == Some(Token::Open);
    all.next().filter(|_| begins).and_then(words)
}

fn words(token: Token<'_>) -> Option<String> {
    match token {
        Token::Atom(word) => Some(readable(word)),
        Token::Quoted(text) => Some(readable(&text)),
        _ => None,
    }
}

/// `(attributes) "/" name`: the name alone counts.
fn list(rest: &[u8], out: &mut Vec<u8>) {
    let mut words = Tokens::new(rest);
    if words.next() != Some(Token::Open) || !words.any(|token| token == Token::Close) {
        return;
    }
    let text = |token| match token {
        Token::Atom(word) => Some(word.to_vec()),
        Token::Quoted(text) => Some(text.into_owned()),
        _ => None,
    };
    let (Some(delimiter), Some(name)) = (words.next().and_then(text), words.next().and_then(text)) else {
        return;
    };
    out.extend_from_slice(b"* LIST () ");
    match delimiter.as_slice() {
        [one] => quote(&[*one], out),
        _ => out.extend_from_slice(b"NIL"),
    }
    out.push(b' ');
    quote(&name, out);
    out.extend_from_slice(b"\r\n");
}

/// As a quoted string.
pub(super) fn quote(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.iter().filter(|byte| !byte.is_ascii_control()) {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(*byte);
    }
    out.push(b'"');
}
