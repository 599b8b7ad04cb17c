//! The texts of issues and comments: their beginnings in answers, and the whole of each as a download.

use std::{collections::BTreeMap, fmt, str::FromStr};

use axum::{
    extract::{FromRequestParts, Path, State},
    http::request::Parts,
    response::Response,
};
use intake::{
    App, Error,
    flows::{
        comments,
        issues::{self, beginning},
    },
    one_of,
    types::{
        ids::CommentId,
        issue::{Body, Text},
        project::IssueKey,
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    calls::calls,
    files::{Pictures, download_text},
};
use crate::{
    answer::Bytes,
    auth::Reader,
    error::{ApiError, ApiResult},
    wire::{MAX_TEXT, cut},
};

calls!(get_issue_text, get_comment_text);

/// As much of HTML as is read: markup that is not shown, such as style sheets, is often most of it.
const MAX_HTML: usize = 1024 * 1024;

/// The texts of an issue or comment, as an answer tells them; what was quoted is told of comments only.
#[derive(Default)]
pub(super) struct Texts {
    pub(super) text: String,
    pub(super) html: Option<String>,
    pub(super) quoted: String,
    /// What of them was cut.
    pub(super) cut: Vec<Part>,
}

impl Texts {
    pub(super) async fn read(
        app: &App,
        comment: Option<CommentId>,
        body: &Body,
        pictures: &mut Pictures<'_>,
    ) -> ApiResult<Self> {
        let mut texts = Self::default();
        texts.text = texts.plain(app, &body.text, Part::Text).await?;
        if let Some(html) = &body.html {
            let read = beginning(app, html, MAX_HTML).await?;
            let clean = pictures.sanitise(comment, &read.text).await?;
            texts.note(Part::Html, read.cut || clean.cut);
            texts.html = Some(clean.html);
        }
        if comment.is_some() {
            texts.quoted = texts.plain(app, &body.quoted, Part::Quoted).await?;
        }
        Ok(texts)
    }

    async fn plain(&mut self, app: &App, text: &Text, part: Part) -> ApiResult<String> {
        let read = beginning(app, text, MAX_TEXT).await?;
        let (text, shorter) = cut(read.text, MAX_TEXT);
        self.note(part, read.cut || shorter);
        Ok(text)
    }

    fn note(&mut self, part: Part, cut: bool) {
        self.cut.extend(cut.then_some(part));
    }

    /// Where the whole of what was cut is.
    pub(super) fn whole(&self, of: &IssueKey, comment: Option<CommentId>) -> Vec<WholeText> {
        let whole = |part: &Part| WholeText { text: part.as_str(), url: url(of, comment, *part) };
        self.cut.iter().map(whole).collect()
    }
}

/// Where a whole text is.
pub(crate) fn url(of: &IssueKey, comment: Option<CommentId>, part: Part) -> String {
    match comment {
        None => format!("/api/v1/issues/{of}/texts/{part}"),
        Some(id) => format!("/api/v1/issues/{of}/comments/{id}/texts/{part}"),
    }
}

/// A text that was cut, and where the whole of it is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WholeText {
    /// Which of them.
    #[schema(value_type = TextPart)]
    text: &'static str,
    /// A path of this host: a download. HTML comes as plain text, as the mail has it.
    url: String,
}

one_of!(TextPart: "text", "html", "quoted");

/// One of the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Text,
    Html,
    Quoted,
}

impl Part {
    const ALL: [Self; 3] = [Self::Text, Self::Html, Self::Quoted];

    fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Html => "html",
            Self::Quoted => "quoted",
        }
    }

    fn of(self, body: &Body) -> Option<&Text> {
        match self {
            Self::Text => Some(&body.text),
            Self::Html => body.html.as_ref(),
            Self::Quoted => Some(&body.quoted),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Part {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|part| part.as_str() == text).ok_or(())
    }
}

/// The names in a path. What has not even its form is not there.
struct Named(BTreeMap<String, String>);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let path = Path::from_request_parts(parts, state).await;
        path.map(|Path(names)| Self(names)).map_err(|_| Error::not_found("text").into())
    }
}

impl Named {
    fn get<T: FromStr>(&self, name: &str) -> ApiResult<T> {
        let found = self.0.get(name).and_then(|text| text.parse().ok());
        found.ok_or_else(|| Error::not_found("text").into())
    }
}

/// A whole text of an issue, as the mail has it. Always a download of plain text, HTML too, so that nothing in it is ever
/// run or shown.
#[utoipa::path(get, path = "/issues/{key}/texts/{text}", tag = "issues",
    params(("key" = String, Path, description = "SUP-42"), ("text" = String, Path, description = "text, html or quoted")),
    responses((status = 200, content_type = "text/plain", body = Bytes),
        (status = 303, description = "A large one in the cloud: a link that works for five minutes.")))]
async fn get_issue_text(State(app): State<App>, _: Reader, named: Named) -> ApiResult<Response> {
    let (key, part) = (named.get::<IssueKey>("key")?, named.get::<Part>("text")?);
    let issue = issues::get(&app, &key).await?;
    whole(&app, &issue.body, part, key).await
}

/// A whole text of a comment, in the same way.
#[utoipa::path(get, path = "/issues/{key}/comments/{id}/texts/{text}", tag = "issues",
    params(("key" = String, Path, description = "SUP-42"), ("id" = String, Path, description = "cmt_…"),
        ("text" = String, Path, description = "text, html or quoted")),
    responses((status = 200, content_type = "text/plain", body = Bytes),
        (status = 303, description = "A large one in the cloud: a link that works for five minutes.")))]
async fn get_comment_text(State(app): State<App>, _: Reader, named: Named) -> ApiResult<Response> {
    let (key, id) = (named.get::<IssueKey>("key")?, named.get::<CommentId>("id")?);
    let comment = comments::get(&app, &key, id).await?;
    whole(&app, &comment.body, named.get("text")?, id).await
}

async fn whole(app: &App, body: &Body, part: Part, of: impl fmt::Display) -> ApiResult<Response> {
    let text = part.of(body).ok_or_else(|| Error::not_found("text"))?;
    download_text(app, text, &format!("{of}-{part}.txt")).await
}
