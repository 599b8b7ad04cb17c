//! The text of a mail in its forms.

use crate::{decode::params::Content, part::Part};

use super::{
    lzfu,
    props::{self, Props, Value},
    rtf,
};

#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) plain: Option<Value>,
    html: Option<Value>,
    /// Compressed.
    rtf: Option<Value>,
    /// Of the HTML.
    code_page: Option<u32>,
}

impl Body {
    pub(super) fn take(&mut self, props: Props<'_>) {
        for (id, value) in props {
            match (id, &value) {
                (props::BODY, _) => self.plain = Some(value),
                (props::BODY_HTML, _) => self.html = Some(value),
                (props::RTF_COMPRESSED, _) => self.rtf = Some(value),
                (props::INTERNET_CODE_PAGE, Value::Number(page)) => {
                    self.code_page = u32::try_from(*page).ok()
                }
                _ => {}
            }
        }
    }

    /// A multipart/alternative with what there is.
    pub(super) fn parts(self, code_page: &str) -> Vec<Part> {
        let part =
            |(media, text): (&str, String)| Part::found(Content::utf8(media), text.into_bytes(), Some(0));
        let texts: Vec<Part> = self.texts(code_page).into_iter().map(part).collect();
        if texts.is_empty() {
            return texts;
        }
        let mut parts = vec![Part {
            multipart: true,
            ..Part::found(Content::utf8("multipart/alternative"), Vec::new(), None)
        }];
        parts.extend(texts);
        parts
    }

    /// What there is, with its media type.
    pub(super) fn texts(self, code_page: &str) -> Vec<(&'static str, String)> {
        let Self { plain, html, rtf, code_page: html_page } = self;
        let html_page = html_page.map_or(code_page.to_owned(), |page| format!("cp{page}"));
        let rich = rtf.and_then(|rtf| lzfu::decompressed(&rtf.into_bytes())).map(|rtf| rtf::read(&rtf));
        let (from_rtf, html_from_rtf) = match rich {
            Some(rtf::Text::Html(html)) => (None, Some(html)),
            Some(rtf::Text::Plain(text)) => (Some(text), None),
            None => (None, None),
        };
        let html =
            html.map(|html| html.text(&html_page)).filter(|html| !html.trim().is_empty()).or(html_from_rtf);
        let plain =
            plain.map(|plain| plain.text(code_page)).filter(|text| !text.trim().is_empty()).or(from_rtf);
        let texts = [("text/plain", plain), ("text/html", html)];
        texts.into_iter().filter_map(|(media, text)| Some((media, text?))).collect()
    }
}
