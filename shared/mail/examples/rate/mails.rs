//! The two fixed sets, the same in each run.
//!
//! `texts`: 200 plain mails with the header that servers leave (2 kB of it), of 2 to 30 kB, most of them short. Of ten,
//! four are 7bit, three quoted-printable, two 8bit and one Base64; four of ten answer and quote, three of ten have a
//! signature. `pages`: 100 newsletters of 20 to 60 kB in nested tables and 100 short mails of mail programs, all with a
//! plain twin; of ten, six are quoted-printable, two 8bit and two Base64.

use std::fmt::Write;

use base64::{Engine, engine::general_purpose::STANDARD};

#[rustfmt::skip]
const WORDS: [&str; 48] = [
    "lamp", "invoice", "printer", "since", "Tuesday", "order", "the", "and", "we", "cannot", "reach", "your", "office", "delivery", "still", "missing", "a", "in", "of", "with", "please", "again", "number", "the", "to",
    "is", "it", "that", "was", "for", "on", "are", "have", "you", "this", "from", "customer", "account", "would", "could", "when", "server", "login", "I", "about", "because", "screen", "yesterday",
];
#[rustfmt::skip]
const WIDE: [&str; 12] = ["Grüße", "für", "Straße", "über", "déjà", "reçu", "naïve", "señor", "mañana", "заказ", "письмо", "спасибо"];

/// Numbers that look random.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }

    /// `wide`: with letters outside of ASCII.
    fn sentence(&mut self, wide: bool) -> String {
        let mut text = String::new();
        for n in 0..6 + self.below(14) {
            let word = if wide && self.below(12) == 0 { WIDE[self.below(12)] } else { WORDS[self.below(48)] };
            if n > 0 {
                text.push_str(if self.below(14) == 0 { ", " } else { " " });
            }
            text.push_str(word);
        }
        text + if self.below(8) == 0 { "?" } else { "." }
    }

    /// Lines of at most about 76 letters.
    fn paragraph(&mut self, wide: bool, line_mark: &str) -> String {
        let words = (0..2 + self.below(5)).map(|_| self.sentence(wide)).collect::<Vec<_>>().join(" ");
        let (mut text, mut column) = (line_mark.to_owned(), 0);
        for word in words.split(' ') {
            if column + word.len() > 74 {
                let _ = write!(text, "\r\n{line_mark}");
                column = 0;
            } else if column > 0 {
                text.push(' ');
            }
            text.push_str(word);
            column += word.len() + 1;
        }
        text + "\r\n"
    }

    fn paragraphs(&mut self, size: usize, wide: bool, line_mark: &str) -> String {
        let mut text = String::new();
        while text.len() < size {
            text += &self.paragraph(wide, line_mark);
            text += line_mark.trim_end();
            text += "\r\n";
        }
        text
    }

    fn letters(&mut self, count: usize) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        (0..count).map(|_| char::from(LETTERS[self.below(64)])).collect()
    }

    /// What servers and a mail program write above a mail, without the fields of its content.
    fn header(&mut self, n: usize, answers: bool) -> String {
        let mut head =
            format!("Return-Path: <jane.doe{n}@customer.example>\r\nDelivered-To: support@example.org\r\n");
        for hop in 0..3 + self.below(2) {
            let _ = write!(
                head,
                "Received: from mx{hop}.customer.example (mx{hop}.customer.example [192.0.2.{n}])\r\n\tby mail{hop}.example.org (Postfix) with ESMTPS id {}\r\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\r\n\tfor <support@example.org>; Tue, 24 Nov 2026 09:{:02}:0{hop} +0000 (UTC)\r\n",
                self.letters(14).replace(['+', '/'], "x"),
                n % 60,
            );
        }
        let _ = write!(
            head,
            "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=customer.example; s=s1;\r\n\th=from:to:subject:date:message-id:mime-version; bh={}=;\r\n\tb={}\r\n\t {}==\r\nAuthentication-Results: mail.example.org; dkim=pass header.d=customer.example;\r\n\tspf=pass smtp.mailfrom=customer.example; dmarc=pass (p=NONE) header.from=customer.example\r\nReceived-SPF: pass (customer.example: 192.0.2.1 is authorized)\r\nX-Spam-Status: No, score=-1.9 required=5.0 tests=BAYES_00,DKIM_SIGNED,DKIM_VALID,\r\n\tSPF_PASS autolearn=ham version=3.4.6\r\n",
            self.letters(43),
            self.letters(72),
            self.letters(72),
        );
        let subject = self.sentence(false);
        let name = if n.is_multiple_of(5) { "=?utf-8?q?J=C3=BCrgen_M=C3=BCller?=" } else { "Jane Doe" };
        let _ = write!(
            head,
            "Message-ID: <{}@customer.example>\r\nDate: Tue, 24 Nov 2026 10:{:02}:00 +0100\r\nFrom: {name} <jane.doe{n}@customer.example>\r\nTo: Support <support@example.org>\r\nCc: \"Doe, John\" <john@customer.example>, max@customer.example\r\nSubject: {}{subject}\r\nUser-Agent: Mozilla Thunderbird\r\nContent-Language: en-US\r\nMIME-Version: 1.0\r\n",
            self.letters(22).replace(['+', '/'], "y"),
            n % 60,
            if answers { "Re: " } else { "" },
        );
        if answers {
            let parents = [n + 1, n + 2].map(|n| format!("<{n}.parent@example.org>"));
            let _ = write!(
                head,
                "References: {}\r\n\t{}\r\nIn-Reply-To: {}\r\n",
                parents[0], parents[1], parents[1]
            );
        }
        head
    }
}

