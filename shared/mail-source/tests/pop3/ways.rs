//! What leads further where a server refuses, ends the session, or says more than it was asked.

use intake::{
    ports::{MailError, MailFault, MailSession, OpenedFolder},
    types::mailbox::Tls,
};
use tokio::sync::mpsc;

use crate::fake::{Fake, password};

const MAIL: &str = "Subject: a\r\n\r\n.b\r\n";
const LISTED: &str = "+OK\r\n1 id-1\r\n.\r\n";

/// A server with one mail that answers commands which begin so in its own way; None ends the session.
async fn odd(answers: &'static [(&'static str, Option<&'static str>)]) -> Fake {
    Fake::new("+OK\r\n", |line| {
        if let Some((_, answer)) = answers.iter().find(|(start, _)| line.starts_with(start)) {
            return answer.map(str::to_owned);
        }
        Some(match line.split(' ').next().unwrap_or_default() {
            "CAPA" => "+OK\r\nUSER\r\nSASL PLAIN\r\nTOP\r\nUIDL\r\n.\r\n".to_owned(),
            "UIDL" => LISTED.to_owned(),
            "LIST" => "+OK\r\n1 18\r\n.\r\n".to_owned(),
            "RETR" | "TOP" => format!("+OK\r\n{}.\r\n", MAIL.replace("\r\n.", "\r\n..")),
            _ => "+OK\r\n".to_owned(),
        })
    })
    .await
}

/// All that the server has, as a poll reads it, and the header by itself.
async fn read(fake: &Fake) -> Result<(Vec<String>, usize), MailError> {
    let OpenedFolder { mut session, .. } = fake.open(Tls::None, &password()).await?;
    let session: &mut dyn MailSession = &mut *session;
    let ids: Vec<_> = session
        .half()
        .maildrop()
        .expect("a maildrop")
        .mails()
        .await?
        .into_iter()
        .map(|mail| mail.server_id)
        .collect();
    let (sender, mut receiver) = mpsc::channel(10);
    session.fetch(&ids, sender).await?;
    let mut mails = Vec::new();
    while let Some(mail) = receiver.recv().await {
        mails.push(String::from_utf8_lossy(&mail.raw.unwrap_or_default()).into_owned());
    }
    assert!(session.fetch_header(&ids[0]).await?.is_some());
    Ok((mails, session.at_places(1, 9).await?.len()))
}

#[tokio::test]
async fn a_mail_comes_whatever_a_server_refuses_or_says_besides() {
    let cases: &[&[(&str, Option<&str>)]] = &[
        // Another way in, over another connection where the first one ended.
        &[("AUTH", None)],
        &[("AUTH", Some("-ERR protocol error, good bye\r\n")), ("PASS", Some("+OK\r\n"))],
        &[
            ("CAPA", Some("+OK\r\nUSER\r\nSASL LOGIN\r\n.\r\n")),
            ("USER", Some("-ERR use AUTH\r\n")),
            ("AUTH", Some("+ \r\n")),
            ("YW5u", Some("+ \r\n")),
        ],
        // Nothing is told of ways in, or the question ends the session.
        &[("CAPA", Some("+OK\r\nUIDL\r\n.\r\n")), ("AUTH", Some("-ERR\r\n"))],
        &[("CAPA", None)],
        // No sizes, no header alone, no count.
        &[("LIST", Some("-ERR not implemented\r\n"))],
        &[("LIST", Some("-ERR [SYS/PERM] Not here\r\n")), ("STAT", Some("-ERR\r\n"))],
        &[("TOP", Some("-ERR [SYS/TEMP] Not now\r\n"))],
        // More words than were asked for.
        &[("PASS", Some("+OK\r\n* Your quota is full\r\n")), ("AUTH", Some("Hello!\r\n+OK\r\n"))],
        // Lines end in blanks.
        &[
            ("CAPA", Some("+OK \r\nUSER \r\n. \r\n")),
            ("UIDL", Some("+OK \t\r\n1 id-1 \r\n.\t\r\n")),
            ("LIST", Some("+OK \r\n1 18 \r\n. \r\n")),
            ("RETR", Some("+OK \r\nSubject: a\r\n\r\n..b\r\n. \r\n")),
            ("TOP", Some("+OK \r\nSubject: a\r\n\r\n. \t\r\n")),
        ],
    ];
    for case in cases {
        let fake = odd(case).await;
        let read = read(&fake).await.unwrap_or_else(|error| panic!("{case:?} {:?}: {error:?}", fake.heard()));
        assert_eq!(read, (vec![MAIL.to_owned()], 1), "{case:?}");
    }
}

#[tokio::test]
async fn without_any_list_the_refusal_is_told() {
    let fake = odd(&[("LIST", Some("-ERR Not today\r\n")), ("UIDL", Some("-ERR\r\n"))]).await;
    let error = read(&fake).await.unwrap_err();
    assert_eq!((error.fault, error.server_text.as_deref()), (MailFault::Refused, Some("Not today")));
}

#[tokio::test]
async fn words_of_something_else_are_kept() {
    for (words, fault) in [
        ("220 mx.example.com ESMTP\r\n", MailFault::Protocol),
        ("554 Your IP address is blocked\r\n", MailFault::AddressBlocked),
    ] {
        let fake = Fake::new(words, |_| None).await;
        let error = fake.open(Tls::None, &password()).await.err().expect("a fault");
        assert_eq!((error.fault, error.server_text.as_deref()), (fault, Some(words.trim_end())));
    }
}
