//! Scripted faults of the mail server, with the texts that real servers send.

use std::time::Duration;

/// Gmail's answer to a refused token.
const GMAIL_CHALLENGE: &str = r#"{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}"#;

/// When a fault happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Instead of the greeting.
    Greeting,
    /// At a sign-in, before its credentials are looked at.
    SignIn,
    /// At any command after the sign-in but LOGOUT.
    AnyCommand,
    /// At this command, in capitals, such as `STATUS` or `UID FETCH`.
    Command(String),
}

/// What the server says in place of its honest answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// Sent as base64 after `+ ` at a sign-in; the client must answer it before anything else is said.
    pub challenge: Option<String>,
    /// Lines sent after `* `.
    pub untagged: Vec<String>,
    /// Sent after the tag (after `* ` at the greeting); None says nothing.
    pub tagged: Option<String>,
    /// Lines sent after `* `, once the tagged answer is out.
    pub afterwards: Vec<String>,
    /// Ends the connection afterwards, cleanly.
    pub close: bool,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Says this and does nothing else.
    Say(Reply),
    /// Drops the connection without a goodbye.
    Drop,
    /// Never answers.
    Hang,
    /// Waits, then goes on honestly.
    Delay(Duration),
    /// Goes on honestly and drops the connection after this many more bytes (before TLS).
    CutAfter(usize),
    /// Announces a literal of this many bytes for the first mail asked for, sends a little, and stops.
    HugeLiteral(u64),
}

impl Act {
    /// Whether the honest answer does not follow.
    pub(crate) fn replaces_answer(&self) -> bool {
        !matches!(self, Self::Delay(_) | Self::CutAfter(_))
    }
}

/// One fault: when, for whom, what.
#[derive(Clone, Debug)]
pub struct MailFault {
    pub(crate) step: Step,
    pub(crate) user: Option<String>,
    pub(crate) act: Act,
}

impl MailFault {
    /// Any fault.
    pub fn new(step: Step, act: Act) -> Self {
        Self { step, user: None, act }
    }

    /// Only for this mailbox; not for the greeting, which comes before anybody is known.
    pub fn for_user(mut self, address: &str) -> Self {
        self.user = Some(address.to_ascii_lowercase());
        self
    }

    /// A tagged answer at a step, such as `NO [UNAVAILABLE] Try later`.
    pub fn says(step: Step, tagged: &str) -> Self {
        Self::new(step, Act::Say(Reply { tagged: Some(tagged.to_owned()), ..Reply::default() }))
    }

    /// `* BYE` and the end.
    pub fn bye(step: Step, text: &str) -> Self {
        let untagged = vec![format!("BYE {text}")];
        Self::new(step, Act::Say(Reply { untagged, close: true, ..Reply::default() }))
    }

    /// Gmail refuses the token: a JSON challenge, then NO.
    pub fn gmail_refuses_token() -> Self {
        let tagged = Some("NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)".to_owned());
        let challenge = Some(GMAIL_CHALLENGE.to_owned());
        Self::new(Step::SignIn, Act::Say(Reply { challenge, tagged, ..Reply::default() }))
    }

    /// Exchange Online refuses the token: no challenge.
    pub fn exchange_refuses_token() -> Self {
        Self::says(Step::SignIn, "NO AUTHENTICATE failed.")
    }

    /// Microsoft refuses a token or password by POP3: no challenge, no response code.
    pub fn exchange_pop3_refuses_token() -> Self {
        Self::says(Step::SignIn, "-ERR Authentication failure: unknown user name or bad password.")
    }

    /// Gmail refuses a token or password by POP3.
    pub fn gmail_pop3_refuses() -> Self {
        let tagged = Some("-ERR [AUTH] Username and password not accepted.".to_owned());
        let challenge = Some(GMAIL_CHALLENGE.to_owned());
        Self::new(Step::SignIn, Act::Say(Reply { challenge, tagged, ..Reply::default() }))
    }

    /// Gmail: POP is switched off for the account.
    pub fn gmail_pop3_not_enabled() -> Self {
        Self::says(Step::SignIn, "-ERR [SYS/PERM] Your account is not enabled for POP access.")
    }

