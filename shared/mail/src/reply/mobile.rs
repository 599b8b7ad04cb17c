//! Lines that phones, webmail and virus scanners write below a mail.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use memchr::{memchr2, memchr3};

use super::{bare, device};

/// Bytes of a line that a program writes below a mail.
const MAX_MOBILE: usize = 160;

/// A line that mobile programs and webmail write under a mail, in one language, all in lower case: it begins with one
/// of `begins` or ends with one of `ends`, and names a device or a program.
pub(super) struct Row {
    #[cfg_attr(not(test), allow(dead_code))]
    language: &'static str,
    begins: &'static [&'static str],
    pub(super) ends: &'static [&'static str],
    #[cfg_attr(not(test), allow(dead_code))]
    samples: &'static [&'static str],
}

const fn row(
    language: &'static str,
    begins: &'static [&'static str],
    ends: &'static [&'static str],
    samples: &'static [&'static str],
) -> Row {
    Row { language, begins, ends, samples }
}

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    row("en", &["sent from ", "sent via ", "sent with ", "sent using ", "sent by ", "get ", "sent on ", "this email was sent from ", "this message was sent from ", "composed on ", "typed on ", "secured with "], &[], &[
        "Sent from my iPhone", "Sent from my Galaxy", "Sent from Mail for Windows", "Get Outlook for iOS", "Sent from Yahoo Mail on Android", "Sent from Outlook for Android", "Sent with Proton Mail secure email.",
        "Sent via BlackBerry from T-Mobile", "Get BlueMail for Android", "Sent from my Android device with K-9 Mail. Please excuse my brevity.", "Sent from Yahoo Mail for iPhone", "Sent from my Samsung Galaxy smartphone.", "Sent from Gmail Mobile"]),
    row("de", &["von meinem ", "von meiner ", "von meinem/meiner ", "von yahoo ", "von samsung ", "von outlook ", "von iphone ", "gesendet von ", "gesendet mit ", "gesendet aus ", "gesendet über ", "diese nachricht wurde von ", "mit mobilem ", "holen sie sich ", "versendet mit ", "unterwegs gesendet "], &["beziehen", "herunterladen", "abrufen"], &[
        "Von meinem iPhone gesendet", "Gesendet von Mail für Windows", "Gesendet mit der GMX Mail App", "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.", "Holen Sie sich Outlook für iOS", "Outlook für Android beziehen", "Von meinem Samsung Galaxy Smartphone gesendet."]),
    row("fr", &["envoyé de ", "envoyé depuis ", "envoyé à partir ", "télécharger ", "obtenir ", "provenance : ", "envoyé avec ", "envoyé via ", "envoyée depuis "], &[], &[
        "Envoyé de mon iPhone", "Envoyé depuis mon appareil Galaxy", "Télécharger Outlook pour iOS", "Envoyé à partir de Courrier pour Windows", "Obtenir Outlook pour Android", "Provenance : Courrier pour Windows"]),
    row("es", &["enviado desde ", "enviado con ", "obtener ", "enviado a través de ", "descargar ", "enviado de ", "obtenga "], &[], &["Enviado desde mi iPhone", "Obtener Outlook para iOS", "Enviado desde Correo para Windows", "Enviado desde mi Samsung Mobile de Telcel"]),
    row("it", &["inviato da ", "inviato con ", "inviato dal ", "ottieni ", "scarica ", "inviato tramite "], &[], &["Inviato da iPhone", "Inviato da Posta per Windows", "Scarica Outlook per iOS", "Ottieni Outlook per Android", "Inviato dal mio smartphone Samsung Galaxy."]),
    row("pt", &["enviado do ", "enviado de ", "enviado pelo ", "enviado via ", "enviado por ", "obter ", "enviado a partir ", "obtenha ", "enviada do ", "baixe o "], &[], &["Enviado do meu iPhone", "Enviado do Email para Windows", "Obter o Outlook para iOS", "Obtenha o Outlook para Android", "Enviado a partir do meu smartphone Samsung Galaxy."]),
    row("nl", &["verstuurd vanaf ", "verzonden vanaf ", "verzonden vanuit ", "verstuurd vanuit ", "download ", "verzonden met ", "verstuurd met ", "outlook voor "], &["downloaden"], &["Verstuurd vanaf mijn iPhone", "Verzonden vanuit Mail voor Windows", "Outlook voor iOS downloaden", "Verzonden vanaf mijn Galaxy"]),
    row("af", &["gestuur vanaf ", "gestuur van "], &[], &["Gestuur vanaf my iPhone"]),
    row("pl", &["wysłane z ", "wysłano z ", "pobierz ", "uzyskaj ", "wysłane przy "], &[], &["Wysłane z iPhone'a", "Wysłane z iPhone", "Pobierz program Outlook dla systemu iOS", "Wysłano z aplikacji Poczta systemu Windows"]),
    row("sv", &["skickat från ", "skickades från ", "skickat med ", "skaffa ", "hämta ", "skickat via "], &[], &["Skickat från min iPhone", "Skickades från E-post för Windows", "Skaffa Outlook för iOS", "Hämta Outlook för Android"]),
    row("da", &["sendt fra ", "sendt med ", "hent ", "få ", "sendt via "], &[], &["Sendt fra min iPhone", "Sendt fra Mail til Windows", "Hent Outlook til iOS", "Få Outlook til Android"]),
    row("nb", &["sendt fra ", "sendt med ", "skaff ", "få ", "last ned ", "hent "], &[], &["Sendt fra min iPhone", "Sendt fra E-post for Windows", "Skaff deg Outlook for iOS", "Få Outlook for Android"]),
    row("nn", &["sendt frå "], &[], &["Sendt frå min iPhone"]),
    row("is", &["sent úr ", "sent frá "], &[], &["Sent úr iPhone"]),
    row("fi", &["lähetetty ", "hanki ", "lataa "], &[], &["Lähetetty iPhonesta", "Lähetetty Windowsin Sähköpostista", "Hanki Outlook for iOS", "Lähetetty Samsung Galaxy -älypuhelimesta."]),
    row("et", &["saadetud minu ", "saadetud ", "hankige "], &[], &["Saadetud minu iPhone'ist", "Hankige Outlook for iOS"]),
    row("lv", &["nosūtīts no ", "sūtīts no "], &[], &["Nosūtīts no mana iPhone"]),
    row("lt", &["išsiųsta iš ", "siunčiama iš ", "gaukite "], &[], &["Išsiųsta iš mano iPhone", "Gaukite Outlook, skirtą iOS"]),
    row("cs", &["odesláno z ", "odesláno ze ", "odesláno pomocí ", "odesláno přes ", "získat ", "získejte ", "stáhnout ", "odoslané z "], &[], &["Odesláno z iPhonu", "Odesláno z Pošty pro Windows", "Získat Outlook pro iOS", "Odesláno ze zařízení Galaxy"]),
    row("sk", &["odoslané z ", "odoslané zo ", "získať ", "stiahnuť ", "odoslané pomocou "], &[], &["Odoslané z iPhonu", "Odoslané z Pošty pre Windows", "Získať Outlook pre iOS"]),
    row("sl", &["poslano z ", "pridobite ", "poslano iz "], &[], &["Poslano z iPhona", "Poslano iz mojega telefona iPhone", "Pridobite Outlook za iOS"]),
    row("hr", &["poslano s ", "poslano iz ", "nabavite ", "preuzmite "], &[], &["Poslano s mog iPhonea", "Poslano iz Pošte za Windows", "Nabavite Outlook za iOS"]),
    row("sr", &["poslato sa ", "послато са ", "послато из ", "poslato iz ", "preuzmite ", "преузмите "], &[], &["Poslato sa mog iPhone-a", "Послато са мог iPhone-а", "Преузмите Outlook за iOS"]),
    row("mk", &["испратено од ", "пратено од "], &[], &["Испратено од мојот iPhone"]),
    row("hu", &["az én ", "elküldve ", "küldve ", "elküldve a ", "iphone-ról ", "ipad-ről "], &["küldve", "letöltése", "elküldve", "küldve."], &["Az én iPhone-omról küldve", "iPhone-ról küldve", "Az iOS Outlook letöltése", "Elküldve a Windows Posta alkalmazásából"]),
    row("ro", &["trimis de pe ", "trimis din ", "obțineți ", "trimis de la "], &[], &["Trimis de pe iPhone-ul meu", "Trimis din Poștă pentru Windows", "Obțineți Outlook pentru iOS"]),
    row("ru", &["отправлено с ", "отправлено из ", "получить ", "скачать ", "отправлено через ", "отправлено от ", "скачайте ", "отправлено со "], &[], &["Отправлено с iPhone", "Отправлено из Почты для Windows", "Получить Outlook для iOS", "Отправлено из мобильной Яндекс Почты", "Отправлено из Почты Mail.ru для Android"]),
    row("uk", &["надіслано з ", "надіслано із ", "отримати ", "отримайте ", "відправлено з ", "завантажити "], &[], &["Надіслано з iPhone", "Надіслано із Пошти для Windows", "Отримати Outlook для iOS"]),
    row("be", &["адпраўлена з ", "дасланa з ", "даслана з "], &[], &["Адпраўлена з iPhone"]),
    row("bg", &["изпратено от ", "изтегляне ", "изпратен от ", "получете ", "вземете "], &[], &["Изпратено от моя iPhone", "Изпратено от Поща за Windows", "Вземете Outlook за iOS"]),
    row("el", &["στάλθηκε από ", "εστάλη από ", "αποκτήστε ", "λήψη του ", "απεστάλη από "], &[], &["Στάλθηκε από το iPhone μου", "Εστάλη από την Αλληλογραφία για Windows", "Αποκτήστε το Outlook για iOS"]),
    row("tr", &["windows için ", "samsung "], &["dan gönderildi", "den gönderildi", "tan gönderildi", "ten gönderildi", "ile gönderildi", "dan gönderilmiştir", "den gönderilmiştir", "edinin", "indirin", "alın"], &["iPhone'umdan gönderildi", "Windows için Posta ile gönderildi", "iOS için Outlook'u edinin", "Android için Outlook'u indirin"]),
    row("ar", &["أُرسلت من ", "أرسلت من ", "مُرسل من ", "تم الإرسال من ", "الحصول على ", "احصل على ", "مرسل من ", "أُرسِلت من "], &[], &["أُرسلت من الـ iPhone", "تم الإرسال من البريد لـ Windows", "الحصول على Outlook لـ iOS"]),
    row("fa", &["ارسال شده از ", "ارسال از "], &[], &["ارسال شده از iPhone"]),
    row("he", &["נשלח מה", "נשלח מ", "קבל את ", "להורדת ", "השג את "], &[], &["נשלח מה-iPhone שלי", "נשלח מדואר עבור Windows", "השג את Outlook עבור iOS"]),
    row("hi", &["मेरे ", "windows के "], &["भेजा गया", "प्राप्त करें", "से भेजा गया"], &["मेरे iPhone से भेजा गया", "iOS के लिए Outlook प्राप्त करें"]),
    row("th", &["ส่งจาก", "รับ ", "ดาวน์โหลด "], &[], &["ส่งจาก iPhone ของฉัน", "ส่งจากจดหมายสำหรับ Windows", "รับ Outlook สำหรับ iOS"]),
    row("vi", &["đã gửi từ ", "được gửi từ ", "gửi từ ", "tải ", "tải xuống ", "lấy "], &[], &["Đã gửi từ iPhone của tôi", "Đã gửi từ Thư dành cho Windows", "Tải xuống Outlook cho iOS"]),
    row("id", &["dikirim dari ", "terkirim dari ", "dapatkan ", "dikirim dengan "], &[], &["Dikirim dari iPhone saya", "Dikirim dari Mail untuk Windows", "Dapatkan Outlook untuk iOS"]),
    row("ms", &["dihantar daripada ", "dihantar dari ", "dapatkan "], &[], &["Dihantar daripada iPhone saya", "Dapatkan Outlook untuk iOS"]),
    row("fil", &["ipinadala mula ", "ipinadala mula sa "], &[], &["Ipinadala mula sa aking iPhone"]),
    row("zh-Hans", &["发自我的", "来自我的", "来自 ", "发送自", "从我的", "获取", "下载", "发自", "发件自", "使用", "通过"], &["发送"], &["发自我的iPhone", "发自我的 iPhone", "发送自 Windows 版邮件应用", "获取 Outlook for iOS", "从 Windows 版邮件发送", "来自我的华为手机"]),
    row("zh-Hant", &["從我的", "從我的 ", "寄件自", "取得", "寄自我的", "傳送自", "由我的"], &["傳送", "寄出", "傳送。"], &["從我的 iPhone 傳送", "取得 Outlook for iOS", "寄件自 Windows 郵件", "從我的iPhone傳送"]),
    row("ja", &["iphoneから", "ipadから", "ダウンロード ", "windows 版の", "windows 版"], &["から送信", "から送信しました", "からの送信", "を入手", "を入手する", "を取得", "から送信。", "で送信", "から送信されました", "から送信されました。", "で送信されました", "で送信されました。"], &["iPhoneから送信", "iPhone から送信", "Outlook for iOS を入手", "Windows 版のメールから送信", "Androidから送信", "iPadから送信"]),
    row("ko", &["나의 "], &["에서 보냄", "보냄", "에서 전송", "다운로드", "다운로드하기", "가져오기", "에서 보낸 메일", "에서 보냈습니다."], &["나의 iPhone에서 보냄", "iOS용 Outlook 다운로드", "Windows용 메일에서 보냄", "iOS용 Outlook 가져오기", "나의 Galaxy에서 보냄"]),
    row("ca", &["enviat des ", "enviat de ", "obtenir ", "enviat desde "], &[], &["Enviat des del meu iPhone", "Obteniu l'Outlook per a iOS"]),
    row("ca", &["obteniu "], &[], &["Obteniu l'Outlook per a l'iOS"]),
    row("eu", &["nire "], &["bidalia", "lortu"], &["Nire iPhonetik bidalia"]),
    row("gl", &["enviado desde ", "enviado dende ", "obter "], &[], &["Enviado desde o meu iPhone"]),
    row("cy", &["anfonwyd o ", "wedi'i anfon o "], &[], &["Anfonwyd o fy iPhone"]),
    row("ga", &["seolta ó ", "seolta as ", "seolta ó mo "], &[], &["Seolta ó mo iPhone"]),
    row("sq", &["dërguar nga "], &[], &["Dërguar nga iPhone im"]),
];

