//! Every word and every form of an identifier that lies in stores, files and calls, letter by letter: what was written
//! under a word is found under no other. A line may be added here, and none changed.

use std::fmt::Debug;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{
    Class, Problem,
    attempt::AttemptStatus,
    audit::{Role, Via},
    errand::{ErrandStatus, MailAction},
    grant::{GrantStatus, RefreshStarted},
    handler::{Action, Condition, KindWord, Nothing, Reporter, SenderVerdict, Treatment},
    ids::*,
    integration::{ClientAuthentication, Provider},
    issue::{BlobKey, IssueStatus, Text},
    mailbox::{Fingerprint, MailAuth, MailboxStatus, Protocol, Start, StartMode, Tls},
    message::{MessageState, Reason, SeenScope, ServerId},
    project::{IssueKey, ProjectKey},
    renumbering::RenumberingSign,
    secret::{SecretName, SecretVersion},
};
use crate::Timestamp;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// Written so, and read from it.
fn pinned<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: T, stored: Value) {
    assert_eq!(serde_json::to_value(&value).unwrap(), stored);
    assert_eq!(serde_json::from_value::<T>(stored).unwrap(), value);
}

macro_rules! words {
    ($type:ident: $($variant:ident $word:literal),+ $(,)?) => {
        $(pinned($type::$variant, json!($word));
        assert_eq!($type::$variant.as_str(), $word);
        assert_eq!($word.parse(), Ok($type::$variant));)+
        // None is without a line here.
        assert_eq!($type::ALL, [$($type::$variant),+]);
    };
}

#[test]
fn words_stay() {
    words!(Class: Configuration "configuration", Consent "consent", Administrator "administrator",
        Temporary "temporary");
    words!(Role: Reader "reader", Agent "agent", Administrator "administrator");
    words!(Via: Itself "itself", ApiToken "api_token", ConsoleSession "console_session",
        CommandLine "command_line", Page "page");
    words!(ErrandStatus: Pending "pending", Done "done", GivenUp "given_up");
    words!(GrantStatus: Pending "pending", Active "active", Failing "failing", NeedsConsent "needs_consent",
        Revoked "revoked");
    words!(Provider: Google "google", Microsoft "microsoft", Custom "custom");
    words!(ClientAuthentication: ClientSecretPost "client_secret_post",
        ClientSecretBasic "client_secret_basic");
    words!(IssueStatus: Open "open", InProgress "in_progress", Closed "closed");
    words!(Protocol: Imap "imap", Pop3 "pop3");
    words!(Tls: Implicit "implicit", Starttls "starttls", None "none");
    words!(MailboxStatus: New "new", Ok "ok", Importing "importing", Failing "failing",
        NeedsConsent "needs_consent", NeedsAttention "needs_attention", Paused "paused", Deleting "deleting");
    words!(MessageState: Stored "stored", Applied "applied", Skipped "skipped", Held "held", Failed "failed");
    words!(Reason: Created "created", Commented "commented", Duplicate "duplicate", AutoReply "auto_reply",
        Bounce "bounce", Report "report", Renumbered "renumbered", BeforeStart "before_start", Gone "gone",
        UnreadableOnServer "unreadable_on_server", TooLarge "too_large", Unprocessable "unprocessable",
        ByHandler "by_handler", UnverifiedSender "unverified_sender", Loop "loop", Flood "flood",
        Bulk "bulk", Dismissed "dismissed", Pending "pending");
    words!(RenumberingSign: Told "told", WentBack "went_back");
    words!(KindWord: Ordinary "ordinary", AutoReply "auto_reply", Bounce "bounce", Report "report",
        FeedbackReport "feedback_report", ReadReceipt "read_receipt", CalendarAnswer "calendar_answer",
        AggregateReport "aggregate_report", List "list", Bulk "bulk");
    words!(SenderVerdict: Pass "pass", Fail "fail", None "none");
    words!(Reporter: From "from", ReplyTo "reply_to", FirstForwardedSender "first_forwarded_sender");
    words!(Treatment: Accept "accept", Mark "mark", Hold "hold", Ignore "ignore");
}

