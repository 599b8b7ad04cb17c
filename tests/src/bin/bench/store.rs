//! The store's ceiling: commits of an import, and nothing around them.

use std::process::Command;

use serde_json::Value;
use tests::process::told;

use crate::{Plan, measure::median, report::Report};

pub(crate) fn measure(plan: &Plan, report: &mut Report) {
    let runs: Vec<Value> = (0..plan.runs)
        .map(|_| {
            let out = Command::new(told("MAILDOCKET_BENCH_EXAMPLES").join("ceiling")).output();
            let out = out.expect("the example `ceiling` starts");
            serde_json::from_slice(&out.stdout).expect("one line of JSON")
        })
        .collect();
    let rate = |name: &str| {
        let number = |run: &Value, name: &str| run[name].as_f64().expect("a number");
        let rates = runs.iter().map(|run| number(run, name) / number(run, "seconds"));
        format!("{:.0}", median(rates.collect()))
    };
    report.group("The embedded store's ceiling: batches of 13 mails, one after the other, on disk");
    report.row("transactions/s", rate("transactions"));
    report.row("items/s", rate("items"));
    report.row("mails/s", rate("mails"));
}
