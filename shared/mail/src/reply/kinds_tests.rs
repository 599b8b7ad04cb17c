//! Kinds of older mails, each in many forms. `¶` stands for a line end.

use super::{Cut, Seen};

pub(super) const QUOTE: &str =
    "On Mon, Jan 5, 2026 at 12:30 PM Bob <support@example.org> wrote:\n\n> Please send the details.";

pub(super) fn cut(text: &str, subject: &str, answers: bool) -> Cut {
    super::cut(&Seen { text, page: None, subject, answers, author: "Jane Doe" })
}

/// Each is cut off below an answer, and kept.
fn are_older(all: &[&str]) {
    let mut wrong = Vec::new();
    for older in all {
        let older = older.replace('¶', "\n");
        let text = format!("Fine with me.\n\n{older}");
        let cut = cut(&text, "Re: Printer", true);
        if cut.reply != "Fine with me." || cut.quoted != older {
            wrong.push(format!("{older:?}\n  reply {:?}\n  quoted {:?}", cut.reply, cut.quoted));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), all.len(), wrong.join("\n"));
}

/// Each gives this reply.
pub(super) fn give(all: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (text, reply) in all {
        let (text, reply) = (text.replace('¶', "\n"), reply.replace('¶', "\n"));
        let cut = cut(&text, "Re: Printer", true);
        if cut.reply != reply {
            wrong.push(format!("{text:?}\n  reply {:?}", cut.reply));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), all.len(), wrong.join("\n"));
}

#[test]
fn attributions_broken_within_the_address() {
    are_older(&[
        "On Mon, Jan 5, 2026 at 12:34 PM Jane Roe <jane.roe@example.com¶> wrote:¶¶> No?",
        "On Mon, 5 Jan 2026 at 12:34, Jane Roe of Example¶Ltd <jane.roe@example.com¶> wrote:¶> No?",
        "Am Mo., 5. Jan. 2026 um 12:34 Uhr schrieb Jane Roe <jane.roe@example.com¶>:¶¶> No?",
        "Le lun. 5 janv. 2026 à 12:34, Jane Roe <jane.roe@example.com¶> a écrit :¶¶> No?",
        "El lun, 5 ene 2026 a las 12:34, Jane Roe (<jane.roe@example.com¶>) escribió:¶¶> No?",
        "Il giorno lun 5 gen 2026 alle ore 12:34 Jane Roe <jane.roe@example.com¶> ha scritto:¶¶> No?",
        "Op ma 5 jan 2026 om 12:34 schreef Jane Roe <jane.roe@example.com¶>:¶¶> No?",
        "Den mån 5 jan. 2026 kl 12:34 skrev Jane Roe <jane.roe@example.com¶>:¶¶> No?",
        "Den man. 5. jan. 2026 kl. 12.34 skrev Jane Roe <jane.roe@example.com¶>:¶¶> No?",
        "man. 5. jan. 2026 kl. 12:34 skrev Jane Roe <jane.roe@example.com¶>:¶¶> No?",
        "pon., 5 sty 2026 o 12:34 Jane Roe <jane.roe@example.com¶> napisał(a):¶¶> No?",
        "Em seg., 5 de jan. de 2026 às 12:34, Jane Roe <jane.roe@example.com¶> escreveu:¶¶> No?",
        "Jane Roe <jane.roe@example.com¶>, 5 Oca 2026 Pzt, 12:34 tarihinde şunu yazdı:¶¶> No?",
        "2026年1月5日(月) 12:34 Jane Roe <jane.roe@example.com¶>:¶¶> No?",
        "пн, 5 янв. 2026 г. в 12:34, Jane Roe <jane.roe@example.com¶>:¶¶> No?",
        "Στις Δευ 5 Ιαν 2026 στις 12:34 μ.μ., ο/η Jane Roe <jane.roe@example.com¶> έγραψε:¶¶> No?",
        "po 5. 1. 2026 v 12:34 odesílatel Jane Roe <jane.roe@example.com¶> napsal:¶¶> No?",
        "On Mon, Jan 5, 2026 at 12:34 PM Jane Roe¶¶<¶mailto:Jane Roe <jane@example.com>¶> wrote:¶¶> No?",
        "On Mon, Jan 5, 2026 at 12:34 PM Jane Roe¶¶<¶mailto:Jane Roe <jane@example.com>¶> wrote:¶¶No?",
        "On January 5, 2026 at 12:34 PM, Jane Roe¶<¶mailto:jane@example.com¶> wrote:¶¶> No?",
        "Am 5. Januar 2026 um 12:34 schrieb Jane Roe¶¶<¶mailto:jane@example.com¶>:¶¶> No?",
    ]);
}

