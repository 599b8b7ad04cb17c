//! Many mailboxes in one pass.

use futures::{StreamExt, stream};
use tests::{Maildocket, Servers, mails::mail, process::timed};

use crate::{Plan, report::Report};

/// Polled side by side, as the scheduler does at most.
const AT_ONCE: usize = 16;

pub(crate) async fn measure(servers: &'static Servers, plan: &Plan, report: &mut Report) {
    let docket = Maildocket::start(servers).await;
    let mut mailboxes = Vec::new();
    let mut accounts = Vec::new();
    for _ in 0..plan.mailboxes {
        let account = servers.dovecot.account();
        account.deliver(&mail("old", "Before", "", "Here before the mailbox was connected."));
        mailboxes.push(docket.api.password_mailbox(servers, &account).await);
        accounts.push(account);
    }
    pass(&docket, &mailboxes).await;
    report.group(format!(
        "{} mailboxes in one pass, {AT_ONCE} side by side, TLS and sign-in for each",
        mailboxes.len()
    ));
    docket.forget_peak();
    let (_, idle) = timed(pass(&docket, &mailboxes)).await;
    row(report, "nothing new", mailboxes.len(), idle.as_secs_f64(), &docket);
    for account in &accounts {
        account.deliver(&mail("new", "A new one", "", "It arrives between two passes."));
    }
    docket.forget_peak();
    let (fetched, busy) = timed(pass(&docket, &mailboxes)).await;
    assert_eq!(fetched, mailboxes.len() as u64, "not every new mail was imported");
    row(report, "one new mail in each", mailboxes.len(), busy.as_secs_f64(), &docket);
}

/// Polls each once; how many mails that brought.
async fn pass(docket: &Maildocket, mailboxes: &[String]) -> u64 {
    stream::iter(mailboxes)
        .map(|mailbox| docket.api.poll(mailbox))
        .buffer_unordered(AT_ONCE)
        .fold(0, async |sum, done| sum + done["fetched"].as_u64().unwrap_or_default())
        .await
}

fn row(report: &mut Report, what: &str, mailboxes: usize, seconds: f64, docket: &Maildocket) {
    let (rate, memory) = (mailboxes as f64 / seconds, docket.peak_memory() as f64 / 1e6);
    report.row(what, format!("{seconds:.2} s, {rate:.0} mailboxes/s, memory at most {memory:.0} MB"));
}
