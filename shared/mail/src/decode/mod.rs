//! From bytes to text: transfer encodings, charsets, encoded words and the values of header fields.

pub(crate) mod address;
pub(crate) mod charset;
pub(crate) mod date;
pub(crate) mod ids;
pub(crate) mod params;
pub(crate) mod transfer;
pub(crate) mod words;
