//! Keeping grants alive.

mod crashes;
mod life;
mod races;
