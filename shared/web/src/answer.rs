//! Good answers.

use axum::{
    Json,
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use intake::{
    Timestamp,
    types::{Page, Version},
};
use serde::{Serialize, Serializer};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, schema::Type},
};

use crate::error::status;

/// A point in time, RFC 3339 in UTC, to the millisecond.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Time(pub(crate) Timestamp);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Timestamp::from_millisecond(self.0.as_millisecond()).unwrap_or(self.0).serialize(serializer)
    }
}

impl PartialSchema for Time {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .into()
    }
}

impl ToSchema for Time {}

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

/// A part of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct List<T: ToSchema> {
    /// The entries, in the list's order.
    pub(crate) items: Vec<T>,
    /// Give this as `cursor` to get the next part; null at the end.
    #[schema(required)]
    pub(crate) next_cursor: Option<String>,
}

impl<T: ToSchema> List<T> {
    pub(crate) fn of<U>(page: Page<U>, view: impl FnMut(U) -> T) -> Self {
        Self { items: page.items.into_iter().map(view).collect(), next_cursor: page.next }
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
