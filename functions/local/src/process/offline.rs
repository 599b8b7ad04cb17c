//! The data without a running process: for commands that work where none runs.

use std::net::SocketAddr;

use intake::{App, types::host::OwnListener};

use super::{
    data::DataFolder,
    wire::{self, Extra},
};
use crate::{config::Settings, failure::Outcome};

/// The data, without a listener.
pub(crate) struct Offline {
    pub(crate) app: App,
    /// Everything that is answered over HTTP, where somebody listens.
    pub(crate) routes: web::Router,
    _data: DataFolder,
}

impl Offline {
    /// Takes the data folder, as long as this lives.
    pub(crate) async fn open(settings: &Settings) -> Outcome<Self> {
        let data = DataFolder::open(&settings.data_dir()?)?;
        // Redirect URLs that are made now are those of the process that listens there later.
        let first = settings.listen().addresses().first().copied();
        let base_url = settings.base_url(first.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0))))?;
        let wired = wire::build(settings, &data, base_url, OwnListener::default(), Extra::default()).await?;
        Ok(Self { routes: wired.router(Vec::new()), app: wired.app, _data: data })
    }
}
