//! The colours of a page itself, which its `body` has: cleaned HTML has no `body`, and light text on a dark page would
//! stand on white.

use super::{
    allowed,
    token::{Tag, Token, tokens},
};

/// The longest colour.
const MAX_COLOUR: usize = 40;
/// Bytes of a style sheet that are looked at.
const MAX_SHEET: usize = 64 * 1024;

/// The colours of a page, as CSS writes colours and nothing else: they need no escape.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Canvas {
    /// Behind everything.
    pub background: Option<String>,
    /// Of text that says nothing else. None without a background: on another one it may not be readable.
    pub text: Option<String>,
}

/// The colours that HTML as it was sent gives its page.
pub fn canvas(html: &str) -> Canvas {
    let mut canvas = Canvas::default();
    for token in tokens(html) {
        match token {
            Token::Raw(name, sheet) if name.as_str() == "style" => canvas.read_sheet(sheet),
            Token::Start(tag) if tag.name.as_str() == "body" => {
                canvas.read_body(&tag);
                break;
            }
            _ => {}
        }
    }
    if canvas.background.is_none() {
        canvas.text = None;
    }
    canvas
}

impl Canvas {
    fn read_sheet(&mut self, sheet: &str) {
        let sheet = &sheet[..sheet.floor_char_boundary(MAX_SHEET)];
        for rule in sheet.split('}') {
            let Some((selectors, declarations)) = rule.split_once('{') else { continue };
            if selectors.split(',').any(|one| one.trim().eq_ignore_ascii_case("body")) {
                self.read_style(declarations);
            }
        }
    }

    fn read_body(&mut self, tag: &Tag<'_>) {
        let colour_of = |name: &str| tag.attribute(name).and_then(|value| colour(&value));
        self.background = colour_of("bgcolor").or_else(|| self.background.take());
        self.text = colour_of("text").or_else(|| self.text.take());
        if let Some(style) = tag.attribute("style") {
            self.read_style(&style);
        }
    }

    fn read_style(&mut self, declarations: &str) {
        for (name, value) in declarations.split(';').filter_map(|one| one.split_once(':')) {
            let name = name.trim();
            let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
            if is("background-color") || is("background") {
                self.background = colour(value).or_else(|| self.background.take());
            } else if is("color") {
                self.text = colour(value).or_else(|| self.text.take());
            }
        }
    }
}

/// A value that is a colour alone.
fn colour(value: &str) -> Option<String> {
    let value = value.trim().trim_end_matches("!important").trim_end().to_ascii_lowercase();
    let is_name = || !value.is_empty() && value.bytes().all(|b| b.is_ascii_lowercase());
    let is_hex = || {
        let digits = value.strip_prefix('#');
        digits.is_some_and(|hex| {
            matches!(hex.len(), 3 | 4 | 6 | 8) && hex.bytes().all(|b| b.is_ascii_hexdigit())
        })
    };
    let is_function = || {
        let (name, rest) = value.split_once('(').unwrap_or_default();
        let inner = rest.strip_suffix(')').unwrap_or("x");
        allowed::COLOURS.contains(&name) && inner.bytes().all(|b| b.is_ascii_digit() || b" ,.%/".contains(&b))
    };
    (value.len() <= MAX_COLOUR && (is_name() || is_hex() || is_function())).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(html: &str) -> (Option<String>, Option<String>) {
        let Canvas { background, text } = canvas(html);
        (background, text)
    }

    #[test]
    fn a_page_has_the_colours_of_its_body() {
        let dark = (Some("#111".to_owned()), Some("white".to_owned()));
        for html in [
            "<body bgcolor=#111 text=white>",
            "<body style='background:#111; color: WHITE !important'>",
            "<style>p{color:red} body , td{background-color:#111;color:white}</style><body>",
            "<style>body{background:#fff}</style><body bgcolor='#111' text='white'>",
        ] {
            assert_eq!(told(html), dark, "{html}");
        }
        assert_eq!(
            told("<body style='background:rgba(0, 0, 0, .9)'>").0.as_deref(),
            Some("rgba(0, 0, 0, .9)")
        );
    }

    #[test]
    fn what_is_no_colour_is_none() {
        for html in [
            "",
            "<p style='background:#111'>",
            "<body text=white>",
            "<body style='background:url(https://e.org/x)'>",
            "<body bgcolor='red;position:fixed'>",
            "<body bgcolor='\"><script>'>",
            "<body style='background:#11'>",
            "<body style='background:rgb(url(x))'>",
            "<body style='background:expression(x)'>",
        ] {
            assert_eq!(told(html), (None, None), "{html}");
        }
    }
}
