//! What the servers say when they refuse, and what people are told of it.

use std::{
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, TcpStream},
};

use intake::types::given::Given;
use tests::{dovecot::PASSWORD, inside::text};

use super::scene::{By, Scene, servers};

#[tokio::test]
async fn a_wrong_password_is_told_as_one() {
    for server in servers().await {
        for by in [By::Imap, By::Pop3] {
            let scene = Scene::with(server, by, |input| {
                if let Given::Value(auth) = &mut input.auth {
                    auth.password = Given::Value("wrong".into());
                }
            })
            .await;
            let error = scene.try_poll().await.unwrap_err();
            assert_eq!(error.code, "mail_sign_in_refused", "{} {by:?}: {error:?}", server.name);
            let report = scene.probe().await;
            let step = report.steps.iter().find(|step| step.name == "sign_in").unwrap();
            assert_eq!(step.code(), Some("mail_sign_in_refused"), "{} {by:?}: {step:?}", server.name);
        }
    }
}

/// Neither of them locks a maildrop against another session.
#[tokio::test]
async fn another_session_of_the_maildrop_is_no_trouble() {
    for server in servers().await {
        let scene = Scene::new(server, By::Pop3).await;
        scene.deliver(0..2);
        let other = pop3_session(server.pop3, &scene.user);
        assert_eq!(scene.poll().await.created, 2, "{}", server.name);
        drop(other);
    }
}

fn pop3_session(port: u16, user: &str) -> BufReader<TcpStream> {
    let mut session = BufReader::new(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap());
    for command in [String::new(), format!("USER {user}\r\n"), format!("PASS {PASSWORD}\r\n")] {
        session.get_mut().write_all(command.as_bytes()).unwrap();
        let mut answer = String::new();
        session.read_line(&mut answer).unwrap();
        assert!(answer.starts_with("+OK"), "{command}: {answer}");
    }
    session
}

#[tokio::test]
async fn a_missing_folder_is_told_as_one() {
    for server in servers().await {
        for folder in ["INBOX.Nowhere", "Nowhere"] {
            let scene = Scene::with(server, By::Imap, |input| input.folder = text(folder)).await;
            let error = scene.try_poll().await.unwrap_err();
            assert_eq!(error.code, "folder_missing", "{} {folder}: {error:?}", server.name);
            let report = scene.probe().await;
            let step = report.steps.iter().find(|step| step.name == "folder").unwrap();
            assert_eq!(step.code(), Some("folder_missing"), "{} {folder}: {step:?}", server.name);
        }
    }
}
