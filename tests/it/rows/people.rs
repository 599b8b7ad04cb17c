//! Rows about who may do what, and how it is told afterwards.
