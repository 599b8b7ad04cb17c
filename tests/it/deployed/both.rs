//! The same mails through the deployed functions and through `maildocket serve` become the same.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    time::{Duration, SystemTime},
};

use futures::{StreamExt, stream};
use reqwest::Method;
use serde_json::{Map, Value, json};
use tests::{
    Api, Maildocket, Servers,
    dovecot::Account,
    maildocket::{PROJECT, id, password},
    mails::mail,
    process::within,
};

use super::scene::{project, shared, text};
use crate::workspace::root;

/// Mails in all.
const MAILS: usize = 300;
/// Of those, written here for what needs more than one mail or a rule.
const WRITTEN: usize = 60;
/// For all of them, in a poller that does other things beside.
const LONGEST: Duration = Duration::from_secs(180);
/// Calls side by side when everything is read.
const SIDE_BY_SIDE: usize = 4;

/// What decides beside the mails.
fn rules() -> Value {
    json!({
        "sender_policy": { "trusted_authserv_ids": ["mx.example.test"], "on_fail": "hold", "on_none": "mark" },
        "handlers": [
            { "name": "Bills", "when": { "subject": "invoice" },
              "then": [{ "set": { "type": "bill", "labels": ["invoice"], "priority": "from_headers" } }] },
            { "name": "Nothing", "when": { "subject": "to be ignored" }, "then": [{ "ignore": {} }] },
            { "name": "Waiting", "when": { "subject": "to be held" }, "then": [{ "hold": {} }] },
            { "name": "No programs", "then": [{ "set": { "attachments": { "leave_out": ["*.exe"] } } }] },
        ],
    })
}

/// Fixtures of every class in turn, in the order of their names.
fn fixtures(count: usize) -> Vec<Vec<u8>> {
    let folder = root().join("tests/fixtures/mail");
    let names = |path: &std::path::Path| {
        let entries = fs::read_dir(path).unwrap().flatten().map(|entry| entry.path());
        let mut all: Vec<_> = entries.collect();
        all.sort();
        all
    };
    let mut classes: Vec<_> = names(&folder)
        .iter()
        .filter(|path| path.is_dir())
        .map(|path| names(path).into_iter().filter(|file| file.extension().is_some_and(|e| e == "eml")))
        .collect();
    assert!(classes.len() >= 13, "the classes were not found");
    let mut chosen = Vec::new();
    while chosen.len() < count {
        let round: Vec<_> = classes.iter_mut().filter_map(Iterator::next).collect();
        assert!(!round.is_empty(), "there are not so many fixtures");
        chosen.extend(round);
    }
    chosen.truncate(count);
    chosen.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Threads, duplicates, automatic answers, forged senders, and what the rules are about.
fn written() -> Vec<Vec<u8>> {
    let above = |verdict: &str, raw: Vec<u8>| {
        let line = format!(
            "Authentication-Results: mx.example.test; dmarc={verdict} header.from=customer.example\r\n"
        );
        [line.into_bytes(), raw].concat()
    };
    let mut all = Vec::new();
    for n in 0..10 {
        let first = format!("thread-{n}");
        let answer = |to: &str| format!("In-Reply-To: <{to}@customer.example>\r\n");
        let original = mail(&first, &format!("Lamp {n}"), "", "It began yesterday.");
        all.push(original.clone());
        all.push(mail(&format!("{first}-a"), &format!("Re: Lamp {n}"), &answer(&first), "Now it is dark."));
        all.push(match n % 5 {
            0 => original,
            1 => mail(
                &format!("{first}-o"),
                "Away",
                &(answer(&first) + "Auto-Submitted: auto-replied\r\n"),
                "Away.",
            ),
            2 => mail(&format!("{first}-b"), "Re: Re: Lamp", &answer(&format!("{first}-a")), "Thanks."),
            // The answer comes before what it answers.
            3 => mail(&format!("{first}-e"), "Re: Early", &answer(&format!("{first}-l")), "The answer."),
            _ => mail(&format!("{first}-o"), "Away", "Auto-Submitted: auto-replied\r\n", "Away."),
        });
        all.push(match n % 5 {
            3 => mail(&format!("{first}-l"), "Early", "", "The question."),
            _ => above("fail", mail(&format!("{first}-f"), &format!("Forged {n}"), "", "Pay at once.")),
        });
        all.push(above(
            "pass",
            mail(&format!("{first}-i"), &format!("Invoice {n}"), "X-Priority: 1\r\n", "Enclosed."),
        ));
        let odd = ["to be ignored", "to be held", "Lists"][n % 3];
        let more = if n % 3 == 2 { "List-Id: <news.example.net>\r\nPrecedence: bulk\r\n" } else { "" };
        all.push(mail(&format!("{first}-x"), odd, more, "Something else."));
    }
    assert_eq!(all.len(), WRITTEN);
    all
}

/// A mailbox with the rules, of an account that got all mails.
async fn mailbox(servers: &Servers, api: &Api, project: &str, mails: &[Vec<u8>]) -> (Account, String) {
    let account = servers.dovecot.account();
    // Received seconds apart, at the same times in both: what came in one second has no order.
    let begin = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000);
    for (n, raw) in (0..).zip(mails) {
        account.deliver_at(raw, begin + Duration::from_secs(n));
    }
    let input = json!({
        "name": "Both", "protocol": "imap", "host": "localhost", "port": servers.dovecot.imaps, "tls": "implicit",
        "auth": password(&account), "start": { "mode": "all" }, "project": project, "enabled": false,
    });
    let mailbox = id(&api.post("/mailboxes", input).await);
    let mut change = rules();
    change["enabled"] = json!(true);
    api.call(Method::PATCH, &format!("/mailboxes/{mailbox}"), Some(change)).await;
    (account, mailbox)
}

