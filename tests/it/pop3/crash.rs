//! `kill -9` in the middle of a POP3 import: nothing lost, nothing doubled.

use std::{collections::BTreeSet, time::Duration};

use serde_json::json;
use tests::{Maildocket, Servers, maildocket::password, mails::mail};

/// Mails of the import.
const MAILS: usize = 600;
/// Every fifth mail answers the one before it.
const THREAD: usize = 5;
/// How often the process is killed.
const KILLS: u32 = 12;
/// The longest life of a process, in milliseconds: short enough for all kills to hit the import.
const LONGEST: u32 = 500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_lose_nothing_and_double_nothing_by_pop3() {
    let servers = Servers::get().await;
    let mut docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    for number in 0..MAILS {
        let parent = format!("In-Reply-To: <{}@customer.example>\r\n", number.saturating_sub(1));
        let more = if number % THREAD == THREAD - 1 { parent } else { String::new() };
        account.deliver(&mail(&number.to_string(), &format!("Mail {number}"), &more, "text"));
    }
    let pop3s = servers.dovecot.pop3s;
    let mailbox = docket.api.mailbox_by("pop3", pop3s, "implicit", password(&account)).await;
    let mut hit = 0;
    for kill in 0..KILLS {
        let poll = {
            let (api, mailbox) = (docket.api.clone(), mailbox.clone());
            tokio::spawn(async move { api.ask(&format!("/mailboxes/{mailbox}/poll")).await })
        };
        let moment = std::time::UNIX_EPOCH.elapsed().unwrap().subsec_nanos() % LONGEST;
        tokio::time::sleep(Duration::from_millis(moment.into())).await;
        docket.kill();
        poll.abort();
        docket.start_again().await;
        let done = docket.api.list(&format!("/messages?mailbox_id={mailbox}")).await.len();
        println!("kill {kill}: {done} of {MAILS}");
        hit += u32::from(done < MAILS);
        // While nobody looks, another program takes one away and one more comes.
        if kill == KILLS / 2 {
            account.deliver(&mail("late", "Mail late", "", "text"));
        }
    }
    assert!(hit > KILLS / 2, "the import was over too early: {hit} kills hit it");
    docket.api.poll(&mailbox).await;
    let messages = docket.api.list(&format!("/messages?mailbox_id={mailbox}")).await;
    assert_eq!(messages.len(), MAILS + 1);
    assert!(messages.iter().all(|message| message["state"] == "applied"), "a mail is not applied");
    let issues = docket.api.issues().await;
    let summaries: BTreeSet<_> = issues.iter().map(|issue| issue["summary"].as_str().unwrap()).collect();
    let wanted = MAILS - MAILS / THREAD + 1;
    assert_eq!((issues.len(), summaries.len()), (wanted, wanted));
    let comments: u64 = issues.iter().map(|issue| issue["comment_count"].as_u64().unwrap()).sum();
    assert_eq!(comments, (MAILS / THREAD) as u64);
    assert_eq!(docket.api.poll(&mailbox).await["fetched"], json!(0));
}
