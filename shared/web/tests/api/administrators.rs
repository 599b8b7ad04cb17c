//! Somebody can always administer, and who may only read cannot write by mail.

use futures::future::join_all;
use intake::{
    flows::{
        change::Expect,
        tokens::{self, TokenInput},
    },
    types::{
        PageRequest,
        audit::{Actor, Role},
        given::Given,
        message::{MessageState, Reason},
        token::ApiToken,
    },
};
use serde_json::{Value, json};

use crate::{
    messages::{self, MAIL},
    site::Site,
};

async fn administrators(site: &Site) -> Vec<ApiToken> {
    let tokens = tokens::list(&site.app, &PageRequest::first(200)).await.unwrap().items;
    tokens.into_iter().filter(|token| token.role == Role::Administrator).collect()
}

async fn another(site: &Site, name: &str) {
    let input = TokenInput {
        name: Given::Value(name.to_owned()),
        role: Given::Value("administrator".to_owned()),
        ..TokenInput::default()
    };
    tokens::create(&site.app, &Actor::system(), input, None).await.unwrap();
}

/// In a ring: each revokes the next one, and all at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_administrators_who_revoke_each_other_one_stays() {
    let site = Site::new().await;
    for round in 0..12 {
        for n in administrators(&site).await.len()..2 + round % 3 {
            another(&site, &format!("administrator {round} {n}")).await;
        }
        let ring = administrators(&site).await;
        let revoked = ring.iter().map(|token| {
            let (app, id, actor) = (site.app.clone(), token.id, tokens::actor(token));
            tokio::spawn(async move { tokens::revoke(&app, &actor, id, &Expect::any()).await })
        });
        for revoked in join_all(revoked).await {
            if let Err(error) = revoked.expect("no panic") {
                assert_eq!(error.code, "last_administrator_token", "{error}");
            }
        }
        assert_eq!(administrators(&site).await.len(), 1, "of {}", ring.len());
    }
}

#[tokio::test]
async fn one_that_ends_does_not_take_the_place_of_one_that_does_not() {
    let site = Site::new().await;
    let first = site.get("/tokens").await.str("/items/0/id");
    let ending = json!({"name": "for a week", "role": "administrator", "expires_at": "2027-01-31T00:00:00Z"});
    let ending = site.post("/tokens", ending).await.str("/id");
    site.delete(&format!("/tokens/{first}")).await.is_problem(409, "last_administrator_token", &[]);
    site.delete(&format!("/tokens/{ending}")).await.is(204);
    let lasting = site.post("/tokens", json!({"name": "for good", "role": "administrator"})).await;
    site.delete(&format!("/tokens/{first}")).token(&lasting.str("/token")).await.is(204);
}

#[tokio::test]
async fn only_who_may_comment_sees_where_comments_are_sent() {
    let site = Site::new().await;
    site.project("SUP").await;
    let mailbox = site.post("/mailboxes", crate::mailboxes::password("Support")).await.str("/id");
    site.patch(&format!("/mailboxes/{mailbox}"), json!({"auth": {"username": "support@example.com"}}))
        .await
        .is(200);
    let id = messages::kept(&site, &mailbox, 1, MessageState::Held, Reason::Flood, MAIL).await;
    site.post(&format!("/messages/{id}/release"), json!({})).await.is(200);
    for (role, sees) in [("reader", false), ("agent", true), ("administrator", true)] {
        let token = site.token(role).await;
        let issue = site.get("/issues/SUP-1").token(&token).await.is(200);
        for field in ["reply_address", "reply_message_id"] {
            assert_eq!(issue[field] != Value::Null, sees, "{role} {field}");
            assert!(issue.as_object().unwrap().contains_key(field), "{field} is always told of");
        }
    }
    // Nor does any other call of theirs tell it.
    let address = site.get("/issues/SUP-1").await.str("/reply_address");
    let token = site.post("/tokens", json!({"name": "another reader", "role": "reader"})).await.str("/token");
    for path in ["/issues?project=SUP", "/issues/SUP-1/comments", "/issues/SUP-1", "/projects/SUP"] {
        let read = site.get(path).token(&token).await;
        read.is(200);
        assert!(!read.text.contains(&address), "{path}");
    }
}
