//! One handler as fields of a form: its conditions row by row, what becomes of the mail, and how the issue looks.
//!
//! What fields cannot say, such as groups within groups, stays JSON: nothing is lost by looking at it.

use intake::types::handler::Handler;
use serde_json::{Map, Value, json};

/// What a list of handlers may do with a mail, in the order of the choices.
pub(super) const OUTCOMES: [&str; 6] =
    ["create_or_comment", "create", "comment", "as_forwarded", "ignore", "hold"];
/// The kinds of conditions, in the order of the choices. The last one is JSON.
pub(super) const KINDS: [&str; 11] = [
    "from",
    "to",
    "subject",
    "sub_address",
    "kind",
    "likely",
    "list",
    "header",
    "size",
    "sender_verdict",
    "json",
];
/// Words that stand for yes or no.
const SWITCHES: [&str; 2] = ["watchers_from_cc", "strip_quotes"];

/// A handler, as far as fields can say it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Row {
    pub(super) name: String,
    /// One condition suffices.
    pub(super) any: bool,
    pub(super) conditions: Vec<Condition>,
    /// One of [`OUTCOMES`], or nothing.
    pub(super) outcome: String,
    /// How the issue looks, as the API has it.
    pub(super) set: Map<String, Value>,
    pub(super) stop: bool,
}

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Condition {
    /// It must not hold.
    pub(super) not: bool,
    /// One of [`KINDS`].
    pub(super) kind: String,
    /// What is compared; of a size the lower end, of a header field its name.
    pub(super) value: String,
    /// Of a size the upper end, of a header field what it says.
    pub(super) more: String,
}

impl Row {
    /// A handler in fields; None where fields cannot say it.
    pub(super) fn of(handler: &Handler) -> Option<Self> {
        let told = usual(serde_json::to_value(handler).ok()?);
        let (any, conditions) = match told.get("when") {
            None => (false, Vec::new()),
            Some(when) => match (when.get("all"), when.get("any")) {
                (Some(Value::Array(all)), _) => (false, all.iter().map(Condition::of).collect()),
                (_, Some(Value::Array(any))) => (true, any.iter().map(Condition::of).collect()),
                _ => (false, vec![Condition::of(when)]),
            },
        };
        let mut row =
            Self { name: handler.name.clone(), any, conditions, stop: handler.stop, ..Self::default() };
        for action in told["then"].as_array()? {
            let (word, value) = action.as_object()?.iter().next()?;
            match (word.as_str(), value) {
                ("set", Value::Object(set)) => row.set = set.clone(),
                (outcome, _) => row.outcome = outcome.to_owned(),
            }
        }
        (row.handler() == told).then_some(row)
    }

    /// A handler as the API has it, in fields; None where fields cannot say it.
    pub(super) fn read_told(told: &Value) -> Option<Self> {
        Self::of(&serde_json::from_value(told.clone()).ok()?)
    }

    /// What a form's fields say.
    pub(super) fn read(fields: &Value) -> Self {
        let text = |name: &str| fields[name].as_str().unwrap_or_default().to_owned();
        let conditions = in_order(&fields["if"]).map(Condition::read).collect();
        let mut set = fields["set"].as_object().cloned().unwrap_or_default();
        for name in SWITCHES {
            if let Some(word) = set.get(name).and_then(Value::as_str) {
                let is_on = word == "true";
                set.insert(name.to_owned(), Value::from(is_on));
            }
        }
        without_nothing(&mut set);
        Self {
            name: text("name"),
            any: text("join") == "any",
            conditions,
            outcome: text("outcome"),
            set,
            stop: fields["stop"] == json!(true),
        }
    }

    /// The fields of a form.
    pub(super) fn fields(&self) -> Value {
        let conditions: Vec<Value> = self.conditions.iter().map(Condition::fields).collect();
        json!({
            "name": self.name, "join": if self.any { "any" } else { "all" }, "if": conditions,
            "outcome": self.outcome, "set": self.set, "stop": self.stop,
        })
    }