#[test]
fn attributions_without_a_verb_or_a_colon() {
    are_older(&[
        "2026/1/5 Jane Roe <jane@example.com>¶¶> No?",
        "2026/1/5 Jane Roe <jane@example.com>¶¶No?",
        "2026/1/5 Jane Roe <jane@example.com>¶| No?¶| Yes?",
        "2026-01-05 12:34 GMT+01:00 Jane Roe¶¶> No?",
        "2026-01-05 12:34 GMT+01:00 Jane Roe via Desk¶> No?",
        "2026-01-05 12:34 GMT+01:00 Jane Roe <jane@example.com>:¶¶> No?",
        "Jane Roe <jane@example.com>:¶¶> No?",
        "Jane Roe schreef op ma 05-01-2026 om 12:34 [+0100]:¶¶> No?",
        "Jane Roe пишет в Пн, 05/01/2026 в 12:34 +0300:¶¶> No?",
        "5 January 2026 12:34 Jane Roe <jane@example.com>¶¶> No?",
        "Mon, 5 Jan 2026 12:34 Jane Roe <jane@example.com>¶| No?",
        "On Mon, Jan 5, 2026 at 12:34 PM Jane Roe <jane@example.com>¶¶> No?",
        "2026-01-05 12:34 GMT+01:00 J�ne R�e <jane@example.com>¶¶> No?",
        "2026年1月5日(月) 12:34 山田 太郎 <jane@example.com>¶¶> No?",
        "05.01.2026, 12:34, \"Jane Roe\" <jane@example.com>¶> No?",
        "On Mon, 5 Jan 2026 12:34:56 +0100 Jane Roe <jane@example.com> wrote¶¶> No?",
        "On Mon, 5 Jan 2026 12:34:56 +0100 Jane Roe <jane@example.com> wrote¶¶No?",
        "On Mon, 5 Jan 2026 12:34:56 +0100¶Jane Roe <jane@example.com> wrote¶¶No?",
        "Am Mo., 5. Jan. 2026 um 12:34 Uhr schrieb Jane Roe <jane@example.com>¶¶> No?",
        "Am 05.01.2026 um 12:34 schrieb Jane Roe <jane@example.com>¶¶No?",
        "Le lun. 5 janv. 2026 à 12:34, Jane Roe <jane@example.com> a écrit¶¶> No?",
        "Le 05/01/2026 à 12:34, Jane Roe <jane@example.com> a écrit¶¶No?",
        "El lun, 5 ene 2026 a las 12:34, Jane Roe (<jane@example.com>) escribió¶¶No?",
        "Op ma 5 jan 2026 om 12:34 schreef Jane Roe <jane@example.com>¶¶> No?",
        "Il 05/01/26 12:34, Jane Roe <jane@example.com> ha scritto¶¶No?",
        "Monday, 5 January 2026, 12:34 PM +0100 from Jane Roe <jane@example.com>:¶¶No?",
        "Monday, 5 January 2026, 12:34 PM +0100 from Jane Roe <jane@example.com>:¶> No?",
        "Montag, 5. Januar 2026, 12:34 +0100 von Jane Roe <jane@example.com>:¶¶No?",
        "Lundi 5 janvier 2026 12:34 +0100 de Jane Roe <jane@example.com>:¶¶No?",
        "Понедельник, 5 января 2026, 12:34 +03:00 от Jane Roe <jane@example.com>:¶¶No?",
        "---- Jane Roe wrote ----¶¶No?",
        "---- Jane Roe schrieb ----¶¶No?",
        "----- Jane Roe a écrit -----¶¶No?",
        "---- Jane Roe escribió ----¶¶No?",
        "---- Jane Roe ha scritto ----¶¶No?",
        "---- On Mon, 05 Jan 2026 12:34:56 +0100 Jane Roe <jane@example.com> wrote ----¶¶No?",
    ]);
}

