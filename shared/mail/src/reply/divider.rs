//! Lines between what is new and an older mail.

use memchr::memmem;

use super::bare;

/// What a dividing line says of the text below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Divider {
    /// It is an older mail.
    Original,
    /// It is a forwarded mail.
    Forwarded,
    /// Answers are written above.
    AnswerAbove,
}

/// Between dashes, before an original mail, by language.
#[rustfmt::skip]
const ORIGINAL: &[(&str, &[&str])] = &[
    ("en", &["original message", "original", "original appointment", "original mail", "original email", "original e-mail", "message original", "reply message", "quoted text", "end of original message"]),
    ("de", &["original-nachricht", "originalnachricht", "ursprüngliche nachricht", "ursprüngliche mail", "ursprüngliche e-mail", "urspr. nachricht", "original-mail", "ursprünglicher termin"]),
    ("fr", &["message d'origine", "message d’origine", "message original", "courriel d'origine", "mail original", "e-mail d'origine", "rendez-vous d'origine"]),
    ("es", &["mensaje original", "correo original"]),
    ("it", &["messaggio originale", "messaggio di origine", "messaggio orig."]),
    ("pt", &["mensagem original", "mensagem de origem"]),
    ("nl", &["oorspronkelijk bericht", "origineel bericht", "oorspronkelijke bericht", "oorspronkelijke mail"]),
    ("sv", &["originalmeddelande", "ursprungligt meddelande", "ursprungligt mejl"]),
    ("da", &["oprindelig meddelelse", "original meddelelse", "oprindelig besked"]),
    ("nb", &["opprinnelig melding", "original melding", "originalmelding"]),
    ("is", &["upprunaleg skilaboð", "upprunalegt skeyti"]),
    ("fi", &["alkuperäinen viesti", "alkuperäinen sähköposti"]),
    ("et", &["algne kiri", "algne sõnum", "originaalsõnum"]),
    ("lv", &["sākotnējais ziņojums", "oriģinālais ziņojums", "sākotnējā ziņa"]),
    ("lt", &["originalus laiškas", "pradinis pranešimas", "pradinis laiškas"]),
    ("pl", &["wiadomość oryginalna", "oryginalna wiadomość", "pierwotna wiadomość", "treść oryginalnej wiadomości"]),
    ("cs", &["původní zpráva", "původní e-mail"]),
    ("sk", &["pôvodná správa"]),
    ("sl", &["izvirno sporočilo", "prvotno sporočilo"]),
    ("hr", &["izvorna poruka", "originalna poruka", "izvorna poruka e-pošte"]),
    ("sr", &["оригинална порука", "изворна порука", "originalna poruka"]),
    ("mk", &["оригинална порака", "изворна порака"]),
    ("hu", &["eredeti üzenet", "eredeti levél"]),
    ("ro", &["mesaj original", "mesajul original", "mesaj inițial"]),
    ("ru", &["исходное сообщение", "пересылаемое сообщение", "оригинальное сообщение", "первоначальное сообщение", "исходное письмо"]),
    ("uk", &["вихідне повідомлення", "оригінальне повідомлення", "початкове повідомлення"]),
    ("be", &["зыходнае паведамленне", "арыгінальнае паведамленне"]),
    ("bg", &["оригинално съобщение", "първоначално съобщение", "оригинално писмо"]),
    ("el", &["αρχικό μήνυμα", "αρχικό email"]),
    ("tr", &["orijinal mesaj", "özgün ileti", "asıl mesaj", "orjinal mesaj", "orijinal ileti"]),
    ("ar", &["الرسالة الأصلية", "رسالة أصلية"]),
    ("fa", &["پیام اصلی", "متن اصلی"]),
    ("he", &["הודעה מקורית", "ההודעה המקורית"]),
    ("hi", &["मूल संदेश"]),
    ("th", &["ข้อความต้นฉบับ", "ข้อความเดิม"]),
    ("vi", &["thư gốc", "tin nhắn gốc", "thông điệp gốc", "tin nhắn ban đầu"]),
    ("id", &["pesan asli"]),
    ("ms", &["mesej asal", "mesej asli"]),
    ("zh-Hans", &["原始邮件", "邮件原件", "原邮件", "原始信息", "回复的原邮件", "回复的邮件", "回复邮件", "邮件原文"]),
    ("zh-Hant", &["原始郵件", "原始訊息", "原始信件", "原郵件"]),
    ("ja", &["元のメッセージ", "元のメール", "オリジナルメッセージ", "original message", "元メール"]),
    ("ko", &["원본 메시지", "원본 메일", "원래 메시지", "원본메일", "원문 메시지"]),
    ("ca", &["missatge original"]),
    ("eu", &["jatorrizko mezua"]),
    ("gl", &["mensaxe orixinal"]),
    ("cy", &["neges wreiddiol"]),
    ("ga", &["bunteachtaireacht", "an teachtaireacht bhunaidh"]),
];