/// Devices and programs, in lower case; without one, a line is what somebody wrote.
#[rustfmt::skip]
pub(super) const PRODUCTS: &[&str] = &[
    "iphon", "ipad", "ipod", "android", "samsung", "galaxy", "huawei", "华为", "xiaomi", "小米", "redmi", "oppo", "vivo ", "oneplus", "honor", "realme", "nokia", "blackberry", "windows", "outlook", "yahoo",
    "smartphone", "smarttelefon", "mobile", "handy", "mobilgerät", "tablet", "xperia", "sony", "htc", "pixel", "motorola", "moto g", "lg ", "spark", "gmail", "proton", "web.de", "gmx", "aol", "k-9", "k9", "fairemail", "fairphone", "bluemail", "blue mail", "apple watch",
    "macbook", "imac", "airmail", "edison", "thunderbird", "mailspring", "tutanota", "tuta ", "fastmail", "zoho", "superhuman", "canary", "mymail", "mail.ru", "яндекс", "yandex", "nine", "aqua mail", "aquamail", "typeapp", "newton", "polymail", "postbox",
    "email app", "mail app", "mobil", "phone", "handset", "surface", "telefon", "téléphone", "teléfono", "telefono", "celular", "móvil", "puhelim", "телефон", "qq邮箱", "网易", "foxmail", "手机", "手機", "スマートフォン", "スマホ", "携帯", "휴대폰", "네이버", "naver", "mailbird", "boxer", "missive", "em client", "evolution", "hey", "mimestream", "shortwave", "nylas", "hushmail", "vivaldi", "xfinity", "zimbra", "gmelius", "mailtrack", "notion mail", "secure mail", "telekom mail", "freenet", "sfr mail", "libero mail", "libero app", "seznam email", "邮箱", "メールアプリ", "هاتف", "جوال", "טלפון", "โทรศัพท์", "điện thoại", "vodafone", "verizon", "t-mobile", "at&t", "o2 ", "orange", "wind3", "tim ",
];

