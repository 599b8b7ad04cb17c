//! How large answers may be: what others write in mails must never make one that cannot leave.
//!
//! A Lambda function gives its answer as JSON with the body in it as a string: `"` becomes `\"`, and what was escaped once
//! is escaped again. What counts is the body as it stands in there; a process of our own keeps to the same sizes, so that
//! both shapes answer alike and memory is bounded.

use axum::{
    body::{Body, HttpBody},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::TryStreamExt;
use intake::failed;

use crate::error::ApiError;

/// The most bytes of a body in a Lambda function's answer, which may have 6 MB in all (Lambda quotas, "Invocation
/// payload"); the rest is for status and headers.
pub(crate) const MAX_ANSWER: usize = 6 * 1024 * 1024 - 64 * 1024;
/// A part of a list ends when its entries have so many bytes; one entry is given however large it is, and
/// [`MAX_TEXT`] bounds that.
pub(crate) const MAX_PART: usize = 1024 * 1024;
/// A text of a mail is cut at so many bytes. Three of them and the record beside them, which has at most 400 KB in the
/// store, are far below [`MAX_ANSWER`].
pub(crate) const MAX_TEXT: usize = 256 * 1024;

/// The bytes of a JSON or HTML body in the envelope.
pub(crate) fn enveloped(body: &[u8]) -> usize {
    body.iter().map(|byte| escaped(*byte)).sum()
}

/// The bytes of a text in the envelope of the JSON body that it is a string of.
pub(crate) fn of_text(text: &str) -> usize {
    let twice = |byte: u8| match byte {
        b'"' | b'\\' => 4,
        // A backslash, which is escaped again, and what follows it.
        _ => escaped(byte) + usize::from(escaped(byte) > 1),
    };
    text.bytes().map(twice).sum()
}

/// The bytes of a byte of a JSON string (as serde_json writes it). The sum over a text is `Text::stored_len` of the core,
/// which takes whole texts only: here bodies count that nobody has checked to be UTF-8, and each byte by itself, as what it
/// becomes is escaped again. A test holds them to the same.
fn escaped(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0C => 2,
        0x00..0x20 => 6,
        _ => 1,
    }
}

/// The beginning of a text that has at most so many bytes in the envelope.
pub(crate) fn cut(mut text: String, most: usize) -> (String, bool) {
    let mut left = most;
    let end = text.char_indices().find(|(at, c)| {
        let cost = of_text(&text[*at..at + c.len_utf8()]);
        let over = cost > left;
        left = left.saturating_sub(cost);
        over
    });
    let end = end.map(|(at, _)| at);
    text.truncate(end.unwrap_or(text.len()));
    (text, end.is_some())
}

/// The answer as a function may give it: one that is too large is replaced by a problem document that says what to do. The
/// last guard; every call keeps far below it.
pub async fn within_function(response: Response) -> Response {
    let (parts, body) = response.into_parts();
    // Text leaves as a string, everything else in base64 (`lambda_http::response`).
    let most = if is_text(&parts.headers) { MAX_ANSWER } else { MAX_ANSWER / 4 * 3 };
    match gathered(body, most).await {
        Ok(Some(bytes)) if !is_text(&parts.headers) || enveloped(&bytes) <= most => {
            Response::from_parts(parts, Body::from(bytes))
        }
        Ok(_) => {
            let error = ApiError::answer_too_large();
            failed!(error, error, "An answer was too large for a function and was not given.");
            ApiError::from(error).into_response()
        }
        Err(_) => ApiError::answer_cut_off().into_response(),
    }
}

/// All of a body; nothing, where it has more bytes than `most`.
async fn gathered(body: Body, most: usize) -> Result<Option<Bytes>, axum::Error> {
    let known = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if known > most {
        return Ok(None);
    }
    let (mut stream, mut bytes) = (body.into_data_stream(), Vec::with_capacity(known));
    while let Some(part) = stream.try_next().await? {
        if part.len() > most - bytes.len() {
            return Ok(None);
        }
        bytes.extend_from_slice(&part);
    }
    Ok(Some(bytes.into()))
}

