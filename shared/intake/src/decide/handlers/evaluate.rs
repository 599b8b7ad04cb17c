//! What the handlers of a mailbox say of one mail. Pure: the same mail and the same list give the same answer.

use mail::{Address, Mail, Verdict};

use crate::{
    Sentence,
    types::{
        handler::{Action, Condition, Handler, KindWord, SenderVerdict, Settings, Treatment},
        message::{Reason, TraceStep},
    },
};

/// What a mail is, as far as handlers look at it.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The mail.
    pub mail: &'a Mail,
    /// The size of the whole mail, bytes.
    pub size: u64,
    /// What the receiving server says of its sender.
    pub verdict: SenderVerdict,
}

/// The step of a handler that does not apply: shown in a dry run, and not kept with the mail.
pub(crate) const PASSED_OVER: &str = "handler_passed_over";

/// What handlers want a mail to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wish {
    /// No handler said anything: a comment or an issue, and for automatic mail outside of a thread nothing.
    #[default]
    Unsaid,
    /// A comment where it belongs to an issue, else an issue.
    CreateOrComment,
    /// Always an issue of its own.
    Create,
    /// A comment, or nothing.
    Comment,
    /// The same as [`Self::CreateOrComment`], as what the first sender of a forward wrote.
    AsForwarded,
    /// Nothing.
    Ignore,
    /// A person decides.
    Hold,
}

/// What the list says of one mail.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Route {
    /// What it is to become.
    pub wish: Wish,
    /// The handler that said so.
    pub by: Option<String>,
    /// How it looks.
    pub set: Settings,
    /// What was looked at and decided.
    pub trace: Vec<TraceStep>,
}

/// Asks each handler, top to bottom. A later one replaces what an earlier one said, unless that one stops the list.
pub fn evaluate(handlers: &[Handler], facts: Facts<'_>) -> Route {
    let mut route = Route::default();
    for handler in handlers {
        let told = |step, key| TraceStep::told(step, Sentence::new(key).with("handler", &handler.name));
        let applies = handler.when.as_ref().is_none_or(|when| holds(when, facts));
        if !applies {
            route.trace.push(told(PASSED_OVER, "trace.handler.passed_over"));
            continue;
        }
        let key = if handler.stop { "trace.handler.ends" } else { "trace.handler.applies" };
        route.trace.push(told("handler", key));
        for action in &handler.then {
            route.take(handler, action);
        }
        if handler.stop {
            break;
        }
    }
    route
}

impl Route {
    fn take(&mut self, handler: &Handler, action: &Action) {
        let wish = match action {
            Action::Set(settings) => return merge(&mut self.set, settings),
            Action::CreateOrComment(_) => Wish::CreateOrComment,
            Action::Create(_) => Wish::Create,
            Action::Comment(_) => Wish::Comment,
            Action::AsForwarded(_) => Wish::AsForwarded,
            Action::Ignore(_) => Wish::Ignore,
            Action::Hold(_) => Wish::Hold,
        };
        self.wish = wish;
        self.by = Some(handler.name.clone());
    }
}

fn merge(into: &mut Settings, from: &Settings) {
    fn take<T: Clone>(into: &mut Option<T>, from: &Option<T>) {
        if from.is_some() {
            into.clone_from(from);
        }
    }
    take(&mut into.project, &from.project);
    take(&mut into.issue_type, &from.issue_type);
    take(&mut into.priority, &from.priority);
    take(&mut into.labels, &from.labels);
    take(&mut into.reporter, &from.reporter);
    take(&mut into.default_reporter, &from.default_reporter);
    take(&mut into.assignee, &from.assignee);
    take(&mut into.watchers_from_cc, &from.watchers_from_cc);
    take(&mut into.strip_quotes, &from.strip_quotes);
    take(&mut into.split_at, &from.split_at);
    take(&mut into.bulk, &from.bulk);
    take(&mut into.attachments, &from.attachments);
}