/// `Sent from my ...` needs no product: people put in whatever they have.
pub(super) const ANY_DEVICE: &[&str] = &[
    "sent from my ",
    "发自我的",
    "sent from yahoo",
    "sent from mail for ",
    "sent on the go",
    "sent while on the move",
    "typed on tiny keys",
    "typed with my thumbs",
    "von unterwegs gesendet",
];

/// The same in other languages, where a capital tells a device from what else is somebody's.
pub(super) const OWN_DEVICE: &[&str] = &[
    "envoyé de mon ",
    "envoyé depuis mon ",
    "enviado desde mi ",
    "enviado do meu ",
    "inviato dal mio ",
    "verzonden vanaf mijn ",
    "verstuurd vanaf mijn ",
    "skickat från min ",
    "sendt fra min ",
    "wysłane z mojego ",
    "отправлено с моего ",
    "надіслано з мого ",
];

/// Lines that name a program by a word which says something else in other lines, in their own case.
const WHOLE: &[&str] = &[
    "Sent from Front",
    "Sent with Front",
    "Sent via Front",
    "Sent from Blue",
    "Sent from Spike",
    "Sent with Spike",
    "Sent from Intercom",
    "Sent via Intercom",
    "Sent from ClickUp",
    "Sent via Boomerang",
    "Sent with Boomerang",
    "Sent from Loop",
    "Sent via Groove",
];

