//! The words in which an invitation is told, by language.

/// The words of one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Words {
    /// As in RFC 5646: the language, and where it matters the country.
    tag: &'static str,
    pub(super) when: &'static str,
    pub(super) place: &'static str,
    pub(super) organiser: &'static str,
    /// Before the time of the end.
    pub(super) to: &'static str,
    pub(super) cancelled: &'static str,
    pub(super) accepted: &'static str,
    pub(super) declined: &'static str,
    pub(super) tentative: &'static str,
}

type Row = [&'static str; 9];

#[rustfmt::skip]
const ROWS: [Row; 32] = [
    ["en", "When", "Where", "Organiser", "to", "Cancelled", "Accepted", "Declined", "Tentative"],
    ["ar", "الوقت", "المكان", "المنظم", "–", "ملغى", "مقبول", "مرفوض", "مبدئي"],
    ["bg", "Кога", "Къде", "Организатор", "–", "Отменена", "Приета", "Отказана", "Под въпрос"],
    ["ca", "Quan", "On", "Organitzador", "–", "Cancel·lada", "Acceptada", "Rebutjada", "Provisional"],
    ["cs", "Kdy", "Kde", "Organizátor", "–", "Zrušeno", "Přijato", "Odmítnuto", "Předběžně"],
    ["da", "Hvornår", "Hvor", "Arrangør", "–", "Aflyst", "Accepteret", "Afvist", "Foreløbig"],
    ["de", "Wann", "Wo", "Organisator", "bis", "Abgesagt", "Zugesagt", "Abgelehnt", "Mit Vorbehalt"],
    ["el", "Πότε", "Πού", "Διοργανωτής", "–", "Ακυρώθηκε", "Αποδοχή", "Απόρριψη", "Υπό επιφύλαξη"],
    ["es", "Cuándo", "Dónde", "Organizador", "–", "Cancelado", "Aceptado", "Rechazado", "Provisional"],
    ["fi", "Milloin", "Missä", "Järjestäjä", "–", "Peruttu", "Hyväksytty", "Hylätty", "Alustava"],
    ["fr", "Quand", "Où", "Organisateur", "–", "Annulé", "Accepté", "Refusé", "Provisoire"],
    ["he", "מתי", "איפה", "מארגן", "–", "בוטל", "התקבל", "נדחה", "זמני"],
    ["hr", "Kada", "Gdje", "Organizator", "–", "Otkazano", "Prihvaćeno", "Odbijeno", "Uvjetno"],
    ["hu", "Mikor", "Hol", "Szervező", "–", "Lemondva", "Elfogadva", "Elutasítva", "Feltételesen"],
    ["id", "Waktu", "Tempat", "Penyelenggara", "–", "Dibatalkan", "Diterima", "Ditolak", "Tentatif"],
    ["it", "Quando", "Dove", "Organizzatore", "–", "Annullato", "Accettato", "Rifiutato", "Provvisorio"],
    ["ja", "日時", "場所", "開催者", "～", "キャンセル", "承諾", "辞退", "仮承諾"],
    ["ko", "일시", "장소", "주최자", "~", "취소됨", "수락됨", "거절됨", "미정"],
    ["nb", "Når", "Hvor", "Arrangør", "–", "Avlyst", "Godtatt", "Avslått", "Foreløpig"],
    ["nl", "Wanneer", "Waar", "Organisator", "–", "Geannuleerd", "Geaccepteerd", "Geweigerd", "Voorlopig"],
    ["pl", "Kiedy", "Gdzie", "Organizator", "–", "Odwołane", "Zaakceptowano", "Odrzucono", "Wstępnie"],
    ["pt", "Quando", "Onde", "Organizador", "–", "Cancelado", "Aceito", "Recusado", "Provisório"],
    ["ro", "Când", "Unde", "Organizator", "–", "Anulat", "Acceptat", "Refuzat", "Provizoriu"],
    ["ru", "Когда", "Где", "Организатор", "–", "Отменено", "Принято", "Отклонено", "Под вопросом"],
    ["sk", "Kedy", "Kde", "Organizátor", "–", "Zrušené", "Prijaté", "Odmietnuté", "Predbežne"],
    ["sv", "När", "Var", "Arrangör", "–", "Inställt", "Accepterat", "Avböjt", "Preliminärt"],
    ["th", "เมื่อ", "สถานที่", "ผู้จัด", "–", "ยกเลิก", "ตอบรับ", "ปฏิเสธ", "ไม่แน่นอน"],
    ["tr", "Ne zaman", "Nerede", "Düzenleyen", "–", "İptal edildi", "Kabul edildi", "Reddedildi", "Belirsiz"],
    ["uk", "Коли", "Де", "Організатор", "–", "Скасовано", "Прийнято", "Відхилено", "Під питанням"],
    ["vi", "Thời gian", "Địa điểm", "Người tổ chức", "–", "Đã hủy", "Đã chấp nhận", "Đã từ chối", "Dự kiến"],
    ["zh", "时间", "地点", "组织者", "至", "已取消", "已接受", "已拒绝", "暂定"],
    ["zh-tw", "時間", "地點", "召集人", "至", "已取消", "已接受", "已拒絕", "暫訂"],
];

/// Tags that mean another row.
const ALIASES: [(&str, &str); 7] = [
    ("zh-hk", "zh-tw"),
    ("zh-mo", "zh-tw"),
    ("zh-hant", "zh-tw"),
    ("no", "nb"),
    ("nn", "nb"),
    ("iw", "he"),
    ("in", "id"),
];

/// English.
pub(super) const PLAIN: Words = words(ROWS[0]);

const fn words(row: Row) -> Words {
    let [tag, when, place, organiser, to, cancelled, accepted, declined, tentative] = row;
    Words { tag, when, place, organiser, to, cancelled, accepted, declined, tentative }
}

/// The words of the language that a tag such as `de-AT` names, if there are some.
pub(super) fn of(tag: &str) -> Option<Words> {
    let tag = tag.trim().replace('_', "-").to_ascii_lowercase();
    let alias = ALIASES.iter().find(|(other, _)| tag == *other || tag.starts_with(&format!("{other}-")));
    let tag = alias.map_or(tag.as_str(), |(_, row)| row);
    let whole = ROWS.iter().find(|row| row[0] == tag);
    let language = tag.split('-').next().unwrap_or_default();
    whole.or_else(|| ROWS.iter().find(|row| row[0] == language)).map(|row| words(*row))
}

/// By letters that no other of the languages here has.
pub(super) fn by_letters(text: &str) -> Option<Words> {
    let has = |letters: std::ops::RangeInclusive<char>| text.chars().any(|c| letters.contains(&c));
    let tag = if has('\u{3041}'..='\u{30FF}') {
        "ja"
    } else if has('\u{AC00}'..='\u{D7A3}') {
        "ko"
    } else if has('\u{4E00}'..='\u{9FFF}') {
        "zh"
    } else if text.contains(['і', 'ї', 'є', 'ґ']) {
        "uk"
    } else if has('а'..='я') {
        "ru"
    } else if has('α'..='ω') {
        "el"
    } else if has('\u{5D0}'..='\u{5EA}') {
        "he"
    } else if has('\u{620}'..='\u{64A}') {
        "ar"
    } else if has('\u{E01}'..='\u{E4F}') {
        "th"
    } else {
        return None;
    };
    of(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_by_their_tags() {
        for row in ROWS {
            assert_eq!(of(row[0]).unwrap().when, row[1]);
            assert!(row.iter().all(|word| !word.is_empty() && !word.contains(':')), "{row:?}");
        }
        for (tag, row) in [
            ("de-AT", "de"),
            ("pt_BR", "pt"),
            ("zh-CN", "zh"),
            ("zh-TW", "zh-tw"),
            ("zh-Hant-HK", "zh-tw"),
            ("NO", "nb"),
            ("en-US", "en"),
        ] {
            assert_eq!(of(tag).unwrap().tag, row, "{tag}");
        }
        assert_eq!((of("xx"), of("")), (None, None));
        assert_eq!(by_letters("打ち合わせ").unwrap().tag, "ja");
        assert_eq!(by_letters("Встреча").unwrap().tag, "ru");
        assert_eq!(by_letters("Meeting"), None);
    }
}
