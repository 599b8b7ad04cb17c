//! HTML that would cost a parser more than linear time or a deep tree.

/// Attributes of one tag; a tokenizer compares each with all others.
const MAX_ATTRIBUTES: usize = 2_000;
/// Elements open at once.
const MAX_OPEN: i64 = 1_000;
/// Elements open at once times tags: a tree builder walks over the open ones again and again.
const MAX_WALKED: u64 = 300_000_000;
/// Start tags whose attributes are merged into one element, each compared with all before.
const MAX_MERGED: u32 = 100;
/// Open formatting elements times block elements: each block opens all of them again.
const MAX_REOPENED: u64 = 2_000_000;
/// Bytes that the serialiser looks through: for each character to escape it searches the rest of its text again.
const MAX_SEARCHED: u64 = 2_000_000_000;

const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];
/// Closed by their successors, so that leaving out the end tag is no nesting (except within SVG and MathML).
const IMPLIED: [&str; 8] = ["p", "li", "td", "th", "tr", "dt", "dd", "option"];
const FORMATTING: [&str; 14] =
    ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];

/// What a parser would have to do.
#[derive(Debug, Default)]
pub(super) struct Cost {
    attributes: usize,
    open: i64,
    most_open: i64,
    formatting: i64,
    most_formatting: i64,
    tags: u64,
    merged: u32,
    foreign: bool,
    searched: u64,
}

impl Cost {
    /// Too much for a tokenizer.
    pub(super) fn breaks_tokenizer(&self) -> bool {
        self.attributes > MAX_ATTRIBUTES
    }

    /// Too much for a tree.
    pub(super) fn breaks_tree(&self) -> bool {
        let times_tags = |open: i64| u64::try_from(open).unwrap_or(0).saturating_mul(self.tags);
        self.breaks_tokenizer()
            || self.merged > MAX_MERGED
            || self.searched > MAX_SEARCHED
            || self.most_open > MAX_OPEN
            || times_tags(self.most_open) > MAX_WALKED
            || self.most_formatting > 20 && times_tags(self.most_formatting) > MAX_REOPENED
    }

    fn tag(&mut self, name: &str, closing: bool) {
        self.tags += 1;
        self.merged += u32::from(matches!(name, "html" | "body"));
        self.foreign |= matches!(name, "svg" | "math");
        if VOID.contains(&name) || IMPLIED.contains(&name) && !self.foreign {
            return;
        }
        let step = if closing { -1 } else { 1 };
        self.open = (self.open + step).max(0);
        self.most_open = self.most_open.max(self.open);
        if FORMATTING.contains(&name) {
            self.formatting = (self.formatting + step).max(0);
            self.most_formatting = self.most_formatting.max(self.formatting);
        }
    }
}

/// One pass over the bytes, with the tokenizer's rule for quotes: they count only after an equals sign.
pub(super) fn cost(html: &str) -> Cost {
    let mut cost = Cost { searched: searched(html), ..Cost::default() };
    let mut rest = html.as_bytes();
    while let Some(at) = rest.iter().position(|b| *b == b'<') {
        rest = &rest[at + 1..];
        let closing = rest.first() == Some(&b'/');
        let start = if closing { &rest[1..] } else { rest };
        if !start.first().is_some_and(u8::is_ascii_alphabetic) {
            continue;
        }
        let length = start.iter().take(16).take_while(|b| b.is_ascii_alphanumeric()).count();
        cost.tag(&String::from_utf8_lossy(&start[..length]).to_ascii_lowercase(), closing);
        let (attributes, after) = attributes(&start[length..]);
        cost.attributes = cost.attributes.max(attributes);
        rest = after;
    }
    cost
}

fn attributes(tag: &[u8]) -> (usize, &[u8]) {
    let mut count = 0;
    let mut value = false;
    let mut at = 0;
    while let Some(byte) = tag.get(at) {
        at += 1;
        match byte {
            b'>' => break,
            b'"' | b'\'' if value => {
                at += tag[at..].iter().position(|b| b == byte).map_or(tag.len() - at, |end| end + 1);
                value = false;
            }
            b'=' => value = true,
            b' ' | b'\t' | b'\n' | b'\r' | 0x0C => {
                count += usize::from(!value);
            }
            b'/' => count += 1,
            _ => value = false,
        }
    }
    (count, &tag[at..])
}

/// For each `&` and each 0xC2 (half a no-break space) of each text: the bytes to the end of that text.
fn searched(html: &str) -> u64 {
    html.split('<').fold(0, |sum, text| {
        let escapes = text.bytes().filter(|byte| matches!(byte, b'&' | 0xC2)).count() as u64;
        sum.saturating_add(escapes.saturating_mul(text.len() as u64))
    })
}

/// Text of HTML that no parser should see: everything between angle brackets is left out.
pub(super) fn strip(html: &str) -> String {
    let mut out = String::new();
    for piece in html
        .split('<')
        .enumerate()
        .map(|(n, piece)| if n == 0 { piece } else { piece.split_once('>').map_or("", |(_, text)| text) })
    {
        out.push_str(piece);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_mail_passes() {
        let cell = "<tr><td style=\"a: b; c: d\"><p>x<br><font color=red><b>y</b></font></td>";
        let html = format!("<html><body><table>{}</table></body></html>", cell.repeat(5000));
        assert!(!cost(&html).breaks_tree());
        let picture = format!("<img src=\"data:image/png;base64,{}\">", "a/b c\n".repeat(50_000));
        assert!(!cost(&picture).breaks_tree());
    }

    #[test]
    fn attacks_do_not() {
        assert!(cost(&"<div>".repeat(2000)).breaks_tree());
        assert!(cost(&format!("<svg>{}", "<td>".repeat(2000))).breaks_tree());
        assert!(cost(&"<body a1>".repeat(2000)).breaks_tree());
        assert!(cost(&"&".repeat(200_000)).breaks_tree());
        assert!(cost(&"\u{a0}".repeat(200_000)).breaks_tree());
        assert!(cost(&format!("<a {}>", "x ".repeat(5000))).breaks_tokenizer());
        assert!(cost(&format!("{}{}", "<font>".repeat(200), "<p>x".repeat(20_000))).breaks_tree());
    }
}
