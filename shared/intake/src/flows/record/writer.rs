//! One batch: decide on each mail with what is known, then write everything in one conditional transaction.

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::pin,
};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, future::try_join_all};

use crate::{
    App, Sentence, Timestamp,
    decide::{
        Builder, Content, Decided, Decision, Knowledge, Prepared, Rates, Rules, Understood, decide_one,
        keys_for, message_change,
    },
    error::{Error, Kind, Result},
    failed,
    limits::{MAX_COMMENTS, MAX_DECISIONS, PARALLEL_BLOBS},
    lists,
    ports::{Change, CursorMove, Lease, Rejection, StoreError, Why},
    types::{
        ids::MessageId,
        issue::{BlobKey, Issue},
        message::{MessageState, Reason, TraceStep},
        project::{IssueKey, ProjectKey},
        report::PollReport,
    },
};

use super::numbers::Numbers;

/// What the batches of one run share.
pub(in crate::flows) struct Writer<'a> {
    pub(in crate::flows) app: &'a App,
    pub(in crate::flows) rules: &'a Rules,
    pub(in crate::flows) numbers: &'a mut Numbers,
    pub(in crate::flows) rates: &'a mut Rates,
    pub(in crate::flows) uid_validity: u64,
}

/// What a batch becomes, as far as the store is known.
pub(in crate::flows) struct Plan {
    pub(in crate::flows) changes: Vec<Change>,
    report: PollReport,
    /// Mails that have no record: another one stands for them.
    copies: Vec<MessageId>,
    /// Of the rates, before it.
    mark: usize,
}

impl Plan {
    /// Moves the cursor in the same transaction.
    pub(in crate::flows) fn moves(&mut self, cursor: &CursorMove) {
        self.changes.push(Change::Cursor(cursor.clone()));
    }
}

/// What came of writing a batch.
pub(in crate::flows) enum Attempt {
    Written(PollReport),
    /// The store knows more than the decisions did.
    Refused(Vec<Rejection>),
}

/// Tries to write a batch. It borrows nothing of the writer: the next batch is planned meanwhile.
pub(in crate::flows) async fn attempt(app: &App, plan: &Plan) -> Result<Attempt> {
    match app.store.commit(&plan.changes).await {
        Ok(()) => {
            forget(app, &plan.copies).await;
            Ok(Attempt::Written(plan.report))
        }
        Err(StoreError::Fault(error)) => Err(error),
        Err(StoreError::Rejected(rejections)) => Ok(Attempt::Refused(rejections)),
    }
}

