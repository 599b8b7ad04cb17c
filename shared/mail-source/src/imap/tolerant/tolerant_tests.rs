use proptest::prelude::*;
use tokio::io::AsyncReadExt;

use super::*;

const MAX: u64 = 100;

fn signed_in() -> Reader {
    Reader { signing_in: false, ..Reader::new(MAX) }
}

fn read(reader: &mut Reader, bytes: &[u8], piece: usize) -> Result<Vec<u8>, TooLarge> {
    let mut shown = Vec::new();
    for chunk in bytes.chunks(piece.max(1)) {
        let mut at = 0;
        while let Some(rest) = chunk.get(at..).filter(|rest| !rest.is_empty()) {
            at += reader.take(rest)?;
            shown.append(&mut reader.out);
        }
    }
    Ok(shown)
}

fn canonical(bytes: &str) -> (String, Told) {
    asked(bytes, None)
}

/// However the bytes are cut.
fn asked(bytes: &str, asked: Option<(Asked, Pieces)>) -> (String, Told) {
    let mut all = (1..bytes.len() + 1).map(|piece| {
        let mut reader = signed_in();
        reader.asked = asked.map(|(asked, _)| asked);
        reader.pieces = asked.map(|(_, pieces)| pieces).unwrap_or_default();
        let shown = read(&mut reader, bytes.as_bytes(), piece).unwrap();
        (String::from_utf8(shown).unwrap(), reader.told)
    });
    let first = all.next().unwrap();
    assert!(all.all(|other| other == first), "{bytes}");
    first
}

#[test]
fn fetches_are_written_as_the_rfc_has_them() {
    let cases = [
        ("*  1  FETCH  ( UID   7  RFC822.SIZE 300 )\n", "* 1 FETCH (UID 7 RFC822.SIZE 300)\r\n"),
        (
            "* 1 fetch(uid 7 FLAGS (\\Seen) internaldate \" 1-Nov-2026 10:00:00 +0000\")\r\n",
            "* 1 FETCH (UID 7 INTERNALDATE \" 1-Nov-2026 10:00:00 +0000\")\r\n",
        ),
        (
            "* 1 FETCH (UID 7 INTERNALDATE NIL RFC822.SIZE 4294967296)\r\n",
            "* 1 FETCH (UID 7 RFC822.SIZE 4294967295)\r\n",
        ),
        ("* 1 FETCH (INTERNALDATE \"\" UID 7 RFC822.SIZE NIL)\r\n", "* 1 FETCH (UID 7)\r\n"),
        ("* 1 FETCH (INTERNALDATE UID 7 RFC822.SIZE)\r\n", "* 1 FETCH (UID 7)\r\n"),
        ("* 1 FETCH (INTERNALDATE \"23-Nov UID 7 RFC822.SIZE 3)\r\n", "* 1 FETCH (UID 7 RFC822.SIZE 3)\r\n"),
        ("* 1 FETCH (INTERNALDATE \"1-Nov-2026 10:00:00 UID 7)\r\n", "* 1 FETCH (UID 7)\r\n"),
        (
            "* 1 FETCH (RFC822.SIZE 99999999999999999999999 UID 7)\r\n",
            "* 1 FETCH (RFC822.SIZE 4294967295 UID 7)\r\n",
        ),
        (
            "* 1 FETCH (ENVELOPE (\"a\" {3}\r\n)) \"b\") UID 7 X-ODD {2}\r\n)) MODSEQ (12))\r\n",
            "* 1 FETCH (UID 7)\r\n",
        ),
        ("* 1 FETCH (UID 7 BODY[] {5+}\nab\r\nc)\r\n", "* 1 FETCH (UID 7 BODY[] {5}\r\nab\r\nc)\r\n"),
        ("* 1 FETCH (BODY[]<0.1> ~{1}\r\na UID 7)\r\n", "* 1 FETCH (BODY[] {1}\r\na UID 7)\r\n"),
        ("* 1 FETCH (UID 7 BODY[] \"a \\\" b\")\r\n", "* 1 FETCH (UID 7 BODY[] {5}\r\na \" b)\r\n"),
        ("* 1 FETCH (UID 7 BODY [] {0}\r\n)\r\n", "* 1 FETCH (UID 7 BODY[] {0}\r\n)\r\n"),
        (
            "* 1 FETCH (UID 7 BODY[HEADER.FIELDS (\"DATE\" RECEIVED)] {2}\r\nab)\r\n",
            "* 1 FETCH (UID 7 BODY[HEADER] {2}\r\nab)\r\n",
        ),
        (
            "* 1 FETCH (UID 7 RFC822.HEADER {2}\r\nab RFC822 {1}\r\nc)\r\n",
            "* 1 FETCH (UID 7 BODY[HEADER] {2}\r\nab BODY[] {1}\r\nc)\r\n",
        ),
        ("* 1 FETCH (UID 7 BODY[] NIL)\r\n", "* 1 FETCH (UID 7)\r\n"),
        ("* 1 FETCH (FLAGS (\\Seen $Forwarded))\r\n* 2 FETCH ()\r\n* 3 FETCH\r\n", ""),
    ];
    for (from, to) in cases {
        assert_eq!(canonical(from), (to.to_owned(), Told::default()), "{from}");
    }
}

