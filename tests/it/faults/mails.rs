//! The sixty mails: threads, answers before their parents, copies, files, large ones, automatic ones.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use intake::Timestamp;

/// How many there are.
pub(super) const COUNT: usize = 60;
/// Threads of a mail and three answers.
const THREADS: usize = 6;

/// One to deliver.
pub(super) struct Delivery {
    pub(super) raw: Bytes,
    pub(super) received: Timestamp,
}

/// All of them, in the order of their arrival, the last a little before `now`.
pub(super) fn sixty(now: Timestamp) -> Vec<Delivery> {
    let mut mails: Vec<Bytes> = playground::samples_as_of(now).into_iter().map(|sample| sample.raw).collect();
    mails.extend(threads());
    mails.extend(special());
    let first = mails.len();
    mails.extend((first..COUNT).map(|n| letter(&format!("plain-{n}"), "A question", "What does it cost?")));
    assert_eq!(mails.len(), COUNT);
    let start = now.as_second() - 2 * 3600;
    let at = |n: i64| Timestamp::from_second(start + n * 60).unwrap();
    (0..).zip(mails).map(|(n, raw)| Delivery { raw, received: at(n) }).collect()
}

/// A mail with this Message-ID (before the domain).
pub(super) fn letter(id: &str, subject: &str, text: &str) -> Bytes {
    mail(id, subject, "", text)
}

fn mail(id: &str, subject: &str, more: &str, text: &str) -> Bytes {
    let raw = format!(
        "From: Ada <ada@example.test>\r\nTo: support@example.test\r\nDate: Mon, 5 Jan 2026 12:00:00 +0100\r\n\
         Message-ID: <{id}@example.test>\r\nSubject: {subject}\r\n{more}\r\n{text}\r\n"
    );
    Bytes::from(raw)
}

/// Threads that run side by side, so that each batch has mails of several.
fn threads() -> Vec<Bytes> {
    let mut mails: Vec<Bytes> = (0..THREADS)
        .map(|t| letter(&format!("thread-{t}-0"), &format!("Thread {t}"), "It does not work."))
        .collect();
    for n in 1..4 {
        for t in 0..THREADS {
            let parent = n - 1;
            let more = format!(
                "In-Reply-To: <thread-{t}-{parent}@example.test>\r\nReferences: <thread-{t}-0@example.test>\r\n"
            );
            let text = format!("Now it does {n}.\r\n\r\n> It does not work.");
            mails.push(mail(&format!("thread-{t}-{n}"), &format!("Re: Thread {t}"), &more, &text));
        }
    }
    mails
}

/// One of every kind that is no plain letter.
pub(super) fn special() -> Vec<Bytes> {
    let long = "All work and no play makes a long mail.\r\n".repeat(2200);
    let answer = "In-Reply-To: <late-parent@example.test>\r\n";
    let automatic = "Auto-Submitted: auto-replied\r\nIn-Reply-To: <not-ours@example.net>\r\n";
    let nameless =
        Bytes::from_static(b"From: b@example.test\r\nSubject: No name\r\n\r\nWithout a Message-ID\r\n");
    vec![
        mail("early-answer", "Re: Late", answer, "An answer before its parent."),
        letter("late-parent", "Late", "The parent, late."),
        letter("copied", "Copied", "The same mail, twice."),
        letter("copied", "Copied", "The same mail, twice."),
        letter("reused", "Reused", "The first mail of this Message-ID."),
        letter("reused", "Reused", "Another mail of this Message-ID."),
        mail("away", "Out of office", automatic, "I am away."),
        with_files("two-files", "Two files", "", &[("a.pdf", b"%PDF-1.4 a"), ("b.bin", &[7; 3000])]),
        with_files("late-file", "Re: Late", answer, &[("c.txt", b"c")]),
        with_files("large", "A large one", "", &[("large.bin", &noise(800_000)), ("small.bin", &noise(500))]),
        with_files(
            "large-answer",
            "Re: A large one",
            "In-Reply-To: <large@example.test>\r\n",
            &[("more.bin", &noise(780_000))],
        ),
        letter("long", "A long text", &long),
        nameless.clone(),
        nameless,
        Bytes::from_static(b"\xff\xfe no mail at all \x00\r\n"),
    ]
}

/// Some of these, few enough to be read ahead at once: how they are batched does then not depend on time.
pub(super) fn few_special() -> Vec<Bytes> {
    let chosen = [0, 1, 2, 3, 6, 7, 9, 12, 14];
    special().into_iter().enumerate().filter(|(n, _)| chosen.contains(n)).map(|(_, raw)| raw).collect()
}

/// An issue and a comment with a line at which handlers cut, and an automatic mail that makes nothing by itself.
pub(super) fn with_a_cut() -> Vec<Bytes> {
    let answer = "In-Reply-To: <cut@example.test>\r\n";
    let cut = |raw: Bytes| {
        let text = String::from_utf8_lossy(&raw).replace("See the files.", "Above.\r\n--cut--\r\nBelow.");
        Bytes::from(text)
    };
    vec![
        cut(with_files("cut", "A cut", "", &[("a.pdf", b"%PDF-1.4 a"), ("b.bin", b"b")])),
        cut(with_files("cut-too", "Re: A cut", answer, &[("c.pdf", b"%PDF-1.4 c"), ("d.bin", b"d")])),
        mail("away", "Out of office", "Auto-Submitted: auto-replied\r\n", "I am away."),
    ]
}

fn with_files(id: &str, subject: &str, more: &str, files: &[(&str, &[u8])]) -> Bytes {
    let more = format!("{more}MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"edge\"\r\n");
    let mut text = "--edge\r\nContent-Type: text/plain\r\n\r\nSee the files.\r\n".to_owned();
    for (name, content) in files {
        text.push_str(&format!(
            "--edge\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; \
             filename=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        ));
        for line in STANDARD.encode(content).as_bytes().chunks(76) {
            text.push_str(std::str::from_utf8(line).unwrap());
            text.push_str("\r\n");
        }
    }
    text.push_str("--edge--");
    mail(id, subject, &more, &text)
}

/// Bytes that look random and are always the same.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(|_| next()).collect()
}
