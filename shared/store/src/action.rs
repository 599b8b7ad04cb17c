//! One action of a transaction: what is done to one item, under which conditions, and what a refusal means.

use std::{borrow::Cow, collections::BTreeMap};

use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure::AllOld,
    TransactWriteItem, Update,
};
use intake::{Error, Result, ports::Why};

use crate::{
    item::{Item, has, number, number_of, text, text_of},
    keys::Key,
};

/// A condition on the item as it is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Condition {
    /// It does not exist.
    Absent,
    /// It exists.
    Present,
    /// An attribute has this value.
    Equals(&'static str, AttributeValue),
    /// It exists, and an attribute has another value.
    Differs(&'static str, AttributeValue),
    /// It does not exist, or an attribute has this value.
    AbsentOrEquals(&'static str, AttributeValue),
    /// A counter is missing or zero.
    Zero(&'static str),
}

/// What a failed condition means; some meanings are in the item that is there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Meaning {
    /// As it stands.
    Is(Why),
    /// `by` names the message.
    Seen,
    /// `issue` names the issue.
    Threaded,
    /// `request` and `object` are remembered.
    Remembered,
}

/// What is done to the item.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Verb {
    Put(Item),
    Update(Edit),
    Delete,
    Check,
}

/// Parts of an update.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Edit {
    pub(crate) set: BTreeMap<String, AttributeValue>,
    /// Only where there is no such attribute yet.
    pub(crate) once: BTreeMap<String, AttributeValue>,
    pub(crate) add: BTreeMap<Cow<'static, str>, i64>,
    pub(crate) remove: Vec<String>,
}

/// One action, with the changes that it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Action {
    pub(crate) key: Key,
    pub(crate) verb: Verb,
    /// Which change demands what, and what its failure means.
    pub(crate) conditions: Vec<(usize, Condition, Meaning)>,
}

impl Verb {
    pub(crate) fn update() -> Self {
        Self::Update(Edit::default())
    }

    #[must_use]
    fn edit(mut self, change: impl FnOnce(&mut Edit)) -> Self {
        if let Self::Update(edit) = &mut self {
            change(edit);
        }
        self
    }

    #[must_use]
    pub(crate) fn set(self, name: &str, value: AttributeValue) -> Self {
        self.edit(|edit| drop(edit.set.insert(name.to_owned(), value)))
    }

    /// Where there is a value.
    #[must_use]
    pub(crate) fn set_some(self, name: &str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self,
        }
    }

    /// The inner None removes it.
    #[must_use]
    pub(crate) fn change(self, name: &str, value: Option<Option<AttributeValue>>) -> Self {
        match value {
            Some(None) => self.remove(name),
            value => self.set_some(name, value.flatten()),
        }
    }

    #[must_use]
    pub(crate) fn set_once(self, name: &str, value: AttributeValue) -> Self {
        self.edit(|edit| drop(edit.once.insert(name.to_owned(), value)))
    }

    #[must_use]
    pub(crate) fn add(self, name: impl Into<Cow<'static, str>>, n: i64) -> Self {
        self.edit(|edit| *edit.add.entry(name.into()).or_default() += n)
    }

    #[must_use]
    pub(crate) fn remove(self, name: &str) -> Self {
        self.edit(|edit| edit.remove.push(name.to_owned()))
    }
}

impl Edit {
    /// What an item looks like after it.
    fn apply(self, item: &mut Item) {
        item.extend(self.set);
        for (name, value) in self.once {
            item.entry(name).or_insert(value);
        }
        for (name, n) in self.add {
            let sum = i64::try_from(number_of(item, &name).unwrap_or(0)).unwrap_or(0) + n;
            item.insert(name.into_owned(), number(sum));
        }
        self.remove.iter().for_each(|name| drop(item.remove(name)));
    }

    fn then(&mut self, later: Self) {
        self.set.extend(later.set);
        for (name, value) in later.once {
            self.once.entry(name).or_insert(value);
        }
        for (name, n) in later.add {
            *self.add.entry(name).or_default() += n;
        }
        self.remove.extend(later.remove);
        self.remove.retain(|name| !self.set.contains_key(name));
        self.remove.sort();
        self.remove.dedup();
    }
}

impl Action {
    pub(crate) fn new(key: Key, verb: Verb) -> Self {
        Self { key, verb, conditions: Vec::new() }
    }

