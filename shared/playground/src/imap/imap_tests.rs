//! The mail server over real connections.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::testing::{CLIENT, Imap, USER, start, start_with, token, xoauth2};
use crate::{Account, Options, Playground};

const MAIL: &str =
    "From: anna@example.com\r\nTo: support@example.test\r\nSubject: Hello\r\n\r\nGood morning.\r\n";

/// The literal of a FETCH answer.
fn literal(line: &str) -> &str {
    let (head, rest) = line.split_once("}\r\n").unwrap();
    let length: usize = head.rsplit_once('{').unwrap().1.parse().unwrap();
    &rest[..length]
}

async fn opened(playground: &Playground, command: &str) -> Imap {
    let mut imap = Imap::signed_in(playground).await;
    let (_, tagged) = imap.command(command).await.unwrap();
    assert!(tagged.starts_with("OK"), "{tagged}");
    imap
}

#[tokio::test]
async fn the_greeting_tells_what_is_offered() {
    let playground = start().await;
    let (mut imap, greeting) = Imap::connect(&playground).await;
    assert!(greeting.starts_with("* OK [CAPABILITY IMAP4rev1 SASL-IR"), "{greeting}");
    let (untagged, _) = imap.command("CAPABILITY").await.unwrap();
    assert!(untagged[0].contains("AUTH=XOAUTH2") && untagged[0].contains("AUTH=OAUTHBEARER"));
    assert!(imap.command("NOOP").await.unwrap().1.starts_with("OK"));
    assert!(imap.command("EXAMINE INBOX").await.unwrap().1.starts_with("BAD"));
    let (bye, tagged) = imap.command("LOGOUT").await.unwrap();
    assert!(bye[0].starts_with("* BYE") && tagged.starts_with("OK"));
    assert!(imap.line().await.is_err());
}

#[tokio::test]
async fn a_token_signs_in_with_and_without_an_initial_response() {
    let playground = start().await;
    let bearer =
        format!("n,a={USER},\x01host=localhost\x01port=993\x01auth=Bearer {}\x01\x01", token(&playground));
    let messages =
        [("XOAUTH2", xoauth2(USER, &token(&playground))), ("OAUTHBEARER", STANDARD.encode(bearer))];
    for (mechanism, message) in &messages {
        let (mut imap, _) = Imap::connect(&playground).await;
        let (_, tagged) = imap.command(&format!("AUTHENTICATE {mechanism} {message}")).await.unwrap();
        assert!(tagged.starts_with("OK [CAPABILITY IMAP4rev1"), "{tagged}");

        let (mut imap, _) = Imap::connect(&playground).await;
        imap.send(&format!("a AUTHENTICATE {mechanism}\r\n")).await;
        assert_eq!(imap.line().await.unwrap(), "+ ");
        imap.send(&format!("{message}\r\n")).await;
        assert!(imap.line().await.unwrap().starts_with("a OK"));
    }
    let counters = playground.script().counters();
    assert_eq!((counters.sign_ins_accepted, counters.sign_ins_refused), (4, 0));
}

#[tokio::test]
async fn a_refused_token_gets_a_challenge_that_must_be_answered() {
    let playground = start().await;
    let dead = token(&playground);
    playground.script().expire_access_tokens(USER);
    let bearer = STANDARD.encode(format!("n,a={USER},\x01auth=Bearer {dead}\x01\x01"));
    let cases = [
        ("XOAUTH2", xoauth2(USER, &dead), "", "a NO [AUTHENTICATIONFAILED]", "400"),
        ("OAUTHBEARER", bearer, "AQ==", "a NO [AUTHENTICATIONFAILED]", "invalid_token"),
        ("XOAUTH2", xoauth2(USER, "made-up"), "*", "a BAD Authentication aborted", "400"),
        (
            "XOAUTH2",
            xoauth2("sales@example.test", &token(&playground)),
            "",
            "a NO [AUTHENTICATIONFAILED]",
            "400",
        ),
        // What a client sends that does not wait: the next command is taken for the answer, as by real servers.
        ("XOAUTH2", xoauth2(USER, &dead), "b STATUS INBOX (UIDNEXT)", "a NO [ALERT] Invalid base64", "400"),
    ];
    for (mechanism, message, answer, wanted, status) in cases {
        let (mut imap, _) = Imap::connect(&playground).await;
        imap.send(&format!("a AUTHENTICATE {mechanism} {message}\r\n")).await;
        let challenge = imap.line().await.unwrap();
        let json = STANDARD.decode(challenge.strip_prefix("+ ").unwrap()).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(json["status"], status);
        imap.send(&format!("{answer}\r\n")).await;
        let tagged = imap.line().await.unwrap();
        assert!(tagged.starts_with(wanted), "{tagged}");
        assert!(imap.command("NOOP").await.unwrap().1.starts_with("OK"), "the connection stays");
    }
    let counters = playground.script().counters();
    assert_eq!((counters.sign_ins_refused, counters.bad_challenge_answers), (5, 2));
}

