//! The unit and its settings, as the guide tells them.

use std::{collections::BTreeSet, fs, process::Command};

use tests::process::told;

use super::{root, run};

/// How much systemd finds exposed of the service, in tenths: of 100, where a unit without any hardening has 96.
const EXPOSURE: u32 = 15;

fn unit() -> std::path::PathBuf {
    root().join("infra/package/maildocket.service")
}

#[test]
fn the_unit_is_that_of_the_guide() {
    let guide = fs::read_to_string(root().join("docs/systemd.md")).unwrap();
    let fenced =
        guide.split_once("```ini\n[Unit]\n").and_then(|(_, rest)| rest.split_once("```")).expect("a unit");
    assert_eq!(format!("[Unit]\n{}", fenced.0), fs::read_to_string(unit()).unwrap());
}

#[test]
fn systemd_finds_little_exposed() {
    let mut analyze = Command::new("systemd-analyze");
    analyze.args(["security", "--offline=true", "--no-pager", &format!("--threshold={EXPOSURE}")]);
    let told = run(analyze.arg(unit()));
    println!("{}", told.lines().last().unwrap_or_default());
}

/// Each setting that there is can be found in the file, and means something.
#[test]
fn the_settings_are_those_of_the_program() {
    let file = fs::read_to_string(root().join("infra/package/maildocket.env")).unwrap();
    let settings: Vec<(&str, &str)> =
        file.lines().filter_map(|line| line.strip_prefix("#MAILDOCKET_")?.split_once('=')).collect();
    let names: BTreeSet<String> = settings.iter().map(|(name, _)| format!("MAILDOCKET_{name}")).collect();
    let program = told("MAILDOCKET_TEST_BIN");
    let help = run(Command::new(&program).args(["serve", "--help"]));
    let known = help.split("[env: ").skip(1).filter_map(|rest| rest.split(['=', ']']).next());
    for name in known.filter(|name| name.starts_with("MAILDOCKET_") && *name != "MAILDOCKET_DATA_DIR") {
        assert!(names.contains(name), "{name} is missing");
    }
    let mut status = Command::new(program);
    status.arg("status").env("MAILDOCKET_DATA_DIR", "/nonexistent/maildocket");
    status.envs(settings.iter().map(|(name, value)| (format!("MAILDOCKET_{name}"), *value)));
    let output = status.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("There is no Maildocket in") && !told.contains("means nothing"), "{told}");
    assert!(file.lines().all(|line| line.is_empty() || line.starts_with('#')), "as it comes it sets nothing");
}
