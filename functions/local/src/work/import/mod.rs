//! Mails from files: folders, Maildirs and mboxes, a step at a time.

mod again;
mod beneath;
mod folder;
mod mbox;
mod source;
mod step;
mod told;

pub(crate) use source::{Item, Source, Unit};
pub(crate) use step::{Answer, Kept, Request, step};
pub(crate) use told::Counts;
