//! From the bytes of a mail to what can be decided on.

mod copy;
pub(in crate::flows) mod dates;
mod leaves;
pub(in crate::flows) mod parse;
mod records;
mod stage;
mod walk;

pub(in crate::flows) use copy::Copy;
pub(in crate::flows) use records::records;
pub(in crate::flows) use stage::{prepare, reparse, stage_files};
pub(in crate::flows) use walk::{Walk, name};
