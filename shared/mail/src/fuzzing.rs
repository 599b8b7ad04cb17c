//! What the fuzzer calls (`cargo xtask fuzz`), and a test that calls it with all that the fuzzer found before.
//!
//! Each target takes any bytes, and panics where something is promised and does not hold.

use std::cell::Cell;

use html5ever::tokenizer::{
    BufferQueue, Tag, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts, states,
};

use crate::{
    Report, assemble,
    decode::{address, charset::Hint, date, ids, params::Content, words},
    defect::Defects,
    html, reply,
    splitter::{Limits, Splitter},
    structure,
};

/// A name and what it runs.
pub type Target = (&'static str, fn(&[u8]));

/// All targets; what was found for each lies in `tests/corpus/NAME/`.
pub const TARGETS: [Target; 6] = [
    ("mail", mail),
    ("reply", reply),
    ("header", header),
    ("container", container),
    ("bounce", bounce),
    ("html", html),
];

/// A whole mail, at once and in pieces.
fn mail(data: &[u8]) {
    let report = promised(data);
    let pieces = reported(data, 61);
    assert_eq!(format!("{report:?}"), format!("{pieces:?}"), "pieces change the result");
}

/// What each report holds.
fn promised(raw: &[u8]) -> Report {
    let report = reported(raw, 64 * 1024);
    let is_blank = |text: &str| text.trim().is_empty();
    assert_eq!(is_blank(&report.body_text), is_blank(&report.reply_only), "a mail is reduced to nothing");
    assert!(!report.body_text.contains('\r'), "a carriage return is left");
    assert!(!report.subject.contains(char::is_control), "a subject of several lines");
    assert!(report.attachments.iter().all(|file| file.sha256.len() == 64));
    check(&report.body_html);
    report
}

fn reported(raw: &[u8], size: usize) -> Report {
    let mut splitter = Splitter::new(Limits::default());
    raw.chunks(size).for_each(|piece| splitter.push(piece, &mut |_| ()));
    Report::from(assemble::assemble(splitter.finish(&mut |_| ()), None))
}

/// The subject is the first line; the rest is a text, and a page.
fn reply(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (subject, text) = text.split_once('\n').unwrap_or(("", &text));
    for answers in [false, true] {
        cut(&reply::Seen { text, page: None, subject, answers, author: subject });
        let page = html::render(text);
        cut(&reply::Seen { text: &page.text, page: Some(&page), subject, answers, author: subject });
    }
}

fn cut(seen: &reply::Seen<'_>) {
    let cut = reply::cut(seen);
    assert_eq!(seen.text.trim().is_empty(), cut.reply.trim().is_empty(), "a text is reduced to nothing");
    let letters = |text: &str| {
        let mut letters: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
        letters.sort_unstable();
        letters
    };
    let both = [cut.reply.as_str(), &cut.quoted].concat();
    assert_eq!(letters(&both), letters(seen.text), "something is lost or said twice");
}

/// The value of a field, read as each kind of field.
fn header(data: &[u8]) {
    let (hint, mut defects) = (Hint::default(), Defects::default());
    let line = words::decode_with(data, &hint, &mut defects);
    assert!(!line.contains(char::is_control), "{line:?} is no line");
    for found in address::addresses(data, &hint, &mut defects) {
        assert!(!found.address.contains(['\r', '\n']), "{found:?} has several lines");
        assert!(found.name.is_none_or(|name| !name.is_empty()), "a name of nothing");
    }
    let unfolded = words::unfold(data);
    let _ = date::date(&unfolded);
    let read = [ids::ids(&unfolded), ids::parents(&unfolded), ids::id(&unfolded).into_iter().collect()];
    read.iter().flatten().for_each(|id| assert!(!id.is_empty(), "an id of nothing"));
    for name in ["Content-Type", "Content-Disposition", "Content-ID", "Content-Transfer-Encoding"] {
        let block = [name.as_bytes(), b": ", data, b"\n"].concat();
        let content = Content::of(&structure::header_of(&block), false);
        let _ = (content.filename(&mut defects), content.boundary(), content.param("charset"));
    }
}

/// A file that is opened, or a text with files in it.
fn container(data: &[u8]) {
    for head in ["Content-Type: application/ms-tnef", "Content-Type: application/pkcs7-mime", "Subject: x"] {
        promised(&[head.as_bytes(), b"\n\n", data].concat());
    }
}

/// A notice and, behind a zero byte, a delivery status.
fn bounce(data: &[u8]) {
    let at = data.iter().position(|b| *b == 0).unwrap_or(data.len());
    let (notice, status) = (&data[..at], data.get(at + 1..).unwrap_or_default());
    let head = b"From: MAILER-DAEMON@example.com\nSubject: failure notice\nTo: a@example.org\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\n";
    let middle = b"\n--b\nContent-Type: message/delivery-status\n\n";
    let report = promised(&[head, notice, middle, status, b"\n--b--\n"].concat());
    assert!(report.bounced_recipients.iter().all(|address| !address.is_empty()));
    promised(&[b"From: MAILER-DAEMON@example.com\nSubject: failure notice\n\n", data].concat());
}

/// A page, shown and read.
fn html(data: &[u8]) {
    let page = String::from_utf8_lossy(data);
    let text = html::to_text(&page);
    assert!(!text.contains('\0'), "a zero byte in a text");
    check(&html::sanitise(&page, &|id| Some(format!("cid:{id}"))));
}

/// Reads what is displayed as a browser does: nothing in it runs, and nothing is fetched.
fn check(page: &str) {
    let queue = BufferQueue::default();
    queue.push_back(page.into());
    let tokenizer = Tokenizer::new(Browser(Cell::new(0)), TokenizerOpts::default());
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    // The tokens of a page that was written anew are what was written.
    let written = page.bytes().filter(|b| *b == b'<').count();
    assert_eq!(tokenizer.sink.0.get(), written, "a browser reads other tags");
}

struct Browser(Cell<usize>);

impl TokenSink for Browser {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) => {
                self.0.set(self.0.get() + 1);
                look(&tag);
                // A raw element, if one came through, would swallow what follows.
                if matches!(&*tag.name, "script" | "style") {
                    return TokenSinkResult::RawData(states::RawKind::Rawtext);
                }
            }
            Token::CommentToken(_) | Token::DoctypeToken(_) => panic!("neither is ever written"),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// Points and nothing else: a picture of these kinds runs nothing and fetches nothing. Written out, because what checks the
/// sanitiser does not ask its list.
const PICTURES: [&str; 5] = [
    "data:image/png;base64,",
    "data:image/jpeg;base64,",
    "data:image/jpg;base64,",
    "data:image/gif;base64,",
    "data:image/webp;base64,",
];

fn look(tag: &Tag) {
    const ACTIVE: [&str; 10] =
        ["script", "style", "iframe", "object", "embed", "form", "input", "link", "meta", "base"];
    assert!(!ACTIVE.contains(&&*tag.name), "<{}> is displayed", &*tag.name);
    for attribute in &tag.attrs {
        let (name, value) = (&*attribute.name.local, attribute.value.trim().to_ascii_lowercase());
        assert!(!name.starts_with("on") && name != "srcdoc", "{name}={value:?} runs");
        if &*tag.name == "img" && name == "src" && PICTURES.iter().any(|begin| value.starts_with(begin)) {
            continue;
        }
        let runs = ["javascript:", "vbscript:", "data:"].iter().any(|scheme| value.starts_with(scheme));
        assert!(!runs || !matches!(name, "href" | "src"), "{name}={value:?} runs");
        assert!(name != "src" || value.starts_with("cid:"), "{value:?} is fetched");
        assert!(name != "style" || !value.contains("url("), "{value:?} is fetched");
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    #[should_panic(expected = "runs")]
    fn a_handler_is_seen() {
        check("<a onclick=\"x\">y</a>");
    }

    #[test]
    fn a_picture_in_the_page_is_none() {
        check("<img src=\"data:image/png;base64,AAAA\">");
    }

    #[test]
    #[should_panic(expected = "runs")]
    fn a_drawing_that_may_hold_scripts_is_seen() {
        check("<img src=\"data:image/svg+xml;base64,AAAA\">");
    }

    #[test]
    #[should_panic(expected = "is displayed")]
    fn a_script_is_seen() {
        check("<b>x</b><script>y</script>");
    }

    #[test]
    #[should_panic(expected = "other tags")]
    fn what_swallows_tags_is_seen() {
        check("<b title=\"<i>\">x</b>");
    }

    #[test]
    fn what_was_found_before_holds() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus");
        for (name, run) in TARGETS {
            let files = fs::read_dir(root.join(name)).expect("a folder for each target");
            let mut count = 0;
            for file in files {
                let path = file.expect("a file").path();
                eprintln!("{}", path.display());
                run(&fs::read(path).expect("a readable file"));
                count += 1;
            }
            assert!(count > 0, "{name} has no corpus");
        }
    }
}
