//! What mails are made of, in any order.

use proptest::{collection::vec, prelude::*, sample::select};

pub(crate) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let bits =
            group.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for n in 0..4 {
            let digit = ALPHABET[(bits >> (18 - 6 * n) & 63) as usize] as char;
            out.push(if n > group.len() { '=' } else { digit });
            if out.len() % 77 == 76 {
                out.push('\n');
            }
        }
    }
    out
}

fn leaf() -> impl Strategy<Value = String> {
    let text = "[a-zäß日 =\n>-]{0,120}";
    prop_oneof![
        text.prop_map(|text| format!("Content-Type: text/plain; charset=utf-8\n\n{text}")),
        text.prop_map(|text| format!("Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n<p>{text}</p>")),
        (vec(any::<u8>(), 0..200), "[a-zé. ]{1,12}").prop_map(|(bytes, name)| {
            format!(
                "Content-Type: application/octet-stream; name=\"{name}\"\nContent-Transfer-Encoding: base64\n\n{}",
                base64(&bytes)
            )
        }),
        text.prop_map(|text| format!("Content-Type: message/rfc822\n\nSubject: x\nMessage-ID: <i@j>\n\n{text}")),
        text.prop_map(|text| format!("Content-Type: text/csv\nContent-Disposition: attachment\n\n{text}")),
        Just("\nno header".to_owned()),
        vec(any::<u8>(), 0..80).prop_map(|bytes| container("application/ms-tnef", &tnef(&bytes))),
        text.prop_map(|text| container("application/pkcs7-mime", &signed(text.as_bytes()))),
        text.prop_map(|text| format!("Content-Type: text/plain\n\n{text}\nbegin 644 a.bin\n#0V%T\n`\nend\n")),
    ]
}

fn container(media: &str, bytes: &[u8]) -> String {
    format!("Content-Type: {media}\nContent-Transfer-Encoding: base64\n\n{}", base64(bytes))
}

/// A file whose data is `bytes`, and what else `bytes` may mean.
fn tnef(bytes: &[u8]) -> Vec<u8> {
    let attribute = |id: u32, data: &[u8]| {
        [&[2][..], &id.to_le_bytes(), &(data.len() as u32).to_le_bytes(), data, &[0, 0]].concat()
    };
    let ids = [0x0006_9002, 0x0006_800F, 0x0006_9005, 0x0006_9003];
    let attributes = ids.into_iter().flat_map(|id| attribute(id, bytes));
    [0x78, 0x9F, 0x3E, 0x22, 1, 0].into_iter().chain(attributes).collect()
}

