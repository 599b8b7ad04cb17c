//! Pictures that stand in the page itself, as `data:` URLs (RFC 2397), which some programs write for what was pasted.

use std::borrow::Cow;

use crate::{
    decode::transfer::{self, Decoder},
    defect::{Defect, Defects},
    files,
};

use super::token::{Tag, Token, decoded, tokens};

/// Further pictures stay where they are.
const MAX_PICTURES: usize = 100;
/// Digits of the digest that make a Content-ID.
const ID_DIGITS: usize = 32;

/// A picture that was taken out of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DataPicture {
    /// The Content-ID by which the page names it now.
    pub(crate) id: String,
    pub(crate) name: String,
    /// `image/…`, in lower case.
    pub(crate) media: String,
    pub(crate) bytes: Vec<u8>,
}

/// The page with `cid:` addresses in place of its data, and the pictures, each once.
pub(crate) fn without_data_pictures(html: Cow<'_, str>) -> (Cow<'_, str>, Vec<DataPicture>) {
    let mut pictures: Vec<DataPicture> = Vec::new();
    let mut out = String::new();
    let mut written = 0;
    for token in tokens(&html) {
        if pictures.len() >= MAX_PICTURES {
            break;
        }
        let Token::Start(tag) = token else { continue };
        let Some((url, picture)) = source(&tag) else { continue };
        // The value is a piece of the page.
        let at = url.as_ptr() as usize - html.as_ptr() as usize;
        out.push_str(&html[written..at]);
        out.push_str("cid:");
        out.push_str(&picture.id);
        written = at + url.len();
        if !pictures.iter().any(|known| known.id == picture.id) {
            let number = pictures.len() + 1;
            pictures.push(picture.named(&tag, number));
        }
    }
    if pictures.is_empty() {
        return (html, pictures);
    }
    out.push_str(&html[written..]);
    (Cow::Owned(out), pictures)
}

/// The address of a picture as it stands in the page, and what is in it. Pictures that nobody sees are none.
fn source<'a>(tag: &Tag<'a>) -> Option<(&'a str, DataPicture)> {
    if !matches!(tag.name.as_str(), "img" | "input" | "v:imagedata") || super::sanitise::is_dot(tag) {
        return None;
    }
    let (_, url) = tag.attributes().find(|(name, _)| name.eq_ignore_ascii_case("src"))?;
    let scheme = url.trim_start().get(..5)?;
    let url = scheme.eq_ignore_ascii_case("data:").then(|| url.trim())?;
    let (head, data) = url[5..].split_once(',')?;
    let head = decoded(head, true);
    let mut words = head.split(';').map(str::trim);
    let media = words.next().map(str::to_ascii_lowercase).filter(|media| is_picture(media))?;
    let mut name = String::new();
    let mut is_base64 = false;
    for word in words {
        is_base64 |= word.eq_ignore_ascii_case("base64");
        if let Some((_, value)) =
            word.split_once('=').filter(|(key, _)| key.to_ascii_lowercase().ends_with("name"))
        {
            name = String::from_utf8_lossy(&transfer::percent(value.as_bytes())).into_owned();
        }
    }
    // A drawing is text, and many escape it instead.
    let bytes =
        if is_base64 { bytes(data) } else { (media == "image/svg+xml").then(|| text(data)).flatten() }?;
    let id = format!("{}@data", &files::sha256(&bytes)[..ID_DIGITS]);
    Some((url, DataPicture { id, name, media, bytes }))
}

