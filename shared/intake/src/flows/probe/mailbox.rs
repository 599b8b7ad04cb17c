//! Testing a mailbox, from its account down to the header of one mail.

use std::time::Duration;

use futures::future::{Either, select};
use tokio::sync::mpsc;

use super::{
    Budget, Step, after_import,
    grant::grant_steps,
    report::{Probe, ProbeReport},
    without_memory,
};
use crate::{
    App, Error, Result, Sentence, Timestamp, explain,
    flows::{refresh, sign_in},
    ports::{Certificate, Credentials, Follower, MailFault, Sight, Stage},
    types::{
        ids::MailboxId,
        mailbox::{MailAuth, Mailbox, Protocol, Tls},
    },
};

const STEPS: [&str; 18] = [
    "settings",
    "consent",
    "client_secret",
    "token_endpoint",
    "client",
    "token",
    "scopes",
    "account",
    "dns",
    "tcp",
    "tls",
    "sasl",
    "sign_in",
    "folder",
    "header",
    "means",
    "rights",
    "target_folder",
];
/// The mail server, from its name to the header.
const MAIL: Duration = Duration::from_secs(16);
/// A certificate that ends within so many days is told to be renewed.
const SOON: i64 = 14;

/// Tests a mailbox, down to reading one header.
pub async fn mailbox(app: &App, id: MailboxId) -> Result<ProbeReport> {
    tested(app, id, None).await
}

/// The same, with each step told as it is known: a test has fewer than twenty, which bounds what waits there.
pub async fn mailbox_followed(
    app: &App,
    id: MailboxId,
    follower: mpsc::UnboundedSender<Step>,
) -> Result<ProbeReport> {
    tested(app, id, Some(follower)).await
}

async fn tested(
    app: &App,
    id: MailboxId,
    follower: Option<mpsc::UnboundedSender<Step>>,
) -> Result<ProbeReport> {
    let app = &without_memory(app);
    let mailbox =
        app.store.mailbox(id).await?.filter(|m| !m.deleting).ok_or_else(|| Error::not_found("mailbox"))?;
    let budget = Budget::of(app);
    let mut probe = Probe::new(&STEPS).told_to(follower);
    probe.passed("settings", settings(&mailbox));
    match &mailbox.auth {
        MailAuth::OAuth2 { grant_id: Some(grant), .. } => {
            grant_steps(app, *grant, budget, false, &mut probe).await?;
        }
        MailAuth::OAuth2 { grant_id: None, .. } => probe.failed("consent", sign_in::no_consent()),
        MailAuth::Password { .. } => {
            for name in ["consent", "client_secret", "token_endpoint", "client", "token", "scopes"] {
                probe.skipped(name, Sentence::new("step.password"));
            }
        }
    }
    if !probe.has_failed() {
        mail_steps(app, &mailbox, budget, &mut probe).await;
    }
    Ok(probe.end("summary.mailbox"))
}

fn settings(mailbox: &Mailbox) -> Sentence {
    let server = &mailbox.server;
    let protocol = if server.protocol == Protocol::Pop3 { "POP3" } else { "IMAP" };
    let tls = match server.tls {
        Tls::Implicit => "TLS",
        Tls::Starttls => "STARTTLS",
        Tls::None => "clear text",
    };
    let told = Sentence::new("step.settings.mailbox").with("protocol", protocol).with("host", &server.host);
    told.with("port", server.port).with("tls", tls)
}

async fn mail_steps(app: &App, mailbox: &Mailbox, budget: Budget, probe: &mut Probe) {
    let signing_in = match budget.ask(app, sign_in::credentials(app, mailbox)).await.and_then(|found| found) {
        Ok(signing_in) => signing_in,
        Err(error) => return probe.failed("account", error),
    };
    if signing_in.token.is_some() {
        probe.passed("account", account(signing_in.account.as_deref(), signing_in.username()));
    } else {
        probe.skipped("account", Sentence::new("step.password"));
    }
    let mut sight = probe_server(app, mailbox, &signing_in.credentials, budget, probe).await;
    // A poll would refresh a refused token once, and so does its test.
    if let (Some((_, error)), Some((grant, version))) = (&sight.end, signing_in.token.clone())
        && matches!(error.fault, MailFault::AuthenticationRefused { .. })
    {
        let reason = refresh::Reason::TokenRefused { version };
        let refreshed = budget.ask(app, refresh::refresh_grant(app, grant, reason)).await;
        if let Err(error) = refreshed.and_then(|refreshed| refreshed) {
            return probe.failed("sign_in", error);
        }
        match budget.ask(app, sign_in::credentials(app, mailbox)).await.and_then(|found| found) {
            Ok(again) => {
                sight = probe_server(app, mailbox, &again.credentials, budget, probe).await;
            }
            Err(error) => return probe.failed("sign_in", error),
        }
    }
    tell(mailbox, signing_in.username(), &sight, app.now(), probe);
}

async fn probe_server(
    app: &App,
    mailbox: &Mailbox,
    credentials: &Credentials,
    budget: Budget,
    probe: &mut Probe,
) -> Sight {
    let target = sign_in::target(mailbox, MAIL);
    let (follower, mut stages) = Follower::new();
    let left = budget.left(app, MAIL);
    let tried = app.mail.probe(&target, credentials, mailbox.after_import.as_ref(), left, follower);
    let mut tried = std::pin::pin!(tried);
    loop {
        match select(tried.as_mut(), std::pin::pin!(stages.recv())).await {
            Either::Left((sight, _)) => return sight,
            Either::Right((Some((stage, seen)), _)) => {
                tell_until(stage, mailbox, credentials.username(), &seen, app.now(), probe);
            }
            Either::Right((None, _)) => return tried.await,
        }
    }
}

