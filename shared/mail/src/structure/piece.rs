//! What the scanner finds.

use crate::decode::params::Content;

use super::header::Field;

/// The head of a part.
#[derive(Debug)]
pub(crate) struct Head {
    /// The multipart that it lies in, by order of appearance.
    pub(crate) parent: Option<usize>,
    pub(crate) fields: Vec<Field>,
    pub(crate) content: Content,
    /// Whether parts follow instead of a body.
    pub(crate) multipart: bool,
}

/// What the scanner finds, in order.
pub(crate) enum Piece<'a> {
    /// A part begins.
    Open(Head),
    /// Bytes of the body of the part that began last, still transfer-encoded.
    Body(&'a [u8]),
    /// That body is complete. Multiparts have none.
    Close,
}

/// Who takes the pieces.
pub(crate) type Out<'a> = dyn FnMut(Piece<'_>) + 'a;
