//! What a person gives of an object: described once, for the API and its document, for the configuration as a file, and
//! for the flows that check it.

/// The fields of an object, as a request gives them.
pub trait Request {
    /// All of them, by their names in JSON.
    const FIELDS: &'static [&'static str];
    /// Those that make the object, and never change it.
    const ONCE: &'static [&'static str];

    /// The first of [`Self::ONCE`] that is given, be it null.
    fn once_given(&self) -> Option<&'static str>;
}

/// A request's body: every field may be missing, null or given ([`crate::types::given::Given`]); which of them must be
/// given is checked by the flows, so that everything that is wrong is told at once. `#[schema(required)]` says so in the
/// API's document, of what makes an object. Fields in `@once { … }` make it only, and stand first.
#[macro_export]
macro_rules! request {
    ($(#[$outer:meta])* $vis:vis struct $name:ident {
        $(@once { $($(#[$once_attribute:meta])* $once:ident: $once_kind:ty,)* })?
        $($(#[$attribute:meta])* $field:ident: $kind:ty,)*
    }) => {
        #[derive(Debug, Clone, Default, serde::Deserialize, utoipa::ToSchema)]
        #[serde(deny_unknown_fields, expecting = "an object")]
        $(#[$outer])*
        $vis struct $name {
            $($($(#[$once_attribute])* #[serde(default)] pub $once: $crate::types::given::Given<$once_kind>,)*)?
            $($(#[$attribute])* #[serde(default)] pub $field: $crate::types::given::Given<$kind>,)*
        }

        impl $crate::types::request::Request for $name {
            const FIELDS: &'static [&'static str] = &[$($(stringify!($once),)*)? $(stringify!($field),)*];
            const ONCE: &'static [&'static str] = &[$($(stringify!($once),)*)?];

            fn once_given(&self) -> Option<&'static str> {
                $($(if !matches!(self.$once, $crate::types::given::Given::Absent) {
                    return Some(stringify!($once));
                })*)?
                None
            }
        }
    };
}