    /// Another session has the maildrop (RFC 2449, section 8.1.1).
    pub fn pop3_in_use() -> Self {
        Self::says(Step::SignIn, "-ERR [IN-USE] Do you have another POP session running?")
    }

    /// The last sign-in was too short a time ago (RFC 2449, section 8.1.1).
    pub fn pop3_login_delay() -> Self {
        Self::says(Step::SignIn, "-ERR [LOGIN-DELAY] Minimum time between mail checks violation.")
    }

    /// Yahoo refuses the token.
    pub fn yahoo_refuses_token() -> Self {
        let text = "NO [AUTHENTICATIONFAILED] (#AUTH901) The provided OAuth2 access token is invalid";
        Self::says(Step::SignIn, text)
    }

    /// Exchange Online: the sign-in works, and the first command finds no right to the mailbox.
    pub fn exchange_not_connected() -> Self {
        Self::says(Step::AnyCommand, "BAD User is authenticated but not connected.")
    }

    /// Exchange Online slows a mailbox down and hangs up.
    pub fn exchange_throttles(step: Step, backoff: Duration) -> Self {
        let text =
            format!("NO Request is throttled. Suggested Backoff Time: {} milliseconds", backoff.as_millis());
        let reply = Reply {
            tagged: Some(text),
            afterwards: vec!["BYE Connection closed. 14".to_owned()],
            close: true,
            ..Reply::default()
        };
        Self::new(step, Act::Say(reply))
    }

    /// Exchange Online: the token ran out in the middle of a session.
    pub fn exchange_session_expired(step: Step) -> Self {
        Self::bye(step, "Session invalidated - AccessTokenExpired")
    }

    /// Exchange: busy.
    pub fn exchange_busy(step: Step) -> Self {
        Self::says(step, "NO Server Unavailable. 15")
    }

    /// Gmail: a short problem at sign-in.
    pub fn gmail_unavailable() -> Self {
        Self::says(Step::SignIn, "NO [UNAVAILABLE] Temporary System Error (Failure)")
    }

    /// Gmail: more than 15 connections.
    pub fn gmail_too_many_connections() -> Self {
        Self::says(Step::SignIn, "NO [ALERT] Too many simultaneous connections. (Failure)")
    }

    /// Gmail: the day's download limit.
    pub fn gmail_over_quota(step: Step) -> Self {
        Self::says(step, "NO [OVERQUOTA] Account exceeded command or bandwidth limits.")
    }

    /// Gmail: a person must confirm in a browser. The URL stands for one that holds a secret.
    pub fn gmail_web_login() -> Self {
        let url = "https://accounts.google.example/signin/continue?plt=playground-secret";
        let tagged = "NO [ALERT] Please log in via your web browser: https://support.google.com/mail/accounts/answer/78754 (Failure)";
        let reply = Reply {
            untagged: vec![format!("NO [WEBALERT {url}] Web login required.")],
            tagged: Some(tagged.to_owned()),
            ..Reply::default()
        };
        Self::new(Step::SignIn, Act::Say(reply))
    }

    /// Dovecot: its token check does not answer.
    pub fn dovecot_unavailable() -> Self {
        Self::says(
            Step::SignIn,
            "NO [UNAVAILABLE] Temporary authentication failure. [host:2026-11-05 10:00:00]",
        )
    }

    /// The connection drops at a step.
    pub fn drops(step: Step) -> Self {
        Self::new(step, Act::Drop)
    }

    /// The server falls silent at a step.
    pub fn hangs(step: Step) -> Self {
        Self::new(step, Act::Hang)
    }

    /// The connection drops after this many bytes of the answer to `UID FETCH`.
    pub fn cut_fetch_after(bytes: usize) -> Self {
        Self::new(Step::Command("UID FETCH".to_owned()), Act::CutAfter(bytes))
    }

    /// A `UID FETCH` that announces a literal of this size.
    pub fn huge_literal(bytes: u64) -> Self {
        Self::new(Step::Command("UID FETCH".to_owned()), Act::HugeLiteral(bytes))
    }
}
