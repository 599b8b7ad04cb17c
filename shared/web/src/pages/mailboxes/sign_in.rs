//! How a mailbox signs in, as one choice: a signed-in account, one that signs in next under an integration, or a password.

use intake::{
    App, Error, Sentence,
    error::FieldError,
    flows::{grants, integrations},
    lists,
    types::{grant::Grant, integration::Integration, integration::Provider},
};
use serde_json::{Map, Value};

use super::super::frame::{fields::Choice, words::shown};
use crate::language;

/// The field of the choice: an identifier, or [`PASSWORD`].
pub(super) const BY: &str = "/auth/by";
/// The choice of a password.
pub(super) const PASSWORD: &str = "password";
/// The fields of the API that the choice stands for.
const STANDS_FOR: [&str; 4] = ["/auth", "/auth/method", "/auth/grant_id", "/auth/integration_id"];

/// What a mailbox may sign in with.
pub(super) struct Ways {
    grants: Vec<Grant>,
    integrations: Vec<Integration>,
}

impl Ways {
    /// All that there are.
    pub(super) async fn read(app: &App) -> Result<Self, Error> {
        let grants = lists::all(|page| async move { grants::list(app, None, &page).await }).await?;
        let integrations = lists::all(|page| async move { integrations::list(app, &page).await }).await?;
        Ok(Self { grants, integrations })
    }

    /// Those of one provider alone.
    pub(super) fn of(mut self, provider: Provider) -> Self {
        self.integrations.retain(|integration| integration.provider == provider);
        let ours: Vec<_> = self.integrations.iter().map(|integration| integration.id).collect();
        self.grants.retain(|grant| ours.contains(&grant.integration_id));
        self
    }

    /// The accounts, then the integrations.
    pub(super) fn choices(&self) -> Vec<Choice> {
        let name = |grant: &Grant| {
            let found = self.integrations.iter().find(|there| there.id == grant.integration_id);
            found.map(|integration| integration.name.to_string()).unwrap_or_default()
        };
        let account = |grant: &Grant| {
            let account =
                grant.account.as_deref().map_or_else(|| grant.id.to_string(), |name| shown(name).to_owned());
            let label = Sentence::new("page.mailbox.way.account").with("account", account);
            Choice::new(
                grant.id.to_string(),
                label.with("integration", name(grant)).message(language::present()),
            )
        };
        let integration = |integration: &Integration| {
            let label = Sentence::new("page.mailbox.way.integration").with("integration", &integration.name);
            Choice::new(integration.id.to_string(), label.message(language::present()))
        };
        self.grants.iter().map(account).chain(self.integrations.iter().map(integration)).collect()
    }

    /// The account behind such a choice.
    pub(super) fn account(&self, by: &str) -> Option<&str> {
        self.grants.iter().find(|grant| grant.id.to_string() == by)?.account.as_deref()
    }
}

/// Puts what the choice stands for into its place.
pub(super) fn chosen(auth: &mut Map<String, Value>) {
    let Some(Value::String(by)) = auth.remove("by") else { return };
    let mut put = |name: &str, value: &str| drop(auth.insert(name.to_owned(), Value::from(value)));
    match by.split('_').next() {
        Some("grt") => {
            put("method", "oauth2");
            put("grant_id", &by);
        }
        Some("int") => {
            put("method", "oauth2");
            put("integration_id", &by);
        }
        _ => put("method", &by),
    }
}

/// The error with what is wrong with the choice at its field.
pub(super) fn at_choice(mut error: Error) -> Error {
    let place = |field: FieldError| match STANDS_FOR.contains(&field.pointer.as_str()) {
        true => FieldError { pointer: BY.to_owned(), ..field },
        false => field,
    };
    error.fields = error.fields.into_iter().map(place).collect();
    error
}
