//! What is told of a provider beside the form of its integration: what to do there, and what to paste.

use intake::{
    App,
    flows::integrations::{self, Generated, ProviderInput, Warning},
    types::{
        given::Given,
        integration::Provider,
        presets::{self, Guide, Preset},
    },
};
use maud::{Markup, html};

use super::frame::{
    parts::{Tone, card, copied, notice},
    words::{whole, word},
};

/// Where the provider of a preset is, as far as the preset says it.
pub(super) fn place_of(preset: &Preset) -> ProviderInput {
    let is_typed = preset.provider == Some(Provider::Custom);
    let endpoint = |text: Option<&str>| match text.filter(|_| is_typed) {
        Some(text) => Given::Value(text.to_owned()),
        None => Given::Absent,
    };
    ProviderInput {
        provider: preset.provider.map(|provider| provider.as_str().to_owned()).into(),
        authorization_endpoint: endpoint(preset.authorization_endpoint),
        token_endpoint: endpoint(preset.token_endpoint),
        ..ProviderInput::default()
    }
}

/// The redirect URL of a preset; None where its endpoints are to be typed first.
pub(super) async fn redirect_url(app: &App, preset: &Preset) -> Option<Generated> {
    integrations::generate(app, place_of(preset)).await.ok()
}

/// What to do at the provider, in order, with what is copied there.
pub(super) fn steps(preset: &Preset, made: Option<&Generated>) -> Markup {
    html! {
        (card(&word("page.provider.before"), list(preset.prerequisites)))
        (card(&word("page.provider.steps"), html! {
            ol.plain { @for step in preset.steps { li { (guide(step)) } } }
            @if preset.provider.is_some() {
                (pasted(preset, made))
            }
        }))
    }
}

fn pasted(preset: &Preset, made: Option<&Generated>) -> Markup {
    html! {
        h3 { (word("page.provider.redirect_url")) }
        @match made {
            Some(made) => { (redirect(made)) }
            None => { p.faint { (word("page.provider.redirect_url.first")) } }
        }
        details {
            summary { (word("page.provider.rules")) }
            (list(preset.redirect_url_rules))
        }
        @if !preset.scopes.is_empty() {
            h3 { (word("page.provider.scopes")) }
            (copied(&word("page.provider.scopes"), &preset.scopes.join(" ")))
        }
    }
}

/// The redirect URL to copy, with what the provider will not like about it.
pub(super) fn redirect(made: &Generated) -> Markup {
    html! {
        (copied(&word("page.provider.redirect_url"), made.redirect_url.as_str()))
        (warned(&made.warnings))
    }
}

/// What will probably not work.
pub(super) fn warned(warnings: &[Warning]) -> Markup {
    html! {
        @for Warning(sentence) in warnings {
            (notice(Tone::Warn, html! { p { (whole(sentence)) } }))
        }
    }
}

fn guide(step: &Guide) -> Markup {
    html! {
        (word(step.text))
        @if let Some(url) = step.url {
            " " a href=(url) target="_blank" rel="noreferrer" { (word("page.provider.open")) }
        }
    }
}

fn list(texts: &[&'static str]) -> Markup {
    html! { ul.plain { @for text in texts { li { (word(text)) } } } }
}

/// Its name; that of a provider without one of its own is a word.
pub(super) fn name(preset: &Preset) -> String {
    match preset.id {
        "custom" => word("page.provider_name.custom"),
        _ => preset.name.to_owned(),
    }
}

/// The name of a provider.
pub(super) fn provider_name(provider: Provider) -> String {
    presets::of_id(provider.as_str()).map(|preset| name(&preset)).unwrap_or_default()
}
