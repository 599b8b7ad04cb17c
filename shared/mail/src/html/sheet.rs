//! What style sheets say of the text: which classes nobody sees, and whether paragraphs have space around them.

use super::style;

/// Bytes of a sheet that are looked at.
const MAX_SHEET: usize = 64 * 1024;
/// Hidden classes that are kept.
const MAX_CLASSES: usize = 64;

/// The style sheets of a page.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    hidden: Vec<String>,
    struck: Vec<String>,
    /// Paragraphs have no space around them.
    pub(super) flat: bool,
}

impl Sheet {
    /// Reads one more. Within `@media` nothing counts: that is for other screens.
    pub(super) fn read(&mut self, sheet: &str) {
        let mut depth = 0usize;
        let mut open = None;
        for piece in sheet.get(..MAX_SHEET).unwrap_or(sheet).split_inclusive(['{', '}']) {
            if let Some(selectors) = piece.strip_suffix('{') {
                depth += usize::from(depth > 0 || selectors.contains('@'));
                open = (depth == 0).then_some(selectors);
            } else if let Some(rules) = piece.strip_suffix('}') {
                if let Some(selectors) = open.take() {
                    self.rule(selectors, rules);
                }
                depth = depth.saturating_sub(1);
            }
        }
    }

    fn rule(&mut self, selectors: &str, rules: &str) {
        let style = style::read(rules);
        for selector in selectors.split(',').map(str::trim) {
            if let Some(flat) = style.flat.filter(|_| selector.eq_ignore_ascii_case("p")) {
                self.flat = flat;
            }
            let class = selector.trim_start_matches(|c: char| c.is_ascii_alphanumeric()).strip_prefix('.');
            let class = class.filter(|class| !class.contains([' ', '.', ':', '>', '[', '+', '~']));
            for (says, classes) in [(style.hidden, &mut self.hidden), (style.struck, &mut self.struck)] {
                if let Some(class) = class.filter(|_| says && classes.len() < MAX_CLASSES) {
                    classes.push(class.to_owned());
                }
            }
        }
    }

    /// Whether it hides an element with these classes.
    pub(super) fn hides(&self, classes: &str) -> bool {
        has_one(&self.hidden, classes)
    }

    /// Whether it strikes the text of such an element out.
    pub(super) fn strikes(&self, classes: &str) -> bool {
        has_one(&self.struck, classes)
    }

    /// Whether it strikes anything out.
    pub(super) fn strikes_any(&self) -> bool {
        !self.struck.is_empty()
    }

    /// Whether it hides anything.
    pub(super) fn hides_any(&self) -> bool {
        !self.hidden.is_empty()
    }
}

fn has_one(known: &[String], classes: &str) -> bool {
    let is_known = |class: &str| known.iter().any(|one| one == class);
    !known.is_empty() && classes.split_ascii_whitespace().any(is_known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules() {
        let mut sheet = Sheet::default();
        sheet.read("@font-face {a:b} .a, p.b { color:red; display:none } .c{display:block} @media x { .d { display:none } } } .e{display:none}");
        for (classes, hidden) in
            [("a", true), ("x b", true), ("c", false), ("d", false), ("e", true), ("", false)]
        {
            assert_eq!(sheet.hides(classes), hidden, "{classes}");
        }
        assert!(!sheet.flat);
        sheet.read(" P {margin-top:0;margin-bottom:0;} ");
        assert!(sheet.flat);
    }
}
