//! The one place that writes to standard output and standard error. Whoever reads there may have seen enough, as `head`
//! does, or be gone: that ends nothing, and never in a panic.

use std::{
    fmt,
    io::{self, ErrorKind, Write},
    process::ExitCode,
};

use crate::failure::{Failure, Outcome};

/// Writes what a command was asked for, with a line's end. A reader who has gone is no failure; a full disk behind the
/// output is one.
pub(crate) fn print(text: impl fmt::Display) -> Outcome {
    whole(format_args!("{text}\n"))
}

/// The same for a text that has its own ends of lines.
pub(crate) fn whole(text: fmt::Arguments<'_>) -> Outcome {
    let mut out = io::stdout().lock();
    match out.write_fmt(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::because("Standard output cannot be written", error))
        }
        _ => Ok(()),
    }
}

/// Says how it goes, beside the work: that goes on whether or not anybody listens.
pub(crate) fn say(text: impl fmt::Display) {
    heard(text);
}

/// The same; whether somebody may have read it.
pub(crate) fn heard(text: impl fmt::Display) -> bool {
    let mut out = io::stdout().lock();
    let said = writeln!(out, "{text}").and_then(|()| out.flush());
    !said.is_err_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

/// Says on standard error what a person should know.
pub(crate) fn tell(text: impl fmt::Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Tells why a command failed; how its process ends.
pub(crate) fn fail(failure: &Failure) -> ExitCode {
    tell(format_args!("maildocket: {failure}"));
    ExitCode::FAILURE
}