fn is_picture(media: &str) -> bool {
    let subtype = media.strip_prefix("image/").unwrap_or_default();
    !subtype.is_empty() && subtype.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

/// Base64 in which signs may be escaped; none if it is something else, or cut off.
fn bytes(data: &str) -> Option<Vec<u8>> {
    let data = decoded(data, true);
    let mut defects = Defects::default();
    let bytes = transfer::decode(Decoder::base64(), &transfer::percent(data.as_bytes()), &mut defects);
    let is_good = !defects.into_vec().contains(&Defect::InvalidBase64);
    (is_good && !bytes.is_empty()).then_some(bytes)
}

/// What is escaped in place of Base64.
fn text(data: &str) -> Option<Vec<u8>> {
    let bytes = transfer::percent(decoded(data, true).as_bytes());
    (!bytes.is_empty()).then_some(bytes)
}

impl DataPicture {
    /// With the name that the data has, or the text that stands for the picture if that is one, or a made-up one.
    fn named(self, tag: &Tag<'_>, number: usize) -> Self {
        let ending = match self.media.as_str() {
            "image/jpeg" | "image/pjpeg" => "jpg",
            "image/svg+xml" => "svg",
            "image/tiff" => "tif",
            "image/x-icon" | "image/vnd.microsoft.icon" => "ico",
            media => media.rsplit(['/', '-', '.']).next().unwrap_or_default(),
        };
        let alt = tag.attribute("alt").unwrap_or_default();
        let is_name = alt.len() > ending.len() && alt.to_ascii_lowercase().ends_with(&format!(".{ending}"));
        let written = [self.name.as_str(), if is_name { &alt } else { "" }];
        let cleaned = written.iter().find_map(|name| files::clean(name, &mut Defects::default()));
        let name = cleaned.unwrap_or_else(|| format!("image{number}.{ending}"));
        Self { name, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &str = "iVBORw0KGgo=";

    fn taken(html: &str) -> (String, Vec<(String, String, usize)>) {
        let (html, pictures) = without_data_pictures(Cow::Borrowed(html));
        let pictures = pictures.into_iter().map(|picture| (picture.name, picture.media, picture.bytes.len()));
        (html.into_owned(), pictures.collect())
    }

    #[test]
    fn pictures_are_taken_out() {
        let png = |name: &str| vec![(name.to_owned(), "image/png".to_owned(), 8)];
        for (html, pictures) in [
            (format!("<p>a<img src=\"data:image/png;base64,{PNG}\" alt=b>c"), png("image1.png")),
            (format!("<IMG alt='Screen.PNG' SRC='DATA:image/PNG;BASE64, {PNG}\n'>"), png("Screen.PNG")),
            (format!("<img width=5 src=data:image/png;base64,{PNG}>"), png("image1.png")),
            (format!("<img src=\"data:image/png;name=a%20b.png;base64,{PNG}\">"), png("a b.png")),
            (
                format!("<img src=\"data:image/png;charset=utf-8;base64,{}\">", PNG.replace('=', "%3D")),
                png("image1.png"),
            ),
            (
                format!("<img src=\"data:image&#47;png;base64,{}\">", PNG.replace('=', "&#61;")),
                png("image1.png"),
            ),
            (format!("<img src=\"data:image/png;base64,{}\">", PNG.trim_end_matches('=')), png("image1.png")),
            (
                format!("<img src='data:image/png;base64,{PNG}'><img src='data:image/png;base64,{PNG}'>"),
                png("image1.png"),
            ),
            (
                format!("<img src='data:image/jpeg;base64,{PNG}'>"),
                vec![("image1.jpg".to_owned(), "image/jpeg".to_owned(), 8)],
            ),
        ] {
            let (left, found) = taken(&html);
            assert_eq!(found, pictures, "{html}");
            assert!(
                !left.to_lowercase().contains("data:")
                    && left.contains("cid:4c4b6a3be1314ab86138bef4314dde02@data"),
                "{left}"
            );
        }
    }

    #[test]
    fn drawings_are_taken_out_as_text() {
        for url in ["data:image/svg+xml;utf8,%3Csvg/%3E", "data:image/svg+xml,<svg/>"] {
            let (left, found) = taken(&format!("<img src='{url}'>"));
            assert_eq!(found, [("image1.svg".to_owned(), "image/svg+xml".to_owned(), 6)], "{left}");
        }
    }

    #[test]
    fn what_stays() {
        for html in [
            format!("&lt;img src=\"data:image/png;base64,{PNG}\"&gt;"),
            format!("<a href=\"data:image/png;base64,{PNG}\">a</a>"),
            format!("<img width=1 height=1 src=\"data:image/png;base64,{PNG}\">"),
            "<img src=\"data:image/png,%3Csvg/%3E\">".to_owned(),
            "<img src=\"data:image/png;base64,***\">".to_owned(),
            "<img src=\"data:text/html;base64,AAAA\"><img src=\"data:\"><img src=\"cid:a\"><img>".to_owned(),
            "<p>data:image/png;base64,AAAA".to_owned(),
        ] {
            assert_eq!(taken(&html), (html.clone(), vec![]), "{html}");
        }
    }
}
