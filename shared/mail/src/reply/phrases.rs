//! What mail programs write around quotes, as data. All in lower case.

/// An attribution line: how it begins and what it says for "wrote", one row per language.
pub(super) struct Attribution {
    /// ISO 639-1.
    #[cfg_attr(not(test), allow(dead_code))]
    pub(super) language: &'static str,
    /// One of these begins the line; empty: anything does.
    pub(super) begins: &'static [&'static str],
    /// One of these is in it.
    pub(super) wrote: &'static [&'static str],
    /// A real line, for the test.
    #[cfg_attr(not(test), allow(dead_code))]
    pub(super) sample: &'static str,
}

macro_rules! attributions {
    ($($language:literal, [$($begins:literal),*], [$($wrote:literal),+], $sample:literal;)+) => {
        pub(super) const ATTRIBUTIONS: &[Attribution] = &[$(Attribution {
            language: $language, begins: &[$($begins),*], wrote: &[$($wrote),+], sample: $sample,
        }),+];
    };
}

attributions! {
    "en", ["on "], ["wrote:", "writes:", "sent:"], "On Mon, 5 Jan 2026 at 12:34, Jane Doe <jane@example.com> wrote:";
    "de", ["am "], ["schrieb"], "Am 05.01.2026 um 12:34 schrieb Jane Doe:";
    "fr", ["le "], ["a écrit", "écrit"], "Le 5 janv. 2026 à 12:34, Jane Doe <jane@example.com> a écrit :";
    "es", ["el "], ["escribió", "escribio"], "El lun, 5 ene 2026 a las 12:34, Jane Doe (<jane@example.com>) escribió:";
    "it", ["il ", "in data "], ["ha scritto"], "Il giorno lun 5 gen 2026 alle ore 12:34 Jane Doe <jane@example.com> ha scritto:";
    "pt", ["em "], ["escreveu"], "Em seg., 5 de jan. de 2026 às 12:34, Jane Doe <jane@example.com> escreveu:";
    "nl", ["op "], ["schreef", "heeft", "geschreven"], "Op ma 5 jan 2026 om 12:34 schreef Jane Doe <jane@example.com>:";
    "pl", ["w dniu ", "dnia ", "pon.", "wt.", "śr.", "czw.", "pt.", "sob.", "niedz."], ["napisał", "pisze"], "pon., 5 sty 2026 o 12:34 Jane Doe <jane@example.com> napisał(a):";
    "sv", ["den "], ["skrev"], "Den mån 5 jan. 2026 kl 12:34 skrev Jane Doe <jane@example.com>:";
    "da", ["den ", "man. ", "tirs. ", "ons. ", "tors. ", "fre. "], ["skrev"], "Den man. 5. jan. 2026 kl. 12.34 skrev Jane Doe <jane@example.com>:";
    "nb", ["den ", "man. "], ["skrev"], "man. 5. jan. 2026 kl. 12:34 skrev Jane Doe <jane@example.com>:";
    "fi", [], ["kirjoitti"], "ma 5. tammik. 2026 klo 12.34 Jane Doe (jane@example.com) kirjoitti:";
    "cs", ["dne ", "po ", "út ", "st ", "čt ", "pá "], ["napsal"], "po 5. 1. 2026 v 12:34 odesílatel Jane Doe <jane@example.com> napsal:";
    "sk", ["dňa ", "po "], ["napísal"], "po 5. 1. 2026 o 12:34 Jane Doe <jane@example.com> napísal(a):";
    "hu", [], ["ezt írta", "írta"], "Jane Doe <jane@example.com> ezt írta (időpont: 2026. jan. 5., H, 12:34):";
    "ro", ["pe ", "în ", "in "], ["a scris"], "Pe lun., 5 ian. 2026 la 12:34, Jane Doe <jane@example.com> a scris:";
    "ru", [], ["написал", "пишет"], "пн, 5 янв. 2026 г. в 12:34, Jane Doe <jane@example.com>:  написал:";
    "uk", [], ["пише", "написав"], "пн, 5 січ. 2026 р. о 12:34 Jane Doe <jane@example.com> пише:";
    "bg", ["на "], ["написа"], "На пн, 5.01.2026 г. в 12:34 Jane Doe <jane@example.com> написа:";
    "el", ["στις "], ["έγραψε"], "Στις Δευ 5 Ιαν 2026 στις 12:34 μ.μ., ο χρήστης Jane Doe <jane@example.com> έγραψε:";
    "tr", [], ["şunu yazdı", "yazdı"], "Jane Doe <jane@example.com>, 5 Oca 2026 Pzt, 12:34 tarihinde şunu yazdı:";
    "vi", ["vào "], ["đã viết"], "Vào Th 2, 5 thg 1, 2026 vào lúc 12:34 Jane Doe <jane@example.com> đã viết:";
    "id", ["pada "], ["menulis"], "Pada Sen, 5 Jan 2026 pukul 12.34 Jane Doe <jane@example.com> menulis:";
    "zh", [], ["写道", "寫道", "编写", "撰寫"], "Jane Doe <jane@example.com> 于2026年1月5日周一 12:34写道：";
    "ko", [], ["작성"], "2026년 1월 5일 (월) 오후 12:34, Jane Doe <jane@example.com>님이 작성:";
    "ja", [], ["のメール", "のメッセージ", "書きました", "wrote"], "2026/01/05 12:34、Jane Doe <jane@example.com>のメール:";
    "ar", ["في "], ["كتب"], "في الاثنين، 5 يناير 2026 في 12:34 م كتب Jane Doe <jane@example.com>:";
    "he", ["בתאריך "], ["כתב", "מאת"], "בתאריך יום ב׳, 5 בינו׳ 2026 ב-12:34 מאת Jane Doe <jane@example.com>:";
    "th", [], ["เขียนว่า"], "เมื่อ จ. 5 ม.ค. 2026 เวลา 12:34 Jane Doe <jane@example.com> เขียนว่า:";
    "hi", [], ["ने लिखा"], "सोम, 5 जन॰ 2026 को 12:34 pm बजे Jane Doe <jane@example.com> ने लिखा:";
}

