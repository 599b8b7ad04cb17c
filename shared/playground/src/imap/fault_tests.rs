//! Scripted faults over real connections.

use std::time::Duration;

use crate::testing::{Imap, USER, start, token, xoauth2};
use crate::{MailFault, Playground, Spoilt, Step};

const MAIL: &str = "Subject: One\r\n\r\nText\r\n";

async fn sign_in(playground: &Playground) -> Vec<String> {
    let (mut imap, _) = Imap::connect(playground).await;
    // The empty line answers a challenge; without one it is an empty command.
    imap.send(&format!("a AUTHENTICATE XOAUTH2 {}\r\n\r\n", xoauth2(USER, &token(playground)))).await;
    let mut lines = Vec::new();
    loop {
        lines.push(imap.line().await.unwrap());
        if lines.last().unwrap().starts_with("a ") {
            return lines;
        }
    }
}

async fn reading(playground: &Playground) -> Imap {
    let mut imap = Imap::signed_in(playground).await;
    imap.command("EXAMINE INBOX").await.unwrap();
    imap
}

#[tokio::test]
async fn sign_ins_are_refused_in_the_words_of_real_servers() {
    let playground = start().await;
    let script = playground.script();
    for (fault, lines, text) in [
        (MailFault::gmail_refuses_token(), 2, "a NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)"),
        (MailFault::exchange_refuses_token(), 1, "a NO AUTHENTICATE failed."),
        (MailFault::yahoo_refuses_token(), 1, "a NO [AUTHENTICATIONFAILED] (#AUTH901)"),
        (MailFault::gmail_unavailable(), 1, "a NO [UNAVAILABLE]"),
        (
            MailFault::gmail_too_many_connections(),
            1,
            "a NO [ALERT] Too many simultaneous connections. (Failure)",
        ),
        (MailFault::gmail_web_login(), 2, "a NO [ALERT] Please log in via your web browser"),
        (MailFault::dovecot_unavailable(), 1, "a NO [UNAVAILABLE] Temporary authentication failure."),
        (
            MailFault::exchange_throttles(Step::SignIn, Duration::from_millis(299_910)),
            1,
            "a NO Request is throttled. Suggested Backoff Time: 299910 milliseconds",
        ),
    ] {
        script.mail_fault(fault);
        let said = sign_in(&playground).await;
        assert!(said.len() == lines && said[lines - 1].starts_with(text), "{said:?}");
    }
    assert!(sign_in(&playground).await[0].starts_with("a OK"), "honest again");
    assert_eq!(script.counters().sign_ins_refused, 8);
}

#[tokio::test]
async fn exchange_signs_in_and_is_not_connected() {
    let playground = start().await;
    playground.script().mail_fault(MailFault::exchange_not_connected().for_user(USER));
    let mut imap = Imap::signed_in(&playground).await;
    let (_, tagged) = imap.command("STATUS INBOX (UIDNEXT)").await.unwrap();
    assert_eq!(tagged, "BAD User is authenticated but not connected.");
    assert!(imap.command("STATUS INBOX (UIDNEXT)").await.unwrap().1.starts_with("OK"));
}

#[tokio::test]
async fn a_fault_for_one_mailbox_leaves_others_alone() {
    let playground = start().await;
    let fetch = || Step::Command("UID FETCH".to_owned());
    playground
        .script()
        .mail_fault(MailFault::exchange_session_expired(fetch()).for_user("sales@example.test"));
    playground.deliver(USER, MAIL);
    let mut imap = reading(&playground).await;
    assert!(imap.command("UID FETCH 1 UID").await.unwrap().1.starts_with("OK"));
    assert!(!playground.script().is_used_up());
    playground.script().calm();
    playground.script().mail_fault(MailFault::exchange_session_expired(fetch()).for_user(USER));
    imap.send("f UID FETCH 1 UID\r\n").await;
    assert_eq!(imap.line().await.unwrap(), "* BYE Session invalidated - AccessTokenExpired");
    assert!(imap.line().await.is_err());
}

