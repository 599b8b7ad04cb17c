//! A real browser: Chromium, driven over WebDriver.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use fantoccini::{
    Client, ClientBuilder, Locator,
    wd::{Capabilities, WebDriverCompatibleCommand},
};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::{ParseError, Url};

use crate::process::until;

/// Starts the driver and ends it by its process id, with its browsers, when standard input ends.
const KEEPER: &str = "chromedriver --port=0 & pid=$!; cat >/dev/null; kill $pid; wait $pid";

/// A command of the Chrome DevTools Protocol, which chromedriver passes on.
#[derive(Debug)]
struct DevTools {
    method: &'static str,
    parameters: Value,
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base_url: &Url, session_id: Option<&str>) -> Result<Url, ParseError> {
        base_url.join(&format!("session/{}/goog/cdp/execute", session_id.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let body = json!({ "cmd": self.method, "params": self.parameters });
        (Method::POST, Some(body.to_string()))
    }
}

/// A browser window.
pub struct Chromium {
    /// The window.
    pub window: Client,
    _profile: TempDir,
    // Its standard input ends with this value, and so does the driver.
    _driver: Child,
}

impl Chromium {
    /// Opens a window of this size with an empty profile, which takes the tests' certificates.
    pub async fn open(width: u32, height: u32) -> Self {
        Self::open_with(width, height, &[]).await
    }

    /// The same with further arguments of the browser's.
    pub async fn open_with(width: u32, height: u32, more: &[&str]) -> Self {
        let mut driver = Command::new("sh")
            .args(["-c", KEEPER])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        let lines = BufReader::new(driver.stdout.take().expect("its standard output")).lines();
        let port = lines
            .map_while(Result::ok)
            .find_map(|line| {
                Some(line.split_once("successfully on port ")?.1.trim_end_matches('.').to_owned())
            })
            .expect("chromedriver starts; `cargo xtask test` installs it");
        let profile = tempfile::Builder::new().prefix("maildocket-browser-").tempdir().expect("a folder");
        let mut arguments = vec![
            "--headless",
            // Chromium's own sandbox does not work for root, as which tests may run.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ];
        let size = format!("--window-size={width},{height}");
        let folder = format!("--user-data-dir={}", profile.path().display());
        arguments.extend([size.as_str(), folder.as_str()]);
        arguments.extend(more);
        let wanted = json!({
            "browserName": "chrome",
            "acceptInsecureCerts": true,
            "goog:chromeOptions": { "args": arguments },
        });
        let wanted: Capabilities = serde_json::from_value(wanted).expect("capabilities");
        let window = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
            .capabilities(wanted)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("a browser window");
        Self { window, _profile: profile, _driver: driver }
    }

    /// The text of the page.
    pub async fn text(&self) -> String {
        let body = self.window.find(Locator::Css("body")).await.expect("a page");
        body.text().await.expect("its text")
    }

    /// Presses what is found so, and waits for the page to hold this text.
    pub async fn press(&self, what: Locator<'_>, then: &str) {
        self.window.find(what).await.expect("something to press").click().await.expect("to press it");
        self.shows(then).await;
    }

    /// Goes where this link leads, in this window, also where it would open another one.
    pub async fn follow(&self, css: &str) {
        let link = self.window.find(Locator::Css(css)).await.expect("a link");
        let address = link.prop("href").await.expect("its address").expect("an address");
        self.window.goto(&address).await.expect("a page");
    }

    /// Waits for the page to hold this text.
    pub async fn shows(&self, text: &str) {
        until(&format!("{text:?} on the page"), async || {
            // The page may be on its way to another one.
            let body = self.window.find(Locator::Css("body")).await.ok()?;
            body.text().await.ok()?.contains(text).then_some(())
        })
        .await;
    }

    /// Keeps a picture of the page in `target/pictures`, for whoever wants to look.
    pub async fn picture(&self, name: &str) {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/pictures");
        std::fs::create_dir_all(&folder).expect("a folder");
        let picture = self.window.screenshot().await.expect("a picture");
        std::fs::write(folder.join(format!("{name}.png")), picture).expect("a file");
    }

    /// Shows pages as on a screen of this size, in this colour scheme (`light` or `dark`).
    pub async fn shape(&self, (width, height): (u32, u32), scheme: &str) {
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.tell("Emulation.setDeviceMetricsOverride", metrics).await;
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.tell("Emulation.setEmulatedMedia", media).await;
    }

    /// Speaks with the browser itself (Chrome DevTools Protocol).
    pub async fn tell(&self, method: &'static str, parameters: Value) -> Value {
        self.window.issue_cmd(DevTools { method, parameters }).await.expect("an answer of the browser")
    }

    /// What a script of the tests finds out on the page.
    pub async fn run(&self, script: &str) -> Value {
        self.window.execute(script, Vec::new()).await.expect("a script that runs")
    }

    /// The same of a script that calls the last of its arguments with what it found.
    pub async fn run_async(&self, script: &str) -> Value {
        self.window.execute_async(script, Vec::new()).await.expect("a script that ends")
    }

    /// Keeps a picture of the whole page, however long, in this file below `target`.
    pub async fn whole_picture(&self, file: &Path) {
        self.captured(file, json!({ "captureBeyondViewport": true, "format": "png" })).await;
    }

    /// Keeps a picture of the upper left of a page, so wide and high, in this file below `target`.
    pub async fn part_of_picture(&self, file: &Path, (width, height): (u32, u32)) {
        let clip = json!({ "x": 0, "y": 0, "width": width, "height": height, "scale": 1 });
        self.captured(file, json!({ "clip": clip, "format": "png" })).await;
    }

    async fn captured(&self, file: &Path, wanted: Value) {
        let picture = self.tell("Page.captureScreenshot", wanted).await;
        let bytes = STANDARD.decode(picture["data"].as_str().expect("a picture")).expect("base64");
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target").join(file);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    }

    /// Closes the window.
    pub async fn close(self) {
        self.window.close().await.expect("a window that closes");
    }
}
