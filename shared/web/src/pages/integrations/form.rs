//! The form of an integration: for a new one, for a change, and in the guide.

use intake::{
    App, Error,
    flows::integrations::{self, IntegrationInput, IntegrationTold, ProviderInput, Saved, SuggestedClient},
    types::{
        integration::{ClientAuthentication, Integration, Provider},
        presets::{Preset, TENANT_WORDS},
    },
};
use maud::{Markup, html};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::pages::frame::{
    fields::{Choice, Filled, Line},
    form::Form,
    parts::copied,
    words::word,
};

/// The fields that the form shows.
pub(in crate::pages) const SHOWN: [&str; 13] = [
    "/name",
    "/description",
    "/client_id",
    "/client_secret",
    "/client_secret_expires_on",
    "/scopes",
    "/tenant",
    "/authorization_endpoint",
    "/token_endpoint",
    "/issuer",
    "/client_authentication",
    "/prompt",
    "/provider",
];
/// What a consent page may be asked to show. The first is what the provider needs, the second leaves the parameter out.
const PROMPTS: [&str; 6] = ["null", "\"\"", "none", "login", "consent", "select_account"];

/// What a new integration of this provider begins with.
pub(in crate::pages) fn of_preset(preset: &Preset) -> Filled {
    let is_typed = preset.provider == Some(Provider::Custom);
    Filled::with(json!({
        "name": preset.name,
        "scopes": preset.scopes,
        "tenant": preset.tenants.first().map(|(tenant, _)| tenant),
        "authorization_endpoint": preset.authorization_endpoint.filter(|_| is_typed),
        "token_endpoint": preset.token_endpoint.filter(|_| is_typed),
    }))
}

/// What stands in the form of one that there is.
pub(in crate::pages) fn of(integration: &Integration) -> Filled {
    Filled::of(&IntegrationTold::of(integration))
}

/// The prompt as its list of choices has it.
pub(in crate::pages) fn prompt_of(integration: &Integration) -> String {
    match integration.prompt.as_ref().map(|prompt| prompt.as_str()) {
        None => PROMPTS[0].to_owned(),
        Some("") => PROMPTS[1].to_owned(),
        Some(words) => words.to_owned(),
    }
}

/// The prompt that was sent.
pub(in crate::pages) fn prompt_sent(form: &Form) -> String {
    form.text("/prompt:json").unwrap_or(PROMPTS[0]).to_owned()
}

/// Where the provider is: computed for Google and Microsoft, but for Microsoft's tenant.
pub(in crate::pages) fn place(filled: &Filled, provider: Provider) -> Markup {
    html! {
        @if provider == Provider::Microsoft {
            (filled.line("/tenant:null", "tenant", Line::Optional))
            ul.plain.faint { @for (tenant, accounts) in TENANT_WORDS { li { code { (tenant) } " – " (word(accounts)) } } }
        }
        @if provider == Provider::Custom {
            (filled.line("/issuer:null", "issuer", Line::Optional))
            (filled.line("/authorization_endpoint", "authorization_endpoint", Line::Optional))
            (filled.line("/token_endpoint", "token_endpoint", Line::Optional))
        }
    }
}

/// Its name, and the client that the provider knows us as.
pub(in crate::pages) fn client(filled: &Filled, suggested: Option<&SuggestedClient>) -> Markup {
    html! {
        (filled.line("/name", "name", Line::Required))
        @match suggested {
            Some(made) => { (suggestion(made)) }
            None => {
                (filled.line("/client_id", "client_id", Line::Required))
                (filled.line("/client_secret:secret", "client_secret", Line::Secret))
            }
        }
        (filled.line("/client_secret_expires_on:null", "client_secret_expires_on", Line::Day))
        (filled.area("/description:text", "description", 2))
    }
}

/// A client that was made up here: shown, because it has to be entered at the provider too.
fn suggestion(made: &SuggestedClient) -> Markup {
    let secret = made.client_secret.expose_secret();
    html! {
        p { (word("page.integration.suggested")) }
        h3 { (word("page.field.client_id")) }
        (copied(&word("page.field.client_id"), &made.client_id))
        input type="hidden" name="/client_id" value=(made.client_id);
        h3 { (word("page.field.client_secret")) }
        (copied(&word("page.field.client_secret"), secret))
        input type="hidden" name="/client_secret:secret" value=(secret);
    }
}

/// What most people leave as it is.
pub(in crate::pages) fn more(filled: &Filled, provider: Provider, prompt: &str) -> Markup {
    let ways = ClientAuthentication::ALL.iter().map(|way| Choice::new(way.as_str(), way.as_str()));
    let ways: Vec<_> = [Choice::new("", word("page.integration.as_told"))].into_iter().chain(ways).collect();
    html! {
        (filled.area("/scopes:lines", "scopes", 4))
        @if provider == Provider::Custom {
            (filled.choice("/client_authentication", "client_authentication", &ways))
        }
        div.field {
            label for="prompt" { (word("page.integration.prompt")) }
            select #prompt name="/prompt:json" {
                @for choice in PROMPTS { option value=(choice) selected[choice == prompt] { (prompt_word(choice)) } }
                @if !PROMPTS.contains(&prompt) { option value=(prompt) selected { (prompt) } }
            }
        }
    }
}

fn prompt_word(choice: &str) -> String {
    match choice {
        "null" => word("page.integration.prompt.needed"),
        "\"\"" => word("page.integration.prompt.left_out"),
        word => word.to_owned(),
    }
}

/// Where the provider is, as far as it was typed.
pub(in crate::pages) fn typed_place(form: &Form) -> Result<ProviderInput, Error> {
    let input: IntegrationInput = form.request()?;
    Ok(ProviderInput {
        provider: input.provider,
        authorization_endpoint: input.authorization_endpoint,
        token_endpoint: input.token_endpoint,
        tenant: input.tenant,
        issuer: input.issuer,
    })
}

/// Makes the integration that a form describes, once.
pub(in crate::pages) async fn create(app: &App, form: &Form) -> Result<Saved, Error> {
    let once = form.once(app, "integrations/new")?;
    integrations::create(app, &form.visitor.actor, form.request()?, once.as_ref()).await
}
