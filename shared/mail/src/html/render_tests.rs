use super::render::render;

fn check(html: &str, expected: &str) {
    assert_eq!(render(html).text, expected, "{html}");
}

#[test]
fn blocks_and_inlines() {
    check("<p>One <b>two</b>\n three</p><p>four<br>five", "One two three\n\nfour\nfive");
    check("a<br><br>b<div>c</div><div>d</div>", "a\n\nb\nc\nd");
    check("<style>p{}</style><title>no</title><script>if (a<b) x()</script>yes", "yes");
    check("x&nbsp;&amp;&#8364;", "x &€");
    check("<div style='display: none'>pre<div>header</div></div>shown", "shown");
}

#[test]
fn links_lists_tables_quotes() {
    check(
        "<a href='https://e.org/x'>here</a>, <a href='https://e.org'>e.org</a>",
        "here <https://e.org/x>, e.org",
    );
    check("<ul><li>a<ol><li>b<li>c</ol><li>d</ul>", "- a\n  1. b\n  2. c\n- d");
    check("<table><tr><td>a<td>b<tr><td>c<td>d</table>", "a\tb\nc\td");
    check("<p>x<blockquote>y<br>z</blockquote>w", "x\n\n> y\n> z\n\nw");
    check("<pre>a  b\n c</pre>", "a  b\n c");
}

#[test]
fn quotes_are_known_by_their_marks() {
    let gmail = "<div>Yes.</div><br><div class=\"gmail_quote x\"><div>On Monday J wrote:<br></div><blockquote>No?</blockquote></div>";
    let page = render(gmail);
    assert_eq!(page.reply.unwrap(), "Yes.");
    assert_eq!(page.quoted, "On Monday J wrote:\n\n> No?");
    let outlook =
        "<p>Yes.</p><div id=appendonsend></div><hr><div id=\"divRplyFwdMsg\"><b>From:</b> J</div><p>No?";
    assert_eq!(render(outlook).reply.unwrap(), "Yes.");
    assert_eq!(render("<p>Just text").reply, None);
}

#[test]
fn any_nesting_is_fine() {
    assert_eq!(
        to_text(&format!("{}x", "<div><blockquote>".repeat(20_000))).trim_start_matches(['>', ' ']),
        "x"
    );
    assert!(to_text(&format!("<a {}>x", "y ".repeat(100_000))).contains('x'));
}

fn to_text(html: &str) -> String {
    render(html).text
}
