//! The one integration test binary: everything against real servers, and the rules of the workspace itself.

mod workspace;
