//! Comments and files of issues.

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::Response,
};
use intake::{
    App,
    flows::comments::{self, CommentInput},
    types::{
        Version,
        ids::AttachmentId,
        issue::{Attachment, Comment, Person, Source},
        project::IssueKey,
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    calls::calls,
    files::{Pictures, download},
    texts::{Texts, WholeText},
};
use crate::{
    answer::{self, Bytes, List, Time},
    auth::{Agent, Reader},
    error::ApiResult,
    extract::{Body, Id, IdempotencyKey, Paging, Params},
};

calls!(list_comments, create_comment, list_attachments, get_attachment);

/// A comment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Comment)]
struct View {
    id: String,
    author: Person,
    /// What its author newly wrote.
    body_text: String,
    /// Sanitised; null where the mail has none.
    #[schema(required)]
    body_html: Option<String>,
    /// What was cut off: quotes, the signature and the lines of devices.
    quoted_text: String,
    /// A text is very large and was cut.
    truncated: bool,
    /// The texts that were cut, and where the whole of each is.
    whole_texts: Vec<WholeText>,
    /// Null for a comment made by hand.
    #[schema(required)]
    source: Option<Source>,
    created_at: Time,
}

async fn view(app: &App, comment: Comment, pictures: &mut Pictures<'_>) -> ApiResult<View> {
    let id = Some(comment.id);
    let texts = Texts::read(app, id, &comment.body, pictures).await?;
    Ok(View {
        id: comment.id.to_string(),
        author: comment.author,
        truncated: !texts.cut.is_empty(),
        whole_texts: texts.whole(&comment.issue_key, id),
        body_text: texts.text,
        body_html: texts.html,
        quoted_text: texts.quoted,
        source: comment.source,
        created_at: Time(comment.created_at),
    })
}

/// An issue's comments, oldest first.
#[utoipa::path(get, path = "/issues/{key}/comments", tag = "issues",
    params(("key" = String, Path, description = "SUP-42"), Paging), responses((status = 200, body = List<View>)))]
async fn list_comments(
    State(app): State<App>,
    _: Reader,
    Id(key): Id<IssueKey>,
    params: Params,
) -> ApiResult {
    let mut pictures = Pictures::new(&app, &key);
    answer::part!(params.page()?, page => comments::list(&app, &key, &page).await,
        comment => view(&app, comment, &mut pictures).await?)
}

/// Adds a comment.
#[utoipa::path(post, path = "/issues/{key}/comments", tag = "issues",
    params(("key" = String, Path, description = "SUP-42"), IdempotencyKey),
    request_body = CommentInput, responses((status = 201, body = View)))]
async fn create_comment(
    State(app): State<App>,
    Agent(actor): Agent,
    Id(key): Id<IssueKey>,
    body: Body<CommentInput>,
) -> ApiResult {
    let once = body.once(&app, &actor)?;
    let comment = comments::create(&app, &actor, &key, body.value, once.as_ref()).await?;
    let path = format!("/api/v1/issues/{key}/comments");
    let view = view(&app, comment, &mut Pictures::new(&app, &key)).await?;
    Ok(answer::created(&path, Version::FIRST, &view))
}

/// A file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Attachment)]
struct AttachmentView {
    id: String,
    filename: String,
    /// As the mail says.
    content_type: String,
    /// Decoded, in bytes.
    size: u64,
    /// Of the decoded bytes, in hexadecimal.
    sha256: String,
    /// A picture that the HTML shows.
    inline: bool,
    /// Without angle brackets.
    #[schema(required)]
    content_id: Option<String>,
    /// Null where it belongs to the issue itself.
    #[schema(required)]
    comment_id: Option<String>,
}

fn attachment_view(attachment: Attachment) -> AttachmentView {
    AttachmentView {
        id: attachment.id.to_string(),
        filename: attachment.filename,
        content_type: attachment.content_type,
        size: attachment.size,
        sha256: attachment.sha256,
        inline: attachment.inline,
        content_id: attachment.content_id,
        comment_id: attachment.comment_id.map(|id| id.to_string()),
    }
}

/// An issue's files, those of its comments included.
#[utoipa::path(get, path = "/issues/{key}/attachments", tag = "issues",
    params(("key" = String, Path, description = "SUP-42"), Paging),
    responses((status = 200, body = List<AttachmentView>)))]
async fn list_attachments(
    State(app): State<App>,
    _: Reader,
    Id(key): Id<IssueKey>,
    params: Params,
) -> ApiResult {
    let page = params.page()?;
    answer::part!(page, page => comments::attachments(&app, &key, &page).await, item => attachment_view(item))
}

/// The bytes of a file, always as a download: whatever a mail brings is never run or shown as a page of ours.
#[utoipa::path(get, path = "/attachments/{id}", tag = "issues",
    params(("id" = String, Path, description = "atc_…")),
    responses((status = 200, content_type = "*/*", body = Bytes),
        (status = 303, description = "Above 4 MB in the cloud: a link that works for five minutes.")))]
async fn get_attachment(State(app): State<App>, _: Reader, Id(id): Id<AttachmentId>) -> ApiResult<Response> {
    let attachment = comments::attachment(&app, id).await?;
    let content_type = servable(&attachment.content_type);
    let mut response =
        download(&app, &attachment.blob, attachment.size, &attachment.filename, content_type).await?;
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", attachment.sha256)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

/// Only types that a browser cannot be tricked with keep their name.
fn servable(content_type: &str) -> &'static str {
    const HARMLESS: [&str; 6] =
        ["image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "application/zip"];
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    HARMLESS.into_iter().find(|harmless| *harmless == essence).unwrap_or("application/octet-stream")
}
