//! What went wrong, in the words of the port.

use std::time::Duration;

use intake::ports::{MailError, MailFault};

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

/// What a refusal means: by response code (RFC 5530) first, then by the texts of well-known servers. `signing_in` tells
/// a refused sign-in from a refused command.
pub(crate) fn refusal(text: &str, signing_in: bool) -> MailFault {
    let lower = text.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if let Some(after) = backoff(&lower) {
        return MailFault::Throttled { after: Some(after) };
    }
    if has(&["[overquota]", "bandwidth limits"]) {
        return MailFault::Throttled { after: Some(Duration::from_secs(3600)) };
    }
    if has(&[
        "[limit]",
        "too many simultaneous",
        "maximum number of connections",
        "throttled",
        "rate limit",
        "too many connections",
    ]) {
        return MailFault::Throttled { after: None };
    }
    if has(&[
        "[unavailable]",
        "[inuse]",
        "[serverbug]",
        "server unavailable",
        "server busy",
        "temporary",
        "system error",
        "accesstokenexpired",
    ]) {
        return MailFault::Temporary;
    }
    if has(&["authenticated but not connected", "[noperm]", "[authorizationfailed]"]) {
        return MailFault::NotPermitted;
    }
    if signing_in {
        return MailFault::AuthenticationRefused { challenge: None };
    }
    if has(&[
        "[nonexistent]",
        "doesn't exist",
        "does not exist",
        "unknown mailbox",
        "no such mailbox",
        "mailbox not found",
    ]) {
        return MailFault::NoFolder;
    }
    MailFault::Refused
}

/// Exchange names its pause: `Suggested Backoff Time: 299910 milliseconds`.
fn backoff(lower: &str) -> Option<Duration> {
    let rest = lower.split("suggested backoff time:").nth(1)?.trim_start();
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let millis: u64 = digits.parse().ok()?;
    Some(Duration::from_millis(millis).min(Duration::from_secs(3600)))
}

#[cfg(test)]
mod tests {
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
            ("[ALERT] Too many simultaneous connections. (Failure)", MailFault::Throttled { after: None }),
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
