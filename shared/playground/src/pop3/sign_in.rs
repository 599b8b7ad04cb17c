//! AUTH (RFC 5034), USER and PASS.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::session::Session;
use crate::imap::credentials::{Credentials, Mechanism, Proof, challenge};
use crate::imap::wire::End;
use crate::script::{Pop3Oddity, Step};

const REFUSED: &str = "[AUTH] Username and password not accepted.";

impl Session {
    /// A token must come in a line of its own: with the command's, the connection ends, as Microsoft does it.
    pub(crate) async fn auth(&mut self, argument: &str) -> Result<(), End> {
        let (name, initial) = argument.split_once(' ').unwrap_or((argument, ""));
        let name = name.to_ascii_uppercase();
        let sasl = self.world.pop3_capabilities();
        let mut sasl =
            sasl.iter().filter_map(|line| line.strip_prefix("SASL ")).flat_map(str::split_whitespace);
        let offered = sasl.any(|word| word == name);
        let Some(mechanism) = Mechanism::named(&name).filter(|_| offered) else {
            return self.refuse("Unsupported authentication mechanism.").await;
        };
        if !initial.is_empty() && mechanism != Mechanism::Plain {
            self.refuse("Protocol error. Connection is closed. 10").await?;
            self.wire.close().await;
            return Err(End::Closed);
        }
        if mechanism == Mechanism::Plain && self.is(Pop3Oddity::PlainDoesNotWork) {
            return self.refuse("Unrecognized authentication type.").await;
        }
        if mechanism == Mechanism::Plain && self.is(Pop3Oddity::EndsAtPlain) {
            self.refuse("Protocol error.").await?;
            return Err(End::Closed);
        }
        let asks_again = self.is(Pop3Oddity::AsksAgain);
        let line = if initial.is_empty() || asks_again {
            self.say(if asks_again { "+ Send your response" } else { "+ " }).await?;
            self.wire.line().await?
        } else {
            initial.as_bytes().to_vec()
        };
        match Credentials::decode(mechanism, &line) {
            Some(credentials) => self.judge(credentials).await,
            None => self.refuse("Invalid SASL argument.").await,
        }
    }

    pub(crate) async fn pass(&mut self, password: &str) -> Result<(), End> {
        let Some(user) = self.named.take() else { return self.err("USER first.").await };
        self.judge(Credentials { user, proof: Proof::Password(password.to_owned()) }).await
    }

    async fn judge(&mut self, credentials: Credentials) -> Result<(), End> {
        if self.is(Pop3Oddity::ForgetsBehindSignIn) {
            self.wire.forget_more();
        }
        if self.is_now(Pop3Oddity::LockedAtTimes) {
            return self.refuse("maildrop already locked").await;
        }
        let fault = self.world.take_fault(Some(&credentials.user), |step| *step == Step::SignIn);
        if let Some(act) = fault {
            if act.replaces_answer() {
                self.world.count(|counters| counters.sign_ins_refused += 1);
            }
            if self.play(act).await? {
                return Ok(());
            }
        }
        if !credentials.are_accepted(&self.world) {
            if matches!(credentials.proof, Proof::Token(_)) {
                self.challenge(&challenge(&self.world, Mechanism::XOAuth2)).await?;
            }
            return self.refuse(REFUSED).await;
        }
        self.world.count(|counters| counters.sign_ins_accepted += 1);
        let account = self.world.account(&credentials.user).map(|account| account.address.clone());
        self.open(&account.unwrap_or(credentials.user));
        self.ok("Welcome.").await?;
        if self.is(Pop3Oddity::TalksAtSignIn) {
            self.say("* Your quota is nearly used up.").await?;
        }
        Ok(())
    }

    /// Sends a refused token's JSON and waits for the client's answer.
    pub(crate) async fn challenge(&mut self, json: &str) -> Result<(), End> {
        self.say(&format!("+ {}", STANDARD.encode(json))).await?;
        let answer = self.wire.line().await?;
        if !answer.is_empty() && answer != b"AQ==" {
            self.world.count(|counters| counters.bad_challenge_answers += 1);
        }
        Ok(())
    }

    async fn refuse(&mut self, text: &str) -> Result<(), End> {
        self.world.count(|counters| counters.sign_ins_refused += 1);
        self.err(text).await
    }
}
