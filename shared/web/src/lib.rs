//! The JSON API, the OAuth pages and the console.
