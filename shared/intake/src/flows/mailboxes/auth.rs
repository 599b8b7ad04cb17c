//! How a mailbox signs in: what is typed, against the accounts and integrations that there are.

use secrecy::{ExposeSecret, SecretString};

use crate::{
    App, Result, Sentence,
    error::FieldErrors,
    request,
    types::{
        given::{self, Given},
        grant::{Grant, GrantStatus},
        ids::{GrantId, IntegrationId},
        integration::{Integration, Provider},
        mailbox::{AuthMethod, MailAuth, MailServer, Mailbox, Tls},
        presets,
        secret::SecretVersion,
    },
};

const MAX_PASSWORD: usize = 1_000;

request! {
    /// How a mailbox signs in: `{method: "oauth2", grant_id | integration_id, username?}` or
    /// `{method: "password", username, password}`.
    pub struct AuthInput {
        /// By a token or by a password.
        #[schema(value_type = AuthMethod, required)]
        method: String,
        /// A signed-in account, or …
        #[schema(value_type = String)]
        grant_id: String,
        /// … an integration under which an account is going to sign in.
        #[schema(value_type = String)]
        integration_id: String,
        /// The mailbox to open, the grant's account by default; the login name with a password.
        #[schema(value_type = String, min_length = 1, max_length = 320)]
        username: String,
        /// With a password only.
        #[schema(value_type = String, format = Password, min_length = 1, max_length = 1000)]
        password: SecretString,
    }
}

/// How a mailbox signs in, with a password that is not in the vault yet.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    pub(super) auth: Option<MailAuth>,
    pub(super) password: Option<SecretString>,
    /// Whose mailbox is opened, where that is known.
    pub(super) username: Option<String>,
}

/// Reads `auth`, merged with what is there where the method stays.
pub(super) async fn resolve(
    app: &App,
    given: Given<AuthInput>,
    server: Option<&MailServer>,
    present: Option<&Mailbox>,
    e: &mut FieldErrors,
) -> Result<Resolved> {
    let input = match given {
        Given::Value(input) => input,
        Given::Absent if present.is_some() => AuthInput::default(),
        _ => {
            e.add("/auth", "field.required");
            return Ok(Resolved::default());
        }
    };
    let was = present.map(|present| present.auth.method());
    let method = input
        .method
        .clone()
        .required(e, "/auth/method", was, |text| text.parse::<AuthMethod>().map_err(|_| "field.method"));
    let present = present.filter(|_| was == method);
    match method {
        Some(AuthMethod::Password) => Ok(password(app, input, server, present, e)),
        Some(AuthMethod::OAuth2) => oauth2(app, input, server, present.map(|present| &present.auth), e).await,
        None => Ok(Resolved::default()),
    }
}

fn password(
    app: &App,
    input: AuthInput,
    server: Option<&MailServer>,
    present: Option<&Mailbox>,
    e: &mut FieldErrors,
) -> Resolved {
    for (pointer, given) in [
        ("/auth/grant_id", input.grant_id.is_value()),
        ("/auth/integration_id", input.integration_id.is_value()),
    ] {
        if given {
            e.add(pointer, "field.oauth2_only");
        }
    }
    let stored = present.and_then(|present| match &present.auth {
        MailAuth::Password { username, secret_version } => Some((username.clone(), secret_version.clone())),
        MailAuth::OAuth2 { .. } => None,
    });
    let name =
        input.username.required(e, "/auth/username", stored.as_ref().map(|(name, _)| name.clone()), |text| {
            username(&text)
        });
    // A stored password never goes anywhere else.
    let moved = present.zip(server).is_some_and(|(present, server)| present.server != *server);
    let keeps = stored.map(|(_, version)| version).filter(|_| !moved);
    if matches!(input.password, Given::Absent | Given::Null) && moved {
        e.refuse("/auth/password", "password_required", "field.password_again");
        return Resolved::default();
    }
    let typed = match (input.password, &keeps) {
        (Given::Absent, Some(_)) => None,
        (given, _) => {
            given.required(e, "/auth/password", None, |secret| match secret.expose_secret().len() {
                1..=MAX_PASSWORD => Ok(secret),
                _ => Err("field.password_bytes"),
            })
        }
    };
    let version = match &typed {
        Some(_) => Some(SecretVersion::random(&app.random())),
        None => keeps,
    };
    let auth = name.clone().zip(version);
    Resolved {
        auth: auth.map(|(username, secret_version)| MailAuth::Password { username, secret_version }),
        password: typed,
        username: name,
    }
}

