//! Issues by hand: create, list, read, change; and their texts.

use crate::{
    App, Error, Result, Sentence, Timestamp,
    error::FieldErrors,
    flows::{
        change::{Committed, Deed, Diff, Expect, Once, made_before, shown},
        mailboxes,
    },
    lists,
    ports::{Change, IssueFilter, Write},
    request,
    types::{
        Page, PageRequest, Version,
        audit::Actor,
        given::{self, Given},
        issue::{Body, Issue, IssueStatus, Person, Text},
        project::{IssueKey, ProjectKey},
    },
};

/// The most characters of a summary, type and other words.
const MAX_SUMMARY: usize = 250;
const MAX_WORD: usize = 50;
const MAX_PERSON: usize = 254;
/// The most labels or watchers.
const MAX_WORDS: usize = 50;

request! {
    /// What makes an issue, and what changes it: then absent fields stay, and null removes.
    #[schema(as = NewIssue)]
    pub struct IssueInput {
        @once {
            /// A project's key.
            #[schema(value_type = String, required, pattern = "^[A-Z][A-Z0-9_]{0,9}$")]
            project: String,
            /// At most 64 KiB.
            #[schema(value_type = String, max_length = 65536)]
            description_text: String,
            /// The caller by default.
            #[schema(value_type = PersonInput)]
            reporter: PersonInput,
        }
        /// `issue` by default.
        #[serde(rename = "type")]
        #[schema(value_type = String, min_length = 1, max_length = 50)]
        issue_type: String,
        /// One line, at most 250 characters.
        #[schema(value_type = String, required, min_length = 1, max_length = 250)]
        summary: String,
        /// `open` by default.
        #[schema(value_type = IssueStatus)]
        status: String,
        /// Addresses that follow it, at most 50.
        #[schema(value_type = Vec<String>, max_items = 50)]
        watchers: Vec<String>,
        /// An address or name.
        #[schema(value_type = Option<String>, max_length = 254)]
        assignee: String,
        /// At most 50 labels of at most 50 characters.
        #[schema(value_type = Vec<String>, max_items = 50)]
        labels: Vec<String>,
        /// A word.
        #[schema(value_type = Option<String>, max_length = 50)]
        priority: String,
    }
}

request! {
    /// A person.
    pub struct PersonInput {
        /// For people.
        #[schema(value_type = String, max_length = 254)]
        name: String,
        /// Of a mailbox.
        #[schema(value_type = String, max_length = 254)]
        address: String,
    }
}

/// The fields that people change.
struct Checked {
    issue_type: String,
    summary: String,
    status: IssueStatus,
    watchers: Vec<String>,
    assignee: Option<String>,
    labels: Vec<String>,
    priority: Option<String>,
}

/// Makes an issue.
pub async fn create(app: &App, actor: &Actor, input: IssueInput, once: Option<&Once>) -> Result<Issue> {
    if let Some(object) = made_before(app, once).await? {
        return by_text(app, &object).await;
    }
    let mut errors = FieldErrors::default();
    let e = &mut errors;
    let project = input.project.clone().required(e, "/project", None, |text| ProjectKey::new(&text));
    let text = input.description_text.clone().optional(e, "/description_text", None, body_text);
    let reporter = input.reporter.clone().value().unwrap_or_default();
    let person = |text: String| given::text(&text, MAX_PERSON);
    let name = reporter.name.optional(e, "/reporter/name", None, person);
    let address = reporter.address.optional(e, "/reporter/address", None, person);
    let checked = check(input, None, e);
    if let Some(key) = &project
        && app.store.project(key).await?.is_none()
    {
        e.add("/project", "field.missing.project");
    }
    let (project, checked) = errors.finish_with(project.zip(checked))?;
    let now = app.now();
    let number = app.store.take_numbers(&project, 1).await?;
    let issue = Issue {
        key: IssueKey::new(project, number),
        version: Version::FIRST,
        issue_type: checked.issue_type,
        summary: checked.summary,
        status: checked.status,
        reporter: Person {
            name: name.unwrap_or_else(|| actor.name.clone()),
            address: address.unwrap_or_default(),
        },
        body: Body { text: Text::Inline(text.unwrap_or_default()), ..Body::default() },
        source: None,
        watchers: checked.watchers,
        assignee: checked.assignee,
        labels: checked.labels,
        priority: checked.priority,
        comment_count: 0,
        attachment_count: 0,
        created_at: now,
        updated_at: now,
        written: Default::default(),
    };
    let committed = Deed::new(app, actor, "issue.created", &issue.key)
        .change(Change::Issue(Box::new(Write::Create(issue.clone()))))
        .once(once)
        .commit()
        .await?;
    match committed {
        Committed::Now => Ok(issue),
        Committed::Before(object) => by_text(app, &object).await,
    }
}

