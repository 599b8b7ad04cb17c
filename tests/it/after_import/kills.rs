//! `kill -9` while mails are imported and moved: none is lost, none is doubled, none stays behind.

use std::{collections::BTreeSet, fs, time::Duration};

use serde_json::json;
use tests::{Maildocket, Servers, mails::mail};

/// Mails of the import.
const MAILS: usize = 400;
/// How often the process is killed.
const KILLS: u64 = 12;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_while_mails_are_moved_lose_nothing_and_double_nothing() {
    let servers = Servers::get().await;
    let mut docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    for number in 0..MAILS {
        account.deliver(&mail(&number.to_string(), &format!("Mail {number}"), "", "text"));
    }
    let mailbox = docket.api.password_mailbox(servers, &account).await;
    let change = json!({ "after_import": { "action": "move", "folder": "Done" } });
    docket.api.call(reqwest::Method::PATCH, &format!("/mailboxes/{mailbox}"), Some(change)).await;
    let mut hit = 0;
    for kill in 0..KILLS {
        let poll = {
            let (api, mailbox) = (docket.api.clone(), mailbox.clone());
            tokio::spawn(async move { api.ask(&format!("/mailboxes/{mailbox}/poll")).await })
        };
        tokio::time::sleep(Duration::from_millis(250 + 97 * kill)).await;
        docket.kill();
        poll.abort();
        let left = account.mails_in("INBOX").len();
        println!("kill {kill}: {left} of {MAILS} left");
        hit += u32::from(left > 0);
        docket.start_again().await;
    }
    assert!(hit > 2, "it was over too early");
    // A fault of the server's that a kill looked like may have put what is left off.
    for _ in 0..100 {
        docket.api.poll(&mailbox).await;
        if account.mails_in("INBOX").is_empty() {
            break;
        }
    }
    assert_eq!(account.mails_in("INBOX").len(), 0);
    let moved = account.mails_in("Done");
    let names: BTreeSet<Vec<u8>> = moved.iter().map(|path| fs::read(path).unwrap()).collect();
    assert_eq!((moved.len(), names.len()), (MAILS, MAILS));
    let messages = docket.api.list(&format!("/messages?mailbox_id={mailbox}")).await;
    assert_eq!(messages.len(), MAILS);
    assert!(messages.iter().all(|message| message["after_import"]["status"] == "done"));
    let issues = docket.api.issues().await;
    let summaries: BTreeSet<_> = issues.iter().map(|issue| issue["summary"].as_str().unwrap()).collect();
    assert_eq!((issues.len(), summaries.len()), (MAILS, MAILS));
}
