//! Who is told what, and when: nothing secret before TLS, and never in a form that the server does not take.

use std::time::Duration;

use intake::{
    ports::{Credentials, MailFault},
    types::mailbox::Tls,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::fake::{CAPABLE, Fake, bearer, open, password};

fn refused() -> MailFault {
    MailFault::AuthenticationRefused { challenge: None }
}

async fn fault(fake: &Fake, tls: Tls, credentials: &Credentials) -> MailFault {
    fake.open(tls, credentials).await.err().expect("a fault").fault
}

#[tokio::test]
async fn where_tls_is_refused_nothing_more_is_said() {
    for answer in ["-ERR unknown command\r\n", "+OK\r\n+OK Welcome\r\n", "+ \r\n", "* OK\r\n"] {
        let fake = Fake::new("+OK\r\n", move |line| (line == "STLS").then(|| answer.to_owned())).await;
        let found = fault(&fake, Tls::Starttls, &password()).await;
        // What came with the answer is a break of the protocol, and would be in the middle of TLS.
        assert!(matches!(found, MailFault::Tls | MailFault::Protocol), "{answer:?}: {found:?}");
        assert_eq!(fake.heard()[0], "STLS");
        assert!(
            !fake.heard().iter().any(|line| line.contains("AUTH") || line.contains("USER")),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn clear_text_needs_the_private_network_switch() {
    let fake = Fake::with_mails(CAPABLE, Vec::new()).await;
    for tls in [Tls::None, Tls::Implicit, Tls::Starttls] {
        let refused = open(fake.port, tls, false, &password()).await.err().expect("a fault");
        assert_eq!(refused.fault, MailFault::AddressRefused);
    }
    assert_eq!(fake.heard(), Vec::<String>::new());
    fake.opened().await;
}

#[tokio::test]
async fn the_best_way_in_common_is_taken() {
    let with = |sasl: &str| format!("+OK\r\nUIDL\r\n{sasl}.\r\n");
    let auth_plain = ["AUTH PLAIN AGFubgBzZWNyZXQ="];
    let user_pass = ["USER ann", "PASS secret"];
    let login = ["AUTH LOGIN", "YW5u", "c2VjcmV0"];
    let xoauth2 = ["AUTH XOAUTH2", "dXNlcj1hbm5AZXhhbXBsZS5jb20BYXV0aD1CZWFyZXIgYWJjAQE="];
    let cases: [(String, Credentials, &[&str]); 8] = [
        (with("USER\r\nSASL LOGIN PLAIN XOAUTH2\r\n"), password(), &auth_plain),
        (with("USER\r\nSASL LOGIN\r\n"), password(), &user_pass),
        (with("SASL LOGIN\r\n"), password(), &login),
        ("-ERR\r\n".to_owned(), password(), &user_pass),
        (with("SASL PLAIN XOAUTH2 OAUTHBEARER\r\n"), bearer(), &xoauth2),
        (with("SASL PLAIN\r\n"), bearer(), &xoauth2),
        (with("sasl plain oauthbearer\r\n"), bearer(), &["AUTH OAUTHBEARER"]),
        ("-ERR\r\n".to_owned(), bearer(), &xoauth2),
    ];
    for (capabilities, credentials, wanted) in cases {
        let told = capabilities.clone();
        let fake = Fake::new("+OK\r\n", move |line| {
            Some(match line {
                "CAPA" => told.clone(),
                "AUTH LOGIN" => "+ VXNlcm5hbWU6\r\n".to_owned(),
                "YW5u" => "+ UGFzc3dvcmQ6\r\n".to_owned(),
                "AUTH XOAUTH2" | "AUTH OAUTHBEARER" => "+ \r\n".to_owned(),
                "UIDL" => "+OK\r\n.\r\n".to_owned(),
                _ => "+OK\r\n".to_owned(),
            })
        })
        .await;
        let opened = fake.open(Tls::None, &credentials).await;
        opened.unwrap_or_else(|error| panic!("{capabilities:?}: {error:?}"));
        let heard = fake.heard();
        let said: Vec<_> = heard.iter().map(String::as_str).filter(|line| *line != "CAPA").collect();
        assert_eq!(said[..wanted.len()], *wanted, "{capabilities:?}");
        assert_eq!(said.last(), Some(&"UIDL"));
    }
}

#[tokio::test]
async fn what_does_not_fit_is_not_tried() {
    let no_passwords = Fake::new("+OK\r\n", |_| Some("+OK\r\nSASL XOAUTH2\r\n.\r\n".to_owned())).await;
    assert_eq!(fault(&no_passwords, Tls::None, &password()).await, MailFault::NoMechanism);
    assert_eq!(no_passwords.heard(), ["CAPA"]);
    let no_tokens = Fake::new("+OK\r\n", |line| {
        Some(if line == "CAPA" { "+OK\r\nUSER\r\n.\r\n" } else { "-ERR unknown mechanism\r\n" }.to_owned())
    })
    .await;
    assert_eq!(fault(&no_tokens, Tls::None, &bearer()).await, MailFault::NoMechanism);
    let injected = Credentials::Password { username: "ann".to_owned(), password: "x\r\nDELE 1".into() };
    for capabilities in [CAPABLE, "+OK\r\nUSER\r\n.\r\n", "+OK\r\nSASL LOGIN\r\n.\r\n"] {
        let fake = Fake::with_mails(capabilities, Vec::new()).await;
        assert_eq!(fault(&fake, Tls::None, &injected).await, refused());
        assert_eq!(fake.heard(), ["CAPA"]);
    }
}

#[tokio::test]
async fn a_long_password_goes_in_a_line_of_its_own() {
    let long = Credentials::Password { username: "ann".to_owned(), password: "p".repeat(300).into() };
    let fake = Fake::new("+OK\r\n", |line| {
        Some(match line {
            "CAPA" => CAPABLE.to_owned(),
            "AUTH PLAIN" => "+ \r\n".to_owned(),
            "UIDL" => "+OK\r\n.\r\n".to_owned(),
            _ => "+OK\r\n".to_owned(),
        })
    })
    .await;
    fake.open(Tls::None, &long).await.unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(fake.heard()[1], "AUTH PLAIN");
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let throttled = |after| MailFault::Throttled { after };
    let cases = [
        ("-ERR Authentication failure: unknown user name or bad password.", refused()),
        ("-ERR [AUTH] Username and password not accepted.", refused()),
        ("-ERR [SYS/PERM] The mailbox cannot be opened.", MailFault::SignInBlocked),
        ("-ERR [SYS/TEMP] Temporary authentication failure.", MailFault::Temporary),
        ("-ERR [IN-USE] Do you have another POP session running?", MailFault::Temporary),
        ("-ERR maildrop already locked", MailFault::Temporary),
        ("-ERR message is damaged", MailFault::Temporary),
        ("-ERR [LOGIN-DELAY] Too soon", throttled(Some(Duration::from_secs(300)))),
    ];
    for (answer, wanted) in cases {
        for capabilities in
            ["+OK\r\nUSER\r\nLOGIN-DELAY 300 USER\r\n.\r\n", "+OK\r\nSASL PLAIN\r\nLOGIN-DELAY 300\r\n.\r\n"]
        {
            let fake = Fake::new("+OK\r\n", move |line| {
                Some(match line {
                    "CAPA" => capabilities.to_owned(),
                    line if line.starts_with("USER") => "+OK\r\n".to_owned(),
                    _ => format!("{answer}\r\n"),
                })
            })
            .await;
            let error = fake.open(Tls::None, &password()).await.err().expect("a fault");
            assert_eq!(error.fault, wanted, "{answer}");
            assert!(answer.contains(&error.server_text.unwrap()), "{answer}");
        }
    }
    let busy = Fake::new("-ERR Server busy\r\n", |_| None).await;
    assert_eq!(fault(&busy, Tls::None, &password()).await, MailFault::Temporary);
}

/// The reason of a refused token comes as a challenge, which must be answered.
#[tokio::test]
async fn the_reason_of_a_refused_token_is_kept() {
    let reason = "+ eyJzdGF0dXMiOiI0MDEifQ==\r\n";
    for pipelining in ["", "PIPELINING\r\n"] {
        let capabilities = format!("+OK\r\n{pipelining}SASL XOAUTH2\r\n.\r\n");
        let fake = Fake::new("+OK\r\n", move |line| {
            Some(match line {
                "CAPA" => capabilities.clone(),
                "AUTH XOAUTH2" => "+ \r\n".to_owned(),
                line if line.starts_with("dXNlcj") => reason.to_owned(),
                _ => "-ERR [AUTH] Authentication failed.\r\n".to_owned(),
            })
        })
        .await;
        let challenge = Some("{\"status\":\"401\"}".to_owned());
        let found = fault(&fake, Tls::None, &bearer()).await;
        assert_eq!(found, MailFault::AuthenticationRefused { challenge }, "{pipelining:?}");
        assert_eq!(fake.heard()[3..], [""], "{pipelining:?}");
    }
}

/// Courier and Cyrus hand a session over to another process when somebody has signed in: what was said before its answer is
/// lost, also where they announce PIPELINING.
#[tokio::test]
async fn nothing_is_said_before_the_answer_to_a_line_of_the_sign_in() {
    for capabilities in
        [CAPABLE, "+OK\r\nPIPELINING\r\nUSER\r\n.\r\n", "+OK\r\nPIPELINING\r\nSASL LOGIN\r\n.\r\n"]
    {
        let port = forgetful(capabilities).await;
        for credentials in [password(), bearer()] {
            let opened = open(port, Tls::None, true, &credentials).await;
            opened.unwrap_or_else(|error| panic!("{capabilities:?}: {error:?}"));
        }
    }
}

/// A server that takes one line from what has come, and throws the rest away.
async fn forgetful(capabilities: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            let mut said = "+OK\r\n";
            let mut heard = [0; 4096];
            while tcp.write_all(said.as_bytes()).await.is_ok() {
                let Ok(count @ 1..) = tcp.read(&mut heard).await else { break };
                let line = heard[..count].split(|byte| *byte == b'\r').next().unwrap_or_default();
                said = match line {
                    b"CAPA" => capabilities,
                    b"UIDL" => "+OK\r\n.\r\n",
                    line if line.starts_with(b"AUTH") && !line.starts_with(b"AUTH PLAIN ") => "+ \r\n",
                    b"YW5u" => "+ \r\n",
                    _ => "+OK\r\n",
                };
            }
        }
    });
    port
}

/// What a server says to each line that begins so, and what it heard.
async fn signing_in(answers: &'static [(&'static str, &'static str)]) -> (Option<MailFault>, Vec<String>) {
    let fake = Fake::new("+OK\r\n", |line| {
        let answer = answers.iter().find(|(start, _)| line.starts_with(start));
        Some(format!("{}\r\n", answer.map_or("+OK\r\n.", |(_, answer)| answer)))
    })
    .await;
    let fault = fake.open(Tls::None, &password()).await.err().map(|error| error.fault);
    (fault, fake.heard())
}

#[tokio::test]
async fn a_password_that_nobody_judged_is_sent_once_in_another_form() {
    const CAPA: (&str, &str) = ("CAPA", "+OK\r\nUSER\r\nSASL PLAIN\r\n.");
    const USER: (&str, &str) = ("USER", "+OK");
    const PASS: (&str, &str) = ("PASS", "+OK");
    const UIDL: (&str, &str) = ("UIDL", "+OK\r\n.");
    let (fault, heard) =
        signing_in(&[CAPA, ("AUTH", "-ERR unsupported authentication mechanism"), USER, PASS, UIDL]).await;
    assert_eq!((fault, &heard[2..4]), (None, &["USER ann".to_owned(), "PASS secret".to_owned()][..]));
    let (fault, heard) = signing_in(&[CAPA, ("AUTH", "-ERR odd things happen"), USER, PASS, UIDL]).await;
    assert_eq!((fault, heard.len()), (None, 5));
    let (fault, heard) =
        signing_in(&[CAPA, ("AUTH", "-ERR bad syntax"), USER, ("PASS", "-ERR invalid password")]).await;
    assert_eq!((fault, heard.len()), (Some(refused()), 4));
    // Who judged it, or has another reason, is not asked again: accounts are locked for that.
    for answer in ["-ERR [AUTH] no", "-ERR Authentication failed", "-ERR", "-ERR maildrop already locked"] {
        let capa = Fake::new("+OK\r\n", move |line| {
            Some(match line {
                "CAPA" => "+OK\r\nUSER\r\nSASL PLAIN LOGIN\r\n.\r\n".to_owned(),
                _ => format!("{answer}\r\n"),
            })
        })
        .await;
        fault_of(&capa).await;
        assert_eq!(capa.heard().len(), 2, "{answer}");
    }
}

async fn fault_of(fake: &Fake) -> MailFault {
    fault(fake, Tls::None, &password()).await
}

#[tokio::test]
async fn a_server_that_passes_over_the_initial_response_is_told_it_again() {
    let answers: [&[_]; 2] = [
        &[("CAPA", "+OK\r\nSASL PLAIN\r\n."), ("AUTH", "+ "), ("AGFubg", "+OK"), ("UIDL", "+OK\r\n.")],
        // In words, behind empty lines, and with a colon.
        &[
            ("CAPA", "\r\n+OK: yes\r\nSASL PLAIN\r\n."),
            ("AUTH", "+ Go ahead"),
            ("AGFubg", " \r\n\r\n+OK"),
            ("UIDL", "+OK:\r\n."),
        ],
    ];
    for answers in answers {
        let (fault, heard) = signing_in(answers).await;
        assert_eq!((fault, heard.len()), (None, 4));
    }
}

/// A server of before TLS 1.2, by its alert (RFC 5246 section 7.2.2) and by its answer.
#[tokio::test]
async fn tls_of_another_time_is_told_as_that() {
    let hello = [&[0x16, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1][..], &[7; 32], &[0, 0, 0x2f, 0]].concat();
    for answer in [vec![0x15, 3, 1, 0, 2, 2, 70], vec![0x15, 3, 2, 0, 2, 2, 40], hello] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let told = answer.clone();
        tokio::spawn(async move {
            let (mut tcp, _) = listener.accept().await.unwrap();
            let mut heard = [0; 4096];
            let _ = tcp.read(&mut heard).await;
            let _ = tcp.write_all(&told).await;
            while matches!(tcp.read(&mut heard).await, Ok(1..)) {}
        });
        let error = open(port, Tls::Implicit, true, &password()).await.err().expect("a fault");
        assert_eq!(error.fault, MailFault::TlsOutdated, "{answer:?}: {error:?}");
    }
}
