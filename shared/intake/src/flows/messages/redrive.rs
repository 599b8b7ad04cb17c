//! Mails that are worked on again: held ones that a person lets through, and any with today's rules.
//!
//! What a mail became stays where it is: the same issue or comment, with today's text and files. A mail that became
//! nothing is decided on anew.

use std::time::Duration;

use crate::{
    App, Sentence,
    decide::{Builder, Content, Made, Origin, Prepared, Rates, Rules, Understood, defects},
    error::{Error, Kind, Result},
    flows::{
        change::Deed,
        import::Look,
        mailboxes,
        poll::{Time, load, poll},
        reading::{reparse, stage_files},
        record::{Numbers, Writer, keep},
    },
    limits::MAX_ATTACHMENTS,
    lists,
    ports::{Change, IssueTouch, Listed, Lookup, StoreError, Write},
    types::{
        audit::Actor,
        ids::{AttachmentId, MessageId},
        message::{Message, MessageState, Reason, SeenMarker, TraceStep},
        project::IssueKey,
    },
};

use super::{from_files, get};

/// How often an issue or comment is looked at again because it was changed meanwhile.
const MAX_TRIES: u32 = 5;
/// A mail that was left out unread is read within this time: an HTTP API gateway gives up after 30 seconds.
const TIME: Duration = Duration::from_secs(20);

/// Works on a mail again: with another charset where one is given, for texts that name a wrong one.
pub async fn redrive(app: &App, actor: &Actor, id: MessageId, charset: Option<&str>) -> Result<Message> {
    let options = options(app, charset)?;
    Deed::new(app, actor, "message.redriven", id).commit().await?;
    let message = get(app, id).await?;
    if message.reason == Reason::Renumbered {
        return read_left_out(app, message).await;
    }
    rework(app, message, options, false).await
}

/// How a mail is parsed that a person wants read in this charset.
pub(super) fn options(app: &App, charset: Option<&str>) -> Result<mail::Options> {
    let options = app.parse.clone();
    let Some(label) = charset else { return Ok(options) };
    options.with_charset(label).map_err(|_| Error::field("/charset", "field.charset"))
}

/// A mail that was left out unread is read where it still lies where its record says, and takes the ordinary road.
async fn read_left_out(app: &App, message: Message) -> Result<Message> {
    let (mailbox, run) = load(app, message.mailbox_id).await?;
    let cursor = run.cursor.filter(|_| run.epoch == message.epoch);
    let uid = message.server_id.uid().filter(|uid| cursor.is_some_and(|cursor| *uid < cursor.next_uid));
    if let Some(uid) = uid {
        let look = Look::Mail { uid, epoch: message.epoch };
        poll(app, mailbox, run, Time::of_person(app, TIME), look).await??;
    }
    let message = get(app, message.id).await?;
    check_raw(&message).map(|()| message)
}

/// Lets a held mail through: no rule holds it, all others apply.
pub async fn release(app: &App, actor: &Actor, id: MessageId) -> Result<Message> {
    let message = get(app, id).await?;
    if message.state != MessageState::Held {
        return Err(Error::told(Kind::Conflict, "not_held"));
    }
    Deed::new(app, actor, "message.released", id).commit().await?;
    rework(app, message, app.parse.clone(), true).await
}

/// The same for the redrive of many, which is noted once.
pub(super) async fn rework(
    app: &App,
    message: Message,
    options: mail::Options,
    released: bool,
) -> Result<Message> {
    let id = message.id;
    check_raw(&message)?;
    let (origin, uid_validity) = origin_of(app, &message).await?;
    let listed = Listed::from(&message);
    let parsed = reparse(app, id, options).await?;
    let mut prepared = origin.parsed(listed, message.size, parsed);
    prepared.expected = Some(message.state);
    prepared.message.attempts = message.attempts.saturating_add(1);
    prepared.message.arrived = message.arrived;
    // What was done on the server stays done.
    if message.after_import.is_some() || uid_validity.is_none() {
        prepared.message.after_import = message.after_import.clone();
    }
    if let Content::Mail(mail) = &mut prepared.content {
        mail.released = released;
    }
    stage_files(app, &mut prepared).await?;
    app.blobs.flush().await?;
    match (&message.issue_key, &prepared.content) {
        (Some(key), Content::Mail(mail)) if message.state == MessageState::Applied => {
            replace(app, &message, &prepared, mail, key).await?;
        }
        // It was understood once: that stays.
        (Some(_), Content::Final) if message.state == MessageState::Applied => return Ok(message),
        _ => {
            let mut writer = Writer {
                app,
                rules: &origin.rules,
                numbers: &mut Numbers::default(),
                rates: &mut Rates::default(),
                uid_validity: uid_validity.unwrap_or_default(),
            };
            writer.write(vec![prepared], None).await?;
        }
    }
    get(app, id).await
}

/// Refuses mails of which there are no bytes, or the header only.
pub(super) fn check_raw(message: &Message) -> Result<()> {
    // What is kept of a mail does not become more by dismissing it.
    let key = match message.held_for.unwrap_or(message.reason) {
        Reason::TooLarge => "raw_incomplete.too_large",
        Reason::UnreadableOnServer | Reason::Gone => "raw_incomplete.never_given",
        Reason::BeforeStart | Reason::Renumbered => "raw_incomplete.left_out",
        _ => return Ok(()),
    };
    Err(Error::told(Kind::Conflict, key))
}

