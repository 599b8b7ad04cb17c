//! What the pages of many programs say of quotes, and what people set apart in them.

use crate::html;

use super::{Cut, Seen};

/// An answer that is HTML alone.
fn of_page(html: &str, answers: bool) -> Cut {
    let page = html::render(html);
    super::cut(&Seen {
        text: &page.text,
        page: Some(&page),
        subject: "Re: Printer",
        answers,
        author: "Jane Doe",
    })
}

#[test]
fn programs_mark_quotes_and_signatures_in_their_pages() {
    const QUOTED: &[&str] = &[
        r#"<div class="history-quote-wrapper" id="lark-mail-quote-1"><div><span>Mula sa: </span><span>Bob &lt;support@example.org&gt;</span></div><div>Pakipatay.</div></div>"#,
        r#"<div id="reply139content"><div>----x----</div><div>Pakipatay.</div></div>"#,
        r#"<div name="messageSignatureSection"><br/><div class="matchFont">Jane Doe<br/>Example Ltd</div></div><div name="messageReplySection">On 5 Jan 2026 at 12:30 +0100, Bob &lt;support@example.org&gt;, wrote:<br/><blockquote type="cite"><div>Pakipatay.</div></blockquote></div>"#,
        r#"<div name="messageReplySection">5 జన 2026 12:30, Bob రాశారు<br/><blockquote type="cite"><div>Pakipatay.</div></blockquote></div>"#,
        r#"<div class="bloop_sign"><div>Jane Doe</div></div><br><p class="airmail_on">5. yan 2026, Bob yozdi:</p><blockquote type="cite" class="clean_bq">Pakipatay.</blockquote>"#,
        r#"<div class="ntes-mailmaster-quote"><div>x Bob y</div><blockquote>Pakipatay.</blockquote></div>"#,
        r#"<div class="fairemail_signature">Jane</div><div class="fairemail_quote"><p>x 5.1.2026 Bob y:</p><blockquote>Pakipatay.</blockquote></div>"#,
        r#"<div id="edo-signature">Jane</div><div id="edo-original"><div>x Bob y</div><blockquote>Pakipatay.</blockquote></div>"#,
        r#"<div id="aqm-original">x 5 Bob y:<br><div>Pakipatay.</div></div>"#,
        r#"<div id="CanarySig">Jane</div><blockquote id="CanaryBlockquote"><div>x Bob y</div>Pakipatay.</blockquote>"#,
        r#"<div id="quoted_header"><b>X:</b> Bob</div><div>Pakipatay.</div>"#,
        r#"<div data-marker="__SIG_PRE__">Jane</div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__"><b>X: </b>Bob</div><div data-marker="__QUOTED_TEXT__">Pakipatay.</div>"#,
        r#"<div data-o-mail-quote="1">x Bob y</div><blockquote data-o-mail-quote="1">Pakipatay.</blockquote>"#,
        r#"<div class="freshdesk_quote">x Bob y<blockquote class="freshdesk_quote">Pakipatay.</blockquote></div>"#,
        r#"<div class="x_gmail_quote"><div class="x_gmail_attr">x Bob y</div><blockquote class="x_gmail_quote">Pakipatay.</blockquote></div>"#,
        r#"<div id="x_x_divRplyFwdMsg"><b>X:</b> Bob</div><div>Pakipatay.</div>"#,
        r#"<div class="ydp1234abcdyahoo_quoted" id="ydp1"><div>x Bob y</div><div>Pakipatay.</div></div>"#,
        r#"<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">నా iPhone నుండి పంపబడింది</div><div dir="ltr"><br><blockquote type="cite">x Bob y<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">Pakipatay.</div></blockquote>"#,
        r#"<div class="k9mail-signature">Jane</div><div class="gmail_quote">x Bob y<blockquote class="gmail_quote">Pakipatay.</blockquote></div>"#,
        r#"<div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">సోమ, 5 జన, 2026 12:34 PMకి, Bob ఇలా రాశారు:<br></div><blockquote class="gmail_quote">Pakipatay.</blockquote></div>"#,
        r#"<div>05.01.2026, 12:34, "Bob" &lt;support@example.org&gt;:</div><blockquote>Pakipatay.</blockquote>"#,
        r#"<div>On Mon, 5 Jan 2026 at 12:34, Bob &lt;support@example.org&gt; wrote:</div><blockquote style="border-left:1px solid #0857A6;margin:10px"><div>Pakipatay.</div></blockquote>"#,
        r#"<blockquote>Pakipatay.</blockquote>"#,
        r#"<div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>Kutoka:</b> Bob &lt;support@example.org&gt;<br><b>Ilitumwa:</b> 5 Jan 2026 12:30<br><b>Mada:</b> Printer</p></div><p>Pakipatay.</p>"#,
    ];
    for quoted in QUOTED {
        let cut = of_page(&format!("<html><body><div>Paano?</div>{quoted}</body></html>"), true);
        assert_eq!(cut.reply, "Paano?", "{quoted}");
        assert!(cut.quoted.contains("Pakipatay."), "{quoted}");
    }
}

