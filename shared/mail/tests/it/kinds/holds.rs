//! What is said of a kind holds together, whatever the mail.

use proptest::{collection::vec, prelude::*, sample::select};

fn soup(words: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    let piece =
        prop_oneof![4 => select(words).prop_map(str::to_owned), 1 => "\\PC{0,6}".prop_map(String::from)];
    vec(piece, 0..most).prop_map(|pieces| pieces.concat())
}

const HEADER: &[&str] = &[
    "From: MAILER-DAEMON@x.example\n",
    "From: <>\n",
    "From: Jane <jane@example.com>\n",
    "Return-Path: <>\n",
    "Subject: failure notice\n",
    "Subject: Re: Undeliverable: x\n",
    "Subject: Out of office: x\n",
    "Subject: Abwesend\n",
    "Subject: [x] ***SPAM*** 配信不能\n",
    "X-Failed-Recipients: a@b.example, |c\n",
    "Auto-Submitted: auto-replied\n",
    "Precedence: list\n",
    "List-Id: <x.example>\n",
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n",
    "Content-Type: text/calendar; method=REPLY\n",
];

const BODY: &[&str] = &[
    "\n",
    "\n--b\n\n",
    "\n--b\nContent-Type: message/delivery-status\n\n",
    "\n--b\nContent-Type: message/rfc822\n\n",
    "\n--b--\n",
    "Final-Recipient: rfc822; ",
    "Original-Recipient: rfc822; ",
    "Action: failed\n",
    "Action: delivered\n",
    "Status: 5.1.1\n",
    "Diagnostic-Code: smtp; 550 5.2.2 full\n",
    "<a@b.example>:",
    "a@b.example",
    "\"a b\"@c.example",
    "ü@b.example",
    "IMCEASMTP-a+40b+2Eexample@c.example",
    "5.1.1",
    "(#5.1.1)",
    "4.",
    "Recipient: ",
    "RCPT TO:<",
    "generated from ",
    "----- Original message -----\n",
    "Received: from x for <a@b.example>;\n",
    "Message-ID: <1@x>\n",
    "To: ",
    "could not be delivered",
    "this is the qmail-send program",
    "宛先",
    "> ",
    " ",
    ": ",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn kinds_hold_together(header in soup(HEADER, 6), body in soup(BODY, 40)) {
        let kind = mail::parse(format!("{header}\n{body}").as_bytes()).kind;
        prop_assert!(!(kind.bounce.is_some() && kind.auto_reply.is_some()));
        prop_assert!(kind.bounce.is_some() || kind.bounced_recipients.is_empty() && kind.bounce_statuses.is_empty());
        for recipient in &kind.bounced_recipients {
            prop_assert!(!recipient.is_empty() && recipient.len() <= 254, "{recipient}");
            prop_assert!(!recipient.contains(['<', '>', '\n', ';']), "{recipient}");
        }
        for code in &kind.bounce_statuses {
            let numbers: Vec<&str> = code.split('.').collect();
            prop_assert!(numbers.len() == 3 && matches!(numbers[0], "4" | "5"), "{code}");
        }
        prop_assert!(kind.verdicts().all(|(_, verdict)| !verdict.evidence.is_empty()));
    }
}