async fn by_text(app: &App, key: &str) -> Result<Issue> {
    get(app, &key.parse().map_err(|_| Error::not_found("issue"))?).await
}

/// A text of a person: at most 64 KiB, line ends as LF.
pub(super) fn body_text(text: String) -> Result<String, Sentence> {
    let text = text.replace("\r\n", "\n");
    // Twice as much is what quotation marks and line ends can make of it; only control characters make more.
    if text.len() > Text::MAX_INLINE || Text::stored_len(&text) > 2 * Text::MAX_INLINE {
        return Err(Sentence::new("field.at_most_bytes").with("max", Text::MAX_INLINE));
    }
    Ok(text)
}

fn check(input: IssueInput, present: Option<&Issue>, e: &mut FieldErrors) -> Option<Checked> {
    let word = |text: String| given::line(&text, MAX_WORD);
    let issue_type = input.issue_type.optional(e, "/type", present.map(|p| p.issue_type.clone()), word);
    let summary = input
        .summary
        .required(e, "/summary", present.map(|p| p.summary.clone()), |t| given::line(&t, MAX_SUMMARY));
    let status =
        input.status.optional(e, "/status", present.map(|p| p.status), |text| text.parse::<IssueStatus>());
    let watchers = words(input.watchers, e, "/watchers", present.map(|p| &p.watchers), MAX_PERSON);
    let assignee = input
        .assignee
        .optional(e, "/assignee", present.and_then(|p| p.assignee.clone()), |t| given::line(&t, MAX_PERSON));
    let labels = words(input.labels, e, "/labels", present.map(|p| &p.labels), MAX_WORD);
    let priority = input.priority.optional(e, "/priority", present.and_then(|p| p.priority.clone()), word);
    Some(Checked {
        issue_type: issue_type.unwrap_or_else(|| "issue".to_owned()),
        summary: summary?,
        status: status.unwrap_or(IssueStatus::Open),
        watchers,
        assignee,
        labels,
        priority,
    })
}

/// A list of words, each once, in their order.
fn words(
    given: Given<Vec<String>>,
    errors: &mut FieldErrors,
    pointer: &str,
    present: Option<&Vec<String>>,
    max_chars: usize,
) -> Vec<String> {
    let list = match given {
        Given::Absent => return present.cloned().unwrap_or_default(),
        Given::Null => return Vec::new(),
        Given::Value(list) => list,
    };
    if list.len() > MAX_WORDS {
        errors.add(pointer, Sentence::new("field.at_most_entries").with("max", MAX_WORDS));
    }
    let mut words = Vec::<String>::new();
    for (n, word) in list.iter().take(MAX_WORDS).enumerate() {
        let checked = errors.check(&format!("{pointer}/{n}"), given::line(word, max_chars));
        words.extend(checked.filter(|word| !words.contains(word)));
    }
    words
}

/// Issues of a project or mailbox, newest first.
pub async fn list(app: &App, filter: &IssueFilter, page: &PageRequest) -> Result<Page<Issue>> {
    app.store.issues(filter, page).await
}

/// Those of them that were changed here at or after a time. Nothing is indexed by that: each issue of the list is looked at
/// ([`lists::chosen`]).
pub async fn list_changed(
    app: &App,
    filter: &IssueFilter,
    since: Timestamp,
    page: &PageRequest,
) -> Result<Page<Issue>> {
    let read = |page: PageRequest| async move { app.store.issues(filter, &page).await };
    lists::chosen(page, |issue: &Issue| issue.changed_at() >= since, read).await
}

/// How many of these issues there are, counted to `most`.
pub async fn count(app: &App, filter: &IssueFilter, most: u32) -> Result<u64> {
    app.store.count_issues(filter, most).await
}

/// One issue.
pub async fn get(app: &App, key: &IssueKey) -> Result<Issue> {
    app.store.issue(key).await?.ok_or_else(|| Error::not_found("issue"))
}

