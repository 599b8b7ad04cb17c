//! `kill -9` in the middle of an import: nothing lost, nothing doubled.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use serde_json::json;
use tests::{Maildocket, Servers, mails::mail};

/// Mails of the import.
const MAILS: usize = 1_500;
/// Every fifth mail answers the one before it.
const THREAD: usize = 5;
/// How often the process is killed.
const KILLS: u32 = 30;
/// The longest life of a process, in milliseconds: short enough for all kills to hit the import.
const LONGEST: u64 = 300;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_kills_lose_nothing_and_double_nothing() {
    let servers = Servers::get().await;
    let mut docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    for number in 0..MAILS {
        let answers = number % THREAD == THREAD - 1;
        let more = if answers {
            format!("In-Reply-To: <{}@customer.example>\r\n", number - 1)
        } else {
            String::new()
        };
        account.deliver(&mail(&number.to_string(), &format!("Mail {number}"), &more, "text"));
    }
    let mailbox = docket.api.password_mailbox(servers, &account).await;

    let mut random = random();
    let begun = Instant::now();
    let mut hit = 0;
    for kill in 0..KILLS {
        let poll = {
            let (api, mailbox) = (docket.api.clone(), mailbox.clone());
            tokio::spawn(async move { api.ask(&format!("/mailboxes/{mailbox}/poll")).await })
        };
        tokio::time::sleep(Duration::from_millis(random() % LONGEST)).await;
        docket.kill();
        poll.abort();
        docket.start_again().await;
        let done = docket.api.list(&format!("/messages?mailbox_id={mailbox}")).await.len();
        println!("kill {kill} after {:?}: {done} of {MAILS}", begun.elapsed());
        hit += u32::from(done < MAILS);
    }
    assert!(hit > KILLS / 2, "the import was over too early: {hit} kills hit it");
    docket.api.poll(&mailbox).await;
    verify(&docket, &mailbox).await;
    assert_eq!(docket.api.poll(&mailbox).await["fetched"], json!(0));
}

/// A simple generator, seeded by the clock: the moments that are hit differ from run to run.
fn random() -> impl FnMut() -> u64 {
    let mut state = u64::from(std::time::UNIX_EPOCH.elapsed().unwrap().subsec_nanos()) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    }
}

async fn verify(docket: &Maildocket, mailbox: &str) {
    let messages = docket.api.list(&format!("/messages?mailbox_id={mailbox}")).await;
    assert_eq!(messages.len(), MAILS);
    let other: Vec<_> = messages.iter().filter(|message| message["state"] != "applied").collect();
    assert!(other.is_empty(), "{other:?}");
    let issues = docket.api.issues().await;
    let summaries: BTreeSet<_> = issues.iter().map(|issue| issue["summary"].as_str().unwrap()).collect();
    assert_eq!((issues.len(), summaries.len()), (MAILS - MAILS / THREAD, MAILS - MAILS / THREAD));
    let comments: u64 = issues.iter().map(|issue| issue["comment_count"].as_u64().unwrap()).sum();
    assert_eq!(comments, (MAILS / THREAD) as u64);
    for issue in issues.iter().filter(|issue| issue["comment_count"] == 1).step_by(20) {
        let key = issue["key"].as_str().unwrap();
        assert_eq!(docket.api.list(&format!("/issues/{key}/comments")).await.len(), 1);
    }
    for message in messages.iter().step_by(50) {
        let raw = docket.api.bytes(&format!("/messages/{}/raw", message["id"].as_str().unwrap())).await;
        assert!(raw.starts_with(b"From: Ann Example"), "raw bytes are missing");
    }
}
