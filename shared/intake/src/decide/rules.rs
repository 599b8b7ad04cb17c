//! What a mailbox says of its mails, and what it makes of one: everything that can be decided before the store is asked.

use std::sync::Arc;

use mail::{
    Mail, auth,
    auth::Verdict,
    identity::{Identity, identity, likeness},
    thread,
};

use crate::{
    Sentence,
    limits::MAX_SUBJECT_KEYS,
    types::{
        Version,
        handler::{self, Handler, SenderVerdict},
        ids::MailboxId,
        integration::Provider,
        mailbox::Mailbox,
        message::{SeenMarker, SeenScope, TraceStep},
        policy::{RateLimits, SenderPolicy},
        presets,
        project::{IssueKey, ProjectKey},
    },
};

use super::{
    handlers::{self, Facts, PASSED_OVER, Route},
    known::Known,
    sender,
    threads::{Conversation, conversation},
};

/// Ends of Microsoft's mail hosts, those of its national clouds included.
const MICROSOFT: [&str; 3] = [".office365.com", ".outlook.com", ".office365.us"];
/// The server that writes the verdict in Google's mailboxes.
const GOOGLE: &str = "mx.google.com";

/// The rules of one mailbox.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    /// Whose version each decision keeps.
    pub(crate) version: Version,
    pub(crate) handlers: Vec<Handler>,
    /// Where issues are made when no handler says otherwise.
    pub(crate) project: ProjectKey,
    /// That one, then those that the handlers name: threads are looked up in each.
    pub(crate) projects: Vec<ProjectKey>,
    pub(crate) sender: SenderPolicy,
    pub(crate) limits: RateLimits,
    /// The mailbox's own address, in lower case.
    pub(crate) own: Option<String>,
    servers: auth::Settings,
    reply_key: thread::ReplyKey,
}

/// One mail, as far as it is understood without the store.
#[derive(Debug)]
pub(crate) struct Understood {
    pub(crate) mail: Mail,
    pub(crate) route: Route,
    /// Where a new issue is made.
    pub(crate) project: ProjectKey,
    /// By what it is known again.
    identity: Identity,
    /// What the forms of the same mail have in common, and others with its Message-ID have not.
    pub(crate) likeness: Option<String>,
    /// Whose mail it is.
    mailbox: MailboxId,
    /// The address of that mailbox, in lower case.
    pub(crate) to: Option<String>,
    pub(crate) verdict: SenderVerdict,
    /// Why it counts as our own; None: it does not.
    pub(crate) own: Option<Sentence>,
    /// The issue of a reply token.
    pub(crate) token: Option<IssueKey>,
    /// The issues that its subject names.
    pub(crate) named: Vec<IssueKey>,
    /// The conversation of Outlook, in the place of Message-IDs.
    conversation: Option<Conversation>,
    /// What was found so far.
    pub(crate) trace: Vec<TraceStep>,
    /// Whether limits of rate apply: not to a first import, to older mails and to what a person asks for again.
    pub(crate) rated: bool,
    /// A person let it through: nothing holds it.
    pub(crate) released: bool,
    /// What was known before its mails were numbered anew: where it is a copy of such a mail, that one's record stands for
    /// it. None: it has this number for the first time.
    pub(crate) before: Option<Arc<Known>>,
}

/// What a mailbox says of its mails, as far as a trial looks at it: its limits of rate are for mails that arrive.
#[derive(Debug, Clone)]
pub struct TrialRules {
    /// Where issues are made when no handler says otherwise.
    pub project: ProjectKey,
    /// From top to bottom.
    pub handlers: Vec<Handler>,
    /// Whose word on senders counts, and what is done about them.
    pub sender: SenderPolicy,
    /// The server of the mailbox: some of the servers that are trusted follow from it.
    pub host: String,
    /// The mailbox's own address.
    pub own: Option<String>,
}

impl Rules {
    /// Of a mailbox that signs in under this name.
    pub(crate) fn of(reply_key: thread::ReplyKey, mailbox: &Mailbox, username: Option<&str>) -> Arc<Self> {
        Arc::new(Self {
            version: mailbox.version,
            handlers: mailbox.handlers.clone(),
            project: mailbox.project.clone(),
            projects: projects(&mailbox.project, &mailbox.handlers),
            sender: mailbox.sender_policy.clone(),
            limits: mailbox.rate_limits,
            own: username.filter(|name| name.contains('@')).map(str::to_lowercase),
            servers: servers(
                &mailbox.server.host.to_string().to_ascii_lowercase(),
                &mailbox.sender_policy.trusted_authserv_ids,
            ),
            reply_key,
        })
    }

