//! By which elements mail programs mark the quoted part, and what they hide.

use html5ever::Attribute;

/// What an element begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// A quote that ends with the element.
    Quote,
    /// A quote that goes on to the end of the mail.
    QuoteToEnd,
    /// A signature that ends with the element.
    Signature,
    /// Not shown.
    Hidden,
}

/// Classes of elements that hold a quote: Gmail, Yahoo, Proton, Zoho, Fastmail, Thunderbird's attribution.
const QUOTE_CLASSES: [&str; 9] = [
    "gmail_quote",
    "gmail_quote_container",
    "gmail_extra",
    "yahoo_quoted",
    "protonmail_quote",
    "zmail_extra",
    "moz-cite-prefix",
    "tutanota_quote",
    "quoted-by",
];
/// Elements before which Outlook's answers end.
const END_IDS: [&str; 3] = ["divrplyfwdmsg", "appendonsend", "mail-editor-reference-message-container"];
/// Borders of Outlook's header block.
const BORDERS: [&str; 2] = ["border-top:solid #e1e1e1", "border-top:solid #b5c4df"];

/// What the attributes of a start tag say.
pub(super) fn mark(name: &str, attrs: &[Attribute]) -> Option<Mark> {
    let mut quote = None;
    for attr in attrs {
        let value = attr.value.trim();
        match &*attr.name.local {
            "class" => {
                let has =
                    |wanted: &[&str]| value.split_ascii_whitespace().any(|class| wanted.contains(&class));
                if has(&QUOTE_CLASSES) {
                    quote = Some(Mark::Quote);
                } else if has(&["gmail_signature", "moz-signature"]) {
                    quote = Some(Mark::Signature);
                }
            }
            "id" if END_IDS.contains(&value.to_ascii_lowercase().as_str()) => quote = Some(Mark::QuoteToEnd),
            "type" if name == "blockquote" && value.eq_ignore_ascii_case("cite") => quote = Some(Mark::Quote),
            "style" => match style(value) {
                Some(Mark::Hidden) => return Some(Mark::Hidden),
                found => quote = quote.or(found),
            },
            "hidden" if name != "input" => return Some(Mark::Hidden),
            _ => {}
        }
    }
    quote
}

fn style(value: &str) -> Option<Mark> {
    let squeezed: String =
        value.chars().filter(|c| *c != '\n' && *c != '\r').collect::<String>().to_ascii_lowercase();
    let compact = squeezed.replace(' ', "");
    if compact.contains("display:none")
        || compact.contains("mso-hide:all")
        || compact.contains("visibility:hidden")
    {
        return Some(Mark::Hidden);
    }
    let spaced = squeezed.replace(": ", ":");
    BORDERS.iter().any(|border| spaced.contains(border)).then_some(Mark::QuoteToEnd)
}

/// What an element does to the lines around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// Nothing.
    Inline,
    /// Stands on lines of its own.
    Line,
    /// Has an empty line before and after it.
    Paragraph,
}

/// By the element's name.
pub(super) fn flow(name: &str) -> Flow {
    match name {
        "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "dl" | "blockquote" | "pre" | "hr" => {
            Flow::Paragraph
        }
        "address" | "article" | "aside" | "body" | "center" | "dd" | "div" | "dt" | "fieldset" | "figure"
        | "footer" | "form" | "header" | "li" | "main" | "nav" | "section" | "table" | "tbody" | "tfoot"
        | "thead" | "tr" | "caption" => Flow::Line,
        _ => Flow::Inline,
    }
}
