//! What a page says: its text, and what its markup says of the lines.

use super::marks::Mark;

/// The text of a page, and what the markup says of its lines.
#[derive(Debug, Default)]
pub(crate) struct Rendered {
    /// All of it, tidy.
    pub(crate) text: String,
    /// From which line of `text` on which mark holds, in order; before the first there is none.
    pub(crate) marks: Vec<(usize, Mark)>,
    /// What is struck out in it, line by line, as far as it is needed.
    pub(crate) struck: Vec<String>,
}

impl Rendered {
    /// One page after another.
    pub(crate) fn join(pages: Vec<Self>) -> Self {
        let mut all = Self::default();
        for page in pages.into_iter().filter(|page| !page.text.is_empty()) {
            if !all.text.is_empty() {
                all.text.push_str("\n\n");
            }
            let line = all.text.bytes().filter(|b| *b == b'\n').count();
            if all.marks.last().is_some_and(|(_, mark)| *mark != Mark::None) {
                all.marks.push((line, Mark::None));
            }
            all.marks.extend(page.marks.iter().map(|(at, mark)| (at + line, *mark)));
            all.text.push_str(&page.text);
            all.struck.extend(page.struck);
        }
        all
    }
}
