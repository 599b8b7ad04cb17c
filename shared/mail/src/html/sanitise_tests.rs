use html5ever::{
    tendril::StrTendril,
    tokenizer::{BufferQueue, Tag, TagKind, Token as Html5Token, TokenSink, TokenSinkResult, Tokenizer},
};

use super::*;

fn clean(html: &str) -> String {
    sanitise(html, &|id| (id == "logo@x").then(|| "/files/1".to_owned()))
}

/// Attacks by class; none may leave more than elements and attributes of the allow-list.
const ATTACKS: &[(&str, &str)] = &[
    ("script", "<script>alert(1)</script>"),
    ("script in upper case", "<SCRIPT SRC=//e.org/x.js></SCRIPT>"),
    ("script within script", "<scr<script>ipt>alert(1)</scr</script>ipt>"),
    ("unclosed script", "<script>alert(1)"),
    ("slash for blank", "<img/src=x/onerror=alert(1)>"),
    ("event handler", "<img src=x onerror=alert(1)>"),
    ("handler without quotes", "<div onmouseover=alert(1)>x</div>"),
    ("handler after a null", "<div \0onclick=alert(1)>x</div>"),
    ("handler with entities", "<div on&#99;lick=alert(1)>x</div>"),
    ("handler after a quote", "<img \"\"\"><script>alert(1)</script>\">"),
    ("javascript link", "<a href='javascript:alert(1)'>x</a>"),
    ("javascript in entities", "<a href='&#106;&#x61;vascript&colon;alert(1)'>x</a>"),
    ("javascript with a tab", "<a href='java\tscript:alert(1)'>x</a>"),
    ("javascript with an entity tab", "<a href='jav&#x09;ascript:alert(1)'>x</a>"),
    ("javascript with a newline", "<a href='jav&NewLine;ascript&colon;alert(1)'>x</a>"),
    ("javascript behind a control", "<a href='&#1;javascript:alert(1)'>x</a>"),
    ("vbscript", "<a href='vbscript:msgbox(1)'>x</a>"),
    ("data link", "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>"),
    ("remote by protocol", "<a href='//e.org'>x</a>"),
    ("svg", "<svg onload=alert(1)><script>alert(1)</script></svg>"),
    ("svg animation", "<svg><a><animate attributeName=href values=javascript:alert(1) /></a></svg>"),
    ("svg breakout", "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">"),
    ("svg foreign object", "<svg><foreignObject><iframe src=//e.org></foreignObject></svg>"),
    ("math", "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>"),
    ("math link", "<math href='javascript:alert(1)'>x</math>"),
    (
        "math annotation",
        "<math><annotation-xml encoding='text/html'><img src=x onerror=alert(1)></annotation-xml></math>",
    ),
    ("noscript", "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">"),
    ("style element", "<style>@import '//e.org/x.css';</style>"),
    ("style in a title", "<title><style></title><img src=x onerror=alert(1)></style></title>"),
    ("template", "<template><img src=x onerror=alert(1)></template>"),
    ("textarea", "<textarea><img title=\"</textarea><img src=x onerror=alert(1)>\"></textarea>"),
    ("xmp", "<xmp><p title=\"</xmp><svg/onload=alert(1)>\">"),
    ("noembed", "<noembed><img title=\"</noembed><img onerror=alert(1)>\"></noembed>"),
    ("plaintext", "<plaintext><img src=x onerror=alert(1)>"),
    ("iframe", "<iframe src=//e.org></iframe><iframe srcdoc='<script>alert(1)</script>'>"),
    ("object", "<object data=//e.org><param name=x></object>"),
    ("embed", "<embed src=//e.org>"),
    ("applet", "<applet code=x archive=//e.org></applet>"),
    ("frameset", "<frameset onload=alert(1)><frame src=//e.org></frameset>"),
    ("form", "<form action=//e.org><input name=password><button formaction=//e.org>x</button></form>"),
    ("isindex", "<isindex action=javascript:alert(1) type=image>"),
    ("base", "<base href=//e.org><a href=/x>x</a>"),
    ("meta refresh", "<meta http-equiv=refresh content='0;url=//e.org'>"),
    ("link element", "<link rel=stylesheet href=//e.org/x.css>"),
    (
        "background attribute",
        "<body background=//e.org/x.png><table background=//e.org/x.png><tr><td background='//e.org'>x</table>",
    ),
    ("style url", "<p style='background:url(//e.org)'>x</p>"),
    ("style url escaped", "<p style='background-color:\\75rl(//e.org)'>x</p>"),
    ("style url in entities", "<p style='background-color:&#117;rl(//e.org)'>x</p>"),
    ("style expression", "<p style='width:expression(alert(1))'>x</p>"),
    ("style expression commented", "<p style='width:exp/**/ression(alert(1))'>x</p>"),
    ("style behaviour", "<p style='behavior:url(#x);-moz-binding:url(//e.org#x)'>x</p>"),
    ("style import", "<p style='@import url(//e.org)'>x</p>"),
    ("overlay", "<div style='position:fixed;top:0;left:0;width:100%;height:100%;z-index:9'>x</div>"),
    ("overlay by transform", "<div style='transform:scale(99);margin:-500px'>x</div>"),
    ("image set", "<div style='background-image:image-set(\"//e.org/x.png\" 1x)'>x</div>"),
    ("srcset", "<img srcset='//e.org/x 2x' sizes=1 loading=eager>"),
    ("picture source", "<picture><source srcset=//e.org/x><img src=//e.org/x></picture>"),
    ("video poster", "<video poster=//e.org/x src=//e.org/x><source src=//e.org></video>"),
    ("audio", "<audio src=//e.org autoplay onerror=alert(1)></audio>"),
    ("input image", "<input type=image src=//e.org/x onerror=alert(1)>"),
    ("svg picture", "<img src='data:image/svg+xml;base64,PHN2Zz4='>"),
    ("html picture", "<img src='data:text/html,<script>alert(1)</script>'>"),
    (
        "picture by javascript",
        "<img src='javascript:alert(1)'><img dynsrc='javascript:alert(1)' lowsrc='javascript:x'>",
    ),
    ("remote picture by protocol", "<img src='//e.org/x.png'>"),
    ("file picture", "<img src='file:///etc/passwd'>"),
    ("id clobbering", "<a id=location name=document href=https://e.org>x</a><img name=getElementById id=x>"),
    ("form clobbering", "<form id=x><input name=attributes></form>"),
    ("class of the page", "<div class='admin-only modal' data-controller=x>x</div>"),
    ("target", "<a href=https://e.org target=_top rel=opener ping=//e.org download>x</a>"),
    ("usemap", "<img src=x usemap=#m><map name=m><area href='javascript:alert(1)' shape=default></map>"),
    ("comment", "<!--><img src=x onerror=alert(1)>-->"),
    ("conditional comment", "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->"),
    ("cdata", "<![CDATA[<script>alert(1)</script>]]>"),
    ("processing instruction", "<?xml-stylesheet href='javascript:alert(1)'?><?php x ?>"),
    ("unclosed attribute", "<img title='<script>alert(1)</script>"),
    ("unclosed tag", "<img src=x onerror=alert(1) "),
    ("markup in a title attribute", "<p title='\"><img src=x onerror=alert(1)>'>x</p>"),
    ("markup in alt", "<img alt='--><script>alert(1)</script>'>"),
    ("markup in a link", "<a href='https://e.org/\"><img src=x onerror=alert(1)>'>x</a>"),
    ("markup in a font", "<font face='\"onmouseover=alert(1) x=\"' color='red\" onclick=x'>x</font>"),
    ("custom element", "<x-y onfocus=alert(1) tabindex=1 autofocus>x</x-y>"),
    ("contenteditable", "<div contenteditable accesskey=x draggable=true is=x slot=x>x</div>"),
    ("dialog", "<dialog open>x</dialog><details open ontoggle=alert(1)><summary>x</summary></details>"),
    ("marquee", "<marquee onstart=alert(1)>x</marquee><blink>x</blink>"),
    ("xml namespace", "<html xmlns:x='urn:x'><x:script>alert(1)</x:script></html>"),
    ("adoption", "<b><p><i></b><a href='javascript:x'></i></p><table><a><tr><td></a>"),
    ("fostered", "<table><img src=x onerror=alert(1)><tr><script>x</script></table>"),
    ("select", "<select><style></select><img src=x onerror=alert(1)></style></select>"),
    ("keygen and portal", "<keygen autofocus onfocus=alert(1)><portal src=//e.org>"),
    ("utf-7", "+ADw-script+AD4-alert(1)+ADw-/script+AD4-"),
    ("wide letters", "<a href='ｊavascript:alert(1)'>x</a>"),
    ("import of html", "<link rel=import href=//e.org><object type=text/x-scriptlet data=//e.org>"),
    (
        "vml",
        "<v:rect style='behavior:url(#default#VML)' href='javascript:alert(1)'><v:fill src=//e.org></v:rect>",
    ),
];

#[derive(Default)]
struct Sink(std::cell::RefCell<Vec<Tag>>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Html5Token, _line: u64) -> TokenSinkResult<()> {
        if let Html5Token::TagToken(tag) = token {
            self.0.borrow_mut().push(tag);
        } else if let Html5Token::CommentToken(_) | Html5Token::DoctypeToken(_) = token {
            panic!("neither comments nor doctypes are written");
        }
        TokenSinkResult::Continue
    }
}

/// Reads what was written as a browser would, and checks each tag and attribute.
fn check(name: &str, html: &str) {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    let tokenizer = Tokenizer::new(Sink::default(), Default::default());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    let mut open = Vec::new();
    for tag in tokenizer.sink.0.into_inner() {
        let element = tag.name.to_string();
        assert!(allowed::is_element(&element), "{name}: {element} in {html}");
        if tag.kind == TagKind::EndTag {
            assert_eq!(open.pop(), Some(element), "{name}: balance of {html}");
            continue;
        }
        for attr in &tag.attrs {
            let value = &*attr.value;
            let safe = match &*attr.name.local {
                "href" => {
                    ["https://", "http://", "mailto:", "tel:"].iter().any(|start| value.starts_with(start))
                }
                "src" => value.starts_with("/files/") || value.starts_with("data:image/png;base64,"),
                "data-src" => value.starts_with("https://") || value.starts_with("http://"),
                "target" => value == "_blank",
                "rel" => value == "noopener noreferrer nofollow",
                "style" => !["url", "expression", "position", "\\", "transform", "/*"]
                    .iter()
                    .any(|bad| value.contains(bad)),
                other => allowed::attribute(&element, other).is_some(),
            };
            assert!(safe, "{name}: {}={value} in {html}", &*attr.name.local);
        }
        if !allowed::is_void(&element) {
            open.push(element);
        }
    }
    assert!(open.is_empty(), "{name}: {open:?} in {html}");
}

#[test]
fn attacks_leave_nothing() {
    assert!(ATTACKS.len() >= 80);
    for (name, attack) in ATTACKS {
        for html in [
            attack.to_string(),
            format!("<p>a</p>{attack}<p>b</p>"),
            format!("<table><tr><td>{attack}</td></tr></table>"),
        ] {
            let once = clean(&html);
            check(name, &once);
            let twice = clean(&once);
            check(name, &twice);
            assert!(!once.to_ascii_lowercase().contains("<script"), "{name}: {once}");
        }
    }
    let all: String = ATTACKS.iter().map(|(_, attack)| *attack).collect();
    check("all of them", &clean(&all));
}

#[test]
fn ordinary_mail_stays() {
    for (html, expected) in [
        (
            "<p style=\"color: red\">a &amp; b &lt;c&gt;&nbsp;d</p>",
            "<p style=\"color:red\">a &amp; b &lt;c&gt;\u{a0}d</p>",
        ),
        (
            "<table width=100% cellpadding=0><tr><td bgcolor=#fff>a<td>b<tr><td>c</table>",
            "<table width=\"100%\" cellpadding=\"0\"><tr><td bgcolor=\"#fff\">a</td><td>b</td></tr><tr><td>c</td></tr></table>",
        ),
        ("<p>a<p>b<ul><li>c<li>d</ul>", "<p>a</p><p>b</p><ul><li>c</li><li>d</li></ul>"),
        ("<b>a<i>b</b>c</i>", "<b>a<i>b</i></b>c"),
        ("<html><body><div>a<o:p></o:p></div></body></html>", "<div>a</div>"),
        ("<td>a</td></b></div>", "<td>a</td>"),
        ("<blockquote type=cite>a</blockquote>", "<blockquote type=\"cite\">a</blockquote>"),
        ("<form>a <button>b</button></form>", "a b"),
        ("a<br/>b<hr>", "a<br>b<hr>"),
        (
            "<h1 align=center>a</h1><font size=+1 color=red>b</font>",
            "<h1 align=\"center\">a</h1><font size=\"+1\" color=\"red\">b</font>",
        ),
    ] {
        assert_eq!(clean(html), expected, "{html}");
    }
}

#[test]
fn pictures_come_from_the_mail_only() {
    assert!(clean("<img src=\"cid:logo@x\">").contains("src=\"/files/1\""));
    assert!(clean("<img src=\"cid:logo%40x\">").contains("src=\"/files/1\""));
    assert!(!clean("<img src=\"cid:other\">").contains("src"));
    let remote = clean("<img src=\"https://e.org/p.gif?a=1&amp;b\">");
    assert!(
        remote.contains("data-src=\"https://e.org/p.gif?a=1&amp;b\"") && !remote.contains(" src="),
        "{remote}"
    );
    assert!(clean("<img src=\"data:image/png;base64,AA\">").contains(" src=\"data:image/png;base64,AA\""));
    for dot in [
        "width=1 height=1",
        "width=0 height='2px'",
        "style='display:none'",
        "style='width:1px;height:1px'",
        "style='max-height:0;overflow:hidden'",
    ] {
        assert_eq!(clean(&format!("<img src=\"https://e.org/p.gif\" {dot}>")), "", "{dot}");
    }
}

#[test]
fn links_tell_nobody() {
    let link = clean("<a href=\"HTTPS://e.org\" target=_top>x</a>");
    assert_eq!(
        link,
        "<a href=\"HTTPS://e.org\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">x</a>"
    );
}

#[test]
fn what_is_hidden_stays_hidden() {
    assert_eq!(
        clean("<title>t</title><div style=\"display:none\">x</div>"),
        "<div style=\"display:none\">x</div>"
    );
    assert_eq!(clean("<style>.p{display:none}</style><div class=p>x<div>y</div></div>z"), "z");
}

#[test]
fn floods_are_bounded() {
    let deep = clean(&format!("{}<b>x</b>", "<div>".repeat(100_000)));
    assert!(deep.contains('x') && deep.len() < 4000, "{}", deep.len());
    check("deep", &deep);
    check("attributes", &clean(&format!("<p {}>x</p>", "title=a style='color:red' ".repeat(10_000))));
    let large = clean(&"<p>x".repeat(2_000_000));
    assert!(large.starts_with("<pre>"));
}

/// Every cut is clean: what is written is well-formed, a beginning of the whole, and no larger than the room.
#[test]
fn what_is_cut_is_well_formed_and_within_its_room() {
    fn cost(text: &str) -> usize {
        text.chars().map(|c| if matches!(c, '"' | '\\') { 4 } else { c.len_utf8() }).sum()
    }
    let html = "<p>Grüße &amp; \"mehr\"<b title='a\"b'>fett \\ <a href=https://e.org>x</a></b>\
        <table><tr><td>1<td>2</table><img src=cid:1>日本語<br>";
    let cid = |_: &str| Some("/p".to_owned());
    let whole = sanitise(html, &cid);
    let ends = "</b></p></a></td></tr></table>".len();
    let mut lengths = std::collections::BTreeSet::new();
    for most in 0..cost(&whole) + 10 {
        let Clean { html: part, cut } = sanitise_within(html, Room { most, cost }, &cid);
        assert!(cost(&part) <= most + ends, "{most}: {part}");
        assert_eq!(cut, part != whole, "{most}: {part}");
        let body = part.trim_end_matches(|c: char| "</>".contains(c) || c.is_ascii_alphabetic());
        assert!(whole.starts_with(body), "{most}: {part}");
        // Read again it is the same: every element is closed.
        assert_eq!(sanitise(&part.replace("src=\"/p\"", "src=\"cid:1\""), &cid), part, "{most}");
        lengths.insert(part.len());
    }
    assert!(lengths.len() > 20, "it is cut wherever it has to be");
    let bomb = "<a>".repeat(100_000);
    let room = Room { most: 10_000, cost: str::len };
    assert!(sanitise_within(&bomb, room, &cid).html.len() < 14_000);
}
