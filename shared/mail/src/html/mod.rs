//! HTML of mails: as readable text, and cleaned for display.

mod guard;
mod marks;
mod render;
mod sanitise;

pub use sanitise::sanitise;

pub(crate) use render::{Rendered, render};

/// HTML as readable text: links, lists, tables and quotes kept recognisable. Linear time, no recursion.
pub fn to_text(html: &str) -> String {
    render(html).text
}