#[test]
fn words_with_values_stay() {
    let int = IntegrationId::from_parts(at(1), 1);
    let mailbox = MailboxId::from_parts(at(1), 1);
    let project = ProjectKey::new("SUP").unwrap();
    let problem = Problem::default();
    let told = json!({"code": "", "message": "", "action": ""});

    pinned(AttemptStatus::Pending, json!({"status": "pending"}));
    let grant_id = GrantId::from_parts(at(1), 1);
    pinned(AttemptStatus::Done { grant_id }, json!({"status": "done", "grant_id": grant_id}));
    pinned(AttemptStatus::Failed { error: problem }, json!({"status": "failed", "error": told}));
    let oauth2 = MailAuth::OAuth2 { integration_id: int, grant_id: None, username: None };
    pinned(oauth2, json!({"method": "oauth2", "integration_id": int, "grant_id": null, "username": null}));
    let secret_version = SecretVersion::from_stored("5".to_owned());
    pinned(
        MailAuth::Password { username: "u".to_owned(), secret_version },
        json!({"method": "password", "username": "u", "secret_version": "5"}),
    );
    words!(StartMode: NewOnly "new_only", All "all", Since "since");
    for start in [Start::NewOnly, Start::All, Start::Since { since: at(0) }] {
        assert_eq!(serde_json::to_value(start).unwrap()["mode"], start.mode().as_str());
    }
    pinned(Start::NewOnly, json!({"mode": "new_only"}));
    pinned(Start::All, json!({"mode": "all"}));
    pinned(Start::Since { since: at(0) }, json!({"mode": "since", "since": "1970-01-01T00:00:00Z"}));
    for action in [MailAction::MarkSeen, MailAction::Move { folder: "f".to_owned() }, MailAction::Delete] {
        assert_eq!(serde_json::to_value(&action).unwrap()["action"], action.as_str());
    }
    pinned(MailAction::MarkSeen, json!({"action": "mark_seen"}));
    pinned(MailAction::Move { folder: "f".to_owned() }, json!({"action": "move", "folder": "f"}));
    pinned(MailAction::Delete, json!({"action": "delete"}));
    pinned(SeenScope::Mailbox(mailbox), json!({"mailbox": mailbox}));
    pinned(SeenScope::Project(project), json!({"project": "SUP"}));
    pinned(Text::Inline("t".to_owned()), json!({"inline": "t"}));
    pinned(Text::Blob(BlobKey::from_stored("b".to_owned())), json!({"blob": "b"}));
}

#[test]
fn words_of_handlers_stay() {
    for condition in [
        json!({"all": []}),
        json!({"any": []}),
        json!({"not": {"all": []}}),
        json!({"to": "a"}),
        json!({"sub_address": "a"}),
        json!({"from": "a"}),
        json!({"subject": "a"}),
        json!({"header": {"name": "a", "value": "b"}}),
        json!({"kind": "bounce"}),
        json!({"likely": "bounce"}),
        json!({"list": "a"}),
        json!({"size": {"above": 1, "below": 2}}),
        json!({"sender_verdict": "pass"}),
    ] {
        pinned(serde_json::from_value::<Condition>(condition.clone()).unwrap(), condition);
    }
    pinned(Action::CreateOrComment(Nothing {}), json!({"create_or_comment": {}}));
    pinned(Action::Create(Nothing {}), json!({"create": {}}));
    pinned(Action::Comment(Nothing {}), json!({"comment": {}}));
    pinned(Action::AsForwarded(Nothing {}), json!({"as_forwarded": {}}));
    pinned(Action::Ignore(Nothing {}), json!({"ignore": {}}));
    pinned(Action::Hold(Nothing {}), json!({"hold": {}}));
    pinned(Action::Set(Box::default()), json!({"set": {}}));
}

