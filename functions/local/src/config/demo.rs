//! What the demo can be told: everything else is refused where it is typed, and left alone in the environment.

use clap::{ArgMatches, parser::ValueSource};

use super::listen::Listen;

/// What the demo has of its own, and why it takes no other.
const OWN: [(&str, &str); 4] = [
    ("data_dir", "--data-dir (it keeps everything in a temporary folder, which it removes)"),
    ("base_url", "--base-url (its pretend provider is on this machine, and so are its pages)"),
    ("extra_ca_file", "--extra-ca-file (it speaks with its pretend provider and mail server alone)"),
    ("trusted_proxy", "--trusted-proxy (it is on this machine, and nobody else reaches it)"),
];

/// Why the demo does not start with these arguments.
pub(super) fn refusal(matches: &ArgMatches, listen: Option<Listen>) -> Option<String> {
    let typed = |name: &str| matches.value_source(name) == Some(ValueSource::CommandLine);
    let mut why: Vec<&str> = OWN.iter().filter(|(name, _)| typed(name)).map(|(_, why)| *why).collect();
    if typed("listen") && !listen.is_none_or(is_here) {
        why.push("--listen with an address of the network (it prints what signs in, so it listens on this machine alone)");
    }
    let last = "Leave it out, or run `maildocket serve`.";
    (!why.is_empty()).then(|| format!("the demo takes no {}. {last}", why.join(" and no ")))
}

/// Whether nobody on the network reaches it.
pub(super) fn is_here(listen: Listen) -> bool {
    listen.addresses().iter().all(|address| address.ip().is_loopback())
}

#[cfg(test)]
mod tests {
    use crate::config::Arguments;

    fn told(arguments: &[&str]) -> Option<String> {
        let read = Arguments::of(&[&["maildocket"], arguments].concat());
        read.err().map(|refused| refused.to_string())
    }

    #[test]
    fn what_the_demo_cannot_honour_is_refused_in_a_sentence() {
        for (arguments, why) in [
            (&["demo", "--data-dir", "/srv/x"][..], "temporary folder"),
            (&["--data-dir", "/srv/x", "demo"], "temporary folder"),
            (&["demo", "--base-url", "https://mail.example.com"], "pretend provider"),
            (&["demo", "--listen", "0.0.0.0:80"], "this machine alone"),
            (&["demo", "--trusted-proxy"], "nobody else"),
        ] {
            let said = told(arguments).unwrap();
            assert!(said.contains(why) && said.contains("Leave it out"), "{said}");
        }
        for arguments in
            [&["demo"][..], &["demo", "--listen", "0"], &["demo", "--listen", "127.0.0.1:9000", "--yes"]]
        {
            assert_eq!(told(arguments), None);
        }
    }
}
