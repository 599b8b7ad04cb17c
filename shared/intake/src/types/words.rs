//! Words: the text that stands for a variant, in stored records, in files and in calls. Each is written once, beside its
//! variant, so that a variant can have another name and what is stored keeps its word.

use utoipa::openapi::{
    RefOr, Schema,
    schema::{ObjectBuilder, Type},
};

use crate::Sentence;

/// The text is none of the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one of {}", .0.join(", "))]
pub struct UnknownWord(pub &'static [&'static str]);

impl From<UnknownWord> for Sentence {
    fn from(UnknownWord(words): UnknownWord) -> Self {
        Self::new("field.one_of").with_own("words", words.join(", "))
    }
}

/// An enum of words: `Variant = "word"`. What serde writes and reads, and what the API's document tells, is the same word
/// as [`std::str::FromStr`]'s.
macro_rules! words {
    ($(#[$about:meta])* pub enum $name:ident { $($(#[$note:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$note])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word in records, files and calls.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $crate::types::words::schema_of(&[$($word,)+])
            }
        }

        impl utoipa::ToSchema for $name {}

        impl std::str::FromStr for $name {
            type Err = $crate::types::words::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::types::words::UnknownWord(&[$($word,)+])),
                }
            }
        }
    };
}

pub(crate) use words;

/// For the API's document: text that is one of these words.
pub fn schema_of(words: &'static [&'static str]) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words.iter().copied())).into()
}

/// For the API's document alone: text that is one of some words, where the code has no type of its own for them.
#[macro_export]
macro_rules! one_of {
    ($visible:vis $name:ident: $($word:literal),+) => {
        #[doc = "One of some words; for the API's document."]
        #[derive(Debug)]
        #[allow(dead_code, reason = "describes a text")]
        $visible struct $name;

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $crate::types::words::schema_of(&[$($word,)+])
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}
