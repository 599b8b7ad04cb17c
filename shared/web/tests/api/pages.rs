//! Pages, as a browser without script sees them.

use bytes::Bytes;
use intake::{
    flows::sessions,
    ports::Change,
    types::{
        ids::{AttachmentId, MessageId},
        issue::{Attachment, BlobKey},
    },
};
use serde_json::json;

use crate::{
    integrations,
    site::{Reply, Site},
};

/// The session's cookie, as the browser sends it back.
async fn signed_in(site: &Site) -> String {
    let reply = site.form("/sign-in", &format!("token={}", site.admin)).await;
    assert_eq!((reply.status.as_u16(), reply.header("location")), (303, "/"));
    let cookie = reply.header("set-cookie").to_owned();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    cookie.split(';').next().unwrap().to_owned()
}

async fn read(site: &Site, cookie: &str, path: &str) -> Reply {
    let reply = site.page(path).header("cookie", cookie).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert!(reply.header("content-security-policy").contains("default-src 'none'"));
    reply
}

#[tokio::test]
async fn signing_in_and_out_works_as_browsers_send_it() {
    let site = Site::new().await;
    let form = site.page("/sign-in").await;
    // Under no-referrer a browser sends `Origin: null` with the form, which is refused.
    assert_eq!(form.header("referrer-policy"), "same-origin");
    for origin in ["null", "https://evil.example", ""] {
        let foreign = site.form("/sign-in", &format!("token={}", site.admin)).header("origin", origin).await;
        assert_eq!(foreign.status, 403);
        assert!(
            foreign.text.contains("Open http://localhost:8025")
                && foreign.header("content-type").contains("html")
        );
    }
    let wrong = site.form("/sign-in", "token=mdk_wrong").await;
    assert_eq!(wrong.status, 401);
    assert!(wrong.text.contains("This token is unknown") && wrong.text.contains("name=\"token\""));
    assert!(!wrong.text.contains("mdk_wrong"));
    let other = site.form("/sign-in", "password=x").await;
    assert!(other.status == 422 && other.text.contains("form_unreadable"), "{}", other.text);

    let cookie = signed_in(&site).await;
    let home = read(&site, &cookie, "/").await;
    assert_eq!(home.header("referrer-policy"), "same-origin");
    let value = cookie.split_once('=').unwrap().1;
    let token = sessions::csrf_token(&site.app, value);
    let out = |token: &str| {
        let body = format!("csrf_token={token}");
        site.form("/sign-out", &body).header("cookie", &cookie)
    };
    assert_eq!(out("wrong").await.status, 403);
    let ended = out(&token).await;
    assert_eq!(ended.status, 303);
    assert!(ended.header("set-cookie").contains("Max-Age=0"));
    let gone = site.page("/").header("cookie", &cookie).await;
    assert_eq!((gone.status.as_u16(), gone.header("location")), (303, "/sign-in"));
}

#[tokio::test]
async fn only_who_signed_in_sees_issues() {
    let site = Site::new().await;
    for path in ["/", "/projects/SUP", "/issues/SUP-1"] {
        let reply = site.page(path).await;
        let then = format!("/sign-in?then={}", path.replace('/', "%2F"));
        let to = if path == "/" { "/sign-in" } else { &then };
        assert_eq!((reply.status.as_u16(), reply.header("location")), (303, to), "{path}");
    }
    let cookie = signed_in(&site).await;
    for path in ["/projects/SUP", "/projects/x", "/issues/SUP-1", "/issues/x"] {
        let reply = site.page(path).header("cookie", &cookie).await;
        assert_eq!(reply.status, 404, "{path}");
        assert!(reply.text.contains("not_found"));
    }
}

#[tokio::test]
async fn what_people_write_is_text_in_its_own_direction() {
    let site = Site::new().await;
    site.project("SUP").await;
    let body = json!({"project": "SUP", "summary": "<script>alert(1)</script>", "description_text": "a <b> c",
        "reporter": {"name": "ليلى حداد", "address": "layla@example.com"}});
    site.post("/issues", body).await.is(201);
    let cookie = signed_in(&site).await;
    for path in ["/projects/SUP", "/issues/SUP-1"] {
        let page = read(&site, &cookie, path).await;
        assert!(!page.text.contains("<script>") && page.text.contains("&lt;script&gt;"), "{}", page.text);
        assert!(page.text.contains("dir=\"auto\""));
        assert!(page.text.contains("ليلى حداد"));
    }
    let list = read(&site, &cookie, "/projects/SUP").await;
    assert!(list.text.contains("<bdi>ليلى حداد</bdi>"), "its direction must not turn the time around");
    assert!(read(&site, &cookie, "/issues/SUP-1").await.text.contains("a &lt;b&gt; c"));
}

