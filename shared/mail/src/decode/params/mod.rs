//! Content-Type and Content-Disposition with their parameters (RFC 2045, RFC 2231), and what else describes a part.

mod values;

use crate::{
    decode::{charset::Hint, ids, words},
    defect::Defects,
    structure::Field,
};

use values::{Param, joined, split};

/// What the header of a part says of its body.
#[derive(Debug, Clone, Default)]
pub(crate) struct Content {
    media: String,
    params: Vec<Param>,
    disposition: String,
    disposition_params: Vec<Param>,
    encoding: String,
    id: Option<String>,
    /// Of what was found in a container, where names are not encoded as in a header.
    name: Option<String>,
}

impl Content {
    /// Of a part without a header.
    pub(crate) fn text() -> Self {
        Self { media: "text/plain".to_owned(), ..Self::default() }
    }

    /// Of a file that was found within another.
    pub(crate) fn file(media: &str, name: Option<&str>) -> Self {
        let (media, disposition) = (media.to_owned(), "attachment".to_owned());
        Self { media, disposition, name: name.map(str::to_owned), ..Self::default() }
    }

    /// With a Content-ID, as a file that its page names.
    pub(crate) fn with_id(self, id: Option<String>) -> Self {
        let id = id.and_then(|id| ids::id(id.as_bytes()));
        Self { id, ..self }
    }

    /// Of text that was found within a container, in UTF-8.
    pub(crate) fn utf8(media: &str) -> Self {
        Self { media: media.to_owned(), params: vec![Param::plain("charset", "utf-8")], ..Self::default() }
    }

    /// By the fields; `digest`: the default type is message/rfc822.
    pub(crate) fn of(fields: &[Field], digest: bool) -> Self {
        let all = |name: &'static str| {
            fields
                .iter()
                .filter(move |field| field.name == name)
                .map(|field| plain(words::unfold(&field.raw)))
        };
        let (media, params) = best_type(all("content-type").map(|raw| split(&raw)).collect());
        let (mut disposition, disposition_params) =
            all("content-disposition").map(|raw| split(&raw)).next().unwrap_or_default();
        // `Content-Disposition: filename=a.txt` forgets the word.
        if disposition.is_empty() && !disposition_params.is_empty() {
            disposition = "attachment".to_owned();
        }
        let mut encodings = all("content-transfer-encoding").map(|raw| first_token(&raw));
        let encoding = encodings.find(|encoding| !encoding.is_empty()).unwrap_or_default();
        let id = all("content-id").next().and_then(|raw| ids::id(&raw));
        let has_boundary = joined(&params, "boundary").is_some();
        let media = media_type(&media, digest, has_boundary);
        Self { media, params, disposition, disposition_params, encoding, id, name: None }
    }

    /// `type/subtype` in lower case.
    pub(crate) fn media(&self) -> &str {
        &self.media
    }

    pub(crate) fn subtype(&self) -> &str {
        self.media.split_once('/').map_or("", |(_, subtype)| subtype)
    }

    pub(crate) fn is_multipart(&self) -> bool {
        self.media.starts_with("multipart/")
    }

    /// Text that may be shown as the body.
    pub(crate) fn is_shown_text(&self) -> bool {
        self.is_text() && self.disposition != "attachment"
    }

    /// Text that is shown where a mail has no other, whatever its disposition says.
    pub(crate) fn is_text(&self) -> bool {
        matches!(self.media.as_str(), "text/plain" | "text/html")
    }

    /// A calendar (RFC 5545) by its type, or by its name where the type says nothing.
    pub(crate) fn is_calendar(&self) -> bool {
        match self.media.as_str() {
            "text/calendar" | "text/x-vcalendar" | "application/ics" | "application/calendar" => true,
            "application/octet-stream" => {
                let name = self.filename(&mut Defects::default());
                name.is_some_and(|name| name.to_ascii_lowercase().ends_with(".ics"))
            }
            _ => false,
        }
    }

    /// What was said to be text is a file of this type.
    pub(crate) fn become_file(&mut self, media: &str) {
        media.clone_into(&mut self.media);
    }

    /// `attachment`, `inline`, another word, or empty.
    pub(crate) fn disposition(&self) -> &str {
        &self.disposition
    }

    /// The value of Content-Transfer-Encoding, letters and digits only, in lower case.
    pub(crate) fn encoding(&self) -> &str {
        &self.encoding
    }

    /// Content-ID without angle brackets.
    pub(crate) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The boundary as bytes; empty without one.
    pub(crate) fn boundary(&self) -> Vec<u8> {
        joined(&self.params, "boundary").map(|value| value.bytes.trim_ascii().to_vec()).unwrap_or_default()
    }

    /// A parameter of Content-Type, decoded.
    pub(crate) fn param(&self, name: &str) -> Option<String> {
        joined(&self.params, name).map(|value| value.text(&Hint::default(), &mut Defects::default()))
    }

    /// The name as the sender wrote it, decoded but not cleaned.
    pub(crate) fn filename(&self, defects: &mut Defects) -> Option<String> {
        self.filename_with(&Hint::default(), defects)
    }

    /// [`Content::filename`], with what the rest of the mail says of charsets.
    pub(crate) fn filename_with(&self, hint: &Hint, defects: &mut Defects) -> Option<String> {
        if self.name.is_some() {
            return self.name.clone();
        }
        let named = joined(&self.disposition_params, "filename")
            .or_else(|| joined(&self.params, "name"))
            .or_else(|| joined(&self.disposition_params, "name"))
            .or_else(|| joined(&self.params, "filename"));
        named.map(|value| value.text(hint, defects)).filter(|name| !name.trim().is_empty())
    }

    /// Whether it has a name.
    pub(crate) fn is_named(&self) -> bool {
        self.filename(&mut Defects::default()).is_some()
    }
}