/// Lines that virus scanners and the like put below a mail.
pub(super) const SCANNERS: &[&str] = &[
    "sent from yahoo mail: search",
    "yahoo mail: search",
    "get the new aol app",
    "virus-free.",
    "virenfrei.",
    "sans virus.",
    "libre de virus.",
    "virus-vrij.",
    "senza virus.",
    "livre de vírus.",
    "wolny od wirusów.",
    "bez virů.",
    "нет вирусов.",
    "this email has been checked for viruses by",
    "this email was scanned by",
    "diese e-mail wurde von avast",
    "diese e-mail wurde von avg",
    "l'absence de virus dans ce courrier",
    "cet email a été vérifié",
    "este correo electrónico ha sido comprobado en busca de virus",
    "el software de antivirus avast",
];

/// One of these is in each line that [`is_mobile`] knows.
static HINTS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA))
        .ascii_case_insensitive(true)
        .build([PRODUCTS, ANY_DEVICE, OWN_DEVICE, SCANNERS].concat())
        .ok()
});

/// A line that a mobile program, a webmailer or a scanner wrote below the mail.
pub(super) fn is_mobile(line: &str) -> bool {
    let line = bare(line);
    let line = line
        .trim()
        .trim_matches(|c| matches!(c, '*' | '_' | '[' | '"' | '(' | ')' | '-' | '–' | '—' | '~' | '|' | ' '));
    if line.is_empty() || line.len() > MAX_MOBILE || !may_be_mobile(line) {
        return false;
    }
    let is_whole = || WHOLE.contains(&without_links(line).trim_matches(['.', ' ']));
    if WHOLE.iter().any(|whole| line.starts_with(whole)) && is_whole() {
        return true;
    }
    if !names_product(line) {
        return false;
    }
    let lower = line.to_lowercase();
    let words = words_of(&lower);
    if lower.contains("outlook") && (lower.contains("aka.ms/") || lower.contains("go.microsoft.com/fwlink")) {
        return true;
    }
    if SCANNERS.iter().any(|start| lower.starts_with(start)) {
        return words.len() < 100;
    }
    let begins = || ROWS.iter().flat_map(|row| row.begins).any(|begin| lower.starts_with(begin));
    let ends = || ROWS.iter().flat_map(|row| row.ends).find(|end| words.ends_with(end.trim_end_matches('.')));
    // `Outlook für iOS herunterladen`
    let named = |end: &&str| !GET_ENDS.contains(end) || lower.contains("ios") || lower.contains("android");
    (begins()
        || ends().is_some_and(named)
        || ANY_DEVICE.iter().chain(OWN_DEVICE).any(|start| lower.starts_with(start)))
        && words.split_whitespace().count() <= 16
        && !words.contains('?')
        && short_get(&lower)
        && device::is_named(&without_links(line))
}

