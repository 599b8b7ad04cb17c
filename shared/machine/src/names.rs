//! What name servers tell beside addresses: who takes a domain's mail, and where its services are.
//!
//! Asked over TCP, which every name server speaks (RFC 7766): nothing is cut off, and nobody off the path can answer in its
//! place.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use aws_lc_rs::rand;
use simple_dns::{CLASS, Name, Packet, PacketFlag, Question, RCODE, SimpleDnsError, TYPE, rdata::RData};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Where the machine's name servers stand.
const CONFIGURATION: &str = "/etc/resolv.conf";
/// The port of name servers.
const PORT: u16 = 53;
/// For each of them.
const TIME: Duration = Duration::from_secs(2);
/// The most name servers that are asked, one after the other (resolv.conf(5) has three).
const MOST: usize = 3;

/// The machine's name servers.
pub(crate) async fn configured() -> io::Result<Vec<SocketAddr>> {
    let text = tokio::fs::read(CONFIGURATION).await?;
    let read = resolv_conf::Config::parse(text).map_err(io::Error::other)?;
    let servers = read.nameservers.into_iter().map(|server| SocketAddr::new(IpAddr::from(server), PORT));
    Ok(servers.take(MOST).collect())
}

/// Hosts that take a domain's mail, the first choice first (RFC 5321 section 5.1). Without such a record there is none: that
/// the domain's own host is then meant tells nothing about who keeps the mail.
pub(crate) async fn mail_exchangers(servers: &[SocketAddr], domain: &str) -> io::Result<Vec<String>> {
    let told = ask(servers, domain, TYPE::MX, |data| match data {
        RData::MX(found) => Some((found.preference, found.exchange.to_string())),
        _ => None,
    });
    let mut told = told.await?;
    told.sort();
    // A dot alone: no mail at all (RFC 7505).
    Ok(told.into_iter().map(|(_, host)| host).filter(|host| !host.is_empty()).collect())
}

/// Hosts and ports of a service (RFC 2782), the first choice first. A dot alone says that there is none.
pub(crate) async fn services(servers: &[SocketAddr], name: &str) -> io::Result<Vec<(String, u16)>> {
    let told = ask(servers, name, TYPE::SRV, |data| match data {
        RData::SRV(found) => Some((found.priority, found.target.to_string(), found.port)),
        _ => None,
    });
    let mut told = told.await?;
    told.sort();
    Ok(told.into_iter().map(|(_, host, port)| (host, port)).filter(|(host, _)| !host.is_empty()).collect())
}

/// What the first server that answers says.
async fn ask<T>(
    servers: &[SocketAddr],
    name: &str,
    kind: TYPE,
    read: impl Fn(&RData<'_>) -> Option<T>,
) -> io::Result<Vec<T>> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "no name server is configured");
    for server in servers {
        let told = timeout(TIME, exchange(*server, name, kind, &read)).await;
        match told.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
            Ok(told) => return Ok(told),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// One question, and what is read of the answer. An error also where the server could not find out.
async fn exchange<T>(
    server: SocketAddr,
    name: &str,
    kind: TYPE,
    read: impl Fn(&RData<'_>) -> Option<T>,
) -> io::Result<Vec<T>> {
    let mut id = [0; 2];
    rand::fill(&mut id).map_err(|_| io::Error::other("no random bytes"))?;
    let id = u16::from_be_bytes(id);
    let query = question(id, name, kind).map_err(io::Error::other)?;
    // RFC 1035 section 4.2.2: each message behind its length.
    let length = u16::try_from(query.len()).map_err(io::Error::other)?;
    let mut server = TcpStream::connect(server).await?;
    server.write_all(&[&length.to_be_bytes()[..], &query].concat()).await?;
    let mut answer = vec![0; server.read_u16().await?.into()];
    server.read_exact(&mut answer).await?;
    let packet = Packet::parse(&answer).map_err(io::Error::other)?;
    match packet.rcode() {
        RCODE::NoError | RCODE::NameError if packet.id() == id => {
            Ok(packet.answers.iter().filter_map(|record| read(&record.rdata)).collect())
        }
        code => Err(io::Error::other(format!("the name server answered {code:?}"))),
    }
}

fn question(id: u16, name: &str, kind: TYPE) -> Result<Vec<u8>, SimpleDnsError> {
    let mut query = Packet::new_query(id);
    query.set_flags(PacketFlag::RECURSION_DESIRED);
    query.questions.push(Question::new(Name::new(name)?, kind.into(), CLASS::IN.into(), false));
    query.build_bytes_vec()
}
