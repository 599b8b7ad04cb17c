//! The page of handlers, as a browser without script sees it.

use intake::types::message::{MessageState, Reason};
use serde_json::{Value, json};

use crate::{
    browser::{Browser, hidden, is_japanese, mailbox},
    mailboxes::password,
    messages::{MAIL, kept},
    site::Site,
};

async fn site() -> (Site, String) {
    let site = Site::new().await;
    site.project("SUP").await;
    site.project("BILL").await;
    let id = mailbox(&site, password("Support")).await;
    (site, id)
}

fn bills() -> Value {
    json!([{"name": "Bills", "when": {"any": [{"to": "billing@*"}, {"not": {"kind": "list"}}]},
        "then": [{"create_or_comment": {}}, {"set": {"project": "BILL", "labels": ["money"]}}], "stop": true}])
}

#[tokio::test]
async fn a_list_is_built_press_by_press_and_saved_after_its_difference_was_seen() {
    let (site, id) = site().await;
    let browser = Browser::of(&site, &site.admin).await;
    let bill = MAIL.replace("support@", "billing@");
    kept(&site, &id, 1, MessageState::Skipped, Reason::ByHandler, &bill).await;
    kept(&site, &id, 2, MessageState::Skipped, Reason::ByHandler, &MAIL.replace("<1@", "<2@")).await;
    let path = format!("/mailboxes/{id}/handlers");
    let empty = browser.read(&path).await;
    let version = hidden(&empty, "version");
    let added = browser.send(&path, &[("do", "add"), ("version", &version)]).await;
    assert!(added.status == 200 && added.text.contains("name=\"/h/0/name\""), "{}", added.text);
    let mut fields = vec![
        ("/h/0/name", "Bills"),
        ("/h/0/join", "all"),
        ("/h/0/stop:bool", "false"),
        ("/h/0/stop:bool", "true"),
        ("/h/0/set/project", "BILL"),
        ("/h/0/set/labels:lines", "money\r\n"),
        ("version", version.as_str()),
    ];
    let condition = browser.send(&path, &[&fields[..], &[("do", "add-condition 0 to")]].concat()).await;
    assert!(
        condition.text.contains("name=\"/h/0/if/0/kind\" value=\"to\"")
            && condition.text.contains("value=\"Bills\"")
    );
    fields.extend([
        ("/h/0/if/0/kind", "to"),
        ("/h/0/if/0/value", "billing@*"),
        ("/h/0/if/0/not:bool", "false"),
    ]);
    let compared = browser.send(&path, &[&fields[..], &[("do", "compare")]].concat()).await;
    assert_eq!(compared.status, 200, "{}", compared.text);
    assert!(compared.text.contains("1 of 2 mails would become something else."), "{}", compared.text);
    assert_eq!(site.get(&path).await.is(200), json!([]), "nothing is saved yet");
    let list = hidden(&compared.text, "json").replace("&quot;", "\"");
    let back = browser.send(&path, &[("do", "edit"), ("json", &list), ("version", &version)]).await;
    assert!(back.text.contains("value=\"billing@*\""), "{}", back.text);
    let saved = browser.send(&path, &[("do", "save"), ("json", &list), ("version", &version)]).await;
    Browser::led_to(&saved, &format!("{path}?done=saved"));
    let stored = site.get(&path).await.is(200);
    assert_eq!(
        stored,
        json!([{"name": "Bills", "when": {"to": "billing@*"},
        "then": [{"set": {"project": "BILL", "labels": ["money"]}}], "stop": true}])
    );
    let stale = browser.send(&path, &[("do", "save"), ("json", "[]"), ("version", &version)]).await;
    assert_eq!(stale.status, 412);
    assert_eq!(site.get(&path).await.is(200), stored, "nothing is overwritten unseen");
}

