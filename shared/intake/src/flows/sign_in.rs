//! Signing in to the server of a mailbox, with its password or a fresh token.

use std::time::Duration;

use secrecy::SecretString;

use crate::{
    App, Sentence, Timestamp,
    error::{Error, Kind, Result},
    explain,
    flows::{grants, refresh},
    limits::{GOOD_BYE, MAX_LITERAL},
    ports::{Credentials, MailError, MailFault, MailTarget, OpenedFolder},
    types::{
        ids::{GrantId, MailboxId},
        mailbox::{MailAuth, Mailbox, Protocol},
        secret::{SecretName, SecretVersion},
    },
};

/// Signs in and opens the folder. The session does not outlast `end` by more than its good-bye.
pub(in crate::flows) async fn open(app: &App, mailbox: &Mailbox, end: Timestamp) -> Result<OpenedFolder> {
    open_raw(app, mailbox, end)
        .await?
        .map_err(|error| explain::sign_in(&error, how(mailbox), &mailbox.server))
}

/// Signs in and opens the folder, with the mail server's fault as it is. A refused token is refreshed once, and no more.
async fn open_raw(
    app: &App,
    mailbox: &Mailbox,
    end: Timestamp,
) -> Result<std::result::Result<OpenedFolder, MailError>> {
    let life = || Duration::try_from(end.duration_since(app.now())).unwrap_or_default() + GOOD_BYE;
    let signing_in = credentials(app, mailbox).await?;
    let first = app.mail.open(&target(mailbox, life()), &signing_in.credentials).await;
    let (Err(MailError { fault: MailFault::AuthenticationRefused { .. }, .. }), Some((grant, version))) =
        (&first, signing_in.token)
    else {
        return Ok(first);
    };
    refresh::refresh_grant(app, grant, refresh::Reason::TokenRefused { version }).await?;
    let again = credentials(app, mailbox).await?;
    Ok(app.mail.open(&target(mailbox, life()), &again.credentials).await)
}

/// What a mailbox signs in with.
pub(in crate::flows) struct SigningIn {
    /// Name and secret.
    pub(in crate::flows) credentials: Credentials,
    /// The account that consented, where the provider told.
    pub(in crate::flows) account: Option<String>,
    /// The grant whose token it is, and which of its tokens.
    pub(in crate::flows) token: Option<(GrantId, SecretVersion)>,
}

impl SigningIn {
    /// Whose mailbox is opened.
    pub(in crate::flows) fn username(&self) -> &str {
        self.credentials.username()
    }
}

/// The password, or a fresh token.
pub(in crate::flows) async fn credentials(app: &App, mailbox: &Mailbox) -> Result<SigningIn> {
    let (grant_id, username) = match &mailbox.auth {
        MailAuth::Password { username, secret_version } => {
            let password = password(app, mailbox.id, secret_version).await?;
            let credentials = Credentials::Password { username: username.clone(), password };
            return Ok(SigningIn { credentials, account: None, token: None });
        }
        MailAuth::OAuth2 { grant_id, username, .. } => (grant_id.ok_or_else(no_consent)?, username.clone()),
    };
    let token = grants::access_token(app, grant_id).await?;
    let username = username.or_else(|| token.account.clone()).ok_or_else(no_username)?;
    let credentials = Credentials::Bearer { username, token: token.access_token };
    Ok(SigningIn { credentials, account: token.account, token: Some((grant_id, token.version)) })
}

/// How a mailbox signs in, for what a refusal means.
pub(in crate::flows) fn how(mailbox: &Mailbox) -> explain::SignIn {
    match mailbox.auth {
        MailAuth::OAuth2 { .. } => explain::SignIn::Token,
        MailAuth::Password { .. } => explain::SignIn::Password,
    }
}

async fn password(app: &App, id: MailboxId, version: &SecretVersion) -> Result<SecretString> {
    let name = SecretName::Mailbox(id);
    if let Some(password) = app.credentials.get(name, version) {
        return Ok(password);
    }
    let password = app.vault.get(name, version).await?;
    app.credentials.keep(name, version, &password);
    Ok(password)
}

pub(in crate::flows) fn target(mailbox: &Mailbox, life: Duration) -> MailTarget {
    let folder = match mailbox.server.protocol {
        Protocol::Imap => mailbox.folder.clone(),
        Protocol::Pop3 => String::new(),
    };
    MailTarget { server: mailbox.server.clone(), folder, max_mail_bytes: MAX_LITERAL, life }
}

pub(in crate::flows) fn no_consent() -> Error {
    Error::told(Kind::NeedsConsent, Sentence::new("consent_missing"))
}

fn no_username() -> Error {
    Error::told(Kind::Configuration, Sentence::new("username_missing"))
}
