//! What a list of mails is asked for: a form that is read from the address, and shown again with what was asked.

use intake::{
    Timestamp,
    flows::messages::Search,
    types::{
        ids::MailboxId,
        message::{MessageState, Reason},
    },
};
use jiff::civil::Date;
use maud::{Markup, html};
use url::form_urlencoded;

use super::{
    super::frame::words::{word, word_for},
    told::Places,
};
use crate::language;

/// What may be asked, each under its name in the address.
const NAMES: [&str; 7] = ["mailbox_id", "state", "reason", "sender", "subject", "since", "until"];
/// The longest text that is looked for, in characters.
const MAX_TEXT: usize = 200;

/// What was asked.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// The texts as they were given, in the order of [`NAMES`].
    given: [String; 7],
    /// Where to go on.
    pub(super) cursor: Option<String>,
}

impl Asked {
    /// From a query. What it does not know is left out.
    pub(super) fn read(query: &str) -> Self {
        let mut asked = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if let Some(at) = NAMES.iter().position(|known| *known == name) {
                asked.given[at] = value.trim().chars().take(MAX_TEXT).collect();
            } else if name == "cursor" && !value.is_empty() {
                asked.cursor = Some(value.into_owned());
            }
        }
        asked
    }

    fn text(&self, name: &str) -> &str {
        let at = NAMES.iter().position(|known| *known == name);
        at.map(|at| self.given[at].as_str()).unwrap_or_default()
    }

    pub(super) fn mailbox(&self) -> Option<MailboxId> {
        self.text("mailbox_id").parse().ok()
    }

    /// What is looked for. A word or day that is none is not asked for; days are those of the reader's zone.
    pub(super) fn search(&self) -> Search {
        let day = |name: &str| self.text(name).parse::<Date>().ok();
        let begin =
            |date: Date| -> Option<Timestamp> { language::zone().to_timestamp(date.at(0, 0, 0, 0)).ok() };
        Search {
            state: self.text("state").parse().ok(),
            reason: self.text("reason").parse().ok(),
            sender: self.text("sender").to_owned(),
            subject: self.text("subject").to_owned(),
            since: day("since").and_then(begin),
            before: day("until").and_then(|date| date.tomorrow().ok()).and_then(begin),
        }
    }

    /// Whether anything is asked for.
    pub(super) fn is_anything(&self) -> bool {
        self.given.iter().any(|text| !text.is_empty())
    }

    /// The same again, for the addresses of further parts.
    pub(super) fn query(&self) -> Vec<(&str, &str)> {
        NAMES.into_iter().zip(self.given.iter().map(String::as_str)).collect()
    }

    /// The form.
    pub(super) fn form(&self, places: &Places) -> Markup {
        let mailboxes = places.all().iter().map(|(id, name)| (id.to_string(), name.clone()));
        let states = MessageState::ALL.iter().map(|state| state.as_str());
        let reasons = Reason::ALL.iter().map(|reason| reason.as_str());
        let named = |kind: &'static str| move |word: &str| (word.to_owned(), word_for(kind, word));
        html! {
            form.filters method="get" action="/messages" role="search" {
                (self.choice("mailbox_id", mailboxes.collect()))
                (self.choice("state", states.map(named("page.message_state")).collect()))
                (self.choice("reason", reasons.map(named("page.reason")).collect()))
                (self.line("sender", "search"))
                (self.line("subject", "search"))
                (self.line("since", "date"))
                (self.line("until", "date"))
                div.actions {
                    button { (word("page.mails.search")) }
                    @if self.is_anything() { a href="/messages" { (word("page.mails.everything")) } }
                }
            }
        }
    }

    fn choice(&self, name: &str, choices: Vec<(String, String)>) -> Markup {
        html! {
            div.field {
                label for=(name) { (word_for("page.mails.filter", name)) }
                select id=(name) name=(name) {
                    option value="" { (word("page.mails.any")) }
                    @for (value, label) in &choices {
                        option value=(value) selected[value == self.text(name)] { (label) }
                    }
                }
            }
        }
    }

    fn line(&self, name: &str, kind: &str) -> Markup {
        html! {
            div.field {
                label for=(name) { (word_for("page.mails.filter", name)) }
                input id=(name) name=(name) type=(kind) value=(self.text(name)) autocomplete="off"
                    data-key=[(name == "subject").then_some("/")];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_is_looked_for() {
        let asked = Asked::read(
            "state=held&reason=nothing&sender=+ada%40&since=2026-01-05&until=2026-01-05&x=1&cursor=7b",
        );
        let at = |text: &str| Some(text.parse().unwrap());
        let wanted = Search {
            state: Some(MessageState::Held),
            sender: "ada@".to_owned(),
            since: at("2026-01-05T00:00:00Z"),
            before: at("2026-01-06T00:00:00Z"),
            ..Search::default()
        };
        assert_eq!((asked.search(), asked.cursor.as_deref(), asked.mailbox()), (wanted, Some("7b"), None));
        assert!(asked.is_anything() && !Asked::read("cursor=7b&state=").is_anything());
        assert_eq!(asked.query()[1], ("state", "held"));
    }
}
