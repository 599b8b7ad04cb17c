//! A new integration: first the provider, then what to do there beside the form to fill in.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use intake::{
    App, Error,
    flows::integrations::{self, Generated, SuggestedClient},
    types::{
        integration::Provider,
        presets::{self, CATALOGUE, Preset},
    },
};
use maud::{Markup, html};
use url::form_urlencoded;

use super::form;
use crate::pages::{
    frame::{
        console::{console, csrf},
        fields::Filled,
        form::{AdministratorForm, Form},
        page,
        parts::{card, on_to, once, refused},
        visitor::{Administrator, Visitor},
        words::word,
    },
    providers,
};

/// What the form is shown with.
pub(in crate::pages) struct Draft {
    pub(in crate::pages) filled: Filled,
    pub(in crate::pages) prompt: String,
    pub(in crate::pages) made: Option<Generated>,
    pub(in crate::pages) suggested: Option<SuggestedClient>,
    pub(in crate::pages) error: Option<Error>,
}

impl Draft {
    /// An empty form for this provider.
    pub(in crate::pages) async fn of(app: &App, preset: &Preset) -> Self {
        let made = providers::redirect_url(app, preset).await;
        let filled = form::of_preset(preset);
        Self { filled, prompt: "null".to_owned(), made, suggested: None, error: None }
    }

    /// The form as it was sent, with what was wrong.
    pub(in crate::pages) async fn again(app: &App, preset: &Preset, sent: &Form, error: Error) -> Self {
        let made = match form::typed_place(sent) {
            Ok(place) => integrations::generate(app, place).await.ok(),
            Err(_) => None,
        };
        let made = match made {
            Some(made) => Some(made),
            None => providers::redirect_url(app, preset).await,
        };
        let filled = Filled::again(sent, &error);
        Self { filled, prompt: form::prompt_sent(sent), made, suggested: None, error: Some(error) }
    }

    /// What the buttons beside Save do: nothing is saved.
    pub(in crate::pages) async fn prepared(app: &App, preset: &Preset, sent: &Form) -> Self {
        let place = match form::typed_place(sent) {
            Ok(place) => integrations::generate(app, place).await,
            Err(error) => Err(error),
        };
        let suggested = (sent.text("do") == Some("suggest")).then(|| integrations::suggest_client(app));
        match place {
            Ok(made) => Self {
                filled: Filled::with(sent.body()),
                prompt: form::prompt_sent(sent),
                made: Some(made),
                suggested,
                error: None,
            },
            Err(error) => Self { suggested, ..Self::again(app, preset, sent, error).await },
        }
    }
}

/// The choice of a provider, or the form of the one that was chosen.
pub(super) async fn page(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    RawQuery(query): RawQuery,
) -> Response {
    match chosen(&query.unwrap_or_default()) {
        Some(preset) => shown(&app, &visitor, &preset, &Draft::of(&app, &preset).await),
        None => console(&visitor, &word("page.integration.new"), choice()),
    }
}

fn chosen(query: &str) -> Option<Preset> {
    let preset = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "preset");
    presets::of_id(&preset?.1).filter(|preset| preset.provider.is_some())
}

/// All known providers that let mail programs in with OAuth 2.0.
fn choice() -> Markup {
    html! {
        p { (word("page.integration.which")) }
        ul.choices {
            @for preset in CATALOGUE.iter().filter(|preset| preset.provider.is_some()) {
                li { a href={ "/integrations/new?preset=" (preset.id) } { (providers::name(preset)) } }
            }
        }
        p.faint { (word("page.integration.by_password")) }
    }
}

fn shown(app: &App, visitor: &Visitor, preset: &Preset, draft: &Draft) -> Response {
    let content = html! {
        (providers::steps(preset, draft.made.as_ref()))
        (editor(app, visitor, preset, draft, "/integrations", html! {}))
    };
    console(visitor, &word("page.integration.new"), content)
}

/// The form, with the buttons that help with it. `path`: where it is sent to be saved; `path` with `/prepare` behind it
/// generates and suggests.
pub(in crate::pages) fn editor(
    app: &App,
    visitor: &Visitor,
    preset: &Preset,
    draft: &Draft,
    path: &str,
    more: Markup,
) -> Markup {
    let Some(provider) = preset.provider else { return html! {} };
    let prepare = format!("{path}/prepare");
    html! {
        form method="post" action=(path) {
            (csrf(visitor)) (once(app)) (more)
            input type="hidden" name="/provider" value=(provider.as_str());
            input type="hidden" name="preset" value=(preset.id);
            @if let Some(error) = &draft.error { (refused(error, &draft.filled, &form::SHOWN)) }
            @if provider != Provider::Google { (card(&word("page.integration.place"), html! {
                (form::place(&draft.filled, provider))
                @if provider == Provider::Custom { (generator(&prepare, draft)) }
            })) }
            (card(&word("page.integration.client"), html! {
                (form::client(&draft.filled, draft.suggested.as_ref()))
                @if provider == Provider::Custom && draft.suggested.is_none() {
                    p { button.second formaction=(prepare) formnovalidate name="do" value="suggest" { (word("page.integration.suggest")) } }
                }
            }))
            (card(&word("page.integration.more"), form::more(&draft.filled, provider, &draft.prompt)))
            div.actions { button { (word("page.integration.save")) } }
        }
    }
}

fn generator(prepare: &str, draft: &Draft) -> Markup {
    html! {
        p { button.second formaction=(prepare) formnovalidate name="do" value="generate" { (word("page.integration.generate")) } }
        @if let Some(made) = &draft.made { (providers::redirect(made)) }
    }
}

fn preset_of(sent: &Form) -> Preset {
    let named = sent.text("preset").and_then(presets::of_id);
    let provider = sent.text("/provider").unwrap_or_default();
    // Without one that fits, that of the provider.
    let fits = |preset: &Preset| preset.provider.is_some_and(|own| own.as_str() == provider);
    let custom = || presets::of_id("custom").unwrap_or(CATALOGUE[0]);
    named.filter(fits).or_else(|| presets::of_id(provider)).unwrap_or_else(custom)
}

/// Generates the redirect URL or suggests a client; nothing is saved.
pub(super) async fn prepare(State(app): State<App>, AdministratorForm(sent): AdministratorForm) -> Response {
    let preset = preset_of(&sent);
    let draft = Draft::prepared(&app, &preset, &sent).await;
    let response = shown(&app, &sent.visitor, &preset, &draft);
    match draft.error {
        Some(error) => page::again(response, error),
        None => response,
    }
}

/// Saves it.
pub(super) async fn create(State(app): State<App>, AdministratorForm(sent): AdministratorForm) -> Response {
    match form::create(&app, &sent).await {
        Ok(saved) => {
            let path = format!("/integrations/{}", saved.integration.id);
            on_to(&path, "created")
        }
        Err(error) => {
            let preset = preset_of(&sent);
            let draft = Draft::again(&app, &preset, &sent, error.clone()).await;
            page::again(shown(&app, &sent.visitor, &preset, &draft), error)
        }
    }
}
