//! A change by a person: conditions on what they saw, the audit entry, and a request that may come twice.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    App, Error, Kind, Result, Sentence,
    ports::{Change, Rejection, Remembered, StoreError, Why},
    types::{
        Version,
        audit::{Actor, AuditEntry, FieldChange},
        ids::AuditId,
    },
};

/// How long an Idempotency-Key is remembered.
const REMEMBERED_FOR: Duration = Duration::from_secs(DAY);
const DAY: u64 = 24 * 60 * 60;

/// What stands for a secret wherever people look.
pub const MASK: &str = "••••";

/// The version that a caller saw (`If-Match`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expect(Option<Vec<Version>>);

impl Expect {
    /// Whatever is there.
    pub fn any() -> Self {
        Self(None)
    }

    /// One of these; none of them never fits.
    pub fn one_of(versions: Vec<Version>) -> Self {
        Self(Some(versions))
    }

    /// `Kind::Stale` where the caller saw another version.
    pub fn check(&self, present: Version) -> Result<()> {
        match &self.0 {
            Some(seen) if !seen.contains(&present) => Err(Error::told(Kind::Stale, "version_mismatch")),
            _ => Ok(()),
        }
    }
}

/// An Idempotency-Key with the request it came with, as keyed hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    key: String,
    request: String,
}

impl Once {
    /// The most characters of a key.
    pub const MAX_KEY: usize = 255;

    /// For this caller, call (method and path) and body. The key: 1 to 255 printable ASCII characters.
    pub fn new(app: &App, actor: &Actor, call: &str, key: &str, body: &str) -> Result<Self> {
        let printable = key.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
        if key.trim().is_empty() || key.len() > Self::MAX_KEY || !printable {
            return Err(Error::told(Kind::Invalid, "idempotency_key_invalid"));
        }
        let person = || actor.person.clone().unwrap_or_else(|| actor.name.clone());
        let caller = actor.token_id.map_or_else(person, |id| id.to_string());
        Ok(Self {
            key: app.mac.tag("idempotency-key", &format!("{caller}\n{call}\n{key}")),
            request: app.mac.tag("idempotency-request", body),
        })
    }

    /// The item of the day that is so many days ago. An expired item may lie there for days until it is swept, and must
    /// not be in the way of a new one: each day has its own.
    fn key(&self, app: &App, days_ago: u64) -> String {
        let day = u64::try_from(app.now().as_second()).unwrap_or(0) / DAY;
        format!("{}.{}", self.key, day.saturating_sub(days_ago))
    }

    fn object_of(&self, remembered: Remembered) -> Result<String> {
        if remembered.request == self.request {
            return Ok(remembered.object);
        }
        Err(Error::told(Kind::Invalid, "idempotency_key_reused"))
    }
}

/// What the request made when it came before; None when it is new.
pub async fn made_before(app: &App, once: Option<&Once>) -> Result<Option<String>> {
    let Some(once) = once else { return Ok(None) };
    for days_ago in [0, 1] {
        if let Some(what) = app.store.remembered(&once.key(app, days_ago), app.now()).await? {
            return once.object_of(what).map(Some);
        }
    }
    Ok(None)
}

/// Whether a commit happened now.
#[derive(Debug, PartialEq, Eq)]
pub enum Committed {
    /// Now.
    Now,
    /// The same request was carried out meanwhile, and made this.
    Before(String),
}

/// Why a deed was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undone {
    /// It contradicts what is there.
    Refused(Why),
    /// The store could not be asked, or the request is not right.
    Failed(Error),
}

impl From<Error> for Undone {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Undone> for Error {
    fn from(undone: Undone) -> Self {
        match undone {
            Undone::Refused(why) => explain(&why),
            Undone::Failed(error) => error,
        }
    }
}

/// What a person does to one object, with everything that is written along with it.
pub struct Deed<'a> {
    app: &'a App,
    changes: Vec<Change>,
    entry: AuditEntry,
    once: Option<&'a Once>,
}

impl<'a> Deed<'a> {
    /// `action`: a stable dotted word such as `integration.created`; `subject`: the object's identifier or key.
    pub fn new(app: &'a App, actor: &Actor, action: &str, subject: impl ToString) -> Self {
        let at = app.now();
        let entry = AuditEntry {
            id: AuditId::from_parts(at, app.id_bits()),
            at,
            actor: actor.clone(),
            action: action.to_owned(),
            subject: subject.to_string(),
            changes: Vec::new(),
        };
        Self { app, changes: Vec::new(), entry, once: None }
    }

    /// Adds a change.
    #[must_use]
    pub fn change(mut self, change: Change) -> Self {
        self.changes.push(change);
        self
    }

    /// Adds changes.
    #[must_use]
    pub fn changes(mut self, changes: impl IntoIterator<Item = Change>) -> Self {
        self.changes.extend(changes);
        self
    }

    /// Tells what changed.
    #[must_use]
    pub fn tells(mut self, diff: Diff) -> Self {
        self.entry.changes = diff.0;
        self
    }

    /// Remembers the request.
    #[must_use]
    pub fn once(mut self, once: Option<&'a Once>) -> Self {
        self.once = once;
        self
    }

    /// Writes all or nothing.
    pub async fn commit(self) -> Result<Committed, Undone> {
        let Self { app, mut changes, entry, once } = self;
        let object = entry.subject.clone();
        changes.push(Change::Audit(entry));
        if let Some(once) = once {
            changes.push(Change::Remember {
                key: once.key(app, 0),
                what: Remembered { request: once.request.clone(), object },
                expires_at: app.after(REMEMBERED_FOR),
            });
        }
        match app.store.commit(&changes).await {
            Ok(()) => Ok(Committed::Now),
            Err(StoreError::Fault(error)) => Err(error.into()),
            Err(StoreError::Rejected(rejections)) => refused(&rejections, once),
        }
    }
}