#[tokio::test]
async fn pictures_stand_where_the_text_names_them() {
    let site = Site::new().await;
    site.project("SUP").await;
    let text = "before\n[image: plan.png]\nafter";
    let body = json!({"project": "SUP", "summary": "x", "description_text": text});
    site.post("/issues", body).await.is(201);
    let message = MessageId::from_parts(site.app.now(), 1);
    let file = |n: u32, filename: &str, content_type: &str| Attachment {
        id: AttachmentId::of(message, n),
        issue_key: "SUP-1".parse().unwrap(),
        comment_id: None,
        filename: filename.to_owned(),
        content_type: content_type.to_owned(),
        size: 1_400_000,
        sha256: "ab".repeat(32),
        inline: true,
        content_id: None,
        blob: BlobKey::file(message, n),
    };
    let files = [
        file(0, "plan.png", "image/png"),
        file(1, "logo.gif", "image/gif"),
        file(2, "x.svg", "image/svg+xml"),
    ];
    for file in &files {
        site.app.blobs.put(&file.blob, Bytes::from_static(b"x")).await.unwrap();
        site.app.store.commit(&[Change::Attachment(file.clone())]).await.unwrap();
    }
    let cookie = signed_in(&site).await;
    let page = read(&site, &cookie, "/issues/SUP-1").await.text;
    let at = |what: &str| page.find(what).unwrap_or_else(|| panic!("no {what} in {page}"));
    let picture = |n: usize| format!("<img src=\"/api/v1/attachments/{}\"", files[n].id);
    assert!(at("before") < at(&picture(0)) && at(&picture(0)) < at("after"));
    assert!(at("after") < at(&picture(1)), "a picture that the text does not name comes behind it");
    assert!(!page.contains("[image:"));
    assert!(!page.contains(&picture(2)), "SVG may hold script");
    assert!(at("x.svg") > at(&picture(1)) && page.contains("1.4 MB"));
}

#[tokio::test]
async fn long_lists_go_on() {
    let site = Site::new().await;
    site.project("SUP").await;
    for n in 1..=51 {
        site.post("/issues", json!({"project": "SUP", "summary": format!("issue {n}")})).await.is(201);
    }
    let cookie = signed_in(&site).await;
    let first = read(&site, &cookie, "/projects/SUP").await.text;
    assert!(first.contains("issue 51<") && !first.contains("issue 1<"));
    let next = first.split("href=\"").find(|part| part.starts_with("/projects/SUP?cursor=")).unwrap();
    let second = read(&site, &cookie, next.split('"').next().unwrap()).await.text;
    assert!(second.contains("issue 1<") && !second.contains("issue 51<") && second.contains("Newest issues"));
}

#[tokio::test]
async fn pages_whose_address_holds_a_secret_tell_it_to_nobody() {
    let site = Site::new().await;
    for path in ["/oauth2/callback/google?code=x&state=y", "/oauth2/start/x", "/sign-in/once/x"] {
        let reply = site.page(path).await;
        assert_eq!(reply.header("referrer-policy"), "no-referrer");
        assert!(reply.header("content-type").contains("html") && reply.status.is_client_error(), "{path}");
    }
    let nowhere = || site.page("/nowhere").header("accept", "text/html,*/*;q=0.8");
    assert!(nowhere().await.text.contains("<h1"));
    nowhere().header("accept", "*/*").await.is_problem(404, "not_found", &[]);
    for path in ["/assets/style.css", "/assets/icon.svg"] {
        assert_eq!(site.page(path).await.status, 200);
    }
}

/// What a person reads of a page: no tags, but the labels that are read out.
fn visible(page: &str) -> String {
    let labels = page.split("aria-label=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let text = page.split('<').filter_map(|tag| Some(tag.split_once('>')?.1));
    text.chain(labels).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn who_reads_japanese_gets_pages_without_english() {
    // The brand, the zone, keys and names of projects and people, and what a person has to type.
    const NAMES: [&str; 17] = [
        "Maildocket",
        "URL",
        "UTC",
        "SUP",
        "SUPX",
        "Administrator",
        "admin",
        "token",
        "state",
        // What is typed or pressed, and whose costs are told.
        "j",
        "k",
        "e",
        "Enter",
        "issue",
        "kB",
        "DynamoDB",
        "Cc",
    ];
    let site = Site::new().await;
    let cookie = signed_in(&site).await;
    let japanese = async |path: &str, wanted: &str| {
        let page = site.page(path).header("cookie", &cookie).header("accept-language", "ja, en;q=0.5").await;
        assert!(page.text.contains("<html lang=\"ja\">"), "{path}: {}", page.text);
        assert_eq!(
            (page.header("content-language"), page.header("vary")),
            ("ja", "accept-language, cookie"),
            "{path}"
        );
        let text = visible(&page.text);
        assert!(text.contains(wanted), "{path}: {text}");
        // Behind the last line is the code of a problem, which is for programs.
        let people = text.split("コード:").next().unwrap_or_default();
        let mut words = people.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let english = words.find(|word| word.parse::<u64>().is_err() && !NAMES.contains(word));
        assert_eq!(english, None, "{path}: {text}");
    };
    japanese("/sign-in", "トークン").await;
    japanese("/sign-in/once/x", "このリンクは").await;
    japanese("/oauth2/callback/google?code=x", "state を含まない").await;
    japanese("/", "メールボックスはまだ接続されていません").await;
    japanese("/projects", "プロジェクトはまだありません").await;
    for key in ["SUP", "SUPX"] {
        site.project(key).await;
    }
    japanese("/projects", "プロジェクト").await;
    japanese("/projects/SUP", "課題になったメールはまだありません").await;
    let issue = json!({"project": "SUP", "summary": "請求書", "description_text": "住所", "reporter": {"name": "山田"}});
    site.post("/issues", issue).await.is(201);
    site.post("/issues/SUP-1/comments", json!({"body_text": "承知しました"})).await.is(201);
    japanese("/projects/SUP", "コメント 1 件").await;
    japanese("/issues/SUP-1", "未対応").await;
    let integration = integrations::create(&site, integrations::custom("C")).await.str("/id");
    let begun = site.post(&format!("/integrations/{integration}/authorizations"), json!({})).await.str("/id");
    let result = format!("/oauth2/result/{begun}");
    japanese(&result, "サインインがまだ完了していません").await;
    site.clock.advance(std::time::Duration::from_secs(60 * 60));
    japanese(&result, "サインインに時間がかかりすぎました").await;
}