/// Transfer encodings by turns.
#[derive(Clone, Copy, PartialEq)]
enum Encoding {
    SevenBit,
    EightBit,
    QuotedPrintable,
    Base64,
}

use Encoding::{Base64, EightBit, QuotedPrintable, SevenBit};

const OF_TEXTS: [Encoding; 10] = [
    SevenBit,
    QuotedPrintable,
    SevenBit,
    EightBit,
    QuotedPrintable,
    SevenBit,
    Base64,
    QuotedPrintable,
    SevenBit,
    EightBit,
];
const OF_PAGES: [Encoding; 10] = [
    QuotedPrintable,
    EightBit,
    QuotedPrintable,
    QuotedPrintable,
    Base64,
    QuotedPrintable,
    EightBit,
    QuotedPrintable,
    Base64,
    QuotedPrintable,
];

fn part(media: &str, encoding: Encoding, text: &str) -> String {
    let (charset, name, body) = match encoding {
        SevenBit => ("us-ascii", "7bit", text.to_owned()),
        EightBit => ("utf-8", "8bit", text.to_owned()),
        QuotedPrintable => ("utf-8", "quoted-printable", quoted_printable(text)),
        Base64 => ("utf-8", "base64", base64(text.as_bytes())),
    };
    format!("Content-Type: {media}; charset={charset}\r\nContent-Transfer-Encoding: {name}\r\n\r\n{body}\r\n")
}

/// Plain mails.
pub(crate) fn texts() -> Vec<Vec<u8>> {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    (0..200).map(|n| text(&mut random, n).into_bytes()).collect()
}

fn text(random: &mut Random, n: usize) -> String {
    let encoding = OF_TEXTS[n % 10];
    let (wide, answers) = (encoding != SevenBit, random.below(10) < 4);
    // Most mails are short.
    let size = 300 << random.below(6);
    let length = size + random.below(size * 2);
    let mut body = random.paragraphs(length, wide, "");
    if random.below(10) < 3 {
        body += "-- \r\nJane Doe\r\nCustomer Ltd, Main Street 1\r\nPhone: +1 555 0100\r\n";
    }
    if answers {
        let quote = random.paragraphs(size, wide, "> ");
        let _ =
            write!(body, "\r\nOn Mon, 23 Nov 2026 at 17:02, Support <support@example.org> wrote:\r\n{quote}");
    }
    random.header(n, answers) + &part("text/plain", encoding, &body)
}

/// Mails with HTML and a plain twin.
pub(crate) fn pages() -> Vec<Vec<u8>> {
    let mut random = Random(0xD1B5_4A32_D192_ED03);
    (0..200).map(|n| page(&mut random, n).into_bytes()).collect()
}

fn page(random: &mut Random, n: usize) -> String {
    let encoding = OF_PAGES[n / 2 % 10];
    let answers = n % 4 == 1;
    let (plain, html) = if n.is_multiple_of(2) { newsletter(random, n) } else { written(random, answers) };
    format!(
        "{}Content-Type: multipart/alternative; boundary=\"=_part_{n}\"\r\n\r\n--=_part_{n}\r\n{}--=_part_{n}\r\n{}--=_part_{n}--\r\n",
        random.header(n, answers),
        part("text/plain", encoding, &plain),
        part("text/html", encoding, &html),
    )
}

