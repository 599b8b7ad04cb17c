//! The only place that names adapters.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use embedded::{Embedded, EmbeddedError, Trouble};
use intake::{
    App, Disk, DiskTrouble, Error, Language, Sentence, Settings as AppSettings, StopSignal, Timestamp,
    failed,
    flows::master_key,
    ports::{Clock, Entropy, Gate, OAuthProvider, Reached, Unreached},
    types::host::OwnListener,
};
use machine::{LateClock, SystemClock, SystemEntropy};
use mail_source::{MailServers, SourceConfig};
use oauth_provider::{HttpProvider, ProviderConfig};
use store::{DynamoStore, ObjectBlobs};
use url::Url;
use vault::{MasterKey, SealedVault};
use web::WebSettings;

use crate::{
    config::{Settings, identity_provider},
    failure::{Failure, Outcome},
    process::{data::DataFolder, disk},
};

/// The table's name in the embedded database.
const TABLE: &str = "maildocket";
/// Its file in the data folder.
const DATABASE: &str = "maildocket.db";
/// The key's file in the data folder, unless it is kept elsewhere.
const KEY: &str = "master-key";

/// What a command adds to the settings.
#[derive(Debug, Default)]
pub(crate) struct Extra {
    /// Further trusted roots, PEM.
    pub(crate) roots_pem: Option<String>,
    /// Another master key than the one of before is taken: that one is lost.
    pub(crate) forget_secrets: bool,
}

/// The adapters of one process.
pub(crate) struct Wired {
    pub(crate) app: App,
    embedded: Embedded,
    trusted_proxy: bool,
    pub(crate) one_time_link: Option<web::OneTimeLink>,
}

/// What the machine's clock says.
pub(crate) fn now() -> Timestamp {
    SystemClock.now()
}

/// The same installation, for whom it is this time now.
pub(crate) fn at(app: &App, then: Timestamp) -> App {
    let late = now().duration_since(then).try_into().unwrap_or_default();
    App { clock: Arc::new(LateClock(late)), ..app.clone() }
}

