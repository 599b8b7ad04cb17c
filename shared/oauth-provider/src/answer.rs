//! What came back over HTTP.

use intake::Timestamp;
use serde_json::Value;

/// An answer, whatever its status.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// Whose it is.
    pub(crate) host: Option<String>,
    pub(crate) status: u16,
    pub(crate) retry_after: Option<String>,
    /// The server's own time.
    pub(crate) date: Option<Timestamp>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Its body as an object: JSON, in whatever charset its words for people are, or the form that some providers write.
    pub(crate) fn object(&self) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        let text = text.trim_start_matches('\u{feff}').trim();
        serde_json::from_str(text).unwrap_or_else(|_| {
            let fields = url::form_urlencoded::parse(text.as_bytes());
            fields.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect()
        })
    }
}
