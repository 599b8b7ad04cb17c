//! The reference, row by row: each test is named after the row of the product's table that it shows to be true.

mod changes;
mod health;
mod integrations;
mod mail_servers;
mod people;
