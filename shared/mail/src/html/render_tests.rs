use super::{marks::Mark, render::render};

fn check(html: &str, expected: &str) {
    assert_eq!(render(html).text, expected, "{html}");
}

#[test]
fn blocks_and_inlines() {
    check("<p>One <b>two</b>\n three</p><p>four<br>five", "One two three\n\nfour\nfive");
    check("a<br><br>b<div>c</div><div>d</div>", "a\n\nb\nc\nd");
    check("<div>a</div><div><br></div><div>b</div>", "a\n\nb");
    check("<div>a<br></div><div>b</div>", "a\nb");
    check("<p>a<p>b<h1>c</h1>d", "a\n\nb\n\nc\n\nd");
    check("a<hr>b", "a\n\nb");
    check(
        "<p class=MsoNormal>a<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>b</p>",
        "a\n\nb",
    );
    check("<p style='margin:0'>a</p><p style='margin:0'>b</p>", "a\nb");
    check(
        "<style> P {margin-top:0;margin-bottom:0;} </style><p>a</p><p>b</p><p style='margin:1em 0'>c</p>",
        "a\nb\n\nc",
    );
    check("<p class=MsoNormal style='margin-bottom:12.0pt'>a</p><p class=MsoNormal>b</p>", "a\n\nb");
    check("<div><div><div>a</div></div><div>b</div></div>", "a\nb");
    check("<dl><dt>a<dd>b<dt>c<dd>d</dl>", "a\nb\nc\nd");
    check("<q>a</q> b", "\"a\" b");
}

#[test]
fn white_space() {
    check("x&nbsp;&amp;&#8364;", "x &€");
    check("a&nbsp; b&nbsp;<br>c", "a  b\nc");
    check("&nbsp;a", "a");
    check(
        "b<br>&nbsp;&nbsp; a",
        "b
  a",
    );
    check("wo<wbr>rd wo&#8203;rd wo&shy;rd", "word word word");
    check("می&zwnj;خواهم 👨&zwj;👩", "می\u{200c}خواهم 👨\u{200d}👩");
    check("a <b> b </b> c", "a b c");
    check("  a  \n\n  b\t", "a b");
    check("<pre>\na  b\n c</pre>d", "a  b\n c\n\nd");
    check("<div style='white-space:pre-wrap'>a\n  b</div>", "a\n  b");
    check("a\u{1}b\u{feff}", "ab");
    check("<div>a</div>\n<div>b</div>\n", "a\nb");
    check("日本\n語", "日本 語");
}

#[test]
fn hidden_things() {
    for hidden in [
        "<style>p{}</style>",
        "<title>no</title>",
        "<script>if (a<b) x()</script>",
        "<div style='display: none'>no<div>no</div></div>",
        "<div style='display:none;font-size:1px;max-height:0'>no</div>",
        "<span style='font-size:0'>no</span>",
        "<span style='visibility:hidden'>no</span>",
        "<p hidden>no</p>",
        "<p style='display:none'>no",
        "<style>.pre, p.x { color: red; display: none !important }</style><div class='a pre'>no</div>",
        "<!--[if mso]><p>no</p><![endif]-->",
        "<svg><text>no</text></svg>",
        "<template>no</template>",
        "<select><option>no</select>",
        "<textarea>no</textarea>",
        "<img src=x width=1 height=1 alt=no>",
        "&zwnj;&nbsp;&zwnj;&nbsp;",
        "<xml><o:OfficeDocumentSettings>no</o:OfficeDocumentSettings></xml>",
    ] {
        check(&format!("{hidden}<p>yes</p>"), "yes");
    }
    check("<![if !mso]><p>yes</p><![endif]>", "yes");
    check("<!--[if !mso]><!--><p>yes</p><!--<![endif]-->", "yes");
    check("<td style='font-size:0px'><div style='font-size:13px'>yes</div></td>", "yes");
    check("<a style='mso-hide:all' href='#'>yes</a>", "yes");
    check("<style>@media screen { .m { display:none } } .n{color:red}</style><p class='m n'>yes", "yes");
    check("<div hidden>no</div></div></p>yes", "yes");
}

