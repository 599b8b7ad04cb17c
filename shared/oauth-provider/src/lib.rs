#![doc = include_str!("../README.md")]

mod answer;
mod config;
mod discovery;
mod failure;
mod gate;
mod http;
mod identity;
mod metadata;
mod tokens;

use async_trait::async_trait;
use intake::{
    ports::{
        AuthorizationRequest, Client, CodeExchange, Discovered, OAuthError, OAuthFault, OAuthProvider,
        Reached, TokenAnswer, Unreached,
    },
    types::{
        identity::Claims,
        integration::{ClientAuthentication, Prompt, Provider},
        presets,
    },
};
use oauth2::{
    AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, basic::BasicClient,
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

pub use config::ProviderConfig;
use http::Http;

/// Where Google ends tokens (RFC 7009).
const GOOGLE_REVOCATION: &str = "https://oauth2.googleapis.com/revoke";

/// OAuth 2.0 providers over HTTPS.
pub struct HttpProvider {
    http: Http,
}

impl HttpProvider {
    /// A client with these limits. `Kind::Installation` where the extra roots are not certificates.
    pub fn new(config: ProviderConfig) -> intake::Result<Self> {
        Ok(Self { http: Http::new(config)? })
    }

    /// Asks the token endpoint, in the client's way, and once in the other where that may be what was refused: nothing was
    /// spent by it, because the client comes first (RFC 6749 section 3.2.1).
    async fn token_call(
        &self,
        client: &Client,
        form: Vec<(&str, String)>,
        context: &str,
    ) -> Result<TokenAnswer, OAuthError> {
        let (error, status) = match self.ask(client, form.clone(), context).await {
            Ok(tokens) => return Ok(tokens),
            Err(refusal) => refusal,
        };
        let other = client.authentication.other();
        if client.provider != Provider::Custom || !failure::is_about_the_sign_in(&error, status) {
            return Err(error);
        }
        let tried = vec![client.authentication];
        if !may_be_the_other(client, &error) {
            return Err(OAuthError { tried, ..error });
        }
        let again = Client { authentication: other, ..client.clone() };
        match self.ask(&again, form, context).await {
            Err((second, status)) if failure::is_about_the_sign_in(&second, status) => {
                Err(OAuthError { tried: vec![client.authentication, other], ..error })
            }
            answer => answer.map_err(|(error, _)| error),
        }
    }

    /// One request; with a refusal its status, 0 where there was no answer.
    async fn ask(
        &self,
        client: &Client,
        mut form: Vec<(&str, String)>,
        context: &str,
    ) -> Result<TokenAnswer, (OAuthError, u16)> {
        let basic = authenticate(client, &mut form);
        let posted = self.http.post_form(&client.endpoints.token, &form, basic, context).await;
        let answer = posted.map_err(|error| (tokens::on_a_bad_day(client.provider, error), 0))?;
        tokens::tokens(client.provider, client.authentication, &answer, context)
            .map_err(|error| (failure::without(error, &secrets_of(client, &form)), answer.status))
    }
}

#[async_trait]
impl OAuthProvider for HttpProvider {
    fn authorization_url(&self, request: &AuthorizationRequest) -> Url {
        let client = BasicClient::new(ClientId::new(request.client_id.clone()))
            .set_auth_uri(AuthUrl::from_url(request.authorization_endpoint.clone()))
            .set_redirect_uri(RedirectUrl::from_url(request.redirect_url.clone()));
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(
            request.code_verifier.clone(),
        ));
        let state = request.state.clone();
        let mut url = client
            .authorize_url(move || CsrfToken::new(state))
            .add_scopes(request.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(challenge)
            .add_extra_param("nonce", request.nonce.clone());
        for (name, value) in extra_parameters(request.provider) {
            url = url.add_extra_param(*name, *value);
        }
        let prompt = request.prompt.as_ref().map_or(usual_prompt(request.provider), Prompt::as_str);
        if !prompt.is_empty() {
            url = url.add_extra_param("prompt", prompt.to_owned());
        }
        if let Some(hint) = &request.login_hint {
            url = url.add_extra_param("login_hint", hint.clone());
        }
        url.url().0
    }

    async fn identify(
        &self,
        client: &Client,
        exchange: &CodeExchange,
        keys: &Url,
    ) -> Result<Claims, OAuthError> {
        let context = "read the provider's keys";
        let signed = self.exchange_code(client, exchange).await?.signed;
        let answer = self.http.get(keys, context).await?;
        if !answer.is_success() {
            return Err(failure::of_answer(&answer, context));
        }
        let token = signed.as_ref().map(ExposeSecret::expose_secret).unwrap_or_default();
        identity::claims(token, &answer.object(), "check the ID token")
    }

    async fn exchange_code(
        &self,
        client: &Client,
        exchange: &CodeExchange,
    ) -> Result<TokenAnswer, OAuthError> {
        let form = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", exchange.code.expose_secret().to_owned()),
            ("redirect_uri", exchange.redirect_url.to_string()),
            ("code_verifier", exchange.code_verifier.expose_secret().to_owned()),
        ];
        self.token_call(client, form, "exchange the authorization code").await
    }

    async fn refresh(
        &self,
        client: &Client,
        refresh_token: &SecretString,
        scopes: &[String],
    ) -> Result<TokenAnswer, OAuthError> {
        let context = "refresh the access token";
        let form = vec![
            ("grant_type", "refresh_token".to_owned()),
            ("refresh_token", refresh_token.expose_secret().to_owned()),
        ];
        let with_scope = || {
            let mut form = form.clone();
            form.push(("scope", scopes.join(" ")));
            form
        };
        // Microsoft gives a token for the first resource it thinks of, or none (AADSTS900144), when no scope says which.
        if is_microsoft(client) && !scopes.is_empty() {
            return self.token_call(client, with_scope(), context).await;
        }
        // RFC 6749 section 6: without a scope it is the one that was granted, which is right at everybody else; what was
        // asked for may be more than what was granted, and would be refused.
        match self.token_call(client, form.clone(), context).await {
            Err(error) if !scopes.is_empty() && failure::wants_a_scope(&error) => {
                self.token_call(client, with_scope(), context).await
            }
            answer => answer,
        }
    }

    async fn revoke(&self, client: &Client, token: &SecretString) -> Result<bool, OAuthError> {
        let context = "revoke the grant";
        let mut form = vec![("token", token.expose_secret().to_owned())];
        let (url, basic) = match (client.provider, &client.endpoints.revocation) {
            // Google knows by the token whose it is.
            (Provider::Google, _) => (Url::parse(GOOGLE_REVOCATION).ok(), None),
            (Provider::Custom, Some(url)) => {
                form.push(("token_type_hint", "refresh_token".to_owned()));
                (Some(url.clone()), authenticate(client, &mut form))
            }
            (Provider::Custom, None) | (Provider::Microsoft, _) => return Ok(false),
        };
        let url = url.ok_or_else(|| failure::fault(OAuthFault::Configuration, context))?;
        let answer = self.http.post_form(&url, &form, basic, context).await?;
        if answer.is_success() {
            return Ok(true);
        }
        let error = failure::without(failure::of_answer(&answer, context), &secrets_of(client, &form));
        // A token that is not known any more is as good as revoked.
        match error.error.as_deref() {
            Some("invalid_token" | "invalid_grant") if answer.status == 400 => Ok(true),
            _ => Err(error),
        }
    }

    async fn discover(&self, issuer: &Url) -> Result<Discovered, OAuthError> {
        let context = "read the provider's metadata";
        let mut last = failure::fault(OAuthFault::NotAnEndpoint, context);
        for url in metadata_urls(issuer) {
            let found = match self.http.get(&url, context).await {
                Ok(answer) if answer.is_success() => metadata::metadata(issuer, &answer, context),
                Ok(answer) => {
                    last = failure::of_answer(&answer, context);
                    continue;
                }
                Err(error) => Err(error),
            };
            match found {
                // Some servers show a page for every path that they do not know.
                Err(error) if error.fault == OAuthFault::NotAnEndpoint => last = error,
                found => return found,
            }
        }
        Err(last)
    }

    async fn reach(&self, url: &Url) -> Result<Reached, Unreached> {
        self.http.reach(url).await
    }
}

