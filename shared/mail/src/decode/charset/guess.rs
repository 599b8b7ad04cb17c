//! The charset of text that names none, or a wrong one.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    EUC_JP, Encoding, GB18030, GBK, IBM866, ISO_8859_2, ISO_8859_5, KOI8_U, SHIFT_JIS, UTF_8, UTF_16BE,
    UTF_16LE, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252,
};

use super::{
    hint::Hint,
    iso2022::{self, has_escapes},
    names::{Named, named},
    utf8::without_bom,
};

/// Of the text that is looked at.
const MAX_LOOKED_AT: usize = 64 * 1024;

/// Fewer bytes above 0x7F could be anything.
const FEW: usize = 4;
/// Longer texts the detector knows better.
const MAX_NAME: usize = 200;
/// What stands between the letters of any language.
const SIGNS: [char; 9] = ['–', '—', '№', '«', '»', '“', '”', '„', '…'];
/// Countries whose languages have several charsets in use, their letters above ASCII, and the charsets.
type Alphabet = (&'static str, &'static str, &'static [&'static Encoding]);
const CYRILLIC: &[&Encoding] = &[WINDOWS_1251, KOI8_U, IBM866, ISO_8859_5];
const CENTRAL: &[&Encoding] = &[WINDOWS_1250, ISO_8859_2];
const ALPHABETS: [Alphabet; 6] = [
    ("ru", "абвгдеёжзийклмнопрстуфхцчшщъыьэюя", CYRILLIC),
    ("ua", "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя", CYRILLIC),
    ("pl", "ąćęłńóśźż", CENTRAL),
    ("cz", "áčďéěíľĺňóôŕřšťúůýžä", CENTRAL),
    ("hu", "áéíóöőúüű", CENTRAL),
    ("hr", "čćđšž", CENTRAL),
];

/// By the bytes: UTF-8, escapes of ISO-2022, what the rest of the mail says, kana in Shift_JIS or EUC-JP, then the
/// detector, which knows what charsets and letters go together in which countries.
pub(super) fn guess(bytes: &[u8], hint: &Hint) -> String {
    if let Some(text) = unicode(bytes) {
        return text;
    }
    if has_escapes(bytes) {
        let decoded = iso2022::decode(bytes, iso2022::Set::Kana);
        if !decoded.lost || bytes.is_ascii() {
            return decoded.text;
        }
    }
    hinted(bytes, hint).or_else(|| kana(bytes)).unwrap_or_else(|| by_letters(bytes, hint))
}

/// For text that says it is ISO-2022-JP and has no escapes.
pub(super) fn japanese(bytes: &[u8], hint: &Hint) -> String {
    unicode(bytes)
        .or_else(|| kana(bytes))
        .or_else(|| strict(bytes, SHIFT_JIS))
        .or_else(|| strict(bytes, EUC_JP))
        .unwrap_or_else(|| guess(bytes, hint))
}

/// Text named Latin-1 that is mostly bytes above 0x7F, which no Western language is.
pub(super) fn surely_not_western(bytes: &[u8], hint: &Hint) -> Option<String> {
    let letters = bytes.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let high = bytes.iter().filter(|b| !b.is_ascii()).count();
    if high < 8 || high < letters {
        return None;
    }
    let hint = Hint { charset: None, ..hint.clone() };
    let text = kana(bytes).or_else(|| {
        let encoding = detected(bytes, &hint);
        (!encoding.is_single_byte()).then(|| strict(bytes, encoding)).flatten()
    });
    text.or_else(|| another_alphabet(bytes, &hint))
}

/// Cyrillic, Greek, Hebrew, Arabic or Thai: only if nearly all of it is letters of these.
fn another_alphabet(bytes: &[u8], hint: &Hint) -> Option<String> {
    let encoding = detected(bytes, hint);
    let text = strict(bytes, encoding).filter(|_| encoding != WINDOWS_1252)?;
    let wide = text.chars().filter(|c| !c.is_ascii()).count();
    let letters = text.chars().filter(|c| matches!(c, '\u{370}'..='\u{6FF}' | '\u{E01}'..='\u{E5B}')).count();
    (letters * 10 >= wide * 9).then_some(text)
}

fn unicode(bytes: &[u8]) -> Option<String> {
    match bytes {
        [0xFF, 0xFE, ..] => return strict(bytes, UTF_16LE),
        [0xFE, 0xFF, ..] => return strict(bytes, UTF_16BE),
        _ => {}
    }
    let utf8 = std::str::from_utf8(bytes).is_ok() && !has_escapes(bytes);
    utf8.then(|| without_bom(bytes))
}

