//! The MIME structure of a mail (RFC 2046), found while its bytes come by in pieces of any size.
//!
//! One pass, no look back: nesting, part count, header size and the one line that is held back are all bounded.

mod ends;
mod header;
mod lines;
mod piece;
mod scanner;
#[cfg(test)]
mod scanner_tests;

pub(crate) use header::{Field, header_of};
pub(crate) use piece::{Head, Piece};
pub(crate) use scanner::Scanner;

/// Deeper multiparts are taken as files.
pub(crate) const MAX_DEPTH: usize = 20;
/// Further parts are left out.
pub(crate) const MAX_PARTS: usize = 300;
