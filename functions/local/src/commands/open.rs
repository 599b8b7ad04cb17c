//! `maildocket open`: the console in the browser.

use super::health;
use crate::{
    config::Settings,
    failure::{Failure, Outcome},
    process::out,
};

pub(crate) fn run(settings: &Settings, page: &str) -> Outcome {
    let listening = health::listening(settings)?.ok_or_else(|| {
        Failure::new("Maildocket does not run, so it has no pages. Start `maildocket serve` first.")
    })?;
    let base_url = settings.base_url(listening)?;
    let url = base_url.join(page.trim_start_matches('/'));
    let url = url.map_err(|error| Failure::because(format!("{page} is no page"), error))?;
    if url.origin() != base_url.origin() {
        return Err(Failure::new(format!(
            "{page} is no page of the console. Give its path, such as /mailboxes."
        )));
    }
    out::print(&url)?;
    open(url.as_str())
}

/// Hands an address to this machine's browser.
pub(super) fn open(url: &str) -> Outcome {
    opener::open_browser(url)
        .map_err(|error| Failure::because("No browser could be opened here; open the address by hand", error))
}
