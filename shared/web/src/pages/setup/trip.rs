//! How far somebody came in the guide: what they answered stands in the address of each page, and nowhere else.

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};
use intake::types::{
    ids::{AttemptId, IntegrationId, MailboxId},
    presets::{self, Preset},
};
use maud::{Markup, html};
use url::form_urlencoded;

use crate::pages::frame::{form::Form, page::Trouble};

/// The most characters of an answer.
const MAX: usize = 320;
/// The answer that is no provider: the mailbox is opened with a password.
pub(super) const PASSWORD: &str = "password";

/// A question of the guide, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Address,
    Way,
    Integration,
    Mailbox,
    Consent,
    Test,
    Import,
}

impl Step {
    /// All of them.
    pub(super) const ALL: [Self; 7] =
        [Self::Address, Self::Way, Self::Integration, Self::Mailbox, Self::Consent, Self::Test, Self::Import];

    /// The word in its path, and in the catalogue.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Way => "way",
            Self::Integration => "integration",
            Self::Mailbox => "mailbox",
            Self::Consent => "consent",
            Self::Test => "test",
            Self::Import => "import",
        }
    }

    fn path(self) -> String {
        if self == Self::Address { "/setup".to_owned() } else { format!("/setup/{}", self.word()) }
    }

    /// Whether a mailbox with a password has no such step.
    pub(super) fn is_of_consent(self) -> bool {
        matches!(self, Self::Integration | Self::Consent)
    }
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// The mailbox's address.
    Address,
    /// `own`, `shared`, `alias` or `group`.
    Kind,
    /// The account that signs in, where that is another one.
    Account,
    /// The preset of the provider, or `password`.
    Way,
    /// The tenant at Microsoft that the address's domain told.
    Tenant,
    /// The server that it told, or that is guessed.
    Server,
    /// The integration.
    Integration,
    /// The mailbox that was made.
    Mailbox,
    /// The consent that was begun.
    Attempt,
}

impl Answer {
    const ALL: [Self; 9] = [
        Self::Address,
        Self::Kind,
        Self::Account,
        Self::Way,
        Self::Tenant,
        Self::Server,
        Self::Integration,
        Self::Mailbox,
        Self::Attempt,
    ];

    /// The name of its field.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Kind => "kind",
            Self::Account => "account",
            Self::Way => "way",
            Self::Tenant => "tenant",
            Self::Server => "server",
            Self::Integration => "integration",
            Self::Mailbox => "mailbox",
            Self::Attempt => "attempt",
        }
    }
}

/// The kinds of addresses, in the order of the choice.
pub(super) const KINDS: [&str; 4] = ["own", "shared", "alias", "group"];

/// The answers so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Trip(Vec<(Answer, String)>);

