//! The harness of the integration tests: what is outside of Maildocket, started for the tests and ended with them.
//!
//! [`Servers`] are a real Dovecot and a certified OAuth server, shared by all tests; each test takes an account and a
//! client of its own. [`courier`] and [`cyrus`] are other real mail servers, shared the same way. [`Maildocket`] is the program, run as its users run it. [`Inside`] is the same within the test's
//! process, for tests that wrap ports or move time.

pub mod authority;
pub mod aws;
pub mod browser;
pub mod chromium;
pub mod courier;
pub mod cyrus;
pub mod deployed;
pub mod dovecot;
pub mod faulty;
pub mod hand;
pub mod inside;
pub mod interrupt;
pub mod lambda;
pub mod ledger;
pub mod maildocket;
pub mod mails;
pub mod moto;
pub mod process;
pub mod recorder;
pub mod scene;
pub mod served;
pub mod servers;
pub mod traffic;
pub mod unpacked;

pub use browser::{Browser, Person};
pub use chromium::Chromium;
pub use inside::{HandClock, Inside};
pub use interrupt::{Breaker, Call, Moment};
pub use maildocket::{Api, Maildocket};
pub use scene::Scene;
pub use served::Served;
pub use servers::Servers;
