//! Rows about incoming mail servers: protocols and ways to sign in.

use intake::{
    flows::{
        change::Expect,
        mailboxes::{self, MailboxInput},
    },
    types::{given::Given, grant::GrantStatus},
};
use playground::{MailFault, Options};
use serde_json::json;
use tests::{
    Browser, Maildocket, Person, Scene, Servers,
    inside::{actor, text},
    maildocket::password,
    mails::mail,
    scene::ACCOUNT,
};

#[tokio::test]
async fn row_18_password_sign_in_on_custom_imap_and_pop3_servers_keeps_working() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let dovecot = &servers.dovecot;
    let ways = [
        ("imap", dovecot.imaps, "implicit"),
        ("imap", dovecot.imap, "starttls"),
        ("imap", dovecot.imap, "none"),
        ("pop3", dovecot.pop3s, "implicit"),
        ("pop3", dovecot.pop3, "starttls"),
        ("pop3", dovecot.pop3, "none"),
    ];
    for (protocol, port, tls) in ways {
        let account = dovecot.account();
        let name = format!("{protocol}-{tls}");
        account.deliver(&mail(&format!("{name}-1"), "The lamp flickers", "", "It began yesterday."));
        let answer = format!("In-Reply-To: <{name}-1@customer.example>\r\n");
        account.deliver(&mail(&format!("{name}-2"), "Re: The lamp flickers", &answer, "Now it is dark."));
        let mailbox = docket.api.mailbox_by(protocol, port, tls, password(&account)).await;
        let test = docket.api.post(&format!("/mailboxes/{mailbox}/test"), json!({})).await;
        assert_eq!(test["ok"], true, "{name}: {test}");
        let report = docket.api.poll(&mailbox).await;
        assert_eq!((&report["created"], &report["commented"]), (&json!(1), &json!(1)), "{name}: {report}");
        account.deliver(&mail(&format!("{name}-3"), "Opening hours", "", "Are you open on Sundays?"));
        assert_eq!(docket.api.poll(&mailbox).await["created"], json!(1), "{name}");
        assert_eq!(docket.api.poll(&mailbox).await["fetched"], json!(0), "{name}");
        let messages = docket.api.list(&format!("/messages?mailbox_id={mailbox}")).await;
        assert_eq!(messages.len(), 3, "{name}");
        let place = messages[0]["server_id"].as_str().unwrap();
        assert!(place.starts_with(protocol), "{place}");
        if protocol == "imap" {
            assert_eq!(account.flags(), Vec::<String>::new(), "{name}: a mail was touched");
        }
    }
}

/// At the playground as Microsoft speaks POP3, and at the real Dovecot, whose tokens the certified server gives.
#[tokio::test]
async fn row_19_microsoft_pop3_oauth_is_supported() {
    as_microsoft_speaks_it().await;
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    account.deliver(&mail("1", "The lamp flickers", "", "It began yesterday."));
    let (integration, client) = docket.api.integration(servers).await;
    for (port, tls) in [(servers.dovecot.pop3s, "implicit"), (servers.dovecot.pop3, "starttls")] {
        let auth = json!({ "method": "oauth2", "integration_id": integration });
        let mailbox = docket.api.mailbox_by("pop3", port, tls, auth).await;
        let mut browser = Browser::new(&servers.identity.ca_pem);
        let person = Person::Agrees(&account.address);
        let (attempt, page) =
            docket.api.consent(&mut browser, &integration, json!({ "mailbox_id": mailbox }), person).await;
        assert_eq!(attempt["status"], "done", "{attempt} {page:?}");
        let test = docket.api.post(&format!("/mailboxes/{mailbox}/test"), json!({})).await;
        assert_eq!(test["ok"], true, "{test}");
        let report = docket.api.poll(&mailbox).await;
        // By the second way they are the same mails in the same project.
        let wanted = if tls == "implicit" { json!([1, 0]) } else { json!([0, 2]) };
        assert_eq!(json!([report["created"], report["skipped"]]), wanted, "{report}");
        // A token that has ended is refreshed, once, and the poll goes on.
        servers.authority.expire(&account.address).await;
        account.deliver(&mail(tls, tls, "", "After the token's end."));
        let before = servers.authority.token_requests(&client).await;
        assert_eq!(docket.api.poll(&mailbox).await["created"], json!(1));
        assert!(servers.authority.token_requests(&client).await > before);
    }
}

/// Two lines, no response codes, no PIPELINING; the one-line form ends the connection.
async fn as_microsoft_speaks_it() {
    let scene = Scene::new(Options::default()).await;
    let script = scene.script();
    script.set_pop3_capabilities(&["TOP", "UIDL", "SASL PLAIN XOAUTH2", "USER"]);
    let (mailbox, grant) = scene.mailbox().await;
    let change = MailboxInput {
        protocol: text("pop3"),
        port: Given::Value(scene.playground.pop3_address().port().into()),
        ..MailboxInput::default()
    };
    mailboxes::patch(scene.app(), &actor(), mailbox, &Expect::any(), change).await.unwrap();
    scene.playground.deliver(ACCOUNT, "Subject: One\r\n\r\nHello.\r\n").unwrap();
    assert_eq!(scene.poll(mailbox).await.unwrap().created, 1);
    let counters = script.counters();
    assert_eq!((counters.command("AUTH"), counters.sign_ins_refused, counters.command("DELE")), (1, 0, 0));

    // A token that was refused is refreshed once; a second refusal is told.
    scene.playground.deliver(ACCOUNT, "Subject: Two\r\n\r\nHello.\r\n").unwrap();
    script.mail_fault(MailFault::exchange_pop3_refuses_token());
    let before = scene.refreshes();
    assert_eq!(scene.poll(mailbox).await.unwrap().created, 1);
    assert_eq!(scene.refreshes(), before + 1);
    for _ in 0..2 {
        script.mail_fault(MailFault::exchange_pop3_refuses_token());
    }
    let refused = scene.poll(mailbox).await.unwrap_err();
    assert!(!refused.message.is_empty() && !refused.action.is_empty(), "{refused:?}");
    assert_eq!(scene.grant(grant).await.status, GrantStatus::Active);
    assert!(scene.poll(mailbox).await.is_ok());
}
