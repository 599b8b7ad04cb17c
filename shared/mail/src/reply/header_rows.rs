//! The labels of header blocks by language.

use std::{collections::HashMap, sync::LazyLock};

/// What a line of a block says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    From,
    /// When it was sent, in a word that nobody uses in forms.
    Sent,
    Date,
    To,
    Cc,
    Subject,
}

/// The labels of one language, in lower case, several of a role parted by `|`.
pub(super) struct Row {
    #[cfg_attr(not(test), allow(dead_code))]
    pub(super) language: &'static str,
    pub(super) from: &'static str,
    pub(super) date: &'static str,
    pub(super) to: &'static str,
    pub(super) cc: &'static str,
    pub(super) subject: &'static str,
}

macro_rules! rows {
    ($($language:literal $from:literal, $date:literal, $to:literal, $cc:literal, $subject:literal;)+) => {
        &[$(Row { language: $language, from: $from, date: $date, to: $to, cc: $cc, subject: $subject }),+]
    };
}

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = rows! {
    "en" "from|sender", "sent|date|sent on|sent at|received|date sent|time", "to|recipient|recipients|sent to", "cc|bcc|reply-to|reply to|importance|priority|attachments|organization|newsgroups|resent-from|security|categories", "subject|subj|re|topic";
    "de" "von|absender", "gesendet|datum|gesendet am|verschickt|empfangen|zeit", "an|empfänger", "kopie|kopie an|antwort an|antworten an|wichtigkeit|priorität|anlagen|organisation|blindkopie", "betreff|betrifft|thema";
    "fr" "de|expéditeur", "envoyé|date|message du|envoyé le|date d'envoi|date d’envoi", "à|a|destinataire|destinataires|pour", "copie à|cci|répondre à|importance|pièces jointes", "objet|sujet";
    "es" "de|remitente|desde", "enviado|fecha|enviado el|fecha de envío|enviada el", "para|destinatario|a", "cco|con copia|responder a|importancia|datos adjuntos", "asunto|tema";
    "it" "da|mittente", "inviato|data|data invio|inviato il", "a|per|destinatario", "ccn|rispondi a|priorità|allegati", "oggetto";
    "pt" "de|remetente", "enviado|enviada|enviada em|enviado em|data|data de envio", "para|destinatário", "cco|c/c|responder para|responder a|prioridade|anexos", "assunto";
    "nl" "van|afzender", "verzonden|datum|verzonden op|verstuurd", "aan|naar", "antwoord naar|beantwoorden naar|urgentie|bijlagen", "onderwerp|betreft";
    "pl" "od|nadawca", "wysłano|data|wysłane|data wysłania|wysłany", "do|adresat|odbiorca", "dw|udw|kopia|odpowiedz do|ważność|załączniki", "temat";
    "sv" "från|avsändare", "skickat|datum|skickat den|sänt", "till|mottagare", "kopia|svar till|prioritet|bilagor", "ämne|rubrik";
    "da" "fra|afsender", "sendt|dato|sendt den", "til|modtager", "bcc|svar til|prioritet|vedhæftede filer", "emne";
    "nb" "fra|avsender", "sendt|dato|sendt dato", "til|mottaker", "kopi|kopi til|svar til|viktighet|vedlegg", "emne";
    "nn" "frå|avsendar", "sendt|dato", "til", "kopi", "emne";
    "is" "frá|sendandi", "sent|dagsetning|dags", "til|viðtakandi", "afrit", "efni";
    "fi" "lähettäjä|keneltä", "lähetetty|päivämäärä|päiväys|pvm", "vastaanottaja|vastaanottajat|kenelle", "kopio|kopio vastaanottajalle|tärkeys|liitteet", "aihe|otsikko";
    "et" "saatja|kellelt", "saadetud|kuupäev|saatmisaeg", "adressaat|kellele|saaja", "koopia", "teema";
    "lv" "no|sūtītājs", "nosūtīts|datums|sūtīts", "kam|adresāts", "kopija", "tēma|temats";
    "lt" "nuo|siuntėjas|kas", "išsiųsta|data|siųsta", "kam|gavėjas|iki", "kopija", "tema";
    "cs" "od|odesílatel", "odesláno|datum|odesláno dne|posláno", "komu|pro|příjemce", "kopie|skrytá kopie|odpověď komu|důležitost|přílohy", "předmět|věc";
    "sk" "od|odosielateľ", "odoslané|dátum|odoslaná|poslané", "komu|pre|príjemca", "kópia|dôležitosť", "predmet|vec";
    "sl" "od|pošiljatelj", "poslano|datum", "za|prejemnik", "kp|v vednost|kopija", "zadeva";
    "hr" "od|pošiljatelj|šalje", "poslano|datum|poslato", "za|prima|primatelj", "kopija", "predmet|tema";
    "bs" "od|pošiljalac", "poslano|datum", "za|prima", "kopija", "predmet";
    "sr" "од|пошиљалац|шаље", "послато|датум", "за|коме|прималац", "копија|коп", "наслов|тема|предмет";
    "sr-Latn" "od|pošiljalac|šalje", "poslato|datum", "za|kome|primalac", "kopija", "naslov|tema";
    "mk" "од|испраќач", "испратено|датум|пратено", "до|за", "копија", "тема|предмет|наслов";
    "hu" "feladó|tól", "elküldve|dátum|küldve|küldés dátuma|elküldés dátuma", "címzett|címzettek", "másolatot kap|másolat|titkos másolat|fontosság", "tárgy";
    "ro" "de la|de|expeditor", "trimis|data|dată|trimis la|trimis pe", "către|catre|la|pentru", "copie|copie la", "subiect|subiectul";
    "ru" "от|от кого|отправитель", "отправлено|дата|отправлено в|послано|дата отправки", "кому|получатель", "копия|скрытая копия|ответить|важность|вложения", "тема";
    "uk" "від|від кого|відправник", "надіслано|дата|відправлено|надісланий", "кому|одержувач|до", "копія", "тема";
    "be" "ад|ад каго", "адпраўлена|дата", "каму", "копія", "тэма";
    "bg" "от|изпращач", "изпратено|дата|изпратен", "до|на|получател", "копие|як", "относно|тема";
    "el" "από|αποστολέας", "στάλθηκε|ημερομηνία|εστάλη|απεστάλη|ημ/νία", "προς|παραλήπτης", "κοιν|κοιν.|κοινοποίηση|κοινή", "θέμα";
    "tr" "kimden|gönderen", "gönderildi|tarih|gönderilme tarihi|gönderme tarihi|gönderim tarihi", "kime|alıcı|alıcılar", "bilgi|bilgi (cc)|gizli", "konu";
    "ar" "من|المرسل", "تاريخ الإرسال|التاريخ|تم الإرسال|تاريخ|أرسلت", "إلى|المرسل إليه", "نسخة|نسخة إلى", "الموضوع|موضوع";
    "fa" "از|فرستنده", "ارسال|تاریخ|ارسال شده|فرستاده‌شده", "به|گیرنده", "رونوشت", "موضوع";
    "he" "מאת|שולח", "נשלח|תאריך|נשלח ב", "אל|נמען", "עותק|עותק לידיעה", "נושא|הנדון";
    "hi" "से|प्रेषक|द्वारा", "भेजा गया|दिनांक|भेजा", "प्रति|को|प्राप्तकर्ता", "प्रतिलिपि", "विषय";
    "th" "จาก|ผู้ส่ง", "ส่ง|วันที่|ส่งเมื่อ|วันที่ส่ง", "ถึง", "สำเนา|สำเนาถึง", "เรื่อง|หัวเรื่อง|หัวข้อ";
    "vi" "từ|người gửi", "đã gửi|ngày|gửi|gửi lúc|ngày gửi|thời gian", "đến|tới|người nhận", "đồng gửi", "chủ đề|tiêu đề";
    "id" "dari|pengirim", "terkirim|tanggal|dikirim|tgl", "kepada|ke|untuk", "tembusan", "perihal|subjek|judul|hal";
    "ms" "daripada|dari|pengirim", "dihantar|tarikh|terkirim", "kepada|ke", "salinan|sk", "subjek|perkara|tajuk";
    "zh-Hans" "发件人|发信人|寄件人", "发送时间|发送日期|日期|时间|已发送|发件时间|发送", "收件人|收信人|至", "抄送|抄送人|密送|回复|重要性|附件", "主题|标题";
    "zh-Hant" "寄件者|寄件人|寄信人|發件人", "寄件日期|日期|傳送日期|已傳送|發送時間|傳送時間|寄件時間", "收件者|收件人|收信人", "副本|密件副本|重要性|附件", "主旨|主題|標題";
    "ja" "差出人|送信者|送信元|発信者|発信元|from", "送信日時|日時|日付|送信|送信日|受信日時|date", "宛先|受信者|to|宛て先|送信先", "cc|ｃｃ|写し|添付ファイル|重要度|返信先", "件名|題名|表題|subject|サブジェクト";
    "ko" "보낸 사람|보낸사람|보낸이|보내는 사람|발신자|발신인|보낸 이", "보낸 날짜|보낸날짜|날짜|보낸 시간|보낸시간|전송 날짜|전송됨|발송일|일시", "받는 사람|받는사람|받는이|수신자|수신인|받는 이", "참조|숨은 참조|중요도|첨부 파일|첨부파일", "제목";
    "ca" "de|remitent", "enviat|data|enviat el", "per a|a|destinatari", "a/c|importància", "assumpte|tema";
    "eu" "nork|igorlea|nondik", "bidalia|data|bidaltze-data", "nori|hartzailea|nora", "kopia", "gaia";
    "gl" "de|remitente", "enviado|data|enviado o", "para|destinatario", "con copia", "asunto";
    "cy" "oddi wrth|gan|o", "anfonwyd|dyddiad", "at|i", "copi", "pwnc|testun";
    "ga" "ó|seoltóir", "seolta|dáta", "chuig|do", "cóip", "ábhar";
    "sq" "nga|dërguesi", "dërguar|data", "për|te|marrësi", "kopje", "subjekti|tema|lënda";
};

