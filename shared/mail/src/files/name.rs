//! File names that cannot harm: a name is shown, and becomes the name of a download.

use crate::defect::{Defect, Defects};

/// Bytes of a name.
const MAX_NAME: usize = 200;
/// Bytes of an ending that survives a cut.
const MAX_ENDING: usize = 16;

/// Without path, control and direction characters; none if nothing is left.
pub(crate) fn clean(name: &str, defects: &mut Defects) -> Option<String> {
    let last = name.rsplit(['/', '\\']).find(|part| !part.trim().is_empty()).unwrap_or_default();
    let kept: String = last.chars().filter(|c| !is_unsafe(*c)).collect();
    let kept = kept.trim();
    if kept != name.trim() {
        defects.note(Defect::UnsafeFilename);
    }
    // `.` and `..` are paths.
    if kept.is_empty() || kept.chars().all(|c| c == '.') { None } else { Some(cut(kept)) }
}

/// The name of a file without one, after the `title` of what is in it, else `otherwise`. Signs that are not for names
/// become blanks.
pub(crate) fn named_after(title: &str, otherwise: &str, ending: &str) -> String {
    const NOT_FOR_NAMES: [char; 9] = ['/', '\\', ':', '*', '?', '"', '<', '>', '|'];
    let words = title.replace(NOT_FOR_NAMES, " ");
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = words.trim_matches(['.', ' ']);
    let named = clean(&format!("{words}.{ending}"), &mut Defects::default());
    named
        .filter(|_| words.chars().any(char::is_alphanumeric))
        .unwrap_or_else(|| format!("{otherwise}.{ending}"))
}

/// Control characters, and those that turn the direction of text, hide, or break lines.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{61C}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
}

fn cut(name: &str) -> String {
    if name.len() <= MAX_NAME {
        return name.to_owned();
    }
    let ending = name
        .rfind('.')
        .map(|dot| &name[dot..])
        .filter(|ending| ending.len() <= MAX_ENDING)
        .unwrap_or_default();
    let mut end = MAX_NAME - ending.len();
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{ending}", name[..end].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: Option<&str>) {
        assert_eq!(clean(name, &mut Defects::default()).as_deref(), expected, "{name:?}");
    }

    #[test]
    fn names_lose_what_is_dangerous() {
        check("report.pdf", Some("report.pdf"));
        check("../../etc/passwd", Some("passwd"));
        check("C:\\Users\\me\\a.doc", Some("a.doc"));
        check("invoice\u{202E}fdp.exe", Some("invoicefdp.exe"));
        check("a\u{0}b\n.txt", Some("ab.txt"));
        check("..", None);
        check("/", None);
        check(" ", None);
    }

    #[test]
    fn titles_become_names() {
        for (title, name) in [
            ("Old mail", "Old mail.eml"),
            ("Re: floor 2/3: \"again\"?", "Re floor 2 3 again.eml"),
            ("../..", "message.eml"),
            ("", "message.eml"),
            ("…", "message.eml"),
            ("印刷できません", "印刷できません.eml"),
            ("a\u{202E}b", "ab.eml"),
        ] {
            assert_eq!(named_after(title, "message", "eml"), name, "{title}");
        }
        assert!(named_after(&"ä".repeat(300), "message", "eml").ends_with("ä.eml"));
    }

    #[test]
    fn long_names_keep_their_ending() {
        let name = clean(&format!("{}.pdf", "ä".repeat(300)), &mut Defects::default()).unwrap();
        assert!(name.len() <= MAX_NAME && name.ends_with("ä.pdf"), "{name}");
    }
}