/// The value without the encoded words that some programs put there, where RFC 2047 allows none.
fn plain(raw: Vec<u8>) -> Vec<u8> {
    if raw.trim_ascii_start().starts_with(b"=?") { words::plain(&raw).into_bytes() } else { raw }
}

/// Of several Content-Type fields the first that says how the parts are parted, else the first that says anything.
fn best_type(mut types: Vec<(String, Vec<Param>)>) -> (String, Vec<Param>) {
    let parted = |(media, params): &(String, Vec<Param>)| {
        media.starts_with("multipart/") && joined(params, "boundary").is_some()
    };
    let best =
        types.iter().position(parted).or_else(|| types.iter().position(|(media, _)| media.contains('/')));
    if types.is_empty() { Default::default() } else { types.swap_remove(best.unwrap_or(0)) }
}

fn media_type(written: &str, digest: bool, has_boundary: bool) -> String {
    let written = written.strip_prefix("content-type:").map_or(written, str::trim);
    // What stands behind the type, and is no parameter, is a comment.
    let written = written.split([' ', '\t', ',']).find(|word| !word.is_empty()).unwrap_or_default();
    let good = |word: &&str| {
        !word.is_empty()
            && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-*{}|~'%".contains(&b))
    };
    let (main, sub) = written.split_once('/').unwrap_or((written, ""));
    // A second slash is damage.
    let sub = sub.split('/').next().unwrap_or_default();
    let main = Some(main).filter(good).unwrap_or_default();
    let sub = Some(sub).filter(good).unwrap_or_default();
    match (main, sub) {
        ("", "") if has_boundary => "multipart/mixed".to_owned(),
        ("multipart", "") => "multipart/mixed".to_owned(),
        // As old programs wrote it.
        ("text" | "plain", "") => "text/plain".to_owned(),
        ("html" | "htm", "") => "text/html".to_owned(),
        ("application" | "image" | "audio" | "video", "") => "application/octet-stream".to_owned(),
        (_, "") | ("", _) if digest => "message/rfc822".to_owned(),
        (_, "") | ("", _) => "text/plain".to_owned(),
        (main, sub) => format!("{main}/{sub}"),
    }
}

