//! What all pages are made of: the frame, its words, forms and their fields, and the parts of the design. Each file uses only
//! those before it.

pub(super) mod chart;
pub(super) mod console;
pub(super) mod days;
pub(super) mod fields;
pub(super) mod form;
pub(super) mod page;
pub(super) mod parts;
pub(super) mod pieces;
pub(super) mod visitor;
pub(super) mod words;
