//! What a `-ERR` means: by the texts of well-known servers, and by response code (RFC 2449 section 8, RFC 3206).

use intake::{
    explain,
    ports::{MailError, MailFault},
};

use crate::{
    error,
    judgement::{has, is_about_the_way, judges},
};

/// Words of somebody who speaks of the maildrop, or of himself.
const OF_THE_MAILDROP: &[&str] = &[
    "message",
    "damaged",
    "corrupt",
    "maildrop",
    "mail drop",
    "mailbox",
    "mail file",
    "spool",
    "disk",
    "space",
    "quota",
    "i/o",
    "input/output",
    "database",
    "backend",
    "internal",
    "server",
    "service",
    "memory",
    "timeout",
    "timed out",
    "try again",
    "later",
    "maintenance",
];
/// Words that may speak of name and password, where no others tell more.
const MAY_JUDGE: &[&str] = &[
    "auth", "login", "logon", "log in", "log on", "sign in", "sign-in", "user", "account", "access", "permi",
    "invalid", "bad", "mismatch", "fail", "refus", "reject", "unknown", "allowed", "disabled", "blocked",
];

/// `signing_in` tells a refused sign-in from a refused command.
pub(crate) fn meaning(text: &str, signing_in: bool) -> MailFault {
    let coded = match code(text).as_deref() {
        Some("LOGIN-DELAY") => return MailFault::Throttled { after: None },
        Some("AUTH") => MailFault::AuthenticationRefused { challenge: None },
        Some("SYS/TEMP" | "IN-USE") => MailFault::Temporary,
        Some("SYS/PERM") => MailFault::NotPermitted,
        _ if signing_in && judges_nothing(text) => return unjudged(text),
        _ => return error::refusal(text, signing_in),
    };
    // Words that are known say more than a code.
    match error::refusal(text, true) {
        MailFault::AuthenticationRefused { .. } => coded,
        known => known,
    }
}

/// Whether a refused sign-in says nothing of name and password, and has no other meaning that is known. Who says nothing at
/// all, or something that cannot be read here, is taken to have judged them.
pub(crate) fn judges_nothing(text: &str) -> bool {
    if code(text).is_some() || explain::mail_fault(text, true).is_some() || judges(text) {
        return false;
    }
    let readable = text.is_ascii() && text.split_whitespace().count() > 1;
    is_about_the_way(text) || has(text, OF_THE_MAILDROP) || (readable && !has(text, MAY_JUDGE))
}

/// Whether another way in may lead further: nothing was judged, or the server has a problem, perhaps with this way only.
pub(crate) fn is_worth_another_way(text: &str) -> bool {
    code(text).as_deref() == Some("SYS/TEMP") || judges_nothing(text)
}

/// Whether a command is refused that another can take the place of: nobody else holds the maildrop, and nothing is to be
/// waited for.
pub(crate) fn is_of_the_command(text: &str) -> bool {
    match meaning(text, false) {
        MailFault::Refused => true,
        MailFault::Temporary => code(text).as_deref() == Some("SYS/TEMP"),
        _ => false,
    }
}

/// Whether a command was refused for good.
pub(crate) fn is_lasting(error: &MailError) -> bool {
    matches!(error.fault, MailFault::Refused | MailFault::NotPermitted | MailFault::SignInBlocked)
}

/// What a refusal means that judges nothing.
fn unjudged(text: &str) -> MailFault {
    if is_about_the_way(text) { MailFault::NoMechanism } else { MailFault::Temporary }
}

/// The code at the beginning, in upper case: `[IN-USE] Do you have another session running?`
fn code(text: &str) -> Option<String> {
    let (code, _) = text.strip_prefix('[')?.split_once(']')?;
    Some(code.trim().to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn codes_and_texts_are_understood() {
        let refused = MailFault::AuthenticationRefused { challenge: None };
        let cases = [
            ("Authentication failure: unknown user name or bad password.", refused.clone()),
            ("[AUTH] Username and password not accepted.", refused.clone()),
            ("[AUTH] Authentication failed.", refused.clone()),
            ("Logon failure", refused),
            ("[SYS/PERM] The mailbox cannot be opened.", MailFault::SignInBlocked),
            ("[SYS/TEMP] Temporary authentication failure. [vm:2026]", MailFault::Temporary),
            ("[sys/temp] later", MailFault::Temporary),
            ("[IN-USE] Mailbox is locked by another session", MailFault::Temporary),
            ("[LOGIN-DELAY] minimum time between mail checks", MailFault::Throttled { after: None }),
            (
                "Request is throttled. Suggested Backoff Time: 5000 milliseconds",
                MailFault::Throttled { after: Some(Duration::from_secs(5)) },
            ),
        ];
        for (text, fault) in cases {
            assert_eq!(meaning(text, true), fault, "{text}");
        }
        assert_eq!(meaning("no such message", false), MailFault::Refused);
    }

    #[test]
    fn a_password_is_refused_only_by_who_looked_at_it() {
        let judged = [
            "",
            "no",
            "Authentication failed: internal server error",
            "Invalid user name or password",
            "Kennwort ungültig für dieses Postfach",
            "[AUTH] mailbox unknown",
            "Login failure",
            "unknown user name for this server",
            "access to mailbox denied",
        ];
        for text in judged {
            assert!(!judges_nothing(text), "{text}");
            assert_eq!(meaning(text, true), MailFault::AuthenticationRefused { challenge: None }, "{text}");
        }
        let unjudged = [
            "message is damaged",
            "could not open spool file: permission problem",
            "Failed to open mailbox",
            "out of disk space",
            "the moon is full",
        ];
        for text in unjudged {
            assert!(judges_nothing(text), "{text}");
            assert_eq!(meaning(text, true), MailFault::Temporary, "{text}");
        }
        let unknown =
            ["Unrecognized authentication type", "Unknown command", "authentication mechanism not supported"];
        for text in unknown {
            assert!(judges_nothing(text), "{text}");
            assert_eq!(meaning(text, true), MailFault::NoMechanism, "{text}");
        }
    }

    #[test]
    fn a_maildrop_that_others_hold_is_no_wrong_password() {
        let held = [
            "maildrop already locked",
            "Unable to lock maildrop",
            "[IN-USE] Do you have another POP session running?",
            "mailbox in use",
            "Can't get lock. Mailbox in use",
            "mailbox is busy",
            "user has another session",
            "POP3 session already open for this user",
            "lock busy! Is another session active? (32)",
            "Your mailbox is currently locked by another process, try later",
            "locked",
        ];
        for text in held {
            assert_eq!(meaning(text, true), MailFault::Temporary, "{text}");
            let error = error::said(MailFault::Temporary, "sign in", text);
            assert_eq!(explain::mail(&error).code, "mailbox_in_use", "{text}");
            assert!(!judges_nothing(text), "{text}: a second sign-in would not help");
        }
        for text in ["Account locked: too many failed logins", "user is locked", "password login locked"] {
            assert_ne!(meaning(text, true), MailFault::Temporary, "{text}");
        }
    }
}
