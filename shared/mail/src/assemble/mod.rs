//! From parts to a mail.

mod author;
mod body;
#[cfg(test)]
mod body_tests;
mod fields;
mod hint;
mod pieces;

use std::collections::BTreeSet;

use crate::{
    Address, Attachment, AttachmentContent, Defect, Mail, containers,
    decode::{address::addresses_of, charset::Hint, params::Content, words},
    defect::Defects,
    files,
    html::{self, DataPicture},
    kind,
    part::{Leaf, Part, Reduced},
    reply,
    structure::header_of,
};

/// More files are noted.
const MANY_ATTACHMENTS: usize = 50;

/// Builds the mail. `charset`: what a person says that its texts are in.
pub(crate) fn assemble(reduced: Reduced, charset: Option<&str>) -> Mail {
    let Reduced { parts, mut defects } = containers::open(reduced);
    let hint = hint::hint(&parts, charset);
    let fields = parts.first().map_or(&[][..], |part| part.fields.as_slice());
    let mut mail = fields::mail(fields, &hint, &mut defects);
    let body = body::body(&parts, &hint, &mut defects);
    mail.kind = kind_of(&mail, &parts, &body.text, &hint);
    let answers = !mail.in_reply_to.is_empty() || !mail.references.is_empty();
    let local = |address: &'_ str| address.split('@').next().unwrap_or_default().to_owned();
    let author = mail.from.as_ref().map(|from| from.name.clone().unwrap_or_else(|| local(&from.address)));
    let seen = reply::Seen {
        text: &body.text,
        page: body.page.as_ref(),
        subject: &mail.subject,
        answers,
        author: author.as_deref().unwrap_or_default(),
    };
    let cut = reply::cut(&seen);
    (mail.reply_only, mail.quoted_text) = (cut.reply, cut.quoted);
    if mail.kind.bounce.is_some() || mail.kind.report.is_some() {
        // What looks like a quote in it is a transcript or the mail that came back.
        (mail.reply_only, mail.quoted_text) = (body.text.clone(), String::new());
    } else {
        mail.forwarded_senders = reply::forwarded_senders(&mail.subject, &body.text);
        mail.forwarded_senders.extend(attached_sender(&parts));
    }
    let named = body.html.iter().flat_map(|html| html::cids(html)).map(html::decoded_cid).collect();
    mail.attachments = attachments(parts, &body.shown, &named, &hint, &mut defects);
    mail.attachments.extend(body.pictures.into_iter().map(in_page));
    if mail.attachments.len() > MANY_ATTACHMENTS {
        defects.note(Defect::TooManyAttachments);
    }
    (mail.body_text, mail.body_html) = (body.text, body.html);
    mail.defects = defects.into_vec();
    mail
}

/// Who wrote the first mail that is attached as a whole.
fn attached_sender(parts: &[Part]) -> Option<Address> {
    let attached = parts.iter().find(|part| !part.multipart && part.content.media() == "message/rfc822")?;
    let from = header_of(attached.leaf.head()).into_iter().find(|field| field.name == "from")?;
    addresses_of(&from.raw).into_iter().next()
}

fn kind_of(mail: &Mail, parts: &[Part], text: &str, hint: &Hint) -> kind::Kind {
    let lower = |part: &Part, name: &str| part.content.param(name).unwrap_or_default().to_ascii_lowercase();
    let reports = parts.iter().filter(|part| part.content.media() == "multipart/report");
    let leaves = parts.iter().filter(|part| !part.multipart);
    kind::kind(&kind::Seen {
        headers: &mail.headers,
        from: mail.from.as_ref(),
        subject: &mail.subject,
        text,
        return_path: mail.return_path.as_deref(),
        reports: reports.map(|part| lower(part, "report-type")).collect(),
        is_report: parts.first().is_some_and(|part| part.content.media() == "multipart/report"),
        leaves: leaves
            .map(|part| kind::Leaf {
                media: part.content.media(),
                head: part.leaf.head(),
                filename: part.content.filename_with(hint, &mut Defects::default()).unwrap_or_default(),
                method: lower(part, "method"),
                is_file: is_file(part, parts),
            })
            .collect(),
    })
}

/// Whether a part was sent as a file: it says so, or it has a name and lies beside the text.
fn is_file(part: &Part, parts: &[Part]) -> bool {
    let beside = part.parent.is_some_and(|parent| parts[parent].content.media() == "multipart/mixed");
    part.content.disposition() == "attachment" || beside && part.content.is_named()
}

fn attachments(
    parts: Vec<Part>,
    shown: &BTreeSet<usize>,
    named: &BTreeSet<String>,
    hint: &Hint,
    defects: &mut Defects,
) -> Vec<Attachment> {
    let related: Vec<bool> = parts.iter().map(|part| part.content.media() == "multipart/related").collect();
    let mut files = Vec::new();
    for (n, part) in parts.into_iter().enumerate() {
        if part.multipart {
            note_media(&part.content, defects);
            continue;
        }
        if shown.contains(&n) {
            continue;
        }
        let in_related = part.parent.is_some_and(|parent| related[parent]);
        note_media(&part.content, defects);
        files.push(attachment(part, in_related, named, hint, defects));
    }
    files
}

/// What kinds of parts tell of the whole mail.
fn note_media(content: &Content, defects: &mut Defects) {
    match content.media() {
        "multipart/encrypted" => defects.note(Defect::Encrypted),
        "multipart/appledouble" | "multipart/x-appledouble" => defects.note(Defect::AppleDouble),
        "message/partial" => defects.note(Defect::PartialMessage),
        "message/external-body" => defects.note(Defect::ExternalBody),
        _ => {}
    }
}

fn attachment(
    part: Part,
    in_related: bool,
    named: &BTreeSet<String>,
    hint: &Hint,
    defects: &mut Defects,
) -> Attachment {
    let Part { content, leaf, .. } = part;
    let filename = content.filename_with(hint, defects).and_then(|name| files::clean(&name, defects));
    let filename = filename.or_else(|| name_of(&content, &leaf));
    let id = content.id().map(str::to_owned);
    let is_named = id.as_ref().is_some_and(|id| named.contains(id));
    let inline = is_named
        || content.disposition() == "inline"
        || in_related && id.is_some() && content.disposition() != "attachment";
    let (size, sha256) = (leaf.size, leaf.sha256());
    let content_type = content.media().to_owned();
    let Leaf { bytes, extracted, .. } = leaf;
    let content = match extracted {
        Some((n, _)) => AttachmentContent::Extracted { n },
        None => AttachmentContent::Bytes(bytes),
    };
    Attachment { filename, content_type, size, sha256, inline, content_id: id, content }
}

/// A name for a part that people look for: a mail that was forwarded has its subject, an invitation a name to open it by.
fn name_of(content: &Content, leaf: &Leaf) -> Option<String> {
    match content.media() {
        "message/rfc822" | "message/global" => {
            let fields = header_of(leaf.head());
            let subject =
                fields.iter().find(|field| field.name == "subject").map(|field| words::plain(&field.raw));
            Some(files::named_after(&subject.unwrap_or_default(), "message", "eml"))
        }
        _ if content.is_calendar() => Some("invite.ics".to_owned()),
        _ => None,
    }
}

/// A picture of a page that came with the page itself.
fn in_page(picture: DataPicture) -> Attachment {
    let DataPicture { id, name, media, bytes } = picture;
    Attachment {
        filename: Some(name),
        content_type: media,
        size: bytes.len() as u64,
        sha256: files::sha256(&bytes),
        inline: true,
        content_id: Some(id),
        content: AttachmentContent::Bytes(bytes),
    }
}