    /// Of no mailbox: a folder of mails that a person imports into a project.
    pub(crate) fn of_import(reply_key: thread::ReplyKey, project: &ProjectKey) -> Arc<Self> {
        Arc::new(Self {
            version: Version::FIRST,
            handlers: Vec::new(),
            project: project.clone(),
            projects: vec![project.clone()],
            sender: SenderPolicy::default(),
            limits: RateLimits::default(),
            own: None,
            servers: auth::Settings::default(),
            reply_key,
        })
    }

    /// Of a trial, which has no installation.
    pub(crate) fn of_trial(trial: TrialRules, reply_key: thread::ReplyKey) -> Arc<Self> {
        Arc::new(Self {
            version: Version::FIRST,
            projects: projects(&trial.project, &trial.handlers),
            handlers: trial.handlers,
            project: trial.project,
            servers: servers(&trial.host.to_ascii_lowercase(), &trial.sender.trusted_authserv_ids),
            sender: trial.sender,
            limits: RateLimits::default(),
            own: trial.own.map(|own| own.to_lowercase()),
            reply_key,
        })
    }

    /// The same with other handlers, to see what they would do.
    pub(crate) fn with_handlers(&self, handlers: Vec<Handler>) -> Arc<Self> {
        Arc::new(Self { projects: projects(&self.project, &handlers), handlers, ..self.clone() })
    }

    /// Decides what can be decided without the store, on a mail of this mailbox.
    pub(crate) fn understand(&self, mail: Mail, size: u64, mailbox: MailboxId) -> Understood {
        let authentication = auth::authenticate(&mail.trace, &self.servers);
        let mut evidence: Vec<_> = authentication.evidence.into_iter().map(sender::told).collect();
        let told = rewritten(&mail);
        let verdict = match authentication.verdict {
            Verdict::Pass if told.is_some() && !self.vouches(&mail) => {
                evidence.push("trace.sender.of_list".into());
                SenderVerdict::None
            }
            Verdict::Pass => SenderVerdict::Pass,
            Verdict::Fail => SenderVerdict::Fail,
            Verdict::Unverified => SenderVerdict::None,
        };
        evidence.extend(told);
        let route = handlers::evaluate(&self.handlers, Facts { mail: &mail, size, verdict });
        let project = route.set.project.clone().unwrap_or_else(|| self.project.clone());
        let mut trace: Vec<_> = evidence.into_iter().map(sender::step).collect();
        if !self.handlers.is_empty() {
            let version = Sentence::new("trace.handlers").with("version", self.version.0);
            trace.push(TraceStep::told("handlers", version));
        }
        trace.extend(route.trace.iter().filter(|step| step.step != PASSED_OVER).cloned());
        trace.extend(route.on_reporter(&mail, self.own.as_deref()));
        Understood {
            identity: identity(&mail),
            likeness: likeness(&mail),
            mailbox,
            to: self.own.clone(),
            own: self.own_sign(&mail),
            token: self.reply_key.issue_of(&mail).and_then(|key| key.parse().ok()),
            named: self.named(&mail),
            conversation: conversation(&mail),
            verdict,
            route,
            project,
            trace,
            mail,
            rated: false,
            released: false,
            before: None,
        }
    }

    /// Whether a list is believed in what it says of authors: this mailbox's own address. A domain may be shared with
    /// strangers, whose lists say what they like.
    fn vouches(&self, mail: &Mail) -> bool {
        let list = mail.rewritten_from.as_ref().map(|list| list.address.to_lowercase());
        list.is_some() && list == self.own
    }

    /// Issues of our projects that the subject names.
    fn named(&self, mail: &Mail) -> Vec<IssueKey> {
        let keys =
            thread::issue_keys(&mail.subject).into_iter().filter_map(|key| key.parse::<IssueKey>().ok());
        keys.filter(|key| self.projects.contains(key.project())).take(MAX_SUBJECT_KEYS).collect()
    }