/// Whether a device, a program or a scanner is named in a line.
fn names_product(line: &str) -> bool {
    let names = |line: &str| HINTS.as_ref().is_some_and(|hints| hints.is_match(line));
    if line.is_ascii() { names(line) } else { names(&line.to_lowercase()) }
}

/// A line without the links that stand behind words.
fn without_links(line: &str) -> String {
    let is_link = |word: &&str| word.starts_with("www.") || word.starts_with("http");
    let words = line.split(' ').filter(|word| !is_link(word));
    let line = words.collect::<Vec<_>>().join(" ");
    without_brackets(&line)
}

fn without_brackets(line: &str) -> String {
    let pieces = line.split(['<', '(']).enumerate().map(|(n, piece)| {
        let (inner, rest) = piece.split_once(['>', ')']).unwrap_or((piece, ""));
        if n > 0 && (inner.contains("://") || inner.contains('@')) { rest } else { piece }
    });
    pieces.collect::<Vec<_>>().join(" ")
}

/// Whether a line without links may be one, by its first and last bytes; those outside of ASCII may be anything.
pub(super) fn may_begin_or_end(line: &str) -> bool {
    let is_around = |b: &u8| !b.is_ascii_alphanumeric() && b.is_ascii();
    let (begins, ends) = &*EDGES;
    let (first, last) = (line.bytes().skip_while(is_around), line.bytes().rev().skip_while(is_around));
    let wide = |edge: &mut dyn Iterator<Item = u8>| edge.take(EDGE).any(|b| !b.is_ascii());
    wide(&mut first.clone())
        || wide(&mut last.clone())
        || begins.may_hold(first.map(char::from))
        || ends.may_hold(last.map(char::from))
}

