//! Listing and reading.

use intake::{
    ports::{Fetched, MailError, MailFault, MailSession},
    types::message::ServerId,
};
use tokio::sync::mpsc;

use crate::fake::{CAPABLE, Fake, ids};

const PLAIN: &str = "+OK\r\nUIDL\r\nTOP\r\nUSER\r\n.\r\n";
const SILENT: &str = "-ERR\r\n";

fn letter(n: usize) -> String {
    format!(
        "Received: by x; Mon, 5 Jan 2026 00:00:0{n} +0000\r\nSubject: Letter {n}\r\n\r\nDear all,\r\n.dots\r\n..\r\nThe end.\r\n"
    )
}

fn large() -> String {
    format!("Subject: Large\r\n\r\n{}", "0123456789\r\n.\r\n".repeat(20_000))
}

async fn read(
    session: &mut dyn MailSession,
    ids: &[ServerId],
    headers: bool,
) -> (Vec<Fetched>, Result<(), MailError>) {
    let (sender, mut receiver) = mpsc::channel(1);
    let receive = async {
        let mut all = Vec::new();
        while let Some(fetched) = receiver.recv().await {
            all.push(fetched);
        }
        all
    };
    let send = async {
        if headers { session.fetch_headers(ids, sender).await } else { session.fetch(ids, sender).await }
    };
    let (done, all) = tokio::join!(send, receive);
    (all, done)
}

#[tokio::test]
async fn mails_and_headers_come_as_they_are() {
    for capabilities in [CAPABLE, PLAIN, SILENT] {
        let fake = Fake::with_mails(capabilities, (1..=9).map(letter).collect()).await;
        let mut opened = fake.opened().await;
        assert_eq!(opened.status.exists, 9);
        let session = &mut *opened.session;
        let ids = ids(session).await;
        let (mails, done) = read(session, &ids, false).await;
        done.unwrap();
        let (headers, done) = read(session, &ids, true).await;
        done.unwrap();
        for (n, (mail, header)) in (1..).zip(mails.into_iter().zip(headers)) {
            assert_eq!((&mail.server_id, &header.server_id), (&ids[n - 1], &ids[n - 1]));
            assert_eq!(mail.raw.unwrap(), letter(n).as_bytes(), "{capabilities:?}");
            let wanted = letter(n).split_inclusive("\r\n\r\n").next().unwrap().to_owned();
            assert_eq!(header.raw.unwrap(), wanted.as_bytes(), "{capabilities:?}");
        }
        let listed = session.list(9, None, 5).await.unwrap();
        assert_eq!((listed.len(), listed[0].size), (1, letter(9).len() as u64));
        assert_eq!(listed[0].server_id, ids[8]);
        opened.session.close().await;
        assert_eq!(fake.heard().last().unwrap(), "QUIT");
        let silent =
            fake.heard().iter().any(|line| ["DELE", "RSET", "LAST"].iter().any(|no| line.starts_with(no)));
        assert!(!silent, "something was changed");
    }
}

#[tokio::test]
async fn pieces_are_cut_from_one_reading() {
    let mails = vec![large(), letter(2)];
    let fake = Fake::with_mails(CAPABLE, mails.clone()).await;
    let mut opened = fake.opened().await;
    let session = &mut *opened.session;
    let ids = ids(session).await;
    let mut whole = Vec::new();
    assert_eq!(session.fetch_piece(&ids[0], 0, 1).await.unwrap().unwrap(), &mails[0].as_bytes()[..1]);
    loop {
        let piece = session.fetch_piece(&ids[0], whole.len() as u64, 10_000).await.unwrap().unwrap();
        whole.extend_from_slice(&piece);
        if piece.len() < 10_000 {
            break;
        }
    }
    assert!(whole == mails[0].as_bytes());
    assert_eq!(fake.heard().iter().filter(|line| line.starts_with("RETR")).count(), 1);
    // In the middle of a reading, something else; and another piece of it.
    session.fetch_piece(&ids[0], 0, 100).await.unwrap();
    assert!(session.fetch_header(&ids[1]).await.unwrap().is_some());
    let piece = session.fetch_piece(&ids[0], 70_000, 50).await.unwrap().unwrap();
    assert_eq!(piece, &mails[0].as_bytes()[70_000..70_050]);
    let end = mails[1].len() as u64;
    assert_eq!(session.fetch_piece(&ids[1], end, 5).await.unwrap().unwrap().len(), 0);
}

#[tokio::test]
async fn a_mail_that_is_refused_or_gone_stops_no_other() {
    for capabilities in [CAPABLE, PLAIN] {
        let mails: Vec<_> = (1..=5).map(letter).collect();
        let fake = Fake::new("+OK\r\n", move |line| {
            let refused = ["RETR 2", "TOP 2 0", "RETR 4"].contains(&line);
            let kept = mails.clone();
            Some(match line {
                _ if refused => "-ERR Message is corrupt\r\n".to_owned(),
                "CAPA" => capabilities.to_owned(),
                "UIDL" => "+OK\r\n1 a\r\n2 b\r\n3 c\r\n4 d\r\n5 e\r\n.\r\n".to_owned(),
                "LIST" => "+OK\r\n1 10\r\n.\r\n".to_owned(),
                line if line.starts_with("RETR") || line.starts_with("TOP") => {
                    let n: usize = line.split(' ').nth(1).unwrap().parse().unwrap();
                    format!("+OK\r\n{}.\r\n", kept[n - 1].replace("\r\n.", "\r\n.."))
                }
                _ => "+OK\r\n".to_owned(),
            })
        })
        .await;
        let mut opened = fake.opened().await;
        let session = &mut *opened.session;
        let mut ids = ids(session).await;
        ids.push(ServerId::Pop3 { hash: "ab".repeat(32) });
        let (mails, done) = read(session, &ids, false).await;
        assert_eq!(done.unwrap_err().fault, MailFault::Refused);
        let came: Vec<_> = mails.into_iter().map(|mail| mail.server_id).collect();
        assert_eq!(came, [&ids[0], &ids[2], &ids[4]].map(Clone::clone));
        let (headers, done) = read(session, &ids, true).await;
        done.unwrap();
        let came: Vec<_> = headers.into_iter().map(|header| header.raw.is_some()).collect();
        assert_eq!(came, [true, false, true, true, true]);
        for id in [&ids[1], &ids[5]] {
            assert_eq!(session.fetch_piece(id, 0, 1).await.unwrap_err().fault, MailFault::Refused);
        }
        assert!(session.fetch_piece(&ids[0], 0, 1).await.unwrap().is_some(), "the session goes on");
    }
}
