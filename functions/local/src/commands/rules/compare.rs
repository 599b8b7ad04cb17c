//! The mails of a folder under both sets of rules.

use std::{fmt::Write, path::Path};

use intake::flows::messages::{Fate, FateChange, Trial, TrialMail, TrialRules};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    failure::{Failure, Outcome},
    work::import::{Item, Source},
};

/// A line of a text that is shown where it changes, characters.
const SHOWN: usize = 60;

/// What was found.
pub(super) struct Compared {
    mails: u64,
    pub(super) different: Vec<Seen>,
    /// Where all were asked for.
    same: Option<Vec<Seen>>,
    /// A sentence for each mail that could not be looked at.
    pub(super) unread: Vec<String>,
}

/// A mail and what becomes of it.
#[derive(Serialize)]
pub(super) struct Seen {
    /// Its file, or its number in an mbox.
    file: String,
    message_id: Option<String>,
    subject: String,
    before: Fate,
    after: Fate,
    /// How the new rules decided.
    trace: Vec<String>,
}

impl Compared {
    /// Runs both over a folder, an mbox or a single mail, as an import reads it.
    pub(super) async fn of(path: &Path, rules: (TrialRules, TrialRules), all: bool) -> Outcome<Self> {
        let mut source = Source::open(path, None)?;
        let (mut now, mut then) = (Trial::new(rules.0), Trial::new(rules.1));
        let (mut now, mut then) = (now.run(), then.run());
        let mut compared =
            Self { mails: 0, different: Vec::new(), same: all.then(Vec::new), unread: Vec::new() };
        while let Some(item) = source.next()? {
            let filed = match item {
                Item::Mail(filed) => filed,
                Item::TooLarge(why) | Item::Unreadable(why) => {
                    compared.unread.push(why);
                    continue;
                }
            };
            compared.mails += 1;
            let file = source.last_file().unwrap_or_else(|| format!("mail {}", compared.mails));
            let mail = match TrialMail::of(filed).await {
                Ok(mail) => mail,
                Err(error) => {
                    compared.unread.push(format!("{file}: {}", Failure::from(error)));
                    continue;
                }
            };
            let (before, after) = (now.next(&mail)?, then.next(&mail)?);
            let is_same = before.changes(&after).is_empty();
            if is_same && !all {
                continue;
            }
            let (message_id, subject) = mail.names();
            let trace = after.trace.iter().map(|step| format!("{}: {}", step.step, step.detail)).collect();
            let seen = Seen {
                file,
                message_id: message_id.map(str::to_owned),
                subject: subject.to_owned(),
                before,
                after,
                trace,
            };
            match compared.same.as_mut().filter(|_| is_same) {
                Some(same) => same.push(seen),
                None => compared.different.push(seen),
            }
        }
        Ok(compared)
    }

    fn same_count(&self) -> u64 {
        self.mails - self.different.len() as u64
    }

    /// For programs.
    pub(super) fn json(&self) -> Outcome<String> {
        let mut told = json!({
            "mails": self.mails, "same": self.same_count(), "different": self.different, "unread": self.unread,
        });
        if let Some(same) = &self.same {
            told["unchanged"] = json!(same);
        }
        serde_json::to_string_pretty(&told)
            .map_err(|error| Failure::because("The answer cannot be written", error))
    }

    /// For people.
    pub(super) fn text(&self, against: &str) -> String {
        let mut text = String::new();
        for seen in &self.different {
            let _ = writeln!(text, "{} {:?}", seen.file, seen.subject);
            for line in changes(&seen.before, &seen.after) {
                let _ = writeln!(text, "    {line}");
            }
            for line in seen.trace.iter().filter(|line| line.starts_with("handler: ")) {
                let _ = writeln!(text, "    {}", line.trim_start_matches("handler: "));
            }
        }
        for seen in self.same.iter().flatten() {
            let Fate { decision, project, .. } = &seen.after;
            let project = project.as_ref().map(|project| format!(" in {project}")).unwrap_or_default();
            let _ = writeln!(text, "{} {:?}\n    {decision}{project}, as now", seen.file, seen.subject);
        }
        let mails = if self.mails == 1 { "mail" } else { "mails" };
        let _ = writeln!(
            text,
            "{} {mails}: {} the same, {} different. Compared with {against}.",
            self.mails,
            self.same_count(),
            self.different.len()
        );
        text
    }
}

/// `field: before -> after`, for each that differs.
fn changes(before: &Fate, after: &Fate) -> Vec<String> {
    let told = |change: FateChange| {
        format!("{}: {} -> {}", change.field, shown(&change.before), shown(&change.after))
    };
    before.changes(after).into_iter().map(told).collect()
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "(nothing)".to_owned(),
        Value::String(text) => {
            let first = text.lines().next().unwrap_or_default();
            let cut: String = first.chars().take(SHOWN).collect();
            if cut.len() == text.len() {
                return if text.is_empty() { "(nothing)".to_owned() } else { cut };
            }
            format!("{cut}… ({} characters)", text.chars().count())
        }
        other => other.to_string(),
    }
}
