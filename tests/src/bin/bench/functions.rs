//! The Lambda functions beside an empty one: size, start, memory.

use std::{
    fs,
    process::{Command, Stdio},
};

use tests::{Servers, aws::Aws, lambda::Function, process::told};

use crate::{Plan, measure::median, report::Report};

const MB: f64 = 1e6;
const ZIP: f64 = 6.0;
const MEMORY: f64 = 30.0;
/// Times the start of the empty one.
const START: f64 = 1.3;
/// The same runtime and clients, and nothing else.
const EMPTY: &str = "examples/empty_lambda";

struct Measured {
    zip: f64,
    start: f64,
    memory: f64,
}

pub(crate) async fn measure(servers: &'static Servers, plan: &Plan, report: &mut Report) {
    let aws = Aws::start(&servers.identity.ca_pem).await;
    let mut environment = aws.environment("https://mail.example.com", "");
    environment.retain(|(name, _)| *name != "MAILDOCKET_EXTRA_CA_FILE");
    let names = [EMPTY, "api", "refresher", "poller"];
    let mut starts = names.map(|_| Vec::new());
    let mut memories = names.map(|_| Vec::new());
    // In turn, so that what else the machine does hits them all.
    for _ in 0..plan.starts {
        for (n, name) in names.iter().enumerate() {
            let function = Function::start(name, &environment).await;
            starts[n].push(function.ready().await.as_secs_f64() * 1e3);
            memories[n].push(function.memory() as f64 / MB);
        }
    }
    let measured = names.iter().zip(starts).zip(memories).map(|((name, starts), memories)| Measured {
        zip: zip(name),
        start: median(starts),
        memory: median(memories),
    });
    let measured: Vec<Measured> = measured.collect();
    let empty = measured[0].start;
    for (name, Measured { zip, start, memory }) in names.iter().zip(measured) {
        let ours = *name != EMPTY;
        report.group(if ours {
            format!("Lambda `{name}`")
        } else {
            "An empty Lambda, same AWS clients".into()
        });
        let goal = |report: &mut Report, what: &str, value: String, goal: String, met: bool| {
            if ours { report.goal(what, value, &goal, met) } else { report.row(what, value) }
        };
        goal(report, "zip", format!("{zip:.2} MB"), format!("< {ZIP} MB"), zip < ZIP);
        let times = start / empty;
        let value =
            if ours { format!("{start:.1} ms, {times:.2} × empty") } else { format!("{start:.1} ms") };
        goal(report, "start to first /next", value, format!("≤ {START} × empty"), times <= START);
        goal(report, "memory at rest", format!("{memory:.1} MB"), format!("< {MEMORY} MB"), memory < MEMORY);
    }
}

/// MB of what is uploaded: one file, deflated.
fn zip(name: &str) -> f64 {
    let folder = tempfile::tempdir().expect("a folder");
    let bootstrap = folder.path().join("bootstrap");
    fs::copy(told("MAILDOCKET_TEST_FUNCTIONS").join(name), &bootstrap).expect("a built function");
    let zip = folder.path().join("zip");
    let mut python = Command::new(told("MAILDOCKET_TEST_VENV").join("bin/python"));
    python.args(["-m", "zipfile", "-c"]).args([&zip, &bootstrap]).stdin(Stdio::null());
    assert!(python.status().expect("Python").success(), "no zip of {name}");
    fs::metadata(&zip).expect("a zip").len() as f64 / MB
}
