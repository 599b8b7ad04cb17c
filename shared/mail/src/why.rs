//! What was decided about a mail, with the evidence in words: `maildocket parse --why`.

use crate::{Certainty, Report};

/// The most bytes of a line that is shown.
const MAX_SHOWN: usize = 120;

/// A decision with what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// What was decided, a sentence.
    pub decision: String,
    /// By what; may be empty.
    pub evidence: Vec<String>,
}

/// Each decision on a mail, in the order in which a person asks: what it is, what was cut from it, what was repaired.
pub fn why(report: &Report) -> Vec<Reason> {
    let mut reasons = kinds(report);
    reasons.extend(cut(report));
    if !report.defects.is_empty() {
        let evidence = report.defects.iter().map(|defect| defect.as_str().to_owned()).collect();
        reasons.push(Reason { decision: "It was repaired or guessed at.".to_owned(), evidence });
    }
    reasons
}

/// Names of kinds by the words of [`Report::certainty`].
const NAMES: &[(&str, &str)] = &[
    ("auto_reply", "an automatic reply"),
    ("bounce", "a bounce"),
    ("report", "a report"),
    ("feedback_report", "an abuse report"),
    ("receipt", "a receipt"),
    ("calendar", "an answer to an invitation, or its cancellation"),
    ("aggregate_report", "a summary for the owner of a domain"),
];

fn kinds(report: &Report) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = NAMES.iter().filter_map(|(word, name)| kind(report, word, name)).collect();
    if reasons.is_empty() {
        let decision = "It is a person's mail: nothing shows that a machine wrote it.".to_owned();
        reasons.push(Reason { decision, evidence: Vec::new() });
    }
    if report.is_list_mail {
        let decision = "It came through a mailing list.".to_owned();
        reasons.push(Reason { decision, evidence: Vec::new() });
    }
    reasons
}

fn kind(report: &Report, word: &str, name: &str) -> Option<Reason> {
    let decision = match report.certainty.get(word)? {
        Certainty::Certain => format!("It is {name}, certainly: envelope, header or form say so."),
        Certainty::Likely => format!("It is {name}, likely: it is treated as a person's mail and marked."),
    };
    let of = report.evidence.iter().filter_map(|sign| sign.strip_prefix(word)?.strip_prefix(": "));
    Some(Reason { decision, evidence: of.map(str::to_owned).collect() })
}

fn cut(report: &Report) -> Option<Reason> {
    let lines = || report.quoted_text.lines().filter(|line| !line.trim().is_empty());
    let first = lines().next()?;
    let shown = &first[..first.floor_char_boundary(MAX_SHOWN)];
    Some(Reason {
        decision: format!("{} lines are not what its sender newly wrote.", lines().count()),
        evidence: vec![format!("they begin with \"{shown}\"")],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(raw: &str) -> String {
        let reasons = why(&crate::report(raw.as_bytes()));
        let lines =
            reasons.into_iter().flat_map(|reason| std::iter::once(reason.decision).chain(reason.evidence));
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn each_decision_is_told_with_its_evidence() {
        let person = told("From: a@b.example\nSubject: Printer\n\nHello");
        assert!(person.contains("a person's mail"), "{person}");
        let likely = told("From: a@b.example\nSubject: Automatic reply: Printer\n\nHello");
        assert!(likely.contains("likely") && likely.contains("begins with \"automatic reply\""), "{likely}");
        let certain = told(
            "From: a@b.example\nAuto-Submitted: auto-replied\n\nYes.\n\nOn Monday, Jane Roe <j@x.example> wrote:\n> Hello",
        );
        assert!(
            certain.contains("certainly") && certain.contains("auto-submitted: auto-replied"),
            "{certain}"
        );
        assert!(certain.contains("newly wrote"), "{certain}");
    }
}