/// A request that came twice at once also collides with its own names: what is remembered goes first.
fn refused(rejections: &[Rejection], once: Option<&Once>) -> Result<Committed, Undone> {
    let remembered = rejections.iter().find_map(|r| match &r.why {
        Why::Remembered(what) => Some(what.clone()),
        _ => None,
    });
    if let (Some(what), Some(once)) = (remembered, once) {
        return Ok(Committed::Before(once.object_of(what)?));
    }
    let why = rejections.iter().map(|r| &r.why).min_by_key(|why| rank(why));
    Err(why.cloned().map_or_else(|| Error::internal("a refusal without a reason").into(), Undone::Refused))
}

fn rank(why: &Why) -> u8 {
    match why {
        Why::NameTaken => 0,
        Why::Missing(_) => 1,
        Why::InUse => 2,
        _ => 3,
    }
}

fn explain(why: &Why) -> Error {
    let conflict = |key: &'static str| Error::told(Kind::Conflict, key);
    match why {
        Why::NameTaken => conflict("name_taken").at("/name", "field.taken.name"),
        Why::Missing(what) => Error::told(Kind::Invalid, Sentence::variant("validation_failed", what))
            .at(&pointer_of(what), Sentence::variant("field.missing", what)),
        Why::InUse => conflict("in_use"),
        Why::Stale => conflict("changed_meanwhile"),
        Why::FenceLost => Error::told(Kind::LeaseLost, "lease_lost"),
        Why::Exists | Why::Seen { .. } | Why::Threaded { .. } | Why::Remembered(_) => conflict("exists"),
    }
}

fn pointer_of(what: &str) -> String {
    match what {
        "grant" => "/auth/grant_id".to_owned(),
        "integration" => "/auth/integration_id".to_owned(),
        what => format!("/{what}"),
    }
}

/// The fields of an object, as it is told.
pub type Entry = Map<String, Value>;

/// What changed, for the audit trail. Fields that stayed the same are left out.
#[derive(Debug, Clone, Default)]
pub struct Diff(Vec<FieldChange>);

impl Diff {
    /// The longest value that the trail keeps, in characters.
    const MAX_CHARS: usize = 200;

    /// Everything that differs between two objects as they are told; None: it was not there.
    pub fn of<T: Serialize>(before: Option<&T>, after: &T) -> Self {
        let texts = |entry: Entry| entry.iter().map(|(name, value)| (name.clone(), text(value))).collect();
        let (before, after) = (before.map(entry_of).unwrap_or_default(), entry_of(after));
        let changes = differences(&texts(before), &texts(after)).into_iter();
        changes.fold(Self::default(), |diff, change| diff.field(&change.field, change.before, change.after))
    }

    /// A field with its values; what is empty was not there.
    #[must_use]
    pub fn field(mut self, name: &str, before: impl ToString, after: impl ToString) -> Self {
        let (before, after) = (before.to_string(), after.to_string());
        if before != after {
            let cut = |text: String| text.chars().take(Self::MAX_CHARS).collect();
            self.0.push(FieldChange { field: name.to_owned(), before: cut(before), after: cut(after) });
        }
        self
    }

    /// A secret that was set or replaced.
    #[must_use]
    pub fn secret(mut self, name: &str, replaced: bool, set: bool) -> Self {
        if set {
            let before = if replaced { MASK } else { "" };
            let change =
                FieldChange { field: name.to_owned(), before: before.to_owned(), after: MASK.to_owned() };
            self.0.push(change);
        }
        self
    }
}

/// The text of a value that may be missing.
pub(crate) fn shown<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// What differs between the fields of an object, by their names; what is empty was not there.
pub fn differences(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<FieldChange> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let text = |fields: &BTreeMap<String, String>, name: &str| fields.get(name).cloned().unwrap_or_default();
    let change = |name: &String| FieldChange {
        field: name.clone(),
        before: text(before, name),
        after: text(after, name),
    };
    names.into_iter().map(change).filter(|change| change.before != change.after).collect()
}

/// An object as it is told, without what is not there.
pub fn entry_of(told: &impl Serialize) -> Entry {
    let mut value = serde_json::to_value(told).unwrap_or_default();
    without_nulls(&mut value);
    if let Value::Object(entry) = value { entry } else { Entry::new() }
}

/// Takes out what is null, at every level: in a request, null and absent mean the same below the first.
pub fn without_nulls(value: &mut Value) {
    if let Value::Object(fields) = value {
        fields.retain(|_, value| !value.is_null());
        fields.values_mut().for_each(without_nulls);
    }
}

/// A field as the audit trail tells it: words as they are, several behind each other, anything else as JSON.
fn text(value: &Value) -> String {
    let words = |values: &mut dyn Iterator<Item = &Value>| -> Option<String> {
        Some(values.map(Value::as_str).collect::<Option<Vec<_>>>()?.join(" ")).filter(|text| !text.is_empty())
    };
    match value {
        Value::String(text) => text.clone(),
        Value::Object(fields) => words(&mut fields.values()).unwrap_or_else(|| value.to_string()),
        Value::Array(list) => words(&mut list.iter()).unwrap_or_else(|| value.to_string()),
        other => other.to_string(),
    }
}
