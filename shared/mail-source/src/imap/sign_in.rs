//! AUTHENTICATE (RFC 3501 section 6.2.2) and LOGIN.

use std::collections::VecDeque;

use async_imap::{Client, Session, error::Error};
use intake::ports::{Credentials, MailError, MailFault, MailTarget};
use secrecy::ExposeSecret;

use super::{failure::command_error, greeting::Capabilities, tolerant::Connection};
use crate::{
    approach::{Approach, Failed},
    error::{mail_error, refusal, said},
    judgement::{is_about_the_way, judges},
    sasl::{self, Answers, Mechanism},
};

/// How somebody signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// AUTHENTICATE.
    Sasl(Mechanism, Initial),
    /// The command LOGIN.
    Login,
}

/// When the only message of a mechanism is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Initial {
    /// In the command's own line (RFC 4959).
    Along,
    /// Once it is asked for.
    Asked,
}

/// A way to sign in that did not lead in, and what is left.
struct Refused {
    error: MailError,
    verdict: Verdict,
    client: Client<Connection>,
}

/// What a refusal means for other ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// None is tried: name, password or token were judged, or nothing is known.
    Final,
    /// The command was not understood.
    NotUnderstood,
    /// It was understood and nothing was judged.
    Unjudged,
    /// The connection ended at a password, which another way may take. At a token it is an outage.
    Ended,
}

/// Signs in by the best way in common, and where nothing was judged, by another.
pub(super) async fn sign_in(
    mut client: Client<Connection>,
    capabilities: &Capabilities,
    (target, credentials): (&MailTarget, &Credentials),
    approach: Approach,
    context: &str,
) -> Result<Session<Connection>, Failed> {
    let mut ways = ways(capabilities, credentials);
    let best = ways.front().map(|way| way.name());
    let has_others = ways.iter().any(|way| Some(way.name()) != best);
    if approach == Approach::OtherWay {
        ways.retain(|way| Some(way.name()) != best);
    }
    let mut error = no_way(credentials, context);
    while let Some(way) = ways.pop_front() {
        let refused = match by(client, way, (target, credentials), context).await {
            Ok(session) => return Ok(session),
            Err(refused) => *refused,
        };
        // The connection may end with a refusal, and that one has the words.
        if error.server_text.is_none() || refused.error.server_text.is_some() {
            error = refused.error;
        }
        match refused.verdict {
            Verdict::NotUnderstood => {}
            Verdict::Unjudged => {
                ways.retain(|other| other.name() != way.name());
                ways.truncate(1);
            }
            Verdict::Ended => {
                return Err(Failed { error, again: has_others.then_some(Approach::OtherWay) });
            }
            Verdict::Final => break,
        }
        client = refused.client;
    }
    Err(error.into())
}

async fn by(
    client: Client<Connection>,
    way: Way,
    (target, credentials): (&MailTarget, &Credentials),
    context: &str,
) -> Result<Session<Connection>, Box<Refused>> {
    let (signed_in, challenge) = match (way, credentials) {
        (
            Way::Login,
            Credentials::Password { username, password } | Credentials::Bearer { username, token: password },
        ) => (client.login(username, password.expose_secret()).await, None),
        (Way::Sasl(mechanism, initial), _) => {
            let server = &target.server;
            let Ok(mut messages) = sasl::messages(mechanism, credentials, server.host.as_str(), server.port)
            else {
                return Err(unsendable(client, context));
            };
            let along = if initial == Initial::Along { messages.pop_front() } else { None };
            let command = match along.as_ref().map(sasl::initial) {
                // async-imap writes the mechanism as given: with the initial response behind it, it is one command.
                Some(initial) => format!("{} {}", mechanism.name(), initial.expose_secret()),
                None => mechanism.name().to_owned(),
            };
            let (answers, challenge) = Answers::new(mechanism, messages);
            (client.authenticate(command, answers).await, Some(challenge))
        }
    };
    signed_in.map_err(|(error, client)| {
        let told = client.get_ref().told();
        let verdict = verdict(&error, &told.words().unwrap_or_default(), credentials);
        let mut error = command_error(&error, told, context, true);
        if let MailFault::AuthenticationRefused { challenge: kept } = &mut error.fault {
            *kept = challenge.and_then(|challenge| challenge.take());
        }
        Box::new(Refused { error, verdict, client })
    })
}

fn unsendable(client: Client<Connection>, context: &str) -> Box<Refused> {
    let fault = MailFault::AuthenticationRefused { challenge: None };
    let error = said(fault, context, "a control character in the user name");
    Box::new(Refused { error, verdict: Verdict::Final, client })
}

fn verdict(error: &Error, words: &str, credentials: &Credentials) -> Verdict {
    if judges(words) {
        return Verdict::Final;
    }
    let fault = refusal(words, true);
    match (error, credentials) {
        (Error::Bad(_), _) => Verdict::NotUnderstood,
        (Error::No(_), Credentials::Bearer { .. }) if is_about_the_way(words) => Verdict::Unjudged,
        (Error::No(_), Credentials::Password { .. })
            if matches!(
                fault,
                MailFault::AuthenticationRefused { .. } | MailFault::NoMechanism | MailFault::Temporary
            ) =>
        {
            Verdict::Unjudged
        }
        (Error::ConnectionLost | Error::Io(_), Credentials::Password { .. })
            if matches!(fault, MailFault::AuthenticationRefused { .. } | MailFault::Temporary) =>
        {
            Verdict::Ended
        }
        _ => Verdict::Final,
    }
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Self::Sasl(mechanism, _) => mechanism.name(),
            Self::Login => "LOGIN, the command",
        }
    }
}

/// All ways in common, the best first. Some servers announce SASL-IR and do not know it.
fn ways(capabilities: &Capabilities, credentials: &Credentials) -> VecDeque<Way> {
    let offers = |mechanism: &Mechanism| capabilities.has(&format!("AUTH={}", mechanism.name()));
    let of = |mechanism: Mechanism| {
        let along = capabilities.has("SASL-IR") && mechanism != Mechanism::Login;
        let along = along.then_some(Way::Sasl(mechanism, Initial::Along));
        along.into_iter().chain([Way::Sasl(mechanism, Initial::Asked)])
    };
    let offered = |mechanism: Mechanism| Some(mechanism).filter(offers).into_iter().flat_map(of);
    match credentials {
        Credentials::Bearer { .. } => {
            let ways: VecDeque<Way> =
                offered(Mechanism::XOAuth2).chain(offered(Mechanism::OAuthBearer)).collect();
            // Some servers offer it only after a first try: the answer tells.
            if ways.is_empty() { of(Mechanism::XOAuth2).collect() } else { ways }
        }
        Credentials::Password { .. } => {
            let login = (!capabilities.has("LOGINDISABLED")).then_some(Way::Login);
            offered(Mechanism::Plain).chain(login).chain(offered(Mechanism::Login)).collect()
        }
    }
}

/// The name of the best way in; None where there is none in common.
pub(super) fn way(capabilities: &Capabilities, credentials: &Credentials) -> Option<&'static str> {
    ways(capabilities, credentials).front().map(|way| match way {
        Way::Sasl(mechanism, _) => mechanism.name(),
        Way::Login => "LOGIN",
    })
}

fn no_way(credentials: &Credentials, context: &str) -> MailError {
    match credentials {
        Credentials::Bearer { .. } => mail_error(MailFault::NoMechanism, context),
        Credentials::Password { .. } => {
            mail_error(MailFault::NoMechanism, format!("{context}: the server takes no passwords"))
        }
    }
}