    /// The handler, as the API has it.
    pub(super) fn handler(&self) -> Value {
        let mut conditions: Vec<Value> = self.conditions.iter().map(Condition::condition).collect();
        let mut then: Vec<Value> = Vec::new();
        if !self.outcome.is_empty() {
            then.push(one(&self.outcome, json!({})));
        }
        if !self.set.is_empty() {
            then.push(json!({ "set": self.set }));
        }
        let mut handler = json!({ "name": self.name, "then": then, "stop": self.stop });
        match conditions.len() {
            0 => {}
            1 => handler["when"] = conditions.remove(0),
            _ => handler["when"] = one(if self.any { "any" } else { "all" }, Value::Array(conditions)),
        }
        handler
    }
}

impl Condition {
    fn of(told: &Value) -> Self {
        let inner = told.get("not").filter(|inner| inner.get("not").is_none());
        let (not, plain) = (inner.is_some(), inner.unwrap_or(told));
        Self::plain(plain).map_or_else(
            || Self { kind: "json".to_owned(), value: told.to_string(), ..Self::default() },
            |condition| Self { not, ..condition },
        )
    }

    /// One that is no group.
    fn plain(told: &Value) -> Option<Self> {
        let (kind, value) = told.as_object()?.iter().next()?;
        let text = |value: Option<&Value>| match value {
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => String::new(),
        };
        let (value, more) = match kind.as_str() {
            "all" | "any" | "not" => return None,
            "header" => (text(value.get("name")), text(value.get("value"))),
            "size" => (text(value.get("above")), text(value.get("below"))),
            _ => (text(Some(value)), String::new()),
        };
        Some(Self { not: false, kind: kind.clone(), value, more })
    }

    fn read(fields: &Value) -> Self {
        let text = |name: &str| fields[name].as_str().unwrap_or_default().to_owned();
        Self {
            not: fields["not"] == json!(true),
            kind: text("kind"),
            value: text("value"),
            more: text("more"),
        }
    }

    fn fields(&self) -> Value {
        json!({ "not": self.not, "kind": self.kind, "value": self.value, "more": self.more })
    }

    fn condition(&self) -> Value {
        let number = |text: &str| text.parse::<u64>().map_or_else(|_| Value::from(text), Value::from);
        let given = |pairs: [(&str, &str, bool); 2]| {
            let given = pairs.into_iter().filter(|(_, text, _)| !text.is_empty());
            let value = |text: &str, is_number| if is_number { number(text) } else { Value::from(text) };
            Value::Object(
                given.map(|(name, text, is_number)| (name.to_owned(), value(text, is_number))).collect(),
            )
        };
        let plain = match self.kind.as_str() {
            "json" => serde_json::from_str(&self.value).unwrap_or_else(|_| Value::from(self.value.as_str())),
            // A field without a name is told as such.
            "header" if self.value.is_empty() => json!({ "header": { "name": "" } }),
            "header" => one("header", given([("name", &self.value, false), ("value", &self.more, false)])),
            "size" => one("size", given([("above", &self.value, true), ("below", &self.more, true)])),
            kind => one(kind, Value::from(self.value.as_str())),
        };
        if self.not { json!({ "not": plain }) } else { plain }
    }
}

/// The entries of an object whose names are numbers, in their order.
pub(super) fn in_order(fields: &Value) -> impl Iterator<Item = &Value> {
    let mut entries: Vec<(usize, &Value)> = fields
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.parse().ok()?, value)))
        .collect();
    entries.sort_by_key(|(n, _)| *n);
    entries.into_iter().map(|(_, value)| value)
}

fn one(name: &str, value: Value) -> Value {
    Value::Object(Map::from_iter([(name.to_owned(), value)]))
}

/// Takes out lists and objects that say nothing.
fn without_nothing(fields: &mut Map<String, Value>) {
    for value in fields.values_mut() {
        if let Value::Object(inner) = value {
            without_nothing(inner);
        }
    }
    fields.retain(|_, value| match value {
        Value::Array(list) => !list.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Null => false,
        _ => true,
    });
}