/// How answers about an issue come back to it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReplyTo {
    /// An address of its mailbox with a token that nobody else can make. None without such a mailbox.
    pub address: Option<String>,
    /// The Message-ID, without angle brackets, for the next mail about it.
    pub message_id: Option<String>,
}

/// To where people answer, for whoever writes to them about this issue.
pub async fn reply_to(app: &App, issue: &Issue) -> Result<ReplyTo> {
    let Some(source) = &issue.source else { return Ok(ReplyTo::default()) };
    let Some(mailbox) = app.store.mailbox(source.mailbox_id).await? else { return Ok(ReplyTo::default()) };
    let own = mailboxes::username(app, &mailbox).await?.filter(|name| name.contains('@'));
    let Some(own) = own else { return Ok(ReplyTo::default()) };
    let (key, issue_key) = (app.mac.reply_key(), issue.key.to_string());
    let domain = own.rsplit_once('@').map_or("", |(_, domain)| domain);
    // Mails about one issue differ by when they are asked for.
    let number = app.now().as_millisecond().unsigned_abs();
    Ok(ReplyTo {
        address: key.reply_address(&own, &issue_key),
        message_id: key.message_id(&issue_key, number, domain),
    })
}

/// Changes what is given.
pub async fn patch(
    app: &App,
    actor: &Actor,
    key: &IssueKey,
    expect: &Expect,
    input: IssueInput,
) -> Result<Issue> {
    let old = get(app, key).await?;
    expect.check(old.version)?;
    let mut errors = FieldErrors::default();
    let checked = check(input, Some(&old), &mut errors);
    let checked = errors.finish_with(checked)?;
    let new = Issue {
        version: old.version.next(),
        issue_type: checked.issue_type,
        summary: checked.summary,
        status: checked.status,
        watchers: checked.watchers,
        assignee: checked.assignee,
        labels: checked.labels,
        priority: checked.priority,
        updated_at: app.now(),
        ..old.clone()
    };
    if (Issue { version: old.version, updated_at: old.updated_at, ..new.clone() }) == old {
        return Ok(old);
    }
    Deed::new(app, actor, "issue.changed", key)
        .tells(diff(&old, &new))
        .change(Change::Issue(Box::new(Write::Replace { new, old })))
        .commit()
        .await?;
    // As it is stored: a mail may have added a comment meanwhile.
    get(app, key).await
}

/// The audit trail holds no mail text: of a summary only that it changed.
fn diff(old: &Issue, new: &Issue) -> Diff {
    let summary = if old.summary == new.summary { "" } else { "(changed)" };
    Diff::default()
        .field("type", &old.issue_type, &new.issue_type)
        .field("summary", "", summary)
        .field("status", old.status.as_str(), new.status.as_str())
        .field("assignee", shown(old.assignee.as_ref()), shown(new.assignee.as_ref()))
        .field("labels", old.labels.join(", "), new.labels.join(", "))
        .field("priority", shown(old.priority.as_ref()), shown(new.priority.as_ref()))
        .field("watchers", old.watchers.len(), new.watchers.len())
}

/// The beginning of a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Beginning {
    /// The text, or as much of it as was asked for, ended between two characters.
    pub text: String,
    /// Whether there is more.
    pub cut: bool,
}

/// Reads at most this many bytes of a text: what lies behind them is not even read.
pub async fn beginning(app: &App, text: &Text, most: usize) -> Result<Beginning> {
    use futures::TryStreamExt;
    let key = match text {
        Text::Inline(text) => {
            let kept = &text[..text.floor_char_boundary(most)];
            return Ok(Beginning { text: kept.to_owned(), cut: kept.len() < text.len() });
        }
        Text::Blob(key) => key,
    };
    let mut blob = app.blobs.read(key).await?;
    let size = usize::try_from(blob.size).unwrap_or(usize::MAX);
    let wanted = size.min(most);
    let mut bytes = Vec::with_capacity(wanted);
    while bytes.len() < wanted {
        let Some(chunk) = blob.stream.try_next().await? else { break };
        let take = chunk.len().min(wanted - bytes.len());
        bytes.extend_from_slice(&chunk[..take]);
    }
    let whole = std::str::from_utf8(&bytes).map_or_else(|error| error.valid_up_to(), str::len);
    bytes.truncate(whole);
    Ok(Beginning { text: String::from_utf8(bytes).map_err(Error::internal)?, cut: size > whole })
}
