//! The kinds of a mail, as they are told.

use serde::Serialize;

use super::verdict::Verdict;

/// More recipients or codes of one mail are not listed.
const MAX_LISTED: usize = 1000;

/// What kind of mail it is, how sure that is, and by what that was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Kind {
    /// An answer that no person wrote, such as an absence notice. A bounce or a receipt is none.
    pub auto_reply: Option<Verdict>,
    /// A report of a failed or delayed delivery, by RFC 3464 or a vendor's own form.
    pub bounce: Option<Verdict>,
    /// Holds a multipart/report; certain where that is the mail itself.
    pub report: Option<Verdict>,
    /// Sent through a mailing list. A newsletter that can merely be unsubscribed is none.
    pub list_mail: Option<Verdict>,
    /// An abuse report (RFC 5965).
    pub feedback_report: Option<Verdict>,
    /// A receipt that the mail was shown or deleted (RFC 8098, or in a mail program's own words).
    pub read_receipt: Option<Verdict>,
    /// An answer to an invitation, or its cancellation: `text/calendar` with method REPLY, COUNTER or CANCEL.
    pub calendar_answer: Option<Verdict>,
    /// A summary that mail servers send to owners of domains: DMARC (RFC 7489) or TLS (RFC 8460).
    pub aggregate_report: Option<Verdict>,
    /// Addresses that a bounce says were not reached, each once.
    pub bounced_recipients: Vec<String>,
    /// Enhanced status codes (RFC 3463) of a bounce, each once.
    pub bounce_statuses: Vec<String>,
    /// Message-ID of the mail that a bounce or report is about, without angle brackets.
    pub returned_message_id: Option<String>,
}

impl Kind {
    /// What it is, with the words of [`crate::Report::certainty`].
    pub fn verdicts(&self) -> impl Iterator<Item = (&'static str, &Verdict)> {
        let all = [
            ("auto_reply", &self.auto_reply),
            ("bounce", &self.bounce),
            ("report", &self.report),
            ("feedback_report", &self.feedback_report),
            ("receipt", &self.read_receipt),
            ("calendar", &self.calendar_answer),
            ("aggregate_report", &self.aggregate_report),
            ("list_mail", &self.list_mail),
        ];
        all.into_iter().filter_map(|(word, verdict)| Some((word, verdict.as_ref()?)))
    }

    /// What no person wrote; a list only passes on.
    pub(super) fn automatic_mut(&mut self) -> impl Iterator<Item = &mut Verdict> {
        let all = [
            &mut self.auto_reply,
            &mut self.bounce,
            &mut self.report,
            &mut self.feedback_report,
            &mut self.read_receipt,
            &mut self.calendar_answer,
            &mut self.aggregate_report,
        ];
        all.into_iter().flatten()
    }
}

/// Adds a value that is not yet there, whatever its case.
pub(super) fn once(list: &mut Vec<String>, value: String) {
    if !value.is_empty()
        && list.len() < MAX_LISTED
        && !list.iter().any(|known| known.eq_ignore_ascii_case(&value))
    {
        list.push(value);
    }
}
