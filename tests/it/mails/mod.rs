//! What mails become by what people say about them: handlers, threads, senders, rates, and mails worked on again.

mod again;
mod deleted;
mod handlers;
mod huge;
mod identity;
mod kinds;
mod rates;
mod scene;
mod senders;
mod threads;
