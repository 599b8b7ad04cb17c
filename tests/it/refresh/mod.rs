//! Keeping grants alive.

mod life;
