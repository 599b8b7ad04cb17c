//! Memory: many mails, and one large mail.

use aws_lc_rs::digest;
use serde_json::json;
use tests::{Maildocket, Servers, mails::with_attachment};

const MIB: u64 = 1024 * 1024;

/// Bytes that nothing compresses, the same for the same seed.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

#[tokio::test]
async fn ten_thousand_mails_stay_below_150_mb() {
    const MAILS: u64 = 10_000;
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    for number in 0..MAILS {
        // 1 kB to 40 kB, 20 kB on average.
        let file = noise(number, 700 + (number % 20) as usize * 1_450);
        account.deliver(&with_attachment(&number.to_string(), &format!("Mail {number}"), &file));
    }
    let mailbox = docket.api.password_mailbox(servers, &account).await;
    let begun = std::time::Instant::now();
    let report = docket.api.poll(&mailbox).await;
    let took = begun.elapsed();
    let peak = docket.peak_memory();
    println!("{MAILS} mails in {took:?}, {} MiB at most", peak / MIB);
    assert_eq!(report["created"], json!(MAILS));
    assert!(peak < 150 * 1_000_000, "{} MiB", peak / MIB);
}

#[tokio::test]
async fn a_mail_of_50_mb_costs_less_than_64_mb_above_rest() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    let mailbox = docket.api.password_mailbox(servers, &account).await;
    // What the first mail brings with it (TLS roots, threads) is rest for the second.
    account.deliver(&with_attachment("small", "A small one", &noise(1, 1_000)));
    docket.api.poll(&mailbox).await;
    let rest = docket.memory();
    let file = noise(2, 50_000_000);
    account.deliver(&with_attachment("large", "A large one", &file));
    docket.forget_peak();
    let report = docket.api.poll(&mailbox).await;
    let above = docket.peak_memory().saturating_sub(rest);
    println!("a mail of 50 MB: {} MiB above {} MiB", above / MIB, rest / MIB);
    assert_eq!(report["created"], 1);
    assert!(above < 64 * 1_000_000, "{} MiB above rest", above / MIB);

    let key = docket.api.issues().await[0]["key"].as_str().unwrap().to_owned();
    let files = docket.api.list(&format!("/issues/{key}/attachments")).await;
    let hash = digest::digest(&digest::SHA256, &file);
    let hash: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((files[0]["size"].as_u64(), files[0]["sha256"].as_str()), (Some(50_000_000), Some(&*hash)));
    docket.forget_peak();
    let bytes = docket.api.bytes(&format!("/attachments/{}", files[0]["id"].as_str().unwrap())).await;
    assert!(bytes == file, "the file came out differently");
    let above = docket.peak_memory().saturating_sub(rest);
    assert!(above < 64 * 1_000_000, "reading it back: {} MiB above rest", above / MIB);
}
