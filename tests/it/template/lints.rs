//! What AWS's own lints and checkov say of the template.

use std::process::Command;

use tests::process::told;

use super::resources;
use crate::workspace::root;

#[test]
fn what_checkov_says_is_judged_with_a_reason() {
    for (name, resource) in resources() {
        for skipped in resource["Metadata"]["checkov"]["skip"].as_array().into_iter().flatten() {
            let reason = skipped["comment"].as_str().unwrap_or_default();
            assert!(skipped["id"].as_str().unwrap().starts_with("CKV"), "{name}");
            assert!(reason.len() > 20 && reason.ends_with('.'), "{name}: {skipped}");
        }
    }
}

#[test]
fn the_lints_of_aws_find_nothing() {
    let (sam, checkov) = ("MAILDOCKET_TEST_SAM", "MAILDOCKET_TEST_CHECKOV");
    let template = "infra/template.yaml";
    for (place, program, arguments) in [
        (sam, "cfn-lint", &[template][..]),
        (sam, "sam", &["validate", "--lint", "--template-file", template]),
        // What is found and stays is skipped in the template, with its reason.
        (
            checkov,
            "checkov",
            &["--framework", "cloudformation", "--skip-download", "--compact", "--quiet", "--file", template],
        ),
    ] {
        let mut command = Command::new(told(place).join("bin").join(program));
        command.args(arguments).current_dir(root());
        // Nothing is asked of AWS; the region decides which rules there are.
        command.env("SAM_CLI_TELEMETRY", "0").env("AWS_DEFAULT_REGION", "us-east-1");
        let output = command.output().unwrap_or_else(|error| panic!("{program} does not start: {error}"));
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "{program}:\n{}\n{}", said(&output.stdout), said(&output.stderr));
    }
}
