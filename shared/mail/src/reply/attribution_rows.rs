//! Attributions by language: as Gmail, Apple Mail, Thunderbird, webmail and Unix programs write them.

use super::attribution::{
    Place::{self, End, Within},
    Row,
};

const fn row(
    language: &'static str,
    begins: &'static [&'static str],
    place: Place,
    wrote: &'static [&'static str],
    samples: &'static [&'static str],
) -> Row {
    Row { language, begins, place, wrote, samples }
}

/// All of them. `%` in a sample stands for `Jane Doe <jane@example.com>`.
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    row("en", &["on ", "at ", "in message ", "in article "], End, &["wrote", "writes", "has written", "said", "sent"], &[
        "On Mon, Jan 5, 2026 at 12:34 PM % wrote:", "On Mon, 5 Jan 2026 at 12:34, % wrote:",
        "On 5 Jan 2026, at 12:34, % wrote:", "On Monday, January 5, 2026 at 12:34:56 PM GMT+1, % wrote:",
        "On 2026-01-05 12:34:56 +0100, Jane Doe wrote:", "On Mon, 2026-01-05 at 12:34 +0100, Jane Doe wrote:",
        "On Monday, January 5, 2026 12:34:56 PM CET Jane Doe wrote:", "On 5 Jan 2026, 12:34 +0100, %, wrote:",
        "At 2026-01-05 12:34:56, \"Jane Doe\" <jane@example.com> wrote:"]),
    row("en", &["quoting ", "message from "], Within, &["quoting ", "wrote on ", "wrote at ", "wrote the following", "wrote (", "wrote in message"], &[
        "Quoting %:", "% wrote on 05/01/2026 12:34:", "Jane Doe wrote on 2026-01-05 12:34:"]),
    row("de", &["am ", "on "], Within, &["schrieb", "hat geschrieben", "zitat von "], &[
        "Am Mo., 5. Jan. 2026 um 12:34 Uhr schrieb %:", "Am 05.01.2026 um 12:34 schrieb %:", "Am 05.01.26 um 12:34 schrieb Jane Doe:",
        "Am Montag, dem 05.01.2026 um 12:34 +0100 schrieb Jane Doe:", "Am 5. Januar 2026 12:34:56 MEZ schrieb %:",
        "Zitat von %:", "Jane Doe schrieb am 05.01.2026 um 12:34:", "% hat am 05.01.2026 12:34 geschrieben:"]),
    row("de", &["am "], Within, &["geschrieben"], &["% hat am 05.01.2026 12:34 CET geschrieben:"]),
    row("fr", &["le "], End, &["a écrit", "a ecrit", "écrit"], &[
        "Le lun. 5 janv. 2026 à 12:34, % a écrit :", "Le 5 janv. 2026 à 12:34, % a écrit :", "Le 05/01/2026 à 12:34, Jane Doe a écrit :",
        "Le lundi 5 janvier 2026 à 12:34:56 UTC+1, % a écrit :"]),
    row("fr", &["le "], Within, &[" a écrit le ", " a écrit sur ", "selon ", "quoting "], &["% a écrit le 05/01/2026 12:34 :"]),
    row("es", &["el "], End, &["escribió", "escribio", "ha escrito"], &[
        "El lun, 5 ene 2026 a las 12:34, Jane Doe (<jane@example.com>) escribió:", "El 5 ene 2026, a las 12:34, % escribió:",
        "El 5/1/26 a las 12:34, Jane Doe escribió:", "El lunes, 5 de enero de 2026, 12:34:56 CET, % escribió:"]),
    row("es", &["el "], Within, &["escribió el ", "iniciado por ", "citando a ", "mensaje citado por "], &["% escribió el 05/01/2026 12:34:", "Mensaje citado por %:"]),
    row("it", &["il ", "in data ", "on "], End, &["ha scritto", "scrive", "ha scritto quanto segue"], &[
        "Il giorno lun 5 gen 2026 alle ore 12:34 % ha scritto:", "Il giorno 5 gen 2026, alle ore 12:34, % ha scritto:",
        "Il 05/01/26 12:34, Jane Doe ha scritto:", "In data lunedì 5 gennaio 2026 12:34:56 CET, Jane Doe ha scritto:",
        "Il lunedì 5 gennaio 2026 alle ore 12:34:56 CET, % ha scritto:"]),
    row("it", &["il "], Within, &["ha scritto il ", "citando ", "def. "], &["% ha scritto il 05/01/2026 12:34:", "Citando %:"]),
    row("pt", &["em ", "no dia ", "a ", "on "], End, &["escreveu", "escreveu o seguinte"], &[
        "Em seg., 5 de jan. de 2026 às 12:34, % escreveu:", "Em 5 de jan. de 2026, à(s) 12:34, % escreveu:", "No dia 05/01/2026, às 12:34, % escreveu:",
        "Em segunda-feira, 5 de janeiro de 2026 12:34:56 BRT, % escreveu:", "Em 05/01/2026 12:34, Jane Doe escreveu:"]),
    row("pt", &["em "], Within, &["escreveu (", "escreveu no dia ", "escreveu em ", "citando "], &["% escreveu (segunda, 5/01/2026 à(s) 12:34):", "% escreveu no dia segunda, 5/01/2026 à(s) 12:34:"]),
    row("nl", &["op "], Within, &["schreef", "geschreven", "citeren "], &[
        "Op ma 5 jan 2026 om 12:34 schreef %:", "Op 5 jan 2026, om 12:34 heeft % het volgende geschreven:", "Op 05-01-2026 om 12:34 schreef Jane Doe:",
        "Op maandag 5 januari 2026 om 12:34:56 CET schreef %:"]),
    row("af", &["op "], Within, &[" skryf ", "geskryf", " skryf"], &["Op Ma. 05 Jan. 2026 om 12:34 het % geskryf:", "Op 2026/01/05 12:34 skryf Jane Doe:"]),
    row("pl", &["w dniu ", "dnia ", "pon", "wt", "śr", "czw", "pt", "sob", "niedz"], End, &["napisał", "napisała", "napisał(a)", "napisał/a", "napisał(-a)", "pisze"], &[
        "pon., 5 sty 2026 o 12:34 % napisał(a):", "W dniu 05.01.2026 o 12:34, Jane Doe pisze:", "W dniu 5.01.2026 o 12:34, % napisał(a):",
        "Dnia 5 stycznia 2026 12:34 % napisał(a):"]),
    row("pl", &["wiadomość napisana "], Within, &["wiadomość napisana przez", "cytowanie ", "cytuję "], &["Wiadomość napisana przez % w dniu 05.01.2026, o godz. 12:34:"]),
    row("sv", &["den ", "på ", "mån", "tis", "ons", "tors", "fre", "lör", "sön"], Within, &["skrev", "citerar ", "citat från "], &[
        "Den mån 5 jan. 2026 kl 12:34 skrev %:", "5 jan. 2026 kl. 12:34 skrev %:", "Den 2026-01-05 kl. 12:34, skrev Jane Doe:"]),
    row("da", &["den ", "man. ", "tirs. ", "ons. ", "tors. ", "fre. ", "lør. ", "søn. "], Within, &["skrev", "citat fra ", "citerer "], &[
        "Den man. 5. jan. 2026 kl. 12.34 skrev %:", "Den 5. jan. 2026 kl. 12.34 skrev %:", "Den 05.01.2026 kl. 12.34 skrev Jane Doe:"]),
    row("nb", &["den ", "på ", "man. ", "tir. ", "ons. ", "tor. ", "fre. ", "lør. ", "søn. "], Within, &["skrev", "siterer ", "sitat "], &[
        "man. 5. jan. 2026 kl. 12:34 skrev %:", "På 5. januar 2026 kl. 12:34, Jane Doe skrev:", "5. jan. 2026 kl. 12:34 skrev %:", "Den 05.01.2026 12:34, skrev Jane Doe:"]),
    row("nn", &["den ", "på "], Within, &["skreiv"], &["Den 05.01.2026 12:34, skreiv Jane Doe:", "måndag 5. januar 2026 kl. 12:34 skreiv %:"]),
    row("is", &["þann ", "mán", "þri", "mið", "fim", "fös", "lau", "sun"], Within, &["skrifaði"], &["mán., 5. jan. 2026 kl. 12:34 skrifaði %:", "Þann 05.01.2026 12:34, skrifaði Jane Doe:"]),
    row("fi", &["ma ", "ti ", "ke ", "to ", "pe ", "la ", "su "], Within, &["kirjoitti", "lainaus "], &[
        "ma 5. tammik. 2026 klo 12.34 Jane Doe (jane@example.com) kirjoitti:", "% kirjoitti 5.1.2026 kello 12.34:", "Jane Doe kirjoitti 5.1.2026 klo 12.34:"]),
    row("et", &["kuupäev "], Within, &["kirjutas"], &["Kuupäev E, 5. jaanuar 2026 kell 12:34 kirjutas %:", "Jane Doe kirjutas 05.01.2026 kell 12:34:"]),
    row("lv", &["pirmd", "otrd", "trešd", "ceturtd", "piektd", "sestd", "svētd"], Within, &["rakstīja", "raksta"], &[
        "pirmd., 2026. g. 5. janv., plkst. 12:34 — lietotājs Jane Doe (<jane@example.com>) rakstīja:", "Jane Doe rakstīja 05.01.2026 plkst. 12:34:"]),
    row("lt", &[], Within, &["rašė"], &["2026-01-05, pr, 12:34 % rašė:", "2026-01-05 12:34, Jane Doe rašė:"]),
    row("cs", &["dne ", "po ", "út ", "st ", "čt ", "pá ", "so ", "ne "], End, &["napsal", "napsala", "napsal(a)", "napsal/a", "napsala/a", "píše", "uvedl"], &[
        "po 5. 1. 2026 v 12:34 odesílatel % napsal:", "Dne 05. 01. 26 v 12:34 Jane Doe napsal(a):", "po 5. 1. 2026 v 12:34 odesílatel % napsal(a):"]),
    row("en", &["excerpts from "], Within, &["excerpts from "], &["Excerpts from Jane Doe's message of January 5, 2026 12:34 pm:"]),
    row("cs", &[], Within, &["píše v "], &["Jane Doe píše v Po 05. 01. 2026 v 12:34 +0100:"]),
    row("sk", &["dňa ", "po ", "ut ", "st ", "št ", "pi ", "so ", "ne "], End, &["napísal", "napísala", "napísal(a)", "napísal/a", "píše"], &[
        "po 5. 1. 2026 o 12:34 % napísal(a):", "Dňa 5. 1. 2026 o 12:34 užívateľ % napísal:", "Dňa 05. 01. 2026 o 12:34 Jane Doe napísal(a):"]),
    row("sl", &["v ", "dne ", "na ", "dan "], End, &["napisal", "napisala", "napisal/-a", "napisal(a)", "piše", "napisal/a"], &[
        "V V pon., 5. jan. 2026 ob 12:34 je oseba % napisala:", "Dne 05. 01. 2026 ob 12:34 je Jane Doe napisal(a):", "Dne 5. jan. 2026 ob 12:34 je % napisal/-a:"]),
    row("hr", &["dana ", "pon", "uto", "sri", "čet", "pet", "sub", "ned", "on "], End, &["napisao je", "napisala je", "napisao/la je", "je napisao/la", "je napisao/la sljedeće", "napisao/la", "je napisao", "je napisala", "piše", "napisa", "napisao"], &[
        "pon, 5. sij 2026. u 12:34 % napisao je:", "Dana 5. 1. 2026. u 12:34, % napisao/la je:", "Dana 05. 01. 2026. u 12:34 Jane Doe piše:"]),
    row("bs", &["dana "], End, &["je napisao/la", "napisao/la"], &["Dana pon, 5. jan 2026. u 12:34 % je napisao/la:"]),
    row("sr", &["дана ", "пон", "уто", "сре", "чет", "пет", "суб", "нед"], End, &["је написао/ла", "је написао", "је написала", "написа", "пише", "написао/ла"], &[
        "пон, 5. јан 2026. у 12:34 % је написао/ла:", "Дана 05.01.2026. у 12:34 Jane Doe написа:"]),
    row("sr-Latn", &["dana ", "u "], End, &["je napisao/la", "napisao/la je", "je napisao"], &["pon, 5. jan 2026. u 12:34 % je napisao/la:", "Dana 05.01.2026. u 12:34, Jane Doe je napisao/la:"]),
    row("mk", &["на "], End, &["напиша", "напиша/ла"], &["На пон, 5 јан 2026 во 12:34 % напиша:"]),
    row("hu", &[], Within, &["ezt írta", " írta", "idézet "], &[
        "% ezt írta (időpont: 2026. jan. 5., H, 12:34):", "2026. 01. 05. 12:34 keltezéssel, Jane Doe írta:", "2026. jan. 5. dátummal, 12:34 időpontban % írta:"]),
    row("ro", &["pe ", "în ", "in ", "la "], End, &["a scris", "a scris următoarele"], &[
        "Pe lun., 5 ian. 2026 la 12:34, % a scris:", "În lun., 5 ian. 2026 la 12:34, % a scris:", "Pe 05.01.2026 12:34, Jane Doe a scris:"]),
    row("ru", &["пн", "вт", "ср", "чт", "пт", "сб", "вс"], End, &["написал", "написала", "написал(а)", "написал(-а)", "пишет", "писал(а)", "писал", "написал/а"], &[
        "пн, 5 янв. 2026 г. в 12:34, %:", "5 янв. 2026 г., в 12:34, % написал(а):", "05.01.2026 12:34, Jane Doe пишет:",
        "Понедельник, 5 января 2026, 12:34 +03:00 от %:", "05.01.2026, 12:34, \"Jane Doe\" <jane@example.com>:", "пн, 5 янв. 2026 г. в 12:34, пользователь % написал:"]),
    row("uk", &["пн", "вт", "ср", "чт", "пт", "сб", "нд"], End, &["пише", "написав", "написала", "написав(-ла)", "написав(ла)", "пише наступне"], &[
        "пн, 5 січ. 2026 р. о 12:34 % пише:", "5 січ. 2026 р. о 12:34 % написав(-ла):", "05.01.26 12:34, Jane Doe пише:"]),
    row("be", &["пн", "аў"], End, &["піша", "напісаў", "напісаў(-ла)", "напісала", "напісаў(ла)"], &["05.01.2026 12:34, Jane Doe піша:", "пн, 5 сту 2026 у 12:34 % напісаў(-ла):"]),
    row("bg", &["на ", "в "], End, &["написа", "пише", "написа(ла)", "написал"], &["На пн, 5.01.2026 г. в 12:34 % написа:", "На 05.01.2026 в 12:34, Jane Doe написа:"]),
    row("el", &["στις ", "την "], End, &["έγραψε", "έγραψαν", "γράφει"], &["Στις Δευ 5 Ιαν 2026 στις 12:34 μ.μ., ο/η % έγραψε:", "Στις 5 Ιαν 2026, στις 12:34 μ.μ., ο χρήστης % έγραψε:", "Στις 5/1/2026 12:34, Jane Doe έγραψε:"]),
    row("tr", &["tarihinde "], Within, &["yazdı", "şunları yazdı", "şöyle yazdı"], &[
        "%, 5 Oca 2026 Pzt, 12:34 tarihinde şunu yazdı:", "% şunları yazdı (5 Oca 2026 12:34):", "5.01.2026 12:34 tarihinde Jane Doe yazdı:"]),
    row("ar", &["في ", "بتاريخ "], Within, &["كتب", "كتابة ما يلي", "كتبت"], &[
        "في الاثنين، ٥ يناير ٢٠٢٦ في ١٢:٣٤ م تمت كتابة ما يلي بواسطة %:", "في 5 يناير 2026، في 12:34 م، كتب %:"]),
    row("fa", &["در ", "در تاریخ "], End, &["نوشت", "نوشته است"], &["در تاریخ دوشنبه ۵ ژانویهٔ ۲۰۲۶،\u{200f} ۱۲:۳۴ % نوشت:"]),
    row("he", &["בתאריך ", "ב-", "ב"], Within, &["כתב", "מאת", "כתב/ה", "כתבה"], &[
        "\u{202b}בתאריך יום ב׳, 5 בינו׳ 2026 ב-12:34 מאת \u{202a}Jane Doe\u{202c}\u{200f} <\u{202a}jane@example.com\u{202c}\u{200f}>:\u{202c}", "ב-5 בינו׳ 2026, בשעה 12:34, % כתב/ה:"]),
    row("hi", &[], End, &["ने लिखा", "लिखा"], &["सोम, 5 जन॰ 2026 को 12:34 pm बजे % ने लिखा:"]),
    row("bn", &[], Within, &["লিখেছেন", "লিখেছে"], &["সোম, 5 জানু, 2026 তারিখে 12:34 PM টায় % লিখেছেন:"]),
    row("ta", &[], Within, &["எழுதியது", "எழுதினார்"], &["திங்., 5 ஜன., 2026, பிற்பகல் 12:34 அன்று, % எழுதியது:"]),
    row("th", &["ในวันที่ ", "เมื่อ ", "วันที่ ", "on "], End, &["เขียนว่า", "เขียน"], &["ในวันที่ จ. 5 ม.ค. 2026 เวลา 12:34 % เขียนว่า:", "เมื่อ 5 ม.ค. 2569 BE เวลา 12:34 % เขียนว่า:"]),
    row("vi", &["vào ", "on "], End, &["đã viết", "viết"], &["Vào Th 2, 5 thg 1, 2026 vào lúc 12:34 % đã viết:", "Vào 12:34 5 thg 1, 2026, % đã viết:"]),
    row("id", &["pada "], End, &["menulis", "menulis hal berikut"], &["Pada Sen, 5 Jan 2026 pukul 12.34 % menulis:", "Pada 5 Jan 2026, pukul 12.34, % menulis:"]),
    row("ms", &["pada "], End, &["menulis", "telah menulis"], &["Pada Isn, 5 Jan 2026 pada 12:34 PTG % menulis:"]),
    row("fil", &["noong ", "nang "], Within, &["sinulat ni", "ay sumulat", "isinulat ni"], &["Noong Lun, Ene 5, 2026 nang 12:34 PM, isinulat ni %:"]),
    row("sw", &["mnamo "], Within, &["aliandika"], &["Mnamo Jtt, 5 Jan 2026 saa 12:34 % aliandika:"]),
    row("zh-Hans", &["在", "于"], Within, &["写道", "写到", "编写"], &[
        "Jane Doe <jane@example.com> 于2026年1月5日周一 12:34写道：", "2026年1月5日 12:34，% 写道：", "在 2026-01-05 12:34:56，\"Jane Doe\" <jane@example.com> 写道：", "在 2026/1/5 12:34, Jane Doe 写道:"]),
    row("zh-Hant", &["在", "於"], Within, &["寫道", "寫到", "撰寫"], &["% 於 2026年1月5日 週一 下午12:34寫道：", "Jane Doe 於 2026/1/5 中午 12:34 寫道:"]),
    row("ja", &[], Within, &["のメール", "のメッセージ", "は書きました", "が書きました", "は、書きました", "からのメール", "wrote", "さんは"], &[
        "2026年1月5日(月) 12:34 %:", "2026/01/05 12:34、%のメール:", "2026/01/05 12:34, Jane Doe wrote:", "2026年1月5日 12:34 +0900、% のメッセージ:", "% さんは書きました:"]),
    row("ko", &[], Within, &["작성", "이(가) 쓴 글", "쓴 글", "님이 쓰시길"], &[
        "2026년 1월 5일 (월) 오후 12:34, %님이 작성:", "2026. 1. 5. 오후 12:34, % 작성:", "2026-01-05 오후 12:34에 Jane Doe 이(가) 쓴 글:"]),
    row("ca", &["el ", "missatge de "], Within, &["missatge de ", "va escriure", "ha escrit"], &[
        "Missatge de % del dia dl., 5 de gen. 2026 a les 12:34:", "El 5 gen 2026, a les 12:34, % va escriure:"]),
    row("eu", &[], Within, &["idatzi zuen", "igorleak", "idatzi du"], &["% igorleak hau idatzi zuen (2026 urt. 5, al. (12:34)):", "2026/01/05 12:34(e)an, Jane Doe(e)k idatzi zuen:"]),
    row("gl", &["o ", "a ", "en "], End, &["escribiu"], &["O luns, 5 xan 2026 ás 12:34, Jane Doe (<jane@example.com>) escribiu:", "O 05/01/26 ás 12:34, Jane Doe escribiu:"]),
    row("cy", &["ar "], Within, &["ysgrifennodd"], &["Ar Llun, 5 Ion 2026 am 12:34 ysgrifennodd %:", "Ar 05/01/2026 12:34, ysgrifennodd Jane Doe:"]),
    row("ga", &["ar "], Within, &["scríobh"], &["Ar 05/01/2026 12:34, scríobh Jane Doe:", "Ar Luan 5 Ean 2026 ag 12:34 scríobh %:"]),
    row("sq", &["më ", "në "], Within, &["shkroi", "shkruan"], &["Më 05.01.2026 12:34, Jane Doe shkroi:", "Në hën, 5 jan 2026 në 12:34 % shkroi:"]),
    row("hy", &[], End, &["գրել է", "գրեց"], &["05.01.2026 12:34, % գրել է:"]),
    row("ka", &[], Within, &["დაწერა", "წერს"], &["05.01.2026 12:34, % წერს:"]),
    row("kk", &[], End, &["жазды", "деп жазды"], &["05.01.2026 12:34, % жазды:"]),
    row("az", &[], End, &["yazıb", "yazmışdır"], &["05.01.2026 12:34 tarixində % yazıb:"]),
    row("eo", &["je ", "la "], Within, &["skribis"], &["Je 2026-01-05 12:34, Jane Doe skribis:"]),
    row("br", &["d'ar ", "d’ar "], Within, &["he deus skrivet", "en deus skrivet"], &["D'ar 05/01/2026 12:34, Jane Doe he deus skrivet:"]),
];
