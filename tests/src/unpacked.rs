//! Mail servers that lie unpacked (`infra/xtask/src/unpack.rs`), started by their `infra/dev/*/run.sh`.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use intake::Timestamp;

use crate::{
    dovecot::PASSWORD,
    hand::Hand,
    process::{answers, free_port, told, until},
};

/// How many accounts there are: one a test.
const ACCOUNTS: u32 = 100;
/// Another program may take a free port before the server does.
const STARTS: u32 = 5;
/// Runs a server where nobody else sees what is mounted. All its processes end with the first, and that one ends with
/// this process, whose end of its standard input it sees. It is started again where that was asked for before.
const KEEPER: &str = r#"
while unshare --mount --pid --fork --kill-child sh "$@" > "$2.log" 2>&1; [ -e "$2.again" ]; do rm "$2.again"; done
rm -rf "$(dirname "$2")""#;

/// A running server, with IMAP and POP3 in clear text.
pub struct Unpacked {
    /// Its name.
    pub name: &'static str,
    /// IMAP.
    pub imap: u16,
    /// POP3.
    pub pop3: u16,
    folder: PathBuf,
    accounts: AtomicU32,
    // Its standard input ends with this process.
    keeper: Child,
}

impl Unpacked {
    /// Starts the server of this name: `courier` or `cyrus`.
    pub async fn start(name: &'static str) -> Self {
        let root = told("MAILDOCKET_TEST_MAIL_SERVERS").join(name);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../infra/dev/{name}/run.sh"));
        for _ in 0..STARTS {
            // In memory where the machine has such a place: these servers sync each mail.
            let made = tempfile::Builder::new().prefix("maildocket-server-").tempdir_in("/dev/shm");
            let folder = made.or_else(|_| tempfile::tempdir()).expect("a folder").keep();
            // Servers drop to other users, who must pass through.
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))
                .expect("a folder to pass through");
            let own = folder.join("own");
            fs::create_dir(&own).expect("a folder");
            let (imap, pop3) = (free_port(), free_port());
            let mut start = Command::new("sh");
            start.args(["-c", KEEPER, "sh"]).arg(&script).arg(&own);
            start.arg(&root).args([imap.to_string(), pop3.to_string()]);
            start.args([PASSWORD, &ACCOUNTS.to_string()]);
            let mut keeper = start.stdin(Stdio::piped()).spawn().expect("a shell");
            let up = until("the start of a mail server", async || {
                let ended = keeper.try_wait().is_ok_and(|status| status.is_some());
                (ended || (answers(imap) && answers(pop3))).then_some(!ended)
            });
            if up.await {
                let accounts = AtomicU32::new(0);
                return Self { name, imap, pop3, folder: own, accounts, keeper };
            }
            println!("{name} did not start");
        }
        panic!("{name} does not start; is it installed? Run `cargo xtask test`.");
    }

    /// Kills it as it is, and starts it again.
    pub async fn crash(&self) {
        fs::write(self.folder.with_extension("again"), "").expect("a file");
        let running = children(self.keeper.id());
        let inner: Vec<_> = running.iter().flat_map(|pid| children(*pid)).collect();
        let killed = Command::new("kill").arg("-9").args(running.iter().map(u32::to_string)).status();
        assert!(killed.expect("kill").success(), "{} was not running", self.name);
        // It may be up again before anybody looks; but the first of its own processes ends with all of the others.
        until("the end of a mail server", async || inner.iter().all(|pid| has_ended(*pid)).then_some(()))
            .await;
        until("another start of a mail server", async || {
            (answers(self.imap) && answers(self.pop3)).then_some(())
        })
        .await;
    }

    /// The user name of an account with an empty INBOX.
    pub fn account(&self) -> String {
        let number = self.accounts.fetch_add(1, Ordering::Relaxed);
        assert!(number < ACCOUNTS, "there are no more accounts at {}", self.name);
        format!("user{number}")
    }

    /// Another client of this account.
    pub fn hand(&self, user: &str) -> Hand {
        Hand::new(self.imap, user, PASSWORD)
    }

    /// Delivers these mails, received now.
    pub fn deliver(&self, user: &str, mails: impl IntoIterator<Item = Vec<u8>>) {
        let mut hand = self.hand(user);
        mails.into_iter().for_each(|raw| hand.append("INBOX", &raw, Timestamp::now()));
    }

    /// The Maildir of an account at Courier.
    pub fn maildir(&self, user: &str) -> PathBuf {
        self.folder.join("mail").join(user).join("Maildir")
    }
}

/// The process ids of what a process has started.
fn children(pid: u32) -> Vec<u32> {
    let told = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    told.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

/// Whether nothing is left of a process but what somebody may want to know of its end.
fn has_ended(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| stat.contains(") Z"))
        || !fs::exists(format!("/proc/{pid}")).unwrap_or(true)
}
