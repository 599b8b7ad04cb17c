//! Looking for issues by what the store has no list for: words, and the fields that people set.
//!
//! Nothing of this is indexed: issues are read from the newest on, a bounded number a page, and whoever wants older ones
//! goes on from there; comments are read of those issues that do not have all words themselves. That costs nothing while
//! nobody looks, and needs no second store that could lag or be lost.

use futures::{StreamExt, TryStreamExt, stream};

use crate::{
    App, Result,
    ports::IssueFilter,
    types::{
        PageRequest,
        issue::{Body, Issue, Text},
    },
};

/// The most issues that one page looks at.
pub const MAX_LOOKED: usize = 300;
/// How many are read at once. A page may have as many more than it needs, and never more than were asked for.
const AT_ONCE: usize = 25;
/// A page that has read so many comments ends with the issues that it looks at.
pub const MAX_COMMENTS: usize = 2000;
/// The most comments of one issue that are looked at, the oldest.
pub const MAX_COMMENTS_OF_ISSUE: usize = 200;
/// How many comments of an issue are read at once.
const COMMENTS_AT_ONCE: u32 = 50;
/// Of how many issues comments are read side by side.
const SIDE_BY_SIDE: usize = 4;
/// The most words of a search.
const MAX_WORDS: usize = 10;
/// Stands for nobody, where an assignee is asked for.
const NOBODY: &str = "-";

/// What is looked for: all of it must fit. Upper and lower case are the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    words: Vec<String>,
    assignee: String,
    label: String,
    priority: String,
    issue_type: String,
}

impl Wanted {
    /// Every word of this text stands in the key, the summary, the sender, the text or a comment of an issue.
    #[must_use]
    pub fn words(self, text: &str) -> Self {
        let words = text.to_lowercase().split_whitespace().take(MAX_WORDS).map(str::to_owned).collect();
        Self { words, ..self }
    }

    /// The assignee has this in their name or address; `-`: there is none.
    #[must_use]
    pub fn assignee(self, text: &str) -> Self {
        Self { assignee: text.trim().to_lowercase(), ..self }
    }

    /// It has this label.
    #[must_use]
    pub fn label(self, text: &str) -> Self {
        Self { label: text.trim().to_lowercase(), ..self }
    }

    /// It has this priority.
    #[must_use]
    pub fn priority(self, text: &str) -> Self {
        Self { priority: text.trim().to_lowercase(), ..self }
    }

    /// It is of this type.
    #[must_use]
    pub fn issue_type(self, text: &str) -> Self {
        Self { issue_type: text.trim().to_lowercase(), ..self }
    }

    /// Whether nothing in particular is looked for.
    pub fn is_anything(&self) -> bool {
        *self == Self::default()
    }

    fn fits(&self, issue: &Issue) -> bool {
        let is = |wanted: &str, there: &str| wanted.is_empty() || there.to_lowercase() == wanted;
        let assignee = issue.assignee.as_deref().unwrap_or_default().to_lowercase();
        let is_theirs = match self.assignee.as_str() {
            NOBODY => assignee.is_empty(),
            wanted => assignee.contains(wanted),
        };
        is_theirs
            && is(&self.issue_type, &issue.issue_type)
            && is(&self.priority, issue.priority.as_deref().unwrap_or_default())
            && (self.label.is_empty() || issue.labels.iter().any(|label| is(&self.label, label)))
    }

    /// The words that an issue itself does not have; texts are made small letters of only where the rest does not have
    /// them.
    fn missing(&self, issue: &Issue) -> Vec<&str> {
        if self.words.is_empty() {
            return Vec::new();
        }
        let head = [&issue.key.to_string(), &issue.summary, &issue.reporter.name, &issue.reporter.address]
            .map(|text| text.to_lowercase());
        let words = self.words.iter().map(String::as_str);
        let mut missing: Vec<&str> =
            words.filter(|word| !head.iter().any(|text| text.contains(word))).collect();
        strike(&mut missing, &issue.body.text);
        missing
    }
}

/// Takes out the words that a text has. One in a blob is longer than anybody searches in.
fn strike(words: &mut Vec<&str>, text: &Text) {
    if let Text::Inline(text) = text
        && !words.is_empty()
    {
        let text = text.to_lowercase();
        words.retain(|word| !text.contains(word));
    }
}

/// A page of what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The issues, newest first, with bodies left out.
    pub issues: Vec<Issue>,
    /// How many were looked at.
    pub looked_at: usize,
    /// How many comments were read for that.
    pub comments: usize,
    /// Where it goes on, found or not; None at the end.
    pub next: Option<String>,
}