/// SignedData in indefinite lengths.
fn signed(text: &[u8]) -> Vec<u8> {
    let oid = |n: u8| [&b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07"[..], &[n]].concat();
    let piece = [&[0x04, text.len().min(127) as u8][..], &text[..text.len().min(127)]].concat();
    [
        b"\x30\x80".to_vec(),
        oid(2),
        b"\xA0\x80\x30\x80\x02\x01\x01\x31\x00\x30\x80".to_vec(),
        oid(1),
        b"\xA0\x80\x24\x80".to_vec(),
        piece,
    ]
    .concat()
}

fn part() -> impl Strategy<Value = String> {
    leaf().prop_recursive(3, 20, 5, |inner| {
        let kind = select(vec!["mixed", "alternative", "related", "report", "signed"]);
        (kind, "[a-z]{1,3}", vec(inner, 0..5), select(vec!["\n", "--\n", ""])).prop_map(
            |(kind, boundary, parts, end)| {
                let parts: String = parts.iter().map(|part| format!("--{boundary}\n{part}\n")).collect();
                format!(
                    "Content-Type: multipart/{kind}; boundary={boundary}\n\npre\n{parts}--{boundary}{end}"
                )
            },
        )
    })
}

pub(crate) fn mail_text() -> impl Strategy<Value = String> {
    ("[a-zä =?]{0,30}", "[a-z0-9]{1,8}", part(), any::<bool>()).prop_map(|(subject, id, part, crlf)| {
        let raw =
            format!("From: Jörg <a@b>\nSubject: {subject}\nMessage-ID: <{id}@x>\nReferences: <r@x>\n{part}");
        if crlf { raw.replace('\n', "\r\n") } else { raw }
    })
}

/// Pieces that mean something to a mail parser, in any order.
pub(crate) fn soup() -> impl Strategy<Value = Vec<u8>> {
    let word = select(vec![
        "Content-Type: ",
        "multipart/mixed",
        "; boundary=x",
        "--x",
        "--x--",
        "\n",
        "\r\n",
        "\r",
        "\n\n",
        "message/rfc822",
        "Content-Transfer-Encoding: base64\n",
        "quoted-printable",
        "=?utf-8?q?",
        "?=",
        "=?iso-2022-jp?b?",
        "GyRC",
        "=E4",
        "Subject: ",
        "From: ",
        "<a@b>",
        "\"",
        "(",
        ")",
        ":",
        ";",
        "*0*=utf-8''%e4",
        "filename",
        "text/html\n\n<div",
        "<p ",
        ">",
        "\u{1b}$B",
        "\u{e9}",
        "> ",
        "On 1.1.2026 a@b wrote:\n",
        "-- \n",
        "From: x\nSent: y\nTo: z\n",
        "Action: failed\n",
        "Date: ",
        "5 Jan 2026 12:34",
        "References: ",
        "begin 644 a\n#0V%T\n",
        "end\n",
        "Content-Transfer-Encoding: x-uuencode\n",
        "application/ms-tnef",
        "\u{feff}",
        "=?utf-8?b?w7",
        "BEGIN:VEVENT\nDTSTART:2026",
        "text/calendar\n\n",
        "charset=utf-7\n\n+AOQ",
        "charset=iso-2022-kr\n\n\u{1b}$)C\u{e}0!",
        "text/plain; format=flowed; delsp=yes\n\n",
        " \n",
    ]);
    let piece = prop_oneof![word.prop_map(|word| word.as_bytes().to_vec()), vec(any::<u8>(), 0..8)];
    vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// Lines that mean something to whoever cuts quotes, in any order.
pub(crate) fn lines() -> impl Strategy<Value = String> {
    let line = select(vec![
        "",
        " ",
        "text",
        "Hello Jane,",
        "> quoted",
        ">> quoted twice",
        ">",
        " > quoted",
        "＞ 引用",
        "| piped",
        "JD> cited",
        "--",
        "---",
        "__",
        "________________________________",
        "-----Original Message-----",
        "---------- Forwarded message ---------",
        "Begin forwarded message:",
        "From: Jane <j@example.com>",
        "Sent: Monday",
        "To: Bob",
        "Subject: x",
        "Von: J",
        "On Mon, 5 Jan 2026 at 12:34, Jane <j@example.com> wrote:",
        "On Monday, 5 January 2026 at 12:34",
        "Jane <j@example.com>",
        "wrote:",
        "Am 5.1.2026 um 12:34 schrieb J:",
        "---- On Mon, 05 Jan 2026 12:34:56 +0100 J <j@example.com> wrote ----",
        "##- Please type your reply above this line -##",
        "Sent from my iPhone",
        "Get Outlook for iOS",
        "mailing list",
        ">>> import x",
        "> npm start",
        "2c2",
        "< old",
        ">From here",
    ]);
    vec(line, 0..30).prop_map(|lines| lines.join("\n"))
}

/// The same with the elements that programs put around quotes.
pub(crate) fn pages() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "<div class=gmail_quote>",
        "<div class=gmail_attr>",
        "<div class=yahoo_quoted>",
        "<div class=gmail_signature>",
        "<div class=moz-cite-prefix>",
        "<div id=divRplyFwdMsg>",
        "<div id=appendonsend></div>",
        "<div style='border:none;border-top:solid #E1E1E1 1.0pt'>",
        "<div style='display:none'>",
        "<blockquote type=cite>",
        "<blockquote>",
        "</blockquote>",
        "</div>",
        "<p>",
        "</p>",
        "<br>",
        "<table><tr><td>",
        "<td>",
        "</table>",
        "<ul><li>",
        "</ul>",
        "<pre>",
        "</pre>",
        "&nbsp;",
        "&zwnj;",
        "&gt; ",
        "<span style='mso-list:Ignore'>1.</span>",
        "<a href='https://example.com/x'>",
        "</a>",
        "<!--",
        "-->",
        "<style>.a{display:none}</style>",
        "<p class=a>",
    ]);
    vec((piece, lines()), 0..12)
        .prop_map(|pieces| pieces.into_iter().map(|(piece, text)| format!("{piece}{text}")).collect())
}