impl Writer<'_> {
    /// Writes a batch whose blobs are durable, and says what became of its mails. The cursor moves in the same
    /// transaction.
    pub(in crate::flows) async fn write(
        &mut self,
        batch: Vec<Prepared>,
        under: Option<(&Lease, CursorMove)>,
    ) -> Result<PollReport> {
        let plan = self.plan_under(&batch, under.as_ref()).await?;
        match attempt(self.app, &plan).await? {
            Attempt::Written(report) => Ok(report),
            Attempt::Refused(rejections) => self.write_again(batch, (plan, rejections), under).await,
        }
    }

    /// Writes a batch that the store refused, decided on again with what the store knows now. One that stays refused is
    /// written mail by mail, and a single mail that stays refused fails alone.
    pub(in crate::flows) async fn write_again(
        &mut self,
        mut batch: Vec<Prepared>,
        (mut plan, mut rejections): (Plan, Vec<Rejection>),
        under: Option<(&Lease, CursorMove)>,
    ) -> Result<PollReport> {
        let mark = plan.mark;
        for tries in 1..=MAX_DECISIONS {
            if let Some((lease, _)) = &under
                && Rejection::of(&rejections, plan.changes.len() - 1) == Some(&Why::FenceLost)
            {
                return Err(lease_lost(lease));
            }
            self.drop_known(&mut batch).await?;
            self.rates.back_to(mark);
            if batch.is_empty() && under.is_none() {
                // Somebody else has worked on it meanwhile.
                return Ok(PollReport::default());
            }
            if tries == MAX_DECISIONS {
                break;
            }
            plan = self.plan_under(&batch, under.as_ref()).await?;
            match attempt(self.app, &plan).await? {
                Attempt::Written(report) => return Ok(report),
                Attempt::Refused(again) => rejections = again,
            }
        }
        let [only] = batch.as_mut_slice() else { return Box::pin(self.one_by_one(batch, under)).await };
        fail(only);
        let mut changes = vec![message_change(only, only.message.clone())];
        changes.extend(under.map(|(_, cursor)| Change::Cursor(cursor)));
        self.app.write(&changes).await?;
        Ok(PollReport { fetched: 1, failed: 1, ..PollReport::default() })
    }

    async fn one_by_one(
        &mut self,
        batch: Vec<Prepared>,
        under: Option<(&Lease, CursorMove)>,
    ) -> Result<PollReport> {
        let mut report = PollReport::default();
        let mut rest = batch.into_iter().peekable();
        while let Some(prepared) = rest.next() {
            let mut step = under.clone();
            // Until the last mail is written, the cursor stays before the first that is not.
            if let (Some((_, step)), Some(next)) =
                (&mut step, rest.peek().and_then(|p| p.listed.server_id.uid()))
            {
                step.cursor.next_uid = step.cursor.next_uid.min(next);
            }
            report += self.write(vec![prepared], step).await?;
        }
        Ok(report)
    }

    /// Takes out mails that have got a final record meanwhile, and notes the state of the others.
    async fn drop_known(&self, batch: &mut Vec<Prepared>) -> Result<()> {
        let ids: Vec<_> = batch.iter().map(|p| p.message.id).collect();
        let known = self.app.store.known(&ids).await?;
        batch.retain_mut(|prepared| match known.iter().find(|m| m.id == prepared.message.id) {
            // One that is looked at again may be final, as long as it is as it was.
            Some(record) if record.is_final() => prepared.expected == Some(record.state),
            Some(record) => {
                prepared.expected = Some(record.state);
                true
            }
            None => true,
        });
        Ok(())
    }

    /// Decides what a batch becomes. `in_flight`: changes that are being written, and may not be in the store yet.
    pub(in crate::flows) async fn plan(&mut self, batch: &[Prepared], in_flight: &[Change]) -> Result<Plan> {
        let mark = self.rates.mark();
        let mut knowledge = self.know(understood(batch), in_flight).await?;
        let decisions: Vec<_> = batch.iter().map(|prepared| decide_one(&mut knowledge, prepared)).collect();
        let created = knowledge.created;
        let keys = keys(self.app, self.numbers, &created).await?;
        self.rates.resolve(&keys);
        let mut builder = Builder::new(&keys, self.uid_validity, self.app.now());
        for (prepared, decided) in batch.iter().zip(decisions) {
            builder.add(prepared, decided)?;
        }
        builder.count();
        let Builder { changes, texts, report, copies, .. } = builder;
        if !texts.is_empty() {
            keep(self.app, &texts).await?;
        }
        Ok(Plan { changes, report, copies, mark })
    }

    /// The same with nothing in flight, and the cursor in it.
    async fn plan_under(&mut self, batch: &[Prepared], under: Option<&(&Lease, CursorMove)>) -> Result<Plan> {
        let mut plan = self.plan(batch, &[]).await?;
        if let Some((_, cursor)) = under {
            plan.moves(cursor);
        }
        Ok(plan)
    }

    /// Asks the store for everything that the decisions about these mails need.
    async fn know<'m>(
        &mut self,
        mails: impl Iterator<Item = &'m Understood> + Clone,
        in_flight: &[Change],
    ) -> Result<Knowledge<'_>> {
        let hits = self.app.store.lookup(&keys_for(self.rules, mails.clone())).await?;
        let mut parties = BTreeMap::new();
        let tokens: BTreeSet<&IssueKey> = mails.clone().filter_map(|mail| mail.token.as_ref()).collect();
        let named: BTreeSet<&IssueKey> = mails.flat_map(|mail| &mail.named).collect();
        for key in tokens.union(&named) {
            if let Some(issue) = self.app.store.issue(key).await? {
                let parties_of_it = parties_of(self.app, &issue, named.contains(key)).await?;
                parties.insert((*key).clone(), parties_of_it);
            }
        }
        let mut knowledge = Knowledge::new(self.rules, in_flight, hits, self.rates);
        knowledge.parties = parties;
        Ok(knowledge)
    }

    /// What a mail would become, without a trace of it; `made` is the issue that it made already.
    pub(in crate::flows) async fn rehearse(
        &mut self,
        message: MessageId,
        received_at: Timestamp,
        mail: &Understood,
        made: Option<&IssueKey>,
    ) -> Result<Decision> {
        let mut knowledge = self.know(std::iter::once(mail), &[]).await?;
        if let Some(made) = made {
            knowledge.forget(made);
        }
        Ok(knowledge.decide(message, received_at, mail))
    }

    /// The same of a whole mail, with the projects of the issues that it would make: at most one.
    pub(in crate::flows) async fn decide_alone(
        &mut self,
        prepared: &Prepared,
        made: Option<&IssueKey>,
    ) -> Result<(Option<Decided>, Vec<ProjectKey>)> {
        let mut knowledge = self.know(understood(std::slice::from_ref(prepared)), &[]).await?;
        if let Some(made) = made {
            knowledge.forget(made);
        }
        let decided = decide_one(&mut knowledge, prepared);
        Ok((decided, knowledge.created))
    }
}

