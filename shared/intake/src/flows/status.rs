//! The state of everything in one look: what runs, what waits, and what a person should do.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, TryStreamExt, stream};

use crate::{
    App, Error, Language, Result, Sentence, Timestamp,
    flows::{
        health::{self, Forecast},
        integrations, mailboxes,
        mailboxes::Shown,
        poll,
    },
    lists,
    ports::MessageFilter,
    types::{
        Page, PageRequest, Problem,
        ahead::{LONGEST_PAUSE, is_ahead},
        grant::{Grant, GrantStatus},
        ids::{GrantId, MailboxId},
        integration::{Integration, Provider},
        mailbox::{MailboxStatus, ScheduleRow},
        message::MessageState,
        renumbering::RenumberingAlarm,
        watch::{Differences, Watch},
    },
};

/// The most mailboxes, grants and integrations that are looked at.
const MAX: usize = 2_000;
/// The most stored messages counted per mailbox.
const MAX_COUNTED: u32 = 200;
/// How many mailboxes are counted at once.
const AT_ONCE: usize = 8;
/// How long before its end a signed-in account is warned of, in days.
const GRANT_WARNING_DAYS: i64 = 14;
/// How long a mail may wait before somebody should look, in minutes.
const WAITING_MINUTES: i64 = 60;

/// Everything in one look.
#[derive(Debug, Clone)]
pub struct Status {
    /// All mailboxes, newest first.
    pub mailboxes: Vec<Shown>,
    /// All signed-in accounts, newest first.
    pub grants: Vec<Grant>,
    /// Mails that are stored and not decided yet. A minimum where a mailbox has more than 200.
    pub backlog: u64,
    /// Mails that wait for a person to release them. A minimum where a mailbox has more than 200.
    pub held: u64,
    /// When the oldest mail that has no final state was received.
    pub oldest_unprocessed_at: Option<Timestamp>,
    /// What a person should look at.
    pub warnings: Vec<Notice>,
}

/// Something that a person should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Stable, `snake_case`.
    pub code: String,
    /// The identifier of what it is about; empty where it is about the installation.
    pub subject: String,
    /// What is wrong and what to do.
    told: Vec<Told>,
}

/// A part of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Told {
    Sentence(Sentence),
    Problem(Problem),
}

impl Told {
    fn say(&self, language: Language) -> String {
        let said = match self {
            Self::Sentence(sentence) => sentence.say(language),
            Self::Problem(problem) => Some(problem.say(language)),
        };
        let said = said.map(|said| format!("{} {}", said.message, said.action)).unwrap_or_default();
        said.trim_end().to_owned()
    }
}

impl Notice {
    /// A notice in the words of the catalogue; its code is that of the sentence.
    fn told(subject: impl ToString, sentence: Sentence) -> Self {
        Self { code: sentence.code(), subject: subject.to_string(), told: vec![Told::Sentence(sentence)] }
    }

    fn and(mut self, sentence: Sentence) -> Self {
        self.told.push(Told::Sentence(sentence));
        self
    }

    fn why(mut self, problem: Option<&Problem>) -> Self {
        self.told.extend(problem.cloned().map(Told::Problem));
        self
    }

    /// What is wrong and what to do.
    pub fn message(&self, language: Language) -> String {
        self.told.iter().map(|part| part.say(language)).collect::<Vec<_>>().join(" ")
    }
}

/// Looks at everything.
pub async fn status(app: &App) -> Result<Status> {
    let mailboxes = most(|page| async move { mailboxes::list(app, &page).await }).await?;
    let grants = most(|page| async move { app.store.grants(None, &page).await }).await?;
    let integrations = most(|page| async move { app.store.integrations(&page).await }).await?;
    let grants: Vec<_> = grants.into_iter().filter(|grant| grant.status != GrantStatus::Pending).collect();
    let mut warnings = installation_warnings(app);
    warnings.extend(integrations.iter().flat_map(|integration| integration_warnings(app, integration)));
    let forecasts = forecasts(app, &grants, &integrations);
    warnings
        .extend(grants.iter().zip(&forecasts).flat_map(|(grant, forecast)| grant_warnings(grant, forecast)));
    let dead = grants.iter().filter(|grant| grant.status == GrantStatus::NeedsConsent);
    let dead: BTreeSet<GrantId> = dead.map(|grant| grant.id).collect();
    // Where the disk is in trouble all mailboxes are, and it was said once.
    if app.disk.trouble().is_none() {
        warnings.extend(mailboxes.iter().flat_map(|shown| mailbox_warnings(shown, &dead, app.now())));
        let late = app.store.schedule().await?;
        let late = late.iter().filter(|row| poll::is_late(row, app.now()));
        warnings.extend(late.filter_map(|row| late_warning(row, &mailboxes)));
    }
    let behind = mailboxes.iter().filter(|shown| shown.run.oldest_unprocessed_at.is_some());
    let backlog = count(app, behind.map(|shown| shown.mailbox.id).collect(), MessageState::Stored).await?;
    let held =
        count(app, mailboxes.iter().map(|shown| shown.mailbox.id).collect(), MessageState::Held).await?;
    warnings.extend(mailboxes.iter().filter_map(|shown| held_warning(shown, *held.get(&shown.mailbox.id)?)));
    Ok(Status {
        backlog: backlog.values().sum(),
        held: held.values().sum(),
        oldest_unprocessed_at: mailboxes.iter().filter_map(|m| m.run.oldest_unprocessed_at).min(),
        mailboxes,
        grants,
        warnings,
    })
}

