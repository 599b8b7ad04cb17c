//! Good answers.

use axum::{
    Json,
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
pub(crate) use intake::types::time::Time;
use intake::{Error, types::Version};
use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, schema::Type},
};

use crate::{
    error::{ApiResult, status},
    wire,
};

/// For the document: bytes, as they are.
pub(crate) struct Bytes;

impl PartialSchema for Bytes {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
            .into()
    }
}

impl ToSchema for Bytes {}

/// For the document: a part of a list, as [`part!`] writes it.
#[derive(ToSchema)]
#[allow(dead_code, reason = "entries are written as they come, see `Entries`")]
pub(crate) struct List<T: ToSchema> {
    /// The entries, in the list's order: at most `limit`, and fewer where they are large.
    items: Vec<T>,
    /// Give this as `cursor` to get the next part; null at the end.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// A part of a list, in a sink that takes entries as far as there is room: as many as are wanted, or fewer where they are
/// large. With where the next part begins. `$read` reads the part `$page`, `$view` makes of `$item` what is told.
///
/// Where not all that was read fits, as much as fits is read again, so that the cursor is that of the last one given.
///
/// A macro, because a function that takes asynchronous closures with references has no future that is known as `Send`.
macro_rules! fill {
    ($wanted:expr, $page:ident => $read:expr, $item:ident => $view:expr) => {{
        let mut $page: intake::types::PageRequest = $wanted;
        loop {
            let intake::types::Page { items, next } = $read?;
            let (mut left, mut fitting, mut sink) = (items.len(), 0, Default::default());
            for $item in items {
                let view = $view;
                if !$crate::answer::Sink::add(&mut sink, view)? {
                    break;
                }
                (left, fitting) = (left - 1, fitting + 1);
            }
            if left == 0 {
                break (sink, next);
            }
            $page.limit = fitting;
        }
    }};
}
pub(crate) use fill;

/// The same as an answer.
macro_rules! part {
    ($($how:tt)*) => {{
        let (entries, next): ($crate::answer::Entries, _) = $crate::answer::fill!($($how)*);
        entries.answer(next)
    }};
}
pub(crate) use part;

/// What takes the entries of a part of a list, as far as there is room.
pub(crate) trait Sink<V>: Default {
    /// Takes an entry; false, where it does not fit. The first one is taken however large it is.
    fn add(&mut self, entry: V) -> Result<bool, Error>;
}

/// The entries of an answer, written as they come.
pub(crate) struct Entries {
    text: Vec<u8>,
    count: usize,
    /// In the envelope.
    bytes: usize,
}

impl Default for Entries {
    fn default() -> Self {
        Self { text: b"{\"items\":[".to_vec(), count: 0, bytes: 0 }
    }
}

impl<V: Serialize> Sink<V> for Entries {
    fn add(&mut self, entry: V) -> Result<bool, Error> {
        let from = self.text.len();
        if self.count > 0 {
            self.text.push(b',');
        }
        serde_json::to_writer(&mut self.text, &entry).map_err(Error::internal)?;
        let bytes = wire::enveloped(&self.text[from..]);
        if self.count > 0 && self.bytes + bytes > wire::MAX_PART {
            self.text.truncate(from);
            return Ok(false);
        }
        (self.count, self.bytes) = (self.count + 1, self.bytes + bytes);
        Ok(true)
    }
}

impl Entries {
    /// The part, which ends where the next one begins.
    pub(crate) fn answer(self, next: Option<String>) -> ApiResult {
        let mut body = self.text;
        body.extend_from_slice(b"],\"next_cursor\":");
        serde_json::to_writer(&mut body, &next).map_err(Error::internal)?;
        body.push(b'}');
        let json = HeaderValue::from_static("application/json");
        Ok((status::OK, [(header::CONTENT_TYPE, json)], body).into_response())
    }
}

/// 200.
pub(crate) fn ok<T: Serialize>(value: &T) -> Response {
    (status::OK, Json(value)).into_response()
}

/// 200 with an ETag.
pub(crate) fn versioned<T: Serialize>(version: Version, value: &T) -> Response {
    (status::OK, [etag(version)], Json(value)).into_response()
}

/// 201 with an ETag and where the new object is.
pub(crate) fn created<T: Serialize>(path: &str, version: Version, value: &T) -> Response {
    let location = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    (status::CREATED, [etag(version), (header::LOCATION, location)], Json(value)).into_response()
}

/// 202.
pub(crate) fn accepted<T: Serialize>(value: &T) -> Response {
    (status::ACCEPTED, Json(value)).into_response()
}

/// 204.
pub(crate) fn no_content() -> Response {
    status::NO_CONTENT.into_response()
}

fn etag(version: Version) -> (HeaderName, HeaderValue) {
    let tag = HeaderValue::from_str(&format!("\"{}\"", version.0));
    (header::ETAG, tag.unwrap_or(HeaderValue::from_static("\"0\"")))
}
