//! Memory: RETR cannot be asked in pieces, and a large mail must not lie in memory all the same.

use tests::{Maildocket, Servers, maildocket::password, mails::with_attachment};

const MB: u64 = 1_000_000;

#[tokio::test]
async fn a_mail_of_50_mb_by_pop3_costs_less_than_64_mb_above_rest() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    let mailbox = docket.api.mailbox_by("pop3", servers.dovecot.pop3s, "implicit", password(&account)).await;
    // What the first mail brings with it (TLS roots, threads) is rest for the second.
    account.deliver(&with_attachment("small", "A small one", b"small"));
    docket.api.poll(&mailbox).await;
    let rest = docket.memory();
    let file: Vec<u8> = (0..50_000_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    account.deliver(&with_attachment("large", "A large one", &file));
    docket.forget_peak();
    let report = docket.api.poll(&mailbox).await;
    let above = docket.peak_memory().saturating_sub(rest);
    println!("a mail of 50 MB by POP3: {} MB above {} MB", above / MB, rest / MB);
    assert_eq!(report["created"], 1);
    assert!(above < 64 * MB, "{} MB above rest", above / MB);
    let key = docket.api.issues().await[0]["key"].as_str().unwrap().to_owned();
    let files = docket.api.list(&format!("/issues/{key}/attachments")).await;
    let bytes = docket.api.bytes(&format!("/attachments/{}", files[0]["id"].as_str().unwrap())).await;
    assert!(bytes == file, "the file came out differently");
}
