//! The pages of mails: the list, one mail, processing again, and the queue of those that wait for review.

use intake::{
    ports::Change,
    types::message::{Message, MessageState, Reason, TraceStep},
};
use serde_json::json;

use crate::{
    browser::Browser,
    mailboxes::password,
    messages::{MAIL, kept, mail},
    site::Site,
};

async fn site() -> (Site, String) {
    let site = Site::new().await;
    site.project("SUP").await;
    let mailbox = site.post("/mailboxes", password("Support")).await.str("/id");
    (site, mailbox)
}

/// Changes the record of a mail.
async fn changed(site: &Site, id: intake::types::ids::MessageId, change: impl FnOnce(&mut Message)) {
    let mut message = site.app.store.message(id).await.unwrap().unwrap();
    let expected = Some(message.state);
    change(&mut message);
    site.app.store.commit(&[Change::Message { message: Box::new(message), expected }]).await.unwrap();
}

#[tokio::test]
async fn only_administrators_see_mails() {
    let (site, mailbox) = site().await;
    let id = kept(&site, &mailbox, 1, MessageState::Held, Reason::Flood, MAIL).await;
    let own = format!("/messages/{id}");
    let parts = ["html", "redrive", "files/0"].map(|part| format!("{own}/{part}"));
    let paths = ["/messages", "/held", "/held/confirm", &own, &parts[0], &parts[1], &parts[2]];
    let mut people = Vec::new();
    for role in ["agent", "reader"] {
        let token = site.token(role).await;
        people.push(Browser::of(&site, &token).await);
    }
    for path in paths {
        for person in &people {
            assert_eq!(person.get(path).await.status, 403, "{path}");
        }
        let nobody = site.page(path).await;
        assert_eq!(nobody.status, 303, "{path}");
        assert!(nobody.header("location").starts_with("/sign-in?then="), "{path}");
    }
    let administrator = Browser::administrator(&site).await;
    for path in [
        format!("{own}/release"),
        format!("{own}/dismiss"),
        format!("{own}/redrive"),
        "/held/carry-out".to_owned(),
    ] {
        for person in &people {
            assert_eq!(person.send(&path, &[("id", &id.to_string())]).await.status, 403, "{path}");
        }
        let foreign = site.form(&path, "csrf_token=x").header("cookie", &administrator.cookie).await;
        assert_eq!(foreign.status, 403, "{path}: another token");
        let elsewhere = site.form(&path, "").header("origin", "https://evil.example");
        assert_eq!(elsewhere.header("cookie", &administrator.cookie).await.status, 403, "{path}");
    }
    assert_eq!(site.get(&format!("/messages/{id}")).await.is(200)["state"], json!("held"));
    for path in
        ["/messages/x", "/messages/msg_01M000000000000000000000ZZ", "/messages/x/html", "/messages/x/redrive"]
    {
        assert_eq!(administrator.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn mails_are_listed_searched_and_paged() {
    let (site, mailbox) = site().await;
    let administrator = Browser::administrator(&site).await;
    assert!(administrator.read("/messages").await.contains("No mail was seen yet"));
    for uid in 1..=50 {
        site.clock.advance(std::time::Duration::from_secs(60));
        let id = kept(&site, &mailbox, uid, MessageState::Skipped, Reason::Bulk, "").await;
        changed(&site, id, |message| {
            message.subject = format!("Mail {uid}<script>");
            message.from = Some(format!("{}@example.com", if uid == 3 { "Zoe" } else { "ada" }));
        })
        .await;
    }
    let held = kept(&site, &mailbox, 99, MessageState::Held, Reason::Flood, MAIL).await;
    let first = administrator.read("/messages").await;
    assert!(first.contains("Mail 50&lt;script&gt;") && !first.contains("<script>"), "{first}");
    assert!(first.contains("waiting for review") && first.contains("sent to many"));
    assert!(!first.contains("Mail 3&lt;"), "there are more");
    let next = first.split("href=\"").find(|part| part.starts_with("/messages?cursor=")).unwrap();
    let next = next.split('"').next().unwrap().replace("&amp;", "&");
    let second = administrator.read(&next).await;
    assert!(
        second.contains("Mail 3&lt;")
            && !second.contains("Mail 50&lt;")
            && second.contains("From the beginning")
    );

    let found = administrator.read("/messages?sender=ZOE&subject=mail+3&state=skipped").await;
    assert!(
        found.contains("Mail 3&lt;")
            && !found.contains("Mail 4&lt;")
            && found.contains("mails were looked at")
    );
    assert!(found.contains("value=\"ZOE\"") && found.contains("value=\"skipped\" selected"));
    let waiting = administrator.read("/messages?state=held").await;
    assert!(waiting.contains(&held.to_string()) && !waiting.contains("Mail 50"));
    let reason = administrator.read(&format!("/messages?mailbox_id={mailbox}&reason=flood")).await;
    assert!(reason.contains(&held.to_string()) && !reason.contains("Mail 50"));
    for nothing in ["subject=fax", "until=1999-01-01", "since=2100-01-01", "reason=loop"] {
        assert!(
            administrator.read(&format!("/messages?{nothing}")).await.contains("No mail fits"),
            "{nothing}"
        );
    }
    let other = site.post("/mailboxes", password("Sales")).await.str("/id");
    let sale = kept(&site, &other, 1, MessageState::Failed, Reason::Unprocessable, MAIL).await;
    let both = administrator.read("/messages").await;
    assert!(
        both.contains(&sale.to_string())
            && both.contains(&held.to_string())
            && both.contains("Choose a mailbox")
    );
    assert_eq!(administrator.get(&format!("/messages?mailbox_id={other}&cursor=zz")).await.status, 422);
}

#[tokio::test]
async fn a_mail_tells_what_became_of_it_and_what_is_in_it() {
    let (site, mailbox) = site().await;
    let administrator = Browser::administrator(&site).await;
    let raw = MAIL.replace("It burns.", "<b>It</b> burns.").replace("Ada", "\u{202e}Ada<i>");
    let first = kept(&site, &mailbox, 1, MessageState::Held, Reason::Flood, &raw).await;
    let copy = kept(&site, &mailbox, 2, MessageState::Skipped, Reason::Duplicate, &raw).await;
    changed(&site, copy, |message| {
        let sentence = intake::Sentence::new("trace.duplicate").with("first", first);
        message.trace = vec![TraceStep::told("duplicate", sentence), TraceStep::new("defect", "<script>")];
        message.subject = "<img src=x onerror=alert(1)>".to_owned();
    })
    .await;
    let page = administrator.read(&format!("/messages/{copy}")).await;
    assert!(!page.contains("<script>") && !page.contains("<img src=x") && !page.contains("<b>It"), "{page}");
    assert!(page.contains(&format!("href=\"/messages/{first}\"")), "the first one is linked");
    assert!(page.contains("the same mail again") && page.contains("became nothing, on purpose"));
    assert!(page.contains("&lt;b&gt;It&lt;/b&gt; burns."));
    assert!(page.contains(&format!("/api/v1/messages/{copy}/raw")));
    assert!(!page.contains("<iframe"), "it has no HTML");
    assert!(!page.contains("Let through"), "it is not held");
    let waiting = administrator.read(&format!("/messages/{first}")).await;
    assert!(waiting.contains("Let through") && waiting.contains("too many at once"));
    let audited = site.get("/audit?action=message.raw_read").await.is(200);
    assert_eq!(audited["items"].as_array().unwrap().len(), 2, "each look is noted");
    let gone = kept(&site, &mailbox, 3, MessageState::Failed, Reason::UnreadableOnServer, "").await;
    site.app.blobs.delete_prefix(&format!("raw/{gone}")).await.unwrap();
    assert!(
        administrator.read(&format!("/messages/{gone}")).await.contains("Nothing of the mail itself is kept")
    );
}

#[tokio::test]
async fn files_of_held_mails_are_downloads() {
    let (site, mailbox) = site().await;
    let administrator = Browser::administrator(&site).await;
    let raw = "From: a@example.com\nSubject: File\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nHello\n--x\n\
        Content-Type: text/html\nContent-Disposition: attachment; filename*=utf-8''%E8%AB%8B.html\n\n<script>x</script>\n--x--\n";
    let id = kept(&site, &mailbox, 1, MessageState::Held, Reason::Flood, raw).await;
    let blob = intake::types::issue::BlobKey::file(id, 0);
    site.app.blobs.put(&blob, bytes::Bytes::from_static(b"<script>x</script>")).await.unwrap();
    let page = administrator.read(&format!("/messages/{id}")).await;
    assert!(page.contains(&format!("/messages/{id}/files/0")), "{page}");
    let file = administrator.get(&format!("/messages/{id}/files/0")).await;
    assert_eq!((file.status.as_u16(), file.header("content-type")), (200, "application/octet-stream"));
    assert!(
        file.header("content-disposition").starts_with("attachment; ")
            && file.header("content-security-policy").contains("sandbox")
    );
    assert!(file.header("content-disposition").contains("UTF-8''%E8%AB%8B.html"));
    for n in ["1", "x", "-1", "99999999999"] {
        assert_eq!(administrator.get(&format!("/messages/{id}/files/{n}")).await.status, 404, "{n}");
    }
}

#[tokio::test]
async fn a_held_mail_is_let_through_by_a_button_and_once() {
    let (site, mailbox) = site().await;
    let administrator = Browser::administrator(&site).await;
    let id = kept(&site, &mailbox, 1, MessageState::Held, Reason::Flood, MAIL).await;
    let path = format!("/messages/{id}");
    let done = administrator.send(&format!("{path}/release"), &[]).await;
    assert_eq!((done.status.as_u16(), done.header("location")), (303, &*format!("{path}?done=released")));
    let page = administrator.read(&format!("{path}?done=released")).await;
    assert!(page.contains("The mail was let through.") && page.contains("href=\"/issues/SUP-1\""), "{page}");
    let twice = administrator.send(&format!("{path}/release"), &[]).await;
    assert_eq!(twice.status, 409, "{}", twice.text);
    assert!(twice.text.contains("role=\"alert\"") && twice.text.contains("href=\"/issues/SUP-1\""));
    assert_eq!(site.get("/issues?project=SUP").await.is(200)["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_mail_is_processed_again_after_its_texts_were_compared() {
    let (site, mailbox) = site().await;
    let administrator = Browser::administrator(&site).await;
    let raw = MAIL.replace("\n\nIt burns.", "\nContent-Type: text/plain; charset=utf-8\n\nPrivet \u{fffd}");
    let mut bytes = raw.into_bytes();
    bytes.truncate(bytes.len() - "\u{fffd}\n".len());
    bytes.extend(b"\xf0\xd2\xc9\xd7\xc5\xd4\n");
    let id = kept(&site, &mailbox, 1, MessageState::Failed, Reason::Unprocessable, "").await;
    site.app.blobs.put(&intake::types::issue::BlobKey::raw(id), bytes::Bytes::from(bytes)).await.unwrap();
    let path = format!("/messages/{id}/redrive");
    let asked = administrator.read(&path).await;
    assert!(asked.contains("As things are now it becomes a new issue."), "{asked}");
    let compared = administrator.read(&format!("{path}?charset=koi8-r")).await;
    assert!(
        compared.contains("Привет") && compared.contains("name=\"/charset\" value=\"koi8-r\""),
        "{compared}"
    );
    let wrong = administrator.get(&format!("{path}?charset=klingon%22%3E")).await;
    assert_eq!(wrong.status, 422);
    assert!(
        wrong.text.contains("id=\"charset-wrong\"") && wrong.text.contains("klingon&quot;&gt;"),
        "{}",
        wrong.text
    );
    let refused = administrator.send(&path, &[("/charset", "klingon")]).await;
    assert!(refused.status == 422 && refused.text.contains("aria-invalid=\"true\""), "{}", refused.text);
    assert_eq!(
        site.get(&format!("/messages/{id}")).await.is(200)["state"],
        json!("failed"),
        "nothing was done"
    );
    let done = administrator.send(&path, &[("/charset", "koi8-r")]).await;
    assert_eq!(done.header("location"), format!("/messages/{id}?done=redriven"));
    assert!(administrator.read("/issues/SUP-1").await.contains("Привет"));
    assert!(administrator.read(&path).await.contains("Number, status and what people changed stay"));
    let lost = kept(&site, &mailbox, 2, MessageState::Skipped, Reason::Gone, "").await;
    let refused = administrator.send(&format!("/messages/{lost}/redrive"), &[]).await;
    assert!(refused.status == 409 && refused.text.contains("role=\"alert\""), "{}", refused.text);
}

#[tokio::test]
async fn several_held_mails_are_let_through_after_a_question() {
    let (site, mailbox) = site().await;
    let administrator = Browser::administrator(&site).await;
    assert!(administrator.read("/held").await.contains("No mail waits for review."));
    let other = site.post("/mailboxes", password("Sales")).await.str("/id");
    let mut ids = Vec::new();
    for uid in 1..=3 {
        let place = if uid == 3 { &other } else { &mailbox };
        let raw = mail(&uid.to_string(), &format!("Mail {uid}"));
        ids.push(kept(&site, place, uid, MessageState::Held, Reason::Flood, &raw).await);
    }
    changed(&site, ids[0], |message| {
        let sentence = intake::Sentence::new("trace.flood.mailbox").with("max", 60);
        message.trace = vec![TraceStep::told("flood", sentence)];
        message.subject = "<script>".to_owned();
    })
    .await;
    let queue = administrator.read("/held").await;
    assert!(ids.iter().all(|id| queue.contains(&format!("value=\"{id}\""))), "{queue}");
    assert!(
        queue.contains("More than 60 mails came")
            && !queue.contains("<script>")
            && !queue.contains(" checked")
    );
    assert_eq!(administrator.read("/held?all=yes").await.matches(" checked").count(), 3);
    let one = administrator.read(&format!("/held?mailbox_id={other}")).await;
    assert!(one.contains(&ids[2].to_string()) && !one.contains(&ids[0].to_string()));
    assert!(administrator.read("/held/confirm?what=release").await.contains("No mail was chosen"));
    let chosen = format!("id={}&id={}&id={}&id=x", ids[0], ids[1], ids[1]);
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let release =
        [("what", "release"), ("id", ids[0].as_str()), ("id", &ids[1]), ("id", &ids[1]), ("id", "x")];
    let question = administrator.read(&format!("/held/confirm?what=release&{chosen}")).await;
    assert!(question.contains("2 mails were chosen") && question.contains("&lt;script&gt;"), "{question}");
    let done = administrator.send("/held/carry-out", &release).await;
    assert_eq!(
        done.header("location"),
        "/held?through=2&still=0&refused=0&left=0&dismissed=0",
        "{}",
        done.text
    );
    let after = administrator.read(done.header("location")).await;
    assert!(after.contains("2 mails were processed.") && !after.contains(&ids[0].to_string()));
    let twice = administrator.send("/held/carry-out", &release).await;
    assert_eq!(twice.header("location"), "/held?through=0&still=0&refused=2&left=0&dismissed=0");
    let again = administrator.send("/held/carry-out", &[("what", "redrive"), ("id", &ids[2])]).await;
    assert_eq!(again.header("location"), "/held?through=1&still=0&refused=0&left=0&dismissed=0");
    assert_eq!(site.get("/issues?project=SUP").await.is(200)["items"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn held_mails_are_dismissed_one_by_one_and_many_at_once() {
    let (site, mailbox) = site().await;
    let administrator = Browser::administrator(&site).await;
    let mut ids = Vec::new();
    for uid in 1..=3 {
        let raw = mail(&uid.to_string(), &format!("Mail {uid}"));
        ids.push(kept(&site, &mailbox, uid, MessageState::Held, Reason::Flood, &raw).await.to_string());
    }
    let chosen = format!("id={}&id={}", ids[0], ids[1]);
    let question = administrator.read(&format!("/held/confirm?what=dismiss&{chosen}")).await;
    assert!(
        question.contains("2 mails were chosen") && question.contains("They become nothing."),
        "{question}"
    );
    let dismiss = [("what", "dismiss"), ("id", ids[0].as_str()), ("id", &ids[1])];
    let done = administrator.send("/held/carry-out", &dismiss).await;
    assert_eq!(done.header("location"), "/held?through=0&still=0&refused=0&left=0&dismissed=2");
    let after = administrator.read(done.header("location")).await;
    assert!(after.contains("2 mails were dismissed.") && !after.contains(&ids[0]) && after.contains(&ids[2]));
    let twice = administrator.send("/held/carry-out", &dismiss).await;
    assert_eq!(twice.header("location"), "/held?through=0&still=0&refused=2&left=0&dismissed=0");

    let own = format!("/messages/{}", ids[2]);
    assert!(administrator.read(&own).await.contains(&format!("action=\"{own}/dismiss\"")));
    let done = administrator.send(&format!("{own}/dismiss"), &[]).await;
    let page = administrator.read(done.header("location")).await;
    assert!(page.contains("The mail was dismissed") && page.contains("dismissed by a person"), "{page}");
    assert!(!page.contains("/dismiss\"") && page.contains(&format!("{own}/redrive")), "{page}");
    let again = administrator.send(&format!("{own}/dismiss"), &[]).await;
    assert!(again.status == 409 && again.text.contains("not held"), "{}", again.text);
    let found = administrator.read("/messages?reason=dismissed").await;
    assert!(ids.iter().all(|id| found.contains(id)), "{found}");
    assert_eq!(site.get("/issues?project=SUP").await.is(200)["items"], json!([]));
}

#[tokio::test]
async fn who_reads_japanese_gets_these_pages_without_english() {
    let (site, mailbox) = site().await;
    let administrator = Browser::administrator(&site).await;
    let id = kept(&site, &mailbox, 1, MessageState::Held, Reason::Flood, MAIL).await;
    let queue = format!("/held/confirm?what=redrive&id={id}");
    let dismissal = format!("/held/confirm?what=dismiss&id={id}");
    let (one, again) = (format!("/messages/{id}"), format!("/messages/{id}/redrive"));
    for path in ["/messages?state=held", "/held", &queue, &dismissal, &again, &one] {
        let page = administrator.japanese(path).await;
        let content = page.split("<main").nth(1).unwrap();
        // Of the mail's page only what we say: names of charsets and header fields are those of the mail.
        let content = content.split("<details").next().unwrap();
        let text: Vec<_> = content.split('<').filter_map(|tag| Some(tag.split_once('>')?.1)).collect();
        let text = text.join("\n").replace("&lt;", "").replace("&gt;", "");
        let known = [
            "Printer", "Support", "UTC", "Ada", "ada", "example", "com", "support", "It", "burns", "imap",
            "shift", "jis", "windows", "B", "SUP",
        ];
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let english = words.find(|word| word.parse::<u64>().is_err() && !known.contains(word));
        assert_eq!(english, None, "{path}: {text}");
    }
}
