//! One issue as a conversation: who wrote what and when, with pictures, files, and what was quoted.

use intake::{
    App, Error, Timestamp,
    flows::issues::beginning,
    types::{
        audit::Role,
        ids::CommentId,
        issue::{Attachment, Body, Person, Source, Text},
        project::IssueKey,
    },
};
use maud::{Markup, html};

use super::super::frame::{
    visitor::Visitor,
    words::{counted, name, shown, size, when, word},
};
use crate::{
    api::texts::{Part, url},
    filename::harmless,
    wire::cut,
};

/// The most bytes of a text, and of a quoted one, as they stand in an answer: a page has at most 100 kB, and the whole is
/// a click away.
const MAX_TEXT: usize = 24 * 1024;
const MAX_QUOTED: usize = 8 * 1024;
/// The most files that are shown of one contribution, which may have hundreds.
const MAX_FILES: usize = 50;

/// The types that browsers show as pictures, and that cannot hold script.
const PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/// A contribution: to which issue, and which of its comments; none for the issue itself.
pub(super) struct Contribution<'a> {
    pub(super) of: &'a IssueKey,
    pub(super) comment: Option<CommentId>,
    pub(super) author: &'a Person,
    pub(super) at: Timestamp,
    pub(super) body: &'a Body,
    /// The mail; a comment without one was written here, and nobody else sees it.
    pub(super) source: Option<&'a Source>,
    pub(super) files: &'a [Attachment],
}

/// One contribution.
pub(super) async fn part(app: &App, visitor: &Visitor, one: Contribution<'_>) -> Result<Markup, Error> {
    let text = read(app, &one, &one.body.text, Part::Text).await?;
    let quoted = read(app, &one, &one.body.quoted, Part::Quoted).await?;
    let is_internal = one.source.is_none() && one.comment.is_some();
    let (pictures, others): (Vec<&Attachment>, Vec<&Attachment>) =
        one.files.iter().partition(|file| file.inline && is_picture(file));
    let author = one.author;
    Ok(html! {
        article {
            header.by {
                h2 dir="auto" { (name(author)) }
                @if !author.address.is_empty() && !author.name.is_empty() {
                    span.faint { bdi { (shown(&author.address)) } }
                }
                @if is_internal { span.tag { (word("page.issue.internal")) } }
                span.faint.at { (when(one.at)) }
            }
            (with_pictures(&text.text, &pictures))
            (text.rest())
            @if !quoted.text.is_empty() {
                details { summary { (word("page.quoted")) } div.text dir="auto" { (quoted.text) } (quoted.rest()) }
            }
            @if !others.is_empty() {
                ul.files aria-label=(word("page.file_list")) {
                    @for file in others.iter().take(MAX_FILES) { li { (link(file)) } }
                    @if others.len() > MAX_FILES {
                        li.faint { (counted("page.issue.more_files", (others.len() - MAX_FILES).try_into().unwrap_or(0))) }
                    }
                }
            }
            (ways(visitor, &one))
        }
    })
}

/// From what was written to the mail that it came with. The mail's HTML, in a frame of its own, is linked here as well.
fn ways(visitor: &Visitor, one: &Contribution<'_>) -> Markup {
    let source = one.source.filter(|_| visitor.may(Role::Administrator));
    html! {
        @if let Some(source) = source {
            p.ways { a href={ "/messages/" (source.message_id) } { (word("page.issue.source")) } }
        }
    }
}

/// As much of a text as a page shows.
struct Shown {
    text: String,
    /// Where the whole is, when there is more.
    whole: Option<String>,
}

impl Shown {
    fn rest(&self) -> Markup {
        html! {
            @if let Some(whole) = &self.whole {
                p.faint { (word("page.cut")) " " a href=(whole) { (word("page.whole")) } }
            }
        }
    }
}

async fn read(app: &App, one: &Contribution<'_>, text: &Text, part: Part) -> Result<Shown, Error> {
    let most = if part == Part::Quoted { MAX_QUOTED } else { MAX_TEXT };
    let read = beginning(app, text, most).await?;
    let (text, shorter) = cut(read.text, most);
    let whole = (read.cut || shorter).then(|| url(one.of, one.comment, part));
    Ok(Shown { text, whole })
}

/// The text, each picture where the text names it, else behind it.
fn with_pictures(text: &str, pictures: &[&Attachment]) -> Markup {
    let mut pieces = vec![Piece::Text(text)];
    let mut behind = Vec::new();
    for picture in pictures {
        if !put(&mut pieces, picture) {
            behind.push(picture);
        }
    }
    html! {
        @for piece in &pieces {
            @match piece {
                Piece::Text(text) => {
                    @if !text.trim().is_empty() { div.text dir="auto" { (text.trim_matches('\n')) } }
                }
                Piece::Picture(picture) => (figure(picture)),
            }
        }
        @for picture in behind.iter().take(MAX_FILES) { (figure(picture)) }
    }
}

/// A piece of a text with pictures.
enum Piece<'a> {
    Text(&'a str),
    Picture(&'a Attachment),
}

/// Puts a picture in place of its name: `[image: NAME]` (Gmail and others) or `[cid:ID]` (Outlook).
fn put<'a>(pieces: &mut Vec<Piece<'a>>, picture: &'a Attachment) -> bool {
    let content_id = picture.content_id.as_deref().map(|id| format!("[cid:{id}]"));
    for named in std::iter::once(format!("[image: {}]", picture.filename)).chain(content_id) {
        let found = pieces.iter().enumerate().find_map(|(n, piece)| match piece {
            Piece::Text(text) => text.split_once(named.as_str()).map(|halves| (n, halves)),
            Piece::Picture(_) => None,
        });
        if let Some((n, (before, after))) = found {
            pieces.splice(n..=n, [Piece::Text(before), Piece::Picture(picture), Piece::Text(after)]);
            return true;
        }
    }
    false
}

fn figure(picture: &Attachment) -> Markup {
    html! {
        figure {
            img src={ "/api/v1/attachments/" (picture.id) } alt=(shown_name(picture)) loading="lazy";
            figcaption { (link(picture)) }
        }
    }
}

fn link(file: &Attachment) -> Markup {
    html! {
        a href={ "/api/v1/attachments/" (file.id) } { bdi { (shown_name(file)) } }
        " " span.faint { (size(file.size)) }
    }
}

fn is_picture(file: &Attachment) -> bool {
    let essence = file.content_type.split(';').next().unwrap_or_default().trim();
    PICTURES.iter().any(|known| known.eq_ignore_ascii_case(essence))
}

fn shown_name(file: &Attachment) -> String {
    let name = harmless(&file.filename);
    shown(if name.is_empty() { &file.content_type } else { &name }).to_owned()
}