#[tokio::test]
async fn one_mail_can_be_unreadable_wrongly_sized_or_late() {
    let playground = start().await;
    let script = playground.script();
    for _ in 1..=4 {
        playground.deliver(USER, MAIL);
    }
    script.spoil(USER, 1, Spoilt::NoData);
    script.spoil(USER, 2, Spoilt::Refused("NO FETCH Server error while fetching messages".to_owned()));
    script.spoil(USER, 3, Spoilt::WrongSize(5_000_000_000));
    script.spoil(USER, 4, Spoilt::Hidden);
    let mut imap = reading(&playground).await;
    assert_eq!(imap.command("UID SEARCH ALL").await.unwrap().0, ["* SEARCH 1 2 3"]);
    let (nothing, tagged) = imap.command("UID FETCH 1 BODY.PEEK[]").await.unwrap();
    assert!(nothing.is_empty() && tagged.starts_with("OK"));
    assert_eq!(imap.command("UID FETCH 1 (UID RFC822.SIZE)").await.unwrap().0.len(), 1);
    assert!(imap.command("UID FETCH 2 BODY.PEEK[]").await.unwrap().1.starts_with("NO FETCH Server error"));
    assert!(imap.command("UID FETCH 3 RFC822.SIZE").await.unwrap().0[0].contains("RFC822.SIZE 5000000000"));
    script.mend(USER, 4);
    script.mend(USER, 1);
    let (late, _) = imap.command("UID SEARCH ALL").await.unwrap();
    assert_eq!(late.last().map(String::as_str), Some("* 4 EXISTS"));
    assert_eq!(imap.command("UID FETCH 1 BODY.PEEK[]").await.unwrap().0.len(), 1);
}

#[tokio::test]
async fn a_reading_can_break_off_at_one_mail() {
    let playground = start().await;
    for _ in 1..=3 {
        playground.deliver(USER, MAIL);
    }
    let spoilt = [
        (Spoilt::Drops, ""),
        (Spoilt::Garbled, "* 2 FETCH oops\r\n"),
        (Spoilt::Huge(77), "* 2 FETCH (UID 2 BODY[] {77}\r\n"),
    ];
    for (how, last_words) in spoilt {
        playground.script().spoil(USER, 2, how);
        let mut imap = reading(&playground).await;
        assert_eq!(imap.command("UID FETCH 1:3 (UID RFC822.SIZE)").await.unwrap().0.len(), 3);
        imap.send("f UID FETCH 2 BODY.PEEK[]\r\n").await;
        assert_eq!(imap.start_of_line(last_words.len()).await, last_words);
        assert!(imap.line().await.is_err());
    }
}

#[tokio::test]
async fn connections_drop_at_any_step_and_byte() {
    let playground = start().await;
    let script = playground.script();
    playground.deliver(USER, "x".repeat(200_000));
    script.mail_fault(MailFault::drops(Step::Greeting));
    assert!(Imap::connect_silently(&playground).await.line().await.is_err());
    script.mail_fault(MailFault::bye(Step::Greeting, "Too busy"));
    assert_eq!(Imap::connect(&playground).await.1, "* BYE Too busy");

    for bytes in [0, 10, 100_000] {
        let mut imap = reading(&playground).await;
        script.mail_fault(MailFault::cut_fetch_after(bytes));
        let before = script.counters().mail_bytes_out;
        assert!(imap.command("UID FETCH 1 BODY.PEEK[]").await.is_err());
        assert_eq!(script.counters().mail_bytes_out - before, bytes as u64);
    }
    let mut imap = reading(&playground).await;
    script.mail_fault(MailFault::huge_literal(1 << 40));
    imap.send("f UID FETCH 1 BODY.PEEK[]\r\n").await;
    assert_eq!(imap.start_of_line(40).await, "* 1 FETCH (UID 1 BODY[] {1099511627776}\r");
}

#[tokio::test]
async fn silence_ends_with_the_playground() {
    let playground = start().await;
    playground.script().mail_fault(MailFault::hangs(Step::SignIn));
    let (mut imap, _) = Imap::connect(&playground).await;
    imap.send(&format!("a AUTHENTICATE XOAUTH2 {}\r\n", xoauth2(USER, &token(&playground)))).await;
    let (ended, ()) = tokio::join!(imap.line(), playground.shutdown());
    assert!(ended.is_err() || ended.unwrap().starts_with("* BYE"));
}
