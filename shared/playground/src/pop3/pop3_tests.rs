//! The POP3 server over real connections.

use crate::testing::{Pop3, USER, start, token, xoauth2};
use crate::{MailFault, Spoilt};

const MAIL: &str = "Subject: Hello\r\n\r\n.Good morning.\r\n";

#[tokio::test]
async fn a_maildrop_is_listed_and_read_and_kept() {
    let playground = start().await;
    playground.deliver(USER, MAIL).unwrap();
    let mut pop3 = Pop3::signed_in(&playground).await;
    assert_eq!(pop3.ask("STAT").await, format!("+OK 1 {}", MAIL.len()));
    assert!(pop3.ask("UIDL").await.starts_with("+OK"));
    assert_eq!((pop3.line().await.as_str(), pop3.line().await.as_str()), ("1 1700000000-1", "."));
    assert_eq!(pop3.ask("LIST 1").await, format!("+OK 1 {}", MAIL.len()));
    assert!(pop3.ask("RETR 1").await.starts_with("+OK"));
    for line in MAIL.replace("\r\n.", "\r\n..").lines() {
        assert_eq!(pop3.line().await, line);
    }
    assert_eq!(pop3.line().await, ".");
    assert!(pop3.ask("TOP 1 0").await.starts_with("+OK"));
    assert_eq!([pop3.line().await, pop3.line().await, pop3.line().await], ["Subject: Hello", "", "."]);
    assert!(pop3.ask("DELE 1").await.starts_with("-ERR"));
    assert!(pop3.ask("RETR 2").await.starts_with("-ERR"));
    assert!(pop3.ask("QUIT").await.starts_with("+OK"));
}

#[tokio::test]
async fn tokens_come_in_a_line_of_their_own() {
    let playground = start().await;
    let token = xoauth2(USER, &token(&playground));
    let mut pop3 = Pop3::connect(&playground).await;
    let refused = pop3.ask(&format!("AUTH XOAUTH2 {token}")).await;
    assert_eq!(refused, "-ERR Protocol error. Connection is closed. 10");
    playground.script().mail_fault(MailFault::exchange_pop3_refuses_token());
    let mut pop3 = Pop3::connect(&playground).await;
    assert_eq!(pop3.ask("AUTH XOAUTH2").await, "+ ");
    let refused = pop3.ask(&token).await;
    assert_eq!(refused, "-ERR Authentication failure: unknown user name or bad password.");
    assert_eq!(pop3.ask("AUTH XOAUTH2").await, "+ ");
    assert!(pop3.ask(&token).await.starts_with("+OK"));
    playground.script().spoil(USER, 1, Spoilt::Refused("no".to_owned()));
    assert!(pop3.ask("NOOP").await.starts_with("+OK"));
}