/// Without a look at the whole line: whether it begins or ends as one does, or has a link or brackets.
fn may_be_mobile(line: &str) -> bool {
    let (begins, ends) = &*EDGES;
    begins.may_hold(line.chars())
        || ends.may_hold(line.trim_end_matches(BEHIND_WORDS).chars().rev())
        || memchr3(b'/', b'<', b'(', line.as_bytes()).is_some()
}

/// How all lines that are known begin and end.
static EDGES: LazyLock<(Edges, Edges)> = LazyLock::new(|| {
    let begins = ROWS.iter().flat_map(|row| row.begins).chain(ANY_DEVICE).chain(SCANNERS).chain(OWN_DEVICE);
    let ends = ROWS.iter().flat_map(|row| row.ends).map(|end| end.trim_end_matches('.'));
    (Edges::new(begins.map(|begin| begin.chars())), Edges::new(ends.map(|end| end.chars().rev())))
});

/// The first characters at one end of each of many texts, in any case; as digests, so that one more may be found.
struct Edges(Vec<u64>);

impl Edges {
    fn new(all: impl Iterator<Item = impl Iterator<Item = char>>) -> Self {
        let mut edges = vec![0; PLACES / 64];
        for edge in all {
            let place = edge.take(EDGE).fold(0, Self::place);
            edges[place / 64] |= 1 << (place % 64);
        }
        Self(edges)
    }