#[tokio::test]
async fn what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost() {
    let (site, id) = site().await;
    let browser = Browser::of(&site, &site.admin).await;
    let path = format!("/mailboxes/{id}/handlers");
    let fields = [
        ("/h/0/name", ""),
        ("/h/0/if/0/kind", "size"),
        ("/h/0/if/0/value", "much"),
        ("/h/0/stop:bool", "false"),
    ];
    let wrong = browser.send(&path, &[&fields[..], &[("do", "compare")]].concat()).await;
    assert!(wrong.status == 422 && wrong.text.contains("id=\"h-0-if-0-value-wrong\""), "{}", wrong.text);
    assert!(wrong.text.contains("value=\"much\""));
    let fields = [("/h/0/name", "<script>"), ("/h/0/if/0/kind", "size"), ("/h/0/stop:bool", "false")];
    let wrong = browser.send(&path, &[&fields[..], &[("do", "try"), ("/mail:text", MAIL)]].concat()).await;
    assert_eq!(wrong.status, 422);
    for field in ["h-0-if-0-value", "h-0-outcome"] {
        assert!(wrong.text.contains(&format!("id=\"{field}-wrong\"")), "{field} in {}", wrong.text);
    }
    assert!(wrong.text.contains("It burns.") && !wrong.text.contains("<script>"), "{}", wrong.text);
    let malformed = browser.send(&path, &[("do", "json"), ("json", "[{")]).await;
    assert!(malformed.status == 422 && malformed.text.contains("line 1, column 2"), "{}", malformed.text);
    let unknown = browser.send(&path, &[("do", "json"), ("json", "[{\"name\": \"a\", \"if\": {}}]")]).await;
    assert!(unknown.status == 422 && unknown.text.contains("/0/if"), "{}", unknown.text);
}

#[tokio::test]
async fn a_mail_is_tried_out_beside_the_list() {
    let (site, id) = site().await;
    let browser = Browser::of(&site, &site.admin).await;
    let path = format!("/mailboxes/{id}/handlers");
    site.call(axum::http::Method::PUT, &path).json(&bills()).await.is(200);
    let came = kept(&site, &id, 1, MessageState::Skipped, Reason::ByHandler, MAIL).await.to_string();
    let page = browser.read(&path).await;
    assert!(page.contains(&format!("value=\"{came}\"")) && page.contains("value=\"billing@*\""), "{page}");
    let fields =
        [("/h/0/name", "No"), ("/h/0/outcome", "ignore"), ("/h/0/stop:bool", "false"), ("do", "try")];
    for sample in [("/sample", came.as_str()), ("/mail:text", MAIL)] {
        let tried = browser.send(&path, &[&fields[..], &[sample]].concat()).await;
        assert!(tried.status == 200 && tried.text.contains("&quot;No&quot; ignores it."), "{}", tried.text);
    }
    let nothing = browser.send(&path, &fields).await;
    assert!(nothing.status == 422 && nothing.text.contains("id=\"mail-wrong\""), "{}", nothing.text);
}

#[tokio::test]
async fn long_lists_are_folded_and_stay_small() {
    let (site, id) = site().await;
    let browser = Browser::of(&site, &site.admin).await;
    let path = format!("/mailboxes/{id}/handlers");
    let one = |n: usize| json!({"name": format!("H{n}"), "when": {"from": "x@example.com"}, "then": [{"hold": {}}], "stop": false});
    let list: Value = (0..60).map(one).collect();
    site.call(axum::http::Method::PUT, &path).json(&list).await.is(200);
    let page = browser.read(&path).await;
    assert!(page.contains("H59") && !page.contains("name=\"/h/0/name\""));
    let raws: Vec<(String, String)> =
        (0..60).map(|n| (format!("/h/{n}/raw:text"), list[n].to_string())).collect();
    let mut fields: Vec<(&str, &str)> =
        raws.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let folded: Vec<String> = (0..60).map(|n| format!("/h/{n}/folded:bool")).collect();
    fields.extend(folded.iter().map(|name| (name.as_str(), "true")));
    let opened = browser.send(&path, &[&fields[..], &[("do", "open 7")]].concat()).await;
    assert!(opened.status == 200 && opened.text.contains("name=\"/h/7/name\""), "{}", opened.text);
    assert!(browser.send(&path, &[&fields[..], &[("do", "compare")]].concat()).await.status == 200);
}

#[tokio::test]
async fn who_reads_japanese_gets_handlers_without_english() {
    let (site, id) = site().await;
    let browser = Browser::of(&site, &site.admin).await;
    let path = format!("/mailboxes/{id}/handlers");
    site.call(axum::http::Method::PUT, &path).json(&bills()).await.is(200);
    let page = browser.japanese(&path).await;
    let visible = page.split("<details class=\"card\"").next().unwrap();
    is_japanese(
        visible,
        &[
            "BILL", "Bills", "billing", "money", "any", "from", "subject", "invoice", "headers", "List",
            "Id", "Reply", "To",
        ],
    );
}
