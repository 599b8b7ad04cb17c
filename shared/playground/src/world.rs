//! What the provider, the mail server and the script share.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::account::Account;
use crate::clock::Clock;
use crate::counters::Counters;
use crate::imap::folder::PostOffice;
use crate::oauth::authority::Authority;
use crate::script::{Act, Answer, Endpoint, MailFault, Oddity, Plan, Spoilt, Step};

/// What the mail server can do, by default.
const CAPABILITIES: [&str; 9] = [
    "IMAP4rev1",
    "SASL-IR",
    "ID",
    "IDLE",
    "LITERAL+",
    "UNSELECT",
    "AUTH=PLAIN",
    "AUTH=XOAUTH2",
    "AUTH=OAUTHBEARER",
];

/// What the POP3 server can do, by default: lines of CAPA.
const POP3_CAPABILITIES: [&str; 7] =
    ["TOP", "UIDL", "RESP-CODES", "AUTH-RESP-CODE", "PIPELINING", "USER", "SASL PLAIN XOAUTH2 OAUTHBEARER"];

pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) accounts: Vec<Account>,
    /// Cancelled first: say goodbye.
    pub(crate) closing: CancellationToken,
    /// Issuer over https; also named in refused sign-ins.
    pub(crate) issuer: String,
    pub(crate) mail_wire_out: Arc<AtomicU64>,
    authority: Mutex<Authority>,
    post: Mutex<PostOffice>,
    plan: Mutex<Plan>,
    counters: Mutex<Counters>,
    capabilities: Mutex<Vec<String>>,
    pop3_capabilities: Mutex<Vec<String>>,
    /// Changes whenever a mailbox changes: wakes sessions in IDLE.
    news: watch::Sender<u64>,
}

impl World {
    pub(crate) fn new(accounts: Vec<Account>, issuer: String, authority: Authority) -> Self {
        let post = PostOffice::new(accounts.iter().map(|account| account.address.as_str()));
        Self {
            clock: Clock::default(),
            accounts,
            closing: CancellationToken::new(),
            issuer,
            mail_wire_out: Arc::default(),
            authority: Mutex::new(authority),
            post: Mutex::new(post),
            plan: Mutex::default(),
            counters: Mutex::default(),
            capabilities: Mutex::new(CAPABILITIES.map(str::to_owned).to_vec()),
            pop3_capabilities: Mutex::new(POP3_CAPABILITIES.map(str::to_owned).to_vec()),
            news: watch::Sender::new(0),
        }
    }

    pub(crate) fn account(&self, address: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.is(address))
    }

    pub(crate) fn authority(&self) -> MutexGuard<'_, Authority> {
        lock(&self.authority)
    }

    pub(crate) fn post(&self) -> MutexGuard<'_, PostOffice> {
        lock(&self.post)
    }

    pub(crate) fn plan(&self) -> MutexGuard<'_, Plan> {
        lock(&self.plan)
    }

    pub(crate) fn count(&self, change: impl FnOnce(&mut Counters)) {
        change(&mut lock(&self.counters));
    }

    pub(crate) fn counters_now(&self) -> Counters {
        let mut counters = lock(&self.counters).clone();
        counters.mail_wire_bytes_out = self.mail_wire_out.load(Ordering::Relaxed);
        counters
    }

    pub(crate) fn reset_counters(&self) {
        *lock(&self.counters) = Counters::default();
        self.mail_wire_out.store(0, Ordering::Relaxed);
    }

    pub(crate) fn capabilities(&self) -> Vec<String> {
        lock(&self.capabilities).clone()
    }

    pub(crate) fn set_capabilities(&self, words: &[&str]) {
        *lock(&self.capabilities) = words.iter().map(|word| (*word).to_owned()).collect();
    }

    pub(crate) fn pop3_capabilities(&self) -> Vec<String> {
        lock(&self.pop3_capabilities).clone()
    }

    pub(crate) fn set_pop3_capabilities(&self, lines: &[&str]) {
        *lock(&self.pop3_capabilities) = lines.iter().map(|line| (*line).to_owned()).collect();
    }

    /// Wakes sessions in IDLE.
    pub(crate) fn announce(&self) {
        self.news.send_modify(|version| *version = version.wrapping_add(1));
    }

    pub(crate) fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    pub(crate) fn spoilt(&self, address: &str, uid: u32) -> Option<Spoilt> {
        self.plan().spoilt.get(&(address.to_ascii_lowercase(), uid)).cloned()
    }

    /// The next scripted answer of an endpoint, if any.
    pub(crate) fn interrupt(&self, endpoint: Endpoint) -> Option<Answer> {
        self.plan().answers.get_mut(&endpoint)?.pop_front()
    }

    pub(crate) fn oddity(&self) -> Option<Oddity> {
        self.plan().oddity
    }

    /// The first waiting fault that fits, taken out of the script.
    pub(crate) fn take_fault(&self, user: Option<&str>, fits: impl Fn(&Step) -> bool) -> Option<Act> {
        let mut plan = self.plan();
        let meant = |fault: &MailFault| match (&fault.user, user) {
            (None, _) => true,
            (Some(meant), Some(user)) => meant.eq_ignore_ascii_case(user),
            (Some(_), None) => false,
        };
        let at = plan.mail_faults.iter().position(|fault| meant(fault) && fits(&fault.step))?;
        plan.mail_faults.remove(at).map(|fault| fault.act)
    }
}

/// A panic in one test's thread must not hide the state from its assertions.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
