//! The README: its roads, walked as it tells, and its pictures: drawn of the demo into `target/readme`, from where `cargo xtask screens --readme` takes them.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, SystemTime},
};

use fantoccini::Locator;
use tests::{Browser, Chromium, Maildocket, Person, Servers, dovecot::PASSWORD, mails::mail, process::told};

use crate::browser::{Demo, LINK, origin};

/// What a reader of the README loads for each picture, at most, bytes.
const MAX: u64 = 150 * 1000;
/// Wide.
const WIDTH: u32 = 1280;
/// The pictures, the pages that they show, and how much of them.
const PICTURES: [(&str, &str, u32); 3] =
    [("overview", "/", 1100), ("issue", "/issues/HELP-1", 1000), ("mailbox", "/mailboxes/*", 1060)];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[tokio::test]
async fn the_pictures_of_the_readme_can_be_drawn() {
    let demo = Demo::start(&["--yes"]);
    let link = demo.url(LINK);
    demo.line("The showroom is ready");
    let browser = Chromium::open(WIDTH, 1000).await;
    browser.window.goto(&link).await.unwrap();
    browser.press(Locator::Css("form button"), "Overview").await;
    browser.tell("Emulation.setScrollbarsHidden", serde_json::json!({ "hidden": true })).await;
    let base = origin(&link);
    browser.window.goto(&format!("{base}/mailboxes")).await.unwrap();
    let shop = browser.window.find(Locator::LinkText("Web shop")).await.unwrap();
    let shop = shop.attr("href").await.unwrap().unwrap();
    for (name, page, height) in PICTURES {
        browser.shape((WIDTH, height), "light").await;
        let page = page.replace("/mailboxes/*", &shop);
        browser.window.goto(&format!("{base}{page}")).await.unwrap();
        let file = format!("readme/{name}.png");
        browser.part_of_picture(Path::new(&file), (WIDTH, height)).await;
        let bytes = std::fs::metadata(root().join("target").join(&file)).unwrap().len();
        assert!(bytes < MAX, "{name} has {bytes} bytes");
    }
    browser.close().await;
    demo.end();
}

#[test]
fn the_readme_shows_them() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    for (name, ..) in PICTURES {
        let file = format!("docs/pictures/{name}.png");
        assert!(readme.contains(&format!("({file})")), "the README shows {file}");
        let about = std::fs::metadata(root().join(&file))
            .expect("a picture; `cargo xtask screens --readme` draws it");
        assert!(about.len() < MAX, "{file} has {} bytes", about.len());
    }
}

/// What the README tells to type, typed: its files with the tests' servers in the place of its examples.
struct Reader {
    readme: String,
    folder: tempfile::TempDir,
    docket: Maildocket,
}

impl Reader {
    async fn sits_down(servers: &Servers) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(told("MAILDOCKET_TEST_BIN"), folder.path().join("maildocket")).unwrap();
        let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
        Self { readme, folder, docket: Maildocket::start_empty(servers).await }
    }

    /// The block below this mark.
    fn block(&self, mark: &str) -> String {
        let (_, rest) =
            self.readme.split_once(&format!("<!-- {mark} -->\n```")).unwrap_or_else(|| panic!("no {mark}"));
        rest.split_once('\n').unwrap().1.split_once("```").unwrap().0.to_owned()
    }

    /// Writes the file of this name, with these values instead.
    fn writes(&self, name: &str, values: &[(&str, &str)]) {
        let text = values.iter().fold(self.block(&format!("file: {name}")), |text, (from, to)| {
            assert!(text.contains(from), "{name} has no {from}");
            text.replace(from, to)
        });
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// A line of the README, in a shell of its reader.
    fn shell(&self, line: &str, secrets: &[(&str, &str)]) -> Command {
        let mut shell = Command::new("sh");
        let path = format!("{}:{}", self.folder.path().display(), std::env::var("PATH").unwrap());
        shell.args(["-c", line]).current_dir(self.folder.path()).env("PATH", path).env("TZ", "UTC");
        shell.env("MAILDOCKET_DATA_DIR", self.docket.data_dir()).envs(secrets.iter().copied());
        shell
    }

    /// Types all lines of the block; what was printed.
    fn types(&self, mark: &str, secrets: &[(&str, &str)]) -> String {
        let block = self.block(&format!("run: {mark}"));
        let printed = block.lines().map(|line| {
            let output = self.shell(line, secrets).output().unwrap();
            let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            assert!(output.status.success(), "{line}: {said}");
            said
        });
        printed.collect()
    }

    /// The lines below this mark were printed in this order; `…` stands for anything.
    fn sees(&self, mark: &str, printed: &str) {
        let mut left = printed.lines();
        for line in self.block(&format!("says: {mark}")).lines() {
            let parts: Vec<&str> = line.split('…').collect();
            let is_it = |said: &str| {
                parts
                    .iter()
                    .try_fold(said, |rest, part| rest.split_once(part).map(|(_, rest)| rest))
                    .is_some()
            };
            assert!(left.any(is_it), "nothing says {line:?} in\n{printed}");
        }
    }
}

#[tokio::test]
async fn the_roads_of_the_readme_lead_to_issues() {
    let servers = Servers::get().await;
    let reader = Reader::sits_down(servers).await;
    let account = servers.dovecot.account();
    let before = SystemTime::UNIX_EPOCH + Duration::from_secs(1_760_000_000);
    for (id, subject) in [("1", "The lamp flickers"), ("2", "Opening hours")] {
        account.deliver_at(&mail(id, subject, "", "It is older than the mailbox."), before);
    }
    let port = format!("port: {}", servers.dovecot.imaps);
    let server = [("imap.example.com", "localhost"), ("port: 993", port.as_str())];
    reader.writes(
        "support.yaml",
        &[&server[..], &[("support@example.com", account.address.as_str())]].concat(),
    );
    let printed = reader.types("password", &[("SUPPORT_PASSWORD", PASSWORD)]);
    reader.sees("password", &printed);
    let printed = reader.types("older", &[]);
    reader.sees("older", &printed);

    let other = servers.dovecot.account();
    let issuer = servers.authority.issuer.as_str();
    let lines: Vec<String> = reader.block("run: consent").lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 4, "{lines:?}");
    let first = reader.shell(&lines[0].replace("https://id.example.com/", issuer), &[]).output().unwrap();
    let client = servers.authority.register(String::from_utf8(first.stdout).unwrap().trim()).await;
    let values = [
        ("https://id.example.com/", issuer),
        ("client_id: maildocket", &format!("client_id: {}", client.id)),
    ];
    reader.writes("sales.yaml", &[&server[..], &values[..]].concat());
    let secret = [("CLIENT_SECRET", client.secret.as_str())];
    assert!(reader.shell(&lines[1], &secret).status().unwrap().success());
    let mut waiting = reader.shell(&lines[2], &[]).stdout(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(waiting.stdout.take().unwrap()).lines().map_while(Result::ok);
    let link = said.find(|line| line.starts_with("http")).unwrap();
    Browser::new(&servers.identity.ca_pem).walk(&link, Person::Agrees(&other.address), None).await;
    let rest: Vec<String> = said.collect();
    assert!(rest.iter().any(|line| line.contains("is connected")), "{rest:?}");
    assert!(waiting.wait().unwrap().success());
    assert!(reader.shell(&lines[3], &[]).status().unwrap().success());
}
