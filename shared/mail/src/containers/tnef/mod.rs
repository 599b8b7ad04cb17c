//! TNEF, the `winmail.dat` of Outlook and Exchange ([MS-OXTNEF]).

mod body;
mod embedded;
mod lzfu;
mod props;
mod rtf;

use crate::{Defect, decode::params::Content, defect::Defects, part::Part};

use body::Body;
use embedded::Header;
use props::{Props, Value};

const SIGNATURE: u32 = 0x223E_9F78;
/// More files are not taken out.
const MAX_FILES: usize = 300;
/// Mails in mails; deeper ones stay files.
const MAX_DEPTH: usize = 4;

/// Attributes, without their types.
mod attribute {
    pub(super) const SUBJECT: u16 = 0x8004;
    pub(super) const BODY: u16 = 0x800C;
    pub(super) const ATTACH_DATA: u16 = 0x800F;
    pub(super) const ATTACH_TITLE: u16 = 0x8010;
    pub(super) const ATTACH_BEGINS: u16 = 0x9002;
    pub(super) const MESSAGE_PROPS: u16 = 0x9003;
    pub(super) const ATTACH_PROPS: u16 = 0x9005;
    pub(super) const CODE_PAGE: u16 = 0x9007;
}

/// The files, and the text unless the mail `has_text` already.
pub(super) fn open(bytes: &[u8], has_text: bool, defects: &mut Defects) -> Vec<Part> {
    let Some(tnef) = read(bytes) else {
        defects.note(Defect::UnopenedContainer);
        return Vec::new();
    };
    if !tnef.whole {
        defects.note(Defect::TruncatedContainer);
    }
    let mut parts = if has_text { Vec::new() } else { tnef.body.parts(&tnef.code_page) };
    parts.extend(tnef.files.into_iter().flat_map(|file| file.parts(&tnef.code_page, 0)).take(MAX_FILES));
    parts
}

#[derive(Debug, Default)]
struct Tnef {
    /// As the name of a charset.
    code_page: String,
    header: Header,
    body: Body,
    files: Vec<File>,
    whole: bool,
}

#[derive(Debug, Default)]
struct File {
    title: Option<Value>,
    name: Option<Value>,
    media: Option<Value>,
    id: Option<Value>,
    data: Vec<u8>,
}

impl File {
    /// The file, or a mail with its files.
    fn parts(mut self, code_page: &str, depth: usize) -> Vec<Part> {
        let mail = if depth < MAX_DEPTH { read(&self.data) } else { None };
        let Some(mail) = mail else { return self.part(code_page).into_iter().collect() };
        // What it holds was copied out of it.
        self.data = Vec::new();
        let title = self.title.map(|title| title.text(code_page));
        let Tnef { code_page, header, body, files, .. } = mail;
        let files = files.into_iter().flat_map(|file| file.parts(&code_page, depth + 1)).take(MAX_FILES);
        [embedded::part(&header, body, title, &code_page)].into_iter().chain(files).collect()
    }

    fn part(self, code_page: &str) -> Option<Part> {
        let Self { title, name, media, id, data } = self;
        let text =
            |value: Option<Value>| value.map(|value| value.text(code_page)).filter(|text| !text.is_empty());
        let name = text(name).or_else(|| text(title));
        if name.is_none() && data.is_empty() {
            return None;
        }
        let media = text(media)
            .filter(|media| media.contains('/') && media.is_ascii())
            .map(|media| media.to_ascii_lowercase());
        let content = Content::file(media.as_deref().unwrap_or("application/octet-stream"), name.as_deref());
        Some(Part::found(content.with_id(text(id)), data, None))
    }
}

fn read(bytes: &[u8]) -> Option<Tnef> {
    let rest = bytes.strip_prefix(&SIGNATURE.to_le_bytes())?;
    let mut rest = rest.get(2..)?;
    let mut tnef = Tnef { code_page: "windows-1252".to_owned(), whole: true, ..Tnef::default() };
    while let [_, a, b, _, _, l0, l1, l2, l3, after @ ..] = rest {
        let id = u16::from_le_bytes([*a, *b]);
        let length = u32::from_le_bytes([*l0, *l1, *l2, *l3]) as usize;
        let data = &after[..length.min(after.len())];
        tnef.whole = length <= after.len();
        tnef.attribute(id, data);
        // The checksum after the data is not worth a file.
        rest = after.get(length.saturating_add(2)..).unwrap_or_default();
    }
    tnef.whole &= rest.iter().all(|byte| *byte == 0 || byte.is_ascii_whitespace());
    Some(tnef)
}

impl Tnef {
    fn attribute(&mut self, id: u16, data: &[u8]) {
        match id {
            attribute::CODE_PAGE => {
                if let Some([a, b, c, d]) = data.first_chunk() {
                    self.code_page = format!("cp{}", u32::from_le_bytes([*a, *b, *c, *d]));
                }
            }
            attribute::SUBJECT => self.header.subject = Some(Value::Bytes(data.to_vec())),
            attribute::BODY => self.body.plain = Some(Value::Bytes(data.to_vec())),
            attribute::MESSAGE_PROPS => {
                self.body.take(Props::new(data));
                self.header.take(Props::new(data));
            }
            attribute::ATTACH_BEGINS if self.files.len() < MAX_FILES => self.files.push(File::default()),
            _ => {}
        }
        let Some(file) = self.files.last_mut() else { return };
        match id {
            attribute::ATTACH_TITLE => file.title = Some(Value::Bytes(data.to_vec())),
            attribute::ATTACH_DATA => file.data = data.to_vec(),
            attribute::ATTACH_PROPS => file.take(Props::new(data)),
            _ => {}
        }
    }
}

impl File {
    fn take(&mut self, props: Props<'_>) {
        for (id, value) in props {
            match id {
                props::ATTACH_LONG_FILENAME => self.name = Some(value),
                props::ATTACH_FILENAME | props::DISPLAY_NAME => {
                    self.title = self.title.take().or(Some(value))
                }
                props::ATTACH_MIME_TAG => self.media = Some(value),
                props::ATTACH_CONTENT_ID => self.id = Some(value),
                props::ATTACH_DATA if self.data.is_empty() => self.data = value.object(),
                _ => {}
            }
        }
    }
}