/// Before a forwarded mail, by language: between dashes, or alone and with a colon.
#[rustfmt::skip]
const FORWARDED: &[(&str, &[&str])] = &[
    ("en", &["forwarded message", "begin forwarded message", "start of forwarded message", "forwarded mail", "forwarded email", "forwarded by", "forward message", "forwarded letter", "begin forwarded text"]),
    ("de", &["weitergeleitete nachricht", "anfang der weitergeleiteten nachricht", "anfang der weitergeleiteten e-mail", "weitergeleitete mail", "weitergeleitete e-mail", "weitergeleitet von", "beginn der weitergeleiteten nachricht"]),
    ("fr", &["message transféré", "début du message réexpédié", "début du message transféré", "message réexpédié", "transféré par", "mail transféré"]),
    ("es", &["mensaje reenviado", "inicio del mensaje reenviado", "comienzo del mensaje reenviado", "correo reenviado", "reenviado por"]),
    ("it", &["messaggio inoltrato", "inizio messaggio inoltrato", "inoltrato da", "messaggio inviato"]),
    ("pt", &["mensagem encaminhada", "início da mensagem reencaminhada", "início da mensagem encaminhada", "mensagem reencaminhada", "começo da mensagem encaminhada"]),
    ("nl", &["doorgestuurd bericht", "begin doorgestuurd bericht", "doorgezonden bericht", "begin van doorgestuurd bericht", "doorgestuurd door"]),
    ("sv", &["vidarebefordrat meddelande", "vidarebefordrat mejl", "börja på vidarebefordrat meddelande", "vidarebefordrat brev", "början på vidarebefordrat meddelande", "vidarebefordrat mail"]),
    ("da", &["videresendt meddelelse", "start på videresendt besked", "videresendt besked", "videresendt mail", "begyndelse på videresendt meddelelse"]),
    ("nb", &["videresendt melding", "begynn videresendt melding", "videresendt e-post", "start på videresendt melding"]),
    ("nn", &["vidaresend melding"]),
    ("is", &["áframsend skilaboð", "áframsent skeyti", "framsent skeyti"]),
    ("fi", &["välitetty viesti", "välitetty viesti alkaa", "edelleenlähetetty viesti"]),
    ("et", &["edastatud kiri", "edastatud sõnum", "edastatud e-kiri"]),
    ("lv", &["pārsūtītais ziņojums", "pārsūtīta ziņa", "pārsūtīts ziņojums"]),
    ("lt", &["persiųstas laiškas", "persiųstas pranešimas", "persiunčiamas laiškas"]),
    ("pl", &["przekazana wiadomość", "wiadomość przekazana", "treść przekazanej wiadomości", "początek przekazywanej wiadomości", "początek przekazanej wiadomości", "przekazany list"]),
    ("cs", &["přeposlaná zpráva", "začátek přeposílané zprávy", "předaná zpráva", "přeposlaný e-mail", "začátek přeposlané zprávy", "přesměrovaná zpráva"]),
    ("sk", &["preposlaná správa", "začiatok preposlanej správy", "posunutá správa", "odovzdaná správa"]),
    ("sl", &["posredovano sporočilo", "začetek posredovanega sporočila"]),
    ("hr", &["proslijeđena poruka", "započni proslijeđenu poruku", "početak proslijeđene poruke", "prosljeđena poruka"]),
    ("sr", &["прослеђена порука", "prosleđena poruka", "proslijeđena poruka"]),
    ("mk", &["препратена порака"]),
    ("hu", &["továbbított üzenet", "továbbított levél", "a továbbított levél kezdete", "továbbított üzenet kezdete", "a továbbított üzenet kezdete"]),
    ("ro", &["mesaj redirecționat", "mesaj redirecţionat", "mesaj redirectionat", "mesaj înaintat", "începutul mesajului redirecționat", "începe mesajul redirecționat", "mesaj transmis"]),
    ("ru", &["пересланное сообщение", "перенаправленное сообщение", "начало переадресованного сообщения", "пересланное письмо", "начало пересылаемого сообщения", "переадресованное сообщение"]),
    ("uk", &["переслане повідомлення", "початок пересланого повідомлення", "перенаправлене повідомлення", "початок листа, що пересилається", "переслано повідомлення"]),
    ("be", &["перасланае паведамленне", "пераадрасаванае паведамленне"]),
    ("bg", &["препратено съобщение", "начало на препратеното съобщение", "препратено писмо", "начало на препратено съобщение"]),
    ("el", &["προωθημένο μήνυμα", "έναρξη προωθημένου μηνύματος", "προωθημένο email", "αρχή προωθημένου μηνύματος"]),
    ("tr", &["yönlendirilen ileti", "iletilen mesaj", "iletilmiş mesaj başlangıcı", "yönlendirilen mesaj", "iletilen ileti", "iletilmiş mesaj", "başlangıç iletilmiş mesaj"]),
    ("ar", &["رسالة معاد توجيهها", "الرسالة المعاد توجيهها", "بدء الرسالة المعاد توجيهها", "رسالة محوّلة", "رسالة تمت إعادة توجيهها"]),
    ("fa", &["پیام هدایت‌شده", "پیام ارجاع شده", "پیام فوروارد شده", "پیام هدایت شده"]),
    ("he", &["הודעה שהועברה", "תחילת ההודעה שהועברה", "התחל הודעה שהועברה", "הודעה מועברת"]),
    ("hi", &["अग्रेषित संदेश", "अग्रेषित किया गया संदेश"]),
    ("th", &["ข้อความที่ส่งต่อ", "เริ่มข้อความที่ส่งต่อ", "ข้อความที่ถูกส่งต่อ"]),
    ("vi", &["thư đã chuyển tiếp", "tin nhắn đã chuyển tiếp", "bắt đầu thư được chuyển tiếp", "thư được chuyển tiếp", "bắt đầu tin nhắn được chuyển tiếp", "thông điệp chuyển tiếp"]),
    ("id", &["pesan terusan", "pesan yang diteruskan", "mulai pesan yang diteruskan", "pesan diteruskan", "awal pesan yang diteruskan"]),
    ("ms", &["mesej yang dimajukan", "mesej dimajukan", "mulakan mesej dimajukan", "mesej yang dikirim semula", "mesej dipanjangkan"]),
    ("zh-Hans", &["转发的邮件", "转发邮件", "已转发邮件", "转发邮件信息", "开始转发的邮件", "转发的信息", "转发信息", "以下是转发的邮件", "转发的消息", "forwarded message"]),
    ("zh-Hant", &["已轉寄的郵件", "轉寄郵件", "轉寄的郵件", "開始轉寄郵件", "轉寄訊息", "轉寄的訊息", "轉發的郵件", "以下為轉寄郵件"]),
    ("ja", &["転送されたメッセージ", "転送メッセージ", "転送メール", "転送されたメール", "以下は転送されたメール", "以下転送", "転送元メッセージ", "転送開始"]),
    ("ko", &["전달된 메시지", "전달된 메일", "전달 메시지", "전달한 메시지", "전달된 메세지", "시작: 전달된 메시지", "다음은 전달된 메시지입니다"]),
    ("ca", &["missatge reenviat", "inici del missatge reenviat", "comença el missatge reenviat", "missatge renviat"]),
    ("eu", &["birbidalitako mezua", "birbidaltutako mezua", "berbidalitako mezua"]),
    ("gl", &["mensaxe reenviada", "inicio da mensaxe reenviada"]),
    ("cy", &["neges wedi'i hanfon ymlaen", "neges a anfonwyd ymlaen", "neges wedi ei hanfon ymlaen"]),
    ("ga", &["teachtaireacht ar aghaidh", "teachtaireacht curtha ar aghaidh", "teachtaireacht atreoraithe"]),
];

