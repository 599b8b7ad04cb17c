//! The issues of a project: by status, by what is looked for, and by keyboard.

use axum::extract::{Path, RawQuery, State};
use intake::{
    App, Error, Sentence, Timestamp,
    flows::{
        find::{self, Found, MAX_COMMENTS, MAX_COMMENTS_OF_ISSUE, MAX_LOOKED},
        projects,
    },
    ports::IssueFilter,
    types::{
        PageRequest,
        audit::Role,
        issue::{Issue, IssueStatus},
        project::ProjectKey,
    },
};
use maud::{Markup, html};

use super::{
    super::frame::{
        console::{console, csrf},
        page::PageResult,
        parts::{Tone, badge, done, empty, live, table},
        visitor::{Reader, Visitor},
        words::{ago, counted, name, number, shown, status, whole, word, word_for},
    },
    looking::Looking,
    projects::{told, waiting},
};

/// Issues of one page.
const ON_A_PAGE: u32 = 50;
/// How often the newest issues are looked at again, in seconds.
const RENEWED_AFTER: u32 = 20;
/// The most labels that a row shows.
const MAX_LABELS: usize = 5;

/// The issues of a project, newest first.
pub(super) async fn page(
    State(app): State<App>,
    Reader(visitor): Reader,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
) -> PageResult {
    let query = query.unwrap_or_default();
    let (title, content) = content(&app, &visitor, &key, &query).await?;
    Ok(console(&visitor, &title, content))
}

async fn content(app: &App, visitor: &Visitor, key: &str, query: &str) -> Result<(String, Markup), Error> {
    let key = ProjectKey::new(key).map_err(|_| Error::not_found("project"))?;
    let (project, looking) = (projects::get(app, &key).await?, Looking::of(query));
    let page = PageRequest { limit: ON_A_PAGE, cursor: looking.cursor.clone() };
    let filter = IssueFilter::Project(key.clone(), looking.status);
    let wanted = looking.wanted();
    let (found, open, in_progress) = futures::try_join!(
        find::find(app, &filter, &wanted, &page),
        waiting(app, &key, IssueStatus::Open),
        waiting(app, &key, IssueStatus::InProgress),
    )?;
    let list = listed(visitor, &key, &looking, &found, app.now());
    // A search reads much, and what is further down does not change by new mail.
    let renews = looking.cursor.is_none() && wanted.is_anything();
    Ok((
        project.name.to_string(),
        html! {
            (done(query))
            div.bar {
                (tabs(&key, &looking, open, in_progress))
                div.actions {
                    @if visitor.may(Role::Administrator) {
                        a.button.second href={ "/projects/" (key) "/settings" } { (word("page.project.settings")) }
                    }
                    @if visitor.may(Role::Agent) { a.button href={ "/projects/" (key) "/new" } { (word("page.issue.new")) } }
                }
            }
            (search(&key, &looking))
            @if renews { (live("issues", RENEWED_AFTER, list)) } @else { (list) }
            (keys(visitor))
        },
    ))
}

/// All issues, or those in one state.
fn tabs(key: &ProjectKey, looking: &Looking, open: u64, in_progress: u64) -> Markup {
    let tab = |state: Option<IssueStatus>, count: Option<u64>| {
        html! {
            li { a href=(looking.with_status(state).address(key)) aria-current=[(looking.status == state).then_some("page")] {
                (state.map_or_else(|| word("page.issue.all"), status))
                @if let Some(count) = count { " " span.count { (told(count)) } }
            } }
        }
    };
    html! {
        nav.tabs aria-label=(word("page.issue.by_status")) {
            ul {
                (tab(None, None))
                (tab(Some(IssueStatus::Open), Some(open)))
                (tab(Some(IssueStatus::InProgress), Some(in_progress)))
                (tab(Some(IssueStatus::Closed), None))
            }
        }
    }
}

/// Words, and what else is looked for. An address that is sent to somebody shows them the same.
fn search(key: &ProjectKey, looking: &Looking) -> Markup {
    let more = [
        ("assignee", "issue_assignee", &looking.assignee, "assignee"),
        ("label", "issue_label", &looking.label, "label"),
        ("priority", "issue_priority", &looking.priority, "priority"),
        ("type", "issue_type", &looking.issue_type, "type"),
    ];
    html! {
        form.search role="search" method="get" action={ "/projects/" (key) } {
            @if let Some(status) = looking.status { input type="hidden" name="status" value=(status.as_str()); }
            label.hidden for="q" { (word("page.issue_search.label")) }
            input id="q" type="search" name="q" value=(looking.text) placeholder=(word("page.issue_search.label")) data-key="/" maxlength="200";
            button.second { (word("page.issue_search")) }
            details open[looking.has_more()] {
                summary { (word("page.issue_search.more")) }
                div.form-columns {
                    @for (name, field, value, id) in more {
                        div.field {
                            label for={ "by-" (id) } { (word_for("page.field", field)) }
                            input id={ "by-" (id) } type="text" name=(name) value=(value) maxlength="200" autocomplete="off";
                        }
                    }
                }
                p.hint { (word("page.issue_search.nobody")) }
                p.hint { (how()) }
            }
        }
    }
}

/// How searching works, and what it costs.
fn how() -> String {
    let number = |n: usize| number(n.try_into().unwrap_or(0));
    let sentence = Sentence::new("page.issue_search.how").with("most", number(MAX_LOOKED));
    whole(&sentence.with("comments", number(MAX_COMMENTS)).with("of_issue", number(MAX_COMMENTS_OF_ISSUE)))
}

