//! Handlers: what a mail becomes.

mod evaluate;
mod reporter;

pub use evaluate::{Facts, Route, Wish, evaluate};
pub(crate) use evaluate::{
    PASSED_OVER, automatic, is_bulk, left_out, likely, priority_of, strictest, without_sub_address,
};
