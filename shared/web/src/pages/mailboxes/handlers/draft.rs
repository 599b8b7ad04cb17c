//! A list of handlers while somebody works on it: it travels with the form, and nothing is kept between two presses.

use intake::{Error, error::FieldError, json, types::handler::Handler};
use serde_json::{Value, json};

use super::row::{Condition, Row, in_order};

/// A longer list is shown folded, handler by handler: a page has its limits.
const OPEN: usize = 4;

/// A list of handlers.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Draft(pub(super) Vec<Entry>);

/// One of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Entry {
    /// In fields.
    Fields(Box<Row>),
    /// As JSON, to be edited so.
    Json(String),
    /// Folded: its JSON alone.
    Folded(String),
}

impl Entry {
    fn of(handler: &Handler) -> Self {
        Row::of(handler).map_or_else(|| Self::Json(pretty(handler)), |row| Self::Fields(Box::new(row)))
    }

    fn read(fields: &Value) -> Self {
        match (fields["raw"].as_str(), fields["folded"] == json!(true)) {
            (Some(text), true) => Self::Folded(text.to_owned()),
            (Some(text), false) => Self::Json(text.to_owned()),
            (None, _) => Self::Fields(Box::new(Row::read(fields))),
        }
    }

    fn fields(&self) -> Value {
        match self {
            Self::Fields(row) => row.fields(),
            Self::Json(text) => json!({ "raw": text }),
            Self::Folded(text) => json!({ "raw": text, "folded": true }),
        }
    }

    /// As the API has it.
    pub(super) fn handler(&self) -> Value {
        match self {
            Self::Fields(row) => row.handler(),
            Self::Json(text) | Self::Folded(text) => {
                serde_json::from_str(text).unwrap_or_else(|_| Value::from(text.as_str()))
            }
        }
    }

    fn unfold(&mut self) {
        if let Self::Folded(text) = self {
            *self = serde_json::from_str(text)
                .map_or_else(|_| Self::Json(text.clone()), |handler| Self::of(&handler));
        }
    }
}

