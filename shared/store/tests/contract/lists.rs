//! Pages, and indexes that lag.

use std::sync::Arc;

use embedded::Faults;
use intake::{
    ports::{Change, Store, Why, Write},
    types::PageRequest,
};

use crate::{
    rejected,
    samples::{self, *},
    store,
};

pub(crate) async fn lists_come_in_pages(store: Arc<dyn Store>) {
    for n in 0..7 {
        store.commit(&[Change::Integration(Write::Create(integration(n, &format!("I{n}"))))]).await.unwrap();
    }
    let mut request = PageRequest::first(3);
    let mut names = Vec::new();
    loop {
        let page = store.integrations(&request).await.unwrap();
        names.extend(page.items.iter().map(|i| i.name.to_string()));
        let Some(next) = page.next else { break };
        request.cursor = Some(next);
    }
    assert_eq!(names, ["I6", "I5", "I4", "I3", "I2", "I1", "I0"]);
    let foreign = PageRequest { limit: 3, cursor: request.cursor };
    assert_eq!(store.mailboxes(&foreign).await.unwrap_err().code, "invalid_cursor");
    for n in 0..5 {
        store.commit(&[Change::Audit(audit_entry(n))]).await.unwrap();
    }
    let first = store.audit(&PageRequest::first(3)).await.unwrap();
    let rest = store.audit(&PageRequest { limit: 3, cursor: first.next.clone() }).await.unwrap();
    let actions: Vec<_> = first.items.iter().chain(&rest.items).map(|e| e.action.clone()).collect();
    assert_eq!(actions, ["a4", "a3", "a2", "a1", "a0"]);
}

#[tokio::test]
async fn lists_may_lag_and_decisions_do_not() {
    let (_embedded, store) = store(Faults::new().stale_indexes(50)).await;
    let integration = integration(1, "A");
    store.commit(&[Change::Integration(Write::Create(integration.clone()))]).await.unwrap();
    assert!(store.integrations(&PageRequest::first(9)).await.unwrap().items.is_empty());
    assert_eq!(store.integration(integration.id).await.unwrap(), Some(integration));
    let taken = store.commit(&[Change::Integration(Write::Create(samples::integration(2, "a")))]).await;
    assert_eq!(rejected(taken)[0].why, Why::NameTaken);
}
