//! HTML for display: an allow-list, nothing remote, pictures only from the mail itself.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use ammonia::{Builder, UrlRelative};

use super::{decoded_cid, guard};

/// Longer HTML is shown as text.
const MAX_HTML: usize = 4 * 1024 * 1024;
/// Pictures of one mail that are looked up.
const MAX_PICTURES: usize = 1000;
/// Pictures within the HTML that browsers draw without running anything.
const DATA_PICTURES: [&str; 4] = ["data:image/png", "data:image/jpeg", "data:image/gif", "data:image/webp"];

/// Of style attributes: nothing that loads, covers or moves.
/// `display` is here so that hidden text stays hidden.
const STYLES: [&str; 31] = [
    "background-color",
    "border",
    "border-bottom",
    "border-collapse",
    "border-color",
    "border-left",
    "border-right",
    "border-spacing",
    "border-style",
    "border-top",
    "border-width",
    "color",
    "direction",
    "display",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-weight",
    "line-height",
    "list-style-type",
    "max-width",
    "padding",
    "padding-left",
    "text-align",
    "text-decoration",
    "text-indent",
    "vertical-align",
    "white-space",
    "width",
    "word-break",
];

/// Cleans HTML for display: no script, no form, no style that escapes, no remote content.
///
/// `cid` gives the URL of the picture with a Content-ID (without brackets) or none. Remote pictures keep their
/// address as `data-src` only. Links open elsewhere and tell nobody where they come from.
/// HTML built to exhaust a parser is shown as its text.
pub fn sanitise(html: &str, cid: &dyn Fn(&str) -> Option<String>) -> String {
    if html.len() > MAX_HTML || guard::cost(html).breaks_tree() {
        return format!("<pre>{}</pre>", ammonia::clean_text(&super::to_text(html)));
    }
    let links = links(html, cid);
    let mut builder = Builder::default();
    builder
        .add_tags(["font", "center", "u", "tt", "big"])
        .rm_tags(["map", "area"])
        .add_clean_content_tags(["title", "textarea", "select", "xmp", "noembed", "noframes", "template"])
        .add_generic_attributes(["style", "dir", "align", "valign"])
        .add_tag_attributes("font", ["color", "face", "size"])
        .add_tag_attributes("table", ["border", "cellpadding", "cellspacing", "width", "bgcolor"])
        .add_tag_attributes("td", ["width", "bgcolor", "nowrap"])
        .add_tag_attributes("img", ["data-src"])
        .filter_style_properties(HashSet::from(STYLES))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel", "cid", "data"]))
        .url_relative(UrlRelative::PassThrough)
        .link_rel(Some("noopener noreferrer nofollow"))
        .set_tag_attribute_value("a", "target", "_blank")
        .attribute_filter(move |element, attribute, value| filter(element, attribute, value, &links));
    let clean = builder.clean(html).to_string();
    // A source that was taken away leaves its address for people who want to see the picture.
    clean.replace(" src=\"remote:", " data-src=\"")
}

/// Ammonia's filter must be `'static` and thread-safe: the callback is asked before, for what the HTML names.
fn links(html: &str, cid: &dyn Fn(&str) -> Option<String>) -> HashMap<String, String> {
    let ids = super::cids(html).map(decoded_cid).take(MAX_PICTURES);
    ids.filter_map(|id| cid(&id).map(|url| (id, url))).collect()
}

fn filter<'v>(
    element: &str,
    attribute: &str,
    value: &'v str,
    links: &HashMap<String, String>,
) -> Option<Cow<'v, str>> {
    match (element, attribute) {
        ("img", "src") => source(value.trim(), links),
        ("img", "data-src") => None,
        (_, "href") => link(value),
        (_, "cite" | "longdesc" | "background" | "src") => None,
        (_, "style") => (!value.to_ascii_lowercase().contains("url")).then_some(Cow::Borrowed(value)),
        _ => Some(Cow::Borrowed(value)),
    }
}

fn source<'v>(value: &str, links: &HashMap<String, String>) -> Option<Cow<'v, str>> {
    let lower = value.to_ascii_lowercase();
    if lower.starts_with("cid:") {
        return links.get(&decoded_cid(&value[4..])).map(|url| Cow::Owned(url.clone()));
    }
    if DATA_PICTURES.iter().any(|start| lower.starts_with(start)) {
        return Some(Cow::Owned(value.to_owned()));
    }
    let remote = lower.starts_with("http://") || lower.starts_with("https://");
    remote.then(|| Cow::Owned(format!("remote:{value}")))
}

fn link(value: &str) -> Option<Cow<'_, str>> {
    let lower = value.trim().to_ascii_lowercase();
    let allowed = ["http://", "https://", "mailto:", "tel:", "#"];
    allowed.iter().any(|start| lower.starts_with(start)).then_some(Cow::Borrowed(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(html: &str) -> String {
        sanitise(html, &|id| (id == "logo@x").then(|| "/files/1".to_owned()))
    }

    #[test]
    fn nothing_runs_and_nothing_is_fetched() {
        let bad = "<script>x</script><img src=x onerror=y><a href='javascript:z'>k</a><iframe src='//e'></iframe>\
                   <form action='//e'><input></form><style>@import '//e'</style><svg onload=x></svg>\
                   <p style=\"background:url(//e); position:fixed; color:red\">t</p><link rel=stylesheet href=//e>\
                   <img src='data:image/svg+xml,x'><body background='http://e/b'><base href='//e'>";
        let clean = clean(bad);
        for word in [
            "script",
            "onerror",
            "iframe",
            "form",
            "import",
            "svg",
            "url(",
            "fixed",
            "link",
            "background=",
            "base",
            "//e",
        ] {
            assert!(!clean.contains(word), "{word} in {clean}");
        }
    }

    #[test]
    fn pictures_come_from_the_mail_only() {
        assert!(clean("<img src=\"cid:logo@x\">").contains("src=\"/files/1\""));
        assert!(clean("<img src=\"cid:logo%40x\">").contains("src=\"/files/1\""));
        assert!(!clean("<img src=\"cid:other\">").contains("src"));
        let remote = clean("<img src=\"https://e.org/p.gif\">");
        assert!(remote.contains("data-src=\"https://e.org/p.gif\"") && !remote.contains(" src="), "{remote}");
        assert!(
            clean("<img src=\"data:image/png;base64,AA\">").contains(" src=\"data:image/png;base64,AA\"")
        );
    }

    #[test]
    fn links_tell_nobody() {
        let link = clean("<a href=\"https://e.org\">x</a>");
        assert!(
            link.contains("rel=\"noopener noreferrer nofollow\"") && link.contains("target=\"_blank\""),
            "{link}"
        );
    }

    #[test]
    fn what_is_hidden_stays_hidden() {
        assert_eq!(
            clean("<title>t</title><div style=\"display:none\">x</div>"),
            "<div style=\"display:none\">x</div>"
        );
    }

    #[test]
    fn attacks_become_text() {
        assert!(clean(&format!("{}<b>x</b>", "<div>".repeat(100_000))).starts_with("<pre>"));
    }
}
