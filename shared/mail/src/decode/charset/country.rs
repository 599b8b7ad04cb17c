//! Countries by the letters of a text, for guessing what shorter texts beside it are in.

use encoding_rs::{BIG5, GBK};

/// Letters that are looked at.
const MAX_LETTERS: usize = 2000;
/// Letters of Latin alphabets that one language has, or a few whose charsets are the same.
#[rustfmt::skip]
const LATIN: [(&str, &str); 9] = [
    ("vn", "ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹơưđ"),
    ("tr", "ğşıİĞŞ"),
    ("pl", "ąęłńśźżĄĘŁŃŚŹŻ"),
    ("hu", "őűŐŰ"),
    ("cz", "ěřůďťňľĺŕĚŘŮĎŤŇĽ"),
    ("ro", "șțăȘȚĂţŢ"),
    ("lt", "ėįųūĖĮŲ"),
    ("lv", "āēīķļņģĀĒĪĶĻŅĢ"),
    ("hr", "čćšžđČĆŠŽĐ"),
];

/// Top-level domain of a country whose language the text may be in; none if its letters do not tell.
pub(crate) fn country(text: &str) -> Option<&'static str> {
    let letters: String =
        text.chars().filter(|c| !c.is_ascii() && c.is_alphabetic()).take(MAX_LETTERS).collect();
    let count = |from: char, to: char| letters.chars().filter(|c| (from..=to).contains(c)).count();
    let has = |any: &str| letters.contains(|c| any.contains(c));
    let (han, all) = (count('\u{4E00}', '\u{9FFF}'), letters.chars().count());
    // A few signs of another alphabet, as in a name, say nothing of the rest.
    let mostly = |part: usize| part * 2 > all;
    let kana = count('\u{3041}', '\u{30FF}');
    if kana > 0 && mostly(kana + han) {
        return Some("jp");
    }
    if mostly(han) {
        return chinese(&letters);
    }
    let alphabets = [
        ("kr", count('\u{AC00}', '\u{D7A3}')),
        (cyrillic(&letters), count('\u{400}', '\u{4FF}')),
        ("gr", count('\u{370}', '\u{3FF}')),
        ("il", count('\u{590}', '\u{5FF}')),
        (if has("پچژگی") { "ir" } else { "eg" }, count('\u{600}', '\u{6FF}')),
        ("th", count('\u{E00}', '\u{E7F}')),
    ];
    if let Some((country, _)) = alphabets.iter().find(|(_, count)| mostly(*count)) {
        return Some(country);
    }
    LATIN.iter().find(|(_, letters)| has(letters)).map(|(country, _)| *country)
}

/// Traditional signs are in Big5 and not in GB 2312, simplified ones the other way round.
fn chinese(letters: &str) -> Option<&'static str> {
    let in_big5 = !BIG5.encode(letters).2;
    let gbk = GBK.encode(letters).0;
    let in_gb2312 = gbk.iter().all(|byte| *byte >= 0xA1);
    match (in_big5, in_gb2312) {
        (true, true) => None,
        (true, false) => Some("tw"),
        _ => Some("cn"),
    }
}

fn cyrillic(letters: &str) -> &'static str {
    match letters {
        _ if letters.contains(['і', 'ї', 'є', 'ґ']) => "ua",
        _ if letters.contains(['ј', 'љ', 'њ', 'ђ', 'ћ']) => "rs",
        _ => "ru",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_tell_the_country() {
        for (text, expected) in [
            ("Здравствуйте! Прайс-лист во вложении.", Some("ru")),
            ("Добрий день! Рахунок у вкладенні, дякую її.", Some("ua")),
            ("您好，報價單請見附件。", Some("tw")),
            ("您好，报价单请见附件。", Some("cn")),
            ("你好", None),
            ("見積書を添付します", Some("jp")),
            ("견적서를 첨부합니다", Some("kr")),
            ("Καλημέρα σας", Some("gr")),
            ("שלום", Some("il")),
            ("مرحبا", Some("eg")),
            ("สวัสดี", Some("th")),
            ("Zażółć gęślą jaźń", Some("pl")),
            ("Příloha: nabídka v pořádku, dědeček", Some("cz")),
            ("Teşekkürler, dosya ektedir", Some("tr")),
            ("Xin chào, báo giá ở đây", Some("vn")),
            ("Grüße aus Köln, déjà vu", None),
            ("Hello", None),
        ] {
            assert_eq!(country(text), expected, "{text}");
        }
    }
}
