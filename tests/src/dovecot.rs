//! The real mail server of `infra/dev/dovecot`.

use std::{
    fs,
    io::Write,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::SystemTime,
};

use crate::{
    authority::Authority,
    process::{answers, free_port, until},
};

/// Of every account.
pub const PASSWORD: &str = "correct-horse-battery-staple";
/// Starts it in the foreground, and ends it by its process id when standard input ends.
const KEEPER: &str =
    r#"dovecot -F -c "$0/dovecot.conf" & pid=$!; cat >/dev/null; kill $pid; wait $pid; rm -rf "$0""#;
/// Another program may take a free port before Dovecot does.
const STARTS: u32 = 5;

/// A running Dovecot.
pub struct Dovecot {
    /// IMAP with TLS from the first byte.
    pub imaps: u16,
    /// IMAP with STARTTLS, or in clear text.
    pub imap: u16,
    /// POP3 with TLS from the first byte.
    pub pop3s: u16,
    /// POP3 with STLS, or in clear text.
    pub pop3: u16,
    folder: PathBuf,
    owner: (u32, u32),
    accounts: AtomicU32,
    // Its standard input ends with this process, and so does Dovecot.
    _keeper: Child,
}

impl Dovecot {
    /// Starts it in a folder that it removes at its end, with this certificate and key (PEM files).
    pub async fn start(folder: &Path, certificate: &Path, key: &Path, authority: &Authority) -> Self {
        let owner = owner();
        for name in ["run", "mail"] {
            fs::create_dir_all(folder.join(name)).expect("a folder");
        }
        chown(folder.join("mail"), Some(owner.0), Some(owner.1)).expect("the mail folder's owner");
        // Dovecot's own users must pass through.
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("a folder to pass through");
        for _ in 0..STARTS {
            let ports = [free_port(), free_port(), free_port(), free_port()];
            configure(folder, certificate, key, authority, ports, owner);
            let mut keeper = Command::new("sh")
                .args(["-c", KEEPER])
                .arg(folder)
                .stdin(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .expect("a shell");
            let [imap, imaps, pop3, pop3s] = ports;
            let up = until("Dovecot's start", async || {
                let failed = log(folder).contains("Fatal:");
                (failed || [imaps, imap, pop3s, pop3].into_iter().all(answers)).then_some(!failed)
            });
            if up.await {
                let accounts = AtomicU32::new(0);
                let folder = folder.to_owned();
                return Self { imaps, imap, pop3s, pop3, folder, owner, accounts, _keeper: keeper };
            }
            println!("Dovecot did not start: {}", log(folder));
            fs::remove_file(folder.join("dovecot.log")).expect("an old log");
            keeper.kill().and_then(|()| keeper.wait()).expect("the end of a keeper without a Dovecot");
        }
        panic!("Dovecot does not start; is it installed? Run `cargo xtask test`.");
    }

    /// A new account with an empty INBOX.
    pub fn account(&self) -> Account {
        let number = self.accounts.fetch_add(1, Ordering::Relaxed);
        self.account_named(&format!("user{number}@example.test"))
    }

    /// The account of this address, which nobody else has; its INBOX is empty.
    pub fn account_named(&self, address: &str) -> Account {
        let address = address.to_owned();
        let maildir = self.folder.join("mail").join(&address).join("Maildir");
        for name in ["tmp", "new", "cur"] {
            fs::create_dir_all(maildir.join(name)).expect("a maildir");
        }
        let account = Account { address, maildir, owner: self.owner, mails: AtomicU32::new(0) };
        for name in ["..", ".", "tmp", "new", "cur"] {
            account.give(&account.maildir.join(name));
        }
        account
    }
}

/// An account with a mailbox of its own.
pub struct Account {
    /// Its address, and its user name.
    pub address: String,
    maildir: PathBuf,
    owner: (u32, u32),
    mails: AtomicU32,
}

impl Account {
    /// Delivers a mail, received now.
    pub fn deliver(&self, raw: &[u8]) {
        self.deliver_at(raw, SystemTime::now());
    }

    /// The same behind all mails that are kept, whoever delivered them.
    pub fn deliver_after(&self, raw: &[u8]) {
        let kept = u32::try_from(self.mails_in("INBOX").len()).expect("a small mailbox");
        self.mails.fetch_max(kept, Ordering::Relaxed);
        self.deliver(raw);
    }

    /// Delivers a mail, received at this time.
    pub fn deliver_at(&self, raw: &[u8], received: SystemTime) {
        let number = self.mails.fetch_add(1, Ordering::Relaxed);
        // Dovecot numbers new mails in the order of their names.
        let name = format!("{:010}.M{number:09}.test", 1_700_000_000);
        let written = self.maildir.join("tmp").join(&name);
        let mut file = fs::File::create(&written).expect("a new mail");
        file.write_all(raw).expect("room for a mail");
        file.set_modified(received).expect("its time");
        drop(file);
        self.give(&written);
        fs::rename(&written, self.maildir.join("new").join(&name)).expect("a delivered mail");
    }

    /// Keeps the mails with their times, flags and UIDs, in this folder.
    pub fn keep(&self, folder: &Path) {
        copied(&self.maildir, folder);
        for entry in fs::read_dir(folder).expect("the copy").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            // Indexes are made again.
            if name.starts_with("dovecot") && name != "dovecot-uidlist" {
                fs::remove_file(entry.path()).expect("an index that can be removed");
            }
        }
    }

