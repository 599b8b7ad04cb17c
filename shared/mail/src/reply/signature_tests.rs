use super::*;

/// `text`: the line above, the mark, what is below, with `|` between.
fn is(text: &str, author: &str) -> bool {
    let lines: Vec<&str> = text.split('|').collect();
    signs(Marked {
        mark: lines[1],
        above: lines[0],
        below: &lines[2..],
        older: false,
        separates: false,
        author,
    })
}

#[test]
fn names_firms_and_ways_to_reach_somebody_sign() {
    for text in [
        "|--|Jane",
        "|--|Jane Doe|Example Ltd|+44 20 0000 0000",
        "Hi|--|Jane",
        "Hi|--|jane",
        "|--||Jane Doe|www.example.com",
        "|—|Jane Doe",
        "|—|山田 太郎|株式会社 例",
        "|__|Jane Doe|j@example.com",
        "|--|Kind regards|Jane",
        "|--|Keep calm and carry on",
        "|--|Jane Doe|How are we doing?|www.example.com/feedback",
        "|--|________________|Jane Doe|Example Ltd",
        "|--|This mail was sent from the form on example.org",
        "|--|Diese E-Mail ist vertraulich.",
        "|--|Managing Director|Example GmbH",
        "|--|Tel: +49 30 1234567",
        "|-- --|Jane Doe",
        "|--||________________|This e-mail is confidential.",
        "|--||________________|Jane Roe",
        "|--|jane",
        "|___|Jane Doe, Example Ltd",
        "|--|jane doe|www.example.com",
    ] {
        assert!(is(text, ""), "{text}");
    }
    for text in
        ["|--||Jane", "|—||Jane Doe", "|---|Jane Doe", "|--|Jane|--|Example", "|__||J. Doe", "Hi|—|Jane"]
    {
        assert!(is(text, "Jane Doe"), "{text}");
    }
}

#[test]
fn what_people_part_by_dashes_does_not() {
    for text in [
        "|--",
        "| a ||--| b ||",
        "Order for room 1:|--|Order for room 2:|4 chairs",
        "2 chairs|__|Order for room 2:|4 chairs",
        "|—||Order for room 2:|4 chairs",
        "|—||Zimmer 2|4 Stühle",
        "|--||second question: how do I get a new card?",
        "|--||Second question|When do you open again?",
        "bob@example.com|--|and remove this one:|carl@example.com",
        "|--|-- Data for table orders|--|INSERT INTO orders VALUES (1);",
        "|--|SELECT 1;",
        "|--|Please close the other ticket too.",
        "|--|Bitte schließen Sie auch das andere Ticket.",
        "|--|ご確認のほどよろしくお願いいたします。",
        "|--|- first|- second",
        "|--|Room 1|2 chairs|--|Room 2|4 chairs",
        "|–||Le deuxième point|Qui s'en occupe ?",
        "Option A|—|Option B",
        "12 kg|--|Nachher:|10 kg",
        "|--|blue ones|two boxes",
        "|--|zweiter stock|neben dem lift",
        "|--|12 boxes|blue ones",
        "Ich brauche Folgendes|--|zwei Stühle|drei Tische",
    ] {
        assert!(!is(text, "Jane Doe"), "{text}");
    }
    let long = [&["", "--"][..], &["line"; 80]].concat().join("|");
    assert!(!is(&long, ""));
}

#[test]
fn lists_sign_with_an_address_or_a_link() {
    let is = |text: &str| footer(&text.split('|').collect::<Vec<_>>());
    for text in [
        "_______________________________________________|Users mailing list|users@lists.example.org",
        "_______________________________________________|Users mailing list -- users@lists.example.org|To unsubscribe send an email to users-leave@lists.example.org",
        "-----|To unsubscribe, write to users-unsubscribe@example.org",
        "-----|Sie erhalten diese Nachricht, weil Sie in Google Groups E-Mails der Gruppe abonniert haben.",
        "-|unsubscribe: https://example.org/u",
    ] {
        assert!(is(text), "{text}");
    }
    for text in [
        "_______________________________________________|Next chapter",
        "-----|Customers cannot unsubscribe, the link is dead.",
        "-----|Our mailing list needs a new owner, who can take it?",
        "-----|Kunden können sich nicht abmelden, der Link https://example.org/u ist tot.",
        "=====|The mailing list archive at https://example.org/a is empty since Monday.",
    ] {
        assert!(!is(text), "{text}");
    }
}

#[test]
fn boxes_sign_below() {
    let is = |text: &str| boxed(&text.split('|').collect::<Vec<_>>());
    assert!(is("=====|Jane Roe|Example Ltd|=====") && is("----|Jane||----||"));
    assert!(!is("=====|Jane Roe") && !is("=====|Jane|=====|More") && !is("====|===="));
}