/// Helpdesks ask for answers above such a line, by language.
#[rustfmt::skip]
const ABOVE: &[(&str, &[&str])] = &[
    ("en", &["please type your reply above this line", "reply above this line", "write above this line", "type your response above this line", "please reply above this line", "type your reply above this line", "reply above the line", "to respond to this ticket, reply above", "add your comment above this line", "please do not write below this line", "in replies all text above this line is added to the ticket", "respond above this line", "enter your reply above this line", "when replying, please type your reply above this line", "do not reply below this line"]),
    ("de", &["bitte geben sie ihre antwort oberhalb dieser zeile ein", "antworten sie oberhalb dieser zeile", "bitte oberhalb dieser zeile antworten", "bitte antworten sie oberhalb dieser linie", "antwort bitte über dieser zeile", "bitte antworten sie über dieser zeile", "bitte fügen sie ihre antwort oberhalb dieser zeile ein"]),
    ("fr", &["veuillez saisir votre réponse au-dessus de cette ligne", "répondez au-dessus de cette ligne", "répondre au-dessus de cette ligne", "merci de répondre au-dessus de cette ligne", "tapez votre réponse au-dessus de cette ligne"]),
    ("es", &["por favor, escriba su respuesta encima de esta línea", "escriba su respuesta por encima de esta línea", "por favor responda por encima de esta línea", "escriba su respuesta sobre esta línea", "responda por encima de esta línea"]),
    ("it", &["digitare la risposta sopra questa riga", "rispondi sopra questa riga", "scrivi la tua risposta sopra questa riga", "rispondere sopra questa riga"]),
    ("pt", &["digite sua resposta acima desta linha", "por favor, escreva sua resposta acima desta linha", "responda acima desta linha"]),
    ("nl", &["typ uw antwoord boven deze regel", "antwoord boven deze regel", "reageer boven deze regel", "plaats uw antwoord boven deze regel"]),
    ("sv", &["skriv ditt svar ovanför denna rad", "svara ovanför den här raden"]),
    ("da", &["skriv dit svar over denne linje", "svar over denne linje"]),
    ("nb", &["skriv svaret ditt over denne linjen", "svar over denne linjen"]),
    ("fi", &["kirjoita vastauksesi tämän rivin yläpuolelle", "vastaa tämän rivin yläpuolelle"]),
    ("pl", &["wpisz odpowiedź powyżej tej linii", "proszę wpisać odpowiedź powyżej tej linii", "odpowiedz powyżej tej linii"]),
    ("cs", &["napište svou odpověď nad tento řádek", "odpovězte nad tento řádek", "odpověď pište nad tuto čáru"]),
    ("hu", &["kérjük, válaszát e sor fölé írja", "írja a válaszát e sor fölé"]),
    ("ru", &["пожалуйста, введите ответ над этой строкой", "введите ответ над этой строкой", "пишите ответ выше этой линии", "ответ пишите выше этой строки"]),
    ("tr", &["lütfen yanıtınızı bu satırın üzerine yazın", "yanıtınızı bu satırın üstüne yazın"]),
    ("ja", &["この線より上に返信を入力してください", "この行より上に返信を記入してください", "返信はこの行より上に", "この行の上に返信を入力してください", "この行より上に返信"]),
    ("zh", &["请在此行上方输入您的回复", "请在此行上方回复", "請在此行上方輸入您的回覆", "请在这条线以上回复"]),
    ("ko", &["이 줄 위에 답장을 입력하세요", "이 줄 위에 회신 내용을 입력해 주십시오", "이 선 위에 회신을 입력하십시오"]),
];