/// Nested tables, styles at each cell, pictures and long links.
fn newsletter(random: &mut Random, n: usize) -> (String, String) {
    let mut plain = String::new();
    let mut html = String::from(
        "<!DOCTYPE html>\r\n<html>\r\n<head>\r\n<meta charset=\"utf-8\">\r\n<title>News</title>\r\n<style type=\"text/css\">\r\nbody { margin: 0; padding: 0; }\r\ntable { border-collapse: collapse; mso-table-lspace: 0pt; }\r\n@media only screen and (max-width: 600px) { .column { width: 100% !important; } }\r\n</style>\r\n</head>\r\n<body bgcolor=\"#f4f4f4\">\r\n<div style=\"display:none;max-height:0;overflow:hidden\">Our offers of this week</div>\r\n<table width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\"><tr><td align=\"center\">\r\n",
    );
    for block in 0..12 + random.below(24) {
        let (head, text) = (random.sentence(true), random.paragraph(true, ""));
        let link = format!(
            "https://click.shop.example/c/{}?utm_source=news&amp;utm_campaign={n}&amp;b={block}",
            random.letters(60)
        );
        let _ = write!(
            html,
            "<table class=\"column\" width=\"600\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" style=\"background-color:#ffffff;border-radius:4px\"><tr>\r\n<td width=\"200\" valign=\"top\" style=\"padding:20px 10px;font-family:Arial,Helvetica,sans-serif\"><a href=\"{link}\" target=\"_blank\"><img src=\"https://img.shop.example/{n}/{block}.jpg\" width=\"180\" height=\"120\" alt=\"{head}\" style=\"display:block;border:0\"></a></td>\r\n<td valign=\"top\" style=\"padding:20px 10px;font-family:Arial,Helvetica,sans-serif;font-size:14px;line-height:22px;color:#333333\"><h2 style=\"margin:0;font-size:18px\">{head}</h2><p style=\"margin:8px 0\">{text}</p><p><a href=\"{link}\" style=\"color:#0066cc;text-decoration:none\"><strong>Read&nbsp;more</strong></a></p></td>\r\n</tr></table>\r\n",
        );
        let _ = write!(plain, "{head}\r\n{text}{}\r\n\r\n", link.replace("&amp;", "&"));
    }
    html += "</td></tr></table>\r\n<p style=\"font-size:11px\">You can <a href=\"https://shop.example/unsubscribe\">unsubscribe</a>.</p>\r\n</body>\r\n</html>\r\n";
    (plain, html)
}

/// What mail programs make of a few paragraphs.
fn written(random: &mut Random, answers: bool) -> (String, String) {
    let paragraphs: Vec<String> = (0..2 + random.below(6)).map(|_| random.paragraph(true, "")).collect();
    let mut plain = paragraphs.join("\r\n");
    let mut html = String::from(
        "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"></head><body lang=\"EN\">",
    );
    if random.below(2) == 0 {
        html += "<style><!-- p.MsoNormal { margin: 0cm; font-size: 11.0pt; font-family: \"Calibri\",sans-serif; } --></style><div class=\"WordSection1\">\r\n";
        for paragraph in &paragraphs {
            let _ = write!(
                html,
                "<p class=\"MsoNormal\"><span style=\"font-size:11.0pt;color:#1F497D\">{paragraph}<o:p></o:p></span></p>\r\n<p class=\"MsoNormal\"><o:p>&nbsp;</o:p></p>\r\n"
            );
        }
        html += "</div>";
    } else {
        for paragraph in &paragraphs {
            let _ = write!(html, "<div dir=\"ltr\">{paragraph}</div><div><br></div>\r\n");
        }
    }
    if answers {
        let quoted = random.paragraph(true, "");
        let intro = "On Mon, 23 Nov 2026 at 17:02, Support &lt;support@example.org&gt; wrote:";
        let _ = write!(
            html,
            "<div class=\"gmail_quote\"><div dir=\"ltr\" class=\"gmail_attr\">{intro}<br></div><blockquote class=\"gmail_quote\" style=\"margin:0 0 0 .8ex;border-left:1px #ccc solid\">{quoted}</blockquote></div>"
        );
        let _ = write!(
            plain,
            "\r\nOn Mon, 23 Nov 2026 at 17:02, Support <support@example.org> wrote:\r\n> {}",
            quoted.trim_end().replace("\r\n", "\r\n> ")
        );
    }
    (plain + "\r\n", html + "</body></html>\r\n")
}

fn quoted_printable(text: &str) -> String {
    let (mut out, mut column) = (String::new(), 0);
    for byte in text.bytes() {
        let token = match byte {
            b'\r' | b'\n' | b' '..=b'<' | b'>'..=b'~' => char::from(byte).to_string(),
            _ => format!("={byte:02X}"),
        };
        if byte == b'\n' {
            column = 0;
        } else if byte != b'\r' && column + token.len() > 75 {
            out.push_str("=\r\n");
            column = token.len();
        } else {
            column += token.len();
        }
        out.push_str(&token);
    }
    out
}

fn base64(bytes: &[u8]) -> String {
    bytes.chunks(57).map(|line| STANDARD.encode(line) + "\r\n").collect()
}