    /// Has what was kept, in the place of its own mails.
    pub fn take_back(&self, folder: &Path) {
        copied(folder, &self.maildir);
        let owner = format!("{}:{}", self.owner.0, self.owner.1);
        let given = Command::new("chown").args(["-R", &owner]).arg(&self.maildir).status();
        assert!(given.expect("chown").success(), "the mails' owner");
    }

    /// Makes the server number all mails anew, under this UIDVALIDITY.
    pub fn renumber(&self, uid_validity: u32) {
        for entry in fs::read_dir(&self.maildir).expect("the maildir").flatten() {
            if entry.file_name().to_string_lossy().starts_with("dovecot") {
                fs::remove_file(entry.path()).expect("an index that can be removed");
            }
        }
        let list = self.maildir.join("dovecot-uidlist");
        fs::write(&list, format!("3 V{uid_validity} N1 G0123456789abcdef0123456789abcdef\n"))
            .expect("a list of UIDs");
        self.give(&list);
    }

    /// The mails that lie in a folder of this account, as files: `INBOX`, or a folder's name as Maildir++ has it, such as
    /// `Erledigt` or `Archiv.2026`, in modified UTF-7. Nothing where there is no such folder.
    pub fn mails_in(&self, folder: &str) -> Vec<PathBuf> {
        let place =
            if folder == "INBOX" { self.maildir.clone() } else { self.maildir.join(format!(".{folder}")) };
        let mut found: Vec<PathBuf> = ["new", "cur"]
            .iter()
            .filter_map(|part| fs::read_dir(place.join(part)).ok())
            .flat_map(|entries| entries.flatten().map(|entry| entry.path()))
            .collect();
        found.sort();
        found
    }

    /// Takes the mail out that was delivered as the `n`-th, counted from zero, as another program does.
    pub fn remove(&self, n: u32) {
        let is_it =
            |entry: &fs::DirEntry| entry.file_name().to_string_lossy().contains(&format!(".M{n:09}."));
        let folders = ["new", "cur"].map(|name| fs::read_dir(self.maildir.join(name)).expect("the maildir"));
        let found = folders.into_iter().flatten().flatten().find(is_it).expect("the mail");
        fs::remove_file(found.path()).expect("a mail that can be removed");
    }

    /// The flags of all mails, as file names tell them: nothing is set as long as nobody touched them.
    pub fn flags(&self) -> Vec<String> {
        let names = fs::read_dir(self.maildir.join("cur")).expect("the maildir").flatten();
        names
            .filter_map(|entry| Some(entry.file_name().to_str()?.split_once(":2,")?.1.to_owned()))
            .filter(|flags| !flags.is_empty())
            .collect()
    }

    fn give(&self, path: &Path) {
        chown(path, Some(self.owner.0), Some(self.owner.1)).expect("the mail's owner");
    }
}

/// Copies what lies in a folder into another.
fn copied(from: &Path, into: &Path) {
    fs::create_dir_all(into).expect("a folder");
    let copied = Command::new("cp").arg("-a").arg(from.join(".")).arg(into).status();
    assert!(copied.expect("cp").success(), "{} cannot be copied", from.display());
}

/// Who owns mails: root's session processes drop to the user `mail`.
fn owner() -> (u32, u32) {
    let me = fs::metadata("/proc/self").expect("this process");
    if me.uid() != 0 {
        return (me.uid(), me.gid());
    }
    let id = |flag| {
        let out = Command::new("id").args([flag, "mail"]).output().expect("the user mail");
        String::from_utf8_lossy(&out.stdout).trim().parse().expect("a number")
    };
    (id("-u"), id("-g"))
}

fn log(folder: &Path) -> String {
    fs::read_to_string(folder.join("dovecot.log")).unwrap_or_default()
}

fn configure(
    folder: &Path,
    certificate: &Path,
    key: &Path,
    authority: &Authority,
    [imap, imaps, pop3, pop3s]: [u16; 4],
    (uid, gid): (u32, u32),
) {
    let root = uid_of_this_process() == 0;
    let me = whoami(&["-un"]);
    let group = whoami(&["-gn"]);
    let (login, internal, internal_group) =
        if root { ("dovenull", "dovecot", "dovecot") } else { (me.as_str(), me.as_str(), group.as_str()) };
    let values = [
        ("FOLDER", folder.display().to_string()),
        ("CERT", certificate.display().to_string()),
        ("KEY", key.display().to_string()),
        ("PASSWORD", PASSWORD.to_owned()),
        ("LOGIN_USER", login.to_owned()),
        ("INTERNAL_USER", internal.to_owned()),
        ("INTERNAL_GROUP", internal_group.to_owned()),
        ("MAIL_UID", uid.to_string()),
        ("MAIL_GID", gid.to_string()),
        ("IMAP", imap.to_string()),
        ("IMAPS", imaps.to_string()),
        ("POP3", pop3.to_string()),
        ("POP3S", pop3s.to_string()),
        ("INTROSPECTION", authority.introspection.to_string()),
        ("DISCOVERY", authority.discovery.to_string()),
    ];
    for name in ["dovecot.conf", "oauth2.conf"] {
        let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/dev/dovecot").join(name);
        let template = fs::read_to_string(template).expect("the template");
        let filled =
            values.iter().fold(template, |text, (name, value)| text.replace(&format!("@{name}@"), value));
        fs::write(folder.join(name), filled).expect("the configuration");
    }
}

fn uid_of_this_process() -> u32 {
    fs::metadata("/proc/self").map_or(0, |me| me.uid())
}

fn whoami(arguments: &[&str]) -> String {
    let out = Command::new("id").args(arguments).output().expect("who I am");
    String::from_utf8_lossy(&out.stdout).trim().to_owned()
}
