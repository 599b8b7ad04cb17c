//! `cargo xtask bench`: measures this machine's Maildocket and writes BENCHMARKS.md.

mod corpus;
mod functions;
mod idle;
mod machine;
mod many;
mod measure;
mod parse;
mod report;
mod road;
mod store;

use report::Report;
use tests::Servers;

/// What is measured, and how often.
pub(crate) struct Plan {
    /// Ordinary mails.
    pub(crate) mails: u32,
    /// Mails with a large file.
    pub(crate) large: u32,
    /// Repetitions of a download or an import.
    pub(crate) runs: usize,
    /// Mailboxes of one pass.
    pub(crate) mailboxes: usize,
    /// Starts of a function.
    pub(crate) starts: usize,
}

impl Plan {
    const WHOLE: Self = Self { mails: 2_000, large: 40, runs: 5, mailboxes: 200, starts: 10 };
    const QUICK: Self = Self { mails: 500, large: 5, runs: 1, mailboxes: 20, starts: 3 };
}

#[tokio::main]
async fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let quick = arguments.iter().any(|a| a == "--quick");
    arguments.retain(|a| a != "--quick");
    let plan = if quick { Plan::QUICK } else { Plan::WHOLE };
    let wanted = |name: &str| arguments.is_empty() || arguments.iter().any(|a| a == name);
    let servers = Servers::get().await;
    let mut report = Report::default();
    if wanted("road") {
        road::ordinary(servers, &plan, &mut report).await;
        road::large(servers, &plan, &mut report).await;
    }
    if wanted("idle") {
        idle::measure(servers, &mut report).await;
    }
    if wanted("many") {
        many::measure(servers, &plan, &mut report).await;
    }
    if wanted("parse") {
        parse::measure(&plan, &mut report);
    }
    if wanted("store") {
        store::measure(&plan, &mut report);
    }
    if wanted("functions") {
        functions::measure(servers, &plan, &mut report).await;
    }
    let text = report.write(&machine::facts());
    println!("{text}");
    // Short runs and parts are for looking, not for keeping.
    if !quick && arguments.is_empty() {
        report::keep(&text);
    }
    if report.missed() {
        println!("A goal was missed: see the table.");
    }
}