/// By what another part of the mail says of itself, if that says more than Latin-1 and fits.
fn hinted(bytes: &[u8], hint: &Hint) -> Option<String> {
    let Named::Charset(charset) = named(hint.charset.as_deref()?) else { return None };
    if charset.is(UTF_8) || charset.is(WINDOWS_1252) {
        return None;
    }
    let (text, lost) = charset.decode(bytes);
    (!lost && !is_inverted(&text)).then_some(text)
}

/// Whether words outside of ASCII begin small and go on in capitals: what KOI8 and Windows-1251 make of each other.
fn is_inverted(text: &str) -> bool {
    text.split(|c: char| !c.is_alphabetic()).any(|word| {
        let mut letters = word.chars();
        letters.next().is_some_and(|first| !first.is_ascii() && first.is_lowercase())
            && letters.clone().count() > 1
            && letters.all(char::is_uppercase)
    })
}

/// Japanese, by its kana in Shift_JIS or EUC-JP.
fn kana(bytes: &[u8]) -> Option<String> {
    [SHIFT_JIS, EUC_JP]
        .into_iter()
        .find_map(|encoding| strict(bytes, encoding).filter(|text| looks_japanese(text)))
}

fn by_letters(bytes: &[u8], hint: &Hint) -> String {
    let encoding = detected(bytes, hint);
    if let Some(text) = strict(bytes, encoding) {
        return in_alphabet(bytes, &text, hint).unwrap_or(text);
    }
    if let Some(text) = strict(bytes, GB18030).filter(|text| looks_chinese(text)) {
        return text;
    }
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

/// What the charsets of a country make of a few bytes that were read as letters of another one.
fn in_alphabet(bytes: &[u8], read: &str, hint: &Hint) -> Option<String> {
    let tld = hint.tld.as_deref()?;
    let (_, alphabet, encodings) = ALPHABETS.iter().find(|(country, ..)| *country == tld)?;
    let fits = |text: &str| {
        text.chars()
            .flat_map(char::to_lowercase)
            .all(|c| c.is_ascii() || alphabet.contains(c) || SIGNS.contains(&c))
    };
    if bytes.len() > MAX_NAME || fits(read) {
        return None;
    }
    encodings.iter().find_map(|encoding| strict(bytes, encoding).filter(|text| fits(text)))
}

fn detected(bytes: &[u8], hint: &Hint) -> &'static Encoding {
    let tld = hint
        .tld
        .as_deref()
        .filter(|tld| tld.bytes().all(|b| b.is_ascii_lowercase()) && !tld.is_empty())
        .map(str::as_bytes);
    // Of a few letters nothing can be told but by the country.
    let few = bytes.iter().filter(|b| !b.is_ascii()).take(FEW).count() < FEW;
    if few && !EncodingDetector::tld_may_affect_guess(tld) {
        return WINDOWS_1252;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&bytes[..bytes.len().min(MAX_LOOKED_AT)], true);
    let encoding = detector.guess(tld, Utf8Detection::Deny);
    if is_chinese(encoding) { GB18030 } else { encoding }
}

/// GBK and GB 18030 share a decoder; the name alone differs.
fn is_chinese(encoding: &'static Encoding) -> bool {
    encoding == GBK || encoding == GB18030
}

/// Kana are what Japanese text always has, and what Latin letters read as Shift_JIS rarely give in numbers.
fn looks_japanese(text: &str) -> bool {
    let wide = text.chars().filter(|c| !c.is_ascii()).count();
    let kana =
        text.chars().filter(|c| matches!(c, '\u{3041}'..='\u{30FF}' | '\u{3001}' | '\u{3002}')).count();
    kana >= 2 && kana * 5 >= wide
}

/// Nothing but common Han characters and their punctuation.
fn looks_chinese(text: &str) -> bool {
    let wide = text.chars().filter(|c| !c.is_ascii()).count();
    let han = text
        .chars()
        .filter(|c| matches!(c, '\u{4E00}'..='\u{9FA5}' | '\u{3000}'..='\u{3011}' | '\u{FF01}'..='\u{FF5E}'));
    wide >= 4 && han.count() == wide
}