#[test]
fn attributions_in_languages_without_a_row() {
    are_older(&[
        "సోమ, 5 జన, 2026 12:34 PMకి, Bob <support@example.org> ఇలా రాశారు:¶¶> No?",
        "सोम, 5 जाने, 2026 रोजी 12:34 PM वाजता Bob <support@example.org> ने लिहिले:¶¶> No?",
        "સોમ, 5 જાન્યુ, 2026 એ 12:34 PM વાગ્યે Bob <support@example.org> એ લખ્યું:¶¶> No?",
        "ሰኞ 5 ጃንዋሪ 2026 ከ12:34 ሰዓት ላይ፣ Bob <support@example.org> እንዲህ ጽፏል፦¶¶> No?",
        "Mso, Mas 5, 2026 ngo 12:34 PM Bob <support@example.org> ubhale:¶¶> No?",
        "Méi., 5. Jan. 2026 um 12:34 huet Bob <support@example.org> geschriwwen:¶¶> No?",
        "ಸೋಮ, ಜನ 5, 2026 ರಂದು 12:34 PM ಸಮಯಕ್ಕೆ Bob <support@example.org> ಅವರು ಬರೆದಿದ್ದಾರೆ:¶¶> No?",
        "2026, ജനു 5, തിങ്കൾ 12:34 PM തിയ്യതിക്ക് Bob <support@example.org> എഴുതി:¶¶> No?",
        "ਸੋਮ, 5 ਜਨ 2026 ਨੂੰ 12:34 PM ਵਜੇ Bob <support@example.org> ਨੇ ਲਿਖਿਆ:¶¶> No?",
        "بتاریخ پیر، 5 جنوری، 2026 کو 12:34 PM بجے Bob <support@example.org> نے لکھا:¶¶> No?",
        "2026 оны 1-р сарын 5, Да 12:34 цагт Bob <support@example.org> бичсэн:¶¶> No?",
        "2026 M01 5, Dush 12:34 da Bob <support@example.org> yozdi:¶¶> No?",
        "នៅថ្ងៃចន្ទ, 5 មករា 2026 ម៉ោង 12:34 Bob <support@example.org> បានសរសេរ៖¶¶> No?",
        "2026 ජන 5, සඳුදා පෙ.ව. 12:34 ට Bob <support@example.org> ලිව්වේය:¶¶> No?",
        "Bob <support@example.org>, 5 yan 2026-cı il, B.e., 12:34 tarixində yazdı:¶¶> No?",
        "Mso, Mas 5, 2026 ngo 12:34 PM Bob¶<support@example.org> ubhale:¶¶> No?",
    ]);
}

#[test]
fn header_blocks_in_any_form() {
    let labels = [
        ("Kimdən", "Göndərilib", "Kimə", "Mövzu"),
        ("Ումից", "Ուղարկված է", "Ում", "Թեմա"),
        ("Кімнен", "Жіберілді", "Кімге", "Тақырып"),
        ("அனுப்புநர்", "அனுப்பியது", "பெறுநர்", "பொருள்"),
        ("Mula kay", "Ipinadala", "Para kay", "Paksa"),
        ("Vun", "Geschéckt", "Un", "Betreff"),
        ("Kutoka", "Ilitumwa", "Kwa", "Mada"),
        ("प्रेषक", "पाठवले", "प्रति", "विषय"),
        ("Жөнөтүүчү", "Жөнөтүлдү", "Алуучу", "Тема"),
        ("Sendanto", "Sendita", "Al", "Temo"),
        ("გამომგზავნი", "გაიგზავნა", "ადრესატი", "თემა"),
        ("Vum", "Verschéckt", "Fir", "Sujet"),
    ];
    let mut all = Vec::new();
    for (from, sent, to, subject) in labels {
        for date in ["5 Jan 2026 12:30", "05.01.2026 12:30:00", "2026-01-05, 12:30"] {
            let block = format!(
                "{from}: Bob <support@example.org>¶{sent}: {date}¶{to}: Jane Doe <jane@example.com>¶{subject}: Printer¶¶Please try again."
            );
            all.push(format!("________________________________¶{block}"));
            all.push(format!("-----Asl xabar-----¶{block}"));
            all.push(block);
        }
    }
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    are_older(&all);
    are_older(&[
        "From: Bob <support@example.org>¶Date: Mon, 5 Jan 2026 12:34:56 +0100¶¶Please try again.",
        "From: Bob¶Sent: Monday, January 5, 2026 12:34 PM¶¶Please try again.",
        "Von: Bob <support@example.org>¶Gesendet: Montag, 5. Januar 2026 12:34¶¶Bitte noch einmal.",
        "De : Bob <support@example.org>¶Date : lun. 5 janv. 2026 à 12:34¶¶Encore.",
        "Date: Mon, 5 Jan 2026 12:34:56 +0100¶To: Jane <jane@example.com>¶¶Please try again.",
        "________________________________¶From: Bob <support@example.org> Sent: Monday, January 5, 2026 12:34 PM¶¶Please try again.",
        "________________________________¶Von: Bob <support@example.org> Gesendet: Montag, 5. Januar 2026 12:34¶¶Bitte noch einmal.",
        "==========================¶Message du : 05/01/2026 12:34¶De : \"Bob\" <support@example.org>¶A : jane@example.com¶Copie à : x@example.com¶Sujet : Printer¶¶Encore.",
        "==========================¶Message du 05/01/26 12:34¶De : Bob <support@example.org>¶A : jane@example.com¶Objet : Printer¶¶Encore.",
        "Message du 05/01/26 12:34¶De : Bob <support@example.org>¶A : jane@example.com¶Objet : Printer¶¶Encore.",
        "-------- Original message --------From: support@example.org Date: 1/5/26  12:30 PM  (GMT-06:00) To: jane@example.com Cc: boss@example.com Subject: Printer¶    ¶Your request is now in work.",
        "-------- Ursprüngliche Nachricht --------Von: support@example.org Datum: 05.01.26  12:30  (GMT+01:00) An: jana@example.com Betreff: Status¶¶Ihre Anfrage",
        "-------- Message d'origine --------De : support@example.org Date : 05/01/2026 12:30 (GMT+01:00) À : jane@example.com Objet : Printer¶¶Encore",
        "-------- Mensaje original --------De: support@example.org Fecha: 5/1/26 12:30 (GMT+01:00) Para: jane@example.com Asunto: Printer¶¶Otra vez",
        "-------- 원본 메시지 --------발신: support@example.org 날짜: 2026/1/5 12:30 (GMT+09:00) 받은 사람: jane@example.com 제목: Printer¶¶다시",
    ]);
}

