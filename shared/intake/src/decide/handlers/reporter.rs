//! Who counts as the writer of a mail, by its handlers.

use mail::{Address, Mail};

use crate::{
    Sentence,
    types::{handler::Reporter, message::TraceStep},
};

use super::{Route, Wish};

impl Route {
    /// As whose words a mail counts: its author's, if the handlers do not say otherwise or the mail names nobody else.
    /// `own`: the mailbox's address, which is nobody's.
    pub(crate) fn reporter<'m>(&self, mail: &'m Mail, own: Option<&str>) -> Option<&'m Address> {
        let author = mail.from.as_ref();
        let is_somebody = |address: &&Address| {
            let is = |other: &str| address.address.eq_ignore_ascii_case(other);
            !own.is_some_and(is) && !author.is_some_and(|author| is(&author.address))
        };
        let found = match self.whose() {
            Reporter::From => None,
            Reporter::ReplyTo => mail.reply_to.iter().find(is_somebody),
            Reporter::FirstForwardedSender => mail.forwarded_senders.iter().find(is_somebody),
        };
        found.filter(|address| address.address.contains('@')).or(author)
    }

    /// Who forwarded it, where a handler makes it what the first sender wrote.
    pub(crate) fn forwarder<'m>(&self, mail: &'m Mail, own: Option<&str>) -> Option<&'m Address> {
        let author = mail.from.as_ref().filter(|_| self.wish == Wish::AsForwarded);
        author.filter(|author| self.reporter(mail, own) != Some(*author))
    }

    /// What came of a reporter that is not the author.
    pub(crate) fn on_reporter(&self, mail: &Mail, own: Option<&str>) -> Option<TraceStep> {
        let (named, nobody) = match self.whose() {
            Reporter::From => return None,
            Reporter::ReplyTo => ("trace.reporter.reply_to", "trace.reporter.reply_to.nobody"),
            Reporter::FirstForwardedSender => ("trace.reporter.forwarded", "trace.reporter.forwarded.nobody"),
        };
        let told = match self.reporter(mail, own) {
            Some(found) if Some(found) != mail.from.as_ref() => {
                Sentence::new(named).with("address", &found.address)
            }
            _ => nobody.into(),
        };
        Some(TraceStep::told("handler", told))
    }

    fn whose(&self) -> Reporter {
        let usual = match self.wish {
            Wish::AsForwarded => Reporter::FirstForwardedSender,
            _ => Reporter::From,
        };
        self.set.reporter.unwrap_or(usual)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::handler::Settings;

    const FORWARD: &str = "From: Agent <agent@example.org>\nSubject: Fwd: Lamp\nReply-To: Desk <desk@example.org>\n\n\
        Please look.\n\n---------- Forwarded message ---------\nFrom: Ann <ann@customer.example>\nDate: Mon, 5 Jan 2026\n\
        Subject: Lamp\nTo: agent@example.org\n\nIt flickers.\n";

    fn route(wish: Wish, reporter: Option<Reporter>) -> Route {
        Route { wish, set: Settings { reporter, ..Settings::default() }, ..Route::default() }
    }

    fn reporter(raw: &str, wish: Wish, reporter: Option<Reporter>) -> String {
        let found = route(wish, reporter)
            .reporter(&mail::parse(raw.as_bytes()), Some("support@example.org"))
            .cloned();
        found.map(|found| found.address).unwrap_or_default()
    }

    #[test]
    fn a_handler_chooses_whose_words_a_mail_counts_as() {
        use Reporter::{FirstForwardedSender, From, ReplyTo};
        for (wish, chosen, expected) in [
            (Wish::Unsaid, None, "agent@example.org"),
            (Wish::Unsaid, Some(ReplyTo), "desk@example.org"),
            (Wish::Unsaid, Some(FirstForwardedSender), "ann@customer.example"),
            (Wish::AsForwarded, None, "ann@customer.example"),
            (Wish::AsForwarded, Some(From), "agent@example.org"),
            (Wish::AsForwarded, Some(ReplyTo), "desk@example.org"),
        ] {
            assert_eq!(reporter(FORWARD, wish, chosen), expected, "{wish:?} {chosen:?}");
        }
        let by_colleague = FORWARD
            .replace("It flickers.", "From: Bob <bob@customer.example>\nDate: today\nSubject: Lamp\n\nOh.");
        assert_eq!(
            reporter(
                &by_colleague.replace("Ann <ann@customer.example>", "Agent <AGENT@example.org>"),
                Wish::AsForwarded,
                None
            ),
            "bob@customer.example"
        );
        assert_eq!(
            reporter(
                &FORWARD.replace("Ann <ann@customer.example>", "support@example.org"),
                Wish::AsForwarded,
                None
            ),
            "agent@example.org"
        );
        assert_eq!(
            reporter(&FORWARD.replace(" <ann@customer.example>", ""), Wish::AsForwarded, None),
            "agent@example.org"
        );
        assert_eq!(
            reporter("Subject: x\nReply-To: a@b.example\n\nx", Wish::Unsaid, Some(ReplyTo)),
            "a@b.example"
        );
        assert_eq!(
            reporter("From: a@b.example\nSubject: x\n\nx", Wish::AsForwarded, Some(ReplyTo)),
            "a@b.example"
        );
    }

    #[test]
    fn who_forwarded_it_is_known_only_where_the_first_sender_counts() {
        let forwarder = |raw: &str, wish| {
            route(wish, None).forwarder(&mail::parse(raw.as_bytes()), None).map(|found| found.address.clone())
        };
        assert_eq!(forwarder(FORWARD, Wish::AsForwarded).as_deref(), Some("agent@example.org"));
        assert_eq!(forwarder(FORWARD, Wish::Create), None);
        assert_eq!(forwarder("From: a@b.example\nSubject: x\n\nx", Wish::AsForwarded), None);
    }
}