/// As many programs misspell it, so signs do not count.
fn first_token(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw).to_ascii_lowercase();
    let token = text.split([';', '(', ',']).next().unwrap_or_default();
    token.chars().filter(char::is_ascii_alphanumeric).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(kind: &str, disposition: &str) -> Content {
        let field = |name: &str, raw: &str| Field { name: name.to_owned(), raw: raw.as_bytes().to_vec() };
        Content::of(&[field("content-type", kind), field("content-disposition", disposition)], false)
    }

    fn name(disposition: &str) -> Option<String> {
        content("", disposition).filename(&mut Defects::default())
    }

    #[test]
    fn types_are_read_generously() {
        let c = content(" Multipart/Mixed ;\r\n boundary=\"a b;c\" (comment); x=y", "");
        assert_eq!((c.media(), c.boundary()), ("multipart/mixed", b"a b;c".to_vec()));
        assert_eq!(content("text", "").media(), "text/plain");
        assert_eq!(content("nonsense", "").media(), "text/plain");
        for (raw, media) in [
            ("html", "text/html"),
            ("text/", "text/plain"),
            ("text/html;", "text/html"),
            ("\"text/html\"; charset=x", "text/html"),
            ("Content-Type: text/html; charset=x", "text/html"),
            ("text/plain, charset=x", "text/plain"),
            ("text/html charset=x", "text/html"),
            ("multipart; boundary=x", "multipart/mixed"),
            ("; boundary=x", "multipart/mixed"),
            ("application/pdf name=\"a.pdf\"", "application/pdf"),
            ("APPLICATION/X-Foo (comment)", "application/x-foo"),
        ] {
            assert_eq!(content(raw, "").media(), media, "{raw}");
        }
        for raw in [
            "text/plain charset=utf-8",
            "text/plain; charset=utf-8 name=a.txt",
            "text/plain; charset=\"utf-8\" format=flowed",
        ] {
            assert_eq!(content(raw, "").param("charset").unwrap(), "utf-8", "{raw}");
        }
        assert_eq!(content("text/plain; charset=utf-8 format=flowed", "").param("format").unwrap(), "flowed");
        assert_eq!(content("text/plain; charset = utf-8 ", "").param("charset").unwrap(), "utf-8");
    }

    #[test]
    fn encoded_words_in_place_of_plain_ones() {
        for (raw, disposition) in [
            ("=?utf-8?B?aW5saW5l?=", "inline"),
            (" =?utf-8?Q?attachment?=; filename=\"=?utf-8?q?caf=C3=A9?=.txt\"", "attachment"),
            ("=?us-ascii?Q?inline;_filename=3Da.txt?=", "inline"),
            ("=?utf-8?q?inline?=\r\n ; filename=a.txt", "inline"),
        ] {
            assert_eq!(content("", raw).disposition(), disposition, "{raw}");
        }
        let c = content(
            "=?utf-8?Q?text/html?=; charset=koi8-r",
            "=?utf-8?Q?attachment?=; filename=\"=?utf-8?q?caf=C3=A9?=.txt\"",
        );
        assert_eq!((c.media(), c.param("charset").unwrap().as_str()), ("text/html", "koi8-r"));
        assert_eq!(c.filename(&mut Defects::default()).unwrap(), "café.txt");
        assert_eq!(content("=?utf-8?B?bXVsdGlwYXJ0L21peGVkOyBib3VuZGFyeT14?=", "").boundary(), b"x");
        // Words further back are none of the type.
        assert_eq!(content("text/html; name=\"=?utf-8?q?a?=\"", "").media(), "text/html");
    }

    #[test]
    fn file_names_in_all_their_forms() {
        assert_eq!(name("attachment; filename=plain.txt").unwrap(), "plain.txt");
        assert_eq!(name("attachment; filename=two words.txt").unwrap(), "two words.txt");
        assert_eq!(name(r#"attachment; filename="a\"b\\c.txt""#).unwrap(), r#"a"b\c.txt"#);
        assert_eq!(name("attachment; filename*=utf-8''%e2%82%ac.txt; filename=euro.txt").unwrap(), "€.txt");
        assert_eq!(
            name("attachment; filename*1*=%c3%9f; filename*0*=ISO-8859-1'de'gru; filename*2=e.txt").unwrap(),
            "gruße.txt"
        );
        assert_eq!(name("attachment; filename*0=\"a\"; filename*1=\"b.txt\"").unwrap(), "ab.txt");
        assert_eq!(name("attachment; filename=\"=?utf-8?q?caf=C3=A9?=.txt\"").unwrap(), "café.txt");
        assert_eq!(name("attachment; filename=\"grüße.txt\"").unwrap(), "grüße.txt");
        assert_eq!(name("inline"), None);
        assert_eq!(name("attachment; filename=\"a \"b\" c.txt\"; size=3").unwrap(), "a \"b\" c.txt");
        assert_eq!(name("attachment; filename=\"open.txt; size=3").unwrap(), "open.txt");
        assert_eq!(name("attachment; filename=\"a;b.txt\"").unwrap(), "a;b.txt");
        assert_eq!(name("attachment; filename=\"a.txt\" size=3").unwrap(), "a.txt");
        assert_eq!(name("attachment filename=a.txt").unwrap(), "a.txt");
        assert_eq!(name("filename=a.txt").unwrap(), "a.txt");
        assert_eq!(name("attachment; filename=Report (1).pdf").unwrap(), "Report (1).pdf");
        assert_eq!(name("attachment; filename=\"utf-8''%e2%82%ac.txt\"").unwrap(), "€.txt");
        assert_eq!(
            name("attachment; filename*0=\"utf-8''%e2\"; filename*1*=%82%a; filename*2*=c.txt").unwrap(),
            "€.txt"
        );
        assert_eq!(
            name("attachment; filename*0*=utf-8''%e2%8; filename*1*=2%ac; filename*2=\" a%20.txt\"").unwrap(),
            "€ a%20.txt"
        );
        assert_eq!(name("attachment; filename*0*=utf-8''a; filename*2*=c.txt").unwrap(), "ac.txt");
        assert_eq!(name("attachment; filename*=%e2%82%ac.txt").unwrap(), "€.txt");
        assert_eq!(
            name("attachment; filename*0=\"=?utf-8?q?caf=\"; filename*1=\"C3=A9?=.txt\"").unwrap(),
            "café.txt"
        );
        assert_eq!(name("attachment; FileName = \"a.txt\"").unwrap(), "a.txt");
    }
}