/// Whether the decisions on these mails read issues as they are, and so must wait for what is being written.
pub(in crate::flows) fn reads_issues(batch: &[Prepared]) -> bool {
    understood(batch).any(|mail| mail.token.is_some() || !mail.named.is_empty())
}

fn understood(batch: &[Prepared]) -> impl Iterator<Item = &Understood> + Clone {
    batch.iter().filter_map(|prepared| match &prepared.content {
        Content::Mail(mail) => Some(&**mail),
        Content::Final => None,
    })
}

/// Who takes part in an issue, in lower case. Its comments are read only where that is asked.
async fn parties_of(app: &App, issue: &Issue, with_comments: bool) -> Result<BTreeSet<String>> {
    let named = issue.watchers.iter().chain(&issue.assignee).chain(std::iter::once(&issue.reporter.address));
    let mut parties: BTreeSet<String> = named.map(|address| address.to_lowercase()).collect();
    if with_comments {
        let list = |page| async move { app.store.comments(&issue.key, &page).await };
        let mut comments = pin!(lists::entries(MAX_COMMENTS, list).take(MAX_COMMENTS as usize));
        while let Some(comment) = comments.try_next().await? {
            parties.insert(comment.author.address.to_lowercase());
        }
    }
    parties.remove("");
    Ok(parties)
}

/// A key for each issue that is made, in their order.
async fn keys(app: &App, numbers: &mut Numbers, created: &[ProjectKey]) -> Result<Vec<IssueKey>> {
    let mut counts: BTreeMap<&ProjectKey, u64> = BTreeMap::new();
    for project in created {
        *counts.entry(project).or_default() += 1;
    }
    let mut ready = BTreeMap::new();
    for (project, count) in counts {
        ready.insert(project, numbers.keys(app, project, count).await?.into_iter());
    }
    let next = |project| ready.get_mut(project).and_then(Iterator::next);
    let keys: Option<Vec<IssueKey>> = created.iter().map(next).collect();
    keys.ok_or_else(|| Error::internal("an issue of the batch has no number"))
}

fn fail(prepared: &mut Prepared) {
    prepared.message.state = MessageState::Failed;
    prepared.message.reason = Reason::Unprocessable;
    prepared.message.after_import = None;
    prepared.message.trace.push(TraceStep::told("write", "trace.write.refused"));
    prepared.content = Content::Final;
}

/// Deletes what was stored of mails that turned out to be copies and have no record.
async fn forget(app: &App, copies: &[MessageId]) {
    for copy in copies {
        for prefix in [BlobKey::raw(*copy).as_str(), &BlobKey::files(*copy)] {
            if let Err(error) = app.blobs.delete_prefix(prefix).await {
                // Nothing names it: it costs its room, and no mail.
                failed!(warn, error, message = %copy, "The bytes of a copy were not deleted.");
            }
        }
    }
}

/// Blobs come before the records that name them: makes these durable.
pub(in crate::flows) async fn keep(app: &App, blobs: &[(BlobKey, Bytes)]) -> Result<()> {
    for some in blobs.chunks(PARALLEL_BLOBS) {
        let mut puts = Vec::with_capacity(some.len());
        for (key, bytes) in some {
            puts.push(app.blobs.stage(key, bytes.clone()));
        }
        try_join_all(puts).await?;
    }
    app.blobs.flush().await
}

/// The lease went to another run: stop, it goes on from where we were.
pub(in crate::flows) fn lease_lost(lease: &Lease) -> Error {
    Error::told(Kind::LeaseLost, Sentence::new("lease_lost.fence").with("fence", lease.fence))
}
