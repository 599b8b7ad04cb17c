//! The HTML of mails in frames: whatever a mail brings, nothing in its document runs, and nothing is loaded from elsewhere.

use std::time::Duration;

use bytes::Bytes;
use intake::{
    ports::Change,
    types::{
        ids::MessageId,
        issue::{Attachment, BlobKey, Body, Text},
        message::{MessageState, Reason},
    },
};
use serde_json::json;

use crate::{
    attacks::ATTACKS,
    browser::Browser,
    mailboxes::password,
    messages::kept,
    site::{Reply, Site},
};

/// The smallest beginning of a PNG file.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n0";
const BASE: &str = "http://localhost:8025";

/// What documents may be made of.
const ELEMENTS: [&str; 75] = [
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "a",
    "abbr",
    "acronym",
    "address",
    "article",
    "aside",
    "b",
    "bdi",
    "bdo",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "main",
    "mark",
    "nav",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "tt",
    "u",
    "ul",
];
/// Attributes that load nothing, run nothing and name nothing; beside `href`, `src` and `style`, which are looked at.
const ATTRIBUTES: [&str; 30] = [
    "lang",
    "charset",
    "name",
    "content",
    "align",
    "alt",
    "bgcolor",
    "border",
    "cellpadding",
    "cellspacing",
    "color",
    "colspan",
    "datetime",
    "dir",
    "face",
    "height",
    "noshade",
    "nowrap",
    "reversed",
    "rowspan",
    "size",
    "span",
    "start",
    "title",
    "type",
    "valign",
    "value",
    "width",
    "data-src",
    "target",
];

fn mail(html: &str) -> String {
    format!(
        "From: a@example.com\nSubject: x\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\
         Content-Transfer-Encoding: 8bit\n\n<p>before</p>{html}\n<p>after</p>\n"
    )
}

/// Looks at every tag of a document, as it is written: quotation marks and `<` of others are escaped.
fn check(document: &str, attack: &str) {
    let (head, body) = document.split_once("</style></head>").unwrap();
    let body = body.strip_suffix("</html>").unwrap();
    assert_eq!(head.matches("<style>").count(), 1);
    for piece in body.split('<').skip(1) {
        let tag = piece.split_once('>').unwrap_or_else(|| panic!("an open tag from {attack}: {piece}")).0;
        let name = tag.split(' ').next().unwrap().trim_start_matches('/');
        assert!(ELEMENTS[5..].contains(&name), "{name} from {attack}: {document}");
        let mut rest = &tag[tag.find(' ').unwrap_or(tag.len())..];
        while let Some((attribute, after)) = rest.trim_start().split_once("=\"") {
            let (value, behind) = after.split_once('"').unwrap();
            rest = behind;
            let is_good = match attribute {
                "href" => ["https://", "http://", "mailto:", "tel:"]
                    .iter()
                    .any(|good| value.to_lowercase().starts_with(good)),
                "src" => {
                    value.starts_with(&format!("{BASE}/pictures/"))
                        || value.starts_with("data:image/png;base64,")
                }
                "rel" => value.contains("noopener") && value.contains("noreferrer"),
                "style" => {
                    let style = value.to_lowercase();
                    [
                        "url",
                        "expression",
                        "import",
                        "position",
                        "behavior",
                        "\\",
                        "binding",
                        "@",
                        "/*",
                        "image-set",
                        "var(",
                    ]
                    .iter()
                    .all(|bad| !style.contains(bad))
                }
                other => ATTRIBUTES.contains(&other),
            };
            assert!(is_good, "{attribute}=\"{value}\" from {attack}");
        }
        assert!(rest.trim().is_empty(), "{rest} from {attack}");
        assert!(name != "a" || tag.starts_with('/') || tag.contains("target=\"_blank\""), "{tag}");
    }
    assert!(body.contains("before"), "{attack}: {body}");
}

/// Checks the policy of a frame.
fn check_policy(reply: &Reply, images: &str) {
    let policy = format!(
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src {images}; \
         style-src 'unsafe-inline'; frame-ancestors 'self'"
    );
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(reply.header("content-security-policy"), policy);
    assert_eq!(
        (reply.header("x-frame-options"), reply.header("x-content-type-options")),
        ("SAMEORIGIN", "nosniff")
    );
    assert_eq!(reply.header("referrer-policy"), "no-referrer");
}

async fn site() -> (Site, String) {
    let site = Site::new().await;
    site.project("SUP").await;
    let mailbox = site.post("/mailboxes", password("Support")).await.str("/id");
    (site, mailbox)
}

