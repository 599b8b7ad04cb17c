//! Query strings and form bodies, in which no name may come twice (RFC 6749, section 3.1).

use std::collections::BTreeMap;

/// Fields of a query or a form body.
#[derive(Default)]
pub(crate) struct Fields(BTreeMap<String, String>);

/// A name that came more than once.
pub(crate) struct Repeated(pub(crate) String);

impl Fields {
    pub(crate) fn read(encoded: &[u8]) -> Result<Self, Repeated> {
        let mut fields = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(encoded) {
            if fields.insert(name.to_string(), value.into_owned()).is_some() {
                return Err(Repeated(name.into_owned()));
            }
        }
        Ok(Self(fields))
    }

    /// An empty value counts as absent (RFC 6749, section 3.1).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}