#[test]
fn blocks_that_somebody_sets_apart_in_a_page_stay() {
    const QUOTE: &str = r#"<div class="moz-cite-prefix">Am 05.01.26 um 12:30 schrieb Bob:<br></div><blockquote type="cite">Welche?</blockquote>"#;
    const OUTLOOK: &str = r#"<div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> Bob<br><b>Sent:</b> Monday</div><div>Any news?</div>"#;
    const GMAIL: &str = r#"<div class="gmail_quote"><div class="gmail_attr">On Mon, Jan 5, 2026 at 12:30 PM Bob &lt;b@example.org&gt; wrote:<br></div><blockquote class="gmail_quote">Which?</blockquote></div>"#;
    for block in [
        "<blockquote><p>Drucker 204<br>Drucker 205</p></blockquote>",
        r#"<blockquote style="margin:0 0 0 1em;padding-left:1em;border-left:2px solid #888"><p>Drucker 204</p></blockquote>"#,
        r#"<blockquote style="margin:0px 0px 0px 0.8ex; border-left:3px solid rgb(200,200,200); padding-left:1ex"><div>Drucker 204</div></blockquote>"#,
        "<blockquote><blockquote>Drucker 204</blockquote></blockquote>",
        r#"<blockquote style="margin:0 0 0 40px;border:none;padding:0px"><div>Drucker 204</div></blockquote>"#,
    ] {
        for quote in ["", QUOTE, OUTLOOK, GMAIL] {
            for (above, below) in
                [("Es sind diese:", "Danke!"), ("Es sind diese", "Danke!"), ("Es sind diese:", "")]
            {
                let cut = of_page(&format!("<p>{above}</p>{block}<p>{below}</p>{quote}"), true);
                assert!(
                    cut.reply.contains("Drucker 204") && cut.reply.contains(below),
                    "{block} {quote}: {cut:?}"
                );
                assert!(
                    !cut.reply.contains("Welche")
                        && !cut.reply.contains("Any news")
                        && !cut.reply.contains("Which"),
                    "{block} {quote}: {cut:?}"
                );
            }
        }
    }
}

#[test]
fn a_quote_that_somebody_announces_stays_above_the_quote() {
    let gmail = r#"<blockquote class="gmail_quote">Drucker 204</blockquote>"#;
    let older = r#"<div class="gmail_quote"><div class="gmail_attr">On Mon, Jan 5, 2026 at 12:30 PM Bob &lt;b@example.org&gt; wrote:<br></div><blockquote class="gmail_quote">Which?</blockquote></div>"#;
    let cut = of_page(&format!("<div>Es sind diese:</div>{gmail}<div>Danke!</div>{older}"), true);
    assert!(cut.reply.contains("Drucker 204") && cut.reply.contains("Danke!"), "{cut:?}");
    assert!(!cut.reply.contains("Which?"), "{cut:?}");
    let between = r#"<div class="gmail_quote"><div class="gmail_attr">On Mon, Jan 5, 2026 at 12:30 PM Bob wrote:<br></div><blockquote class="gmail_quote">One?</blockquote><div>Eins</div><blockquote class="gmail_quote">Two?</blockquote><div>Zwei</div></div>"#;
    assert_eq!(of_page(between, true).reply, "Eins\n\nZwei");
}

#[test]
fn a_twin_tells_where_an_older_mail_begins_in_any_language() {
    const GMAIL: &str = r#"<div dir="ltr">OK.</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">%<br></div><blockquote class="gmail_quote">Please try again.</blockquote></div>"#;
    const APPLE: &str = r#"<html><body>OK.<br id="lineBreakAtBeginningOfMessage"><div><br><blockquote type="cite"><div>%</div><br class="Apple-interchange-newline"><div>Please try again.</div></blockquote></div></body></html>"#;
    const OUTLOOK: &str = r#"<div>OK.</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><font>%</font><div>&nbsp;</div></div><div>Please try again.</div>"#;
    for (html, said, older) in [
        (
            GMAIL,
            "సోమ, 5 జన, 2026 12:34 PMకి, Bob <s@example.org> ఇలా రాశారు:",
            "సోమ, 5 జన, 2026 12:34 PMకి, Bob <s@example.org> ఇలా రాశారు:\n\n> Please try again.",
        ),
        (
            GMAIL,
            "సోమ, 5 జన, 2026 12:34 PMకి, Bob <s@example.org> ఇలా రాశారు:",
            "సోమ, 5 జన, 2026 12:34 PMకి, Bob\n<s@example.org> ఇలా రాశారు:\n\n> Please try again.",
        ),
        (GMAIL, "Bob yozdi, dushanba", "Bob yozdi, dushanba\n\n> Please try again."),
        (GMAIL, "Bob yozdi, dushanba", "Bob yozdi, dushanba\n\nPlease try again."),
        (
            APPLE,
            "5 జన, 2026న 12:34 PMకి, Bob ఇలా రాశారు:",
            "5 జన, 2026న 12:34 PMకి, Bob ఇలా రాశారు:\n\n> Please try again.",
        ),
        (
            OUTLOOK,
            "Kutoka: Bob<br>Ilitumwa: Jumatatu<br>Mada: Printa",
            "Kutoka: Bob\nIlitumwa: Jumatatu\nMada: Printa\n\nPlease try again.",
        ),
        (
            OUTLOOK,
            "Kutoka: Bob<br>Ilitumwa: Jumatatu<br>Mada: Printa",
            "________________________________\nKutoka: Bob\nIlitumwa: Jumatatu\nMada: Printa\n\nPlease try again.",
        ),
    ] {
        let said = said.replace('<', "&lt;").replace("&lt;br>", "<br>");
        let page = html::render(&html.replace('%', &said));
        let text = format!("OK.\n\n{older}");
        let cut = super::cut(&Seen {
            text: &text,
            page: Some(&page),
            subject: "Re: Printer",
            answers: true,
            author: "Jane",
        });
        assert_eq!((cut.reply.as_str(), cut.quoted.as_str()), ("OK.", older), "{page:?}");
    }
}