#[tokio::test]
async fn no_attack_runs_or_loads_anything() {
    let (site, mailbox) = site().await;
    let administrator = Browser::administrator(&site).await;
    assert!(ATTACKS.len() >= 100, "{}", ATTACKS.len());
    for (uid, attack) in (1..).zip(ATTACKS) {
        let id = kept(&site, &mailbox, uid, MessageState::Held, Reason::Flood, &mail(attack)).await;
        for query in ["", "?pictures=remote"] {
            let reply = administrator.get(&format!("/messages/{id}/html{query}")).await;
            let images = if query.is_empty() { BASE.to_owned() } else { format!("{BASE} https:") };
            check_policy(&reply, &images);
            let document = if query.is_empty() {
                reply.text
            } else {
                reply.text.replace(" src=\"https://", " data-src=\"https://")
            };
            check(&document, attack);
        }
    }
}

#[tokio::test]
async fn a_page_holds_the_frame_and_nothing_of_the_mail() {
    let (site, mailbox) = site().await;
    let administrator = Browser::administrator(&site).await;
    let html =
        "<body bgcolor=#101010 text=#ffffff><p>light</p><img src='https://tracker.example/x.png' width=99>";
    let id = kept(&site, &mailbox, 1, MessageState::Held, Reason::Flood, &mail(html)).await;
    let page = administrator.get(&format!("/messages/{id}")).await;
    assert_eq!(page.header("x-frame-options"), "DENY", "pages of ours stand in no frame");
    let sandbox = "sandbox=\"allow-popups allow-popups-to-escape-sandbox\"";
    assert!(
        page.text.contains("<iframe") && page.text.contains(sandbox) && !page.text.contains("allow-scripts")
    );
    let frame = page.text.split("src=\"").find(|part| part.starts_with("/messages/")).unwrap();
    let frame = frame.split('"').next().unwrap().replace("&amp;", "&");
    let looks = async || {
        let audited = site.get("/audit?action=message.raw_read").await.is(200);
        audited["items"].as_array().unwrap().len()
    };
    assert_eq!(looks().await, 1);
    let shown = administrator.get(&frame).await;
    check_policy(&shown, BASE);
    assert!(
        shown.text.contains("background: #101010; color: #ffffff") && shown.text.contains("color-scheme")
    );
    assert!(
        shown.text.contains("data-src=\"https://tracker.example/x.png\"") && !shown.text.contains(" src=")
    );
    assert_eq!(looks().await, 1, "the frame belongs to the look that was noted");
    let remote = administrator.get(&format!("{frame}&pictures=remote")).await;
    check_policy(&remote, &format!("{BASE} https:"));
    assert!(remote.text.contains(" src=\"https://tracker.example/x.png\""));
    for other in
        [format!("/messages/{id}/html"), frame.replace("noted=", "noted=A"), frame.replace("end=", "end=9")]
    {
        let before = looks().await;
        assert_eq!(administrator.get(&other).await.status, 200);
        assert_eq!(looks().await, before + 1, "{other}");
    }
    let text = kept(&site, &mailbox, 2, MessageState::Held, Reason::Flood, crate::messages::MAIL).await;
    assert_eq!(administrator.get(&format!("/messages/{text}/html")).await.status, 404);
}

