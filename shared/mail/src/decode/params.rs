//! Content-Type and Content-Disposition with their parameters (RFC 2045, RFC 2231), and what else describes a part.

use crate::{defect::Defects, structure::Field};

use super::{charset, ids, transfer, words};

/// More parameters than this are an attack.
const MAX_PARAMS: usize = 100;

/// What the header of a part says of its body.
#[derive(Debug, Clone, Default)]
pub(crate) struct Content {
    media: String,
    params: Vec<Param>,
    disposition: String,
    disposition_params: Vec<Param>,
    encoding: String,
    id: Option<String>,
}

impl Content {
    /// Of a part without a header.
    pub(crate) fn text() -> Self {
        Self { media: "text/plain".to_owned(), ..Self::default() }
    }

    /// By the fields; `digest`: the default type is message/rfc822.
    pub(crate) fn of(fields: &[Field], digest: bool) -> Self {
        let raw = |name: &str| {
            fields.iter().find(|field| field.name == name).map(|field| words::unfold(&field.raw))
        };
        let (media, params) = raw("content-type").map(|raw| split(&raw)).unwrap_or_default();
        let (disposition, disposition_params) =
            raw("content-disposition").map(|raw| split(&raw)).unwrap_or_default();
        let encoding = raw("content-transfer-encoding").map(|raw| first_token(&raw)).unwrap_or_default();
        let id = raw("content-id").and_then(|raw| ids::ids(&raw).into_iter().next());
        Self { media: media_type(&media, digest), params, disposition, disposition_params, encoding, id }
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
        matches!(self.media.as_str(), "text/plain" | "text/html") && self.disposition != "attachment"
    }

    /// `attachment`, `inline`, another word, or empty.
    pub(crate) fn disposition(&self) -> &str {
        &self.disposition
    }

    /// The value of Content-Transfer-Encoding in lower case.
    pub(crate) fn encoding(&self) -> &str {
        &self.encoding
    }

    /// Content-ID without angle brackets.
    pub(crate) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The boundary as bytes; empty without one.
    pub(crate) fn boundary(&self) -> Vec<u8> {
        joined(&self.params, "boundary")
            .map(|value| value.bytes.trim_ascii_end().to_vec())
            .unwrap_or_default()
    }

    /// A parameter of Content-Type, decoded.
    pub(crate) fn param(&self, name: &str) -> Option<String> {
        joined(&self.params, name).map(|value| value.text(&mut Defects::default()))
    }

    /// The name as the sender wrote it, decoded but not cleaned.
    pub(crate) fn filename(&self, defects: &mut Defects) -> Option<String> {
        let named = joined(&self.disposition_params, "filename").or_else(|| joined(&self.params, "name"));
        named.map(|value| value.text(defects)).filter(|name| !name.trim().is_empty())
    }
}

fn media_type(written: &str, digest: bool) -> String {
    let default = if digest { "message/rfc822" } else { "text/plain" };
    let (main, sub) = match written.split_once('/') {
        Some((main, sub)) => (main.trim(), sub.trim()),
        // As old programs wrote it.
        None if written == "text" => ("text", "plain"),
        None if written == "html" => ("text", "html"),
        None => ("", ""),
    };
    let good = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_graphic());
    if good(main) && good(sub) { format!("{main}/{sub}") } else { default.to_owned() }
}

fn first_token(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw).to_ascii_lowercase();
    let token = text.split([';', '(']).next().unwrap_or_default();
    token.trim().trim_matches('"').to_owned()
}

/// One parameter, or one piece of one, as written.
#[derive(Debug, Clone)]
struct Param {
    name: String,
    /// From `name*0`.
    piece: Option<u32>,
    /// From a `*` at the end of the name: charset and percent escapes.
    extended: bool,
    bytes: Vec<u8>,
}

/// A parameter, put together.
struct Value {
    bytes: Vec<u8>,
    charset: Option<String>,
    extended: bool,
}

impl Value {
    fn text(&self, defects: &mut Defects) -> String {
        if self.extended {
            return charset::decode(&self.bytes, self.charset.as_deref(), defects);
        }
        // Encoded words in parameters are forbidden and everywhere.
        words::decode(&self.bytes, defects)
    }
}

