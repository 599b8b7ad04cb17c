//! The header of the mail.

use crate::{
    Address, Defect, Mail, auth,
    decode::{address::addresses, date::date, ids, words},
    defect::Defects,
    structure::Field,
};

use super::plain_value;

/// Newest references that are kept.
const MAX_REFERENCES: usize = 200;

/// A mail with all that its header says.
pub(super) fn mail(fields: &[Field], defects: &mut Defects) -> Mail {
    if fields.is_empty() {
        defects.note(Defect::NoHeaders);
    }
    let raw = |name: &str| fields.iter().find(|field| field.name == name).map(|field| field.raw.as_slice());
    let unfolded = |name: &str| raw(name).map(words::unfold);
    let list = |name: &str, defects: &mut Defects| {
        let all = fields.iter().filter(|field| field.name == name);
        all.flat_map(|field| addresses(&field.raw, defects)).collect::<Vec<Address>>()
    };
    Mail {
        subject: raw("subject").map(|raw| words::decode(raw, defects)).unwrap_or_default(),
        from: author(&list("from", defects), &list("sender", defects), defects),
        to: list("to", defects),
        cc: list("cc", defects),
        reply_to: list("reply-to", defects),
        date: when(unfolded("date").as_deref(), defects),
        message_id: message_id(unfolded("message-id").as_deref(), defects),
        in_reply_to: unfolded("in-reply-to").map(|raw| ids::ids(&raw)).unwrap_or_default(),
        references: references(unfolded("references").as_deref().unwrap_or_default(), defects),
        return_path: raw("return-path").map(|raw| plain_value(raw).trim_matches(['<', '>', ' ']).to_owned()),
        headers: fields.iter().map(|field| (field.name.clone(), plain_value(&field.raw))).collect(),
        trace: trace(fields),
        ..Mail::default()
    }
}

fn trace(fields: &[Field]) -> Vec<(String, String)> {
    let read = fields.iter().filter(|field| auth::READS.contains(&field.name.as_str()));
    let value = |field: &Field| String::from_utf8_lossy(&words::unfold(&field.raw)).trim().to_owned();
    read.map(|field| (field.name.clone(), value(field))).collect()
}

fn author(from: &[Address], sender: &[Address], defects: &mut Defects) -> Option<Address> {
    match from {
        [] => defects.note(Defect::MissingFrom),
        [_] => {}
        _ => defects.note(Defect::SeveralFrom),
    }
    from.first().or(sender.first()).cloned()
}

fn when(raw: Option<&[u8]>, defects: &mut Defects) -> Option<jiff::Timestamp> {
    let Some(raw) = raw else {
        defects.note(Defect::MissingDate);
        return None;
    };
    let when = date(raw);
    if when.is_none() {
        defects.note(Defect::InvalidDate);
    }
    when
}

fn message_id(raw: Option<&[u8]>, defects: &mut Defects) -> Option<String> {
    let id = raw.and_then(ids::id);
    if id.is_none() {
        defects.note(Defect::MissingMessageId);
    }
    id
}

fn references(raw: &[u8], defects: &mut Defects) -> Vec<String> {
    let mut references = ids::ids(raw);
    if references.len() > MAX_REFERENCES {
        defects.note(Defect::TooManyReferences);
        references.drain(..references.len() - MAX_REFERENCES);
    }
    references
}