#[test]
fn identifiers_stay() {
    let time = at(1_790_000_000);
    let ids = [
        IntegrationId::from_parts(time, 7).to_string(),
        GrantId::from_parts(time, 7).to_string(),
        AttemptId::from_parts(time, 7).to_string(),
        MailboxId::from_parts(time, 7).to_string(),
        MessageId::from_parts(time, 7).to_string(),
        CommentId::from_parts(time, 7).to_string(),
        AttachmentId::from_parts(time, 7).to_string(),
        TokenId::from_parts(time, 7).to_string(),
        SessionId::from_parts(time, 7).to_string(),
        AuditId::from_parts(time, 7).to_string(),
    ];
    let prefixes = ["int", "grt", "aut", "mbx", "msg", "cmt", "atc", "tok", "ses", "aud"];
    assert_eq!(ids.to_vec(), prefixes.map(|prefix| format!("{prefix}_01M3250V000000000000000007")).to_vec());

    pinned(ServerId::Imap { uid: 7 }, json!("imap:0000000007"));
    pinned(ServerId::Pop3 { hash: "0a".to_owned() }, json!("pop3:0a"));
    pinned(ServerId::File { sha256: "0a".to_owned() }, json!("file:0a"));
    pinned(IssueKey::new(ProjectKey::new("SUP").unwrap(), 42), json!("SUP-42"));
    let mut bytes = [0xab; 32];
    bytes[0] = 1;
    pinned(Fingerprint(bytes), json!(format!("01{}", "ab".repeat(31))));
    pinned(SecretVersion::random(&bytes), json!(format!("01{}", "ab".repeat(31))));
}

#[test]
fn what_is_derived_stays() {
    let time = at(1_790_000_000);
    let (mailbox, grant) = (MailboxId::from_parts(time, 7), GrantId::from_parts(time, 7));
    let message = MessageId::derive(mailbox, 2, &ServerId::Imap { uid: 7 }, time);
    assert_eq!(message.to_string(), "msg_01M3250V008RDK50H3675C4ETX");
    assert_eq!(
        MailboxId::of_imports(&ProjectKey::new("SUP").unwrap()).to_string(),
        "mbx_0000000000JZ7XZNTKR4FH1M1R"
    );
    assert_eq!(CommentId::of(message).to_string(), "cmt_01M3250V008RDK50H3675C4ETX");
    assert_eq!(SessionId::of(time, "0a").to_string(), "ses_01M3250V00GA8E3JF95ZB45719");
    assert_eq!(AttachmentId::of(message, 1).to_string(), "atc_01M3250V00G8SP7YCM38HC4XV7");
    let refresh = RefreshStarted { fence: 3, at: time };
    let version = "a66807274d9e1d4f3162b9011001c13e3e0395b7ed456e4bfdeefabfc83f9b21";
    assert_eq!(SecretVersion::of_refresh(grant, &refresh).as_str(), version);

    let id = "01M3250V000000000000000007";
    assert_eq!(
        SecretName::Integration(IntegrationId::from_parts(time, 7)).to_string(),
        format!("integration/int_{id}")
    );
    assert_eq!(SecretName::Grant(grant).to_string(), format!("grant/grt_{id}"));
    assert_eq!(SecretName::Mailbox(mailbox).to_string(), format!("mailbox/mbx_{id}"));
    let message = MessageId::from_parts(time, 7);
    assert_eq!(BlobKey::raw(message).as_str(), format!("raw/msg_{id}"));
    assert_eq!(BlobKey::file(message, 3).as_str(), format!("files/msg_{id}/3"));
    assert_eq!(BlobKey::leaf(message, 3).as_str(), format!("files/msg_{id}/leaf-3"));
    assert_eq!(BlobKey::text(message, "html").as_str(), format!("text/msg_{id}/html"));
    assert_eq!(BlobKey::roll(mailbox, 3).as_str(), format!("rolls/mbx_{id}/00000000000000000003"));
}