fn pretty(value: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

impl Draft {
    /// A list that is there.
    pub(super) fn of(handlers: &[Handler]) -> Self {
        let folded = |handler: &Handler| Entry::Folded(serde_json::to_string(handler).unwrap_or_default());
        let is_long = handlers.len() > OPEN;
        Self(
            handlers
                .iter()
                .map(|handler| if is_long { folded(handler) } else { Entry::of(handler) })
                .collect(),
        )
    }

    /// What a form says.
    pub(super) fn read(body: &Value) -> Self {
        Self(in_order(&body["h"]).map(Entry::read).collect())
    }

    /// The fields of a form.
    pub(super) fn fields(&self) -> Value {
        json!({ "h": self.0.iter().map(Entry::fields).collect::<Vec<_>>() })
    }

    /// As the API has it.
    pub(super) fn list(&self) -> Value {
        self.0.iter().map(Entry::handler).collect()
    }

    /// The handlers, if they can be understood.
    pub(super) fn handlers(&self) -> Result<Vec<Handler>, Error> {
        json::part(self.list())
    }

    /// The same list as text.
    pub(super) fn text(&self) -> String {
        pretty(&self.list())
    }

    /// What a button does: `up 2`, `add-condition 0 from`. Whether it was known.
    pub(super) fn press(&mut self, what: &str) -> bool {
        let mut words = what.split(' ');
        let (deed, n) =
            (words.next().unwrap_or_default(), words.next().and_then(|n| n.parse::<usize>().ok()));
        let list = &mut self.0;
        match (deed, n) {
            ("add", _) => list.push(Entry::Fields(Box::default())),
            ("up", Some(n)) if n > 0 && n < list.len() => list.swap(n - 1, n),
            ("down", Some(n)) if n + 1 < list.len() => list.swap(n, n + 1),
            ("remove", Some(n)) if n < list.len() => drop(list.remove(n)),
            ("open", Some(n)) if n < list.len() => list[n].unfold(),
            ("add-condition", Some(n)) => {
                if let Some(Entry::Fields(row)) = list.get_mut(n) {
                    let kind = words.next().unwrap_or("from").to_owned();
                    row.conditions.push(Condition { kind, ..Condition::default() });
                }
            }
            ("remove-condition", Some(n)) => {
                let at = words.next().and_then(|at| at.parse::<usize>().ok());
                if let (Some(Entry::Fields(row)), Some(at)) = (list.get_mut(n), at)
                    && at < row.conditions.len()
                {
                    row.conditions.remove(at);
                }
            }
            ("up" | "down" | "remove" | "open", _) => {}
            _ => return false,
        }
        true
    }

    /// Opens what is wrong, so that it can be mended.
    pub(super) fn open_wrong(&mut self, error: &Error) {
        for field in &error.fields {
            let n = place(&field.pointer).map(|(n, _)| n);
            if let Some(entry) = n.and_then(|n| self.0.get_mut(n)) {
                entry.unfold();
            }
        }
    }

    /// The same error with its fields named as the form names them: `/handlers/0/when/all/1/from` is `/h/0/if/1/value`.
    pub(super) fn at_fields(&self, mut error: Error) -> Error {
        let moved = |field: FieldError| FieldError { pointer: self.place_of(&field.pointer), ..field };
        error.fields = error.fields.into_iter().map(moved).collect();
        error
    }

    fn place_of(&self, pointer: &str) -> String {
        let Some((n, rest)) = place(pointer) else { return pointer.to_owned() };
        if matches!(self.0.get(n), Some(Entry::Json(_) | Entry::Folded(_))) {
            return format!("/h/{n}/raw");
        }
        let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
        match rest.as_slice() {
            ["when", "all" | "any", at, ..] => format!("/h/{n}/if/{at}/value"),
            ["when", ..] => format!("/h/{n}/if/0/value"),
            ["then", _, "set", name, inner @ ..] => {
                let inner = inner.first().filter(|_| *name == "attachments");
                format!("/h/{n}/set/{name}{}", inner.map(|inner| format!("/{inner}")).unwrap_or_default())
            }
            ["then", ..] => format!("/h/{n}/outcome"),
            _ => format!("/h/{n}/name"),
        }
    }
}

/// Which handler a pointer of the API names, and what of it: `/handlers/0/name`, or `/0/name` where the list is all.
fn place(pointer: &str) -> Option<(usize, Vec<String>)> {
    let mut names = json::names(pointer.strip_prefix("/handlers").unwrap_or(pointer));
    let n = names.next()?.parse().ok()?;
    Some((n, names.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(n: usize) -> Vec<Handler> {
        let one = |n: usize| json!({"name": n.to_string(), "when": {"from": "x"}, "then": [{"hold": {}}]});
        serde_json::from_value((0..n).map(one).collect()).unwrap()
    }

    fn names(draft: &Draft) -> Vec<String> {
        draft.list().as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn presses_change_the_list_and_nothing_outside_of_it() {
        let mut draft = Draft::of(&list(3));
        for what in ["up 2", "down 0", "up 0", "down 2", "up 9", "remove 9", "remove-condition 0 7", "open 1"]
        {
            assert!(draft.press(what), "{what}");
        }
        assert_eq!(names(&draft), ["2", "0", "1"]);
        assert!(draft.press("remove 1") && draft.press("add") && draft.press("add-condition 0 subject"));
        assert!(draft.press("remove-condition 0 0"));
        assert_eq!(draft.list()[0]["when"], json!({"subject": ""}));
        assert_eq!(names(&draft), ["2", "1", ""]);
        assert!(!draft.press("save") && !draft.press(""));
    }

    #[test]
    fn long_lists_are_folded_and_lose_nothing() {
        let mut draft = Draft::of(&list(6));
        assert!(draft.0.iter().all(|entry| matches!(entry, Entry::Folded(_))));
        assert_eq!(draft.handlers().unwrap(), list(6));
        draft.press("open 3");
        assert!(matches!(draft.0[3], Entry::Fields(_)));
        assert_eq!(draft.handlers().unwrap(), list(6));
    }

    #[test]
    fn errors_stand_at_the_fields_of_the_form() {
        let mut draft = Draft::of(&list(1));
        draft.press("add-condition 0 size");
        for (pointer, place) in [
            ("/handlers/0/when/all/1/size", "/h/0/if/1/value"),
            ("/handlers/0/name", "/h/0/name"),
            ("/handlers/0/then", "/h/0/outcome"),
            ("/handlers/0/then/1/set/labels/2", "/h/0/set/labels"),
            ("/0/then/1/set/attachments/known", "/h/0/set/attachments/known"),
            ("/0/when/from", "/h/0/if/0/value"),
            ("/handlers", "/handlers"),
            ("/mail", "/mail"),
        ] {
            assert_eq!(draft.place_of(pointer), place);
        }
        let error = draft.handlers().map(|_| ());
        assert!(error.is_ok(), "a size without ends is found by the flow: {error:?}");
    }
}
