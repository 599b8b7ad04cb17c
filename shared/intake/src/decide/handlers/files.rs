//! Which files of a mail become attachments.

use crate::{
    Sentence,
    types::handler::{AttachmentRules, Pattern},
};

/// Why a file does not become an attachment, a sentence about the number `file`; None: it does.
pub(crate) fn left_out(rules: &AttachmentRules, file: &mail::Attachment) -> Option<Sentence> {
    let name = file.filename.as_deref().unwrap_or_default();
    let is_kind = |pattern: &&Pattern| pattern.is(&file.content_type) || pattern.is(name);
    if rules.known.iter().any(|hash| hash.eq_ignore_ascii_case(&file.sha256)) {
        Some("trace.attachment.known".into())
    } else if rules.max_bytes.is_some_and(|most| file.size > most) {
        Some(Sentence::new("trace.attachment.size").with("bytes", file.size))
    } else {
        let matches =
            |pattern: &Pattern| Sentence::new("trace.attachment.pattern").with("pattern", pattern.as_str());
        rules.leave_out.iter().find(is_kind).map(matches)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn files_are_left_out_by_size_type_name_and_content() {
        let rules: AttachmentRules = serde_json::from_value(json!({
            "max_bytes": 10, "leave_out": ["image/*", "*.exe"],
            "known": ["B94D27B9934D3E08A52E52D7DA7DABFAC484EFE37A5380EE9088F7ACE2EFCDE9"]
        }))
        .unwrap();
        let file = |content_type: &str, name: &str, size| mail::Attachment {
            filename: Some(name.to_owned()),
            content_type: content_type.to_owned(),
            size,
            sha256: "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"[..60].to_owned(),
            inline: false,
            content_id: None,
            content: mail::AttachmentContent::Bytes(Vec::new()),
        };
        assert!(left_out(&rules, &file("text/plain", "a.txt", 10)).is_none());
        assert!(left_out(&rules, &file("text/plain", "a.txt", 11)).is_some());
        assert!(left_out(&rules, &file("image/png", "a", 1)).is_some());
        assert!(left_out(&rules, &file("a/b", "Setup.EXE", 1)).is_some());
        let mut logo = file("a/b", "c", 1);
        logo.sha256.push_str("cde9");
        assert!(left_out(&rules, &logo).is_some());
    }
}
