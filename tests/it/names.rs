//! What domains tell of their mail, asked of a real name server.

use std::{
    net::{Ipv4Addr, SocketAddr},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use intake::{
    ports::{Gate, MailDiscovery, Untold},
    types::{
        host::{AddressPolicy, MailHost},
        mailbox::MailServer,
    },
};
use machine::SystemResolver;
use oauth_provider::{HttpProvider, ProviderConfig};
use tests::process::{answers, free_port, until};

/// Starts the name server and ends it by its process id when standard input ends.
const KEEPER: &str = r#"/usr/sbin/dnsmasq "$@" & pid=$!; cat >/dev/null; kill $pid; wait $pid"#;
/// What it says. The last is one of RFC 7505: no mail at all.
const RECORDS: [&str; 7] = [
    "--mx-host=company.test,filter.example,20",
    "--mx-host=company.test,company-test.mail.protection.outlook.com,10",
    "--mx-host=silent.test,.,0",
    "--srv-host=_imaps._tcp.own.test,mail.own.test,993,10",
    "--srv-host=_imaps._tcp.own.test,backup.own.test,9993,20",
    "--srv-host=_pop3s._tcp.own.test,pop.own.test,995",
    "--txt-record=own.test,nothing",
];

struct NameServer {
    address: SocketAddr,
    _keeper: Child,
}

impl NameServer {
    async fn start() -> Self {
        let port = free_port();
        let keeper = Command::new("sh")
            .args(["-c", KEEPER, "sh", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv"])
            .args(["--no-hosts", "--bind-interfaces", "--listen-address=127.0.0.1", "--pid-file="])
            .args(["--user=", "--local=/test/", &format!("--port={port}")])
            .args(RECORDS)
            .stdin(Stdio::piped())
            .spawn()
            .expect("a shell");
        until("the name server", async || answers(port).then_some(())).await;
        Self { address: (Ipv4Addr::LOCALHOST, port).into(), _keeper: keeper }
    }
}

fn provider(name_server: SocketAddr) -> HttpProvider {
    let resolver = Arc::new(SystemResolver { name_server: Some(name_server) });
    let gate = Gate { resolver, ..machine::gate(AddressPolicy { allow_private: true }) };
    HttpProvider::new(ProviderConfig::new(gate, None)).expect("a provider client")
}

fn domain(name: &str) -> MailHost {
    MailHost::new(name).expect("a domain")
}

#[tokio::test]
async fn a_domain_tells_who_takes_its_mail_and_where_to_read_it() {
    let server = NameServer::start().await;
    let asked = provider(server.address);
    let takers = async |name| {
        let told = asked.mail_exchangers(&domain(name)).await?;
        Ok::<_, Untold>(told.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    let microsoft = "company-test.mail.protection.outlook.com".to_owned();
    assert_eq!(takers("company.test").await, Ok(vec![microsoft, "filter.example".to_owned()]));
    assert_eq!(takers("silent.test").await, Ok(vec![]), "no mail at all");
    assert_eq!(takers("unknown.test").await, Ok(vec![]), "no such domain");
    let told = |server: &MailServer| format!("{} {}:{}", server.protocol.as_str(), server.host, server.port);
    let servers = asked.mail_servers(&domain("own.test")).await.expect("records");
    let servers: Vec<_> = servers.iter().map(told).collect();
    assert_eq!(servers, ["imap mail.own.test:993", "imap backup.own.test:9993", "pop3 pop.own.test:995"]);
    assert_eq!(asked.mail_servers(&domain("unknown.test")).await, Ok(vec![]));
}

#[tokio::test]
async fn a_name_server_that_does_not_answer_is_not_one_that_knows_nothing() {
    let asked = provider((Ipv4Addr::LOCALHOST, free_port()).into());
    assert_eq!(asked.mail_exchangers(&domain("company.test")).await, Err(Untold));
}