#[test]
fn what_is_not_understood_is_passed_over_with_its_literals() {
    let cases = [
        "* \r\n",
        "*\r\n",
        "\r\n",
        "  \n",
        "* X-NOTIFY {4}\r\nA1 O {2}\r\nOK more\r\n",
        "[COPYUID 1 2 3] Done\r\n",
        "* XLIST (\\HasNoChildren) \"/\" \"INBOX\"\r\n",
        "* 5 RECENT\r\n",
        "* FLAGS (\\Answered)\r\n",
        "* VANISHED (EARLIER) 1:5\r\n",
        "* LIST broken\r\n",
        "* THREAD (2)(3 6)\r\n",
        "HTTP/1.1 200 OK\r\n",
    ];
    for case in cases {
        let both = format!("{case}A1 OK done\r\n");
        assert_eq!(canonical(&both), ("A1 OK .\r\n".to_owned(), Told::default()), "{case}");
    }
}

#[test]
fn states_are_told_apart_from_their_words() {
    let (shown, told) = canonical(
        "* OK  [UIDVALIDITY 3857529045]  UIDs valid {5}\r\n*  OK [UIDNEXT 12] x\r\na3  ok [READ-ONLY]\n",
    );
    assert_eq!(shown, "* OK .\r\n* OK [UIDNEXT 12] .\r\nA3 OK [READ-ONLY] .\r\n");
    assert_eq!(told, Told { uid_validity: Some(3_857_529_045), ..Told::default() });
    let (shown, told) =
        canonical("* BAD [ALERT] Your IP address is blocked\r\nA4 NO [AUTHENTICATIONFAILED] Wrong\r\n");
    assert_eq!(shown, "* BAD .\r\nA4 NO .\r\n");
    assert_eq!(told.words().unwrap(), "[AUTHENTICATIONFAILED] Wrong / [ALERT] Your IP address is blocked");
    assert_eq!(canonical("A5 SURE it went well\r\n").0, "A5 BAD .\r\n");
    let (_, told) = canonical("* OK [PERMANENTFLAGS (\\Deleted  \\Seen \\*)] Limited\r\nA6 OK x\r\n");
    assert_eq!(told.permanent_flags.unwrap(), ["\\Deleted", "\\Seen", "\\*"]);
    let (_, told) = canonical("A6 OK [MESSAGELIMIT 1000 4711] done\r\n");
    assert_eq!(told.limit, Some(4711));
}

#[test]
fn nothing_stands_between_a_sign_in_and_its_answers() {
    let said =
        b"* OK still here\r\n* NO [ALERT] Your disk is full\r\n+ \r\n* CAPABILITY IMAP4rev1\r\nA1 OK in\r\n";
    let mut reader = Reader::new(MAX);
    let shown = read(&mut reader, said, 7).unwrap();
    assert_eq!(String::from_utf8(shown).unwrap(), "+ \r\nA1 OK .\r\n");
    assert_eq!(reader.told.aside.as_deref(), Some("[ALERT] Your disk is full"));
}

#[test]
fn what_async_imap_does_not_know_is_told_beside_the_answers() {
    for (line, prefix) in [
        ("* NAMESPACE ((\"INBOX.\" \".\")) NIL ((\"#shared.\" \".\"))\r\n", Some("INBOX.")),
        ("* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n", Some("")),
        ("*  namespace  ( ( INBOX/ \"/\" ) ) NIL NIL\n", Some("INBOX/")),
        ("* NAMESPACE NIL NIL ((\"x\" \".\"))\r\n", None),
        ("* NAMESPACE\r\n", None),
    ] {
        let (shown, told) = canonical(line);
        assert_eq!((shown.as_str(), told.prefix.as_deref()), ("", prefix), "{line}");
    }
    let (_, told) = canonical("* MYRIGHTS \"INBOX.a b\" lrswi\r\n");
    assert_eq!(told.rights.as_deref(), Some("lrswi"));
    let (_, told) = canonical("* 7 EXISTS\r\n* 3 EXPUNGE\r\n* 3 EXPUNGE\r\n* 5 EXISTS\r\n* 1 EXPUNGE\r\n");
    assert_eq!((told.holds.exists, told.holds.expunged), (4, 3));
}