async fn oauth2(
    app: &App,
    input: AuthInput,
    server: Option<&MailServer>,
    present: Option<&MailAuth>,
    e: &mut FieldErrors,
) -> Result<Resolved> {
    if input.password.is_value() {
        e.add("/auth/password", "field.password_only");
    }
    let (present_grant, present_integration, present_name) = match present {
        Some(MailAuth::OAuth2 { grant_id, integration_id, username }) => {
            (*grant_id, Some(*integration_id), username.clone())
        }
        _ => (None, None, None),
    };
    let name = input.username.optional(e, "/auth/username", present_name, |text| username(&text));
    let named = input.grant_id.is_value() || input.integration_id.is_value();
    let wanted = "field.existing_id";
    let grant_id =
        input.grant_id.optional(e, "/auth/grant_id", None, |t| t.parse::<GrantId>().map_err(|_| wanted));
    let integration_id = input
        .integration_id
        .optional(e, "/auth/integration_id", None, |t| t.parse::<IntegrationId>().map_err(|_| wanted));
    // The integration that is there already keeps its account.
    let same_integration = integration_id.is_none() || integration_id == present_integration;
    let grant_id = grant_id.or(present_grant.filter(|_| same_integration));
    let grant = match grant_id {
        Some(id) => usable_grant(app, id, present_grant, e).await?,
        None => None,
    };
    let integration_id = match (&grant, integration_id.or(present_integration)) {
        (Some(grant), Some(named)) if integration_id.is_some() && grant.integration_id != named => {
            e.add("/auth/integration_id", "field.other_integration");
            return Ok(Resolved::default());
        }
        (Some(grant), _) => grant.integration_id,
        (None, Some(id)) => id,
        (None, None) => {
            if !named {
                e.add("/auth", "field.grant_or_integration");
            }
            return Ok(Resolved::default());
        }
    };
    let Some(integration) = app.store.integration(integration_id).await? else {
        e.add("/auth/integration_id", "field.missing.integration");
        return Ok(Resolved::default());
    };
    if let Some(server) = server {
        check_host(&integration, server, e);
    }
    let account = grant.as_ref().and_then(|grant| grant.account.clone());
    if grant.is_some() && account.is_none() && name.is_none() {
        e.add("/auth/username", "field.username_required");
    }
    let auth =
        MailAuth::OAuth2 { integration_id, grant_id: grant.map(|grant| grant.id), username: name.clone() };
    Ok(Resolved { auth: Some(auth), password: None, username: name.or(account) })
}

/// The grant that is there already may be dead: a change of the mailbox's name must not fail for that.
async fn usable_grant(
    app: &App,
    id: GrantId,
    present: Option<GrantId>,
    e: &mut FieldErrors,
) -> Result<Option<Grant>> {
    let grant = app.store.grant(id).await?;
    let usable = |grant: &Grant| !matches!(grant.status, GrantStatus::Pending | GrantStatus::Revoked);
    let grant = grant.filter(|grant| usable(grant) || present == Some(id));
    if grant.is_none() {
        e.add("/auth/grant_id", "field.missing.grant");
    }
    Ok(grant)
}

/// A token of Google or Microsoft goes to their own mail hosts only.
fn check_host(integration: &Integration, server: &MailServer, e: &mut FieldErrors) {
    let Some(hosts) = presets::mail_hosts(integration.provider) else { return };
    let provider = if integration.provider == Provider::Google { "Google" } else { "Microsoft" };
    if !hosts.contains(&server.host.as_str()) {
        e.refuse(
            "/host",
            "host_not_of_provider",
            Sentence::new("field.mail_hosts").with("hosts", hosts.join(", ")).with("provider", provider),
        );
    }
    if server.tls == Tls::None {
        e.add("/tls", "field.tls");
    }
}

/// A login name or address: one line, kept as typed but for blanks around it.
fn username(text: &str) -> Result<String, Sentence> {
    given::line(text, 320)
}
