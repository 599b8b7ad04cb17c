//! Mails that their unique-ids do not tell apart.

use std::{collections::BTreeSet, sync::Mutex};

use intake::{
    ports::{MailFault, OpenedFolder},
    types::{mailbox::Tls, message::ServerId},
};

use crate::fake::{CAPABLE, Fake, ids, password};

/// What a server holds, each mail with its line of UIDL; without one, UIDL does not tell of it.
type Held = Vec<(Option<&'static str>, String)>;

fn letter(name: &str) -> String {
    format!("Subject: {name}\r\nMessage-ID: <{name}@example.test>\r\n\r\nDear all,\r\n")
}

fn held(mails: &[(&'static str, &str)]) -> Held {
    mails.iter().map(|(line, name)| (Some(*line), letter(name))).collect()
}

/// A server whose mails may change between sessions.
struct Server {
    fake: Fake,
    held: std::sync::Arc<Mutex<Option<Held>>>,
}

impl Server {
    /// None: UIDL is refused, and the mails are as given.
    async fn new(capabilities: &'static str, has_uidl: bool, mails: Held) -> Self {
        let held = std::sync::Arc::new(Mutex::new(Some(mails)));
        let shared = held.clone();
        let fake = Fake::new("+OK\r\n", move |line| {
            let held = shared.lock().unwrap().clone().unwrap_or_default();
            let mail = line.split(' ').nth(1).and_then(|n| n.parse::<usize>().ok()?.checked_sub(1));
            let mail = mail.and_then(|at| held.get(at)).map(|(_, mail)| mail.clone());
            let all = |lines: Vec<String>| format!("+OK\r\n{}.\r\n", lines.concat());
            let sizes = (1..).zip(&held).map(|(n, (_, mail))| format!("{n} {}\r\n", mail.len())).collect();
            Some(match line.split(' ').next().unwrap_or_default() {
                "CAPA" => capabilities.to_owned(),
                "UIDL" if !has_uidl => "-ERR unknown command\r\n".to_owned(),
                "UIDL" => {
                    all(held.iter().filter_map(|(line, _)| Some(format!("{}\r\n", (*line)?))).collect())
                }
                "LIST" => all(sizes),
                "STAT" => format!("+OK {} 1000\r\n", held.len()),
                "TOP" if !capabilities.contains("TOP") => "-ERR\r\n".to_owned(),
                "TOP" => match mail {
                    Some(mail) => format!("+OK\r\n{}\r\n\r\n.\r\n", mail.split("\r\n\r\n").next().unwrap()),
                    None => "-ERR no such message\r\n".to_owned(),
                },
                "RETR" => mail.map_or("-ERR no\r\n".to_owned(), |mail| format!("+OK\r\n{mail}.\r\n")),
                _ => "+OK\r\n".to_owned(),
            })
        })
        .await;
        Self { fake, held }
    }

    fn hold(&self, mails: Held) {
        *self.held.lock().unwrap() = Some(mails);
    }

    async fn opened(&self) -> OpenedFolder {
        self.fake.opened().await
    }

    /// The mails of a session, as they lie on the server.
    async fn mails(&self) -> Vec<ServerId> {
        let mut opened = self.opened().await;
        let ids = ids(&mut *opened.session).await;
        assert_eq!(ids.len(), opened.status.exists as usize);
        ids
    }
}

fn distinct(ids: &[ServerId]) -> usize {
    ids.iter().collect::<BTreeSet<_>>().len()
}

#[tokio::test]
async fn mails_without_a_unique_id_are_known_again_by_what_they_say() {
    let cases = [
        held(&[("1 a", "a"), ("2 ", "b"), ("3 c", "c")]),
        held(&[("1", "a"), ("2", "b"), ("3", "c")]),
        held(&[("1 a", "a"), ("2 a", "b"), ("3 a", "c")]),
        held(&[("1 a", "a"), ("x b", "b"), ("3 c", "c")]),
        vec![(Some("1 a"), letter("a")), (None, letter("b")), (Some("3 c"), letter("c"))],
    ];
    for mails in cases {
        let server = Server::new(CAPABLE, true, mails.clone()).await;
        let first = server.mails().await;
        assert_eq!((first.len(), distinct(&first)), (3, 3), "{mails:?}");
        let fingerprint = server.opened().await.status.listing;
        assert_eq!(server.mails().await, first, "{mails:?}");
        assert_eq!(server.opened().await.status.listing, fingerprint);
        let mut opened = server.opened().await;
        for (id, name) in first.iter().zip(["a", "b", "c"]) {
            let header = opened.session.fetch_header(id).await.unwrap().unwrap();
            assert!(String::from_utf8_lossy(&header).contains(&format!("Subject: {name}\r\n")), "{mails:?}");
        }
    }
}

#[tokio::test]
async fn long_and_odd_unique_ids_are_unique_ids() {
    let long: &'static str = Box::leak(format!("1 {}", "x".repeat(1000)).into_boxed_str());
    let longer: &'static str = Box::leak(format!("2 {}", "x".repeat(1001)).into_boxed_str());
    let server = Server::new(
        CAPABLE,
        true,
        held(&[(long, "a"), (longer, "b"), ("3 \u{fc} \u{1}z", "c"), ("4\tq", "d")]),
    )
    .await;
    assert_eq!(distinct(&server.mails().await), 4);
    assert!(!server.fake.heard().iter().any(|line| line.starts_with("TOP")), "nothing more is asked for");
}

#[tokio::test]
async fn mails_that_only_list_tells_of_are_known_by_what_they_say() {
    let mut mails = held(&[("1 a", "a"), ("2 b", "b"), ("3 c", "c")]);
    mails.extend(["d", "e"].map(|name| (None, letter(name))));
    let server = Server::new(CAPABLE, true, mails).await;
    let mut opened = server.opened().await;
    let found = ids(&mut *opened.session).await;
    assert_eq!((distinct(&found), opened.status.exists), (5, 3));
    assert_eq!(ids(&mut *opened.session).await, found);
    drop(opened);
    assert_eq!(ids(&mut *server.opened().await.session).await, found);
}

#[tokio::test]
async fn without_uidl_mails_come_and_go_and_are_known_again() {
    for capabilities in [CAPABLE, "+OK\r\nTOP\r\nUSER\r\n.\r\n", "+OK\r\nUSER\r\n.\r\n", "-ERR\r\n"] {
        let of = |names: &[&str]| -> Held { names.iter().map(|name| (None, letter(name))).collect() };
        let server = Server::new(capabilities, false, of(&["a", "b", "same", "same"])).await;
        let first = server.mails().await;
        assert_eq!(distinct(&first), 4, "{capabilities:?}");
        server.hold(of(&["b", "same", "same", "d"]));
        let later = server.mails().await;
        assert_eq!(later[..3], first[1..], "{capabilities:?}");
        assert!(!first.contains(&later[3]));
        server.hold(Vec::new());
        assert!(server.mails().await.is_empty());
    }
}

/// One id for identical copies is what the RFC allows.
#[tokio::test]
async fn copies_that_share_a_unique_id_are_one_mail() {
    let server = Server::new(CAPABLE, true, held(&[("1 a", "a"), ("2 a", "a"), ("3 a", "b")])).await;
    let ids = server.mails().await;
    assert_eq!(distinct(&ids), 2);
    // STAT and LIST, which know each copy, say the same.
    let mut session = server.opened().await.session;
    assert_eq!(session.count().await.unwrap().exists, 2);
    let placed = session.at_places(1, u32::MAX).await.unwrap();
    assert!(placed.len() == 2 && placed.iter().all(|placed| placed.mail.is_some()), "{placed:?}");
    drop(session);
    // What was known alone stays known.
    server.hold(held(&[("1 a", "a")]));
    assert_eq!(server.mails().await, ids[..1]);
}

#[tokio::test]
async fn notes_of_the_server_in_a_mail_change_nothing() {
    let server = Server::new(CAPABLE, false, vec![(None, letter("a"))]).await;
    let ids = server.mails().await;
    server.hold(vec![(None, format!("Status: RO\r\n{}", letter("a")))]);
    assert_eq!(server.mails().await, ids);
}

#[tokio::test]
async fn too_many_mails_without_unique_ids_have_their_sentence() {
    let mails = (0..2_001).map(|n| (None, letter(&n.to_string()))).collect();
    let server = Server::new(CAPABLE, false, mails).await;
    let error = server.fake.open(Tls::None, &password()).await.err().expect("a fault");
    assert_eq!(error.fault, MailFault::TooMany);
    assert!(error.context.contains("2001 have no unique-id (UIDL)"), "{error:?}");
}