/// Longer lines are text.
const MAX_LINE: usize = 240;
/// Bytes of a heading with its marks.
const MAX_MARKED: usize = 100;
/// Bytes of a heading.
const MAX_HEADING: usize = 48;

/// What a line divides, if it does.
pub(super) fn divider(line: &str) -> Option<Divider> {
    let line = unglued(line);
    if line.len() > MAX_LINE {
        return None;
    }
    let line = bare(line);
    let line = line.trim().trim_start_matches(['>', ' ', '*']).trim_end_matches(['*', ' ']);
    let dashed = DASHES.iter().any(|dashes| line.starts_with(dashes));
    let open = line.ends_with([':', '：']);
    if !dashed && !open && memmem::find(line.as_bytes(), b"##").is_none() && !has_many_bytes(line) {
        return None;
    }
    let sign = |c: char| {
        matches!(
            c,
            '-' | '_'
                | '='
                | '*'
                | ' '
                | '#'
                | '~'
                | '\u{2013}'
                | '\u{2014}'
                | '\u{2500}'
                | 'ー'
                | '＊'
                | '\u{A0}'
                | '['
                | ']'
                | '<'
        )
    };
    let inner = line.trim_matches(sign).trim_end_matches([':', '：', ' ', '\u{A0}']);
    let lower = inner.to_lowercase();
    let starts =
        |table: &[(&str, &[&str])]| table.iter().flat_map(|(_, all)| *all).any(|one| lower.starts_with(one));
    let equals = |table: &[(&str, &[&str])]| table.iter().flat_map(|(_, all)| *all).any(|one| lower == *one);
    let closed = DASHES.iter().any(|dashes| line.ends_with(dashes));
    if (dashed || closed || has_many_bytes(line)) && starts(ABOVE) {
        return Some(Divider::AnswerAbove);
    }
    if open && equals(FORWARDED)
        || dashed && (equals(FORWARDED) || starts(FORWARDED) && (closed || dated(inner)))
    {
        return Some(Divider::Forwarded);
    }
    (dashed && (equals(ORIGINAL) || starts(ORIGINAL) && closed)).then_some(Divider::Original)
}

