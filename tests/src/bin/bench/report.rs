//! The table.

use std::{fmt::Write, fs, path::Path};

/// Where a person says what the numbers mean; kept from one run to the next.
const NOTES: &str = "## Where the time goes";

/// One line.
struct Row {
    what: String,
    value: String,
    goal: Option<(String, bool)>,
}

/// What was measured so far.
#[derive(Default)]
pub(crate) struct Report {
    groups: Vec<(String, Vec<Row>)>,
}

impl Report {
    /// Begins a group of lines.
    pub(crate) fn group(&mut self, title: impl Into<String>) {
        self.groups.push((title.into(), Vec::new()));
    }

    /// A value.
    pub(crate) fn row(&mut self, what: impl Into<String>, value: impl Into<String>) {
        self.push(what.into(), value.into(), None);
    }

    /// A value that has a goal, and whether it is met.
    pub(crate) fn goal(&mut self, what: impl Into<String>, value: impl Into<String>, goal: &str, met: bool) {
        self.push(what.into(), value.into(), Some((goal.to_owned(), met)));
    }

    fn push(&mut self, what: String, value: String, goal: Option<(String, bool)>) {
        println!("{what}: {value}");
        let (_, rows) = self.groups.last_mut().expect("a group begins before its rows");
        rows.push(Row { what, value, goal });
    }

    /// Whether any goal was missed.
    pub(crate) fn missed(&self) -> bool {
        self.groups.iter().flat_map(|(_, rows)| rows).any(|row| matches!(row.goal, Some((_, false))))
    }

    /// Everything as Markdown.
    pub(crate) fn write(&self, facts: &[(&str, String)]) -> String {
        let mut text = String::from(
            "# Benchmarks\n\nWritten by `cargo xtask bench`: one run, one machine, everything over loopback; servers and clients share its cores.\n\n",
        );
        for (name, value) in facts {
            let _ = writeln!(text, "- {name}: {value}");
        }
        text += "\n| what | value | goal |\n|---|---|---|\n";
        for (title, rows) in &self.groups {
            let _ = writeln!(text, "| **{title}** | | |");
            for Row { what, value, goal } in rows {
                let goal = goal.as_ref().map_or(String::new(), |(goal, met)| {
                    format!("{goal}: {}", if *met { "met" } else { "**missed**" })
                });
                let _ = writeln!(text, "| {what} | {value} | {goal} |");
            }
        }
        text
    }
}

/// Writes the file at the repository's root; what people wrote below the table stays.
pub(crate) fn keep(text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../BENCHMARKS.md");
    let old = fs::read_to_string(&path).unwrap_or_default();
    let notes = old.find(NOTES).map_or(String::new(), |at| format!("\n{}", &old[at..]));
    fs::write(&path, format!("{text}{notes}")).expect("BENCHMARKS.md can be written");
}
