//! What has to differ from `infra/template.yaml` to be deployed to ministack. Each row was tried without: a row that is no
//! longer needed, or that changes nothing, goes.

use serde_norway::{Mapping, Value};

/// One difference.
pub struct Difference {
    /// What differs.
    pub what: &'static str,
    /// Why.
    pub why: &'static str,
    /// Makes it differ.
    change: fn(&mut Mapping),
}

/// All of them. Each is given the template's resources.
pub const DIFFERENCES: [Difference; 5] = [
    Difference {
        what: "CodeUri is a folder with the bootstrap that the tests have built",
        why: "it is what `sam build` would write there; nothing is built twice",
        change: |all| {
            for name in ["api", "refresher", "poller"] {
                let function = function(all, name);
                function.remove("Metadata");
                properties(function).insert("CodeUri".into(), name.into());
            }
        },
    },
    Difference {
        what: "no alarm over several metrics",
        why: "metric math is not supported there, and the stack would be taken back",
        change: |all| {
            let math = |resource: &Value| resource["Properties"].get("Metrics").is_some();
            all.retain(|_, resource| resource["Type"] != "AWS::CloudWatch::Alarm" || !math(resource));
        },
    },
    Difference {
        what: "MaximumConcurrency is a number and not a parameter",
        why: "a Number parameter stays text there, and what reads the queue dies each second",
        change: |all| {
            let mapping = properties(resource(all, "PollerMapping"));
            mapping["ScalingConfig"]["MaximumConcurrency"] = 5.into();
        },
    },
    Difference {
        what: "sqs:SendMessageBatch beside sqs:SendMessage",
        why: "AWS asks for SendMessage alone",
        change: |all| {
            walk(&mut all["PollerRole"], &mut |value| {
                if let Value::Sequence(actions) = value
                    && actions.iter().any(|action| action == "sqs:SendMessage")
                {
                    actions.push("sqs:SendMessageBatch".into());
                }
            });
        },
    },
    Difference {
        what: "refreshes are scheduled each minute",
        why: "a scheduled refresh is seen within a minute instead of five; nothing else depends on it",
        change: |all| {
            let schedule = properties(resource(all, "RefreshSchedule"));
            schedule["ScheduleExpression"] = "rate(1 minute)".into();
        },
    },
];

/// The template as it is deployed there.
///
/// # Panics
/// Where a difference changes nothing: then it is not needed, or no longer where it was.
pub fn deployable(template: &str) -> String {
    let mut whole: Value = serde_norway::from_str(template).expect("a template");
    for Difference { what, change, .. } in &DIFFERENCES {
        let before = whole.clone();
        change(whole["Resources"].as_mapping_mut().expect("resources"));
        assert!(whole != before, "no difference: {what}");
    }
    serde_norway::to_string(&whole).expect("a template")
}

/// The function of this package.
fn function<'a>(all: &'a mut Mapping, package: &str) -> &'a mut Mapping {
    let place = format!("../functions/{package}");
    let mut found = all.iter_mut().map(|(_, resource)| resource);
    let found = found.find(|resource| resource["Properties"]["CodeUri"] == place.as_str());
    found.and_then(Value::as_mapping_mut).unwrap_or_else(|| panic!("no function of {package}"))
}

fn properties(resource: &mut Mapping) -> &mut Mapping {
    resource["Properties"].as_mapping_mut().expect("properties")
}

/// Each value below this one, and this one first.
fn walk(value: &mut Value, change: &mut impl FnMut(&mut Value)) {
    change(value);
    match value {
        Value::Sequence(items) => items.iter_mut().for_each(|item| walk(item, change)),
        Value::Mapping(pairs) => pairs.iter_mut().for_each(|(_, item)| walk(item, change)),
        Value::Tagged(tagged) => walk(&mut tagged.value, change),
        _ => {}
    }
}

/// The resource of this name.
fn resource<'a>(all: &'a mut Mapping, name: &str) -> &'a mut Mapping {
    let found = all.get_mut(name).and_then(Value::as_mapping_mut);
    found.unwrap_or_else(|| panic!("no resource {name}"))
}