fn holds(condition: &Condition, facts: Facts<'_>) -> bool {
    let mail = facts.mail;
    match condition {
        Condition::All(all) => all.iter().all(|one| holds(one, facts)),
        Condition::Any(any) => any.iter().any(|one| holds(one, facts)),
        Condition::Not(one) => !holds(one, facts),
        Condition::To(pattern) => recipients(mail)
            .any(|address| pattern.is_address(address) || pattern.is_address(&without_sub_address(address))),
        Condition::SubAddress(pattern) => {
            recipients(mail).filter_map(sub_address).any(|(_, detail, _)| pattern.is(detail))
        }
        Condition::From(pattern) => {
            mail.from.iter().chain(&mail.rewritten_from).any(|from| pattern.is_address(&from.address))
        }
        Condition::Subject(pattern) => pattern.is_in(&mail.subject),
        Condition::Header(header) => mail
            .header(header.name.trim())
            .any(|value| header.value.as_ref().is_none_or(|pattern| pattern.is_in(value))),
        Condition::Kind(kind) => is_kind(mail, *kind),
        Condition::Likely(kind) => verdict(mail, *kind).is_some_and(Verdict::is_likely),
        Condition::List(pattern) => mail.header("list-id").any(|value| pattern.is_in(value)),
        Condition::Size(size) => {
            size.above.is_none_or(|above| facts.size > above)
                && size.below.is_none_or(|below| facts.size < below)
        }
        Condition::SenderVerdict(verdict) => facts.verdict == *verdict,
    }
}

/// Fields in which servers note to whom a mail was delivered, which Bcc and lists hide.
const DELIVERED: [&str; 5] =
    ["delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to"];

/// To, Cc and where it was delivered.
fn recipients(mail: &Mail) -> impl Iterator<Item = &str> {
    let named = mail.to.iter().chain(&mail.cc).map(|address: &Address| address.address.as_str());
    let delivered = DELIVERED.iter().flat_map(|name| mail.header(name));
    named.chain(delivered.map(|value| value.trim().trim_matches(['<', '>'])))
}

/// `support`, `billing` and `example.org` of `support+billing@example.org` (RFC 5233).
fn sub_address(address: &str) -> Option<(&str, &str, &str)> {
    let (local, domain) = address.rsplit_once('@')?;
    let (user, detail) = local.split_once('+')?;
    Some((user, detail, domain))
}

/// `support@example.org` of `support+billing@example.org`.
pub(crate) fn without_sub_address(address: &str) -> String {
    sub_address(address).map_or_else(|| address.to_owned(), |(user, _, domain)| format!("{user}@{domain}"))
}

fn is_kind(mail: &Mail, word: KindWord) -> bool {
    match word {
        KindWord::Ordinary => automatic(mail).is_none(),
        KindWord::List => mail.kind.list_mail.is_some(),
        KindWord::Bulk => is_bulk(mail),
        _ => verdict(mail, word).is_some_and(|verdict| !verdict.is_likely()),
    }
}

/// What is said of a kind that no person writes.
fn verdict(mail: &Mail, word: KindWord) -> Option<&Verdict> {
    let kind = &mail.kind;
    match word {
        KindWord::Ordinary | KindWord::List | KindWord::Bulk => None,
        KindWord::AutoReply => kind.auto_reply.as_ref(),
        KindWord::Bounce => kind.bounce.as_ref(),
        KindWord::Report => kind.report.as_ref(),
        KindWord::FeedbackReport => kind.feedback_report.as_ref(),
        KindWord::ReadReceipt => kind.read_receipt.as_ref(),
        KindWord::CalendarAnswer => kind.calendar_answer.as_ref(),
        KindWord::AggregateReport => kind.aggregate_report.as_ref(),
    }
}

