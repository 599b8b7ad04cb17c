//! What polling an unchanged mailbox costs.

use tests::{Maildocket, Servers, dovecot::PASSWORD, mails::mail, traffic::Traffic};

use crate::report::Report;

const MAILS: u32 = 200;
/// To the answer; the good-bye is one more.
const ROUND_TRIPS: u32 = 6;

pub(crate) async fn measure(servers: &'static Servers, report: &mut Report) {
    let traffic = Traffic::to_dovecot(servers).await;
    let account = servers.dovecot.account();
    for number in 0..MAILS {
        account.deliver(&mail(&number.to_string(), "Hello", "", "text"));
    }
    let docket = Maildocket::start(servers).await;
    let auth = serde_json::json!({ "method": "password", "username": account.address, "password": PASSWORD });
    let mailbox = docket.api.mailbox(traffic.port, auth).await;
    docket.api.poll(&mailbox).await;
    traffic.take();
    docket.api.poll(&mailbox).await;
    let counts = traffic.take();
    // The good-bye is answered, too, and nobody waits for that.
    let to_the_answer = counts.round_trips() - u32::from(counts.commands.iter().any(|c| c == "LOGOUT"));
    report.group("An idle poll, password, a new connection");
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