/// Whether a body is put into the envelope as a string.
fn is_text(headers: &HeaderMap) -> bool {
    const PREFIXES: [&str; 5] =
        ["text", "application/json", "application/javascript", "application/xml", "application/yaml"];
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return true };
    let value = value.to_str().unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    let suffix = ["+json", "+xml", "+yaml"].iter().any(|suffix| essence.ends_with(suffix));
    PREFIXES.iter().any(|prefix| value.starts_with(prefix)) || suffix
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use intake::types::issue::Text;

    use super::*;

    #[test]
    fn bytes_are_counted_as_in_the_store() {
        for c in (0..0x250).filter_map(char::from_u32).chain(['日', '😀']) {
            assert_eq!(enveloped(c.to_string().as_bytes()), Text::stored_len(&c.to_string()), "{c:?}");
        }
    }

    #[test]
    fn sizes_are_those_of_the_envelope() {
        let text = "plain \"quoted\" back\\slash\n\r\t\u{8}\u{c}\u{1}\u{1f}\u{7f} é 日";
        let body = serde_json::to_string(text).unwrap();
        let envelope = serde_json::to_string(&body).unwrap();
        assert_eq!(enveloped(body.as_bytes()) + 2, envelope.len());
        // The quotes around the string are escaped, too.
        assert_eq!(of_text(text) + 6, envelope.len());
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(cut("aé\"b".to_owned(), 7), ("aé\"".to_owned(), true));
        assert_eq!(cut("aé\"b".to_owned(), 8), ("aé\"b".to_owned(), false));
        assert_eq!(cut("é".to_owned(), 1), (String::new(), true));
    }

    #[tokio::test]
    async fn what_is_too_large_for_a_function_does_not_leave() {
        let answer =
            |kind: &'static str, body: String| ([(header::CONTENT_TYPE, kind)], body).into_response();
        let fits = within_function(answer("application/json", "x".repeat(MAX_ANSWER))).await;
        assert_eq!(fits.status().as_u16(), 200);
        for (kind, body) in [
            ("application/json", "\"".repeat(MAX_ANSWER / 2 + 1)),
            ("text/html; charset=utf-8", "x".repeat(MAX_ANSWER + 1)),
            ("application/octet-stream", "x".repeat(MAX_ANSWER / 4 * 3 + 1)),
        ] {
            let refused = within_function(answer(kind, body)).await;
            assert_eq!(refused.headers()[header::CONTENT_TYPE], "application/problem+json", "{kind}");
            let body = to_bytes(refused.into_body(), 10_000).await.unwrap();
            let text = String::from_utf8(body.into()).unwrap();
            assert!(text.contains("answer_too_large") && text.contains("limit"), "{text}");
        }
    }

    #[tokio::test]
    async fn what_cannot_be_read_to_its_end_is_not_called_too_large() {
        let parts = |last: std::io::Result<Bytes>| {
            Body::from_stream(futures::stream::iter([Ok(Bytes::from_static(b"begun")), last]))
        };
        let whole = within_function(parts(Ok(Bytes::from_static(b", done"))).into_response()).await;
        assert_eq!(to_bytes(whole.into_body(), 100).await.unwrap(), "begun, done");
        let lost = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        let refused = within_function(parts(Err(lost)).into_response()).await;
        assert_eq!(refused.status().as_u16(), 503);
        assert!(refused.headers().contains_key(header::RETRY_AFTER));
        let body = to_bytes(refused.into_body(), 10_000).await.unwrap();
        assert!(String::from_utf8(body.into()).unwrap().contains("blobs_unavailable"));
        let long = within_function(parts(Ok(vec![0; MAX_ANSWER].into())).into_response()).await;
        assert_eq!(long.status().as_u16(), 422);
    }
}