#[test]
fn validities_above_32_bits_differ_where_they_change() {
    let of = |value: &str| canonical(&format!("* OK [UIDVALIDITY {value}] x\r\n")).1.uid_validity.unwrap();
    assert_eq!((of("4294967297"), of(&u64::MAX.to_string())), (1 << 32 | 1, u64::MAX));
    for (one, other) in [("18446744073709551616", "18446744073709551617"), ("abc", "abd"), ("-1", "1")] {
        assert_eq!(of(one), of(one));
        assert_ne!(of(one), of(other), "{one} {other}");
    }
}

#[test]
fn what_cannot_be_is_never_passed_over() {
    for case in [
        "* 1 FETCH (UID 4294967296 FLAGS ())\r\n",
        "* 1 FETCH (UID 0)\r\n",
        "* SEARCH 1 x 3\r\n",
        "* SEARCH 4294967296\r\n",
        "* 1 FETCH (UID 99999999999999999999)\r\n",
        "* 2 FETCH oops\r\n",
    ] {
        assert!(canonical(case).1.absurd.is_some(), "{case}");
    }
}

#[test]
fn a_long_search_is_handed_on_in_parts() {
    let numbers: Vec<String> = (1..200_000).map(|n| n.to_string()).collect();
    let line = format!("* SEARCH {} (MODSEQ 9)\r\nA1 OK x\r\n", numbers.join(" "));
    let mut reader = signed_in();
    let shown = String::from_utf8(read(&mut reader, line.as_bytes(), READ).unwrap()).unwrap();
    let found: Vec<&str> =
        shown.lines().filter_map(|line| line.strip_prefix("* SEARCH ")).flat_map(|l| l.split(' ')).collect();
    assert_eq!(found, numbers);
    assert!(shown.lines().all(|line| line.len() <= MAX_SEARCH + READ), "a part is too long");
}

#[test]
fn what_was_found_is_read_as_numbers_and_as_sets() {
    for (from, to) in [
        ("* SEARCH 1 3:5  7,9", " 1 3 4 5 7 9"),
        ("* ESEARCH (TAG \"A1\") UID MIN 1 ALL 1:3,7 COUNT 4", " 1 2 3 7"),
        ("* esearch (TAG \"A1\") UID all 9", " 9"),
        ("* ESEARCH (TAG \"A1\") UID", ""),
        ("* ESEARCH", ""),
    ] {
        let (shown, told) = canonical(&format!("{from}\r\n"));
        assert_eq!((shown, told.absurd), (format!("* SEARCH{to}\r\n"), None), "{from}");
    }
    for absurd in
        ["SEARCH 1:4294967295", "ESEARCH ALL 7,1:4294967295", "ESEARCH ALL x", "SEARCH 1:", "SEARCH 1:2:3"]
    {
        let mut reader = signed_in();
        let shown = read(&mut reader, format!("* {absurd}\r\n").as_bytes(), READ).unwrap();
        assert!(shown.len() < 20 && reader.told.absurd.is_some(), "{absurd}");
    }
}

#[test]
fn pieces_are_cut_from_whole_mails() {
    let ask = |offset, length, sends_whole| {
        Some((Asked { offset, length }, Pieces { sends_whole, ..Pieces::default() }))
    };
    let after =
        |whole| Some((Asked { offset: 4, length: 4 }, Pieces { sends_whole: false, whole: Some(whole) }));
    let body = |text: &str| format!("* 1 FETCH (UID 7 BODY[] {{{}}}\r\n{text})\r\n", text.len());
    assert_eq!(asked(&body("0123456789"), ask(0, 4, false)).0, body("0123"));
    assert_eq!(asked(&body("0123456789"), ask(4, 4, false)).0, body("4567"));
    assert_eq!(asked(&body("0123456789"), ask(8, 4, false)).0, body("89"));
    // A piece without its origin, from a server that knows pieces, and one that does not.
    assert_eq!(asked(&body("4567"), ask(4, 4, false)).0, body("4567"));
    assert_eq!(asked(&body("0123"), ask(4, 4, true)).0, body(""));
    let from = |at: u64, text: &str| body(text).replace("BODY[]", &format!("BODY[]<{at}>"));
    // The origin is repeated, and more comes than was asked for: from there on, or the whole mail, as the first piece told.
    assert_eq!(asked(&from(4, "456789"), after(10)).0, body("4567"));
    assert_eq!(asked(&from(4, "0123456789"), after(10)).0, body("4567"));
    assert!(asked(&from(4, "0123456789"), ask(4, 4, false)).1.absurd.is_some());
    assert!(asked(&from(8, "89"), ask(4, 4, false)).1.absurd.is_some());
}