/// 43 random characters, safe in a URL: 256 bits.
pub(crate) fn random_text() -> String {
    let mut bytes = [0; 32];
    SystemEntropy.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Builds everything over a data folder. `own` is where the process listens.
pub(crate) async fn build(
    settings: &Settings,
    data: &DataFolder,
    base_url: Url,
    own: OwnListener,
    extra: Extra,
) -> Outcome<Wired> {
    let disk = Arc::new(Disk::under(data.path()));
    let embedded = open(data, &disk).await?;
    let client = embedded.client();
    store::ensure_table(&client, TABLE).await?;
    let store = DynamoStore::new(client, TABLE, Arc::new(SystemEntropy), Arc::new(SystemClock));
    let key_file = key_file(settings, data.path());
    let key = key(&key_file, &store, extra.forget_secrets).await?;
    let records = store.clone();
    let addresses = settings.addresses();
    let gate = Gate { own: own.clone(), ..machine::gate(addresses) };
    let roots_pem = roots(settings, extra.roots_pem)?;
    // Of the installation, not of the process: a restart signs nobody out.
    let instance = key.mac_key().tag("instance", "").chars().take(8).collect();
    let pem = roots_pem.clone().map(String::into_bytes);
    let provider = Arc::new(HttpProvider::new(ProviderConfig::new(gate.clone(), pem))?);
    let app = App {
        vault: Arc::new(SealedVault::new(Arc::new(store.clone()), &key)?),
        store: Arc::new(store),
        blobs: Arc::new(ObjectBlobs::folder(&data.file("blobs"))?.on(disk.clone())),
        mail: Arc::new(MailServers::new(SourceConfig::new(gate, certificates(roots_pem.as_deref())?))),
        oauth: provider.clone(),
        discovery: provider,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        mac: key.mac_key(),
        credentials: Arc::default(),
        leases: Arc::default(),
        disk,
        places: Arc::default(),
        parse: mail::Options::default(),
        stop: StopSignal::default(),
        settings: AppSettings { base_url, addresses, own, instance, identity: identity_provider(addresses)? },
    };
    if !master_key::is_ours(&app, &records).await? {
        if !extra.forget_secrets {
            return Err(told("master_key_other", &key_file));
        }
        master_key::replace(&app, &records).await?;
    }
    Ok(Wired { app, embedded, trusted_proxy: settings.trusted_proxy(), one_time_link: None })
}

/// Opens the database; one that is not there yet is made first.
async fn open(data: &DataFolder, disk: &Arc<Disk>) -> Outcome<Embedded> {
    let file = data.file(DATABASE);
    if fs::metadata(&file).map_or(0, |about| about.len()) == 0 {
        make(data, disk).await?;
    }
    open_file(&file, disk)
}

/// Makes the database under another name, and gives it its own when it is whole: whatever ends the process before, the next
/// start makes it anew.
async fn make(data: &DataFolder, disk: &Arc<Disk>) -> Outcome {
    // SQLite's log and index lie beside a database under these endings.
    const BESIDE: [&str; 2] = ["-wal", "-shm"];
    let begun = format!("{DATABASE}.new");
    data.remove(&begun);
    for ending in BESIDE {
        data.remove(&format!("{begun}{ending}"));
        // Of a database that somebody took away: it is none of the new one.
        data.remove(&format!("{DATABASE}{ending}"));
    }
    let made = open_file(&data.file(&begun), disk)?;
    store::ensure_table(&made.client(), TABLE).await?;
    // Closing it folds the log into it.
    drop(made);
    if BESIDE.iter().any(|ending| data.file(&format!("{begun}{ending}")).exists()) {
        return Err(disk.fault().map_or_else(
            || Failure::new(format!("{} could not be finished.", data.file(&begun).display())),
            Failure::from,
        ));
    }
    data.rename(&begun, DATABASE)
}

/// What is no database is left as it is.
fn open_file(file: &Path, disk: &Arc<Disk>) -> Outcome<Embedded> {
    let watched = disk.clone();
    let watch = move |trouble| {
        disk::trouble_of(trouble).map(|trouble| watched.met(trouble));
    };
    let refused = |error: EmbeddedError| match error.trouble {
        Trouble::Foreign => told("database_foreign", file),
        Trouble::Newer => told("database_newer", file),
        Trouble::Full => disk.error(DiskTrouble::Full).into(),
        Trouble::Failing => disk.error(DiskTrouble::Failing).into(),
        Trouble::Damaged => disk.error(DiskTrouble::Damaged).into(),
        Trouble::Other => Failure::new(error.to_string()),
    };
    Embedded::open_watched(file, Arc::new(watch)).map_err(refused)
}

/// A sentence of the catalogue about a file.
fn told(key: &'static str, file: &Path) -> Failure {
    let sentence = Sentence::new(key).with("file", file.display());
    intake::Error::told(intake::Kind::Installation, sentence).into()
}

/// Where the master key lies.
pub(crate) fn key_file(settings: &Settings, data_dir: &Path) -> PathBuf {
    settings.master_key_file().cloned().unwrap_or_else(|| data_dir.join(KEY))
}

/// The master key; made where there was never one.
async fn key(file: &Path, store: &DynamoStore, forget: bool) -> Outcome<MasterKey> {
    if let Some(key) = MasterKey::open(file)? {
        return Ok(key);
    }
    if !forget && master_key::is_needed(store).await? {
        return Err(told("master_key_missing", file));
    }
    Ok(MasterKey::create(file)?)
}

/// For the doctor: whether the key's file can be read, where there is something that it opens.
pub(crate) fn key_checked(settings: &Settings) -> Outcome<String> {
    let data_dir = settings.data_dir()?;
    let file = key_file(settings, &data_dir);
    match MasterKey::open(&file)? {
        Some(_) => Ok(format!("{} holds a key.", file.display())),
        None if data_dir.join(DATABASE).exists() => Err(told("master_key_missing", &file)),
        None => Ok(format!("{} is made at the first start.", file.display())),
    }
}

/// The file of `--extra-ca-file` and what the demo adds.
fn roots(settings: &Settings, extra: Option<String>) -> Outcome<Option<String>> {
    let Some(path) = settings.extra_ca_file() else { return Ok(extra) };
    let file = fs::read_to_string(path)
        .map_err(|error| Failure::because(format!("The file {} cannot be read", path.display()), error))?;
    Ok(Some(file + extra.as_deref().unwrap_or_default()))
}

/// How many certificates the file of `--extra-ca-file` holds.
pub(crate) fn extra_roots(settings: &Settings) -> Outcome<usize> {
    Ok(certificates(roots(settings, None)?.as_deref())?.len())
}

fn certificates(pem: Option<&str>) -> Outcome<Vec<mail_source::Certificate>> {
    let Some(pem) = pem else { return Ok(Vec::new()) };
    mail_source::certificates(pem)
        .map_err(|_| Failure::new("The extra trusted roots are not certificates in PEM form."))
}

/// Whether the host of a provider can be reached from here, as `serve` reaches it.
pub(crate) async fn reach(settings: &Settings, host: &str) -> Outcome<Reached> {
    let addresses = settings.addresses();
    let roots_pem = roots(settings, None)?.map(String::into_bytes);
    let provider = HttpProvider::new(ProviderConfig::new(machine::gate(addresses), roots_pem))?;
    let url = Url::parse(&format!("https://{host}/"))
        .map_err(|error| Failure::because(format!("{host} is not a host"), error))?;
    let told = |unreached: Unreached| Failure::new(unreached.sentence(host).whole(Language::English));
    provider.reach(&url).await.map_err(told)
}

impl Wired {
    /// Everything that is answered over HTTP.
    pub(crate) fn router(&self, listen: Vec<std::net::SocketAddr>) -> web::Router {
        web::router(
            self.app.clone(),
            WebSettings {
                listen,
                trusted_proxy: self.trusted_proxy,
                one_time_link: self.one_time_link.clone(),
            },
        )
    }

    /// Deletes expired records. Blocks.
    pub(crate) fn sweeper(&self) -> impl Fn() + Send + Sync + 'static {
        let embedded = self.embedded.clone();
        move || {
            if let Err(error) = embedded.sweep_ttl() {
                let failure = Error::retry(Sentence::new("sweep_failed").with("io_error", error));
                failed!(error, failure, "Expired records could not be deleted.");
            }
        }
    }
}
