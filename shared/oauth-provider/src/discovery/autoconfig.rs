//! The document in which a domain tells mail programs its servers: `clientConfig`, version 1.1, as Thunderbird defined it and
//! others read it (draft-ietf-mailmaint-autoconfig).

use intake::types::{
    host::MailHost,
    mailbox::{MailServer, Protocol, Tls},
};
use roxmltree::{Document, Node};

/// The most servers that are read.
const MOST: usize = 8;

/// The servers to read mail from, IMAP before POP3 and else in the order of the document. Empty where it has none, or is no
/// such document: some hosts answer every question with a page.
pub(super) fn servers(document: &[u8], domain: &MailHost) -> Vec<MailServer> {
    let text = String::from_utf8_lossy(document);
    // Entities of the document's own are not wanted, so that none can grow.
    let Ok(document) = Document::parse(text.trim_start_matches('\u{feff}')) else { return Vec::new() };
    let root = document.root_element();
    if !root.has_tag_name("clientConfig") {
        return Vec::new();
    }
    let incoming = root.descendants().filter(|node| node.has_tag_name("incomingServer"));
    let mut found: Vec<_> = incoming.filter_map(|node| server(node, domain)).take(MOST).collect();
    found.sort_by_key(|server| server.protocol != Protocol::Imap);
    found
}

fn server(node: Node<'_, '_>, domain: &MailHost) -> Option<MailServer> {
    let text = |name: &str| {
        let child = node.children().find(|child| child.has_tag_name(name))?;
        Some(child.text()?.trim().replace("%EMAILDOMAIN%", domain.as_str()))
    };
    let protocol = match node.attribute("type")? {
        "imap" => Protocol::Imap,
        "pop3" => Protocol::Pop3,
        _ => return None,
    };
    let tls = match text("socketType")?.to_ascii_uppercase().as_str() {
        "SSL" | "TLS" => Tls::Implicit,
        "STARTTLS" => Tls::Starttls,
        _ => return None,
    };
    let host = MailHost::new(&text("hostname")?).ok()?;
    let port = text("port")?.parse().ok().filter(|port| *port > 0)?;
    Some(MailServer { protocol, host, port, tls })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(servers: &str) -> Vec<String> {
        let document = format!(
            r#"<?xml version="1.0"?><clientConfig version="1.1"><emailProvider id="example.com">
            <domain>example.com</domain>{servers}
            <outgoingServer type="smtp"><hostname>smtp.example.com</hostname></outgoingServer>
            </emailProvider></clientConfig>"#
        );
        let found = self::servers(document.as_bytes(), &MailHost::new("example.com").unwrap());
        let told =
            |s: &MailServer| format!("{} {}:{} {}", s.protocol.as_str(), s.host, s.port, s.tls.as_str());
        found.iter().map(told).collect()
    }

    fn incoming(kind: &str, host: &str, port: &str, socket: &str) -> String {
        format!(
            r#"<incomingServer type="{kind}"><hostname> {host} </hostname><port>{port}</port>
            <socketType>{socket}</socketType><username>%EMAILADDRESS%</username></incomingServer>"#
        )
    }

    #[test]
    fn servers_are_read_and_imap_is_first() {
        let pop3 = incoming("pop3", "pop.example.com", "995", "SSL");
        let imap = incoming("imap", "mail.%EMAILDOMAIN%", "143", "STARTTLS");
        assert_eq!(
            read(&(pop3 + &imap)),
            ["imap mail.example.com:143 starttls", "pop3 pop.example.com:995 implicit"]
        );
    }

    #[test]
    fn what_cannot_be_used_is_left_out() {
        for (kind, host, port, socket) in [
            ("exchange", "mail.example.com", "443", "SSL"),
            ("imap", "mail.example.com", "143", "plain"),
            ("imap", "mail example", "993", "SSL"),
            ("imap", "mail.example.com", "0", "SSL"),
            ("imap", "mail.example.com", "", "SSL"),
        ] {
            assert_eq!(
                read(&incoming(kind, host, port, socket)),
                Vec::<String>::new(),
                "{kind} {host} {port}"
            );
        }
        let domain = MailHost::new("example.com").unwrap();
        for page in ["", "<html><body>Welcome</body></html>", "{}", "<clientConfig>"] {
            assert_eq!(servers(page.as_bytes(), &domain), []);
        }
        let bomb = r#"<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><clientConfig>&b;</clientConfig>"#;
        assert_eq!(servers(bomb.as_bytes(), &domain), []);
    }

    proptest! {
        #[test]
        fn no_document_breaks_it(document in prop::collection::vec(any::<u8>(), 0..400), host in "\\PC{0,40}") {
            let domain = MailHost::new("example.com").unwrap();
            servers(&document, &domain);
            read(&incoming("imap", &host, "993", "SSL"));
        }
    }
}
