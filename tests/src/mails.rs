//! Mails to deliver.

/// A plain mail with this Message-ID (without its domain) and subject; `more` are whole header lines.
pub fn mail(message_id: &str, subject: &str, more: &str, text: &str) -> Vec<u8> {
    format!(
        "From: Ann Example <ann@customer.example>\r\nTo: support@example.test\r\nSubject: {subject}\r\n\
         Date: Tue, 24 Nov 2026 09:00:00 +0000\r\nMessage-ID: <{message_id}@customer.example>\r\n{more}\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    )
    .into_bytes()
}

/// A mail with one attachment of this many bytes, encoded as mail programs do.
pub fn with_attachment(message_id: &str, subject: &str, bytes: &[u8]) -> Vec<u8> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let mut raw = format!(
        "From: Ann Example <ann@customer.example>\r\nTo: support@example.test\r\nSubject: {subject}\r\n\
         Date: Tue, 24 Nov 2026 09:00:00 +0000\r\nMessage-ID: <{message_id}@customer.example>\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=parts\r\n\r\n\
         --parts\r\nContent-Type: text/plain\r\n\r\nThe file is attached.\r\n\
         --parts\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment; filename=\"file.bin\"\r\n\r\n"
    )
    .into_bytes();
    for line in bytes.chunks(57) {
        raw.extend_from_slice(STANDARD.encode(line).as_bytes());
        raw.extend_from_slice(b"\r\n");
    }
    raw.extend_from_slice(b"--parts--\r\n");
    raw
}
