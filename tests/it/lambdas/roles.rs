//! Each function is led down every road that it has, and asks AWS for exactly what its role allows: one permission less,
//! and a road ends in an error; one more, and nobody needs it.

use intake::{
    Timestamp,
    ports::{Change, Consents, CursorMove, Registry, Store, Write},
    types::{
        grant::{Grant, GrantStatus},
        ids::{MailboxId, MessageId},
        mailbox::Mailbox,
        message::{Download, Message, MessageState, Reason, ServerId},
    },
};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    Browser, Person,
    dovecot::Account,
    lambda::Function,
    maildocket::{PROJECT, id, password},
    mails::{mail, with_attachment},
    recorder::{Asked, Recorder},
};

use super::{Cloud, scheduled};
use crate::template::roles::allowed_to;

/// More than lies in an item, and some of it that any answer shows.
const LONG: usize = 70_000;
const SHOWN: usize = 10_000;

/// Where a role differs from what was asked.
#[track_caller]
fn compare(role: &str, recorder: &Recorder) {
    let (asked, allowed) = (recorder.asked(), allowed_to(role));
    let missing: Vec<&Asked> = asked.difference(&allowed).collect();
    let superfluous: Vec<&Asked> = allowed.difference(&asked).collect();
    assert!(
        missing.is_empty() && superfluous.is_empty(),
        "{role} does not allow {missing:#?}, and nobody asks for {superfluous:#?}"
    );
}

/// A mail that becomes an issue with a file and a text in the bucket.
fn heavy(n: &str) -> Vec<u8> {
    let text = format!("{} {n}", "A long complaint. ".repeat(LONG / 10));
    let one = String::from_utf8(with_attachment(n, &format!("Heavy {n}"), b"a file")).unwrap();
    one.replace("The file is attached.", &text).into_bytes()
}

impl Cloud {
    /// A mailbox by password; what is imported is marked on the server, where that can be.
    async fn mailbox(&self, protocol: &str, account: &Account) -> String {
        let dovecot = &self.servers.dovecot;
        let (port, after) = match protocol {
            "imap" => (dovecot.imaps, json!({ "action": "mark_seen" })),
            _ => (dovecot.pop3s, Value::Null),
        };
        let input = json!({
            "name": format!("{protocol} {}", account.address), "protocol": protocol, "host": "localhost",
            "port": port, "tls": "implicit", "auth": password(account), "start": { "mode": "all" },
            "project": PROJECT, "after_import": after,
        });
        id(&self.api.post("/mailboxes", input).await)
    }

    async fn change(&self, method: Method, path: &str, body: Option<Value>) {
        self.api.call(method, path, body).await;
    }

    /// A file and a text that were part of an issue once.
    async fn leave_behind(&self, mailbox: &str) {
        let messages = self.api.list(&format!("/messages?mailbox_id={mailbox}&state=applied")).await;
        for folder in ["files", "text"] {
            self.aws.put_file(&format!("{folder}/{}/former", id(&messages[0])), "former").await;
        }
    }

    /// As if the request that deletes it had died at once.
    async fn is_being_deleted(&self, mailbox: &str) {
        let id: MailboxId = mailbox.parse().unwrap();
        let old = self.store().mailbox(id).await.unwrap().unwrap();
        let new = Mailbox { version: old.version.next(), deleting: true, enabled: false, ..old.clone() };
        self.store().commit(&[Change::Mailbox(Write::Replace { new, old })]).await.unwrap();
    }

    /// As if a call had ended after so many bytes of the next mail of an IMAP mailbox.
    async fn came_in_part(&self, mailbox: &str, (raw, at): (&[u8], Timestamp), bytes: usize) {
        let id: MailboxId = mailbox.parse().unwrap();
        let run = self.store().run(id).await.unwrap().unwrap();
        let cursor = run.cursor.unwrap();
        let server_id = ServerId::Imap { uid: cursor.next_uid };
        let message = Message {
            id: MessageId::derive(id, run.epoch, &server_id, at),
            mailbox_id: id,
            epoch: run.epoch,
            server_id,
            state: MessageState::Stored,
            reason: Reason::UnreadableOnServer,
            internet_message_id: None,
            subject: String::new(),
            from: None,
            size: raw.len() as u64,
            issue_key: None,
            comment_id: None,
            attempts: 0,
            failed_readings: 0,
            download: Some(Download { bytes: bytes as u64, stalls: 0 }),
            received_at: at,
            arrived: false,
            held_for: None,
            trace: Vec::new(),
            after_import: None,
            written: Default::default(),
        };
        let came = std::str::from_utf8(&raw[..bytes]).unwrap();
        self.aws.put_file(&format!("raw/{}", message.id), came).await;
        let waits = CursorMove {
            mailbox_id: id,
            fence: run.fence,
            epoch: run.epoch,
            cursor,
            oldest_unprocessed_at: Some(at),
        };
        let message = Change::Message { message: Box::new(message), expected: None };
        self.store().commit(&[message, Change::Cursor(waits)]).await.unwrap();
    }

