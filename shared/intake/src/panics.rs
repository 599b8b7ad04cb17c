//! Panics of our own code and of libraries, which end what they happen in as an error like any other.
//!
//! What a panic says may quote a mail or a token, so it goes nowhere: only its place is told.

use std::{
    cell::{Cell, RefCell},
    future::{Future, poll_fn},
    panic::{self, AssertUnwindSafe, Location, PanicHookInfo},
    sync::Once,
};

use crate::{
    Sentence,
    error::{Cause, Error, Kind, Result},
    failed,
};

/// The code of an error that was a panic.
pub const INTERNAL_ERROR: &str = "internal_error";
/// The end of a path that names a file well enough, in folders.
const SHOWN: usize = 4;

thread_local! {
    /// A panic of this thread is going to be caught here.
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    /// Where the last of those happened.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Does this work; where it panics, it ends as an error, and the log says where.
pub async fn caught<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    watch();
    let mut work = Box::pin(work);
    poll_fn(|context| {
        // Whoever called may be watching already.
        let before = WATCHED.replace(true);
        let polled = panic::catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        WATCHED.set(before);
        polled.unwrap_or_else(|_| std::task::Poll::Ready(Err(panicked())))
    })
    .await
}

/// Whether this error was a panic.
pub fn was_panic(error: &Error) -> bool {
    error.cause == Some(Cause::Panic)
}

fn panicked() -> Error {
    let place = PLACE.take().unwrap_or_default();
    let error = Error::told(Kind::Internal, Sentence::new(INTERNAL_ERROR)).because(Cause::Panic);
    failed!(error, error, place = %place, "Maildocket's own code panicked.");
    error
}

/// Notes the places of panics that are caught here; all others are told as before.
fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
            if WATCHED.get() {
                PLACE.replace(info.location().map(shown));
            } else {
                others(info);
            }
        }));
    });
}

/// The file without the folders of the machine that it was built on, and the line.
fn shown(location: &Location<'_>) -> String {
    let folders: Vec<&str> = location.file().split('/').collect();
    let end = folders.get(folders.len().saturating_sub(SHOWN)..).unwrap_or_default();
    format!("{}:{}", end.join("/"), location.line())
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[test]
    fn a_panic_is_an_error_that_quotes_nothing() {
        let done = caught(async { if true { panic!("a secret") } else { Ok(()) } }).now_or_never();
        let error = done.and_then(Result::err).expect("it panicked");
        assert_eq!((error.kind, was_panic(&error)), (Kind::Internal, true));
        assert!(!format!("{error:?}").contains("secret") && !error.action.is_empty(), "{error:?}");
        let good = caught(async { Ok(7) }).now_or_never();
        assert_eq!(good, Some(Ok(7)));
    }
}