    /// What shows that this installation, or a program that answers in its name, sent the mail.
    fn own_sign(&self, mail: &Mail) -> Option<Sentence> {
        if let Some(issue) = mail.message_ids().find_map(|id| self.reply_key.issue_of_id(id)) {
            return Some(Sentence::new("trace.loop.message_id").with("issue", issue));
        }
        let own = self.own.as_deref()?;
        let is_own = |word: &str| word.eq_ignore_ascii_case(own);
        let is_edge = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '<' | '>');
        let named = |name: &str| mail.header(name).any(|value| value.split(is_edge).any(is_own));
        if ["x-loop", "x-maildocket-loop"].into_iter().any(named) {
            return Some("trace.loop.field".into());
        }
        let from = mail.from.as_ref().is_some_and(|from| from.address.to_lowercase() == own);
        (from && is_automatic(mail)).then(|| "trace.loop.automatic".into())
    }
}

impl Understood {
    /// The mark by which it is known again in its mailbox, whatever became of it.
    pub(crate) fn mark(&self) -> SeenMarker {
        SeenMarker { scope: SeenScope::Mailbox(self.mailbox), identity: self.identity.marker() }
    }

    /// The marks by which it is known again in the project in which it became something, also from other mailboxes: a
    /// server that replaces Message-IDs gives each copy another one.
    pub(crate) fn marks_of(&self, project: &ProjectKey) -> Vec<SeenMarker> {
        let scope = SeenScope::Project(project.clone());
        let of = |identity| SeenMarker { scope: scope.clone(), identity };
        std::iter::once(self.identity.marker()).chain(self.identity.original_marker()).map(of).collect()
    }

    /// Its Message-IDs, and its place in Outlook's conversation.
    pub(crate) fn ids(&self) -> Vec<String> {
        let ids = self.mail.message_ids().map(str::to_owned);
        ids.chain(self.conversation.iter().map(|conversation| conversation.own.clone())).collect()
    }

    /// The places in Outlook's conversation that led to its own, nearest first.
    pub(crate) fn ancestors(&self) -> &[String] {
        self.conversation.as_ref().map_or(&[], |conversation| &conversation.ancestors)
    }
}

fn projects(own: &ProjectKey, handlers: &[Handler]) -> Vec<ProjectKey> {
    let named = handler::projects(handlers).into_iter().filter(|key| *key != own);
    std::iter::once(own).chain(named).cloned().collect()
}

/// Whose verdict counts in a mailbox of this server: those that are named, and the provider's own in its own mailboxes.
fn servers(host: &str, named: &[String]) -> auth::Settings {
    let is_of = |provider| presets::mail_hosts(provider).is_some_and(|hosts| hosts.contains(&host));
    let mut trusted = named.to_vec();
    if is_of(Provider::Google) {
        trusted.push(GOOGLE.to_owned());
    }
    let microsoft = is_of(Provider::Microsoft) || MICROSOFT.iter().any(|end| host.ends_with(end));
    auth::Settings { trusted, microsoft, ..auth::Settings::default() }
}

/// A sentence on a From that names a list or forwarder.
fn rewritten(mail: &Mail) -> Option<Sentence> {
    let (list, author) = (mail.rewritten_from.as_ref()?, mail.from.as_ref()?);
    let told = Sentence::new("trace.sender.rewritten");
    Some(told.with("list", &list.address).with("author", &author.address))
}

fn is_automatic(mail: &Mail) -> bool {
    let said = |name: &str, words: &[&str]| {
        mail.header(name).any(|value| words.contains(&value.trim().to_ascii_lowercase().as_str()))
    };
    mail.header("auto-submitted").any(|value| !value.trim().eq_ignore_ascii_case("no"))
        || said("precedence", &["bulk", "junk", "list", "auto_reply"])
        || handlers::automatic(mail).is_some()
}

#[cfg(test)]
mod tests {
    use super::servers;

    #[test]
    fn providers_verdicts_count_in_all_of_their_own_mailboxes() {
        let own = "mx.example.org".to_owned();
        for (host, google, microsoft) in [
            ("imap.gmail.com", true, false),
            ("imap.googlemail.com", true, false),
            ("pop.googlemail.com", true, false),
            ("outlook.office365.com", false, true),
            ("outlook.office.com", false, true),
            ("imap-mail.outlook.com", false, true),
            ("outlook.office365.us", false, true),
            ("imap.example.org", false, false),
            ("imap.gmail.com.example.org", false, false),
        ] {
            let found = servers(host, std::slice::from_ref(&own));
            let trusted: Vec<_> = found.trusted.iter().map(String::as_str).collect();
            let wanted =
                if google { vec!["mx.example.org", "mx.google.com"] } else { vec!["mx.example.org"] };
            assert_eq!((trusted, found.microsoft), (wanted, microsoft), "{host}");
        }
    }
}
