//! Who is at the other end of a request: an address, and a browser by name.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::Request,
    http::{HeaderMap, header},
};
use intake::{
    flows::sessions::Visit,
    types::audit::{Origin, Via},
};

use crate::{ClientAddress, Web};

/// The other end of a connection: an extension of the requests that came over one of ours.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// The client of a request: an extension of every request that the guard let in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Client {
    /// Not known where a test or a tool calls without a connection.
    pub(crate) address: Option<IpAddr>,
    browser: Option<String>,
}

impl Client {
    /// Whoever sends this request. `X-Forwarded-For` is whatever the client writes, but for what our own proxy added:
    /// the last entry.
    pub(crate) fn of(web: &Web, request: &Request) -> Self {
        let headers = request.headers();
        let forwarded = if web.settings.trusted_proxy { forwarded_for(headers) } else { None };
        let told = || request.extensions().get::<ClientAddress>().map(|address| address.0);
        let peer = || request.extensions().get::<Peer>().map(|peer| peer.0.ip());
        let address = forwarded.or_else(told).or_else(peer).map(|address| address.to_canonical());
        let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        Self { address, browser: agent.and_then(browser) }
    }

    /// Signing in, from there.
    pub(crate) fn visit(&self) -> Visit {
        Visit { from: Origin::at(Via::Page, self.address), browser: self.browser.clone() }
    }
}

fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
    last.rsplit(',').next()?.trim().parse().ok()
}

/// A name that its user recognises, `Firefox, Linux`; not the whole header, which tells more than anybody needs.
fn browser(agent: &str) -> Option<String> {
    // Most name others too: the telling word goes first.
    const BROWSERS: [(&str, &str); 5] = [
        ("Edg", "Edge"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 6] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    let find = |words: &[(&str, &'static str)]| {
        words.iter().find(|(word, _)| agent.contains(word)).map(|(_, name)| *name)
    };
    let name = find(&BROWSERS)?;
    Some(find(&SYSTEMS).map_or_else(|| name.to_owned(), |system| format!("{name}, {system}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_known_by_their_telling_word() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0";
        let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1";
        for (agent, name) in
            [(firefox, "Firefox, Linux"), (edge, "Edge, Windows"), (safari, "Safari, iPhone")]
        {
            assert_eq!(browser(agent).as_deref(), Some(name));
        }
        assert_eq!(browser("curl/8.0"), None);
    }

    #[test]
    fn only_what_the_own_proxy_added_counts() {
        let mut headers = HeaderMap::new();
        headers
            .append("x-forwarded-for", "203.0.113.9, 192.0.2.1".parse().unwrap_or_else(|_| unreachable!()));
        assert_eq!(forwarded_for(&headers), "192.0.2.1".parse().ok());
        headers.append("x-forwarded-for", "nonsense".parse().unwrap_or_else(|_| unreachable!()));
        assert_eq!(forwarded_for(&headers), None);
    }
}