/// Between dashes, before an original mail; what follows is a quote.
pub(super) const ORIGINAL: &[&str] = &[
    "original message",
    "original-nachricht",
    "originalnachricht",
    "ursprüngliche nachricht",
    "message d'origine",
    "message original",
    "mensaje original",
    "messaggio originale",
    "mensagem original",
    "oorspronkelijk bericht",
    "originalmeddelande",
    "ursprungligt meddelande",
    "oprindelig meddelelse",
    "opprinnelig melding",
    "alkuperäinen viesti",
    "wiadomość oryginalna",
    "původní zpráva",
    "pôvodná správa",
    "eredeti üzenet",
    "исходное сообщение",
    "пересылаемое сообщение",
    "orijinal mesaj",
    "元のメッセージ",
    "original appointment",
    "原始邮件",
    "邮件原件",
    "原始郵件",
    "원본 메시지",
];

/// Before a forwarded mail; what follows is content.
pub(super) const FORWARDED: &[&str] = &[
    "forwarded message",
    "begin forwarded message",
    "start of forwarded message",
    "weitergeleitete nachricht",
    "anfang der weitergeleiteten",
    "message transféré",
    "début du message réexpédié",
    "début du message transféré",
    "mensaje reenviado",
    "inicio del mensaje reenviado",
    "messaggio inoltrato",
    "inizio messaggio inoltrato",
    "mensagem encaminhada",
    "início da mensagem reencaminhada",
    "doorgestuurd bericht",
    "vidarebefordrat meddelande",
    "videresendt meddelelse",
    "videresendt melding",
    "välitetty viesti",
    "przekazana wiadomość",
    "wiadomość przekazana",
    "přeposlaná zpráva",
    "továbbított üzenet",
    "пересланное сообщение",
    "iletilen mesaj",
    "yönlendirilen ileti",
    "転送されたメッセージ",
    "転送メッセージ",
    "转发的邮件",
    "转发邮件",
    "已轉寄的郵件",
    "전달된 메시지",
];

/// Labels of the sender's line in a header block.
pub(super) const FROM: &[&str] = &[
    "from",
    "von",
    "de",
    "da",
    "van",
    "od",
    "fra",
    "från",
    "lähettäjä",
    "от",
    "от кого",
    "від",
    "kimden",
    "gönderen",
    "feladó",
    "expéditeur",
    "mittente",
    "差出人",
    "送信者",
    "发件人",
    "寄件者",
    "보낸 사람",
    "보낸사람",
    "από",
    "מאת",
    "من",
];

