//! The parts of a mail, as the splitter leaves them and containers add to them.

use crate::{decode::params::Content, defect::Defects, files, structure::Field};

/// Of a text shown as the body; the whole is then a file too.
pub(crate) const MAX_TEXT: usize = 2 * 1024 * 1024;
/// Of a page, which may hold pictures beside its text.
pub(crate) const MAX_PAGE: usize = 6 * 1024 * 1024;
/// Kept of a leaf that may tell something of the mail's kind, such as a returned mail.
pub(crate) const MAX_HEAD: usize = 64 * 1024;
/// Bytes of all containers of a mail that are opened; they are kept in memory for that.
pub(crate) const MAX_CONTAINERS: usize = 16 * 1024 * 1024;

/// What is left of a mail when large leaves were streamed out: at most a little more than [`crate::splitter::Limits::total`],
/// and 16 MiB of files that are opened to look into, such as `winmail.dat`.
/// There is no text form of it, so nothing in a mail can pretend to be an extracted leaf.
#[derive(Debug)]
pub struct Reduced {
    pub(crate) parts: Vec<Part>,
    pub(crate) defects: Defects,
}

/// A part with its body, if it is a leaf.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) parent: Option<usize>,
    pub(crate) fields: Vec<Field>,
    pub(crate) content: Content,
    pub(crate) multipart: bool,
    /// What the leaf may hold, to be opened.
    pub(crate) container: Option<Container>,
    /// What is shown instead of the leaf, which holds more than text.
    pub(crate) text: Option<Vec<u8>>,
    pub(crate) leaf: Leaf,
}

impl Part {
    /// A part that was found in a container.
    pub(crate) fn found(content: Content, bytes: Vec<u8>, parent: Option<usize>) -> Self {
        let leaf = Leaf { size: bytes.len() as u64, bytes, extracted: None };
        Self { parent, fields: Vec::new(), content, multipart: false, container: None, text: None, leaf }
    }
}

/// The transfer-decoded body of a leaf.
#[derive(Debug, Default)]
pub(crate) struct Leaf {
    pub(crate) size: u64,
    /// All of it, or its start if it was streamed out.
    pub(crate) bytes: Vec<u8>,
    /// Number and SHA-256, if it was streamed out.
    pub(crate) extracted: Option<(u32, String)>,
}

impl Leaf {
    /// SHA-256 of the whole, hex.
    pub(crate) fn sha256(&self) -> String {
        match &self.extracted {
            Some((_, sha256)) => sha256.clone(),
            None => files::sha256(&self.bytes),
        }
    }

    /// Its start, as far as it is read for the kind of the mail.
    pub(crate) fn head(&self) -> &[u8] {
        &self.bytes[..self.bytes.len().min(MAX_HEAD)]
    }
}

/// What a leaf may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    Tnef,
    Cms,
}

impl Container {
    /// By media type, or by the name where the type says nothing.
    pub(crate) fn of(content: &Content, name: Option<&str>) -> Option<Self> {
        let name = name.unwrap_or_default().to_ascii_lowercase();
        match content.media() {
            "application/ms-tnef" | "application/vnd.ms-tnef" => Some(Self::Tnef),
            "application/pkcs7-mime" | "application/x-pkcs7-mime" => Some(Self::Cms),
            "application/octet-stream" | "text/plain" if name == "winmail.dat" => Some(Self::Tnef),
            "application/octet-stream" if name == "smime.p7m" => Some(Self::Cms),
            _ => None,
        }
    }
}
