//! Kinds of own words that look like the mark of an older mail, each in many forms. `¶` stands for a line end.

use super::kinds_tests::{QUOTE, cut, give};

/// Each stays: alone in a new mail, and in an answer above its quote.
fn are_own(all: &[&str]) {
    let mut wrong = Vec::new();
    for own in all {
        let own = own.replace('¶', "\n");
        let new = cut(&own, "Printer", false);
        if new.reply != own || !new.quoted.is_empty() {
            wrong.push(format!("new: {own:?}\n  reply {:?}", new.reply));
        }
        let answer = cut(&format!("{own}\n\n{QUOTE}"), "Re: Printer", true);
        if answer.reply != own || answer.quoted != QUOTE {
            wrong.push(format!("answer: {own:?}\n  reply {:?}", answer.reply));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), 2 * all.len(), wrong.join("\n"));
}

#[test]
fn forms_trips_and_pasted_headers_stay() {
    are_own(&[
        "A visitor has sent the form:¶¶From: Mary Major¶E-mail: mary@example.net¶Subject: Opening hours¶Date: 5 January 2026¶¶Message:¶Are you open on Sunday?",
        "From: Berlin¶To: Hamburg¶¶Two persons, please.",
        "The display says:¶¶From: PRN-3¶To: PC-7¶Sent: never¶Subject: job 17¶¶What is it?",
        "Van: Amsterdam¶Naar: Oslo¶Datum: 5 maart 2026 10:15¶Onderwerp: congres¶¶Graag boeken.",
        "Here they are:¶¶From: London¶To: Paris¶Date: 12 January 2026¶Subject: printer training¶¶Two persons, please.",
        "Bonjour,¶¶voici ma demande :¶¶De : Paris¶À : Lyon¶Date : 12 janvier 2026¶Objet : formation¶¶Merci de réserver le train de 8 h.",
        "Von: Jana Muster, Abteilung 3¶An: IT-Abteilung¶Datum: 05.01.2026¶Betreff: Neuer Bildschirm¶¶Ich beantrage einen neuen Bildschirm.",
        "De: Madrid¶Para: Sevilla¶Fecha: 12 de enero de 2026¶Asunto: formación¶¶Dos personas.",
        "Da: Roma¶A: Milano¶Data: 12 gennaio 2026¶Oggetto: corso¶¶Due persone.",
        "Van: Utrecht¶Aan: Breda¶Datum: 12 januari 2026¶Onderwerp: cursus¶¶Twee personen.",
        "Od: Praha¶Komu: Brno¶Datum: 12. ledna 2026¶Předmět: školení¶¶Dvě osoby.",
        "От: Москва¶Кому: Казань¶Дата: 12 января 2026¶Тема: обучение¶¶Два человека.",
        "差出人: 山田¶宛先: 総務部¶日付: 2026年1月12日¶件名: 画面¶¶新しい画面をお願いします。",
        "The filter is:¶¶From: shop@shop.example¶To: jane@example.com¶Subject: Order¶¶It does not match.",
        "I copied the header of the mail that does not arrive:¶¶From: Shop <shop@shop.example>¶Date: Mon, 5 Jan 2026 10:00:00 +0100¶To: jane@example.com¶Subject: Order 11¶X-Spam-Score: 7.1¶¶Why is it blocked?",
        "The header is:¶¶From: Shop <shop@shop.example>¶Date: Mon, 5 Jan 2026 10:00:00 +0100¶To: jane@example.com¶Subject: Order 11¶¶Why is it blocked?",
        "Der Kopf lautet:¶¶Von: Shop <shop@shop.example>¶Datum: Mo, 5 Jan 2026 10:00:00 +0100¶An: jane@example.com¶Betreff: Bestellung¶¶Warum?",
        "----------¶From: Berlin¶To: Hamburg¶Date: 12 January 2026¶----------¶Two persons.",
    ]);
    let fax = "You have received a fax.\n\nFrom: 030 1234567\nTo: 030 7654321\nDate: 05.01.2026 12:34\nSubject: Fax, 3 pages\n\nThe fax is attached.";
    assert_eq!(cut(fax, "New fax", false).reply, fax);
}

