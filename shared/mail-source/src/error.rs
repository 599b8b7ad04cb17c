//! What went wrong, in the words of the port.

use intake::{
    explain,
    ports::{MailError, MailFault},
};

/// The longest server text kept, in characters.
const MAX_TEXT: usize = 300;

/// An error while doing something.
pub(crate) fn mail_error(fault: MailFault, context: impl Into<String>) -> MailError {
    MailError { fault, context: context.into(), server_text: None }
}

/// An error with the server's words.
pub(crate) fn said(fault: MailFault, context: impl Into<String>, text: &str) -> MailError {
    let text = printable(text);
    MailError { fault, context: context.into(), server_text: (!text.is_empty()).then_some(text) }
}

/// Printable, short, and without the address that Gmail's WEBALERT carries: it holds a secret.
fn printable(text: &str) -> String {
    let text = match text.find("[WEBALERT") {
        Some(at) => text.get(..at).unwrap_or_default(),
        None => text,
    };
    text.chars().filter(|c| !c.is_control()).take(MAX_TEXT).collect::<String>().trim().to_owned()
}

/// An error that these words of the server may explain.
pub(crate) fn explained(error: MailError, words: &str) -> MailError {
    let fault = match refusal(words, false) {
        MailFault::Refused | MailFault::NoFolder | MailFault::AuthenticationRefused { .. } => error.fault,
        explained => explained,
    };
    said(fault, error.context, words)
}

/// What a refusal means, by its response code and its words. `signing_in` tells a refused sign-in from a refused command.
pub(crate) fn refusal(text: &str, signing_in: bool) -> MailFault {
    explain::mail_fault(text, signing_in).unwrap_or(match signing_in {
        true => MailFault::AuthenticationRefused { challenge: None },
        false => MailFault::Refused,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn texts_of_known_servers_are_understood() {
        let refused = MailFault::AuthenticationRefused { challenge: None };
        let throttled = |ms| MailFault::Throttled { after: Some(Duration::from_millis(ms)) };
        let cases = [
            ("AUTHENTICATE failed.", refused.clone()),
            ("[AUTHENTICATIONFAILED] Invalid credentials (Failure)", refused.clone()),
            ("[AUTHENTICATIONFAILED] (#AUTH901) The provided OAuth2 access token is invalid", refused),
            ("[UNAVAILABLE] Temporary authentication failure. [vm:2026]", MailFault::Temporary),
            (
                "[UNAVAILABLE] Maximum number of connections from user+IP exceeded",
                MailFault::Throttled { after: None },
            ),
            ("[ALERT] Too many simultaneous connections. (Failure)", throttled(300_000)),
            ("Request is throttled. Suggested Backoff Time: 299910 milliseconds", throttled(299_910)),
            ("[OVERQUOTA] Account exceeded command or bandwidth limits.", throttled(3_600_000)),
            ("User is authenticated but not connected.", MailFault::NotPermitted),
            ("Server Unavailable. 15", MailFault::Temporary),
            ("Session invalidated - AccessTokenExpired", MailFault::Temporary),
        ];
        for (text, fault) in cases {
            assert_eq!(refusal(text, true), fault, "{text}");
        }
        assert_eq!(refusal("[NONEXISTENT] Unknown Mailbox: X", false), MailFault::NoFolder);
        assert_eq!(refusal("Command Argument Error. 11", false), MailFault::Refused);
    }

    #[test]
    fn the_secret_address_of_a_web_alert_is_not_kept() {
        let error =
            said(MailFault::Protocol, "x", "no [WEBALERT https://accounts.example/?secret=1] Web login\r\n");
        assert_eq!(error.server_text.as_deref(), Some("no"));
    }
}
