//! What was repaired, guessed or left out.

use std::collections::BTreeSet;

use serde::Serialize;

macro_rules! defects {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// Something in a mail that was repaired, guessed or left out. Names are stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum Defect {
            $($(#[$doc])* $variant,)+
        }

        impl Defect {
            /// All of them, in their order.
            pub const ALL: &[Defect] = &[$(Defect::$variant,)+];

            /// The stable name.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Defect::$variant => $name,)+
                }
            }
        }
    };
}

defects! {
    /// Not a single header field.
    NoHeaders = "no_headers",
    /// A line among the header fields that is none; ignored.
    MalformedHeaderLine = "malformed_header_line",
    /// A body that starts without the empty line before it.
    MissingBlankLine = "missing_blank_line",
    /// Lines that end with a carriage return alone; taken as line feeds.
    BareCarriageReturns = "bare_carriage_returns",
    /// A header block above 256 KiB; later fields were ignored.
    HeadersTooLarge = "headers_too_large",
    /// A header field above 64 KiB; cut.
    HeaderTooLong = "header_too_long",
    /// Bytes above 0x7F in a header field without RFC 2047; the charset was guessed.
    EightBitHeader = "eight_bit_header",
    /// An encoded word that could not be decoded; left as written.
    MalformedEncodedWord = "malformed_encoded_word",
    /// A field encoded by RFC 2047 twice; decoded twice.
    DoublyEncodedWord = "doubly_encoded_word",
    /// No From field, or none with an address.
    MissingFrom = "missing_from",
    /// Several addresses in From; the first counts.
    SeveralFrom = "several_from",
    /// A From into which a list or forwarder put its own address; the author was taken from the fields beside it.
    RewrittenFrom = "rewritten_from",
    /// No Date field.
    MissingDate = "missing_date",
    /// A date that could not be understood.
    InvalidDate = "invalid_date",
    /// No Message-ID field.
    MissingMessageId = "missing_message_id",
    /// More than 200 references; the oldest were left out.
    TooManyReferences = "too_many_references",
    /// A multipart without a boundary parameter; guessed.
    MissingBoundary = "missing_boundary",
    /// A boundary parameter that never occurs; guessed, or the whole is text.
    BoundaryNotFound = "boundary_not_found",
    /// The mail ends before the last boundary.
    MissingEndBoundary = "missing_end_boundary",
    /// Multiparts nested deeper than 20; deeper ones are files.
    TooDeep = "too_deep",
    /// More than 300 parts; later ones were left out.
    TooManyParts = "too_many_parts",
    /// More than 50 files.
    TooManyAttachments = "too_many_attachments",
    /// A transfer encoding that is not known; taken as it is.
    UnknownEncoding = "unknown_encoding",
    /// A multipart with base64 or quoted-printable, which RFC 2045 forbids; ignored.
    EncodedMultipart = "encoded_multipart",
    /// Base64 with foreign characters; skipped.
    InvalidBase64 = "invalid_base64",
    /// Base64 that ends in the middle of a group.
    TruncatedBase64 = "truncated_base64",
    /// Text that says it is Base64 and is not; taken as it is.
    NotBase64 = "not_base64",
    /// uuencode without its first or last line, or with a bad one.
    InvalidUuencode = "invalid_uuencode",
    /// Quoted-printable with a bad escape; kept as written.
    InvalidQuotedPrintable = "invalid_quoted_printable",
    /// A charset that is not known; guessed.
    UnknownCharset = "unknown_charset",
    /// Text with bytes above 0x7F and no charset; guessed.
    MissingCharset = "missing_charset",
    /// Text that is not in the charset it names; decoded as what it is.
    WrongCharset = "wrong_charset",
    /// Characters that could not be decoded.
    UndecodableText = "undecodable_text",
    /// A text above 2 MiB; cut, and listed whole as a file.
    TextTooLarge = "text_too_large",
    /// A part that is text by its type, or has none, and whose bytes are no text; kept as a file.
    BinaryText = "binary_text",
    /// A file name with path, control or direction characters; cleaned.
    UnsafeFilename = "unsafe_filename",
    /// An encrypted mail: only its container can be shown.
    Encrypted = "encrypted",
    /// A `winmail.dat`: kept as a file, and what it holds shown too.
    Tnef = "tnef",
    /// A file such as `winmail.dat` that is too large or damaged to be looked into.
    UnopenedContainer = "unopened_container",
    /// A file such as `winmail.dat` that ends too early; shown as far as it goes.
    TruncatedContainer = "truncated_container",
    /// A text signed by S/MIME that only such programs could show; unwrapped, not verified.
    OpaqueSignature = "opaque_signature",
    /// A file put into the text by uuencode; taken out.
    UuencodedFile = "uuencoded_file",
    /// A file put into the text by yEnc; taken out, unless it never ends.
    YencFile = "yenc_file",
    /// A file in the two halves of AppleDouble; kept as both.
    AppleDouble = "apple_double",
    /// One part of a mail that was sent in several (RFC 2046, section 5.2.2).
    PartialMessage = "partial_message",
    /// A part that stands for something elsewhere (RFC 2046, section 5.2.3).
    ExternalBody = "external_body",
}

/// The defects of one mail, each once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Defects(BTreeSet<Defect>);

impl Defects {
    pub(crate) fn note(&mut self, defect: Defect) {
        self.0.insert(defect);
    }

    pub(crate) fn join(&mut self, other: &Self) {
        self.0.extend(other.0.iter());
    }

    pub(crate) fn into_vec(self) -> Vec<Defect> {
        self.0.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_serialised_ones() {
        for defect in Defect::ALL {
            assert_eq!(serde_json::to_value(defect).unwrap(), defect.as_str());
        }
    }
}
