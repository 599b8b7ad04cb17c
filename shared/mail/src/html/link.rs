//! Links in text: the address in brackets, unless the text says it already.

use super::token::Tag;

/// Longer links are not written out.
const MAX_LINK: usize = 500;

/// A link that is open.
#[derive(Debug)]
pub(super) struct Link {
    href: String,
    label: String,
}

impl Link {
    /// None without an address that a person could use.
    pub(super) fn begin(tag: &Tag) -> Option<Self> {
        // Outlook keeps what it replaced by its own redirection.
        let href = tag.attribute("originalsrc").or_else(|| tag.attribute("href"))?;
        let known = ["http://", "https://", "mailto:"];
        let is_known =
            known.iter().any(|start| href.get(..start.len()).is_some_and(|s| s.eq_ignore_ascii_case(start)));
        (is_known && href.len() <= MAX_LINK).then(|| Self { href: href.into_owned(), label: String::new() })
    }

    /// More of what is shown.
    pub(super) fn label(&mut self, text: &str) {
        if self.label.len() < MAX_LINK {
            self.label.push_str(text);
        }
    }

    /// What the text does not say.
    pub(super) fn target(self) -> Option<String> {
        let label = self.label.trim();
        let mail = self.href.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("mailto:"));
        let address = if mail { mailbox(&self.href[7..]) } else { self.href };
        let said = label.is_empty()
            || address.is_empty()
            || bare(label).eq_ignore_ascii_case(bare(&address))
            || mail && label.to_lowercase().contains(&address.to_lowercase());
        (!said).then_some(address)
    }
}

fn mailbox(rest: &str) -> String {
    let address = rest.split('?').next().unwrap_or_default();
    address.replace("%40", "@").replace("%20", " ").trim().to_owned()
}

/// Without what people leave out when they write an address down.
fn bare(link: &str) -> &str {
    let link = link.trim().trim_matches(['<', '>', '(', ')', '[', ']', '"']);
    let link = link.split_once("://").map_or(link, |(_, rest)| rest);
    let link = link.strip_prefix("www.").unwrap_or(link);
    link.trim_end_matches(['/', '.', ','])
}