/// The text, if nothing of it is lost.
fn strict(bytes: &[u8], encoding: &'static Encoding) -> Option<String> {
    let (text, _, lost) = encoding.decode(bytes);
    (!lost).then(|| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text as it stands in mails without a charset, the encoding that it is in, and the sender's country.
    const SAMPLES: [(&str, &str, &str); 12] = [
        ("Größe", "windows-1252", ""),
        ("Jörg Müller", "windows-1252", "de"),
        ("déjà vu à l’été", "windows-1252", "fr"),
        ("Привет, как дела?", "windows-1251", "ru"),
        ("Привет, как дела? Это письмо без кодировки.", "koi8-r", ""),
        ("Zażółć gęślą jaźń", "iso-8859-2", "pl"),
        ("Καλημέρα σας, τι κάνετε", "windows-1253", "gr"),
        ("你好，这是一封没有字符集的邮件。", "gb18030", "cn"),
        ("您好，這是一封沒有字元集的郵件。", "big5", "tw"),
        ("안녕하세요, 문자 집합이 없는 메일입니다.", "euc-kr", "kr"),
        ("お世話になっております。", "euc-jp", "jp"),
        ("お世話になっております。", "shift_jis", ""),
    ];

    #[test]
    fn texts_without_a_charset() {
        for (text, encoding, tld) in SAMPLES {
            let bytes = Encoding::for_label(encoding.as_bytes()).unwrap().encode(text).0;
            let hint = Hint { tld: Some(tld.to_owned()).filter(|tld| !tld.is_empty()), ..Hint::default() };
            assert_eq!(guess(&bytes, &hint), text, "{encoding} {tld}");
        }
    }

    /// Names of files beside a text of the country.
    #[test]
    fn short_names_by_country() {
        let mut wrong = Vec::new();
        for (names, encodings, country) in [
            (
                &["6 мест.xls", "Счет.pdf", "прайс_2026.xlsx", "ДОГОВОР.doc", "акт.doc"][..],
                &["windows-1251", "koi8-r", "ibm866"][..],
                "ru",
            ),
            (&["Рахунок.pdf", "договір.doc", "ціни.xls"], &["windows-1251", "koi8-u"], "ua"),
            (&["報價單_0609.xls", "發票.pdf", "合約.doc", "會議記錄.docx"], &["big5"], "tw"),
            (&["报价单.xls", "发票.pdf", "合同.doc", "会议记录.docx"], &["gbk"], "cn"),
            (&["見積書.xls", "請求書.pdf", "会議資料.doc", "テスト.txt"], &["shift_jis", "euc-jp"], "jp"),
            (&["ﾃｽﾄ.txt"], &["shift_jis"], "jp"),
            (&["견적서.xls", "계약.doc", "회의록.docx"], &["euc-kr"], "kr"),
            (&["Τιμοκατάλογος.xls", "σύμβαση.doc"], &["windows-1253", "iso-8859-7"], "gr"),
            (&["הצעת מחיר.xls", "חוזה.doc"], &["windows-1255"], "il"),
            (&["عرض.xls", "عقد.doc"], &["windows-1256"], "eg"),
            (&["ใบเสนอราคา.xls", "สัญญา.doc"], &["windows-874"], "th"),
            (&["Zamówienie_łączne.xls", "żądanie.doc", "ksiądz.doc"], &["windows-1250", "iso-8859-2"], "pl"),
            (&["Příloha.xls", "účet č. 5.doc"], &["windows-1250", "iso-8859-2"], "cz"),
            (&["Árajánlat_őszi.xls", "szerződés.doc"], &["windows-1250", "iso-8859-2"], "hu"),
            (&["sözleşme.doc", "Teklif_ışık.xls"], &["windows-1254"], "tr"),
            (&["Größe.xls", "déjà.doc"], &["windows-1252"], "de"),
        ] {
            let hint = Hint { tld: Some(country.to_owned()), ..Hint::default() };
            for (name, encoding) in
                names.iter().flat_map(|name| encodings.iter().map(move |encoding| (*name, *encoding)))
            {
                let bytes = Encoding::for_label(encoding.as_bytes()).unwrap().encode(name).0;
                let guessed = guess(&bytes, &hint);
                if guessed != name {
                    wrong.push(format!("{name} in {encoding}: {guessed}"));
                }
            }
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }

    #[test]
    fn the_rest_of_the_mail_helps() {
        let hint = Hint { charset: Some("koi8-r".to_owned()), ..Hint::default() };
        assert_eq!(guess(&WINDOWS_1251.encode("Счет на оплату").0, &hint), "Счет на оплату");
        assert_eq!(guess(b"\xF4\xC5\xD3\xD4", &hint), "Тест");
    }

    #[test]
    fn what_cannot_be_western_is_not() {
        let bytes = Encoding::for_label(b"gbk").unwrap().encode("这是一封标错字符集的邮件").0;
        assert_eq!(surely_not_western(&bytes, &Hint::default()).unwrap(), "这是一封标错字符集的邮件");
        for (text, encoding) in
            [("Здравствуйте! Где мой заказ?", "windows-1251"), ("Καλημέρα σας, τι κάνετε", "windows-1253")]
        {
            let bytes = Encoding::for_label(encoding.as_bytes()).unwrap().encode(text).0;
            assert_eq!(surely_not_western(&bytes, &Hint::default()).unwrap(), text);
        }
        assert_eq!(surely_not_western("ÄÖÜäöüßéèêàâ".as_bytes(), &Hint::default()).as_deref(), None);
        assert_eq!(surely_not_western(b"\xC4\xD6\xDC \xE4\xF6\xFC \xDF\xE9\xE8", &Hint::default()), None);
    }
}