fn listed(visitor: &Visitor, key: &ProjectKey, looking: &Looking, found: &Found, now: Timestamp) -> Markup {
    let plain = looking.wanted().is_anything();
    html! {
        @if !plain { p.faint role="status" { (looked(found)) } }
        @if found.issues.is_empty() {
            (nothing(visitor, key, looking, found))
        } @else if visitor.may(Role::Agent) {
            // One form serves the buttons of all rows.
            form.card method="post" {
                (csrf(visitor))
                input type="hidden" name="/status" value=(IssueStatus::Closed.as_str());
                input type="hidden" name="then" value=(looking.address(key));
                (issues_table(visitor, found, now))
            }
        } @else {
            section.card { (issues_table(visitor, found, now)) }
        }
        nav.pages aria-label=(word("page.pages")) {
            @if looking.cursor.is_some() { a href=(looking.from(None).address(key)) { (word("page.newest_issues")) } }
            @if let Some(next) = &found.next {
                a rel="next" href=(looking.from(Some(next)).address(key)) { (word(if plain { "page.older_issues" } else { "page.issue_search.on" })) }
            }
        }
    }
}

fn looked(found: &Found) -> String {
    let looked = counted("page.issue_search.looked", found.looked_at.try_into().unwrap_or(0));
    let hits = counted("page.issue_search.found", found.issues.len().try_into().unwrap_or(0));
    let rest = word(if found.next.is_some() { "page.issue_search.rest" } else { "page.issue_search.end" });
    [hits, looked, rest].join(" ")
}

fn nothing(visitor: &Visitor, key: &ProjectKey, looking: &Looking, found: &Found) -> Markup {
    if *looking != Looking::default() {
        let text =
            word(if found.next.is_some() { "page.issue_search.none_here" } else { "page.issue_search.none" });
        return empty(&text, Some((&format!("/projects/{key}"), &word("page.issue_search.clear"))));
    }
    let (new, label) = (format!("/projects/{key}/new"), word("page.issue.new"));
    empty(&word("page.no_issue"), visitor.may(Role::Agent).then_some((new.as_str(), label.as_str())))
}

fn issues_table(visitor: &Visitor, found: &Found, now: Timestamp) -> Markup {
    let acts = visitor.may(Role::Agent);
    let mut columns: Vec<_> = ["key", "summary", "sender", "status", "priority", "assignee", "changed"]
        .map(|column| word_for("page.issue_column", column))
        .into();
    if acts {
        columns.push(word("page.issue_column.act"));
    }
    let rows = found.issues.iter().map(|issue| {
        let mut row = row(issue, now);
        if acts {
            row.push(closing(issue));
        }
        row
    });
    html! { div.issues { (table(&word("page.issue.list"), &columns, rows.collect())) } }
}

fn row(issue: &Issue, now: Timestamp) -> Vec<Markup> {
    let some = |word: &Option<String>| html! { @if let Some(word) = word { bdi { (shown(word)) } } };
    vec![
        html! { span.key { (issue.key) } },
        html! { div.subject data-entry {
            a dir="auto" href={ "/issues/" (issue.key) } { (issue.summary) }
            (below(issue))
        } },
        html! { bdi { (name(&issue.reporter)) } },
        state(issue.status),
        some(&issue.priority),
        some(&issue.assignee),
        ago(issue.updated_at, now),
    ]
}

/// Labels, and how much was answered.
fn below(issue: &Issue) -> Markup {
    let (comments, files) = (issue.comment_count, issue.attachment_count);
    let counts = [("page.comments", comments), ("page.files", files)];
    let counts: Vec<_> = counts.iter().filter(|(_, n)| *n > 0).map(|(key, n)| counted(key, *n)).collect();
    html! {
        @if !issue.labels.is_empty() || !counts.is_empty() {
            p.faint {
                @for label in issue.labels.iter().take(MAX_LABELS) { span.tag dir="auto" { (label) } " " }
                (counts.join(" · "))
            }
        }
    }
}

/// The state of an issue, in a word and a colour.
pub(super) fn state(of: IssueStatus) -> Markup {
    match of {
        IssueStatus::Open => html! { span.tag { (status(of)) } },
        IssueStatus::InProgress => badge(Tone::Calm, &status(of)),
        IssueStatus::Closed => badge(Tone::Good, &status(of)),
    }
}

/// Which issue it is, and as what it was seen, says the button.
fn closing(issue: &Issue) -> Markup {
    html! {
        @if issue.status != IssueStatus::Closed {
            button.small formaction={ "/issues/" (issue.key) "/status" } name="version" value=(issue.version.0)
                data-key="e" aria-label={ (word("page.issue.close")) " " (issue.key) } { (word("page.issue.close")) }
        }
    }
}

/// What the keyboard does here.
fn keys(visitor: &Visitor) -> Markup {
    let enter = word("page.keys.enter");
    let keys = [
        ("j", "down"),
        ("k", "up"),
        (enter.as_str(), "open"),
        ("e", "close"),
        ("/", "search"),
        ("?", "help"),
    ];
    let may = |what: &str| what != "close" || visitor.may(Role::Agent);
    html! {
        details.keys data-key="?" {
            summary { (word("page.keys")) }
            dl { @for (key, what) in keys.iter().filter(|(_, what)| may(what)) {
                div { dt { kbd { (key) } } dd { (word_for("page.keys", what)) } }
            } }
        }
    }
}
