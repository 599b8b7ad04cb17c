//! A handle on the script of a playground that runs.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use crate::{
    counters::Counters,
    oauth::{IssuedTokens, issue_directly},
    script::{
        Answer, CallbackIssuer, Endpoint, IdTokenTrick, MailFault, Oddity, Plan, Pop3Oddity, RefreshTokens,
        Rotation, Spoilt,
    },
    world::World,
};

/// Scripted answers and faults that may wait at once; further ones push out the oldest.
const MAX_WAITING: usize = 10_000;

/// A handle that makes the playground misbehave. Clones steer the same playground.
#[derive(Clone)]
pub struct Script {
    pub(crate) world: Arc<World>,
}

impl Script {
    /// Moves the playground's time ahead: tokens and codes expire without sleeping. Whole seconds.
    pub fn advance_clock(&self, by: Duration) {
        self.world.clock.advance(by);
    }

    /// Life of access tokens issued from now on; whole seconds, from 1 s.
    pub fn set_access_token_life(&self, life: Duration) {
        self.world.authority().policy.access_token_life = life.max(Duration::from_secs(1));
    }

    /// What token answers say of the refresh token's life from now on (`refresh_token_expires_in`), as Google does for a
    /// consent with an end; None says nothing.
    pub fn tell_refresh_token_life(&self, life: Option<Duration>) {
        self.world.authority().policy.told_refresh_token_life = life;
    }

    /// What refreshes do to the refresh token from now on.
    pub fn set_rotation(&self, rotation: Rotation) {
        self.world.authority().policy.rotation = rotation;
    }

    /// When codes bring a refresh token from now on.
    pub fn set_refresh_tokens(&self, when: RefreshTokens) {
        self.world.authority().policy.refresh_tokens = when;
    }

    /// What is wrong with ID tokens from now on.
    pub fn set_id_token(&self, trick: IdTokenTrick) {
        self.world.authority().policy.id_token = trick;
    }

    /// The `iss` of callbacks from now on.
    pub fn set_callback_issuer(&self, issuer: CallbackIssuer) {
        self.world.authority().policy.callback_issuer = issuer;
    }

    /// Scopes that people untick on the consent page from now on.
    pub fn withhold_scopes(&self, scopes: &[&str]) {
        self.world.authority().policy.withheld = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    }

    /// The next `times` requests to an endpoint get this answer, after those that wait already.
    pub fn answer_next(&self, endpoint: Endpoint, times: usize, answer: &Answer) {
        let mut plan = self.world.plan();
        let queue = plan.answers.entry(endpoint).or_default();
        for _ in 0..times.min(MAX_WAITING) {
            queue.push_back(answer.clone());
        }
        while queue.len() > MAX_WAITING {
            queue.pop_front();
        }
    }

    /// Adds one fault of the mail server; it happens once, when its step comes.
    pub fn mail_fault(&self, fault: MailFault) {
        let mut plan = self.world.plan();
        plan.mail_faults.push_back(fault);
        while plan.mail_faults.len() > MAX_WAITING {
            plan.mail_faults.pop_front();
        }
    }

    /// Forgets all waiting answers and faults, and mends all mails. Policies and time stay.
    pub fn calm(&self) {
        *self.world.plan() = Plan::default();
        self.world.announce();
    }

    /// Whether every scripted answer and fault has happened.
    pub fn is_used_up(&self) -> bool {
        let plan = self.world.plan();
        plan.mail_faults.is_empty() && plan.answers.values().all(VecDeque::is_empty)
    }

    /// Ends all access tokens of an account at once; refreshing still works.
    pub fn expire_access_tokens(&self, address: &str) {
        self.world.authority().expire_access_tokens(address);
    }

    /// Ends all grants of an account, as a person or an administrator does at the provider.
    pub fn revoke_grants(&self, address: &str) {
        self.world.authority().revoke_account(address);
    }

    /// Tokens of a new grant without any consent page; None for an unknown client or account.
    pub fn issue_tokens(&self, client_id: &str, address: &str) -> Option<IssuedTokens> {
        issue_directly(&self.world, client_id, address)
    }

    /// The words of CAPABILITY from now on. `SASL-IR` and each `AUTH=` word also switch the thing itself.
    pub fn set_mail_capabilities(&self, words: &[&str]) {
        self.world.set_capabilities(words);
    }

    /// The lines of POP3's CAPA from now on. `SASL` also switches its mechanisms themselves.
    pub fn set_pop3_capabilities(&self, lines: &[&str]) {
        self.world.set_pop3_capabilities(lines);
    }

    /// Another UIDVALIDITY, and new UIDs from 1 in the same order; by POP3, other unique-ids. Open sessions of the mailbox end with BYE.
    pub fn renumber(&self, address: &str) {
        self.world.post().renumber(address);
        self.world.announce();
    }

    /// New UIDs from 1 in the same order under the same UIDVALIDITY, which RFC 3501 forbids.
    pub fn renumber_in_silence(&self, address: &str) {
        self.world.post().renumber_in_silence(address);
        self.world.announce();
    }

    /// Removes one mail; false if it was not there.
    pub fn remove(&self, address: &str, uid: u32) -> bool {
        let removed = self.world.post().remove(address, uid);
        self.world.announce();
        removed
    }

    /// Raises UIDNEXT without any mail, as a mail that came and went does.
    pub fn skip_uids(&self, address: &str, count: u32) {
        self.world.post().skip_uids(address, count);
    }

    /// The IMAP server is odd in this way from now on, and the POP3 server is honest; None: so is this one.
    pub fn be_odd(&self, oddity: Option<Oddity>) {
        self.world.plan().be_odd(oddity, None);
    }

    /// The POP3 server is odd in this way from now on, and the IMAP server is honest; None: so is this one.
    pub fn be_odd_by_pop3(&self, oddity: Option<Pop3Oddity>) {
        self.world.plan().be_odd(None, oddity);
    }

    /// Spoils one mail until [`Script::mend`].
    pub fn spoil(&self, address: &str, uid: u32, how: Spoilt) {
        self.world.plan().spoilt.insert((address.to_ascii_lowercase(), uid), how);
    }

    /// Ends what [`Script::spoil`] began.
    pub fn mend(&self, address: &str, uid: u32) {
        self.world.plan().spoilt.remove(&(address.to_ascii_lowercase(), uid));
        self.world.announce();
    }

    /// The UIDs and flags of a mailbox, hidden mails included.
    pub fn mailbox(&self, address: &str) -> Vec<(u32, Vec<String>)> {
        self.world.post().listing(address)
    }

    /// What was counted so far.
    pub fn counters(&self) -> Counters {
        self.world.counters_now()
    }

    /// Counts from zero.
    pub fn reset_counters(&self) {
        self.world.reset_counters();
    }
}
