//! AUTHENTICATE and LOGIN.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::credentials::{Credentials, Mechanism, Proof, challenge};
use super::cursor::{Cursor, Malformed};
use super::session::Session;
use super::wire::End;
use crate::script::{Oddity, Reply, Step};

const REFUSED: &str = "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)";

impl Session {
    /// AUTHENTICATE, with or without an initial response (RFC 4959).
    pub(crate) async fn authenticate(&mut self, tag: &str, cursor: &mut Cursor<'_>) -> Result<(), End> {
        let (name, initial) = match read_arguments(cursor) {
            Ok(arguments) => arguments,
            Err(malformed) => return self.bad(tag, &malformed).await,
        };
        let offered = self.can(&format!("AUTH={name}"))
            || matches!(self.world.oddity(), Some(Oddity::BareCapabilities | Oddity::NoCapability));
        let Some(mechanism) = Mechanism::named(&name).filter(|_| offered) else {
            return self.refuse(tag, "NO Unsupported authentication mechanism.").await;
        };
        if mechanism == Mechanism::Plain && self.is(Oddity::PlainDoesNotWork) {
            return self.refuse(tag, "NO AUTHENTICATE PLAIN is not available.").await;
        }
        if mechanism == Mechanism::Plain && self.is(Oddity::PlainIsUnavailable) {
            return self.refuse(tag, "NO [UNAVAILABLE] AUTHENTICATE PLAIN has a problem.").await;
        }
        if mechanism == Mechanism::Plain && self.is(Oddity::EndsAtPlain) {
            self.wire.say("* BYE Protocol error.").await?;
            return Err(End::Closed);
        }
        let line = match initial {
            Some(_) if !self.can("SASL-IR") || self.is(Oddity::RefusesInitialResponses) => {
                return self.refuse(tag, "BAD An initial response is not supported.").await;
            }
            Some(line) => line.into_bytes(),
            None => {
                self.wire.say(self.continuation()).await?;
                self.wire.line().await?
            }
        };
        if line == b"*" {
            return self.refuse(tag, "BAD Authentication aborted by client.").await;
        }
        match Credentials::decode(mechanism, &line) {
            Some(credentials) => self.judge(tag, credentials, Some(mechanism)).await,
            None => self.refuse(tag, "BAD Invalid SASL argument.").await,
        }
    }

    /// LOGIN with a password.
    pub(crate) async fn login(&mut self, tag: &str, cursor: &mut Cursor<'_>) -> Result<(), End> {
        let read = |cursor: &mut Cursor<'_>| {
            cursor.space()?;
            let user = cursor.astring()?;
            cursor.space()?;
            let proof = Proof::Password(cursor.astring()?);
            cursor.end().map(|()| Credentials { user, proof })
        };
        match read(cursor) {
            Ok(_) if self.can("LOGINDISABLED") => {
                self.refuse(tag, "NO [PRIVACYREQUIRED] Basic authentication is disabled.").await
            }
            Ok(credentials) => self.judge(tag, credentials, None).await,
            Err(malformed) => self.bad(tag, &malformed).await,
        }
    }

    async fn judge(
        &mut self,
        tag: &str,
        credentials: Credentials,
        mechanism: Option<Mechanism>,
    ) -> Result<(), End> {
        let fault = self.world.take_fault(Some(&credentials.user), |step| *step == Step::SignIn);
        if let Some(act) = fault {
            // Counted first: some faults end the session here.
            if act.replaces_answer() {
                self.world.count(|counters| counters.sign_ins_refused += 1);
            }
            if self.play(tag, act, mechanism).await? {
                return Ok(());
            }
        }
        if !credentials.are_accepted(&self.world) {
            let token = matches!(credentials.proof, Proof::Token(_));
            if token && let Some(mechanism) = mechanism {
                let challenge = challenge(&self.world, mechanism);
                if let Some(answer) = self.challenge(&challenge, mechanism).await? {
                    return self.refuse(tag, answer).await;
                }
            }
            return self.refuse(tag, REFUSED).await;
        }
        self.world.count(|counters| counters.sign_ins_accepted += 1);
        let account = self.world.account(&credentials.user).map(|account| account.address.clone());
        self.user = account;
        let capabilities = self.capabilities_by_the_way();
        self.wire.say(&format!("{tag} OK {capabilities}Logged in")).await
    }

    /// Sends a refused token's JSON and waits for the client's answer. Some text overrules the usual refusal.
    pub(crate) async fn challenge(
        &mut self,
        json: &str,
        mechanism: Mechanism,
    ) -> Result<Option<&'static str>, End> {
        self.wire.say(&format!("+ {}", STANDARD.encode(json))).await?;
        let answer = self.wire.line().await?;
        if answer == mechanism.end_of_challenge() {
            return Ok(None);
        }
        self.world.count(|counters| counters.bad_challenge_answers += 1);
        Ok(match answer.as_slice() {
            b"*" => Some("BAD Authentication aborted by client."),
            other if STANDARD.decode(other).is_err() => Some("NO [ALERT] Invalid base64 in response"),
            _ => None,
        })
    }

    async fn refuse(&mut self, tag: &str, text: &str) -> Result<(), End> {
        self.world.count(|counters| counters.sign_ins_refused += 1);
        self.wire.say(&format!("{tag} {text}")).await
    }

    /// Says what the script wrote. A challenge needs a mechanism that has one.
    pub(crate) async fn say_reply(
        &mut self,
        tag: &str,
        reply: Reply,
        mechanism: Option<Mechanism>,
    ) -> Result<(), End> {
        if let (Some(json), Some(mechanism)) = (&reply.challenge, mechanism) {
            self.challenge(json, mechanism).await?;
        }
        for line in &reply.untagged {
            self.wire.say(&format!("* {line}")).await?;
        }
        if let Some(tagged) = &reply.tagged {
            self.wire.say(&format!("{tag} {tagged}")).await?;
        }
        for line in &reply.afterwards {
            self.wire.say(&format!("* {line}")).await?;
        }
        if reply.close {
            self.wire.close().await;
            return Err(End::Closed);
        }
        Ok(())
    }
}

fn read_arguments(cursor: &mut Cursor<'_>) -> Result<(String, Option<String>), Malformed> {
    cursor.space()?;
    let name = cursor.name()?;
    let initial = if cursor.eat(b' ') { Some(cursor.word()?.to_owned()) } else { None };
    cursor.end()?;
    Ok((name, initial))
}