/// Where an issuer's metadata may be: behind its path (OpenID Connect Discovery section 4), or between host and path (RFC
/// 8414 section 3.1 and, for the older name, section 5).
fn metadata_urls(issuer: &Url) -> Vec<Url> {
    let path = issuer.path().trim_end_matches('/');
    let mut paths = vec![
        format!("{path}/.well-known/openid-configuration"),
        format!("/.well-known/oauth-authorization-server{path}"),
        format!("/.well-known/openid-configuration{path}"),
    ];
    if path.is_empty() {
        paths.truncate(2);
    }
    let at = |path: String| {
        let mut url = issuer.clone();
        url.set_path(&path);
        url
    };
    paths.into_iter().map(at).collect()
}

/// RFC 6749 section 2.3.1: the client's credentials as fields of the form, or for a header.
fn authenticate<'a>(
    client: &'a Client,
    form: &mut Vec<(&str, String)>,
) -> Option<(&'a str, &'a SecretString)> {
    match client.authentication {
        ClientAuthentication::ClientSecretBasic => Some((client.id.as_str(), &client.secret)),
        ClientAuthentication::ClientSecretPost => {
            form.push(("client_id", client.id.clone()));
            if !client.secret.expose_secret().is_empty() {
                form.push(("client_secret", client.secret.expose_secret().to_owned()));
            }
            None
        }
    }
}

/// Whether a refused client may be one that signs in the other way: the metadata do not say that it signs in like this, or
/// the provider's words name the other way, because its clients have one each.
fn may_be_the_other(client: &Client, error: &OAuthError) -> bool {
    let told = &client.endpoints.authentication;
    let named = error.description.as_deref().unwrap_or_default();
    !told.contains(&client.authentication) || named.contains(client.authentication.other().as_str())
}

/// Its endpoints are Microsoft's, also those of a national cloud that was entered as Custom.
fn is_microsoft(client: &Client) -> bool {
    client.provider == Provider::Microsoft
        || presets::owner(&client.endpoints.token) == Some(Provider::Microsoft)
}

/// What was sent and is nobody's business: a provider may say it again.
fn secrets_of<'a>(client: &'a Client, form: &'a [(&str, String)]) -> Vec<&'a str> {
    const SECRET: [&str; 4] = ["code", "code_verifier", "refresh_token", "token"];
    let sent = form.iter().filter(|(name, _)| SECRET.contains(name)).map(|(_, value)| value.as_str());
    sent.chain([client.secret.expose_secret()]).collect()
}

/// What a provider needs to be told so that it gives a refresh token and answers as we read it.
fn extra_parameters(provider: Provider) -> &'static [(&'static str, &'static str)] {
    match provider {
        Provider::Google => &[("access_type", "offline")],
        Provider::Microsoft => &[("response_mode", "query")],
        Provider::Custom => &[],
    }
}

/// What its page is asked to show where nobody says otherwise.
fn usual_prompt(provider: Provider) -> &'static str {
    match provider {
        Provider::Microsoft => "select_account",
        // OpenID Connect Core section 11: offline_access needs the consent page. Google gives a refresh token with it only.
        Provider::Google | Provider::Custom => "consent",
    }
}

#[cfg(test)]
mod tests;