#[test]
fn sentences_about_what_somebody_wrote_stay() {
    are_own(&[
        "On January 5, 2026 at 12:34 the server wrote:¶¶ERROR 500 in module cart¶¶Is that enough?",
        "Am 04.01.2026 um 10:15 Uhr schrieb uns der Kunde:¶¶Die Lieferung war unvollständig.¶¶Was tun?",
        "Am 5. Januar 2026 um 12:34 Uhr schrieb der Server ins Log:¶¶FEHLER 500¶¶Reicht das?",
        "Am 05.01.2026 um 12:34 schrieb Frau Müller:¶¶Es geht nicht.¶¶Was tun?",
        "Le 5 janvier 2026 à 12:34 le serveur a écrit :¶¶ERREUR 500¶¶Et maintenant ?",
        "El 5 de enero de 2026 a las 12:34 el servidor escribió:¶¶ERROR 500¶¶¿Y ahora?",
        "Il 5 gennaio 2026 alle 12:34 il server ha scritto:¶¶ERRORE 500¶¶E ora?",
        "Op 5 januari 2026 om 12:34 schreef de server:¶¶FOUT 500¶¶En nu?",
        "Den 5 januari 2026 kl 12:34 skrev servern:¶¶FEL 500¶¶Och nu?",
        "W dniu 5 stycznia 2026 o 12:34 serwer napisał:¶¶BŁĄD 500¶¶I co teraz?",
        "Em 5 de janeiro de 2026 às 12:34 o servidor escreveu:¶¶ERRO 500¶¶E agora?",
        "5 января 2026 в 12:34 сервер написал:¶¶ОШИБКА 500¶¶Что делать?",
        "Dne 5. 1. 2026 v 12:34 server napsal:¶¶CHYBA 500¶¶Co teď?",
        "2026-01-05 12:34 Jane Roe <jane@example.com>:¶login failed¶2026-01-05 12:35 Jane Roe <jane@example.com>:¶login failed¶¶Why?",
        "05.01.2026 12:34 Jana <jana@example.com>:¶Hallo¶05.01.2026 12:36 Bob <bob@example.com>:¶Hallo zurück¶¶So war es.",
        "I wrote this on 5 January 2026:¶¶It is broken.¶¶Did you get it?",
        "Things to do on Friday:¶- wrote: a letter",
    ]);
    give(&[
        (
            "This is what the engineer wrote:¶> It is broken.¶¶What now?",
            "This is what the engineer wrote:¶¶What now?",
        ),
        (
            "On Monday I spoke to Jane Roe, and here is what she wrote:¶It is broken.",
            "On Monday I spoke to Jane Roe, and here is what she wrote:¶It is broken.",
        ),
        ("Das schrieb mir der Techniker:¶> Kaputt.¶¶Was nun?", "Das schrieb mir der Techniker:¶¶Was nun?"),
    ]);
}

#[test]
fn dashes_code_and_decoration_stay() {
    are_own(&[
        "Here is the part that fails:¶¶--¶-- Data for table orders¶--¶¶INSERT INTO orders VALUES (1);¶¶It stops at line 3.",
        "first question: when do you open?¶¶--¶¶second question: how do I get a new card?",
        "First: when do you open?¶¶--¶¶Second question¶How do I get a new card?¶¶--¶¶Thanks",
        "ann@example.com¶bob@example.com¶--¶and remove this one:¶carl@example.com",
        "Order for room 1:¶2 chairs¶¶—¶¶Order for room 2:¶4 chairs",
        "Order for room 1:¶2 chairs¶__¶Order for room 2:¶4 chairs",
        "Raum 1:¶2 Stühle¶¶–¶¶Raum 2:¶4 Stühle",
        "Salle 1 :¶2 chaises¶--¶Salle 2 :¶4 chaises",
        "1号室：椅子2脚¶¶—¶¶2号室：椅子4脚をお願いします。",
        "and this is the log:¶¶```¶--¶-- Dump of table users¶--¶CREATE TABLE users (id int);¶```¶¶What can I do?",
        "```¶> npm start¶On Mon, Jan 5, 2026 at 12:34 PM Bob <bob@example.org> wrote:¶```¶¶That is in our file.",
        "-----¶Customers cannot unsubscribe, the link is dead.",
        ">>> important <<<¶¶Please read.",
        "Hello,¶>> see http://example.com <<¶there it is.",
        "----- Room 2 -----¶4 chairs",
        "---- Message ----¶It fails.¶¶---- Log ----¶ERROR 500",
        "-----BEGIN CERTIFICATE-----¶MIIB¶-----END CERTIFICATE-----¶¶Is it valid?",
        "I did this:¶¶> npm install¶> npm start¶¶and it failed.",
        "I tried:¶> sudo systemctl restart cups¶> lpstat -p¶but nothing.",
        "Order:¶¶--¶blue ones¶two boxes",
        "Prices:¶> 10 kg: 5 EUR¶< 10 kg: 7 EUR¶Is that right?",
        "Run:¶> git pull¶> make¶¶Nothing happens.",
    ]);
}

#[test]
fn sentences_that_begin_like_a_device_stay() {
    are_own(&[
        "I still cannot sign in.¶¶Sent from my wife's account, since mine is locked.",
        "Sent from my point of view this is done, please close.",
        "It works now.¶¶Sent from Outlook on Windows 11 it works, on the Mac it does not.",
        "Sent from my iPhone the picture looks fine, from the laptop it does not.",
        "Von meinem iPhone geht es nicht.",
        "Von meinem Handy aus kann ich mich anmelden.",
        "Envoyé depuis mon iPhone, le message arrive sans photo.",
        "Enviado desde Outlook el correo no llega.",
        "Inviato da iPhone, il messaggio arriva vuoto.",
        "Verzonden vanaf mijn iPhone komt de mail niet aan.",
        "Skickat från min iPhone kommer bilden inte fram.",
        "Wysłane z iPhone nie dochodzi.",
        "Отправлено с iPhone, а письмо не дошло.",
    ]);
}