/// The same handler in the one form that fields write: a group of one is that one, and what becomes of the mail stands
/// before how the issue looks.
fn usual(mut told: Value) -> Value {
    let alone = |when: &Value| {
        let group = when.get("all").or_else(|| when.get("any")).and_then(Value::as_array);
        group.filter(|group| group.len() == 1).map(|group| group[0].clone())
    };
    if let Some(one) = told.get("when").and_then(alone) {
        told["when"] = one;
    }
    if let Some(Value::Array(then)) = told.get_mut("then") {
        then.sort_by_key(|action| action.get("set").is_some());
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(handler: Value) -> Option<Row> {
        Row::of(&serde_json::from_value(handler).unwrap())
    }

    #[test]
    fn fields_say_what_a_handler_says() {
        for handler in [
            json!({"name": "a", "then": [{"hold": {}}], "stop": false}),
            json!({"name": "b", "when": {"from": "@example.org"}, "then": [{"ignore": {}}], "stop": true}),
            json!({"name": "c", "when": {"any": [{"to": "x@*"}, {"not": {"kind": "list"}}, {"size": {"above": 5}},
                {"header": {"name": "X-Spam", "value": "yes*"}}, {"header": {"name": "X"}}]},
                "then": [{"create": {}}, {"set": {"project": "SUP", "labels": ["a", "b"], "strip_quotes": false,
                "attachments": {"max_bytes": 10, "leave_out": ["*.exe"]}}}], "stop": false}),
            json!({"name": "d", "when": {"all": [{"any": [{"from": "x"}, {"to": "y"}]}, {"subject": "z"}]},
                "then": [{"set": {"type": "bill"}}], "stop": false}),
        ] {
            let row = row(handler.clone()).unwrap_or_else(|| panic!("{handler}"));
            assert_eq!(row.handler(), handler);
            // As a browser sends them: the numbers of a list are names.
            let mut fields = row.fields();
            let listed = fields["if"].as_array().unwrap().iter().enumerate();
            fields["if"] = Value::Object(listed.map(|(n, one)| (n.to_string(), one.clone())).collect());
            assert_eq!(Row::read(&fields), row);
        }
    }

    #[test]
    fn forms_that_mean_the_same_become_one() {
        let told = json!({"name": "a", "when": {"any": [{"from": "x"}]},
            "then": [{"set": {"type": "t"}}, {"hold": {}}], "stop": false});
        let row = row(told).unwrap();
        assert_eq!(row.handler()["when"], json!({"from": "x"}));
        assert_eq!(row.handler()["then"], json!([{"hold": {}}, {"set": {"type": "t"}}]));
    }

    #[test]
    fn what_fields_cannot_say_stays_json() {
        let twice =
            json!({"name": "a", "then": [{"set": {"type": "t"}}, {"set": {"type": "u"}}], "stop": false});
        assert_eq!(row(twice), None);
        let deep = json!({"name": "a", "when": {"not": {"any": [{"from": "x"}]}}, "then": [{"hold": {}}]});
        let deep = row(deep).unwrap();
        assert_eq!(
            (&*deep.conditions[0].kind, &*deep.conditions[0].value),
            ("json", r#"{"not":{"any":[{"from":"x"}]}}"#)
        );
    }

    #[test]
    fn what_is_typed_wrongly_is_told_and_not_lost() {
        let fields = json!({"name": "", "if": {"0": {"kind": "size", "value": "much"}, "1": {"kind": "json", "value": "{"}},
            "set": {"labels": [], "watchers_from_cc": "true", "attachments": {"known": []}}});
        let told = Row::read(&fields).handler();
        assert_eq!(told["when"], json!({"all": [{"size": {"above": "much"}}, "{"]}));
        assert_eq!(told["then"], json!([{"set": {"watchers_from_cc": true}}]));
    }
}