#[test]
fn dividers_in_any_words() {
    are_older(&[
        "---- Previous message ----¶No?",
        "-------- Vorherige Nachricht --------¶¶Nein?",
        "----- Antwort -----¶Nein?",
        "------ Risposta ------¶No?",
        "----- Respuesta -----¶¿No?",
        "---- Messaggio precedente ----¶No?",
        "----- Mensaje anterior -----¶¿No?",
        "----- Reply -----¶No?",
        "----邮件原文----¶发件人：\"Bob\" <support@example.org>¶收件人：wang <wang@example.com>¶主题：打印机¶¶请关机再开。",
        "-----Asıl Mesaj-----¶Kimden: Bob <support@example.org>¶Gönderildi: 5 Ocak 2026 12:30¶¶Hayır?",
        "----- Zure mezua -----¶Nork: Bob <support@example.org>¶Bidalia: 2026-01-05 12:30¶¶Ez?",
        "---¶**Previous Replies**¶Posted by bob on 01/05/2026¶No?",
        "*Frühere Nachrichten*¶¶Bob, 5. Januar¶Nein?",
        "## Réponses précédentes¶¶Bob : non ?",
        "Conversation history:¶¶Bob: No?",
        "Historial de la conversación¶¶Bob: ¿No?",
    ]);
}

