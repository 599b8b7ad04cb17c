//! A process that ends at a stated call: ports in which every call is counted and may be the last.
//!
//! The call is not carried out, or it is and its answer is lost. From then on nothing gets through any more, as if the
//! process had died or the network were gone; what it did until then stays in the database, the blobs and the mailbox.
//! After a hiccup everything goes on.

mod blobs;
mod mail;
mod store;
mod vault;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use intake::{
    App, Error,
    ports::{MailError, MailFault, StoreError},
};

/// A call: the n-th of its name, counted from one over the life of a process.
///
/// Its place among all calls may change with the speed of threads, its name and number do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// Port and method, such as `blobs.put`.
    pub name: &'static str,
    /// Which of them.
    pub nth: u32,
}

/// When a process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The call is not carried out.
    Before,
    /// It is carried out, and its answer is lost.
    After,
}

/// What happens at a call.
type Happening = Box<dyn FnOnce() + Send>;

/// One counter for all ports of a process, and where it ends.
pub struct Breaker(Mutex<State>);

#[derive(Default)]
struct State {
    calls: Vec<Call>,
    counts: BTreeMap<&'static str, u32>,
    end: Option<(Place, Moment)>,
    /// Only this one call fails.
    hiccup: bool,
    /// It does not fail, it panics.
    panics: bool,
    meanwhile: Vec<(Call, Happening)>,
    /// Blobs that nobody has made durable yet.
    unflushed: BTreeSet<String>,
    over: bool,
    failed: bool,
}

/// Which call is the last.
enum Place {
    Call(Call),
    /// The first write of this blob.
    Blob(String),
}

impl Breaker {
    /// Only counts.
    pub fn watching() -> Arc<Self> {
        Arc::new(Self(Mutex::default()))
    }

    /// Ends the process at this call.
    pub fn at(call: Call, moment: Moment) -> Arc<Self> {
        Self::ending(Place::Call(call), moment)
    }

    /// Ends the process when it writes this blob.
    pub fn at_blob(name: &str, moment: Moment) -> Arc<Self> {
        Self::ending(Place::Blob(name.to_owned()), moment)
    }

    /// Fails this call, and no other.
    pub fn hiccup(call: Call, moment: Moment) -> Arc<Self> {
        let this = Self::at(call, moment);
        this.state().hiccup = true;
        this
    }

    /// Panics at this call, and at no other.
    pub fn panicking(call: Call) -> Arc<Self> {
        let this = Self::hiccup(call, Moment::Before);
        this.state().panics = true;
        this
    }

    fn ending(place: Place, moment: Moment) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State { end: Some((place, moment)), ..State::default() })))
    }

    /// What was gone is there again, until this call where one is given; calls are counted from one anew.
    pub fn mend(&self, until: Option<(Call, Moment)>) {
        let end = until.map(|(call, moment)| (Place::Call(call), moment));
        *self.state() = State { end, ..State::default() };
    }

    /// Something that happens elsewhere just before this call is carried out.
    pub fn meanwhile(&self, call: Call, happens: impl FnOnce() + Send + 'static) {
        self.state().meanwhile.push((call, Box::new(happens)));
    }

    /// A process of this installation whose calls go through here.
    pub fn process(self: &Arc<Self>, app: &App) -> App {
        App {
            store: Arc::new(store::Breakable::new(app.store.clone(), self.clone())),
            blobs: Arc::new(blobs::Breakable::new(app.blobs.clone(), self.clone())),
            vault: Arc::new(vault::Breakable::new(app.vault.clone(), self.clone())),
            mail: Arc::new(mail::Breakable::new(app.mail.clone(), self.clone())),
            credentials: Arc::default(),
            leases: Arc::default(),
            places: Arc::default(),
            ..app.clone()
        }
    }

    /// The power goes, too: what was not made durable is gone.
    pub async fn lose_unflushed(&self, app: &App) {
        let lost = std::mem::take(&mut self.state().unflushed);
        for name in lost {
            app.blobs.delete_prefix(&name).await.expect("a blob can be deleted");
        }
    }

    /// The calls so far, in their order.
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// Whether a call has failed here.
    pub fn has_failed(&self) -> bool {
        self.state().failed
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call; None where it is not carried out, else whether its answer is lost.
    fn begin(&self, name: &'static str, blob: Option<&str>) -> Option<bool> {
        let (last, happening, panics) = {
            let mut state = self.state();
            if state.over {
                return None;
            }
            let nth = state.counts.entry(name).or_default();
            *nth += 1;
            let call = Call { name, nth: *nth };
            state.calls.push(call);
            let last =
                state.end.as_ref().filter(|(place, _)| place.is(call, blob)).map(|(_, moment)| *moment);
            if last == Some(Moment::Before) {
                state.fail();
            }
            let at = state.meanwhile.iter().position(|(at, _)| *at == call);
            (last, at.map(|at| state.meanwhile.swap_remove(at).1), state.panics)
        };
        assert!(!(panics && last.is_some()), "a panic that quotes {name}");
        if let Some(happens) = happening {
            happens();
        }
        match last {
            Some(Moment::Before) => None,
            Some(Moment::After) => Some(true),
            None => Some(false),
        }
    }

    /// A call of a port.
    async fn call<T, E: Lost>(
        &self,
        name: &'static str,
        carried_out: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        self.call_on(name, None, carried_out).await
    }

    /// The same, which writes a blob.
    async fn call_on<T, E: Lost>(
        &self,
        name: &'static str,
        blob: Option<&str>,
        carried_out: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let Some(is_last) = self.begin(name, blob) else { return Err(E::lost()) };
        let answer = carried_out.await;
        let mut state = self.state();
        if is_last {
            state.fail();
        }
        if is_last || state.over { Err(E::lost()) } else { answer }
    }
}

impl State {
    fn fail(&mut self) {
        self.failed = true;
        self.over = !self.hiccup;
    }
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Breaker")
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.nth)
    }
}

impl Place {
    fn is(&self, call: Call, blob: Option<&str>) -> bool {
        match self {
            Self::Call(last) => *last == call,
            Self::Blob(last) => blob == Some(last),
        }
    }
}

/// What the real adapters say when the other side cannot be reached.
trait Lost {
    fn lost() -> Self;
}

impl Lost for Error {
    fn lost() -> Self {
        Self::retry("store_unreachable")
    }
}

impl Lost for StoreError {
    fn lost() -> Self {
        Self::Fault(Error::lost())
    }
}

impl Lost for MailError {
    fn lost() -> Self {
        let context = "talk to a mail server that is gone".to_owned();
        Self { fault: MailFault::Temporary, context, server_text: None }
    }
}
