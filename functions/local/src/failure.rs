//! How a command ends when it cannot do what was asked: one sentence, and what to do.

use std::{fmt, process::ExitCode};

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

    /// Prints it.
    pub(crate) fn report(&self) -> ExitCode {
        eprintln!("maildocket: {}", self.0);
        ExitCode::FAILURE
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<intake::Error> for Failure {
    fn from(error: intake::Error) -> Self {
        let fields = error
            .fields
            .iter()
            .map(|field| format!(" {} {}", field.pointer, field.detail))
            .collect::<String>();
        Self(format!("{}{fields} {}", error.message, error.action).trim_end().to_owned())
    }
}
