//! What the sender newly wrote: without quotes, attribution lines, header blocks and signatures.
//!
//! Marks of the HTML come first, then the lines of the text. A forward is content and is not cut, and no mail is
//! reduced to nothing.

mod lines;
mod phrases;

use crate::html::Rendered;

/// A text in its parts.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Cut {
    /// What is new; empty only if the text is.
    pub(crate) reply: String,
    /// What was cut, without the signature.
    pub(crate) quoted: String,
}

/// Cuts `text`, the readable text of the mail. `page`: the HTML, rendered, if there is one. `has_plain`: `text` was
/// written by the mail program and not rendered from that HTML.
pub(crate) fn cut(text: &str, page: Option<&Rendered>, has_plain: bool, subject: &str) -> Cut {
    let forward = phrases::is_forward_subject(subject);
    let of_lines = lines::cut(text, forward);
    // A text with line marks needs no help from its HTML twin.
    let marked =
        page.filter(|_| !has_plain || of_lines.quoted.is_empty()).and_then(|page| of_marks(page, forward));
    let mut cut = marked.unwrap_or(of_lines);
    if cut.reply.is_empty() {
        cut = Cut { reply: text.to_owned(), quoted: String::new() };
    }
    cut
}

fn of_marks(page: &Rendered, forward: bool) -> Option<Cut> {
    let reply = page.reply.as_deref().filter(|reply| !reply.is_empty())?;
    if forward && !page.quoted.is_empty() || phrases::begins_forward(&page.quoted) {
        return None;
    }
    let rest = lines::cut(reply, forward);
    let quoted = match (rest.quoted.is_empty(), page.quoted.is_empty()) {
        (true, _) => page.quoted.clone(),
        (false, true) => rest.quoted,
        (false, false) => format!("{}\n\n{}", rest.quoted, page.quoted),
    };
    (!rest.reply.is_empty()).then_some(Cut { reply: rest.reply, quoted })
}