/// A divider without the header lines that Samsung's program glues to it.
fn unglued(line: &str) -> &str {
    let Some(inner) = line.strip_prefix("---").map(|rest| rest.trim_start_matches('-')) else { return line };
    let Some((words, rest)) = inner.split_once("---").filter(|(words, _)| words.len() <= MAX_LINE) else {
        return line;
    };
    let rest = rest.trim_start_matches('-');
    let labelled = || rest.chars().take(40).any(|c| matches!(c, ':' | '：'));
    let end = line.len() - rest.len();
    if words.contains(char::is_alphabetic) && !rest.is_empty() && labelled() { &line[..end] } else { line }
}

/// Words for mails, answers and what was before: one of them stands in what programs write between dashes above an
/// older mail, whatever else they write there.
#[rustfmt::skip]
const NOUNS: &[&str] = &[
    "message", "mail", "reply", "answer", "response", "conversation", "previous", "earlier", "nachricht", "antwort", "vorherige", "réponse", "courriel", "précédent", "mensaje", "respuesta", "correo", "anterior", "messaggio", "risposta", "precedente", "mensagem", "resposta",
    "bericht", "antwoord", "meddelande", "svar", "meddelelse", "besked", "melding", "viesti", "vastaus", "kiri", "vastus", "ziņojum", "atbilde", "laiškas", "atsakymas", "wiadomość", "odpowiedź", "zpráva", "odpověď", "správa", "sporočilo", "odgovor", "poruka", "üzenet", "levél", "válasz", "mesaj", "răspuns",
    "сообщение", "письмо", "ответ", "повідомлення", "лист", "відповідь", "съобщение", "отговор", "порака", "μήνυμα", "απάντηση", "ileti", "yanıt", "رسالة", "الرد", "پیام", "הודעה", "תשובה", "संदेश", "ข้อความ", "thư", "tin nhắn", "pesan", "balasan", "邮件", "原文", "回复", "郵件", "訊息", "信件", "回覆", "メッセージ", "メール", "返信", "메시지", "메일", "답장",
    "missatge", "mezua", "mensaxe", "neges", "teachtaireacht", "skeyti", "skilaboð", "mesej",
];

