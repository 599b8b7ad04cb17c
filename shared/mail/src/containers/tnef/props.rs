//! MAPI properties as TNEF stores them ([MS-OXTNEF], section 2.1.3.4).

use encoding_rs::UTF_16LE;

use crate::{decode::charset, defect::Defects};

pub(super) const SUBJECT: u16 = 0x0037;
pub(super) const CLIENT_SUBMIT_TIME: u16 = 0x0039;
pub(super) const SENT_REPRESENTING_NAME: u16 = 0x0042;
pub(super) const SENT_REPRESENTING_EMAIL_ADDRESS: u16 = 0x0065;
pub(super) const SENDER_NAME: u16 = 0x0C1A;
pub(super) const SENDER_EMAIL_ADDRESS: u16 = 0x0C1F;
pub(super) const BODY: u16 = 0x1000;
pub(super) const RTF_COMPRESSED: u16 = 0x1009;
pub(super) const BODY_HTML: u16 = 0x1013;
pub(super) const DISPLAY_NAME: u16 = 0x3001;
pub(super) const ATTACH_DATA: u16 = 0x3701;
pub(super) const ATTACH_FILENAME: u16 = 0x3704;
pub(super) const ATTACH_LONG_FILENAME: u16 = 0x3707;
pub(super) const ATTACH_MIME_TAG: u16 = 0x370E;
pub(super) const ATTACH_CONTENT_ID: u16 = 0x3712;
pub(super) const INTERNET_CODE_PAGE: u16 = 0x3FDE;
pub(super) const SENDER_SMTP_ADDRESS: u16 = 0x5D01;
pub(super) const SENT_REPRESENTING_SMTP_ADDRESS: u16 = 0x5D02;

/// The identifier of the interface stands before the bytes of an object.
const INTERFACE_ID: usize = 16;
/// Properties whose names are not in the standard range have them written out.
const FIRST_NAMED: u16 = 0x8000;
const MULTIPLE: u16 = 0x1000;

/// The value of one property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Number(u64),
    /// Text in the code page of the mail, or bytes.
    Bytes(Vec<u8>),
    Unicode(Vec<u8>),
    Object(Vec<u8>),
}

impl Value {
    /// As text, without what follows a zero.
    pub(super) fn text(&self, code_page: &str) -> String {
        let text = match self {
            Self::Number(_) => return String::new(),
            Self::Unicode(bytes) => UTF_16LE.decode_without_bom_handling(bytes).0.into_owned(),
            Self::Bytes(bytes) | Self::Object(bytes) => charset::decode(
                bytes.split(|b| *b == 0).next().unwrap_or_default(),
                Some(code_page),
                &mut Defects::default(),
            ),
        };
        text.split('\0').next().unwrap_or_default().to_owned()
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Number(_) => Vec::new(),
            Self::Bytes(bytes) | Self::Unicode(bytes) | Self::Object(bytes) => bytes,
        }
    }

    /// The bytes of a file.
    pub(super) fn object(self) -> Vec<u8> {
        match self {
            Self::Object(mut bytes) => {
                bytes.drain(..INTERFACE_ID.min(bytes.len()));
                bytes
            }
            other => other.into_bytes(),
        }
    }
}

/// Goes through the properties; ends where they are damaged.
pub(super) struct Props<'a> {
    rest: &'a [u8],
    left: u32,
}

impl<'a> Props<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let mut props = Self { rest: bytes, left: 0 };
        props.left = props.number().unwrap_or(0);
        props
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_le_bytes)
    }

    /// Length, bytes, and padding to four.
    fn sized(&mut self) -> Option<&'a [u8]> {
        let length = self.number()? as usize;
        let bytes = self.take(length)?;
        self.take(length.next_multiple_of(4) - length)?;
        Some(bytes)
    }

    fn value(&mut self, kind: u16) -> Option<Value> {
        Some(match kind {
            0x0002 | 0x0003 | 0x0004 | 0x000A | 0x000B => Value::Number(self.number()?.into()),
            0x0005 | 0x0006 | 0x0007 | 0x0014 | 0x0040 => {
                let (low, high) = (u64::from(self.number()?), u64::from(self.number()?));
                Value::Number(high << 32 | low)
            }
            0x0048 => Value::Bytes(self.take(INTERFACE_ID)?.to_vec()),
            0x001F => Value::Unicode(self.sized()?.to_vec()),
            0x000D => Value::Object(self.sized()?.to_vec()),
            0x001E | 0x0102 => Value::Bytes(self.sized()?.to_vec()),
            _ => return None,
        })
    }

    fn property(&mut self) -> Option<(u16, Value)> {
        let tag = self.number()?;
        let (kind, id) = (tag as u16, (tag >> 16) as u16);
        if id >= FIRST_NAMED {
            self.take(INTERFACE_ID)?;
            if self.number()? == 0 {
                self.number()?;
            } else {
                self.sized()?;
            }
        }
        let kind_of_one = kind & !MULTIPLE;
        let several = kind & MULTIPLE != 0 || matches!(kind_of_one, 0x001E | 0x001F | 0x000D | 0x0102);
        let count = if several { self.number()? } else { 1 };
        let mut first = None;
        for _ in 0..count {
            let value = self.value(kind_of_one)?;
            first.get_or_insert(value);
        }
        Some((id, first.unwrap_or(Value::Number(0))))
    }
}

impl Iterator for Props<'_> {
    type Item = (u16, Value);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let property = self.property();
        if property.is_none() {
            self.left = 0;
        }
        property
    }
}
