//! Keeping grants alive: races, faults of the provider, crashes, and the times at which tokens are due.

mod crashes;
mod faults;
mod life;
mod polls;
mod races;
mod restored;
