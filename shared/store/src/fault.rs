//! What the SDK's errors mean to us, said once. The SDK's own text may hold item contents and is not passed on.

use std::path::Path;

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::RequestId,
};
use intake::{Disk, DiskTrouble, Error, Kind};

/// Codes after which the same call may succeed.
const BUSY: [&str; 6] = [
    "InternalServerError",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
];

/// It will do later.
pub(crate) fn busy() -> Error {
    Error::retry("store_busy")
}

/// The meaning of an SDK error.
pub(crate) fn meaning<E, R>(error: &SdkError<E, R>) -> Error
where
    E: ProvideErrorMetadata,
    SdkError<E, R>: RequestId,
{
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    if let Some(trouble) = disk(code) {
        // The embedded database says where, and nothing else.
        let folder = error.as_service_error().and_then(ProvideErrorMetadata::message).unwrap_or_default();
        return Disk::under(Path::new(folder)).error(trouble);
    }
    match (error, code) {
        (_, Some(code)) if BUSY.contains(&code) => busy(),
        (_, Some("ResourceNotFoundException")) => Error::told(Kind::Installation, "table_missing"),
        (_, Some("AccessDeniedException")) => Error::told(Kind::Installation, "store_access_denied"),
        (_, Some(code)) => Error::internal(format!("the store answered {code}")),
        (SdkError::ConstructionFailure(_), None) => {
            Error::internal("a request to the store could not be built")
        }
        _ => Error::retry("store_unreachable"),
    }
}

/// What the embedded database says of its disk.
fn disk(code: Option<&str>) -> Option<DiskTrouble> {
    match code? {
        "DiskFull" => Some(DiskTrouble::Full),
        "DiskFailing" => Some(DiskTrouble::Failing),
        "DatabaseDamaged" => Some(DiskTrouble::Damaged),
        _ => None,
    }
}

/// Whether trying again at once may help: the store is busy, or was not reached.
pub(crate) fn passes(error: &Error) -> bool {
    // A full disk asks for time, and says how much.
    matches!(error.kind, Kind::Retry { after: None })
}

/// The meaning of an SDK error of a query that began behind a key: what of it DynamoDB finds wrong is the key, as all else
/// in the request is ours.
pub(crate) fn meaning_behind_key<E, R>(error: &SdkError<E, R>) -> Error
where
    E: ProvideErrorMetadata,
    SdkError<E, R>: RequestId,
{
    match error.as_service_error().and_then(ProvideErrorMetadata::code) {
        Some("ValidationException") => Error::invalid_cursor(),
        _ => meaning(error),
    }
}

/// The answer to a conditional write; None where its condition did not hold.
pub(crate) fn unless_refused<T, E, R>(sent: Result<T, SdkError<E, R>>) -> Result<Option<T>, Error>
where
    E: ProvideErrorMetadata,
    SdkError<E, R>: RequestId,
{
    let refused = |error: &SdkError<E, R>| {
        error.as_service_error().and_then(ProvideErrorMetadata::code)
            == Some("ConditionalCheckFailedException")
    };
    match sent {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if refused(&error) => Ok(None),
        Err(error) => Err(meaning(&error)),
    }
}
