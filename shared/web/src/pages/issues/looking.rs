//! Which issues of a project are looked for: what the address of its list says.

use intake::{
    flows::find::Wanted,
    types::{issue::IssueStatus, project::ProjectKey},
};
use url::form_urlencoded;

/// The most bytes of one of its words.
const MAX_WORD: usize = 200;

/// What the address says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Looking {
    pub(super) status: Option<IssueStatus>,
    pub(super) text: String,
    pub(super) assignee: String,
    pub(super) label: String,
    pub(super) priority: String,
    pub(super) issue_type: String,
    pub(super) cursor: Option<String>,
}

impl Looking {
    /// What is not known is left out: an address of a newer version still shows a list.
    pub(super) fn of(query: &str) -> Self {
        let mut looking = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if name == "cursor" {
                looking.cursor = Some(value.into_owned());
                continue;
            }
            let value = value.trim();
            let value = &value[..value.floor_char_boundary(MAX_WORD)];
            match &*name {
                "status" => looking.status = value.parse().ok(),
                "q" => looking.text = value.to_owned(),
                "assignee" => looking.assignee = value.to_owned(),
                "label" => looking.label = value.to_owned(),
                "priority" => looking.priority = value.to_owned(),
                "type" => looking.issue_type = value.to_owned(),
                _ => {}
            }
        }
        looking
    }

    /// What the store has no list for.
    pub(super) fn wanted(&self) -> Wanted {
        Wanted::default()
            .words(&self.text)
            .assignee(&self.assignee)
            .label(&self.label)
            .priority(&self.priority)
            .issue_type(&self.issue_type)
    }

    /// Whether more is looked for than words: those filters are shown then.
    pub(super) fn has_more(&self) -> bool {
        [&self.assignee, &self.label, &self.priority, &self.issue_type].iter().any(|word| !word.is_empty())
    }

    /// The same with another status, from the beginning.
    pub(super) fn with_status(&self, status: Option<IssueStatus>) -> Self {
        Self { status, cursor: None, ..self.clone() }
    }

    /// The same from another place on.
    pub(super) fn from(&self, cursor: Option<&str>) -> Self {
        Self { cursor: cursor.map(str::to_owned), ..self.clone() }
    }

    /// The address of this list.
    pub(super) fn address(&self, project: &ProjectKey) -> String {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        let status = self.status.map_or("", IssueStatus::as_str);
        let cursor = self.cursor.as_deref().unwrap_or_default();
        let all = [
            ("q", self.text.as_str()),
            ("status", status),
            ("assignee", &self.assignee),
            ("label", &self.label),
            ("priority", &self.priority),
            ("type", &self.issue_type),
            ("cursor", cursor),
        ];
        pairs.extend_pairs(all.iter().filter(|(_, value)| !value.is_empty()));
        let query = pairs.finish();
        if query.is_empty() { format!("/projects/{project}") } else { format!("/projects/{project}?{query}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_is_looked_for() {
        let project = ProjectKey::new("SUP").unwrap();
        let query = "q=a%20b&status=in_progress&assignee=-&label=%E8%AB%8B&priority=high&type=bug&cursor=c";
        let looking = Looking::of(query);
        assert_eq!(looking.status, Some(IssueStatus::InProgress));
        assert!(looking.has_more() && !looking.wanted().is_anything());
        let address = looking.address(&project);
        assert_eq!(Looking::of(address.split_once('?').unwrap().1), looking);
        let other = looking.with_status(None);
        assert_eq!((other.status, &other.cursor, other.text.as_str()), (None, &None, "a b"));
    }

    #[test]
    fn odd_addresses_look_for_everything() {
        let project = ProjectKey::new("SUP").unwrap();
        for query in ["", "status=done&x=y", "q=%20&label=", "done=saved"] {
            let looking = Looking::of(query);
            assert!(looking == Looking::default() && looking.wanted().is_anything(), "{query}");
            assert_eq!(looking.address(&project), "/projects/SUP");
        }
        assert_eq!(Looking::of(&format!("q={}", "é".repeat(300))).text.len(), MAX_WORD);
    }
}
