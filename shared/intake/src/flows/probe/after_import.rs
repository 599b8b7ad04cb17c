//! What follows an import, as a connection test sees it beforehand.

use super::report::Probe;
use crate::{
    Error, Kind, Sentence,
    ports::{Means, Prospect, Rights, Target},
    types::mailbox::{Mailbox, Protocol},
};

/// The steps that it has in a test.
const STEPS: [&str; 3] = ["means", "rights", "target_folder"];

/// What was seen, as steps.
pub(super) fn tell(mailbox: &Mailbox, prospect: Option<&Prospect>, probe: &mut Probe) {
    let Some(prospect) = prospect else {
        let pop3 = mailbox.server.protocol == Protocol::Pop3;
        let key = if pop3 { "step.after_import.pop3" } else { "step.after_import.none" };
        return STEPS.into_iter().for_each(|step| probe.skipped(step, Sentence::new(key)));
    };
    note(probe, "means", means(prospect.means));
    note(probe, "rights", rights(&prospect.rights, &mailbox.folder));
    let wanted = mailbox.after_import.as_ref().and_then(|action| action.folder()).unwrap_or_default();
    match &prospect.target {
        Some(target) => note(probe, "target_folder", target_folder(target, wanted)),
        None => probe.skipped("target_folder", Sentence::new("step.target_folder.none")),
    }
}

/// Beside a folder that cannot be opened: those that there are, and the one that may be meant.
pub(super) fn other_folders(wanted: &str, folders: &[String]) -> Option<Sentence> {
    let meant = folders.iter().find(|name| name.len() > wanted.len() && name.ends_with(wanted));
    match meant {
        Some(meant) => Some(Sentence::new("step.folder.meant").with("folder", wanted).with("name", meant)),
        None if folders.is_empty() => None,
        None => Some(Sentence::new("step.folder.others").with("folders", list(folders))),
    }
}

type Found = Result<Sentence, Sentence>;

fn note(probe: &mut Probe, step: &'static str, found: Found) {
    match found {
        Ok(seen) => probe.passed(step, seen),
        Err(wrong) => probe.failed(step, Error::told(Kind::Configuration, wrong)),
    }
}

fn means(means: Means) -> Found {
    Ok(Sentence::new(match means {
        Means::Flag => "step.means.flag",
        Means::Expunge => "step.means.expunge",
        Means::Move => "step.means.move",
        Means::CopyAndExpunge => "step.means.copy",
        Means::Lacking(capability) => {
            return Err(Sentence::new("after_import_not_offered").with("capability", capability));
        }
    }))
}

fn rights(rights: &Rights, folder: &str) -> Found {
    let about = |key| Sentence::new(key).with("folder", folder);
    match rights {
        Rights::Given => Ok(about("step.rights")),
        Rights::ReadOnly => Err(about("after_import_read_only")),
        Rights::FlagNotKept(flag) => Err(about("after_import_read_only.flag").with("flag", flag)),
        Rights::Lacking(letters) => Err(about("after_import_read_only.rights").with("rights", letters)),
    }
}

fn target_folder(target: &Target, wanted: &str) -> Found {
    match target {
        Target::There(name) => Ok(Sentence::new("step.target_folder").with("name", name)),
        Target::Closed(name) => Err(Sentence::new("target_folder_closed").with("name", name)),
        Target::ToBeMade { name, others } => {
            let told = Sentence::new("step.target_folder.to_be_made").with("folder", wanted);
            Ok(told.with("name", name).with("folders", list(others)))
        }
        Target::NotMade { others } => {
            let told = Sentence::new("target_folder_missing").with("folder", wanted);
            Err(told.with("folders", list(others)))
        }
    }
}

fn list(folders: &[String]) -> String {
    folders.join(", ")
}