/// Labels of dates that forms have, too.
#[rustfmt::skip]
const DATES: &[&str] = &[
    "date", "time", "received", "datum", "zeit", "empfangen", "fecha", "data", "dato", "dagsetning", "dags", "päivämäärä", "päiväys", "pvm", "kuupäev", "datums", "dátum", "датум", "дата", "dată", "ημερομηνία", "ημ/νία", "tarih",
    "التاريخ", "تاريخ", "تاریخ", "תאריך", "दिनांक", "วันที่", "ngày", "thời gian", "tanggal", "tgl", "tarikh", "日期", "时间", "日時", "日付", "날짜", "일시", "dyddiad", "dáta", "message du",
];

pub(super) static LABELS: LazyLock<HashMap<&'static str, Role>> = LazyLock::new(|| {
    let mut labels = HashMap::new();
    for row in ROWS {
        // The first role of a word that has several counts: senders decide most.
        let roles = [
            (row.subject, Role::Subject),
            (row.date, Role::Date),
            (row.from, Role::From),
            (row.to, Role::To),
            (row.cc, Role::Cc),
        ];
        for (words, role) in roles {
            words.split('|').for_each(|word| {
                let sent = role == Role::Date && !DATES.contains(&word);
                labels.entry(word).or_insert(if sent { Role::Sent } else { role });
            });
        }
    }
    labels
});