    #[must_use]
    pub(crate) fn when(mut self, change: usize, condition: Condition, meaning: impl Into<Meaning>) -> Self {
        self.conditions.push((change, condition, meaning.into()));
        self
    }

    /// Folds another action on the same item into this one: DynamoDB takes one action an item.
    pub(crate) fn fold(&mut self, other: Self) -> Result<()> {
        match (&mut self.verb, other.verb) {
            (Verb::Put(item), Verb::Update(edit)) => {
                // What is put has no past: the conditions of the update are met by it.
                edit.apply(item);
                return Ok(());
            }
            (Verb::Put(_), Verb::Check) => return Ok(()),
            (Verb::Update(edit), Verb::Update(later)) => edit.then(later),
            (_, Verb::Check) => {}
            (verb @ Verb::Check, more) => *verb = more,
            (Verb::Put(item), Verb::Put(same)) if *item == same => {}
            _ => {
                return Err(Error::internal(format!(
                    "two changes of one transaction contradict each other at {:?}",
                    self.key
                )));
            }
        }
        for condition in other.conditions {
            if !self.conditions.contains(&condition) {
                self.conditions.push(condition);
            }
        }
        Ok(())
    }

    /// What failed, given the item that was there.
    pub(crate) fn failed(&self, there: &Item) -> Vec<(usize, Why)> {
        let failed = self.conditions.iter().filter(|(_, condition, _)| !condition.holds(there));
        failed.map(|(change, _, meaning)| (*change, meaning.why(there))).collect()
    }

    /// Whether it claims the item for itself: only one transaction can have done that.
    pub(crate) fn claims(&self) -> bool {
        self.conditions.iter().any(|(_, condition, meaning)| match condition {
            Condition::Absent | Condition::Equals("version", _) => true,
            // A thing can be taken away once. Where it was changed by somebody else, that is told.
            Condition::Present => {
                self.verb == Verb::Delete && matches!(meaning, Meaning::Is(Why::Missing(_)))
            }
            _ => false,
        })
    }

    /// Whether the item that is there is what this action would have made: an earlier attempt of the same transaction
    /// came through, and its answer was lost.
    pub(crate) fn is_done(&self, there: &Item) -> bool {
        match &self.verb {
            Verb::Put(item) => item.len() == there.len() && has(there, item.iter()),
            Verb::Update(edit) => !edit.set.is_empty() && has(there, edit.set.iter()),
            Verb::Delete => there.is_empty(),
            Verb::Check => false,
        }
    }

    /// The SDK's form.
    pub(crate) fn build(&self, table: &str) -> Result<TransactWriteItem> {
        let mut expression = Expression::default();
        let condition = self.conditions.iter().map(|(_, c, _)| expression.condition(c)).collect::<Vec<_>>();
        let condition = (!condition.is_empty()).then(|| condition.join(" AND "));
        let item = TransactWriteItem::builder();
        let built = match &self.verb {
            Verb::Put(fields) => {
                let put = Put::builder()
                    .table_name(table)
                    .set_item(Some(fields.clone()))
                    .set_condition_expression(condition);
                let put = put
                    .set_expression_attribute_names(expression.names())
                    .set_expression_attribute_values(expression.values());
                item.put(put.return_values_on_condition_check_failure(AllOld).build().map_err(impossible)?)
            }
            Verb::Update(edit) => {
                let update = expression.update(edit);
                let update =
                    Update::builder().table_name(table).set_key(Some(self.key())).update_expression(update);
                let update = update
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(expression.names());
                let update = update.set_expression_attribute_values(expression.values());
                item.update(
                    update.return_values_on_condition_check_failure(AllOld).build().map_err(impossible)?,
                )
            }
            Verb::Delete => {
                let delete = Delete::builder()
                    .table_name(table)
                    .set_key(Some(self.key()))
                    .set_condition_expression(condition);
                let delete = delete
                    .set_expression_attribute_names(expression.names())
                    .set_expression_attribute_values(expression.values());
                item.delete(
                    delete.return_values_on_condition_check_failure(AllOld).build().map_err(impossible)?,
                )
            }
            Verb::Check => {
                let check = ConditionCheck::builder()
                    .table_name(table)
                    .set_key(Some(self.key()))
                    .set_condition_expression(condition);
                let check = check
                    .set_expression_attribute_names(expression.names())
                    .set_expression_attribute_values(expression.values());
                item.condition_check(
                    check.return_values_on_condition_check_failure(AllOld).build().map_err(impossible)?,
                )
            }
        };
        Ok(built.build())
    }