/// Looks through issues, from the newest or the cursor on: until the page is full, [`MAX_LOOKED`] were looked at, or
/// [`MAX_COMMENTS`] were read.
pub async fn find(app: &App, filter: &IssueFilter, wanted: &Wanted, page: &PageRequest) -> Result<Found> {
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let at_once = u32::try_from(AT_ONCE).unwrap_or(page.limit).min(page.limit);
    let mut part = PageRequest { limit: at_once, cursor: page.cursor.clone() };
    let mut found = Found { issues: Vec::new(), looked_at: 0, comments: 0, next: None };
    loop {
        let read = match wanted.words.is_empty() {
            true => app.store.issues(filter, &part).await?,
            false => app.store.whole_issues(filter, &part).await?,
        };
        found.looked_at += read.items.len();
        for (issue, comments) in looked_through(app, wanted, read.items).await? {
            found.comments += comments;
            found.issues.extend(issue.map(|issue| Issue { body: Body::default(), ..issue }));
        }
        found.next = read.next;
        let worked = found.looked_at >= MAX_LOOKED || found.comments >= MAX_COMMENTS;
        let full = found.issues.len() + AT_ONCE > limit || worked;
        if full || found.next.is_none() {
            return Ok(found);
        }
        part.cursor.clone_from(&found.next);
    }
}

/// Each issue of a part that fits, in their order, and how many comments were read for it.
async fn looked_through(
    app: &App,
    wanted: &Wanted,
    issues: Vec<Issue>,
) -> Result<Vec<(Option<Issue>, usize)>> {
    let looks = issues.into_iter().filter(|issue| wanted.fits(issue)).map(|issue| async move {
        let missing = wanted.missing(&issue);
        let (says, read) = comments_say(app, &issue, missing).await?;
        Ok((says.then_some(issue), read))
    });
    stream::iter(looks).buffered(SIDE_BY_SIDE).try_collect().await
}

/// Whether comments of an issue have the words that it does not have itself, and how many were read.
async fn comments_say(app: &App, issue: &Issue, mut missing: Vec<&str>) -> Result<(bool, usize)> {
    let (mut page, mut read) = (PageRequest::first(COMMENTS_AT_ONCE), 0);
    while !missing.is_empty() && issue.comment_count > 0 && read < MAX_COMMENTS_OF_ISSUE {
        let part = app.store.comments(&issue.key, &page).await?;
        read += part.items.len();
        part.items.iter().for_each(|comment| strike(&mut missing, &comment.body.text));
        match part.next {
            Some(next) => page.cursor = Some(next),
            None => break,
        }
    }
    Ok((missing.is_empty(), read))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Timestamp,
        types::{
            Version,
            issue::{BlobKey, IssueStatus, Person},
        },
    };

    fn issue() -> Issue {
        Issue {
            key: "SUP-7".parse().unwrap(),
            version: Version::FIRST,
            issue_type: "Bug".to_owned(),
            summary: "Printer on FIRE".to_owned(),
            status: IssueStatus::Open,
            reporter: Person { name: "Äda".to_owned(), address: "ada@example.com".to_owned() },
            body: Body { text: Text::Inline("It smokes, 請求書".to_owned()), ..Body::default() },
            source: None,
            watchers: Vec::new(),
            assignee: Some("kim@example.com".to_owned()),
            labels: vec!["Hot".to_owned(), "paper".to_owned()],
            priority: None,
            comment_count: 0,
            attachment_count: 0,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
            written: Default::default(),
        }
    }

    #[test]
    fn words_may_stand_anywhere_and_all_must() {
        let says = |text: &str| Wanted::default().words(text).missing(&issue()).is_empty();
        for there in ["", "  ", "fire", "PRINTER smokes", "äda", "ada@example", "sup-7 請求", "It smokes,"]
        {
            assert!(says(there), "{there}");
        }
        for absent in ["water", "fire water", "sup-8", "kim"] {
            assert!(!says(absent), "{absent}");
        }
        let long = Issue {
            body: Body { text: Text::Blob(BlobKey::from_stored("text/x".to_owned())), ..Body::default() },
            ..issue()
        };
        let missing = |text: &str| Wanted::default().words(text).missing(&long).len();
        assert_eq!((missing("fire"), missing("fire smokes")), (0, 1));
    }

    #[test]
    fn fields_must_fit_too() {
        let any = Wanted::default;
        assert!(any().is_anything() && !any().label("x").is_anything() && any().words(" ").is_anything());
        for there in [
            any().label("hot"),
            any().issue_type("BUG"),
            any().assignee("Kim"),
            any().label("paper").issue_type("bug").words("fire"),
        ] {
            assert!(there.fits(&issue()), "{there:?}");
        }
        for other in [
            any().label("ho"),
            any().issue_type("b"),
            any().assignee("-"),
            any().priority("high"),
            any().assignee("li"),
        ] {
            assert!(!other.fits(&issue()), "{other:?}");
        }
        let free = Issue { assignee: None, priority: Some("High".to_owned()), ..issue() };
        assert!(any().assignee("-").priority("high").fits(&free) && !any().assignee("kim").fits(&free));
    }
}
