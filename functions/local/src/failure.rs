//! How a command ends when it cannot do what was asked: one sentence, and what to do.

use std::fmt;

/// A sentence for the person at the terminal.
#[derive(Debug)]
pub(crate) struct Failure(String);

/// The result of a command.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    /// This sentence.
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// This sentence, with its cause behind a colon.
    pub(crate) fn because(sentence: impl fmt::Display, cause: impl fmt::Display) -> Self {
        Self(format!("{sentence}: {cause}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<intake::Error> for Failure {
    fn from(error: intake::Error) -> Self {
        let field = |field: &intake::FieldError| {
            format!("{} {}", field.pointer.trim_start_matches('/'), field.detail).trim_start().to_owned()
        };
        let fields: Vec<String> = error.fields.iter().map(field).collect();
        let message = match fields.join("; ") {
            fields if fields.is_empty() => error.message,
            fields => format!("{} ({fields}).", error.message.trim_end_matches('.')),
        };
        Self(format!("{message} {}", error.action).trim_end().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_core_are_sentences_too() {
        let error = intake::Error {
            action: "Choose another.".to_owned(),
            ..intake::Error::field("/name", "is taken")
        };
        assert_eq!(
            Failure::from(error).to_string(),
            "Some fields are not right (name is taken). Choose another."
        );
        assert_eq!(Failure::from(intake::Error::not_found("token")).to_string(), "There is no such token.");
    }
}
