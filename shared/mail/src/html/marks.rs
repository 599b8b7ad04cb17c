//! By which elements mail programs mark the quoted part, and what they hide.

use super::{
    style::{self, Style},
    token::{Tag, decoded},
};

/// What the markup says about lines of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Mark {
    /// Nothing.
    #[default]
    None,
    /// They are a quote.
    Quote,
    /// They are a quote of something, or of the mail that is answered.
    Block,
    /// They stand in the box of a quote, before the quote itself: an attribution, or the header of a forward.
    Intro,
    /// The header block of a quote may begin here; it goes on to the end of the mail.
    Rule,
    /// The quote goes on from here to the end of the mail.
    QuoteToEnd,
    /// A signature.
    Signature,
}

/// What one start tag says.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Said {
    pub(super) mark: Mark,
    pub(super) hidden: bool,
    /// An indented paragraph, though it is a blockquote.
    pub(super) indented: bool,
    /// A paragraph without space around it.
    pub(super) flat: bool,
    pub(super) style: Style,
}

/// Classes and what they mark.
const CLASSES: &[(&str, Mark)] = &[
    ("gmail_quote", Mark::Intro),
    ("gmail_quote_container", Mark::Intro),
    ("gmail_attr", Mark::Intro),
    ("yahoo_quoted", Mark::Intro),
    ("ymail_android_quoted", Mark::Intro),
    ("protonmail_quote", Mark::Intro),
    ("zmail_extra", Mark::Intro),
    ("moz-cite-prefix", Mark::Intro),
    ("moz-forward-container", Mark::Intro),
    ("tutanota_quote", Mark::Quote),
    ("quoted-by", Mark::Intro),
    ("aolmail_replyquote", Mark::Intro),
    ("aol_quote", Mark::Intro),
    ("ecxgmail_quote", Mark::Intro),
    ("history-quote-wrapper", Mark::Intro),
    ("ntes-mailmaster-quote", Mark::Intro),
    ("airmail_on", Mark::Intro),
    ("bloop_original_html", Mark::Intro),
    ("fairemail_quote", Mark::Intro),
    ("freshdesk_quote", Mark::Intro),
    ("missive_quote", Mark::Intro),
    ("front-blockquote", Mark::Quote),
    ("appleoriginalcontents", Mark::Intro),
    ("ms-outlook-mobile-reference-message", Mark::QuoteToEnd),
    ("gmail_signature", Mark::Signature),
    ("gmail_signature_prefix", Mark::Signature),
    ("moz-signature", Mark::Signature),
    ("protonmail_signature_block", Mark::Signature),
    ("bloop_sign", Mark::Signature),
    ("mb_sig", Mark::Signature),
];
/// Ids and what they mark, in lower case.
const IDS: &[(&str, Mark)] = &[
    ("divrplyfwdmsg", Mark::QuoteToEnd),
    ("appendonsend", Mark::QuoteToEnd),
    ("mail-editor-reference-message-container", Mark::QuoteToEnd),
    ("olk_src_body_section", Mark::QuoteToEnd),
    ("stopspelling", Mark::QuoteToEnd),
    ("zwchr", Mark::QuoteToEnd),
    ("isreplycontent", Mark::Quote),
    ("reply139content", Mark::QuoteToEnd),
    ("quoted_header", Mark::QuoteToEnd),
    ("edo-original", Mark::QuoteToEnd),
    ("aqm-original", Mark::QuoteToEnd),
    ("canaryblockquote", Mark::Quote),
    ("mail-app-auto-quote", Mark::Intro),
    ("blockquote_zmail", Mark::Quote),
    ("reply-intro", Mark::Intro),
    ("canarysig", Mark::Signature),
    ("_rc_sig", Mark::Signature),
];
/// Names of elements and what they mark: Spark's, and old web mail's.
const NAMES: &[(&str, Mark)] = &[
    ("quote", Mark::Quote),
    ("messagereplysection", Mark::Intro),
    ("messagesignaturesection", Mark::Signature),
];
/// Zimbra's markers.
const MARKERS: &[(&str, Mark)] =
    &[("__quoted_text__", Mark::Intro), ("__sig_pre__", Mark::Signature), ("__sig_post__", Mark::Signature)];
