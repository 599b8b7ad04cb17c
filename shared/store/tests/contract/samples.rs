//! Records for the contract cases.

use intake::{
    Timestamp,
    ports::{Change, Store, Write},
    types::{
        Version,
        attempt::{Attempt, AttemptStatus, Opening},
        audit::{Actor, AuditEntry, Role},
        grant::{Grant, GrantStatus},
        host::MailHost,
        ids::*,
        integration::{ClientAuthentication, Endpoints, Integration, Prompt, Provider},
        issue::*,
        mailbox::{MailAuth, MailServer, Mailbox, Protocol, Start, Tls},
        message::{Message, MessageState, Reason, ServerId},
        name::Name,
        policy::{RateLimits, SenderPolicy},
        project::{IssueKey, Project, ProjectKey},
        secret::SecretVersion,
        token::{ApiToken, Holder, Session, Visitor},
    },
};

/// A time, seconds after a fixed one in the future of every test run, so that nothing of it is expired or too old.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(4_000_000_000 + seconds).unwrap()
}

pub(crate) fn version() -> SecretVersion {
    SecretVersion::random(&[7; 32])
}

pub(crate) fn integration(n: u32, name: &str) -> Integration {
    let url = |text: &str| text.parse().unwrap();
    Integration {
        id: IntegrationId::from_parts(at(i64::from(n)), n.into()),
        version: Version::FIRST,
        provider: Provider::Custom,
        name: Name::new(name).unwrap(),
        description: String::new(),
        client_id: "client".to_owned(),
        client_secret_version: version(),
        client_secret_changed_at: Some(at(1)),
        client_secret_has_blanks: true,
        client_secret_expires_on: None,
        scopes: vec!["mail".to_owned()],
        tenant: None,
        issuer: None,
        endpoints: Endpoints {
            authorization: url("https://id.example/auth"),
            token: url("https://id.example/token"),
            revocation: Some(url("https://id.example/revoke")),
            authentication: vec![ClientAuthentication::ClientSecretBasic],
        },
        iss_in_callback: true,
        client_authentication: ClientAuthentication::default(),
        prompt: Some(Prompt::new("login").unwrap()),
        redirect_url: url("http://localhost/oauth2/callback/x"),
        created_at: at(0),
        updated_at: at(0),
    }
}

pub(crate) fn grant(n: u32, integration: &Integration) -> Grant {
    Grant {
        id: GrantId::from_parts(at(i64::from(n)), n.into()),
        version: Version::FIRST,
        integration_id: integration.id,
        account: Some("support@example.com".to_owned()),
        subject: None,
        scopes_granted: Vec::new(),
        status: GrantStatus::Active,
        secret_version: Some(version()),
        access_token_expires_at: None,
        refreshed_at: None,
        next_refresh_at: None,
        consecutive_failures: 0,
        last_error: None,
        refresh_started: None,
        life: Default::default(),
        created_at: at(0),
        consented_at: at(0),
    }
}

pub(crate) fn project(key: &str) -> Project {
    Project {
        key: ProjectKey::new(key).unwrap(),
        version: Version::FIRST,
        name: Name::new("Support").unwrap(),
        created_at: at(0),
    }
}

pub(crate) fn mailbox(n: u32, name: &str, auth: MailAuth) -> Mailbox {
    let host = MailHost::new("imap.example.com").unwrap();
    Mailbox {
        id: MailboxId::from_parts(at(i64::from(n)), n.into()),
        version: Version::FIRST,
        name: Name::new(name).unwrap(),
        server: MailServer { protocol: Protocol::Imap, host, port: 993, tls: Tls::Implicit },
        folder: "INBOX".to_owned(),
        auth,
        poll_interval_seconds: 60,
        start: Start::All,
        project: project("SUP").key,
        after_import: None,
        handlers: Vec::new(),
        sender_policy: SenderPolicy::default(),
        rate_limits: RateLimits::default(),
        known_as: None,
        enabled: true,
        deleting: false,
        created_at: at(0),
        updated_at: at(0),
    }
}

pub(crate) fn oauth_mailbox(n: u32, name: &str, integration: &Integration, grant: Option<&Grant>) -> Mailbox {
    mailbox(
        n,
        name,
        MailAuth::OAuth2 { integration_id: integration.id, grant_id: grant.map(|g| g.id), username: None },
    )
}

/// A mailbox with a password, in the store, with its project.
pub(crate) async fn create_mailbox(store: &dyn Store, n: u32) -> Mailbox {
    let auth = MailAuth::Password { username: "u".to_owned(), secret_version: version() };
    let mailbox = mailbox(n, &format!("M{n}"), auth);
    let changes =
        [Change::Project(Write::Create(project("SUP"))), Change::Mailbox(Write::Create(mailbox.clone()))];
    store.commit(&changes).await.unwrap();
    mailbox
}

