//! What is to be done to imported mails, as people choose it.

use crate::{
    error::FieldErrors,
    one_of, request,
    types::{
        errand::MailAction,
        given::Given,
        mailbox::{Mailbox, Protocol},
    },
};

use super::folder::folder_name;

one_of!(pub(super) AfterImportAction: "none", "mark_seen", "move", "delete");

request! {
    /// What is done to a mail on the server after its import.
    pub struct AfterImportInput {
        /// `none` by default, and with POP3 only that.
        #[schema(value_type = AfterImportAction, required)]
        action: String,
        /// With `move`: the folder, which is created when it is missing.
        #[schema(value_type = String, min_length = 1, max_length = 500)]
        folder: String,
    }
}

/// The words of the API.
const WORDS: &str = "field.after_import";

/// Reads the choice; an absent one stays, null is none. `protocol` and `folder` are those that the mailbox will have.
pub(super) fn check(
    given: Given<AfterImportInput>,
    present: Option<&Mailbox>,
    protocol: Option<Protocol>,
    folder: &str,
    e: &mut FieldErrors,
) -> Option<MailAction> {
    let chosen = match given {
        Given::Absent => present.and_then(|mailbox| mailbox.after_import.clone()),
        Given::Null => None,
        Given::Value(input) => read(input, e),
    };
    if protocol == Some(Protocol::Pop3) && chosen.is_some() {
        e.add("/after_import/action", "field.none_over_pop3");
    }
    if chosen.as_ref().and_then(MailAction::folder) == Some(folder) {
        e.add("/after_import/folder", "field.polled_folder");
    }
    chosen
}

fn read(input: AfterImportInput, e: &mut FieldErrors) -> Option<MailAction> {
    let word = input.action.required(e, "/after_import/action", None, |text| match text.as_str() {
        "none" | "mark_seen" | "move" | "delete" => Ok(text),
        _ => Err(WORDS),
    })?;
    let named = input.folder.is_value();
    let folder = input.folder.optional(e, "/after_import/folder", None, folder_name);
    if word != "move" && named {
        e.add("/after_import/folder", "field.move_only");
        return None;
    }
    match word.as_str() {
        "mark_seen" => Some(MailAction::MarkSeen),
        "delete" => Some(MailAction::Delete),
        "move" => {
            if folder.is_none() && !named {
                e.add("/after_import/folder", "field.with_move");
            }
            folder.map(|folder| MailAction::Move { folder })
        }
        _ => None,
    }
}