/// The value of `name`: the extended form first, then the pieces, then the plain form.
fn joined(params: &[Param], name: &str) -> Option<Value> {
    let of = |wanted: &dyn Fn(&Param) -> bool| params.iter().find(|p| p.name == name && wanted(p));
    if let Some(param) = of(&|p| p.extended && p.piece.is_none()) {
        let (charset, bytes) = charset_of(&param.bytes);
        return Some(Value { bytes: percent(bytes), charset, extended: true });
    }
    let mut pieces: Vec<&Param> = params.iter().filter(|p| p.name == name && p.piece.is_some()).collect();
    if !pieces.is_empty() {
        pieces.sort_by_key(|p| p.piece);
        return Some(together(&pieces));
    }
    of(&|p| p.piece.is_none()).map(|p| Value { bytes: p.bytes.clone(), charset: None, extended: false })
}

fn together(pieces: &[&Param]) -> Value {
    let mut value = Value { bytes: Vec::new(), charset: None, extended: pieces.iter().any(|p| p.extended) };
    for (n, piece) in pieces.iter().enumerate() {
        let mut bytes = piece.bytes.as_slice();
        if n == 0 && piece.extended {
            (value.charset, bytes) = charset_of(bytes);
        }
        if piece.extended {
            value.bytes.extend(percent(bytes));
        } else {
            value.bytes.extend_from_slice(bytes);
        }
    }
    value
}

/// `charset'language'rest`; without quotes all is the rest.
fn charset_of(bytes: &[u8]) -> (Option<String>, &[u8]) {
    let mut quotes = bytes.iter().enumerate().filter(|(_, b)| **b == b'\'').map(|(at, _)| at);
    match (quotes.next(), quotes.next()) {
        (Some(first), Some(second)) => {
            (Some(String::from_utf8_lossy(&bytes[..first]).into_owned()), &bytes[second + 1..])
        }
        _ => (None, bytes),
    }
}

fn percent(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((byte, after)) = rest.split_first() {
        rest = match (byte, after) {
            (b'%', [a, b, after @ ..]) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
                out.push(transfer::hex_digit(*a) << 4 | transfer::hex_digit(*b));
                after
            }
            _ => {
                out.push(*byte);
                after
            }
        };
    }
    out
}

/// The word before the first semicolon in lower case, and the parameters.
fn split(raw: &[u8]) -> (String, Vec<Param>) {
    let mut cursor = Cursor { rest: raw };
    let word = String::from_utf8_lossy(&cursor.until(b";")).trim().trim_matches('"').to_ascii_lowercase();
    let mut params = Vec::new();
    while cursor.skip(b";") && params.len() < MAX_PARAMS {
        let name = cursor.until(b"=;");
        if !cursor.skip(b"=") {
            continue;
        }
        let bytes = cursor.value();
        params.push(param(&String::from_utf8_lossy(&name).trim().to_ascii_lowercase(), bytes));
    }
    (word, params)
}

fn param(name: &str, bytes: Vec<u8>) -> Param {
    let (name, extended) = match name.strip_suffix('*') {
        Some(name) => (name, true),
        None => (name, false),
    };
    let (name, piece) = match name.split_once('*') {
        Some((name, piece)) => (name, piece.parse().ok()),
        None => (name, None),
    };
    Param { name: name.to_owned(), piece, extended, bytes }
}

struct Cursor<'a> {
    rest: &'a [u8],
}

impl Cursor<'_> {
    fn skip(&mut self, byte: &[u8; 1]) -> bool {
        match self.rest.strip_prefix(byte) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Up to one of `ends`, comments left out.
    fn until(&mut self, ends: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut depth = 0u32;
        while let Some((byte, rest)) = self.rest.split_first() {
            match byte {
                b'(' => depth += 1,
                b')' if depth > 0 => depth -= 1,
                _ if depth > 0 => {}
                _ if ends.contains(byte) => return out,
                _ => out.push(*byte),
            }
            self.rest = rest;
        }
        out
    }

    /// A quoted string or what stands up to the next semicolon.
    fn value(&mut self) -> Vec<u8> {
        let trimmed = self.rest.trim_ascii_start();
        let Some(mut rest) = trimmed.strip_prefix(b"\"") else {
            let end = self.rest.iter().position(|b| *b == b';').unwrap_or(self.rest.len());
            let value = self.rest[..end].trim_ascii().to_vec();
            self.rest = &self.rest[end..];
            return value;
        };
        let mut out = Vec::new();
        loop {
            rest = match rest {
                // Only what needs it is escaped: programs put Windows paths in here as they are.
                [b'\\', escaped @ (b'"' | b'\\'), after @ ..] => {
                    out.push(*escaped);
                    after
                }
                [b'"', ..] | [] => break,
                [byte, after @ ..] => {
                    out.push(*byte);
                    after
                }
            };
        }
        self.rest = rest;
        self.until(b";");
        out
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
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
        assert_eq!(content("text/plain; charset = utf-8 ", "").param("charset").unwrap(), "utf-8");
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
    }
}
