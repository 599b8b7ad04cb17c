//! One issue as a conversation: who wrote what and when, with pictures, files, and what was quoted.

use intake::{
    App, Error, Timestamp,
    flows::issues::TextReader,
    types::issue::{Attachment, Body, Person},
};
use maud::{Markup, html};

use super::words::{name, size, when};

/// The types that browsers show as pictures, and that cannot hold script.
const PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/// One contribution.
pub(super) async fn part(
    app: &App,
    reader: &mut TextReader,
    author: &Person,
    at: Timestamp,
    body: &Body,
    files: &[&Attachment],
) -> Result<Markup, Error> {
    let text = reader.read(app, &body.text).await?;
    let quoted = reader.read(app, &body.quoted).await?;
    let (pictures, others): (Vec<&Attachment>, Vec<&Attachment>) =
        files.iter().copied().partition(|file| file.inline && is_picture(file));
    Ok(html! {
        article {
            header.by {
                h2 dir="auto" { (name(author)) }
                @if !author.address.is_empty() && !author.name.is_empty() { span.faint { bdi { (author.address) } } }
                span.faint.at { (when(at)) }
            }
            (with_pictures(&text, &pictures))
            @if !quoted.is_empty() {
                details { summary { "Quoted text" } div.text dir="auto" { (quoted) } }
            }
            @if !others.is_empty() { ul.files aria-label="Files" { @for file in others { li { (link(file)) } } } }
        }
    })
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
    if file.filename.is_empty() { &file.content_type } else { &file.filename }
}
