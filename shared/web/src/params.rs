//! The parameters of a query, and which part of a list they ask for.

use std::{collections::BTreeMap, str::FromStr};

use axum::{extract::FromRequestParts, http::request::Parts};
use intake::{
    error::FieldErrors,
    types::{PageRequest, words::UnknownWord},
};
use utoipa::IntoParams;

use crate::error::{ApiError, ApiResult};

/// The parameters of a query: taken one by one; what is left over is not known.
pub(crate) struct Params {
    given: BTreeMap<String, String>,
    errors: FieldErrors,
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        let mut given = BTreeMap::new();
        let mut errors = FieldErrors::default();
        for (name, value) in url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
            if given.insert(name.to_string(), value.into_owned()).is_some() {
                errors.add(&format!("/{name}"), "field.twice");
            }
        }
        Ok(Self { given, errors })
    }
}

impl Params {
    /// The most characters of a cursor.
    const MAX_CURSOR: usize = 4_096;

    /// Whether a parameter is given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    /// A parameter, checked.
    pub(crate) fn take<T: FromStr>(&mut self, name: &str, wanted: &'static str) -> Option<T> {
        let text = self.given.remove(name)?;
        self.errors.check(&format!("/{name}"), text.parse().map_err(|_| wanted))
    }

    /// A parameter that is one of some words.
    pub(crate) fn word<T: FromStr<Err = UnknownWord>>(&mut self, name: &str) -> Option<T> {
        let text = self.given.remove(name)?;
        self.errors.check(&format!("/{name}"), text.parse())
    }

    /// Notes that a parameter is missing or does not fit.
    pub(crate) fn refuse(&mut self, name: &str, detail: &'static str) {
        self.errors.add(&format!("/{name}"), detail);
    }

    /// Which part of a list is wanted; the last parameters of every list.
    pub(crate) fn page(mut self) -> ApiResult<PageRequest> {
        let limit = self.take::<u32>("limit", "field.limit");
        if limit.is_some_and(|limit| !(1..=200).contains(&limit)) {
            self.refuse("limit", "field.limit");
        }
        let cursor = self.given.remove("cursor");
        if cursor.as_ref().is_some_and(|cursor| cursor.is_empty() || cursor.len() > Self::MAX_CURSOR) {
            self.refuse("cursor", "field.cursor");
        }
        self.finish()?;
        Ok(PageRequest { limit: limit.unwrap_or(50), cursor })
    }

    /// All is well, and nothing is left over.
    pub(crate) fn finish(mut self) -> ApiResult<()> {
        for name in self.given.keys() {
            self.errors.add(&format!("/{name}"), "field.unknown_parameter");
        }
        Ok(self.errors.finish()?)
    }
}

/// For the document: which part of a list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "read from the query by `Params::page`")]
pub(crate) struct Paging {
    /// At most this many entries, 1 to 200; 50 where it is not given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next_cursor` of the part before.
    #[param(min_length = 1, max_length = 4096)]
    cursor: Option<String>,
}