    /// Where a text lies that goes on with this character.
    fn place(before: usize, c: char) -> usize {
        // Of letters that become two, the first tells enough. The other sigma stands where a word ends.
        let lower = match c {
            'ς' => 'σ',
            c if c.is_ascii() => c.to_ascii_lowercase(),
            c => c.to_lowercase().next().unwrap_or(c),
        };
        (before * 151 + lower as usize) % PLACES
    }

    fn has(&self, place: usize) -> bool {
        self.0[place / 64] & 1 << (place % 64) != 0
    }

    fn may_hold(&self, edge: impl Iterator<Item = char>) -> bool {
        let mut place = 0;
        for c in edge.take(EDGE) {
            place = Self::place(place, c);
            if self.has(place) {
                return true;
            }
        }
        false
    }
}

/// Characters that are looked at.
const EDGE: usize = 4;
/// Bits of their digests.
const PLACES: usize = 1 << 15;

/// Signs that may stand behind the last word.
const BEHIND_WORDS: [char; 3] = [' ', ']', '.'];

/// Outlook's link stands behind its words, in any language.
fn words_of(line: &str) -> &str {
    let end = memchr2(b'<', b'(', line.as_bytes()).unwrap_or(line.len());
    line[..end].trim_end_matches(BEHIND_WORDS)
}

/// How lines begin that tell people to get a program.
#[rustfmt::skip]
const GET: &[&str] = &[
    "get ", "download ", "holen sie sich ", "obtenir ", "télécharger ", "obtener ", "obtenga ", "descargar ", "ottieni ", "scarica ", "obter ", "obtenha ", "baixe o ", "obteniu ", "hent ", "få ", "skaff ", "last ned ", "skaffa ", "hämta ", "lataa ", "hanki ", "hankige ", "gaukite ", "pobierz ", "uzyskaj ", "získat ", "získejte ", "stáhnout ", "získať ", "stiahnuť ",
    "pridobite ", "nabavite ", "preuzmite ", "преузмите ", "obțineți ", "скачать ", "скачайте ", "получить ", "отримати ", "отримайте ", "завантажити ", "изтегляне ", "получете ", "вземете ", "αποκτήστε ", "λήψη του ", "الحصول على ", "احصل على ", "קבל את ", "השג את ", "להורדת ", "รับ ", "ดาวน์โหลด ", "tải ", "tải xuống ", "lấy ", "dapatkan ", "ダウンロード ", "下载", "获取", "取得", "使用", "通过", "nine",
];

/// How such lines end.
#[rustfmt::skip]
const GET_ENDS: &[&str] = &[
    "beziehen", "herunterladen", "abrufen", "downloaden", "edinin", "indirin", "alın", "letöltése", "を入手", "を入手する", "を取得", "다운로드", "다운로드하기", "가져오기", "प्राप्त करें", "lortu",
];

/// `Get ...` and its like only speak of Outlook and programs for two systems.
fn short_get(lower: &str) -> bool {
    !GET.iter().any(|get| lower.starts_with(get))
        || lower.ends_with("发送")
        || lower.ends_with("傳送")
        || lower.contains("for android")
        || lower.contains("for ios")
        || lower.contains("outlook")
}

#[cfg(test)]
#[path = "mobile_tests.rs"]
mod tests;
