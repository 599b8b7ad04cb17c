//! What HTML for display may hold, as data.

/// Elements that are written.
#[rustfmt::skip]
const ELEMENTS: &[&str] = &[
    "a", "abbr", "acronym", "address", "article", "aside", "b", "bdi", "bdo", "big", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "font", "footer",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "img", "ins", "kbd", "li", "main", "mark", "nav", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp", "section", "small", "span", "strike", "strong", "sub", "sup",
    "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "tt", "u", "ul", "var", "wbr",
];
/// Elements that are left out with all that they hold; of others only the tags are.
pub(super) const DROPPED: [&str; 10] =
    ["svg", "math", "select", "datalist", "template", "object", "applet", "audio", "video", "xml"];
const VOID: [&str; 16] = [
    "area", "base", "basefont", "br", "col", "embed", "frame", "hr", "img", "input", "link", "meta", "param",
    "source", "track", "wbr",
];
const SCOPES: [&str; 4] = ["td", "th", "caption", "table"];
const TABLE_PARTS: [&str; 9] = ["table", "tbody", "thead", "tfoot", "tr", "td", "th", "caption", "colgroup"];
/// Elements before which a paragraph ends.
#[rustfmt::skip]
const BLOCKS: &[&str] = &[
    "address", "article", "aside", "blockquote", "center", "div", "dl", "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "nav", "ol", "p", "pre", "section", "ul",
];

pub(super) fn is_element(name: &str) -> bool {
    ELEMENTS.binary_search(&name).is_ok()
}

pub(super) fn is_void(name: &str) -> bool {
    VOID.contains(&name)
}

pub(super) fn is_scope(name: &str) -> bool {
    SCOPES.contains(&name)
}

pub(super) fn is_table_part(name: &str) -> bool {
    TABLE_PARTS.contains(&name)
}

/// Names of elements.
type Names = &'static [&'static str];

/// Which open elements one ends by its start, and how far out.
pub(super) fn implied_ends(name: &str) -> Option<(Names, Names)> {
    const INNER: Names = &["td", "th", "caption", "table", "div", "ul", "ol", "blockquote", "li", "dd"];
    Some(match name {
        "li" => (&["li"], &["ul", "ol", "td", "th", "table"]),
        "dt" | "dd" => (&["dt", "dd"], &["dl", "td", "th", "table"]),
        "td" | "th" => (&["td", "th", "caption", "colgroup"], &["table"]),
        "tr" => (&["tr", "td", "th", "caption", "colgroup"], &["table"]),
        "tbody" | "thead" | "tfoot" => {
            (&["tbody", "thead", "tfoot", "tr", "td", "th", "caption", "colgroup"], &["table"])
        }
        _ if BLOCKS.contains(&name) => (&["p"], INNER),
        _ => return None,
    })
}

/// How the value of an attribute is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attribute {
    /// Any text.
    Text,
    /// A number, a word or a colour.
    Plain,
    Style,
    Link,
    Source,
}

/// Attributes with the elements that may have them; empty: all may.
#[rustfmt::skip]
const ATTRIBUTES: &[(&str, Attribute, &[&str])] = &[
    ("align", Attribute::Plain, &[]),
    ("alt", Attribute::Text, &["img"]),
    ("bgcolor", Attribute::Plain, &["table", "tr", "td", "th", "tbody", "thead", "tfoot"]),
    ("border", Attribute::Plain, &["table", "img"]),
    ("cellpadding", Attribute::Plain, &["table"]),
    ("cellspacing", Attribute::Plain, &["table"]),
    ("color", Attribute::Plain, &["font", "hr"]),
    ("colspan", Attribute::Plain, &["td", "th"]),
    ("datetime", Attribute::Plain, &["time", "del", "ins"]),
    ("dir", Attribute::Plain, &[]),
    ("face", Attribute::Text, &["font"]),
    ("height", Attribute::Plain, &["img", "td", "th", "tr", "table"]),
    ("href", Attribute::Link, &["a"]),
    ("lang", Attribute::Plain, &[]),
    ("noshade", Attribute::Plain, &["hr"]),
    ("nowrap", Attribute::Plain, &["td", "th"]),
    ("reversed", Attribute::Plain, &["ol"]),
    ("rowspan", Attribute::Plain, &["td", "th"]),
    ("size", Attribute::Plain, &["font", "hr"]),
    ("span", Attribute::Plain, &["col", "colgroup"]),
    ("src", Attribute::Source, &["img"]),
    ("start", Attribute::Plain, &["ol"]),
    ("style", Attribute::Style, &[]),
    ("title", Attribute::Text, &[]),
    ("type", Attribute::Plain, &["ol", "ul", "li", "blockquote"]),
    ("valign", Attribute::Plain, &[]),
    ("value", Attribute::Plain, &["li"]),
    ("width", Attribute::Plain, &["img", "td", "th", "table", "col", "colgroup", "hr"]),
];

/// The number and the check of an attribute that an element may have.
pub(super) fn attribute(element: &str, written: &str) -> Option<(usize, Attribute)> {
    let n = ATTRIBUTES.iter().position(|(name, ..)| written.eq_ignore_ascii_case(name))?;
    let (_, kind, elements) = ATTRIBUTES[n];
    (elements.is_empty() || elements.contains(&element)).then_some((n, kind))
}

/// The name of the attribute with that number.
pub(super) fn name(n: usize) -> &'static str {
    ATTRIBUTES[n].0
}

