//! What the sender newly wrote: without quotes, attribution lines, header blocks and signatures.
//!
//! The text is cut by its lines; of rendered HTML each line also has the mark of the element that it stands in. A
//! forward is content and is not cut, and no mail is reduced to nothing.

mod attribution;
mod begin;
mod code;
mod device;
mod divider;
mod forwarded;
mod glance;
mod header;
mod labels;
mod lines;
mod mobile;
mod own;
mod parts;
mod quote;
mod sentence;
mod signature;
mod signs;
mod subject;
mod twin;
mod verbless;
mod within;
mod wrote;

use memchr::memmem;

use crate::{
    html::Rendered,
    languages::{self, Words},
};
pub(crate) use forwarded::forwarded_senders;
pub(crate) use parts::Cut;
pub(crate) use subject::{is_answer, is_answer_or_forward, is_forward};

/// A mail's text and what is known of it.
pub(crate) struct Seen<'a> {
    /// The readable text of the mail.
    pub(crate) text: &'a str,
    /// The HTML, rendered, if there is one.
    pub(crate) page: Option<&'a Rendered>,
    pub(crate) subject: &'a str,
    /// It names another mail that it answers.
    pub(crate) answers: bool,
    /// The sender's name, or what stands for it.
    pub(crate) author: &'a str,
}

/// Cuts a text.
pub(crate) fn cut(seen: &Seen) -> Cut {
    let text = seen.text;
    let begins = seen.page.filter(|page| page.text != text).map(begin::begins).unwrap_or_default();
    let known = lines::Known {
        marks: &[],
        begins: &begins,
        subject: subject::base(seen.subject),
        author: seen.author,
        forward: subject::is_forward(seen.subject, text) || is_digest(text),
        answers: seen.answers || subject::is_answer(seen.subject),
    };
    let of_page = |page: &Rendered| lines::cut(&page.text, lines::Known { marks: &page.marks, ..known });
    let cut = match seen.page.filter(|page| !page.marks.is_empty()) {
        Some(page) if page.text == text => of_page(page),
        // A text with line marks needs no help from its HTML twin.
        Some(page) => twin::helped(text, lines::cut(text, known), || of_page(page)),
        None => lines::cut(text, known),
    };
    whole_if_empty(text, cut)
}

/// A mail is never reduced to nothing.
fn whole_if_empty(text: &str, cut: Cut) -> Cut {
    if !cut.reply.is_empty() {
        return cut;
    }
    // Some programs leave the cursor within the element of the signature.
    let is_device = |line: &&str| mobile::is_mobile(line);
    let written = || cut.signature.lines().filter(|line| !is_device(line));
    if !cut.older.is_empty()
        && !cut.signature.starts_with('-')
        && written().any(|line| !line.trim().is_empty())
    {
        let reply = written().collect::<Vec<_>>().join("\n").trim().to_owned();
        let devices = cut.signature.lines().filter(is_device);
        let quoted = devices.chain([cut.older.as_str()]).collect::<Vec<_>>().join("\n");
        return Cut { reply, quoted, ..cut };
    }
    Cut { reply: text.to_owned(), ..Cut::default() }
}

/// Words for a mail before its number.
static DIGEST: Words = Words::new(|| languages::words("divider", "digest"));

/// Mailman's collection of mails, each under its header.
fn is_digest(text: &str) -> bool {
    let firsts = memmem::find_iter(text.as_bytes(), b": 1\n").map(|at| &text[..at]);
    let is_first = |before: &str| {
        DIGEST.iter().any(|word| before.strip_suffix(word).is_some_and(|rest| rest.ends_with('\n')))
    };
    firsts.into_iter().any(is_first)
}

#[cfg(test)]
mod kinds_tests;
#[cfg(test)]
mod own_tests;
#[cfg(test)]
mod pages_tests;
