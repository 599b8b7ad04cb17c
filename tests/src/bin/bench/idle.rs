//! What polling an unchanged mailbox costs.

use tests::{Maildocket, Servers, maildocket::password, mails::mail, traffic::Traffic};

use crate::report::Report;

const MAILS: u32 = 200;
const ROUND_TRIPS: u32 = 6;

pub(crate) async fn measure(servers: &'static Servers, report: &mut Report) {
    let traffic = Traffic::to_dovecot(servers).await;
    by(servers, &traffic, "imap", "An idle poll, password, a new connection", report).await;
    let traffic = Traffic::to_dovecot_by_pop3(servers).await;
    by(servers, &traffic, "pop3", "The same by POP3, a mailbox of 200 mails", report).await;
}

async fn by(servers: &'static Servers, traffic: &Traffic, protocol: &str, group: &str, report: &mut Report) {
    let account = servers.dovecot.account();
    for number in 0..MAILS {
        account.deliver(&mail(&number.to_string(), "Hello", "", "text"));
    }
    let docket = Maildocket::start(servers).await;
    let mailbox = docket.api.mailbox_by(protocol, traffic.port, "implicit", password(&account)).await;
    docket.api.poll(&mailbox).await;
    traffic.take();
    docket.api.poll(&mailbox).await;
    let counts = traffic.take();
    let to_the_answer = counts.round_trips();
    report.group(group);
    report.row("TCP connects, TLS handshakes", format!("{}, {}", counts.connects, counts.handshakes));
    report.row("commands", counts.commands.join(", "));
    report.goal(
        "round trips to the answer",
        to_the_answer.to_string(),
        &format!("≤ {ROUND_TRIPS}"),
        to_the_answer <= ROUND_TRIPS,
    );
    report.row("bytes from the server, within TLS", counts.bytes_down.to_string());
}