#[tokio::test]
async fn pictures_of_a_mail_have_addresses_that_end() {
    let (site, mailbox) = site().await;
    let administrator = Browser::administrator(&site).await;
    let raw = "From: a@example.com\nSubject: x\nContent-Type: multipart/related; boundary=x\n\n--x\nContent-Type: text/html\n\n\
        <p>before</p><img src='cid:one@x'><img src=cid:two@x><img src=cid:none@x>\n--x\nContent-Type: image/png; name=a.png\n\
        Content-ID: <one@x>\nContent-Transfer-Encoding: base64\n\niVBORw0KGgow\n--x\nContent-Type: image/png; name=b.png\n\
        Content-ID: <two@x>\n\n<svg onload=alert(1)>\n--x--\n";
    let id = kept(&site, &mailbox, 1, MessageState::Held, Reason::Flood, raw).await;
    site.app.blobs.put(&BlobKey::file(id, 0), Bytes::from_static(PNG)).await.unwrap();
    site.app.blobs.put(&BlobKey::file(id, 1), Bytes::from_static(b"<svg onload=alert(1)>")).await.unwrap();
    let document = administrator.read(&format!("/messages/{id}/html")).await;
    check(&document, raw);
    let addresses: Vec<_> =
        document.split(" src=\"").skip(1).map(|part| part.split('"').next().unwrap().to_owned()).collect();
    assert_eq!(addresses.len(), 2, "{document}");
    let path = addresses[0].strip_prefix(BASE).unwrap();
    let picture = site.page(path).await;
    assert_eq!((picture.status.as_u16(), picture.header("content-type")), (200, "image/png"));
    assert_eq!(picture.header("x-content-type-options"), "nosniff");
    assert_eq!(picture.header("cross-origin-resource-policy"), "cross-origin");
    assert!(picture.header("content-security-policy").contains("default-src 'none'"));
    let drawing = site.page(addresses[1].strip_prefix(BASE).unwrap()).await;
    assert_eq!(drawing.status, 404, "by its bytes it is no picture");
    let (of, mark) = path.rsplit_once('/').unwrap();
    let (of, end) = of.rsplit_once('/').unwrap();
    let end: i64 = end.parse().unwrap();
    for wrong in [
        format!("{of}/{end}/x"),
        format!("{of}/{}/{mark}", end + 1),
        path.replace(".0/", ".1/"),
        format!("{of}/x/{mark}"),
        format!("/pictures/x/{end}/{mark}"),
    ] {
        assert_eq!(site.page(&wrong).await.status, 404, "{wrong}");
    }
    assert!(
        administrator.read(&format!("/messages/{id}/html")).await.contains(path),
        "made again it is the same"
    );
    site.clock.advance(Duration::from_secs(13 * 60 * 60));
    assert_eq!(site.page(path).await.status, 404, "its time is over");
}

#[tokio::test]
async fn readers_see_the_html_of_issues_and_comments() {
    let site = Site::new().await;
    site.project("SUP").await;
    site.post("/issues", json!({"project": "SUP", "summary": "x"})).await.is(201);
    let comment = site.post("/issues/SUP-1/comments", json!({"body_text": "y"})).await;
    let comment_id = comment.str("/id");
    let message = MessageId::from_parts(site.app.now(), 1);
    let key = "SUP-1".parse().unwrap();
    let body = |html: &str| Body { html: Some(Text::Inline(html.to_owned())), ..Body::default() };
    let mut issue = site.app.store.issue(&key).await.unwrap().unwrap();
    let old = issue.clone();
    issue.body = body("<p>before</p><script>alert(1)</script><img src=cid:a@b>");
    issue.version = old.version.next();
    let mut changed = site.app.store.comment(&key, comment_id.parse().unwrap()).await.unwrap().unwrap();
    changed.body = body("<p>before</p><img src=cid:a@b onerror=x>");
    let file = Attachment {
        id: intake::types::ids::AttachmentId::of(message, 0),
        issue_key: key.clone(),
        comment_id: None,
        filename: "a.png".to_owned(),
        content_type: "text/html".to_owned(),
        size: PNG.len() as u64,
        sha256: "ab".repeat(32),
        inline: true,
        content_id: Some("a@b".to_owned()),
        blob: BlobKey::file(message, 0),
    };
    site.app.blobs.put(&file.blob, Bytes::from_static(PNG)).await.unwrap();
    let replaced = intake::ports::Write::Replace { new: issue, old };
    let changes = [
        Change::Issue(Box::new(replaced)),
        Change::ReplaceComment(Box::new(changed)),
        Change::Attachment(file),
    ];
    site.app.store.commit(&changes).await.unwrap();
    let token = site.token("reader").await;
    let reader = Browser::of(&site, &token).await;
    let shown = reader.get("/issues/SUP-1/html").await;
    check_policy(&shown, BASE);
    check(&shown.text, "an issue");
    let address = shown.text.split(" src=\"").nth(1).unwrap().split('"').next().unwrap();
    let picture = site.page(address.strip_prefix(BASE).unwrap()).await;
    assert_eq!((picture.status.as_u16(), picture.header("content-type")), (200, "image/png"), "by its bytes");
    let of_comment = reader.get(&format!("/issues/SUP-1/comments/{comment_id}/html")).await;
    check_policy(&of_comment, BASE);
    assert!(!of_comment.text.contains(" src="), "pictures of another mail are not its own");
    for path in ["/issues/SUP-2/html", "/issues/x/html", "/issues/SUP-1/comments/x/html"] {
        assert_eq!(reader.get(path).await.status, 404, "{path}");
        assert_eq!(site.page(path).await.status, 303, "{path}: nobody");
    }
}
