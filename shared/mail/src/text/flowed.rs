//! format=flowed (RFC 3676).

use super::lines;

/// Joins flowed lines: a line that ends in a space goes on in the next one of the same quote depth.
/// `del_sp`: that space is not part of the text.
pub(crate) fn join(text: &str, del_sp: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Option<usize> = None;
    for line in lines(text) {
        let (mark, content) = quote(line);
        let depth = mark.matches('>').count();
        let signature = content == "-- ";
        // An empty line parts paragraphs, also behind one whose last line ends in a space by accident.
        if open != Some(depth) || signature || content.is_empty() {
            if open.is_some() {
                out.push('\n');
            }
            out.push_str(mark);
            if depth > 0 && !content.is_empty() {
                out.push(' ');
            }
        }
        open = (!signature && content.ends_with(' ')).then_some(depth);
        out.push_str(if open.is_some() && del_sp { &content[..content.len() - 1] } else { content });
        if open.is_none() {
            out.push('\n');
        }
    }
    out
}

/// The quote marks of a line, also with blanks between them, and what follows without the stuffed space.
fn quote(line: &str) -> (&str, &str) {
    let mut end = 0;
    let mut rest = line;
    loop {
        let marks = rest.len() - rest.trim_start_matches('>').len();
        if marks == 0 {
            break;
        }
        end = line.len() - rest.len() + marks;
        rest = rest[marks..].strip_prefix(' ').unwrap_or(&rest[marks..]);
    }
    let content = &line[end..];
    (&line[..end], content.strip_prefix(' ').unwrap_or(content))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flowed_lines_are_joined() {
        assert_eq!(join("a \nb\nc", false), "a b\nc\n");
        assert_eq!(join("日本 \n語", true), "日本語\n");
        assert_eq!(join("> a \n> b\n>> c\nd", false), "> a b\n>> c\nd\n");
        assert_eq!(join(" >not a quote\n From x", false), ">not a quote\nFrom x\n");
        assert_eq!(join("text \n-- \nme", false), "text \n-- \nme\n");
        assert_eq!(join("a \n> b", false), "a \n> b\n");
        assert_eq!(join("> > a \n> > b\n>c", false), "> > a b\n> c\n");
        assert_eq!(join("a \n\nb", false), "a \n\nb\n");
    }
}
