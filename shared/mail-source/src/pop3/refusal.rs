//! What a `-ERR` means: by the texts of well-known servers, and by response code (RFC 2449 section 8, RFC 3206).

use intake::ports::MailFault;

use crate::error;

/// `signing_in` tells a refused sign-in from a refused command.
pub(crate) fn meaning(text: &str, signing_in: bool) -> MailFault {
    let coded = match code(text).as_deref() {
        Some("LOGIN-DELAY") => return MailFault::Throttled { after: None },
        Some("AUTH") => MailFault::AuthenticationRefused { challenge: None },
        Some("SYS/TEMP" | "IN-USE") => MailFault::Temporary,
        Some("SYS/PERM") => MailFault::NotPermitted,
        _ => return error::refusal(text, signing_in),
    };
    // Words that are known say more than a code.
    match error::refusal(text, true) {
        MailFault::AuthenticationRefused { .. } => coded,
        known => known,
    }
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
}
