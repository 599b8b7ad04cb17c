//! One issue as a conversation: who wrote what and when, with pictures, files, and what was quoted.

use intake::{
    App, Error, Timestamp,
    flows::issues::beginning,
    types::{
        ids::CommentId,
        issue::{Attachment, Body, Person, Text},
        project::IssueKey,
    },
};
use maud::{Markup, html};

use super::frame::words::{name, shown, size, when, word};
use crate::{
    api::texts::{Part, url},
    wire::{MAX_TEXT, cut},
};

/// The types that browsers show as pictures, and that cannot hold script.
const PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/// A contribution: to which issue, and which of its comments; none for the issue itself.
pub(super) struct Contribution<'a> {
    pub(super) of: &'a IssueKey,
    pub(super) comment: Option<CommentId>,
    pub(super) author: &'a Person,
    pub(super) at: Timestamp,
    pub(super) body: &'a Body,
    pub(super) files: &'a [Attachment],
}

/// One contribution.
pub(super) async fn part(app: &App, one: Contribution<'_>) -> Result<Markup, Error> {
    let text = read(app, &one, &one.body.text, Part::Text).await?;
    let quoted = read(app, &one, &one.body.quoted, Part::Quoted).await?;
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
                span.faint.at { (when(one.at)) }
            }
            (with_pictures(&text.text, &pictures))
            (text.rest())
            @if !quoted.text.is_empty() {
                details { summary { (word("page.quoted")) } div.text dir="auto" { (quoted.text) } (quoted.rest()) }
            }
            @if !others.is_empty() { ul.files aria-label=(word("page.file_list")) { @for file in others { li { (link(file)) } } } }
        }
    })
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
    let read = beginning(app, text, MAX_TEXT).await?;
    let (text, shorter) = cut(read.text, MAX_TEXT);
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
        @for picture in behind { (figure(picture)) }
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

fn shown_name(file: &Attachment) -> &str {
    shown(if file.filename.is_empty() { &file.content_type } else { &file.filename })
}
