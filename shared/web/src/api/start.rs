//! What a first poll imports, in requests.

use intake::flows::mailboxes::StartInput;

use crate::extract::request;

request! {
    /// What the first poll imports.
    struct StartRequest {
        /// `new_only` (default), `all` or `since`.
        #[schema(value_type = String, required)]
        mode: String,
        /// With `since`.
        #[schema(value_type = String, format = DateTime)]
        since: String,
    }
}

impl From<StartRequest> for StartInput {
    fn from(start: StartRequest) -> Self {
        Self { mode: start.mode, since: start.since }
    }
}
