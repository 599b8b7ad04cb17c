//! HTML of mails: as readable text, and cleaned for display.

mod allowed;
mod canvas;
mod entities;
mod excuse;
mod link;
mod marks;
mod page;
mod pictures;
mod render;
#[cfg(test)]
mod render_tests;
mod rendered;
mod sanitise;
mod sheet;
mod source;
mod struck;
mod style;
mod token;

use memchr::memmem;

pub use canvas::{Canvas, canvas};
pub use sanitise::{Clean, Room, sanitise, sanitise_within};

pub(crate) use excuse::is_excuse;
pub(crate) use marks::Mark;
pub(crate) use pictures::{DataPicture, without_data_pictures};
pub(crate) use render::render;
pub(crate) use rendered::Rendered;
pub(crate) use source::is_source;

/// Longer Content-IDs are not looked for.
const MAX_CID: usize = 256;

/// What follows each `cid:` in HTML, as written there; see [`decoded_cid`].
pub(crate) fn cids(html: &str) -> impl Iterator<Item = &str> {
    memmem::find_iter(html.as_bytes(), b"cid:").map(|at| {
        let rest = &html[at + 4..];
        let end = rest
            .char_indices()
            .take(MAX_CID)
            .find(|(_, c)| matches!(c, '"' | '\'' | '>' | ' ' | ')' | '\n' | '\r'));
        &rest[..end.map_or(0, |(end, _)| end)]
    })
}

/// A Content-ID without the percent escapes and entities that stand for its usual characters in a URL.
pub(crate) fn decoded_cid(id: &str) -> String {
    id.replace("&amp;", "&").replace("%40", "@").replace("%24", "$").replace("%20", " ")
}

/// HTML as readable text: links, lists, tables and quotes kept recognisable. Linear time, no recursion.
pub fn to_text(html: &str) -> String {
    render(html).text
}
