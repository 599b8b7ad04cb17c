//! A mail of any size in pieces: large leaves stream out decoded and hashed, the rest stays small.
//!
//! The same code serves mails in memory ([`crate::parse`]), with limits that let nothing out.

use aws_lc_rs::digest::{Context, SHA256};

use crate::{
    decode::{
        params::Content,
        transfer::{self, Decoder},
    },
    defect::{Defect, Defects},
    files,
    part::{Container, Leaf, MAX_CONTAINERS, MAX_HEAD, MAX_PAGE, MAX_TEXT, Part},
    structure::{Head, Piece, Scanner},
};

pub use crate::part::Reduced;

/// What stays in memory, bytes.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Decoded leaves above this are streamed out.
    pub leaf: usize,
    /// Of all leaves together; when it is reached, the rest is streamed out whatever its size.
    pub total: usize,
}

impl Default for Limits {
    /// 1 MiB for one leaf, 8 MiB for all.
    fn default() -> Self {
        Self { leaf: 1024 * 1024, total: 8 * 1024 * 1024 }
    }
}

impl Limits {
    /// Nothing is streamed out: for mails that are in memory anyway.
    pub fn keep_all() -> Self {
        Self { leaf: usize::MAX, total: usize::MAX }
    }
}

/// What is streamed out. Events of one leaf follow each other; leaves do not mix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A leaf begins to be streamed out.
    LeafStart {
        /// Its number, rising, the same in [`crate::AttachmentContent::Extracted`].
        n: u32,
        /// `type/subtype` in lower case.
        content_type: String,
        /// Cleaned, if it has one.
        filename: Option<String>,
    },
    /// Its next bytes, transfer-decoded.
    LeafData {
        /// Its number.
        n: u32,
        /// Not empty; of the order of what was pushed, at most the leaf limit for the first.
        data: Vec<u8>,
    },
    /// It is complete.
    LeafEnd {
        /// Its number.
        n: u32,
        /// Bytes after decoding.
        size: u64,
        /// SHA-256, hex.
        sha256: String,
    },
}

/// Takes events.
pub type Sink<'a> = dyn FnMut(Event) + 'a;

/// Splits one mail.
pub struct Splitter {
    scanner: Scanner,
    collector: Collector,
}

impl Splitter {
    /// Begins a mail.
    pub fn new(limits: Limits) -> Self {
        let collector = Collector {
            limits,
            parts: Vec::new(),
            kept: 0,
            containers: MAX_CONTAINERS,
            open: None,
            defects: Defects::default(),
        };
        Self { scanner: Scanner::new(), collector }
    }

    /// Takes the next bytes; pieces may be of any size.
    pub fn push(&mut self, data: &[u8], sink: &mut Sink<'_>) {
        let Self { scanner, collector } = self;
        scanner.push(data, &mut |piece| collector.take(piece, sink));
    }

    /// The mail ends here.
    pub fn finish(mut self, sink: &mut Sink<'_>) -> Reduced {
        let Self { scanner, collector } = &mut self;
        scanner.finish(&mut |piece| collector.take(piece, sink));
        let mut defects = self.collector.defects;
        defects.join(&self.scanner.defects);
        Reduced { parts: self.collector.parts, defects }
    }
}

/// Builds the parts and decides what streams out.
struct Collector {
    limits: Limits,
    parts: Vec<Part>,
    kept: usize,
    /// How much of containers may still be kept.
    containers: usize,
    open: Option<Open>,
    defects: Defects,
}

/// The leaf that is being read.
struct Open {
    decoder: Decoder,
    leaf: Leaf,
    /// How much stays when it is streamed out.
    head: usize,
    limit: usize,
    container: Option<Container>,
    streaming: Option<Context>,
    n: u32,
    content_type: String,
    filename: Option<String>,
}

impl Collector {
    fn take(&mut self, piece: Piece<'_>, sink: &mut Sink<'_>) {
        match piece {
            Piece::Open(head) => self.open(head),
            Piece::Body(data) => self.body(data, sink),
            Piece::Close => self.close(sink),
        }
    }

    fn open(&mut self, head: Head) {
        let Head { parent, fields, content, multipart } = head;
        if !multipart {
            self.open = Some(self.leaf(&content));
        } else if !transfer::is_identity(content.encoding()) {
            self.defects.note(Defect::EncodedMultipart);
        }
        let container = self.open.as_ref().filter(|_| !multipart).and_then(|open| open.container);
        let leaf = Leaf::default();
        self.parts.push(Part { parent, fields, content, multipart, container, text: None, leaf });
    }