/// Everything that mails became, in the order in which it can be compared.
async fn everything(api: &Api, project: &str, mailbox: &str) -> Value {
    let mut records = api.list(&format!("/messages?mailbox_id={mailbox}")).await;
    records.sort_by_key(|record| record["uid"].as_u64());
    let mut issues = api.list(&format!("/issues?project={project}")).await;
    issues.sort_by_key(|issue| issue["number"].as_u64().unwrap_or_else(|| number(text(issue, "key"))));
    let whole = stream::iter(issues)
        .map(async |issue| {
            let place = format!("/issues/{}", text(&issue, "key"));
            let mut whole = api.get(&place).await;
            whole["comments"] = json!(api.list(&format!("{place}/comments")).await);
            whole["files"] = json!(api.list(&format!("{place}/attachments")).await);
            whole
        })
        .buffered(SIDE_BY_SIDE);
    json!({ "messages": records, "issues": whole.collect::<Vec<_>>().await })
}

fn number(key: &str) -> u64 {
    key.rsplit('-').next().unwrap().parse().unwrap()
}

/// What has to differ: identifiers of ours (told by their order), times of the work itself, the account, the address of the
/// installation, and the secrets of its reply addresses.
struct Same<'a> {
    base: &'a str,
    account: &'a str,
    known: BTreeMap<String, String>,
}

impl Same<'_> {
    fn value(&mut self, name: &str, value: &Value) -> Value {
        match value {
            Value::Object(fields) => fields
                .iter()
                .map(|(name, value)| (name.clone(), self.value(name, value)))
                .collect::<Map<_, _>>()
                .into(),
            Value::Array(items) => items.iter().map(|item| self.value(name, item)).collect(),
            Value::String(said) if OF_THE_WORK.contains(&name) => {
                json!(format!("{} letters", said.len().min(1)))
            }
            Value::String(said) => self.text(said).into(),
            other => other.clone(),
        }
    }

    /// Identifiers are a prefix and 26 letters and digits.
    fn text(&mut self, said: &str) -> String {
        let said = said.replace(self.base, "BASE").replace(self.account, "ACCOUNT");
        let mut words = String::new();
        let mut rest = said.as_str();
        while let Some(at) = rest.find(|c: char| c.is_ascii_alphanumeric()) {
            words.push_str(&rest[..at]);
            let end = rest[at..]
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .map_or(rest.len(), |n| at + n);
            let word = &rest[at..end];
            words.push_str(&match word.split_once('_') {
                Some((prefix, tail))
                    if tail.len() == 26 && tail.bytes().all(|b| b.is_ascii_alphanumeric()) =>
                {
                    let next = format!("{prefix}_{}", self.known.len());
                    self.known.entry(word.to_owned()).or_insert(next).clone()
                }
                _ => word.to_owned(),
            });
            rest = &rest[end..];
        }
        words + rest
    }
}

/// Fields that tell of the work and not of the mail.
const OF_THE_WORK: [&str; 6] =
    ["reply_address", "reply_message_id", "updated_at", "changed_at", "processed_at", "imported_at"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_mails_become_the_same_in_both_shapes() {
    let servers = Servers::get().await;
    let stack = shared().await;
    let mut mails = fixtures(MAILS - WRITTEN);
    // Among the others, so that they come in different batches.
    for (n, raw) in written().into_iter().enumerate() {
        mails.insert(n * 5, raw);
    }
    assert_eq!(mails.len(), MAILS);

    let docket = Maildocket::start(servers).await;
    let (here, there) = (&docket.api, &stack.api);
    project(stack, PROJECT, "Support").await;
    let (local, cloud) =
        tokio::join!(mailbox(servers, here, PROJECT, &mails), mailbox(servers, there, PROJECT, &mails));
    let by_hand = here.poll(&local.1).await;
    assert_eq!(by_hand["fetched"], MAILS, "{by_hand}");
    stack.hint(&cloud.1).await;
    within(LONGEST, Duration::from_secs(2), "300 mails through the functions", async || {
        let state = there.get(&format!("/mailboxes/{}", cloud.1)).await["state"].clone();
        (state["last_uid"] == MAILS).then_some(())
    })
    .await;

    let (ours, theirs) =
        tokio::join!(everything(here, PROJECT, &local.1), everything(there, PROJECT, &cloud.1));
    let plain = |all: &Value, base: &str, account: &str| {
        Same { base, account, known: BTreeMap::new() }.value("", all)
    };
    let ours = plain(&ours, &here.base, &local.0.address);
    let theirs = plain(&theirs, &there.base, &cloud.0.address);
    for part in ["messages", "issues"] {
        let (a, b) = (ours[part].as_array().unwrap(), theirs[part].as_array().unwrap());
        assert_eq!(a.len(), b.len(), "{part}");
        for (one, other) in a.iter().zip(b) {
            assert_eq!(one, other, "{part}: serve on the left, the functions on the right");
        }
    }
    every_fate_was_seen(&ours["messages"]);
}

/// What is compared is worth it.
fn every_fate_was_seen(messages: &Value) {
    let fates: BTreeSet<_> =
        messages.as_array().unwrap().iter().map(|m| (text(m, "state"), text(m, "reason"))).collect();
    for wanted in [
        ("applied", "created"),
        ("applied", "commented"),
        ("skipped", "duplicate"),
        ("skipped", "auto_reply"),
        ("skipped", "by_handler"),
        ("held", "by_handler"),
        ("held", "unverified_sender"),
    ] {
        assert!(fates.contains(&wanted), "{wanted:?}: {fates:?}");
    }
}