#[test]
fn lists_and_capabilities_are_read_however_they_are_written() {
    assert_eq!(
        canonical("*  LIST  (\\HasNoChildren)  \".\"  INBOX.Done \r\n").0,
        "* LIST () \".\" \"INBOX.Done\"\r\n"
    );
    assert_eq!(canonical("* LIST () NIL {6}\r\na \"b\\c\r\n").0, "* LIST () NIL \"a \\\"b\\\\c\"\r\n");
    assert_eq!(
        canonical("* CAPABILITY  IMAP4 ID\t AUTH= AUTH=PLAIN  x(y \r\n").0,
        "* CAPABILITY IMAP4rev1 IMAP4 ID AUTH=PLAIN\r\n"
    );
    assert_eq!(canonical("+\r\n+ Go ahead!\r\n+ e30=\r\n").0, "+ \r\n+ \r\n+ e30=\r\n");
}

#[test]
fn answers_are_measured_before_they_come() {
    let bytes = format!("* 1 FETCH (UID 1 BODY[] {{60}}\r\n{} X {{9999}}\r\n", "a".repeat(60));
    assert!(read(&mut Reader::new(MAX), bytes.as_bytes(), 7).is_ok(), "what is passed over costs nothing");
    let bytes = format!("* 1 FETCH (BODY[] {{60}}\r\n{} BODY[HEADER] {{41}}\r\n", "a".repeat(60));
    assert_eq!(read(&mut Reader::new(MAX), bytes.as_bytes(), 7), Err(TooLarge));
    assert_eq!(read(&mut Reader::new(MAX), &vec![b'x'; MAX_LINE + 1], 4096), Err(TooLarge));
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,20}",
        Just("\r\n".to_owned()),
        Just("\n".to_owned()),
        "\\* [0-9]{1,3} FETCH \\(",
        "(UID|RFC822.SIZE|INTERNALDATE|BODY\\[\\]|BODY\\[\\]<[0-9]>|ENVELOPE|FLAGS) ",
        "\\{[0-9]{1,2}\\}\r\n",
        "\\* (OK|NO|BAD|BYE|SEARCH|LIST|CAPABILITY|EXISTS) ?",
        "A[0-9]{1,4} (OK|NO|BAD) ?",
        "[\\[\\]()\"\\\\{}~+*]{1,3}",
        "\\[(UIDVALIDITY|UIDNEXT|MESSAGELIMIT|COPYUID|CAPABILITY) [0-9: ]{0,12}\\]",
        "[0-9]{1,12}",
        any::<Vec<u8>>().prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever a server says, async-imap gets answers that it can parse, one after the other, to the end.
    #[test]
    fn everything_that_is_shown_can_be_parsed(pieces in prop::collection::vec(piece(), 0..60), cut in 1usize..40) {
        let bytes = pieces.concat();
        let mut reader = signed_in();
        if let Ok(shown) = read(&mut reader, bytes.as_bytes(), cut) {
            let mut rest = shown.as_slice();
            while !rest.is_empty() {
                match async_imap::imap_proto::Response::parse(rest) {
                    Ok((left, _)) => rest = left,
                    // An answer whose end has not come.
                    Err(error) if error.is_incomplete() => break,
                    Err(error) => panic!("{error:?} {rest:?} of {bytes:?}"),
                }
            }
        }
    }
}

#[tokio::test]
async fn a_stream_shows_them_and_ends_with_the_connection() {
    let (near, mut far) = tokio::io::duplex(16);
    let server = tokio::spawn(async move {
        use tokio::io::AsyncWriteExt;
        far.write_all(b"*  5  EXISTS\n* 1 FETCH (UID 7 BODY[] {20}\r\n01234567890123456789)\r\n* 6 EXI")
            .await
            .unwrap();
    });
    let mut shown = String::new();
    let mut stream = Tolerant::new(near, MAX);
    stream.begin(None);
    stream.read_to_string(&mut shown).await.unwrap();
    server.await.unwrap();
    assert_eq!(shown, "* 5 EXISTS\r\n* 1 FETCH (UID 7 BODY[] {20}\r\n01234567890123456789)\r\n");
}