/// The kinds that no person writes, with the reason for which such a mail makes no issue by itself.
const AUTOMATIC: [(KindWord, Reason); 7] = [
    (KindWord::Bounce, Reason::Bounce),
    (KindWord::Report, Reason::Report),
    (KindWord::FeedbackReport, Reason::Report),
    (KindWord::ReadReceipt, Reason::Report),
    (KindWord::CalendarAnswer, Reason::Report),
    (KindWord::AggregateReport, Reason::Report),
    (KindWord::AutoReply, Reason::AutoReply),
];

/// What no person wrote for certain, as the reason for which it makes no issue by itself; None: a person may have. Words
/// alone never make a mail nothing.
pub(crate) fn automatic(mail: &Mail) -> Option<Reason> {
    let certain = AUTOMATIC.iter().find(|(word, _)| is_kind(mail, *word));
    certain.map(|(_, reason)| *reason)
}

/// What a mail is by its words, a subject or a file alone: it is treated as a person's, and marked.
pub(crate) fn likely(mail: &Mail) -> Option<(KindWord, &Verdict)> {
    let all = AUTOMATIC.iter().filter_map(|(word, _)| Some((*word, verdict(mail, *word)?)));
    all.into_iter().find(|(_, verdict)| verdict.is_likely()).filter(|_| automatic(mail).is_none())
}

/// Whether it was sent to many at once.
pub(crate) fn is_bulk(mail: &Mail) -> bool {
    let precedence =
        |value: &str| matches!(value.trim().to_ascii_lowercase().as_str(), "bulk" | "junk" | "list");
    let marked = ["list-id", "list-unsubscribe", "list-post", "feedback-id"];
    mail.kind.list_mail.is_some()
        || mail.header("precedence").any(precedence)
        || marked.iter().any(|name| mail.header(name).next().is_some())
}

/// The priority that the header names: X-Priority (1 to 5), Importance, Priority, X-MSMail-Priority.
pub(crate) fn priority_of(mail: &Mail) -> Option<&'static str> {
    let first = |name: &str| mail.header(name).next().map(|value| value.trim().to_ascii_lowercase());
    let by_number = first("x-priority").and_then(|value| match value.chars().next() {
        Some('1') => Some("highest"),
        Some('2') => Some("high"),
        Some('3') => Some("normal"),
        Some('4') => Some("low"),
        Some('5') => Some("lowest"),
        _ => None,
    });
    let by_word = || {
        ["importance", "x-msmail-priority", "priority"].iter().filter_map(|name| first(name)).find_map(
            |word| match word.as_str() {
                "high" | "urgent" => Some("high"),
                "normal" => Some("normal"),
                "low" | "non-urgent" => Some("low"),
                _ => None,
            },
        )
    };
    by_number.or_else(by_word)
}

