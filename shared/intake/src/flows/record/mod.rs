//! A decided batch on its way into the store.

mod arrivals;
mod numbers;
mod writer;

pub(in crate::flows) use arrivals::rates_before;
pub(in crate::flows) use numbers::Numbers;
pub(in crate::flows) use writer::{Attempt, Plan, Writer, attempt, keep, lease_lost, reads_issues};
