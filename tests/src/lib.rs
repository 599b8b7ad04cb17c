#![doc = include_str!("../README.md")]

pub mod authority;
pub mod aws;
pub mod browser;
pub mod changed;
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
