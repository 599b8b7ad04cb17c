//! Issue keys in a subject.

/// Most letters of a project key.
const MAX_PROJECT: usize = 10;
/// Most digits of an issue's number.
const MAX_NUMBER: usize = 9;
/// More keys are not listed.
const MAX_KEYS: usize = 20;

/// The words of a subject that have the form of an issue key, such as `SUP-42`, in order. `UTF-8` has it too: whether
/// the project exists and whether the sender takes part is for the caller to see.
pub fn issue_keys(subject: &str) -> Vec<&str> {
    let words = subject.split(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_'));
    words.map(|word| word.trim_matches('-')).filter(|word| is_issue_key(word)).take(MAX_KEYS).collect()
}

/// Whether a text is a project key, a hyphen and a number from 1.
pub(super) fn is_issue_key(text: &str) -> bool {
    let Some((project, number)) = text.split_once('-') else { return false };
    let mut letters = project.bytes();
    let is_project = letters.next().is_some_and(|b| b.is_ascii_uppercase())
        && letters.all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && project.len() <= MAX_PROJECT;
    let is_number = (1..=MAX_NUMBER).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_digit())
        && !number.starts_with('0');
    is_project && is_number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_whole_words() {
        for (subject, expected) in [
            ("Re: [SUP-42] Printer", vec!["SUP-42"]),
            ("SUP-42: see A_1-7, (X-1)", vec!["SUP-42", "A_1-7", "X-1"]),
            ("件名【SUP-42】について", vec!["SUP-42"]),
            ("sup-42 SUP-042 SUP-0 SUP42 1SUP-4 SUP-4a ABCDEFGHIJK-1", vec![]),
            ("SUP-42-43 SUP--42 ÄSUP-4", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(issue_keys(subject), expected, "{subject}");
        }
    }
}
