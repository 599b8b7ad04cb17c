//! Addresses that work for a while, for whoever was given them: a keyed hash over what is meant and when it ends.

use intake::App;

/// Ends are rounded to this, seconds, so that a page that is made again has the same addresses, and browsers keep what
/// they have.
const ROUND: i64 = 6 * 60 * 60;

/// The base URL, as the policy of a frame names it: addresses in frames are whole, because a frame has no origin.
pub(crate) fn base(app: &App) -> &str {
    app.settings.base_url.as_str().trim_end_matches('/')
}

/// The end of an address that is made now: six to twelve hours from now, seconds since 1970.
pub(crate) fn end(app: &App) -> i64 {
    (app.now().as_second().div_euclid(ROUND) + 2) * ROUND
}

/// The mark of an address. `purpose`: what it may be used for.
pub(crate) fn mark(app: &App, purpose: &str, what: &str, end: i64) -> String {
    app.mac.tag(purpose, &format!("{what}\0{end}"))
}

/// Whether this is the mark, and its end has not come.
pub(crate) fn holds(app: &App, purpose: &str, what: &str, end: i64, mark: &str) -> bool {
    app.now().as_second() < end && app.mac.verify(purpose, &format!("{what}\0{end}"), mark)
}