    fn leaf(&mut self, content: &Content) -> Open {
        let room = self.limits.total.saturating_sub(self.kept);
        let media = content.media();
        let (limit, head) = match media {
            "text/html" => (self.limits.leaf.max(MAX_PAGE), MAX_PAGE),
            "text/plain" => (self.limits.leaf.max(MAX_TEXT), MAX_TEXT),
            _ if media.starts_with("message/") || media.starts_with("text/") || content.is_calendar() => {
                (self.limits.leaf, MAX_HEAD)
            }
            _ => (self.limits.leaf, 0),
        };
        let mut ignored = Defects::default();
        let filename = content.filename(&mut ignored).and_then(|name| files::clean(&name, &mut ignored));
        let container = Container::of(content, filename.as_deref());
        // What can be opened is opened whatever the limits are, so that a mail looks the same with all of them.
        let least = if container.is_some() { self.containers } else { 0 };
        Open {
            decoder: Decoder::of(content.encoding(), &mut self.defects),
            leaf: Leaf::default(),
            head: head.min(room),
            limit: limit.min(room).max(least),
            container,
            streaming: None,
            n: u32::try_from(self.parts.len()).unwrap_or(u32::MAX),
            content_type: media.to_owned(),
            filename,
        }
    }

    fn body(&mut self, data: &[u8], sink: &mut Sink<'_>) {
        let Some(open) = &mut self.open else { return };
        // The decoder is taken out, because it feeds the leaf that it lies in.
        let mut decoder = std::mem::replace(&mut open.decoder, Decoder::Identity);
        decoder.push(data, &mut |decoded| open.take(decoded, sink));
        open.decoder = decoder;
    }

    fn close(&mut self, sink: &mut Sink<'_>) {
        let Some(mut open) = self.open.take() else { return };
        let mut decoder = std::mem::replace(&mut open.decoder, Decoder::Identity);
        decoder.finish(&mut self.defects, &mut |decoded| open.take(decoded, sink));
        if let Some(hash) = open.streaming.take() {
            let sha256 = hex::encode(hash.finish());
            sink(Event::LeafEnd { n: open.n, size: open.leaf.size, sha256: sha256.clone() });
            open.leaf.extracted = Some((open.n, sha256));
        }
        open.leaf.bytes.shrink_to_fit();
        let size = open.leaf.bytes.len();
        if open.container.is_some() && open.leaf.extracted.is_none() && size <= self.containers {
            self.containers -= size;
        } else {
            self.kept += size;
        }
        if let Some(part) = self.parts.last_mut() {
            let Part { content, leaf, .. } = part;
            *leaf = open.leaf;
            if content.is_shown_text()
                && let Some(media) = files::binary(&leaf.bytes, || content.param("charset"))
            {
                self.defects.note(Defect::BinaryText);
                content.become_file(media);
            }
        }
    }
}

impl Open {
    fn take(&mut self, decoded: &[u8], sink: &mut Sink<'_>) {
        if decoded.is_empty() {
            return;
        }
        self.leaf.size += decoded.len() as u64;
        if self.streaming.is_some() {
            return self.stream(decoded.to_vec(), sink);
        }
        if self.leaf.bytes.len() + decoded.len() <= self.limit {
            self.leaf.bytes.extend_from_slice(decoded);
            return;
        }
        self.streaming = Some(Context::new(&SHA256));
        let (content_type, filename) = (self.content_type.clone(), self.filename.clone());
        sink(Event::LeafStart { n: self.n, content_type, filename });
        let mut start = std::mem::take(&mut self.leaf.bytes);
        start.extend_from_slice(decoded);
        self.leaf.bytes = start[..start.len().min(self.head)].to_vec();
        self.stream(start, sink);
    }

    fn stream(&mut self, data: Vec<u8>, sink: &mut Sink<'_>) {
        if let Some(hash) = &mut self.streaming {
            hash.update(&data);
        }
        if self.leaf.bytes.len() < self.head && self.leaf.size > data.len() as u64 {
            let room = self.head - self.leaf.bytes.len();
            self.leaf.bytes.extend_from_slice(&data[..data.len().min(room)]);
        }
        sink(Event::LeafData { n: self.n, data });
    }
}