/// The mailbox's rules of today, and its UIDVALIDITY while the mail still lies where its record says.
pub(super) async fn origin_of(app: &App, message: &Message) -> Result<(Origin, Option<u64>)> {
    let found = app.store.mailbox_and_run(message.mailbox_id).await?;
    // Nothing new is made of what is being purged.
    let Some((mailbox, run)) = found.filter(|(mailbox, _)| !mailbox.deleting) else {
        return Ok((from_files::origin_of(app, message.mailbox_id).await?, None));
    };
    let username = mailboxes::username(app, &mailbox).await?;
    let rules = Rules::of(app.mac.reply_key(), &mailbox, username.as_deref());
    let uid_validity = run.cursor.filter(|_| run.epoch == message.epoch).map(|cursor| cursor.uid_validity);
    Ok((Origin::of(&mailbox, message.epoch, rules), uid_validity))
}

/// Puts today's text and files in the place of the former ones. Numbers, status and what people changed stay.
///
/// Where the store knows more than was looked at, such as a change of a person in the same moment, it looks again.
async fn replace(
    app: &App,
    before: &Message,
    prepared: &Prepared,
    mail: &Understood,
    key: &IssueKey,
) -> Result<()> {
    for _ in 1..MAX_TRIES {
        match try_replace(app, before, prepared, mail, key).await {
            Err(StoreError::Rejected(_)) => {}
            done => return done.map_err(StoreError::unanswerable),
        }
    }
    try_replace(app, before, prepared, mail, key).await.map_err(StoreError::unanswerable)
}

async fn try_replace(
    app: &App,
    before: &Message,
    prepared: &Prepared,
    mail: &Understood,
    key: &IssueKey,
) -> Result<(), StoreError> {
    let mut message = Message {
        state: before.state,
        reason: before.reason,
        issue_key: before.issue_key.clone(),
        comment_id: before.comment_id,
        // Nothing is to do for it on the server that was not before.
        after_import: before.after_import.clone(),
        ..prepared.message.clone()
    };
    message.trace = mail.trace.clone();
    let anew = Sentence::new("trace.redriven").with("issue", key);
    message.trace.push(TraceStep::told("redrive", anew));
    message.trace.extend(defects(&mail.mail));
    let mut builder = Builder::new(&[], 0, app.now());
    let made = builder.made_of(&mut message, mail, key, before.comment_id);
    if !builder.texts.is_empty() {
        keep(app, &builder.texts).await?;
    }
    // A transaction of its own: both would be too large for one.
    let gone = gone_files(app, before.id, key, &made).await?;
    if !gone.is_empty() {
        let mut changes: Vec<Change> = gone.iter().map(|id| Change::AttachmentGone(*id)).collect();
        changes.push(touch(key, app, -(gone.len() as i64)));
        app.store.commit(&changes).await?;
    }
    let mut changes = body_change(app, before, key, &made).await?;
    let mut new = 0;
    for file in made.files {
        match app.store.attachment(file.id).await? {
            Some(there) if there == file => {}
            Some(_) => changes.push(Change::ReplaceAttachment(file)),
            None => {
                new += 1;
                changes.push(Change::Attachment(file));
            }
        }
    }
    if !changes.is_empty() {
        changes.push(touch(key, app, new));
    }
    changes.extend(new_marks(app, before.id, mail, key).await?);
    changes.push(Change::Message { message: Box::new(message), expected: Some(before.state) });
    app.store.commit(&changes).await
}

fn touch(key: &IssueKey, app: &App, attachments: i64) -> Change {
    Change::TouchIssue(IssueTouch { key: key.clone(), comments: 0, attachments, at: app.now() })
}

/// The text of the issue or comment, where it differs.
async fn body_change(app: &App, message: &Message, key: &IssueKey, made: &Made) -> Result<Vec<Change>> {
    let Some(comment_id) = message.comment_id else {
        let old = app.store.issue(key).await?.ok_or_else(|| Error::not_found("issue"))?;
        if old.body == made.body {
            return Ok(Vec::new());
        }
        let mut new = old.clone();
        new.version = old.version.next();
        new.body = made.body.clone();
        new.updated_at = app.now();
        return Ok(vec![Change::Issue(Box::new(Write::Replace { new, old }))]);
    };
    let there = app.store.comment(key, comment_id).await?;
    let mut comment = there.ok_or_else(|| Error::not_found("comment"))?;
    if comment.body == made.body {
        return Ok(Vec::new());
    }
    comment.body = made.body.clone();
    Ok(vec![Change::ReplaceComment(Box::new(comment))])
}

/// Files of this mail that it has no more.
async fn gone_files(app: &App, id: MessageId, key: &IssueKey, made: &Made) -> Result<Vec<AttachmentId>> {
    let ours: Vec<AttachmentId> = (0..MAX_ATTACHMENTS as u32).map(|n| AttachmentId::of(id, n)).collect();
    let is_gone = |id: &AttachmentId| ours.contains(id) && made.files.iter().all(|new| new.id != *id);
    let mut gone = Vec::new();
    let files = lists::all(|page| async move { app.store.attachments(key, &page).await }).await?;
    for id in files.iter().map(|file| file.id).filter(is_gone) {
        // The list may lag behind: what went already is not to be counted again.
        gone.extend(app.store.attachment(id).await?.map(|file| file.id));
    }
    Ok(gone)
}

/// The mail as it is understood now is known again, too. Marks that it has are written again: its record names them.
async fn new_marks(app: &App, id: MessageId, mail: &Understood, key: &IssueKey) -> Result<Vec<Change>> {
    let marks: Vec<_> = std::iter::once(mail.mark()).chain(mail.marks_of(key.project())).collect();
    let lookup = Lookup { seen: marks.clone(), ..Lookup::default() };
    let known = app.store.lookup(&lookup).await?.seen;
    let is_free = |marker: &SeenMarker| known.iter().all(|(there, by)| there != marker || *by == id);
    Ok(marks.into_iter().filter(is_free).map(|marker| Change::Seen { marker, by: id }).collect())
}
