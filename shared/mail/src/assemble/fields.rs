//! The header of the mail.

use crate::{
    Address, Defect, Mail, auth,
    decode::{address::addresses, charset::Hint, date::date, ids, words},
    defect::Defects,
    structure::Field,
};

use super::author;

/// Newest references that are kept.
const MAX_REFERENCES: usize = 200;
/// Where servers that replace a Message-ID keep the one that they found.
const ORIGINAL_IDS: [&str; 4] = [
    "x-google-original-message-id",
    "x-microsoft-original-message-id",
    "x-original-message-id",
    "original-message-id",
];
/// More of them are not kept.
const MAX_ORIGINAL_IDS: usize = 3;

/// A mail with all that its header says.
pub(super) fn mail(fields: &[Field], hint: &Hint, defects: &mut Defects) -> Mail {
    if fields.is_empty() {
        defects.note(Defect::NoHeaders);
    }
    let all = |name: &'static str| fields.iter().filter(move |field| field.name == name);
    // Of a field that came twice the first counts that says anything.
    let raw = |name: &'static str| {
        all(name).map(|field| field.raw.as_slice()).find(|raw| !raw.trim_ascii().is_empty())
    };
    let unfolded = |name: &'static str| raw(name).map(words::unfold);
    let list = |name: &'static str, defects: &mut Defects| {
        all(name).flat_map(|field| addresses(&field.raw, hint, defects)).collect::<Vec<Address>>()
    };
    let mut mail = Mail {
        subject: raw("subject").map(|raw| words::decode_with(raw, hint, defects)).unwrap_or_default(),
        from: from(
            &list("from", defects),
            &list("sender", defects),
            raw("from").and_then(addressless),
            defects,
        ),
        to: list("to", defects),
        cc: list("cc", defects),
        reply_to: list("reply-to", defects),
        date: when(all("date"), defects),
        message_id: message_id(unfolded("message-id").as_deref(), defects),
        in_reply_to: all("in-reply-to").flat_map(|field| ids::parents(&words::unfold(&field.raw))).collect(),
        references: references(all("references"), defects),
        return_path: raw("return-path").map(|raw| words::plain(raw).trim_matches(['<', '>', ' ']).to_owned()),
        headers: fields.iter().map(|field| (field.name.clone(), words::plain(&field.raw))).collect(),
        trace: trace(fields),
        ..Mail::default()
    };
    mail.original_message_ids = original_ids(fields, mail.message_id.as_deref());
    if let Some(author) = author::behind(&mail, fields, hint) {
        defects.note(Defect::RewrittenFrom);
        mail.rewritten_from = mail.from.replace(author);
    }
    mail
}

fn trace(fields: &[Field]) -> Vec<(String, String)> {
    let read = fields.iter().filter(|field| auth::READS.contains(&field.name.as_str()));
    let value = |field: &Field| String::from_utf8_lossy(&words::unfold(&field.raw)).trim().to_owned();
    read.map(|field| (field.name.clone(), value(field))).collect()
}

/// What stands in a field without an address. One word in ASCII is a local part whose server left its domain out, as
/// that of `MAILER-DAEMON`; all else is a name.
fn addressless(raw: &[u8]) -> Option<Address> {
    let text = words::plain(raw);
    let word = text.trim();
    if !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.+".contains(&b)) {
        return Some(Address { name: None, address: word.to_owned() });
    }
    let name = text.trim_matches(['"', '\'', '<', '>', ' ']);
    let is_name = name.chars().any(char::is_alphanumeric);
    is_name.then(|| Address { name: Some(name.to_owned()), address: String::new() })
}

fn from(
    from: &[Address],
    sender: &[Address],
    addressless: Option<Address>,
    defects: &mut Defects,
) -> Option<Address> {
    match from {
        [] => defects.note(Defect::MissingFrom),
        [_] => {}
        _ => defects.note(Defect::SeveralFrom),
    }
    from.first().or(sender.first()).cloned().or(addressless)
}

fn when<'a>(fields: impl Iterator<Item = &'a Field>, defects: &mut Defects) -> Option<jiff::Timestamp> {
    let mut fields = fields.peekable();
    if fields.peek().is_none() {
        defects.note(Defect::MissingDate);
        return None;
    }
    let when = fields.find_map(|field| date(&words::unfold(&field.raw)));
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

fn references<'a>(fields: impl Iterator<Item = &'a Field>, defects: &mut Defects) -> Vec<String> {
    let mut references: Vec<String> = fields.flat_map(|field| ids::ids(&words::unfold(&field.raw))).collect();
    if references.len() > MAX_REFERENCES {
        defects.note(Defect::TooManyReferences);
        references.drain(..references.len() - MAX_REFERENCES);
    }
    references
}

fn original_ids(fields: &[Field], own: Option<&str>) -> Vec<String> {
    let mut originals: Vec<String> = Vec::new();
    let named = ORIGINAL_IDS.iter().flat_map(|name| fields.iter().filter(move |field| field.name == *name));
    for id in named.filter_map(|field| ids::id(&words::unfold(&field.raw))) {
        if originals.len() < MAX_ORIGINAL_IDS && own != Some(id.as_str()) && !originals.contains(&id) {
            originals.push(id);
        }
    }
    originals
}

#[cfg(test)]
mod tests {
    #[test]
    fn replaced_message_ids_are_known_in_all_their_forms() {
        let originals = |lines: &str| {
            crate::parse(format!("Message-ID: <new@mx.example>\n{lines}\n\nx").as_bytes())
                .original_message_ids
        };
        for line in [
            "X-Google-Original-Message-ID: <1@a.example>",
            "X-Microsoft-Original-Message-ID: =?utf-8?q?<1@a.example>?=",
            "X-Microsoft-Original-Message-ID: =?us-ascii?Q?=3C1=40a.ex?=\n =?us-ascii?Q?ample=3E?=",
            "X-Original-Message-Id: 1@a.example",
            "X-Google-Original-Message-ID: <1@a.example>\nX-Microsoft-Original-Message-ID: <1@a.example>",
        ] {
            assert_eq!(originals(line), ["1@a.example"], "{line}");
        }
        assert!(originals("X-Google-Original-Message-ID: <new@mx.example>").is_empty());
        assert!(originals("X-Google-Original-Message-ID:").is_empty());
    }
}
