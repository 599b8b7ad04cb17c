//! How fast mails come: by the times at which the server received them, so that the same mails give the same answer.

use mail::thread;

use crate::{
    Sentence, Timestamp,
    limits::{HOUR, MAX_SUBJECT_CHARS},
    types::{
        message::{Message, Reason},
        policy::RateLimits,
        project::IssueKey,
    },
};

use super::{outcome::IssueRef, text::cut};

/// A mail that came.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    pub(crate) at: Timestamp,
    /// In lower case.
    pub(crate) from: String,
    /// Normalised.
    pub(crate) subject: String,
    /// The issue on which it is a comment.
    pub(crate) commented: Option<IssueRef>,
}

/// The mails of the last hours, and what is ordinary.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rates {
    limits: RateLimits,
    arrivals: Vec<Arrival>,
}

impl Arrival {
    pub(crate) fn of(at: Timestamp, mail: &mail::Mail) -> Self {
        Self {
            at,
            from: mail.from.as_ref().map(|from| from.address.to_lowercase()).unwrap_or_default(),
            subject: compared(&cut(&mail.subject, MAX_SUBJECT_CHARS)),
            commented: None,
        }
    }

    fn recorded(message: Message) -> Self {
        Self {
            at: message.received_at,
            from: message.from.unwrap_or_default().to_lowercase(),
            subject: compared(&message.subject),
            commented: message.issue_key.filter(|_| message.comment_id.is_some()).map(IssueRef::Existing),
        }
    }
}

/// What a record keeps of a subject, without prefixes: the same for a mail of this poll and of an earlier one.
fn compared(subject: &str) -> String {
    thread::normalised(subject, false)
}

impl Rates {
    /// Of the records of mails that came before, newest first.
    pub(crate) fn of(limits: RateLimits, records: Vec<Message>) -> Self {
        Self { limits, arrivals: records.into_iter().map(Arrival::recorded).collect() }
    }

    /// Mails that came before this time do not count for one that came at `at`.
    pub(crate) fn since(at: Timestamp) -> Timestamp {
        at.checked_sub(HOUR).unwrap_or(Timestamp::MIN)
    }

    /// Whether the mail of a record came and is counted.
    pub(crate) fn counts(message: &Message) -> bool {
        message.arrived && message.reason != Reason::Duplicate
    }

    /// Notes a mail that came.
    pub(crate) fn note(&mut self, arrival: Arrival) {
        self.arrivals.push(arrival);
    }

    /// How many are known: a place to come back to.
    pub(crate) fn mark(&self) -> usize {
        self.arrivals.len()
    }

    /// Forgets what was noted since.
    pub(crate) fn back_to(&mut self, mark: usize) {
        self.arrivals.truncate(mark);
    }

    /// The issues that a batch made have their keys now.
    pub(crate) fn resolve(&mut self, keys: &[IssueKey]) {
        for arrival in &mut self.arrivals {
            if let Some(IssueRef::New(n)) = arrival.commented {
                arrival.commented = keys.get(n).cloned().map(IssueRef::Existing);
            }
        }
    }

    /// What is out of the ordinary about one more mail that becomes this; None: nothing.
    pub(crate) fn flood(&self, next: &Arrival) -> Option<Sentence> {
        let since = Self::since(next.at);
        let hour = || self.arrivals.iter().filter(|a| a.at > since && a.at <= next.at);
        let limits = self.limits;
        let sender = || hour().filter(|a| a.from == next.from);
        let same_subject = || sender().filter(|a| a.commented.is_none() && a.subject == next.subject);
        let over = |key, count: usize, most: u32| {
            (count >= most as usize).then(|| Sentence::new(key).with("max", most))
        };
        over("trace.flood.mailbox", hour().count(), limits.per_mailbox)
            .or_else(|| over("trace.flood.sender", sender().count(), limits.per_sender))
            .or_else(|| match &next.commented {
                Some(issue) => {
                    let comments = hour().filter(|a| a.commented.as_ref() == Some(issue));
                    over("trace.flood.thread", comments.count(), limits.per_thread)
                }
                None => over("trace.flood.subject", same_subject().count(), limits.per_subject),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;

    fn arrival(minute: i64, from: &str, subject: &str, issue: Option<usize>) -> Arrival {
        let at = Timestamp::from_second(1_800_000_000 + minute * 60).unwrap();
        Arrival {
            at,
            from: from.to_owned(),
            subject: subject.to_owned(),
            commented: issue.map(IssueRef::New),
        }
    }

    fn said(why: Option<Sentence>) -> String {
        why.map(|why| why.message(Language::English)).unwrap_or_default()
    }

    #[test]
    fn what_comes_too_fast_is_named_by_its_limit() {
        let limits = RateLimits { per_sender: 4, per_subject: 2, per_thread: 3, per_mailbox: 6 };
        let mut rates = Rates { limits, arrivals: Vec::new() };
        let flood = |rates: &Rates, next: &Arrival| said(rates.flood(next));
        rates.note(arrival(0, "a", "x", None));
        assert_eq!(flood(&rates, &arrival(1, "a", "x", None)), "");
        rates.note(arrival(1, "a", "x", None));
        assert!(flood(&rates, &arrival(2, "a", "x", None)).contains("this subject"));
        // Comments are counted by their issue, not as mails with this subject.
        rates.back_to(1);
        rates.note(arrival(1, "a", "x", Some(9)));
        assert_eq!(flood(&rates, &arrival(2, "a", "x", None)), "");
        rates.back_to(1);
        rates.note(arrival(1, "a", "x", None));
        assert_eq!(flood(&rates, &arrival(2, "a", "y", None)), "");
        for minute in 2..5 {
            rates.note(arrival(minute, "b", "z", Some(7)));
        }
        assert!(flood(&rates, &arrival(6, "c", "z", Some(7))).contains("its issue"));
        assert_eq!(flood(&rates, &arrival(6, "c", "z", Some(8))), "");
        rates.note(arrival(6, "b", "w", None));
        assert!(flood(&rates, &arrival(6, "d", "v", None)).contains("this mailbox"));
        // An hour later it is as if nothing had been.
        assert_eq!(flood(&rates, &arrival(70, "a", "x", None)), "");
        let mark = rates.mark();
        rates.note(arrival(70, "b", "w", None));
        rates.back_to(mark);
        assert_eq!(rates.mark(), mark);
    }

    #[test]
    fn a_sender_is_counted_over_all_subjects() {
        let limits = RateLimits { per_sender: 2, ..RateLimits::default() };
        let mut rates = Rates { limits, arrivals: Vec::new() };
        rates.note(arrival(0, "a", "x", None));
        rates.note(arrival(0, "a", "y", None));
        assert!(said(rates.flood(&arrival(1, "a", "z", None))).contains("Its sender"));
    }
}
