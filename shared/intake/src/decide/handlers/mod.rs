//! Handlers: what a mail becomes.

mod evaluate;
mod files;
mod reporter;

pub use evaluate::{Facts, Route, Wish, evaluate};
pub(crate) use evaluate::{
    PASSED_OVER, automatic, is_bulk, likely, priority_of, strictest, without_sub_address,
};
pub(crate) use files::left_out;