/// Elements that never show text.
const HIDDEN: [&str; 8] = ["template", "select", "datalist", "svg", "xml", "object", "audio", "video"];
/// Elements that cannot hold text, or hold all of it.
pub(super) const UNMARKABLE: [&str; 13] =
    ["body", "html", "br", "img", "hr", "input", "meta", "link", "wbr", "area", "col", "base", "source"];

/// Whether an element says something without attributes.
pub(super) fn speaks(name: &str) -> bool {
    matches!(name, "blockquote" | "pre") || is_struck(name) || HIDDEN.contains(&name)
}

/// Whether an element strikes out its text.
fn is_struck(name: &str) -> bool {
    matches!(name, "s" | "strike" | "del")
}

/// What the name and the attributes of a start tag say.
pub(super) fn said(tag: &Tag) -> Said {
    let name = tag.name.as_str();
    let mut said = Said { hidden: HIDDEN.contains(&name), ..Said::default() };
    for (attribute, value) in tag.attributes() {
        let is = |wanted: &str| attribute.eq_ignore_ascii_case(wanted);
        let value = value.trim();
        match attribute {
            _ if is("class") => class(value, &mut said),
            _ if is("id") => find(IDS, value, &mut said),
            _ if is("type") && name == "blockquote" && value.eq_ignore_ascii_case("cite") => {
                said.mark = Mark::Quote
            }
            _ if is("name") && name == "div" => find(NAMES, value, &mut said),
            _ if is("data-marker") => find(MARKERS, value, &mut said),
            _ if is("data-o-mail-quote") => said.mark = Mark::Quote,
            _ if is("style") => {
                said.style = style::read(&decoded(value, true));
                said.hidden |= said.style.hidden;
                if said.style.rule && said.mark == Mark::None {
                    said.mark = Mark::Rule;
                }
            }
            _ if is("hidden") && name != "input" => said.hidden = true,
            _ => {}
        }
    }
    said.style.struck |= is_struck(name);
    if name == "blockquote" {
        said.indented = said.mark == Mark::None && said.style.borderless;
        said.mark = match said.mark {
            _ if said.indented => Mark::None,
            Mark::None => Mark::Block,
            _ => Mark::Quote,
        };
    }
    said
}

fn class(value: &str, said: &mut Said) {
    for class in value.split_ascii_whitespace() {
        // Outlook's paragraphs have no space around them, and people part them by empty ones.
        said.flat |= class.starts_with("Mso");
        find(CLASSES, class, said);
    }
}

fn find(table: &[(&str, Mark)], value: &str, said: &mut Said) {
    // Outlook sets `x_` before what other programs wrote, once for each answer.
    let value = value.trim_start_matches("x_");
    if let Some((_, mark)) = table.iter().find(|(name, _)| name.eq_ignore_ascii_case(value)) {
        said.mark = *mark;
    } else if ends_with(value, "signature") {
        said.mark = Mark::Signature;
    } else if value.contains("yahoo_quoted") || value.starts_with("lark-mail-quote") {
        said.mark = Mark::Intro;
    }
}

fn ends_with(value: &str, end: &str) -> bool {
    value
        .len()
        .checked_sub(end.len())
        .is_some_and(|at| value.is_char_boundary(at) && value[at..].eq_ignore_ascii_case(end))
}

/// Whether a signature stands in the next box: Apple marks its beginning by a line break.
pub(super) fn begins_signature(tag: &Tag) -> bool {
    tag.attribute("id").is_some_and(|id| id.eq_ignore_ascii_case("lineBreakAtBeginningOfSignature"))
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
        "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "dl" | "blockquote" | "pre" | "hr"
        | "figure" => Flow::Paragraph,
        "address" | "article" | "aside" | "body" | "center" | "dd" | "details" | "div" | "dir" | "dt"
        | "fieldset" | "figcaption" | "footer" | "form" | "header" | "legend" | "li" | "main" | "menu"
        | "nav" | "option" | "section" | "summary" | "table" | "tbody" | "tfoot" | "thead" | "tr"
        | "caption" => Flow::Line,
        _ => Flow::Inline,
    }
}