/// Numbers, words and colours.
pub(super) fn is_plain(value: &str) -> bool {
    value.len() <= 64 && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"#%.,+-: _".contains(&b))
}

/// Properties of style attributes: nothing that loads, covers or moves. Those that hide are here so that what is hidden
/// stays so.
#[rustfmt::skip]
const STYLES: &[&str] = &[
    "background-color", "border", "border-bottom", "border-bottom-color", "border-bottom-style", "border-bottom-width", "border-collapse", "border-color", "border-left", "border-left-color", "border-left-style", "border-left-width", "border-radius",
    "border-right", "border-right-color", "border-right-style", "border-right-width", "border-spacing", "border-style", "border-top", "border-top-color", "border-top-style", "border-top-width", "border-width", "clear", "color", "direction", "display",
    "float", "font", "font-family", "font-size", "font-style", "font-variant", "font-weight", "height", "letter-spacing", "line-height", "list-style-type", "margin", "margin-bottom", "margin-left", "margin-right", "margin-top", "max-height", "max-width", "min-width",
    "mso-hide", "opacity", "overflow", "padding", "padding-bottom", "padding-left", "padding-right", "padding-top", "table-layout", "text-align", "text-decoration", "text-indent", "text-transform", "unicode-bidi", "vertical-align", "visibility", "white-space", "width", "word-break", "word-spacing", "word-wrap",
];
/// Functions of values that only give a colour.
pub(super) const COLOURS: [&str; 4] = ["rgb", "rgba", "hsl", "hsla"];
/// Declarations of one attribute.
const MAX_STYLES: usize = 60;

/// The declarations that may stay.
pub(super) fn styles(value: &str) -> String {
    let mut out = String::new();
    for declaration in value.split(';').take(MAX_STYLES) {
        let Some((property, value)) = declaration.split_once(':') else { continue };
        let property = property.trim().to_ascii_lowercase();
        let value = value.trim();
        if STYLES.binary_search(&property.as_str()).is_ok() && is_style_value(value) {
            if !out.is_empty() {
                out.push(';');
            }
            out.push_str(&property);
            out.push(':');
            out.push_str(value);
        }
    }
    out
}

/// No escapes, no comments, no functions but of colours, and no length that moves things out of their place.
fn is_style_value(value: &str) -> bool {
    let known = |c: char| c.is_alphanumeric() || " #%.,-+()'\"!".contains(c);
    let mut before = ' ';
    let negative = value.chars().any(|c| {
        let is = before == '-' && (c.is_ascii_digit() || c == '.');
        before = c;
        is
    });
    let mut calls = value.split('(');
    let last = calls.next_back().is_some();
    let only_colours = last
        && calls.all(|before| {
            let word = before.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
            COLOURS.iter().any(|colour| word.eq_ignore_ascii_case(colour))
        });
    !value.is_empty() && value.len() <= 300 && value.chars().all(known) && !negative && only_colours
}

/// A link that leads somewhere harmless, without the white space that browsers leave out.
pub(super) fn link(value: &str) -> Option<String> {
    let clean: String = value.trim().chars().filter(|c| !c.is_control()).collect();
    let allowed = ["http://", "https://", "mailto:", "tel:"];
    allowed
        .iter()
        .any(|start| clean.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start)))
        .then_some(clean)
}

/// Pictures within the HTML that browsers draw without running anything.
const DATA_PICTURES: [&str; 5] = [
    "data:image/png;base64,",
    "data:image/jpeg;base64,",
    "data:image/jpg;base64,",
    "data:image/gif;base64,",
    "data:image/webp;base64,",
];

pub(super) fn is_data_picture(value: &str) -> bool {
    DATA_PICTURES.iter().any(|start| {
        value.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
            && value[start.len()..].bytes().all(|b| b.is_ascii_alphanumeric() || b"+/= \r\n\t".contains(&b))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(ELEMENTS.is_sorted() && STYLES.is_sorted());
        assert!(ATTRIBUTES.len() < 64);
        for dangerous in [
            "style", "script", "title", "textarea", "noscript", "svg", "math", "form", "base", "meta",
            "iframe",
        ] {
            assert!(!is_element(dangerous), "{dangerous}");
        }
    }

    #[test]
    fn values_of_styles() {
        assert_eq!(styles("COLOR : red; position:fixed; x"), "color:red");
        assert_eq!(
            styles("color:rgb(1, 2,3);font-family:'A B',\"C\""),
            "color:rgb(1, 2,3);font-family:'A B',\"C\""
        );
        for bad in [
            "color:expression(x)",
            "color:url(x)",
            "width:calc(1px)",
            "margin:-9px",
            "text-indent:-.5em",
            "color:\\65xpression(x)",
            "color:/**/red",
            "background:url(x)",
            "color:rgb(url(x))",
            "color:var(--x)",
            "color:<b>",
            "behavior:red",
        ] {
            assert_eq!(styles(bad), "", "{bad}");
        }
    }

    #[test]
    fn links() {
        assert_eq!(link(" https://e.org/a\tb ").as_deref(), Some("https://e.org/ab"));
        for bad in [
            "javascript:x",
            "java\nscript:x",
            "data:text/html,x",
            "//e.org",
            "/x",
            "#x",
            "vbscript:x",
            "file:///x",
            "\u{1}javascript:x",
        ] {
            assert_eq!(link(bad), None, "{bad}");
        }
    }
}