/// Labels of the other lines: date, recipients, subject.
pub(super) const LABELS: &[&str] = &[
    "sent",
    "date",
    "to",
    "cc",
    "subject",
    "reply-to",
    "gesendet",
    "datum",
    "an",
    "betreff",
    "envoyé",
    "envoyé le",
    "à",
    "objet",
    "enviado",
    "enviado el",
    "enviada em",
    "fecha",
    "data",
    "para",
    "asunto",
    "assunto",
    "inviato",
    "a",
    "oggetto",
    "verzonden",
    "aan",
    "onderwerp",
    "skickat",
    "till",
    "ämne",
    "sendt",
    "til",
    "emne",
    "dato",
    "lähetetty",
    "vastaanottaja",
    "aihe",
    "wysłano",
    "data wysłania",
    "do",
    "temat",
    "odesláno",
    "komu",
    "předmět",
    "odoslané",
    "predmet",
    "elküldve",
    "címzett",
    "tárgy",
    "отправлено",
    "дата",
    "кому",
    "тема",
    "надіслано",
    "gönderilme tarihi",
    "tarih",
    "kime",
    "konu",
    "送信日時",
    "日時",
    "日付",
    "宛先",
    "件名",
    "发送时间",
    "发送日期",
    "日期",
    "收件人",
    "抄送",
    "主题",
    "寄件日期",
    "收件者",
    "主旨",
    "보낸 날짜",
    "날짜",
    "받는 사람",
    "받는사람",
    "제목",
    "trimis",
    "către",
    "subiect",
];

/// How lines begin that mobile programs put under what was written.
pub(super) const MOBILE: &[&str] = &[
    "sent from my ",
    "sent from mail for ",
    "sent from outlook",
    "sent from yahoo mail",
    "sent via ",
    "get outlook for ",
    "von meinem ",
    "von meiner ",
    "gesendet von ",
    "gesendet mit ",
    "envoyé de mon ",
    "envoyé depuis ",
    "enviado desde ",
    "enviado do meu ",
    "inviato da ",
    "verstuurd vanaf ",
    "verzonden vanaf ",
    "skickat från min ",
    "sendt fra min ",
    "lähetetty ",
    "wysłane z ",
    "odesláno z ",
    "отправлено с ",
    "iphoneから送信",
    "ipadから送信",
    "iphone から送信",
    "发自我的",
    "從我的",
    "나의 ",
];

/// Subject prefixes that mean a forward in every language that uses them.
const FORWARD_PREFIXES: &[&str] = &[
    "fwd",
    "fw",
    "wg",
    "rv",
    "enc",
    "doorst",
    "videresend",
    "i̇lt",
    "пересл",
    "转发",
    "轉寄",
    "転送",
    "전달",
    "vb",
];

/// Whether the subject begins as a forward.
pub(super) fn is_forward_subject(subject: &str) -> bool {
    let subject = subject.trim_start().to_lowercase();
    let Some((prefix, _)) = subject.split_once([':', '：']) else { return false };
    FORWARD_PREFIXES.contains(&prefix.trim_end_matches(|c: char| c.is_ascii_digit() || "[]() ".contains(c)))
}

/// Whether a text begins with the line before a forwarded mail.
pub(super) fn begins_forward(text: &str) -> bool {
    text.lines().filter(|line| !line.trim().is_empty()).take(2).any(is_forward_line)
}

/// A line before a forwarded mail.
pub(super) fn is_forward_line(line: &str) -> bool {
    is_between_dashes(line, FORWARDED, true)
}

/// A line before an original mail.
pub(super) fn is_original_line(line: &str) -> bool {
    is_between_dashes(line, ORIGINAL, false)
}

fn is_between_dashes(line: &str, phrases: &[&str], bare: bool) -> bool {
    let line = line.trim().trim_start_matches(['>', ' ']);
    if line.len() > 200 {
        return false;
    }
    let inner =
        line.trim_matches(|c: char| matches!(c, '-' | '_' | '=' | '*' | ' ' | '\u{2013}' | '\u{2014}'));
    let dashed = line.starts_with("--") || line.starts_with("__") || line.starts_with("==");
    let lower = inner.trim_end_matches([':', '：', ' ']).to_lowercase();
    let hit = phrases.iter().any(|phrase| lower == *phrase || dashed && lower.starts_with(phrase));
    hit && (dashed || bare && inner.ends_with([':', '：']))
}
