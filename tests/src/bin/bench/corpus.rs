//! The mails: ours, the same for the same seed.

use base64::{Engine, engine::general_purpose::STANDARD};

/// Bytes and numbers that nothing compresses, the same for the same seed.
pub(crate) struct Random(u64);

const WORDS: [&str; 40] = [
    "lamp",
    "invoice",
    "printer",
    "since",
    "Tuesday",
    "order",
    "the",
    "and",
    "we",
    "cannot",
    "reach",
    "your",
    "office",
    "Grüße",
    "für",
    "Straße",
    "über",
    "déjà",
    "reçu",
    "commande",
    "naïve",
    "señor",
    "mañana",
    "请问",
    "订单",
    "ありがとう",
    "問題",
    "заказ",
    "письмо",
    "спасибо",
    "delivery",
    "still",
    "missing",
    "a",
    "in",
    "of",
    "with",
    "please",
    "again",
    "number",
];
const NAMES: [&str; 8] = ["Ann", "Björn", "Chloé", "Dmitri", "Emi", "Farid", "Grace", "Hanna"];
/// Of a hundred mails.
const REPLIES: u64 = 45;
const WITH_HTML: u64 = 60;
const WITH_FILE: u64 = 48;
/// The largest attachment before its encoding, bytes.
const MAX_FILE: u64 = 60_000;
/// A reply answers one of so many mails before it.
const REACH: u64 = 60;

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: u64) -> u64 {
        (self.next() >> 11) % end
    }

    fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(length + 8);
        while bytes.len() < length {
            bytes.extend_from_slice(&self.next().to_le_bytes());
        }
        bytes.truncate(length);
        bytes
    }

    fn words(&mut self, count: u64) -> String {
        let words: Vec<&str> = (0..count).map(|_| WORDS[self.below(WORDS.len() as u64) as usize]).collect();
        words.join(" ")
    }

    fn paragraphs(&mut self) -> Vec<String> {
        (0..2 + self.below(6))
            .map(|_| {
                let n = 12 + self.below(60);
                self.words(n)
            })
            .collect()
    }
}

/// So many mails of about 20 kB: threads, texts in several scripts, HTML beside text, files.
pub(crate) fn ordinary(count: u32) -> Vec<Vec<u8>> {
    let mut random = Random::new(20_261_125);
    let mut subjects: Vec<String> = Vec::new();
    (0..u64::from(count)).map(|n| mail(&mut random, n, &mut subjects)).collect()
}

fn mail(random: &mut Random, n: u64, subjects: &mut Vec<String>) -> Vec<u8> {
    let parent = (n > 0 && random.percent(REPLIES)).then(|| n - 1 - random.below(n.min(REACH)));
    let subject = match parent {
        Some(parent) => subjects[parent as usize].clone(),
        None => {
            let n = 3 + random.below(5);
            random.words(n)
        }
    };
    let name = NAMES[random.below(8) as usize];
    let mut head = format!(
        "Received: from mx{}.customer.example by mail.example.test; Tue, 24 Nov 2026 09:00:00 +0000\r\n\
         From: {} <{n}@customer.example>\r\nTo: support@example.test\r\nSubject: {}\r\n\
         Date: Tue, 24 Nov 2026 {:02}:{:02}:00 +0000\r\nMessage-ID: <{n}@customer.example>\r\nMIME-Version: 1.0\r\n",
        n % 7,
        encoded_word(name),
        encoded_word(&if parent.is_some() { format!("Re: {subject}") } else { subject.clone() }),
        n / 60 % 24,
        n % 60,
    );
    if let Some(parent) = parent {
        head += &format!(
            "In-Reply-To: <{parent}@customer.example>\r\nReferences: <{parent}@customer.example>\r\n"
        );
    }
    subjects.push(subject);
    let mut paragraphs = random.paragraphs();
    if parent.is_some() {
        let quoted: Vec<String> = random.paragraphs().iter().map(|p| format!("> {p}")).collect();
        paragraphs.push(format!("On Mon, 23 Nov 2026, Support wrote:\r\n{}", quoted.join("\r\n>\r\n")));
    }
    let text = part("text/plain; charset=utf-8", &quoted_printable(&paragraphs.join("\r\n\r\n")));
    let mut body = text.clone();
    if random.percent(WITH_HTML) {
        let html = format!(
            "<html><head><style>p {{ margin: 0 }}</style></head><body>{}<table><tr><td>{name}</td></tr></table></body></html>",
            paragraphs
                .iter()
                .map(|p| format!(
                    "<p style=\"color: #333\">{p} <a href=\"https://example.com/{n}\">link</a></p>"
                ))
                .collect::<String>()
        );
        let html = part("text/html; charset=utf-8", &quoted_printable(&html));
        body = multipart("alternative", n, &[text, html]);
    }
    if random.percent(WITH_FILE) {
        let length = 1_000 + random.below(MAX_FILE) as usize;
        let file = file("application/pdf", &format!("file-{n}.pdf"), &random.bytes(length));
        body = multipart("mixed", n, &[body, file]);
    }
    (head + &body).into_bytes()
}

/// A mail with one file of this many bytes.
pub(crate) fn large(n: u32, length: usize) -> Vec<u8> {
    let bytes = Random::new(u64::from(n) + 1).bytes(length);
    tests::mails::with_attachment(&format!("large-{n}"), &format!("A large file {n}"), &bytes)
}

fn encoded_word(text: &str) -> String {
    if text.is_ascii() { text.to_owned() } else { format!("=?utf-8?b?{}?=", STANDARD.encode(text)) }
}

fn part(kind: &str, body: &str) -> String {
    format!("Content-Type: {kind}\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{body}\r\n")
}

fn file(kind: &str, name: &str, bytes: &[u8]) -> String {
    let lines: String = bytes.chunks(57).map(|line| STANDARD.encode(line) + "\r\n").collect();
    format!(
        "Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\r\n{lines}"
    )
}

fn multipart(kind: &str, n: u64, parts: &[String]) -> String {
    let boundary = format!("{kind}-{n}");
    let inner: String = parts.iter().map(|part| format!("--{boundary}\r\n{part}")).collect();
    format!("Content-Type: multipart/{kind}; boundary=\"{boundary}\"\r\n\r\n{inner}--{boundary}--\r\n")
}

fn quoted_printable(text: &str) -> String {
    let mut out = String::new();
    let mut column = 0;
    for byte in text.bytes() {
        let plain = matches!(byte, b' '..=b'~') && byte != b'=';
        let token = match byte {
            b'\r' | b'\n' => char::from(byte).to_string(),
            _ if plain => char::from(byte).to_string(),
            _ => format!("={byte:02X}"),
        };
        if byte == b'\n' {
            column = 0;
        } else if column + token.len() > 75 {
            out.push_str("=\r\n");
            column = token.len();
        } else {
            column += token.len();
        }
        out.push_str(&token);
    }
    out
}