pub(crate) fn message(mailbox: &Mailbox, n: u32) -> Message {
    let server_id = ServerId::Imap { uid: n };
    Message {
        id: MessageId::derive(mailbox.id, 1, &server_id, at(i64::from(n))),
        mailbox_id: mailbox.id,
        epoch: 1,
        server_id,
        state: MessageState::Applied,
        reason: Reason::Created,
        internet_message_id: Some(format!("m{n}@example.com")),
        subject: "Printer".to_owned(),
        from: None,
        size: 1000,
        issue_key: None,
        comment_id: None,
        attempts: 1,
        failed_readings: 0,
        download: None,
        received_at: at(i64::from(n)),
        arrived: true,
        held_for: None,
        trace: Vec::new(),
        after_import: None,
        written: Default::default(),
    }
}

pub(crate) fn record(message: &Message) -> Change {
    Change::Message { message: Box::new(message.clone()), expected: None }
}

pub(crate) fn person() -> Person {
    Person { name: "Anna".to_owned(), address: "anna@example.com".to_owned() }
}

fn source(message: &Message) -> Source {
    Source { mailbox_id: message.mailbox_id, message_id: message.id, internet_message_id: None, likely: None }
}

pub(crate) fn issue(n: u64, message: &Message) -> Issue {
    Issue {
        key: IssueKey::new(project("SUP").key, n),
        version: Version::FIRST,
        issue_type: "issue".to_owned(),
        summary: "Printer".to_owned(),
        status: IssueStatus::Open,
        reporter: person(),
        body: Body { text: Text::Inline("It burns.".to_owned()), ..Body::default() },
        source: Some(source(message)),
        watchers: Vec::new(),
        assignee: None,
        labels: Vec::new(),
        priority: None,
        comment_count: 0,
        attachment_count: 0,
        created_at: message.received_at,
        updated_at: message.received_at,
        written: Default::default(),
    }
}

pub(crate) fn comment(issue: &Issue, message: &Message) -> Comment {
    Comment {
        id: CommentId::of(message.id),
        issue_key: issue.key.clone(),
        author: person(),
        body: Body::default(),
        source: Some(source(message)),
        created_at: message.received_at,
    }
}

pub(crate) fn attachment(issue: &Issue, message: &Message) -> Attachment {
    Attachment {
        id: AttachmentId::of(message.id, 0),
        issue_key: issue.key.clone(),
        comment_id: Some(CommentId::of(message.id)),
        filename: "a.png".to_owned(),
        content_type: "image/png".to_owned(),
        size: 3,
        sha256: "00".to_owned(),
        inline: false,
        content_id: None,
        blob: BlobKey::file(message.id, 0),
    }
}

pub(crate) fn attempt(of: &Integration) -> Attempt {
    Attempt {
        id: AttemptId::from_parts(at(0), 1),
        integration_id: of.id,
        integration_version: of.version,
        provider: of.provider,
        endpoints: of.endpoints.clone(),
        client_id: of.client_id.clone(),
        client_authentication: of.client_authentication,
        prompt: None,
        issuer: None,
        iss_in_callback: false,
        redirect_url: of.redirect_url.clone(),
        scopes: Vec::new(),
        grant_id: None,
        mailbox_id: None,
        login_hint: None,
        actor: Actor::system(),
        status: AttemptStatus::Pending,
        expires_at: at(900),
        created_at: at(0),
    }
}

pub(crate) fn opening(hash: &str, expires_at: Timestamp) -> Opening {
    let attempt_id = AttemptId::from_parts(at(0), 1);
    Opening {
        state_hash: hash.to_owned(),
        attempt_id,
        nonce: "n".to_owned(),
        browser_hash: "b".to_owned(),
        expires_at,
    }
}

/// When the audit is read.
pub(crate) fn now() -> Timestamp {
    "2026-12-01T00:00:30Z".parse().unwrap()
}

/// Of the minute before that, in two months.
pub(crate) fn audit_entry(n: u32) -> AuditEntry {
    let at = Timestamp::from_second(now().as_second() - 34 + i64::from(n)).unwrap();
    AuditEntry {
        id: AuditId::from_parts(at, n.into()),
        at,
        actor: Actor::system(),
        action: format!("a{n}"),
        subject: format!("x{}", n % 2),
        changes: Vec::new(),
    }
}

pub(crate) fn session(n: u32) -> Session {
    Session {
        hash: format!("session{n}"),
        holder: Holder::Token { token_hash: "hash".to_owned() },
        expires_at: at(i64::from(n) + 3_600),
        created_at: at(i64::from(n)),
        visitor: Visitor { network: Some("192.0.2.0/24".to_owned()), browser: None },
        last_used_at: None,
    }
}

pub(crate) fn token(name: &str, hash: &str) -> ApiToken {
    ApiToken {
        id: TokenId::from_parts(at(0), 1),
        name: Name::new(name).unwrap(),
        hash: hash.to_owned(),
        role: Role::Agent,
        expires_at: None,
        last_used_at: None,
        created_at: at(0),
    }
}
