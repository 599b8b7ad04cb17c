//! Feeds shared/mail and shared/mail-source with what libFuzzer thinks of: `cargo xtask fuzz TARGET`.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

/// What runs, named by the environment, so that one program serves all targets.
static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let wanted = std::env::var("MAILDOCKET_FUZZ").unwrap_or_default();
    let mut all = mail::fuzzing::TARGETS.iter().chain(&mail_source::fuzzing::TARGETS);
    let found = all.find(|(name, _)| *name == wanted);
    found.unwrap_or_else(|| panic!("MAILDOCKET_FUZZ names no target: {wanted:?}")).1
});

fuzz_target!(|data: &[u8]| (TARGET)(data));