    fn key(&self) -> Item {
        [("pk".to_owned(), text(&self.key.pk)), ("sk".to_owned(), text(&self.key.sk))].into()
    }
}

impl Condition {
    fn holds(&self, there: &Item) -> bool {
        match self {
            Self::Absent => there.is_empty(),
            Self::Present => !there.is_empty(),
            Self::Equals(name, value) => there.get(*name) == Some(value),
            Self::Differs(name, value) => there.get(*name).is_some_and(|there| there != value),
            Self::AbsentOrEquals(name, value) => there.is_empty() || there.get(*name) == Some(value),
            Self::Zero(name) => number_of(there, name).unwrap_or(0) == 0,
        }
    }
}

impl From<Why> for Meaning {
    fn from(why: Why) -> Self {
        Self::Is(why)
    }
}

impl Meaning {
    fn why(&self, there: &Item) -> Why {
        let seen = || Some(Why::Seen { by: text_of(there, "by")?.parse().ok()? });
        let threaded = || Some(Why::Threaded { issue: text_of(there, "issue")?.parse().ok()? });
        let remembered = || {
            let (request, object) =
                (text_of(there, "request")?.to_owned(), text_of(there, "object")?.to_owned());
            Some(Why::Remembered(intake::ports::Remembered { request, object }))
        };
        match self {
            Self::Is(why) => why.clone(),
            Self::Seen => seen().unwrap_or(Why::Exists),
            Self::Threaded => threaded().unwrap_or(Why::Exists),
            Self::Remembered => remembered().unwrap_or(Why::Exists),
        }
    }
}

/// Placeholders of an expression, each name and value once.
#[derive(Debug, Default)]
struct Expression {
    names: Names,
    values: Item,
}

/// Placeholder to attribute name.
type Names = std::collections::HashMap<String, String>;

impl Expression {
    fn name(&mut self, name: &str) -> String {
        let placeholder = format!("#{name}");
        self.names.insert(placeholder.clone(), name.to_owned());
        placeholder
    }

    fn value(&mut self, value: AttributeValue) -> String {
        let placeholder = format!(":v{}", self.values.len());
        self.values.insert(placeholder.clone(), value);
        placeholder
    }

    fn condition(&mut self, condition: &Condition) -> String {
        match condition {
            Condition::Absent => format!("attribute_not_exists({})", self.name("pk")),
            Condition::Present => format!("attribute_exists({})", self.name("pk")),
            Condition::Equals(name, value) => format!("{} = {}", self.name(name), self.value(value.clone())),
            Condition::Differs(name, value) => {
                let name = self.name(name);
                format!("(attribute_exists({name}) AND {name} <> {})", self.value(value.clone()))
            }
            Condition::AbsentOrEquals(name, value) => {
                let (pk, name) = (self.name("pk"), self.name(name));
                format!("(attribute_not_exists({pk}) OR {name} = {})", self.value(value.clone()))
            }
            Condition::Zero(name) => {
                format!("(attribute_not_exists({0}) OR {0} = {1})", self.name(name), self.value(number(0)))
            }
        }
    }

    fn update(&mut self, edit: &Edit) -> String {
        let mut sets: Vec<String> = Vec::new();
        for (name, value) in &edit.set {
            sets.push(format!("{} = {}", self.name(name), self.value(value.clone())));
        }
        for (name, value) in &edit.once {
            let name = self.name(name);
            sets.push(format!("{name} = if_not_exists({name}, {})", self.value(value.clone())));
        }
        let adds: Vec<_> = edit
            .add
            .iter()
            .map(|(name, n)| format!("{} {}", self.name(name), self.value(number(n))))
            .collect();
        let removes: Vec<_> = edit.remove.iter().map(|name| self.name(name)).collect();
        let parts = [("SET", sets), ("ADD", adds), ("REMOVE", removes)];
        let parts = parts
            .iter()
            .filter(|(_, list)| !list.is_empty())
            .map(|(verb, list)| format!("{verb} {}", list.join(", ")));
        parts.collect::<Vec<_>>().join(" ")
    }

    fn names(&self) -> Option<Names> {
        (!self.names.is_empty()).then(|| self.names.clone())
    }

    fn values(&self) -> Option<Item> {
        (!self.values.is_empty()).then(|| self.values.clone())
    }
}

fn impossible(error: aws_sdk_dynamodb::error::BuildError) -> Error {
    Error::internal(format!("a transaction could not be built ({error})"))
}