impl Trip {
    /// From the query of an address.
    fn of_query(query: &str) -> Self {
        let mut trip = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if let Some(answer) = Answer::ALL.into_iter().find(|answer| answer.name() == name) {
                trip = trip.with(answer, &value);
            }
        }
        trip
    }

    /// From the hidden fields of a form.
    pub(super) fn of_form(form: &Form) -> Self {
        let answers = Answer::ALL.into_iter();
        answers.fold(Self::default(), |trip, answer| match form.text(answer.name()) {
            Some(text) => trip.with(answer, text),
            None => trip,
        })
    }

    /// With this answer, in the place of one before.
    pub(super) fn with(mut self, answer: Answer, text: impl ToString) -> Self {
        let text: String = text.to_string().trim().chars().take(MAX).collect();
        self.0.retain(|(other, _)| *other != answer);
        if !text.is_empty() {
            self.0.push((answer, text));
        }
        self
    }

    /// An answer; empty where there is none.
    pub(super) fn get(&self, answer: Answer) -> &str {
        self.0.iter().find(|(own, _)| *own == answer).map_or("", |(_, text)| text)
    }

    /// The page of a step, with the answers so far.
    pub(super) fn to(&self, step: Step) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.0.iter().map(|(answer, text)| (answer.name(), text)));
        let query = query.finish();
        if query.is_empty() { step.path() } else { format!("{}?{query}", step.path()) }
    }

    /// The answers as hidden fields of a form that asks for these.
    pub(super) fn hidden(&self, asked: &[Answer]) -> Markup {
        html! {
            @for (answer, text) in self.0.iter().filter(|(answer, _)| !asked.contains(answer)) {
                input type="hidden" name=(answer.name()) value=(text);
            }
        }
    }

    /// Whether the address is one.
    pub(super) fn has_address(&self) -> bool {
        presets::domain_of(self.get(Answer::Address)).is_some()
    }

    /// Whether it is said what kind of address it is, with the account that such a one needs.
    pub(super) fn has_kind(&self) -> bool {
        let kind = self.get(Answer::Kind);
        let is_alone = self.get(Answer::Account).is_empty() && !needs_account(kind);
        KINDS.contains(&kind) && (is_alone || self.has_account())
    }

    /// Whether the account that signs in is an address.
    pub(super) fn has_account(&self) -> bool {
        presets::domain_of(self.get(Answer::Account)).is_some()
    }

    /// Who signs in.
    pub(super) fn signs_in(&self) -> &str {
        match self.get(Answer::Account) {
            "" => self.get(Answer::Address),
            account => account,
        }
    }

    /// Whether the mailbox is opened with a password.
    pub(super) fn by_password(&self) -> bool {
        self.get(Answer::Way) == PASSWORD
    }

    /// The provider that was chosen, where it knows OAuth 2.0.
    pub(super) fn preset(&self) -> Option<Preset> {
        presets::of_id(self.get(Answer::Way)).filter(|preset| preset.provider.is_some())
    }

    /// The integration.
    pub(super) fn integration(&self) -> Option<IntegrationId> {
        self.get(Answer::Integration).parse().ok()
    }

    /// The mailbox.
    pub(super) fn mailbox(&self) -> Option<MailboxId> {
        self.get(Answer::Mailbox).parse().ok()
    }

    /// The consent that was begun.
    pub(super) fn attempt(&self) -> Option<AttemptId> {
        self.get(Answer::Attempt).parse().ok()
    }

    /// At this step; the page of the first open question before it, where there is one.
    pub(super) fn at(self, step: Step) -> Result<Self, Trouble> {
        match self.missing_before(step) {
            Some(open) => Err(Trouble::Elsewhere(self.to(open))),
            None => Ok(self),
        }
    }

    /// The first question that has no answer and comes before this one. A mailbox that was made answers all of them.
    pub(super) fn missing_before(&self, step: Step) -> Option<Step> {
        if self.mailbox().is_some() {
            return None;
        }
        let has_way = self.by_password() || self.preset().is_some() || self.integration().is_some();
        let has_client = self.by_password() || self.integration().is_some();
        let answered = [
            (Step::Address, self.has_address() && self.has_kind()),
            (Step::Way, has_way),
            (Step::Integration, has_client),
            (Step::Mailbox, false),
        ];
        let open = answered.into_iter().find(|(_, is_answered)| !is_answered);
        open.map(|(open, _)| open).filter(|open| *open < step)
    }
}

/// The answers in the address of a page.
impl<S: Sync> FromRequestParts<S> for Trip {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of_query(parts.uri.query().unwrap_or_default()))
    }
}

/// Whether others sign in for an address of this kind.
pub(super) fn needs_account(kind: &str) -> bool {
    matches!(kind, "shared" | "alias" | "group")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_page_knows_which_question_is_open() {
        let trip = Trip::of_query("address=a%40example.com&other=x");
        assert_eq!(trip.to(Step::Way), "/setup/way?address=a%40example.com");
        assert_eq!(trip.missing_before(Step::Way), Some(Step::Address), "what kind of address?");
        assert_eq!(Trip::of_query("address=example&kind=own").missing_before(Step::Way), Some(Step::Address));
        let shared = trip.clone().with(Answer::Kind, "shared");
        assert_eq!(shared.missing_before(Step::Way), Some(Step::Address), "who signs in?");
        let shared = shared.with(Answer::Account, "b@example.com");
        assert_eq!((shared.missing_before(Step::Way), shared.signs_in()), (None, "b@example.com"));
        let own = trip.with(Answer::Kind, "own");
        let nobody = own.clone().with(Answer::Account, "b");
        assert_eq!(nobody.missing_before(Step::Way), Some(Step::Address), "an account that is no address");
        assert_eq!((own.missing_before(Step::Way), own.missing_before(Step::Test)), (None, Some(Step::Way)));
        let own = own.with(Answer::Way, "google");
        assert_eq!(own.missing_before(Step::Integration), None);
        assert_eq!(own.missing_before(Step::Mailbox), Some(Step::Integration));
        assert_eq!(own.with(Answer::Way, PASSWORD).missing_before(Step::Mailbox), None);
        let made = Trip::of_query("mailbox=mbx_01M000000000000000000000ZZ");
        assert_eq!(made.missing_before(Step::Import), None);
    }
}
