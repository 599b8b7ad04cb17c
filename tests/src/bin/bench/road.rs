//! The same mails from the same server: downloaded by mbsync, and through Maildocket's whole road.

use std::{
    fs,
    process::{Command, Stdio},
};

use tempfile::TempDir;
use tests::{
    Maildocket, Servers,
    dovecot::{Account, PASSWORD},
};

use crate::{
    Plan, corpus,
    measure::{self, Cost},
    report::Report,
};

/// Of the large mails' files.
const LARGE_FILE: usize = 5_000_000;
/// Of mbsync's rate.
const RATE: f64 = 0.2;
/// Times mbsync's time for large mails.
const TIMES: f64 = 3.0;

pub(crate) async fn ordinary(servers: &'static Servers, plan: &Plan, report: &mut Report) {
    let mails = corpus::ordinary(plan.mails);
    let bytes: usize = mails.iter().map(Vec::len).sum();
    let title =
        format!("{} mails of {:.1} kB on average", mails.len(), bytes as f64 / 1e3 / mails.len() as f64);
    let (theirs, ours) = both(servers, plan, &mails).await;
    compare(report, &title, mails.len(), &theirs, &ours);
    let ratio = measure::middle(&theirs).wall / measure::middle(&ours).wall;
    report.goal("rate, part of mbsync's", format!("{ratio:.2}"), &format!("≥ {RATE}"), ratio >= RATE);
}

pub(crate) async fn large(servers: &'static Servers, plan: &Plan, report: &mut Report) {
    let mails: Vec<_> = (0..plan.large).map(|n| corpus::large(n, LARGE_FILE)).collect();
    let (theirs, ours) = both(servers, plan, &mails).await;
    compare(report, &format!("{} mails with a file of 5 MB", mails.len()), mails.len(), &theirs, &ours);
    let times = measure::middle(&ours).wall / measure::middle(&theirs).wall;
    report.goal("time, times mbsync's", format!("{times:.1}"), &format!("≤ {TIMES}"), times <= TIMES);
}

/// mbsync and Maildocket in turn, each over a fresh folder.
async fn both(servers: &'static Servers, plan: &Plan, mails: &[Vec<u8>]) -> (Vec<Cost>, Vec<Cost>) {
    let account = servers.dovecot.account();
    mails.iter().for_each(|mail| account.deliver(mail));
    // Everything stays until the end: where thousands of files were just deleted, file systems are slow to make others.
    let (mut mailboxes, mut data) = (Vec::new(), Vec::new());
    // The server's own index of new mails, and its cache, are nobody's cost here.
    mbsync(servers, &account, mails.len(), &mut mailboxes);
    let (mut theirs, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..plan.runs {
        theirs.push(mbsync(servers, &account, mails.len(), &mut mailboxes));
        ours.push(maildocket(servers, &account, mails.len(), &mut data).await);
    }
    (theirs, ours)
}

fn compare(report: &mut Report, title: &str, mails: usize, theirs: &[Cost], ours: &[Cost]) {
    report.group(title);
    for (name, costs) in
        [("mbsync, download only, FSync no", theirs), ("Maildocket, to stored issues, durable", ours)]
    {
        let Cost { wall, cpu, memory } = measure::middle(costs);
        report.row(
            name,
            format!(
                "{wall:.2} s ({}), {:.0} mails/s, CPU {cpu:.2} s, memory {memory:.0} MB",
                measure::range(costs),
                mails as f64 / wall
            ),
        );
    }
}

fn mbsync(servers: &Servers, account: &Account, mails: usize, kept: &mut Vec<TempDir>) -> Cost {
    let folder = tempfile::Builder::new().prefix("maildocket-mbsync-").tempdir().expect("a folder");
    let rc = folder.path().join("mbsyncrc");
    fs::write(&rc, configuration(servers, account, &folder)).expect("a configuration");
    let mut command = Command::new("mbsync");
    command.args(["-q", "-c"]).arg(&rc).arg("bench");
    let cost = measure::run(command.stdin(Stdio::null()));
    let inbox = folder.path().join("mail/INBOX");
    let count = |name| fs::read_dir(inbox.join(name)).expect("a maildir").count();
    assert_eq!(count("new") + count("cur"), mails, "mbsync left mails out");
    kept.push(folder);
    cost
}

fn configuration(servers: &Servers, account: &Account, folder: &TempDir) -> String {
    let mail = folder.path().join("mail");
    fs::create_dir(&mail).expect("a folder");
    format!(
        "FSync no\n\nIMAPAccount bench\nHost localhost\nPort {port}\nUser {user}\nPass {PASSWORD}\nAuthMechs LOGIN\n\
         SSLType IMAPS\nCertificateFile {ca}\nSystemCertificates no\n\nIMAPStore far\nAccount bench\n\n\
         MaildirStore near\nPath {mail}/\nInbox {mail}/INBOX\nSubFolders Verbatim\n\n\
         Channel bench\nFar :far:\nNear :near:\nPatterns INBOX\nCreate Near\nSync PullNew\nSyncState *\n",
        port = servers.dovecot.imaps,
        user = account.address,
        ca = servers.ca_file.display(),
        mail = mail.display(),
    )
}

async fn maildocket(
    servers: &'static Servers,
    account: &Account,
    mails: usize,
    kept: &mut Vec<Maildocket>,
) -> Cost {
    let mut docket = Maildocket::start(servers).await;
    let mailbox = docket.api.password_mailbox(servers, account).await;
    let cpu = measure::cpu(docket.pid());
    let (done, wall) = tests::process::timed(docket.api.poll(&mailbox)).await;
    let became = ["created", "commented"].map(|name| done[name].as_u64().unwrap_or_default());
    assert_eq!(became[0] + became[1], mails as u64, "not every mail was imported: {done}");
    let cost = Cost {
        wall: wall.as_secs_f64(),
        cpu: measure::cpu(docket.pid()) - cpu,
        memory: docket.peak_memory() as f64 / 1e6,
    };
    docket.kill();
    kept.push(docket);
    cost
}
