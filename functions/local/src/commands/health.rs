//! `maildocket health`: whether the running process can do its work, as a container's health check asks.

use std::{
    fs,
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

use crate::{
    config::Settings,
    failure::{Failure, Outcome},
    process::out,
};

/// How long connecting, sending and each part of the answer may take.
const TIME: Duration = Duration::from_secs(5);
/// The longest answer, bytes.
const MAX_ANSWER: u64 = 64 * 1024;

pub(crate) fn run(settings: &Settings) -> Outcome {
    let Some(address) = listening(settings)? else {
        return Err(Failure::new("Maildocket does not run on this data folder."));
    };
    let answer = ask(reached(address));
    let answer = answer.map_err(|error| Failure::because("Maildocket does not answer", error))?;
    match sentence(&answer) {
        None => out::print("Maildocket answers, and can do its work."),
        Some(sentence) => Err(Failure::new(sentence)),
    }
}

/// Where the running process listens; None where none runs.
pub(super) fn listening(settings: &Settings) -> Outcome<Option<SocketAddr>> {
    let text = fs::read_to_string(settings.data_dir()?.join("listen"));
    Ok(text.ok().and_then(|text| text.trim().parse().ok()))
}

/// This machine's own way to where it is listened for all.
fn reached(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

fn ask(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, TIME)?;
    stream.set_read_timeout(Some(TIME))?;
    stream.set_write_timeout(Some(TIME))?;
    // The version that has no answers in pieces.
    write!(stream, "GET /healthz HTTP/1.0\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(MAX_ANSWER).read_to_string(&mut answer)?;
    Ok(answer)
}

/// What is wrong, where something is.
fn sentence(answer: &str) -> Option<String> {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
    if head.split_whitespace().nth(1) == Some("200") {
        return None;
    }
    let told = serde_json::from_str::<Value>(body).unwrap_or_default();
    let [code, detail] = ["code", "detail"].map(|name| told[name].as_str().unwrap_or_default());
    Some(match (code, detail) {
        ("", _) => format!("Maildocket answers {:?}.", head.lines().next().unwrap_or_default()),
        (code, detail) => format!("{detail} ({code})").trim_start().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::{reached, sentence};

    #[test]
    fn who_listens_for_all_is_asked_on_loopback() {
        for (listening, asked) in
            [("0.0.0.0:80", "127.0.0.1:80"), ("[::]:80", "[::1]:80"), ("192.0.2.1:80", "192.0.2.1:80")]
        {
            assert_eq!(reached(listening.parse().unwrap()), asked.parse().unwrap());
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        assert_eq!(sentence("HTTP/1.0 200 OK\r\nx: y\r\n\r\n{\"status\":\"ok\"}"), None);
        let full = "HTTP/1.0 503 Service Unavailable\r\n\r\n{\"status\":\"unhealthy\",\"code\":\"disk_full\",\"detail\":\"The disk is full.\"}";
        assert_eq!(sentence(full).unwrap(), "The disk is full. (disk_full)");
        assert_eq!(sentence("").unwrap(), "Maildocket answers \"\".");
    }
}