#[tokio::test]
async fn a_token_without_the_mail_scope_or_of_a_revoked_grant_opens_nothing() {
    let playground = start().await;
    let script = playground.script();
    let revoked = token(&playground);
    script.revoke_grants(USER);
    script.withhold_scopes(&["mail"]);
    for token in [revoked, token(&playground)] {
        let (mut imap, _) = Imap::connect(&playground).await;
        imap.send(&format!("a AUTHENTICATE XOAUTH2 {}\r\n\r\n", xoauth2(USER, &token))).await;
        assert!(imap.line().await.unwrap().starts_with("+ "));
        assert!(imap.line().await.unwrap().starts_with("a NO"));
    }
}

#[tokio::test]
async fn passwords_sign_in_by_login_and_plain() {
    let accounts = vec![Account::new(USER, "Support").with_password("pass \"word\"")];
    let playground = start_with(Options { accounts, ..Options::default() }).await;
    let plain =
        |password: &str| format!("AUTHENTICATE PLAIN {}", STANDARD.encode(format!("\0{USER}\0{password}")));
    for (command, wanted) in [
        (format!(r#"LOGIN {USER} "pass \"word\"""#), "OK"),
        (format!("LOGIN {{{}+}}\r\n{USER} {{11+}}\r\npass \"word\"", USER.len()), "OK"),
        (plain("pass \"word\""), "OK"),
        (format!("LOGIN {USER} wrong"), "NO [AUTHENTICATIONFAILED]"),
        (plain("wrong"), "NO [AUTHENTICATIONFAILED]"),
    ] {
        let (mut imap, _) = Imap::connect(&playground).await;
        let (untagged, tagged) = imap.command(&command).await.unwrap();
        assert!(tagged.starts_with(wanted) && untagged.is_empty(), "{tagged}");
    }
    playground.script().set_mail_capabilities(&["IMAP4rev1", "AUTH=XOAUTH2", "LOGINDISABLED"]);
    let (mut imap, _) = Imap::connect(&playground).await;
    assert!(imap.command(&format!("LOGIN {USER} x")).await.unwrap().1.starts_with("NO [PRIVACYREQUIRED]"));
    assert!(imap.command(&plain("x")).await.unwrap().1.starts_with("NO"));
    assert!(
        imap.command("AUTHENTICATE XOAUTH2 x").await.unwrap().1.starts_with("BAD"),
        "no SASL-IR any more"
    );
}

#[tokio::test]
async fn a_mail_is_listed_and_read_in_pieces() {
    let playground = start().await;
    let received = "2026-11-05T09:08:07Z".parse().unwrap();
    assert_eq!(playground.deliver_at(USER, MAIL, received), Some(1));
    assert_eq!(playground.deliver(USER, MAIL.replace("Hello", "Again")), Some(2));
    assert_eq!(playground.deliver("nobody@example.test", MAIL), None);

    let mut imap = Imap::signed_in(&playground).await;
    let (untagged, _) = imap.command("STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY)").await.unwrap();
    assert_eq!(untagged, ["* STATUS INBOX (MESSAGES 2 UIDNEXT 3 UIDVALIDITY 1700000000)"]);
    let (untagged, tagged) = imap.command("EXAMINE \"inbox\"").await.unwrap();
    assert!(untagged.iter().any(|line| line == "* 2 EXISTS") && tagged.starts_with("OK [READ-ONLY]"));
    assert!(untagged.iter().any(|line| line.contains("[UIDNEXT 3]")));
    let (untagged, _) = imap.command("UID SEARCH UID 1:*").await.unwrap();
    assert_eq!(untagged, ["* SEARCH 1 2"]);
    let (untagged, _) = imap.command("UID FETCH 1:1,9:* (UID RFC822.SIZE INTERNALDATE FLAGS)").await.unwrap();
    assert_eq!(
        untagged[0],
        format!(
            "* 1 FETCH (UID 1 RFC822.SIZE {} INTERNALDATE \" 5-Nov-2026 09:08:07 +0000\" FLAGS ())",
            MAIL.len()
        )
    );
    assert!(untagged.len() == 2 && untagged[1].starts_with("* 2 FETCH (UID 2"), "9:* holds the last mail");

    let mut whole = String::new();
    while whole.len() < MAIL.len() {
        let (untagged, _) =
            imap.command(&format!("UID FETCH 1 BODY.PEEK[]<{}.20>", whole.len())).await.unwrap();
        assert!(untagged[0].starts_with(&format!("* 1 FETCH (UID 1 BODY[]<{}> {{", whole.len())));
        whole.push_str(literal(&untagged[0]));
    }
    assert_eq!(whole, MAIL);
    let (untagged, _) = imap.command("UID FETCH 1 (BODY.PEEK[HEADER.FIELDS (SUBJECT)])").await.unwrap();
    assert_eq!(literal(&untagged[0]), "Subject: Hello\r\n\r\n");
    let (untagged, _) = imap.command("FETCH 2 BODY.PEEK[HEADER]").await.unwrap();
    assert!(literal(&untagged[0]).ends_with("Subject: Again\r\n\r\n"));
    assert!(playground.script().mailbox(USER).iter().all(|(_, flags)| flags.is_empty()));
}

#[tokio::test]
async fn only_a_read_without_peek_in_select_marks_a_mail() {
    let playground = start().await;
    playground.deliver(USER, MAIL);
    let mut imap = opened(&playground, "EXAMINE INBOX").await;
    imap.command("UID FETCH 1 BODY[]").await.unwrap();
    assert!(imap.command("UID STORE 1 +FLAGS (\\Seen)").await.unwrap().1.starts_with("NO"));
    assert_eq!(playground.script().mailbox(USER), [(1, vec![])]);
    let mut imap = opened(&playground, "SELECT INBOX").await;
    imap.command("UID FETCH 1 BODY[]").await.unwrap();
    assert_eq!(playground.script().mailbox(USER), [(1, vec!["\\Seen".to_owned()])]);
}

#[tokio::test]
async fn search_knows_dates_sizes_and_flags() {
    let playground = start().await;
    for day in 1..=4 {
        let received = format!("2026-11-0{day}T12:00:00Z").parse().unwrap();
        playground.deliver_at(USER, format!("{MAIL}{}", "x".repeat(day * 1000)), received);
    }
    let mut imap = opened(&playground, "EXAMINE INBOX").await;
    for (keys, found) in [
        ("SINCE 2-Nov-2026 BEFORE 4-Nov-2026", "* SEARCH 2 3"),
        ("OR ON 01-Nov-2026 LARGER 4000", "* SEARCH 1 4"),
        ("NOT UID 2:3", "* SEARCH 1 4"),
        ("(UNSEEN SMALLER 2000) ALL", "* SEARCH 1"),
        ("2:*", "* SEARCH 2 3 4"),
        ("SEEN", "* SEARCH"),
    ] {
        let (untagged, _) = imap.command(&format!("UID SEARCH {keys}")).await.unwrap();
        assert_eq!(untagged, [found], "{keys}");
    }
    for keys in ["", " KEYWORD x", " UID", " SINCE soon", " ((ALL)"] {
        assert!(imap.command(&format!("UID SEARCH{keys}")).await.unwrap().1.starts_with("BAD"), "{keys}");
    }
}

#[tokio::test]
async fn commands_may_come_in_one_write() {
    let playground = start().await;
    playground.deliver(USER, MAIL);
    let (mut imap, _) = Imap::connect(&playground).await;
    let sign_in = xoauth2(USER, &token(&playground));
    imap.send(&format!(
        "a AUTHENTICATE XOAUTH2 {sign_in}\r\nb STATUS INBOX (UIDNEXT UIDVALIDITY)\r\nc LOGOUT\r\n"
    ))
    .await;
    assert!(imap.line().await.unwrap().starts_with("a OK"));
    assert_eq!(imap.line().await.unwrap(), "* STATUS INBOX (UIDNEXT 2 UIDVALIDITY 1700000000)");
    for start in ["b OK", "* BYE", "c OK"] {
        assert!(imap.line().await.unwrap().starts_with(start));
    }
    let counters = playground.script().counters();
    assert_eq!((counters.mail_connections, counters.all_commands(), counters.command("STATUS")), (1, 3, 1));
    assert!(counters.mail_bytes_out < 600 && counters.mail_wire_bytes_out > counters.mail_bytes_out);
}

#[tokio::test]
async fn news_come_with_noop_and_idle() {
    let playground = start().await;
    playground.deliver(USER, MAIL);
    let mut imap = opened(&playground, "EXAMINE INBOX").await;
    playground.deliver(USER, MAIL);
    playground.script().remove(USER, 1);
    assert_eq!(imap.command("NOOP").await.unwrap().0, ["* 1 EXPUNGE", "* 1 EXISTS"]);
    imap.send("i IDLE\r\n").await;
    assert_eq!(imap.line().await.unwrap(), "+ idling");
    playground.deliver(USER, MAIL);
    assert_eq!(imap.line().await.unwrap(), "* 2 EXISTS");
    imap.send("DONE\r\n").await;
    assert!(imap.line().await.unwrap().starts_with("i OK"));
}

#[tokio::test]
async fn a_renumbered_mailbox_has_new_numbers_and_ends_open_sessions() {
    let playground = start().await;
    playground.script().skip_uids(USER, 40);
    playground.deliver(USER, MAIL);
    let mut imap = opened(&playground, "EXAMINE INBOX").await;
    playground.script().renumber(USER);
    assert!(imap.command("NOOP").await.is_err());
    let mut imap = Imap::signed_in(&playground).await;
    let (untagged, _) = imap.command("STATUS INBOX (UIDNEXT UIDVALIDITY)").await.unwrap();
    assert_eq!(untagged, ["* STATUS INBOX (UIDNEXT 2 UIDVALIDITY 1700000001)"]);
    assert_eq!(playground.script().mailbox(USER)[0].0, 1);
}

#[tokio::test]
async fn long_and_broken_input_ends_or_is_refused() {
    let playground = start().await;
    let mut imap = opened(&playground, "EXAMINE INBOX").await;
    for command in [
        "UID FETCH",
        "UID FETCH 0 UID",
        "UID FETCH 1 (UID",
        "FETCH 1 ENVELOPE",
        "STATUS INBOX UIDNEXT",
        "NONSENSE",
    ] {
        assert!(imap.command(command).await.unwrap().1.starts_with("BAD"), "{command}");
    }
    imap.send("\r\n").await;
    assert!(imap.line().await.unwrap().starts_with("* BAD"));
    for input in ["x LOGIN {999999}\r\n".to_owned(), format!("x LOGIN {}\r\n", "y".repeat(20_000))] {
        let (mut imap, _) = Imap::connect(&playground).await;
        imap.send(&input).await;
        assert_eq!(imap.line().await.unwrap(), "* BYE The command is too long");
        assert!(imap.line().await.is_err());
    }
    assert!(playground.script().issue_tokens(CLIENT, "nobody@example.test").is_none());
}