#[test]
fn older_mails_glued_to_the_answer() {
    give(&[
        (
            "Fine with me. On Mon, Jan 5, 2026 at 12:34 PM, Jane Roe <jane@example.com> wrote:¶> No?",
            "Fine with me.",
        ),
        (
            "Hello,¶¶Fine with me. On Mon, Jan 5, 2026 at 12:34 PM, Jane Roe <jane@example.com> wrote:¶> No?",
            "Hello,¶¶Fine with me.",
        ),
        ("Готово. пн, 5 янв. 2026 г. в 12:34, Bob <support@example.org>:¶> No?", "Готово."),
        ("了解です。2026年1月5日(月) 12:34 Bob <support@example.org>:¶> No?", "了解です。"),
        (
            "Fine with me On Mon, Jan 5, 2026 at 12:34 PM, Jane Roe <jane@example.com> wrote:¶> No?",
            "Fine with me",
        ),
        (
            "Fine with me.---On Mon, Jan 5, 2026 at 12:34 PM, Jane Roe <jane@example.com> wrote:¶> No?",
            "Fine with me.",
        ),
        (
            "Fine with me!On Mon, Jan 5, 2026 at 12:34 PM, Jane Roe <jane@example.com> wrote:¶> No?",
            "Fine with me!",
        ),
        ("Passt. Am Mo., 5. Jan. 2026 um 12:34 Uhr schrieb Jane Roe <jane@example.com>:¶> Nein?", "Passt."),
        (
            "D'accord. Le lun. 5 janv. 2026 à 12:34, Jane Roe <jane@example.com> a écrit :¶> Non ?",
            "D'accord.",
        ),
        ("Vale. El lun, 5 ene 2026 a las 12:34, Jane Roe (<jane@example.com>) escribió:¶> ¿No?", "Vale."),
        (
            "Va bene. Il giorno lun 5 gen 2026 alle ore 12:34 Jane Roe <jane@example.com> ha scritto:¶> No?",
            "Va bene.",
        ),
        ("Prima. Op ma 5 jan 2026 om 12:34 schreef Jane Roe <jane@example.com>:¶> Nee?", "Prima."),
        (
            "On second thought, yes. On Mon, Jan 5, 2026 at 12:34 PM, Jane Roe <jane@example.com> wrote:¶> No?",
            "On second thought, yes.",
        ),
        (
            "Fine with me. On Mon, Jan 5, 2026 at 12:34 PM, Jane Roe¶<jane@example.com> wrote:¶> No?",
            "Fine with me.",
        ),
        (
            "That is great, thank you!Sent from my Verizon, Samsung Galaxy smartphone¶-------- Original message --------From: support@example.org Date: 1/5/26",
            "That is great, thank you!",
        ),
        (
            "Super, danke!Von meinem Samsung Galaxy Smartphone gesendet.¶-------- Ursprüngliche Nachricht --------Von: support@example.org Datum: 05.01.26",
            "Super, danke!",
        ),
        ("Thanks. Sent from my iPhone¶¶> No?", "Thanks."),
        ("Thanks.¶¶-- Sent from my Palm Pre¶¶> No?", "Thanks."),
        ("Thanks.¶¶\u{2060}\u{200C}¶¶> No?", "Thanks."),
        (
            "Thanks!-------- Original message --------From: support@example.org Date: 1/5/26  12:30 PM¶No?",
            "Thanks!",
        ),
        ("Thanks!¶ᐧ¶¶On Mon, Jan 5, 2026 at 12:34 PM Jane Roe <jane@example.com> wrote:¶> No?", "Thanks!"),
        ("Thanks!¶¶--¶________________¶Jane Roe¶Example Ltd¶________________¶¶> No?", "Thanks!"),
        ("> No?¶¶Yes.¶¶> Sure?¶¶==========¶Jane Roe¶Example Ltd¶==========", "Yes."),
    ]);
}

#[test]
fn broken_lines_of_a_quote() {
    let long = "> which of the two printers in the office on the second floor was it that";
    let at = |rest: &str| format!("Yes.¶¶{QUOTE}¶>¶{long}¶{rest}").replace("¶", "\n");
    let mut wrong = Vec::new();
    for rest in [
        "Jana said was broken¶> again?",
        "and that nobody in the whole house could use at all¶> again?",
        "42 of them¶> again?",
        "(both)¶> again?",
        "_both_ of them¶> again?",
        "& more¶> again?",
        " was broken¶> again?",
        "was broken, yes,¶> again?",
        "was broken.¶> Again?",
        "was broken?",
    ] {
        let text = at(rest);
        let cut = cut(&text, "Re: Printer", true);
        if cut.reply != "Yes." {
            wrong.push(format!("{rest:?}: {:?}", cut.reply));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    give(&[
        ("> see the page <https://www.example.com/a/long/way/to¶/go.html> there¶> please¶¶Done.", "Done."),
        (
            "> see https://www.example.com/a/long/way/to/go/that/never/ends/and/is/br¶oken.html¶> please¶¶Done.",
            "Done.",
        ),
        ("> Is it on?¶Yes.¶> Does it blink?¶No.", "Yes.¶No."),
        (
            "> Is it on, and does the light on its front blink when you press a key?¶Yes, it does.¶> Bob",
            "Yes, it does.",
        ),
        ("> Please tell me whether you would like the printer in red or in blue and¶¶Blue.¶¶> Bob", "Blue."),
    ]);
}

#[test]
fn what_is_cut_is_kept_in_its_order() {
    let text = "Yes.\n\n> a\n\nNo.\n\nSent from my iPhone\n\n> b\n\n--\nJane Doe";
    let cut = cut(text, "Re: x", true);
    assert_eq!(cut.reply, "Yes.\n\nNo.");
    assert_eq!(cut.quoted, "> a\n\nSent from my iPhone\n\n> b\n\n--\nJane Doe");
}