#[test]
fn links() {
    check(
        "<a href='https://e.org/x'>here</a>, <a href='https://e.org/'>e.org</a>",
        "here (https://e.org/x), e.org",
    );
    check("<a href='https://www.e.org/x/'>https://e.org/x</a>", "https://e.org/x");
    check(
        "<a href='mailto:a@e.org?subject=x'>a@e.org</a> <a href='mailto:a%40e.org'>write</a>",
        "a@e.org write (a@e.org)",
    );
    check("<a href='mailto:a@e.org'>Jane &lt;a@e.org&gt;</a>", "Jane <a@e.org>");
    check("<a href='javascript:x'>a</a> <a href='#x'>b</a> <a>c</a> <a href='tel:1'>d</a>", "a b c d");
    check("<a href='https://e.org'><img src=x alt='Our logo'></a>", "[Our logo] (https://e.org)");
    check("<a href='https://e.org'><img src=x></a>y", "y");
    check(
        "<a href='https://safelinks.example.com/?u=x' originalsrc='https://e.org'>https://e.org</a>",
        "https://e.org",
    );
}

#[test]
fn lists_and_tables() {
    check("<ul><li>a<ol><li>b<li>c</ol><li>d</ul>", "- a\n  1. b\n  2. c\n- d");
    check("<ol start=3><li>a</li><li><p>b</p></li></ol>c", "3. a\n4. b\n\nc");
    check("<ul><li><div>a</div></li><li></li><li><ul><li>b</ul></ul>", "- a\n-\n-\n  - b");
    check("<table><tr><td>a<td>b<tr><td>c<td>d</table>", "a\tb\nc\td");
    check("<table><tr><td><p>a</p></td><td><p class=MsoNormal>b</p></td></tr></table>e", "a\tb\ne");
    check("<table><tr><td>a<br>b</td><td>c</td></tr></table>", "a\nb\nc");
    check("<table><tr><td>&nbsp;</td><td>a</td></tr></table>", "a");
    check("<table><tr><th>a</th><td></td><td>b</td></tr></table>", "a\tb");
    check(
        "x<table><tr><td><table><tr><td>a</td></tr></table></td></tr><tr><td>b</td></tr></table>",
        "x\na\nb",
    );
    check("<table><tr><td><table><tr><td>a<tr><td>b</table></td><td>c</td></tr></table>", "a\nb\nc");
    check(
        "<table><tr><td><table><tr><td>a</table></td><td><table><tr><td>b</table></td></tr></table>",
        "a\tb",
    );
    check("<table><tr><td>a</td><td><div><p>b</p></div></td><td></td></tr><tr><td>c</table>", "a\tb\nc");
    check(
        "<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·<span style='font:7.0pt \"Times New Roman\"'>&nbsp;&nbsp; </span></span>a</p>\
         <p class=MsoListParagraph style='mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>1.<span>&nbsp; </span></span>b</p>",
        "- a\n  1. b",
    );
}

#[test]
fn pictures() {
    check("<img alt='A chart'> <img alt='logo.png'> <img> <img alt='😀'>", "[A chart] 😀");
}

#[test]
fn quotes() {
    check("<p>x<blockquote>y<br>z</blockquote>w", "x\n\n> y\n> z\n\nw");
    check("<blockquote>a<blockquote>b</blockquote></blockquote>c", "> a\n>\n> > b\n\nc");
    check("<blockquote style='margin:0 0 0 40px;border:none;padding:0px'>a</blockquote>", "a");
    check("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b");
}

#[test]
fn lines_are_marked() {
    let marks = |html: &str| render(html).marks;
    assert_eq!(marks("<p>Just text"), []);
    assert_eq!(
        marks(
            "<div>Yes.</div><div class='gmail_quote x'><div>J wrote:<br></div><blockquote>No?</blockquote>Well</div>"
        ),
        [(1, Mark::Intro), (3, Mark::Quote), (5, Mark::None)]
    );
    assert_eq!(
        marks("a<div id=appendonsend></div><hr><div id=divRplyFwdMsg><b>From:</b> J</div><p>No?"),
        [(2, Mark::QuoteToEnd)]
    );
    assert_eq!(marks("a<div class=gmail_signature>b</div>c"), [(1, Mark::Signature), (2, Mark::None)]);
    assert_eq!(
        marks("<div class=gmail_quote><blockquote>a</blockquote></div>b"),
        [(0, Mark::Quote), (2, Mark::None)]
    );
}

#[test]
fn a_mark_of_nothing_that_is_shown_is_none() {
    for nothing in ["\u{1}", "<pre>\u{3000}</pre>"] {
        let page = render(&format!("<p>a</p><div class=gmail_quote>{nothing}</div>"));
        assert_eq!((page.text.as_str(), page.marks.as_slice()), ("a", [].as_slice()), "{nothing:?}");
    }
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
