//! What style attributes say of the text: nothing is copied, each declaration is looked at once.

use memchr::memchr;

/// What a style attribute says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Style {
    /// Nobody sees the element.
    pub(super) hidden: bool,
    /// What `display` says.
    pub(super) shown: Option<bool>,
    /// Its font is too small to be seen, or is not; descendants may say otherwise.
    pub(super) tiny: Option<bool>,
    /// White space stays, or does not.
    pub(super) pre: Option<bool>,
    /// No space below and, as far as it says so, above; or some.
    pub(super) flat: Option<bool>,
    /// No line beside it.
    pub(super) borderless: bool,
    /// A line through its text.
    pub(super) struck: bool,
    /// The line that Outlook draws above a header block.
    pub(super) rule: bool,
    /// Not larger than two pixels.
    pub(super) dot: bool,
    /// Word's number or bullet of a list.
    pub(super) bullet: bool,
    /// Word's depth of a list, from 1.
    pub(super) level: usize,
}

/// Colours of the line above Outlook's header block.
const RULES: [&str; 2] = ["#e1e1e1", "#b5c4df"];
/// Fonts of so many pixels are not seen.
const TINY: f32 = 1.0;
/// Pixels of space between paragraphs that are no empty line.
const FLAT: f32 = 4.0;

/// Reads a style attribute.
pub(super) fn read(value: &str) -> Style {
    let mut style = Style::default();
    let (mut clipped, mut no_room, mut small) = (false, false, 0);
    for (name, value) in declarations(value) {
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
        let begins = |start: &str| has_prefix(value, start);
        if is("display") {
            style.shown = Some(!begins("none"));
            style.hidden |= begins("none");
        } else if is("visibility") {
            style.hidden |= begins("hidden") || begins("collapse");
        } else if is("opacity") {
            style.hidden |= number(value) == Some(0.0);
        } else if is("font-size") {
            style.tiny = pixels(value).map(|size| size <= TINY).or(style.tiny);
        } else if is("font") {
            style.tiny = Some(begins("0/") || begins("0px"));
        } else if is("max-height") || is("height") || is("max-width") || is("width") {
            let size = pixels(value);
            no_room |= size == Some(0.0) && (is("max-height") || is("height"));
            small += usize::from(size.is_some_and(|size| size <= 2.0));
        } else if is("overflow") {
            clipped |= begins("hidden");
        } else if is("white-space") {
            style.pre = Some(begins("pre") || begins("break-spaces"));
        } else if is("margin") {
            style.flat = Some(flat(value));
        } else if is("margin-bottom") {
            style.flat = pixels(value).map(|space| space < FLAT);
        } else if is("border") || is("border-left") {
            style.borderless = begins("none") || number(value) == Some(0.0);
        } else if is("border-top") {
            style.rule = has_prefix(value, "solid") && RULES.iter().any(|rule| has_word(value, rule));
        } else if is("text-decoration") || is("text-decoration-line") {
            style.struck = has_word(value, "line-through");
        } else if is("mso-list") {
            style.bullet = begins("ignore");
            style.level =
                value.find("level").and_then(|at| number(&value[at + 5..])).map_or(0, |n| n as usize);
        }
    }
    style.hidden |= clipped && no_room;
    style.dot = small > 1;
    style
}

/// The names and values of a style attribute.
fn declarations(style: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = style;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let end = memchr(b';', rest.as_bytes()).unwrap_or(rest.len());
            let declaration = &rest[..end];
            rest = rest.get(end + 1..).unwrap_or_default();
            if let Some(colon) = memchr(b':', declaration.as_bytes()) {
                return Some((declaration[..colon].trim(), declaration[colon + 1..].trim()));
            }
        }
        None
    })
}

fn has_prefix(value: &str, start: &str) -> bool {
    value.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
}

fn has_word(value: &str, word: &str) -> bool {
    value.split_ascii_whitespace().any(|one| one.eq_ignore_ascii_case(word))
}

/// Top and bottom of a `margin`.
fn flat(value: &str) -> bool {
    let mut sides = value.split_ascii_whitespace();
    let top = sides.next();
    let bottom = sides.nth(1).or(top);
    [top, bottom].into_iter().flatten().all(|side| pixels(side).is_some_and(|space| space < FLAT))
}

fn number(value: &str) -> Option<f32> {
    let end = value.bytes().position(|b| !b.is_ascii_digit() && b != b'.').unwrap_or(value.len());
    value[..end].parse().ok()
}

/// A length, roughly, in pixels.
fn pixels(value: &str) -> Option<f32> {
    let count = number(value)?;
    let unit = value.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').trim_start();
    let scale = match unit.get(..2).unwrap_or(unit) {
        "em" | "EM" | "re" => 16.0,
        "cm" | "CM" => 38.0,
        "in" | "IN" => 96.0,
        "%" => 0.16,
        _ => 1.0,
    };
    Some(count * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden() {
        for style in [
            "display:none",
            "color: red; DISPLAY : none !important",
            "visibility:hidden",
            "opacity:0",
            "max-height:0px;overflow:hidden",
            "max-height:0; max-width:0; opacity:0; overflow:hidden; mso-hide:all",
            "height:0;overflow:hidden",
        ] {
            assert!(read(style).hidden, "{style}");
        }
        for style in
            ["display:block", "mso-hide:all", "max-height:0", "opacity:0.5", "overflow:hidden;height:1px", ""]
        {
            assert!(!read(style).hidden, "{style}");
        }
    }

    #[test]
    fn sizes_and_spaces() {
        assert_eq!(read("font-size:0").tiny, Some(true));
        assert_eq!(read("font-size:1px").tiny, Some(true));
        assert_eq!(read("font-size: 12pt").tiny, Some(false));
        assert_eq!(read("font-size:0.9em").tiny, Some(false));
        assert_eq!(read("font-size:medium").tiny, None);
        assert_eq!(read("margin:0cm 0cm .0001pt").flat, Some(true));
        assert_eq!(read("margin-top:0;margin-bottom:0;").flat, Some(true));
        assert_eq!(read("margin:0 0 1em").flat, Some(false));
        assert_eq!(read("margin:0 0 10px 0").flat, Some(false));
        assert_eq!(read("color:red").flat, None);
        assert!(read("border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm").rule);
        assert!(!read("border-top:1px solid #ccc").rule);
        assert!(read("mso-list:Ignore").bullet);
        assert_eq!(read("mso-list:l0 level2 lfo1").level, 2);
    }
}
