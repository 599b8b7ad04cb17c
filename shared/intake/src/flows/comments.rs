//! Comments by hand, and files of issues.

use crate::{
    App, Error, Result, Sentence,
    error::FieldErrors,
    flows::{
        change::{Committed, Deed, Once, made_before},
        issues,
    },
    ports::{Change, IssueTouch},
    request,
    types::{
        Page, PageRequest,
        audit::Actor,
        ids::{AttachmentId, CommentId, MessageId},
        issue::{Attachment, Body, Comment, Person, Text},
        project::IssueKey,
    },
};

request! {
    /// What makes a comment.
    #[schema(as = NewComment)]
    pub struct CommentInput {
        /// 1 byte to 64 KiB.
        #[schema(value_type = String, required, min_length = 1, max_length = 65536)]
        body_text: String,
    }
}

/// An issue's comments, oldest first.
pub async fn list(app: &App, of: &IssueKey, page: &PageRequest) -> Result<Page<Comment>> {
    issues::get(app, of).await?;
    app.store.comments(of, page).await
}

/// Adds a comment.
pub async fn create(
    app: &App,
    actor: &Actor,
    of: &IssueKey,
    input: CommentInput,
    once: Option<&Once>,
) -> Result<Comment> {
    let issue = issues::get(app, of).await?;
    if let Some(object) = made_before(app, once).await? {
        return made_earlier(app, of, &object).await;
    }
    let mut errors = FieldErrors::default();
    let text = input.body_text.required(&mut errors, "/body_text", None, |text| {
        if text.trim().is_empty() { Err(Sentence::new("field.empty")) } else { issues::body_text(text) }
    });
    let text = errors.finish_with(text)?;
    let now = app.now();
    let id = CommentId::of(MessageId::from_parts(now, app.id_bits()));
    let comment = Comment {
        id,
        issue_key: issue.key.clone(),
        author: Person { name: actor.name.clone(), address: String::new() },
        body: Body { text: Text::Inline(text), ..Body::default() },
        source: None,
        created_at: now,
    };
    let touch = IssueTouch { key: issue.key, comments: 1, attachments: 0, at: now };
    let committed = Deed::new(app, actor, "comment.created", id)
        .change(Change::Comment(Box::new(comment.clone())))
        .change(Change::TouchIssue(touch))
        .once(once)
        .commit()
        .await?;
    match committed {
        Committed::Now => Ok(comment),
        Committed::Before(object) => made_earlier(app, of, &object).await,
    }
}

/// The comment of a repeated request.
async fn made_earlier(app: &App, of: &IssueKey, object: &str) -> Result<Comment> {
    get(app, of, object.parse().map_err(|_| Error::not_found("comment"))?).await
}

/// A comment of an issue.
pub async fn get(app: &App, of: &IssueKey, id: CommentId) -> Result<Comment> {
    app.store.comment(of, id).await?.ok_or_else(|| Error::not_found("comment"))
}

/// An issue's files, those of its comments included.
pub async fn attachments(app: &App, of: &IssueKey, page: &PageRequest) -> Result<Page<Attachment>> {
    issues::get(app, of).await?;
    app.store.attachments(of, page).await
}

/// A file's record.
pub async fn attachment(app: &App, id: AttachmentId) -> Result<Attachment> {
    app.store.attachment(id).await?.ok_or_else(|| Error::not_found("attachment"))
}
