#![doc = include_str!("../README.md")]

pub mod app;
pub mod catalogue;
pub mod decide;
pub mod disk;
pub mod error;
pub mod explain;
pub mod flows;
pub mod json;
mod limits;
pub mod lists;
pub mod log;
pub mod panics;
pub mod ports;
pub mod types;

pub use app::{App, MacKey, Settings, StopSignal};
pub use catalogue::{Language, Sentence};
pub use disk::{Disk, DiskTrouble};
pub use error::{Cause, Error, FieldError, Kind, Result};
pub use jiff::{Timestamp, civil::Date};
