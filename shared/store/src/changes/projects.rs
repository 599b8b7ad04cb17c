//! Projects, and what is tied to them.

use intake::{
    Error, Result,
    ports::{Why, Write},
    types::project::{Project, ProjectKey},
};

use super::{Actions, configured::Object, sides};
use crate::{
    action::{Action, Condition, Verb},
    item::{self, number},
    keys::Key,
};

impl Actions {
    pub(super) fn project(&mut self, at: usize, write: &Write<Project>) -> Result<()> {
        let (old, Some(new)) = sides(write) else {
            return Err(Error::internal("a project goes with a look at what is tied to it"));
        };
        let object =
            |p: &Project| Object { kind: "project", id: p.key.to_string(), version: p.version, name: None };
        let mut item = item::carrying(&Key::alone("PROJECT", &new.key), "project", new)?;
        item::index(&mut item, 1, "PROJECT".to_owned(), new.key.to_string());
        self.configured(at, old.map(object).as_ref(), Some((&object(new), item)))
    }

    pub(super) fn project_gone(&mut self, at: usize, old: &Project, named: u64) -> Result<()> {
        let unchanged = Condition::Equals("version", number(old.version.0));
        let gone = Action::new(Key::alone("PROJECT", &old.key), Verb::Delete).when(at, unchanged, Why::Stale);
        let as_seen =
            if named == 0 { Condition::Zero("named") } else { Condition::Equals("named", number(named)) };
        let untied = ["uses", "numbers", "imported"].map(Condition::Zero).into_iter().chain([as_seen]);
        self.push(untied.fold(gone, |gone, condition| gone.when(at, condition, Why::InUse)))
    }

    pub(super) fn import_into(&mut self, at: usize, project: &ProjectKey) -> Result<()> {
        let noted = Action::new(Key::alone("PROJECT", project), Verb::update().set("imported", number(1)));
        self.push(noted.when(at, Condition::Present, Why::Missing("project")))
    }
}
