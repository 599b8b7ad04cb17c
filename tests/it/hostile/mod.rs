//! Addresses that somebody would like us to connect to: refused when they are saved, and again when a name leads to them.

mod hosts;
mod names;
mod redirects;
mod saving;

use std::{
    collections::VecDeque,
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use intake::{
    ports::{Gate, Resolve},
    types::host::{AddressPolicy, OwnListener},
};
use mail_source::{MailServers, SourceConfig, TimeLimits};
use oauth_provider::{HttpProvider, ProviderConfig};

/// Long enough for this machine, short enough where nobody answers.
const PATIENCE: Duration = Duration::from_secs(5);

/// A name server that is scripted: each question has the next answer, and the last one stays.
#[derive(Default)]
struct NameServer {
    answers: Mutex<VecDeque<Vec<IpAddr>>>,
    asked: AtomicUsize,
}

impl NameServer {
    fn answering(answers: &[&[&str]]) -> Arc<Self> {
        let parsed = |answer: &&[&str]| answer.iter().map(|ip| ip.parse().unwrap()).collect();
        Arc::new(Self { answers: Mutex::new(answers.iter().map(parsed).collect()), ..Self::default() })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Resolve for NameServer {
    async fn resolve(&self, _: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        Ok(answer.unwrap_or_default().into_iter().map(|ip| SocketAddr::new(ip, port)).collect())
    }
}

/// The two adapters that connect to what people type.
struct Outside {
    provider: HttpProvider,
    mail: MailServers,
}

impl Outside {
    fn new(allow_private: bool, ca_pem: &str, names: &Arc<NameServer>, own: &[SocketAddr]) -> Self {
        let gate = Gate {
            addresses: AddressPolicy { allow_private },
            own: OwnListener::new(own.to_vec()),
            resolver: names.clone(),
        };
        let provider = ProviderConfig {
            connect_time: PATIENCE,
            total_time: PATIENCE,
            ..ProviderConfig::new(gate.clone(), Some(ca_pem.as_bytes().to_vec()))
        };
        let source = SourceConfig {
            limits: TimeLimits { connect: PATIENCE, ..TimeLimits::default() },
            ..SourceConfig::new(gate, mail_source::certificates(ca_pem).unwrap())
        };
        Self { provider: HttpProvider::new(provider).unwrap(), mail: MailServers::new(source) }
    }
}