    async fn change_grant(&self, grant: &str, change: impl Fn(Grant) -> Grant) {
        let old = self.grant(grant).await;
        let new = Grant { version: old.version.next(), ..change(old.clone()) };
        self.store().commit(&[Change::Grant(Write::Replace { new, old })]).await.unwrap();
    }

    async fn signed_in(&self, account: &Account) -> (String, String, String) {
        let (integration, _) = self.api.integration(self.servers).await;
        let mailbox = self.api.oauth_mailbox(self.servers, &integration).await;
        let grant = self.consent(&integration, json!({ "mailbox_id": mailbox }), account).await;
        (integration, mailbox, grant)
    }

    async fn consent(&self, integration: &str, input: Value, account: &Account) -> String {
        let mut browser = Browser::new(&self.servers.identity.ca_pem);
        let person = Person::Agrees(&account.address);
        let (attempt, page) = self.api.consent(&mut browser, integration, input, person).await;
        assert_eq!(attempt["status"], "done", "{attempt} {page:?}");
        attempt["grant_id"].as_str().unwrap().to_owned()
    }

    async fn project(&self) {
        self.api.post("/projects", json!({ "key": PROJECT, "name": "Support" })).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_asks_for_what_its_role_allows() {
    let cloud = Cloud::start().await;
    let (api, recorder) = (&cloud.api, cloud.asked_by_api.clone());
    cloud.project().await;
    cloud.make_identity_secret(&cloud.client.secret).await;
    assert!(cloud.sign_in_there().await.status.is_success());
    let (account, other) = (cloud.servers.dovecot.account(), cloud.servers.dovecot.account());
    let (integration, by_consent, grant) = cloud.signed_in(&account).await;

    account.deliver(&heavy("1"));
    api.poll(&by_consent).await;
    let issue = api.issues().await[0]["key"].as_str().unwrap().to_owned();
    assert!(api.get(&format!("/issues/{issue}")).await["description_text"].as_str().unwrap().len() > SHOWN);
    let files = api.list(&format!("/issues/{issue}/attachments")).await;
    assert_eq!(api.bytes(&format!("/attachments/{}", id(&files[0]))).await, b"a file");
    let messages = api.list(&format!("/messages?mailbox_id={by_consent}")).await;
    api.bytes(&format!("/messages/{}/raw", id(&messages[0]))).await;
    for list in [format!("/issues?project={PROJECT}&status=open"), format!("/issues?mailbox_id={by_consent}")]
    {
        assert_eq!(api.list(&list).await.len(), 1);
    }
    api.post(&format!("/grants/{grant}/refresh"), json!({})).await;
    cloud.consent(&integration, json!({ "grant_id": grant }), &account).await;

    // By password: an IMAP mailbox whose mails are marked, and a POP3 mailbox with its rolls.
    let imap = cloud.mailbox("imap", &other).await;
    other.deliver(&mail("2", "One more", "", "text"));
    api.poll(&imap).await;
    let pop3 = cloud.mailbox("pop3", &other).await;
    api.poll(&pop3).await;
    other.deliver(&mail("3", "And one", "", "text"));
    api.poll(&pop3).await;
    let renewed = json!({ "auth": password(&other) });
    cloud.change(Method::PATCH, &format!("/mailboxes/{pop3}"), Some(renewed)).await;

    cloud.leave_behind(&by_consent).await;
    for mailbox in [&by_consent, &imap, &pop3] {
        cloud.change(Method::DELETE, &format!("/mailboxes/{mailbox}"), None).await;
    }
    // What the issue names is all that is left of the mail.
    let left = cloud.aws.files().await;
    assert!(left.len() == 2 && left.iter().all(|name| !name.ends_with("former")), "{left:?}");
    assert_eq!(api.bytes(&format!("/attachments/{}", id(&files[0]))).await, b"a file");
    assert!(api.get(&format!("/issues/{issue}")).await["description_text"].as_str().unwrap().len() > SHOWN);

    cloud.change(Method::DELETE, &format!("/grants/{grant}"), None).await;
    let secret = json!({ "client_secret": "another-secret" });
    cloud.change(Method::PATCH, &format!("/integrations/{integration}"), Some(secret)).await;
    cloud.change(Method::DELETE, &format!("/integrations/{integration}"), None).await;
    compare("ApiRole", &recorder);
}

async fn polled(cloud: &Cloud, poller: &Function, mailbox: &str) {
    let hint =
        json!({ "mailbox_ids": [mailbox], "planned_at": Timestamp::now(), "rescan": true }).to_string();
    let event = json!({ "Records": [{ "messageId": "one", "body": hint, "eventSource": "aws:sqs" }] });
    let answer = poller.invoke(event).await.unwrap();
    assert_eq!(answer, json!({ "batchItemFailures": [] }), "{}", poller.log());
    let state = &cloud.api.get(&format!("/mailboxes/{mailbox}")).await["state"];
    assert_eq!(state["status"], "ok", "{state} {}", poller.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_poller_asks_for_what_its_role_allows() {
    let cloud = Cloud::start().await;
    cloud.project().await;
    let (account, other) = (cloud.servers.dovecot.account(), cloud.servers.dovecot.account());
    let (_, by_consent, _) = cloud.signed_in(&account).await;
    let imap = cloud.mailbox("imap", &other).await;
    let pop3 = cloud.mailbox("pop3", &other).await;
    let (poller, recorder) = cloud.recorded("poller").await;

    cloud.due(&by_consent).await;
    poller.invoke(scheduled()).await.unwrap();
    // Its token has ended: the poll refreshes it.
    account.deliver(&heavy("1"));
    cloud.servers.authority.expire(&account.address).await;
    polled(&cloud, &poller, &by_consent).await;
    for n in ["2", "3"] {
        other.deliver(&mail(n, &format!("Mail {n}"), "", "text"));
        polled(&cloud, &poller, &imap).await;
        polled(&cloud, &poller, &pop3).await;
    }

    let large = with_attachment("4", "Large", &vec![b'x'; 1_500_000]);
    // Servers tell whole seconds.
    let at = Timestamp::from_second(Timestamp::now().as_second()).unwrap();
    cloud.came_in_part(&imap, (&large, at), 1_000_000).await;
    let seconds = u64::try_from(at.as_second()).unwrap();
    other.deliver_at(&large, std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds));
    polled(&cloud, &poller, &imap).await;
    let issues = cloud.api.issues().await;
    assert!(issues.iter().any(|issue| issue["summary"] == "Large"), "{issues:?}");

    cloud.leave_behind(&by_consent).await;
    for mailbox in [&by_consent, &imap, &pop3] {
        cloud.is_being_deleted(mailbox).await;
    }
    let purge = json!({ "source": "maildocket.schedule", "detail-type": "Purge" });
    assert_eq!(poller.invoke(purge).await.unwrap(), json!({ "gone": 3 }), "{}", poller.log());
    let left = cloud.aws.files().await;
    // What issues show stays: two attachments, and the text that no record holds.
    let of = |kind: &str| left.iter().filter(|name| name.starts_with(kind)).count();
    assert_eq!((of("files/"), of("text/"), left.len()), (2, 1, 3), "{left:?}");
    compare("PollerRole", &recorder);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_refresher_asks_for_what_its_role_allows() {
    let cloud = Cloud::start().await;
    cloud.project().await;
    let (account, lost) = (cloud.servers.dovecot.account(), cloud.servers.dovecot.account());
    let (integration, mailbox, grant) = cloud.signed_in(&account).await;
    let dead = cloud.consent(&integration, json!({}), &lost).await;
    let ended = cloud.consent(&integration, json!({}), &cloud.servers.dovecot.account()).await;
    let soon = jiff::tz::Offset::UTC.to_datetime(Timestamp::now()).date().tomorrow().unwrap();
    let change = json!({ "client_secret_expires_on": soon.to_string() });
    cloud.change(Method::PATCH, &format!("/integrations/{integration}"), Some(change)).await;
    // One is due, one was revoked at the provider, and the deletion of one was cut off by a crash.
    cloud.servers.authority.revoke(&lost.address).await;
    let due = |grant: Grant| Grant { next_refresh_at: Some(Timestamp::now()), ..grant };
    cloud.change_grant(&grant, due).await;
    cloud.change_grant(&dead, due).await;
    cloud.change_grant(&ended, |grant| Grant { status: GrantStatus::Revoked, ..due(grant) }).await;

    let (refresher, recorder) = cloud.recorded("refresher").await;
    let counts = refresher.invoke(scheduled()).await.unwrap();
    assert_eq!(counts, json!({ "refreshed": 1, "failed": 1, "left": 0 }), "{}", refresher.log());
    let log = refresher.log();
    assert!(log.contains("client_secret_expires_soon"), "the end of the client secret was not told: {log}");
    assert!(!log.contains("access_denied"), "{log}");
    assert_eq!(cloud.grant(&dead).await.status, GrantStatus::NeedsConsent);
    assert!(cloud.store().grant(ended.parse().unwrap()).await.unwrap().is_none());
    assert_eq!(cloud.api.get(&format!("/mailboxes/{mailbox}")).await["state"]["status"], "new");
    compare("RefresherRole", &recorder);
}