/// What is done about a treatment that is not to accept: the wish, or a mark.
pub(crate) fn strictest(treatments: impl IntoIterator<Item = Treatment>) -> Treatment {
    let rank = |treatment: &Treatment| match treatment {
        Treatment::Accept => 0,
        Treatment::Mark => 1,
        Treatment::Hold => 2,
        Treatment::Ignore => 3,
    };
    treatments.into_iter().max_by_key(rank).unwrap_or(Treatment::Accept)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const MAIL: &str = "Delivered-To: hidden@example.org\nFrom: Jane <jane@example.com>\n\
        To: support+billing@example.org\nCc: boss@example.com\nSubject: An invoice\nX-Priority: 2 (High)\n\
        List-Id: <news.example.com>\nX-Spam: No, score=1\n\nHello\n";

    fn route(list: Value, verdict: SenderVerdict) -> Route {
        let handlers: Vec<Handler> = serde_json::from_value(list).unwrap();
        let mail = mail::parse(MAIL.as_bytes());
        evaluate(&handlers, Facts { mail: &mail, size: 500, verdict })
    }

    fn applies(condition: Value) -> bool {
        let list = json!([{"name": "x", "when": condition, "then": [{"ignore": {}}]}]);
        route(list, SenderVerdict::Pass).wish == Wish::Ignore
    }

    #[test]
    fn each_condition_holds_where_it_should() {
        for (condition, expected) in [
            (json!({"to": "support@example.org"}), true),
            (json!({"to": "support+billing@example.org"}), true),
            (json!({"to": "boss@*"}), true),
            (json!({"to": "hidden@example.org"}), true),
            (json!({"to": "@example.net"}), false),
            (json!({"sub_address": "bill*"}), true),
            (json!({"sub_address": "sales"}), false),
            (json!({"from": "@example.com"}), true),
            (json!({"subject": "INVOICE"}), true),
            (json!({"subject": "invoice*"}), false),
            (json!({"header": {"name": "x-spam", "value": "no,*"}}), true),
            (json!({"header": {"name": "X-Other"}}), false),
            (json!({"kind": "list"}), true),
            (json!({"kind": "bulk"}), true),
            (json!({"kind": "ordinary"}), true),
            (json!({"kind": "bounce"}), false),
            (json!({"likely": "bounce"}), false),
            (json!({"list": "news"}), true),
            (json!({"size": {"above": 499, "below": 501}}), true),
            (json!({"size": {"above": 500}}), false),
            (json!({"sender_verdict": "pass"}), true),
            (json!({"sender_verdict": "fail"}), false),
            (json!({"not": {"from": "*"}}), false),
            (json!({"all": [{"from": "*"}, {"subject": "x"}]}), false),
            (json!({"any": [{"from": "*"}, {"subject": "x"}]}), true),
        ] {
            assert_eq!(applies(condition.clone()), expected, "{condition}");
        }
    }

    /// Words suggest that it is an absence notice, and nothing that a machine writes says so.
    #[test]
    fn what_is_likely_is_ordinary_and_no_kind_for_certain() {
        let applies = |raw: &str, condition: Value| {
            let when: Condition = serde_json::from_value(condition).unwrap();
            holds(&when, Facts { mail: &mail::parse(raw.as_bytes()), size: 1, verdict: SenderVerdict::None })
        };
        let words = "From: jane@example.com\nSubject: Automatic reply: Printer\n\nx";
        let machine = &format!("Auto-Submitted: auto-replied\n{words}");
        for (raw, certain) in [(words, false), (machine, true)] {
            assert_eq!(applies(raw, json!({"kind": "auto_reply"})), certain);
            assert_eq!(applies(raw, json!({"kind": "ordinary"})), !certain);
            assert_eq!(applies(raw, json!({"likely": "auto_reply"})), !certain);
            assert_eq!(automatic(&mail::parse(raw.as_bytes())).is_some(), certain);
        }
    }

    #[test]
    fn later_handlers_replace_earlier_ones_until_one_stops() {
        let list = json!([
            {"name": "a", "then": [{"hold": {}}, {"set": {"type": "x", "labels": ["one"]}}]},
            {"name": "b", "then": [{"create": {}}, {"set": {"type": "y"}}], "stop": true},
            {"name": "c", "then": [{"ignore": {}}]}
        ]);
        let route = route(list, SenderVerdict::None);
        assert_eq!((route.wish, route.by.as_deref()), (Wish::Create, Some("b")));
        assert_eq!(route.set.issue_type.as_deref(), Some("y"));
        assert_eq!(route.set.labels, Some(vec!["one".to_owned()]));
        let told: Vec<_> = route.trace.iter().map(|step| step.detail.as_str()).collect();
        assert_eq!(told, ["\"a\" applies.", "\"b\" applies, and ends the list."]);
    }

    #[test]
    fn priorities_come_from_any_of_the_usual_fields() {
        let of = |header: &str| priority_of(&mail::parse(format!("{header}\n\nx").as_bytes()));
        assert_eq!(of("X-Priority: 1 (Highest)"), Some("highest"));
        assert_eq!(of("Importance: High"), Some("high"));
        assert_eq!(of("Priority: non-urgent"), Some("low"));
        assert_eq!(of("X-Priority: x\nX-MSMail-Priority: Normal"), Some("normal"));
        assert_eq!(of("Subject: x"), None);
    }
}
