//! A page that is sent in pieces: browsers show what they have, so that somebody who waits sees how far it is, without script.
//! Where answers go out whole, as from a function, it comes whole.

use std::{collections::VecDeque, convert::Infallible, future::Future};

use axum::{
    body::{Body, Bytes},
    http::HeaderValue,
    response::Response,
};
use futures::stream;
use maud::{Markup, PreEscaped};
use tokio::sync::mpsc;

use super::page::page_with_form;
use crate::language;

/// Stands where a page goes on later. No text of others comes into a page unescaped.
const GAP: &str = "<!-- gap -->";

/// A place in a page that is filled while it is read.
pub(crate) fn gap() -> Markup {
    PreEscaped(GAP.to_owned())
}

/// What is still to be sent of a page. Whoever fills its gaps says how much, which bounds what waits here.
pub(crate) struct Pieces {
    out: mpsc::UnboundedSender<Bytes>,
    rest: VecDeque<String>,
}

impl Pieces {
    /// Puts something into the present gap.
    pub(crate) fn say(&self, piece: Markup) {
        // Who left does not read on; what was begun is done all the same.
        let _ = self.out.send(piece.into_string().into());
    }

    /// Goes on to the next gap.
    pub(crate) fn next(&mut self) {
        if let Some(text) = self.rest.pop_front() {
            let _ = self.out.send(text.into());
        }
    }
}

/// A page with gaps, and who fills them. It is done also where nobody reads on.
pub(crate) fn page_in_pieces<F>(markup: Markup, fill: impl FnOnce(Pieces) -> F) -> Response
where
    F: Future<Output = Pieces> + Send + 'static,
{
    let (out, mut read) = mpsc::unbounded_channel();
    let rest = markup.into_string().split(GAP).map(str::to_owned).collect();
    let mut pieces = Pieces { out, rest };
    pieces.next();
    let filling = fill(pieces);
    tokio::spawn(language::carried(async move {
        let mut pieces = filling.await;
        while !pieces.rest.is_empty() {
            pieces.next();
        }
    }));
    let read = stream::poll_fn(move |context| read.poll_recv(context));
    let body = Body::from_stream(futures::StreamExt::map(read, Ok::<_, Infallible>));
    let mut response = page_with_form(Markup::default()).map(|_| body);
    // Proxies that gather answers are asked to let this one through (nginx).
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}
