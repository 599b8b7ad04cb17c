use super::*;

fn check(text: &str, reply: &str, quoted: &str) {
    let cut = cut(text, Known::default());
    assert_eq!((cut.reply.as_str(), cut.quoted.as_str()), (reply, quoted), "{text}");
}

#[test]
fn quotes_and_answers_between_them() {
    check("Hi\n\n> a\nOne.\n> b\nTwo.", "Hi\n\nOne.\nTwo.", "> a\n> b");
    check(
        "Yes\n\nOn Monday, 5 January 2026,\nJane <j@k> wrote:\n> No?",
        "Yes",
        "On Monday, 5 January 2026,\nJane <j@k> wrote:\n> No?",
    );
    check("Ja\n\nAm 5.1.2026 um 12:00 schrieb J:\n\nNein?", "Ja", "Am 5.1.2026 um 12:00 schrieb J:\n\nNein?");
    check(
        "はい\n\n2026年1月5日(月) 12:34 山田 <y@k>:\n> いいえ",
        "はい",
        "2026年1月5日(月) 12:34 山田 <y@k>:\n> いいえ",
    );
    check("Jane wrote:\n| a\n| b\nYes.\n| c\nNo.", "Yes.\nNo.", "Jane wrote:\n| a\n| b\n| c");
    check("Jane wrote:\nJD> a\nYes.", "Yes.", "Jane wrote:\nJD> a");
    check("Hi\n\n> a\n\nOne.\n\n> b\n\nTwo.", "Hi\n\nOne.\n\nTwo.", "> a\n\n> b");
}

#[test]
fn outlook_and_its_block() {
    check("Yes\n\n-----Original Message-----\nFrom: J\nx", "Yes", "-----Original Message-----\nFrom: J\nx");
    check(
        "Oui\n\nDe : J\nEnvoyé : lundi\nÀ : K\nObjet : x\n\ny",
        "Oui",
        "De : J\nEnvoyé : lundi\nÀ : K\nObjet : x\n\ny",
    );
    let forwarded = "FYI\n\nFrom: J\nSent: Monday\nTo: K\nSubject: x\n\ny";
    assert_eq!(cut(forwarded, Known { forward: true, ..Known::default() }).reply, forwarded);
}

#[test]
fn signatures_go_and_forwards_stay() {
    check("Hi\n\n--\nJane\nExample Ltd", "Hi", "--\nJane\nExample Ltd");
    check("Hi\n\nSent from my phone\n\n> x", "Hi", "Sent from my phone\n\n> x");
    check("Hi\n\nSent from my iPhone\n\n--\nJane", "Hi", "Sent from my iPhone\n\n--\nJane");
    check(
        "Look\n\n---------- Forwarded message ---------\nFrom: J\n\n> x",
        "Look\n\n---------- Forwarded message ---------\nFrom: J\n\n> x",
        "",
    );
    check(
        "See below\n\nBegin forwarded message:\n\n> From: J",
        "See below\n\nBegin forwarded message:\n\n> From: J",
        "",
    );
    check(
        "See\n\n> Begin forwarded message:\n>\n> From: J",
        "See\n\n> Begin forwarded message:\n>\n> From: J",
        "",
    );
    check("Hi\n--\nJane\n\nBegin forwarded message:\n\nx", "Hi\n\nBegin forwarded message:\n\nx", "--\nJane");
}

#[test]
fn a_long_quote_below_a_signature_hides_it_not() {
    let block =
        format!("From: J <j@example.com>\nSent: Monday\nTo: K\nSubject: x\n\n{}", "text\n".repeat(100));
    check(&format!("Hi\n\n--\nJane\n\n{block}"), "Hi", &format!("--\nJane\n\n{}", block.trim()));
}

#[test]
fn ordinary_text_is_no_quote() {
    for text in [
        "From: the beginning\nThings to do on Friday:\n- wrote: a letter\nHere is what I wrote:\ntext",
        "Run this:\n\n> npm install\n> npm start\n\nand tell me.",
        "The difference:\n\n2c2\n< old\n---\n> new\n\nBye",
        "A | B\n--\n1 | 2",
        "Trip\nFrom: London\nTo: Paris\nDate: 5 May\nSeats: 2",
        "One\n\n---\n\nTwo",
        "Dear all,\n\n>From next week on we are closed.\n\nJane",
        "On Monday I wrote: the printer is broken.\nOn Tuesday you said:\nit works.",
        "Best regards,\nJane",
    ] {
        check(text, text, "");
    }
}

#[test]
fn answers_are_written_above_the_line() {
    check(
        "Yes\n\n##- Please type your reply above this line -##\n\nHello",
        "Yes",
        "##- Please type your reply above this line -##\n\nHello",
    );
    check(
        "##- Please type your reply above this line -##\n\nHello",
        "Hello",
        "##- Please type your reply above this line -##",
    );
}