fn forecasts(app: &App, grants: &[Grant], integrations: &[Integration]) -> Vec<Forecast> {
    let of = |grant: &Grant| {
        let id = grant.integration_id;
        let provider = integrations.iter().find(|known| known.id == id).map(|known| known.provider);
        let siblings: Vec<_> = grants.iter().filter(|other| other.integration_id == id).collect();
        let testing = health::seems_testing(siblings);
        health::forecast(grant, provider.unwrap_or(Provider::Custom), testing, app.now())
    };
    grants.iter().map(of).collect()
}

/// The first entries of a list.
async fn most<T, F>(list: impl FnMut(PageRequest) -> F) -> Result<Vec<T>>
where
    F: Future<Output = Result<Page<T>>>,
{
    lists::entries(200, list).take(MAX).try_collect().await
}

/// How many messages these mailboxes have in a state.
async fn count(
    app: &App,
    mailboxes: Vec<MailboxId>,
    state: MessageState,
) -> Result<BTreeMap<MailboxId, u64>> {
    stream::iter(mailboxes)
        .map(|mailbox_id| async move {
            let filter = MessageFilter { mailbox_id, state: Some(state) };
            Ok::<_, Error>((mailbox_id, count_of(app, &filter).await?))
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

/// Counts no further than is told.
async fn count_of(app: &App, filter: &MessageFilter) -> Result<u64> {
    let found = lists::entries(MAX_COUNTED, |page| async move { app.store.messages(filter, &page).await });
    found.take(MAX_COUNTED as usize).try_fold(0, |count, _| async move { Ok(count + 1) }).await
}

fn held_warning(shown: &Shown, count: u64) -> Option<Notice> {
    let sentence = Sentence::new("mails_held").with("name", &shown.mailbox.name).with("count", count);
    (count > 0).then(|| Notice::told(shown.mailbox.id, sentence))
}

fn installation_warnings(app: &App) -> Vec<Notice> {
    let fault = app.disk.fault().and_then(|fault| fault.sentence);
    let mut warnings: Vec<_> = fault.map(|sentence| Notice::told("", *sentence)).into_iter().collect();
    if app.settings.addresses.allow_private {
        warnings.push(Notice::told("", Sentence::new("private_network_allowed")));
    }
    warnings
}

fn integration_warnings(app: &App, integration: &Integration) -> Vec<Notice> {
    let mut warnings = Vec::new();
    let name = &integration.name;
    if integrations::is_stale(app, integration) {
        let sentence = Sentence::new("redirect_url_stale.named").with("name", name);
        warnings.push(Notice::told(integration.id, sentence));
    }
    if let Some(end) = integrations::SecretEnd::of(app, integration) {
        warnings.push(Notice::told(integration.id, end.sentence(name)));
    }
    warnings
}

fn grant_warnings(grant: &Grant, forecast: &Forecast) -> Vec<Notice> {
    let who = grant.account.as_deref().unwrap_or("an account");
    let about = |key| Notice::told(grant.id, Sentence::new(key).with("who", who));
    let why = grant.last_error.as_ref();
    let mut warnings = Vec::new();
    match grant.status {
        GrantStatus::NeedsConsent => warnings.push(about("grant_needs_consent").why(why)),
        GrantStatus::Failing => warnings.push(about("grant_failing").why(why)),
        GrantStatus::Pending | GrantStatus::Active | GrantStatus::Revoked => {}
    }
    if forecast.days_left.is_some_and(|days| days <= GRANT_WARNING_DAYS) {
        warnings.push(about("grant_ends_soon").and(forecast.sentence.clone()));
    }
    warnings
}

/// `dead`: the grants that are warned of already, which is enough.
fn mailbox_warnings(shown: &Shown, dead: &BTreeSet<GrantId>, now: Timestamp) -> Vec<Notice> {
    let (id, run) = (shown.mailbox.id, &shown.run);
    let about = |key| Sentence::new(key).with("name", &shown.mailbox.name);
    let throttled = run.throttled_until.filter(|until| is_ahead(*until, now, LONGEST_PAUSE));
    let state = match (shown.status, throttled) {
        (MailboxStatus::NeedsConsent, _) => {
            let known = shown.mailbox.grant_id().is_some_and(|grant| dead.contains(&grant));
            (!known).then(|| about("mailbox_needs_consent"))
        }
        (MailboxStatus::NeedsAttention, _) => Some(about("mailbox_needs_attention")),
        (MailboxStatus::Failing, Some(until)) => {
            Some(about("mailbox_throttled").with("until", minute(until)))
        }
        (MailboxStatus::Failing, None) => {
            Some(about("mailbox_failing").with("count", run.consecutive_failures))
        }
        _ => None,
    };
    let mut warnings = Vec::new();
    warnings.extend(state.map(|sentence| Notice::told(id, sentence).why(run.last_error.as_ref())));
    let waits = |since: &Timestamp| now.duration_since(*since).as_mins() >= WAITING_MINUTES;
    let expected =
        matches!(shown.status, MailboxStatus::Paused | MailboxStatus::Deleting | MailboxStatus::Importing);
    if let Some(since) = run.oldest_unprocessed_at.filter(waits).filter(|_| !expected) {
        warnings.push(Notice::told(id, about("mails_wait").with("since", minute(since))));
    }
    let counted = run.cursor.and_then(|cursor| cursor.counted);
    let lacking = counted.map_or(0, |counted| counted.exists.saturating_sub(counted.listed));
    if !expected {
        warnings.extend(watch_warnings(shown, lacking.into()));
    }
    let renewed = run.cursor.and_then(|cursor| cursor.renewed);
    let alarm = renewed.and_then(|renewed| renewed.alarm(now)).map(|alarm| match alarm {
        RenumberingAlarm::Often => "mails_renumbered",
        RenumberingAlarm::WentBack => "mails_numbered_back",
    });
    warnings.extend(alarm.map(|key| Notice::told(id, about(key))));
    // Mails arrive, and what is to be done to them on the server afterwards is not.
    if let Some(trouble) = &run.errands.trouble {
        warnings.push(Notice::told(id, about("after_import_waits")).why(Some(&trouble.problem)));
    }
    warnings
}

/// What the accounts of polls (`lacking` mails are counted and not listed) and the daily look say of the server.
fn watch_warnings(shown: &Shown, lacking: u64) -> Vec<Notice> {
    let (id, run) = (shown.mailbox.id, &shown.run);
    let about = |key| Sentence::new(key).with("name", &shown.mailbox.name);
    let Differences { unrecorded, unlisted } = run.differences().cloned().unwrap_or_default();
    let mut warnings = Vec::new();
    if unrecorded.count > 0 {
        let sentence = about("mails_without_record").with("count", unrecorded.count);
        warnings.push(Notice::told(id, sentence.with("mails", unrecorded.list())));
    }
    // Those are told of by name already.
    let lacking = lacking.saturating_sub(unrecorded.count).max(unlisted.count);
    if lacking > 0 {
        let notice = Notice::told(id, about("mails_not_listed").with("count", lacking));
        let named = Sentence::new("mails_not_listed.named").with("mails", unlisted.list());
        warnings.push(if unlisted.first.is_empty() { notice } else { notice.and(named) });
    }
    if let Some(trouble) = run.watch.as_ref().and_then(Watch::told_trouble) {
        warnings.push(Notice::told(id, about("mailbox_not_compared")).why(Some(&trouble.problem)));
    }
    warnings
}

/// The mailbox should have been polled some times since: the schedule or the places of polls are at fault.
fn late_warning(row: &ScheduleRow, mailboxes: &[Shown]) -> Option<Notice> {
    let mailbox = &mailboxes.iter().find(|shown| shown.mailbox.id == row.mailbox_id)?.mailbox;
    let told = Sentence::new("mailbox_not_polled").with("name", &mailbox.name);
    Some(Notice::told(mailbox.id, told.with("since", minute(row.last_poll_at?))))
}

fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