/// The words between dashes, if they are one to four and nothing else.
fn words_between(line: &str) -> Option<String> {
    let inner = line.trim().strip_prefix("----")?.strip_suffix("----")?;
    let words = inner.trim_matches(['-', ' ', '\u{A0}', '*']);
    let count = words.split_whitespace().count();
    let plain = !words.contains(|c: char| c.is_numeric() || matches!(c, '-' | '|' | ':' | '.'));
    let ends = ["BEGIN ", "END "].iter().any(|word| words.starts_with(word));
    ((1..=4).contains(&count) && plain && !ends).then(|| words.to_lowercase())
}

/// Whether a line is one that divides, in whatever words.
pub(super) fn is_unknown(line: &str) -> bool {
    words_between(unglued(line)).is_some()
}

/// Whether its words say that a mail or an answer follows.
pub(super) fn names_mail(line: &str) -> bool {
    words_between(unglued(line)).is_some_and(|words| NOUNS.iter().any(|noun| words.contains(noun)))
}

/// Whether a line is a rule of any length.
pub(super) fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 3 && line.bytes().all(|b| matches!(b, b'-' | b'_' | b'=' | b'*'))
}

/// Headings of forums and helpdesks above earlier answers, in lower case.
#[rustfmt::skip]
const EARLIER: &[&str] = &[
    "previous replies", "previous reply", "previous messages", "previous message", "previous comments", "earlier messages", "earlier replies", "conversation history", "message history", "ticket history", "previous conversation", "in reply to", "history", "conversation",
    "vorherige antworten", "vorherige nachrichten", "frühere nachrichten", "frühere antworten", "bisheriger verlauf", "nachrichtenverlauf", "verlauf", "bisherige nachrichten", "réponses précédentes", "messages précédents", "historique", "historique de la conversation", "respuestas anteriores", "mensajes anteriores", "historial", "historial de la conversación",
    "risposte precedenti", "messaggi precedenti", "cronologia", "respostas anteriores", "mensagens anteriores", "histórico", "vorige antwoorden", "vorige berichten", "eerdere berichten", "eerdere antwoorden", "tidigare svar", "tidigare meddelanden", "tidligere svar", "tidligere beskeder", "tidligere meldinger", "aiemmat viestit", "poprzednie odpowiedzi", "poprzednie wiadomości", "předchozí odpovědi", "předchozí zprávy", "korábbi üzenetek", "предыдущие ответы", "предыдущие сообщения", "попередні відповіді", "попередні повідомлення", "önceki yanıtlar", "önceki mesajlar",
    "以前の返信", "過去の返信", "以前のメッセージ", "过去的回复", "以前的回复", "先前的回复", "历史消息", "先前的回覆", "이전 답글", "이전 메시지",
];