/// Whose consent opens whose mailbox.
fn account(account: Option<&str>, username: &str) -> Sentence {
    let Some(account) = account else {
        return Sentence::new("step.account.typed").with("username", username);
    };
    let own = account.eq_ignore_ascii_case(username);
    let told = Sentence::new(if own { "step.account" } else { "step.account.shared" });
    told.with("account", account).with("username", username)
}

fn step_of(stage: Stage) -> &'static str {
    match stage {
        Stage::Resolve => "dns",
        Stage::Connect => "tcp",
        Stage::Tls => "tls",
        Stage::Greet => "sasl",
        Stage::SignIn => "sign_in",
        Stage::Folder => "folder",
        Stage::Header => "header",
        Stage::AfterImport => "means",
    }
}

/// What was seen, as steps.
fn tell(mailbox: &Mailbox, username: &str, sight: &Sight, now: Timestamp, probe: &mut Probe) {
    tell_until(Stage::AfterImport, mailbox, username, sight, now, probe);
    probe.saw_folders(&sight.folders);
    if sight.passed(Stage::AfterImport) {
        after_import::tell(mailbox, sight.prospect.as_ref(), probe);
    }
    if let Some((stage, error)) = &sight.end {
        let bad = matches!(error.fault, MailFault::Certificate | MailFault::Untrusted);
        let seen = sight.certificate.as_ref().filter(|_| bad).map(bad_certificate);
        let of_folder = (*stage == Stage::Folder).then_some(&sight.folders);
        let others = || after_import::other_folders(&mailbox.folder, of_folder?);
        let error = explain::sign_in(error, sign_in::how(mailbox), &mailbox.server);
        probe.failed_with(step_of(*stage), error, seen.or_else(others));
    }
}

/// What went well before this stage.
fn tell_until(
    end: Stage,
    mailbox: &Mailbox,
    username: &str,
    sight: &Sight,
    now: Timestamp,
    probe: &mut Probe,
) {
    const STAGES: [Stage; 7] = [
        Stage::Resolve,
        Stage::Connect,
        Stage::Tls,
        Stage::Greet,
        Stage::SignIn,
        Stage::Folder,
        Stage::Header,
    ];
    for stage in STAGES.into_iter().take_while(|stage| *stage < end && sight.passed(*stage)) {
        let name = step_of(stage);
        match (stage, sight.header) {
            (Stage::Tls, _) if mailbox.server.tls == Tls::None => {
                probe.skipped(name, Sentence::new("step.tls.none"));
            }
            (Stage::Header, None) => probe.skipped(name, Sentence::new("step.header.empty")),
            _ => probe.passed(name, well(stage, mailbox, username, sight, now)),
        }
    }
}

fn well(stage: Stage, mailbox: &Mailbox, username: &str, sight: &Sight, now: Timestamp) -> Sentence {
    let server = &mailbox.server;
    match stage {
        Stage::Resolve if server.host.ip().is_some() => {
            Sentence::new("step.dns.address").with("host", &server.host)
        }
        Stage::Resolve => {
            let addresses: Vec<_> = sight.addresses.iter().map(ToString::to_string).collect();
            Sentence::new("step.dns").with("host", &server.host).with("addresses", addresses.join(", "))
        }
        Stage::Connect => {
            let peer = sight.peer.map(|peer| peer.ip().to_string()).unwrap_or_default();
            Sentence::new("step.tcp").with("port", server.port).with("address", peer)
        }
        Stage::Tls => protection(sight, now),
        Stage::Greet => {
            let key = if sight.offered.is_empty() { "step.sasl.nothing" } else { "step.sasl" };
            let told = Sentence::new(key).with("used", sight.used.unwrap_or("-"));
            if sight.offered.is_empty() { told } else { told.with("offered", sight.offered.join(", ")) }
        }
        Stage::SignIn => Sentence::new("step.sign_in").with("username", username),
        Stage::Folder => {
            let count = sight.folder.map_or(0, |folder| folder.exists);
            match server.protocol {
                Protocol::Imap => {
                    Sentence::new("step.folder").with("folder", &mailbox.folder).with("count", count)
                }
                Protocol::Pop3 => Sentence::new("step.folder.pop3").with("count", count),
            }
        }
        Stage::Header | Stage::AfterImport => {
            Sentence::new("step.header").with("bytes", sight.header.unwrap_or_default())
        }
    }
}

fn protection(sight: &Sight, now: Timestamp) -> Sentence {
    let version = sight.tls_version.unwrap_or("TLS");
    let Some(certificate) = &sight.certificate else {
        return Sentence::new("step.tls.unread").with("version", version);
    };
    let days = certificate.not_after.duration_since(now).as_hours().div_euclid(24);
    let key = if days < SOON { "step.tls.soon" } else { "step.tls" };
    of_certificate(Sentence::new(key), certificate).with("version", version).with("days", days)
}

fn bad_certificate(certificate: &Certificate) -> Sentence {
    of_certificate(Sentence::new("step.tls.bad"), certificate).with("from", day(certificate.not_before))
}

fn of_certificate(told: Sentence, certificate: &Certificate) -> Sentence {
    let told = told.with("names", certificate.names.join(", ")).with("issuer", &certificate.issuer);
    told.with("until", day(certificate.not_after))
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}
