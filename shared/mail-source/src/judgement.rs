//! Whether the words of a refused sign-in are about name and password, or about the way in.
//!
//! A password that was judged is never sent again by another way: accounts are locked after a few.

/// Words of somebody who looked at name and password, in lower case; also the codes of RFC 5530.
const JUDGES: &[&str] = &[
    "authenticationfailed",
    "authorizationfailed",
    "password",
    "passwd",
    "passphrase",
    "pass phrase",
    "credential",
    "authentication fail",
    "auth fail",
    "authorization fail",
    "login fail",
    "logon fail",
    "not authenticated",
    "not authorized",
    "denied",
    "incorrect",
    "wrong",
    "locked",
    "bad login",
    "invalid login",
    "invalid user",
    "invalid account",
    "unknown user",
    "user unknown",
    "no such user",
    "login to",
    "to log in",
];
/// Words that say that the way to sign in is not known, whatever is behind it.
const OTHER_WAY: &[&str] = &[
    "mechanism",
    "not supported",
    "unsupported",
    "not implemented",
    "unimplemented",
    "unrecognized",
    "unrecognised",
    "syntax",
    "argument",
    "parameter",
    "unknown command",
    "command unknown",
    "invalid command",
    "bad command",
    "no such command",
    "command not",
    "unknown auth",
    "authentication type",
    "authentication method",
    "authentication scheme",
];

/// Whether they say that name, password or token are not good.
pub(crate) fn judges(text: &str) -> bool {
    has(text, JUDGES)
}

/// Whether they say that the way to sign in is not known.
pub(crate) fn is_about_the_way(text: &str) -> bool {
    has(text, OTHER_WAY)
}

/// Whether a text has one of these words, however they are written.
pub(crate) fn has(text: &str, words: &[&str]) -> bool {
    let lower = text.to_ascii_lowercase();
    words.iter().any(|word| lower.contains(word))
}