/// Whether a line is such a heading, perhaps in bold. One of a single word needs its marks.
pub(super) fn is_earlier(line: &str) -> bool {
    let line = line.trim();
    let is_mark = |c: char| matches!(c, '*' | '_' | '#' | '=' | '-' | ' ' | ':');
    let marked = || line.starts_with(is_mark) || line.ends_with(is_mark);
    if line.len() > MAX_MARKED || line.len() > MAX_HEADING && !marked() {
        return false;
    }
    let heading = line.trim_matches(is_mark);
    let marked = heading.len() < line.trim_end_matches(':').len();
    heading.len() <= MAX_HEADING
        && EARLIER.contains(&heading.to_lowercase().as_str())
        && (marked || heading.contains(' ') || !heading.is_ascii())
}

const DASHES: [&str; 8] = ["--", "__", "==", "##", "—", "––", "──", "~~"];

/// Marks that nobody writes otherwise: `##- ... -##`, `=-=-= ... =-=-=`, `[[ ... ]]`.
fn has_many_bytes(line: &str) -> bool {
    line.starts_with(['#', '=', '-', '~', '*', '[', '<'])
        && line.ends_with(['#', '=', '-', '~', '*', ']', '>'])
}

/// Notes and mutt name the sender and the date in the line.
fn dated(inner: &str) -> bool {
    inner.contains('@')
        || inner.chars().filter(char::is_ascii_digit).count() >= 4
        || inner.to_lowercase().starts_with("forwarded message from")
}

/// Whether a line of dashes around words is one that a program wrote, in whatever language.
pub(super) fn is_dashed(line: &str) -> bool {
    let line = bare(line);
    let line = line.trim();
    line.len() <= MAX_LINE
        && line.starts_with("------")
        && line.ends_with("------")
        && line.contains(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_is_known() {
        assert!(ORIGINAL.len() >= 40 && FORWARDED.len() >= 45);
        for (language, phrases) in ORIGINAL {
            for phrase in *phrases {
                for line in [
                    format!("-----{phrase}-----"),
                    format!("-------- {phrase} --------"),
                    format!("> ----- {} -----", phrase),
                ] {
                    assert_eq!(divider(&line), Some(Divider::Original), "{language}: {line}");
                }
            }
        }
        for (language, phrases) in FORWARDED {
            for phrase in *phrases {
                for line in [format!("---------- {phrase} ---------"), format!("{phrase}:")] {
                    assert_eq!(divider(&line), Some(Divider::Forwarded), "{language}: {line}");
                }
            }
        }
        for (language, phrases) in ABOVE {
            for phrase in *phrases {
                for line in [
                    format!("##- {phrase} -##"),
                    format!("-- {phrase} --"),
                    format!("=-=-=-= {phrase} =-=-=-="),
                ] {
                    assert_eq!(divider(&line), Some(Divider::AnswerAbove), "{language}: {line}");
                }
            }
        }
    }

    #[test]
    fn forms_of_programs() {
        for line in [
            "----- Forwarded message from Jane Doe <jane@example.com> -----",
            "----- Forwarded by Jane Doe/Example on 05/01/2026 12:34 -----",
            "Début du message réexpédié :",
            "-------------------- Start of forwarded message --------------------",
        ] {
            assert_eq!(divider(line), Some(Divider::Forwarded), "{line}");
        }
        for line in [
            "------------------ 原始邮件 ------------------",
            "*-----Original Message-----*",
            "------------------ Original ------------------",
            "-----Ursprüngliche Nachricht-----",
        ] {
            assert_eq!(divider(line), Some(Divider::Original), "{line}");
        }
    }

    #[test]
    fn ordinary_lines_are_none() {
        for line in [
            "The original message is below:",
            "Original message",
            "-----",
            "- original",
            "--",
            "| --- | --- |",
            "Forwarded message",
            "-- original thinking by Jane",
        ] {
            assert_eq!(divider(line), None, "{line}");
        }
    }
}
