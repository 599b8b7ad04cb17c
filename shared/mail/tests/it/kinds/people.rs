//! Mails of people about absence, bounces, receipts and invitations: hard negatives.

use super::shapes::{Letter, parts};

/// One language: a greeting, then subjects with a sentence: an automatic reply that does not work, somebody who is away,
/// mail that does not arrive, an invitation that was cancelled.
type Row = (&'static str, &'static str, [(&'static str, &'static str); 4]);

#[rustfmt::skip]
pub(crate) const LANGUAGES: &[Row] = &[
    ("en", "Hello,", [
        ("Automatic reply does not work in Outlook", "My automatic reply is switched on, but nobody gets one."),
        ("Please forward mails while Anna is on vacation", "Anna is out of the office until 16 January."),
        ("Undeliverable mail to our customer", "My mail could not be delivered: 550 5.1.1 User unknown. What can I do?"),
        ("Cancelled: what happened to my invitation", "The meeting was cancelled, and I got no receipt that it was read.")]),
    ("de", "Guten Tag,", [
        ("Abwesenheitsnotiz lässt sich nicht einschalten", "Die automatische Antwort geht nicht an Externe."),
        ("Anna ist im Urlaub, wer übernimmt?", "Anna ist bis 16. Januar nicht im Büro."),
        ("Unzustellbar: meine Mails an den Kunden", "Die Mail wurde nicht zugestellt: 550 5.7.1 abgelehnt. Was kann ich tun?"),
        ("Gelesen: die neue Anleitung", "Ich habe sie gelesen, die Einladung wurde am Montag abgesagt.")]),
    ("fr", "Bonjour,", [
        ("Réponse automatique ne marche pas", "Ma réponse automatique est activée, mais personne ne la reçoit."),
        ("Anne est en congé, qui la remplace ?", "Anne est absente du bureau jusqu'au 16 janvier."),
        ("Non remis : mes messages au client", "Mon message n'a pas été remis : 550 5.1.1. Que faire ?"),
        ("Annulé : l'invitation de lundi", "La réunion est annulée, le message a été lu par personne.")]),
    ("es", "Buenos días:", [
        ("Respuesta automática no funciona", "La respuesta automática está activada, pero no llega."),
        ("Ana está de vacaciones", "Ana está fuera de la oficina hasta el 16 de enero. ¿Quién la sustituye?"),
        ("No entregado: mis correos al cliente", "No se pudo entregar el mensaje: 550 5.1.1. ¿Qué hago?"),
        ("Leído: el manual nuevo", "Lo leí, pero la invitación se canceló.")]),
    ("it", "Buongiorno,", [
        ("Risposta automatica da disattivare", "La risposta automatica di ieri va disattivata."),
        ("Anna è in ferie", "Anna è fuori ufficio fino al 16 gennaio. Chi la sostituisce?"),
        ("Mancato recapito dei nostri messaggi", "Impossibile recapitare: 550 5.1.1. Che cosa posso fare?"),
        ("Annullata: la riunione di lunedì", "La riunione è stata annullata, nessuno ha letto il messaggio.")]),
    ("pt", "Bom dia,", [
        ("Resposta automática não funciona", "A resposta automática está ligada, mas não sai."),
        ("A Ana está de férias", "A Ana está fora do escritório até 16 de janeiro. Quem a substitui?"),
        ("Não entregue: as minhas mensagens", "Não foi possível entregar: 550 5.1.1. O que faço?"),
        ("Lida: a mensagem de ontem não abre", "A mensagem foi lida, mas o convite foi cancelado.")]),
    ("nl", "Goedemorgen,", [
        ("Automatisch antwoord werkt niet", "Mijn automatisch antwoord staat aan, maar niemand krijgt het."),
        ("Afwezigheid van Anna in januari", "Anna is afwezig tot 16 januari. Wie neemt het over?"),
        ("Onbestelbaar: mails aan onze klant", "De mail kan niet worden bezorgd: 550 5.1.1. Wat nu?"),
        ("Geannuleerd: de uitnodiging", "De vergadering is geannuleerd.")]),
    ("sv", "Hej!", [
        ("Automatiskt svar fungerar inte", "Mitt automatiska svar är på, men ingen får det."),
        ("Frånvaro i januari för Anna", "Anna är på semester till 16 januari. Vem tar över?"),
        ("Olevererbar post till kunden", "Posten kunde inte levereras: 550 5.1.1. Vad gör jag?"),
        ("Läst: den nya handboken", "Jag läste den, men inbjudan är inställd.")]),
    ("da", "Hej,", [
        ("Autosvar virker ikke", "Mit automatiske svar er slået til, men ingen får det."),
        ("Fravær i januar", "Anna er på ferie til 16. januar. Hvem tager over?"),
        ("Mails til kunden kan ikke leveres", "Mailen kunne ikke leveres: 550 5.1.1. Hvad gør jeg?"),
        ("Aflyst: invitationen", "Mødet er aflyst.")]),
    ("nb", "Hei,", [
        ("Automatisk svar virker ikke", "Det automatiske svaret er på, men ingen får det."),
        ("Anna er på ferie", "Anna er ikke på kontoret til 16. januar. Hvem tar over?"),
        ("Uleverbar post til kunden", "E-posten kunne ikke leveres: 550 5.1.1. Hva gjør jeg?"),
        ("Avlyst: invitasjonen", "Møtet er avlyst.")]),
    ("fi", "Hei,", [
        ("Automaattinen vastaus ei toimi", "Automaattinen vastaus on päällä, mutta kukaan ei saa sitä."),
        ("Anna on lomalla", "Anna on poissa toimistosta 16. tammikuuta asti. Kuka hoitaa?"),
        ("Toimittamaton viesti asiakkaalle", "Viestiä ei voitu toimittaa: 550 5.1.1. Mitä teen?"),
        ("Peruttu: kutsu", "Kokous on peruttu.")]),
    ("pl", "Dzień dobry,", [
        ("Automatyczna odpowiedź nie działa", "Automatyczna odpowiedź jest włączona, ale nie wychodzi."),
        ("Nieobecność Anny w styczniu", "Anna jest na urlopie do 16 stycznia. Kto ją zastępuje?"),
        ("Niedostarczone wiadomości do klienta", "Nie można dostarczyć: 550 5.1.1. Co robić?"),
        ("Odwołane: zaproszenie", "Spotkanie zostało odwołane.")]),
    ("cs", "Dobrý den,", [
        ("Automatická odpověď nefunguje", "Automatická odpověď je zapnutá, ale nikomu nechodí."),
        ("Nepřítomnost Anny v lednu", "Anna je na dovolené do 16. ledna. Kdo ji zastupuje?"),
        ("Nedoručené zprávy zákazníkovi", "Zprávu nelze doručit: 550 5.1.1. Co s tím?"),
        ("Zrušeno: pozvánka", "Schůzka byla zrušena.")]),
    ("hu", "Tisztelt Ügyfélszolgálat!", [
        ("Automatikus válasz nem működik", "Be van kapcsolva, de senki sem kapja meg."),
        ("Anna szabadságon van", "Anna január 16-ig irodán kívül van. Ki helyettesíti?"),
        ("Kézbesíthetetlen levelek az ügyfélnek", "A levél nem kézbesíthető: 550 5.1.1. Mit tegyek?"),
        ("Törölve: a meghívó", "A megbeszélést törölték.")]),
    ("ro", "Bună ziua,", [
        ("Răspuns automat nu funcționează", "Răspunsul automat este pornit, dar nu pleacă."),
        ("Ana este în concediu", "Ana este plecată din birou până la 16 ianuarie. Cine o înlocuiește?"),
        ("Nu se poate livra mesajul către client", "Mesajul nu a fost livrat: 550 5.1.1. Ce fac?"),
        ("Anulat: invitația", "Ședința a fost anulată.")]),
    ("ru", "Здравствуйте,", [
        ("Автоответ не отправляется", "Автоответ включён, но никто его не получает."),
        ("Анна в отпуске", "Анна отсутствует до 16 января. Кто её заменяет?"),
        ("Недоставленные письма клиенту", "Письмо не было доставлено: 550 5.1.1. Что делать?"),
        ("Прочитано: новая инструкция", "Я прочитал её, но встреча отменена.")]),
    ("uk", "Добрий день,", [
        ("Автоматична відповідь не працює", "Вона увімкнена, але ніхто її не отримує."),
        ("Анна у відпустці", "Анна відсутня до 16 січня. Хто її заміняє?"),
        ("Не доставлено листи клієнту", "Лист не доставлено: 550 5.1.1. Що робити?"),
        ("Скасовано: запрошення", "Зустріч скасовано.")]),
    ("tr", "Merhaba,", [
        ("Otomatik yanıt çalışmıyor", "Otomatik yanıt açık, ama kimseye gitmiyor."),
        ("Anna ofis dışında", "Anna 16 Ocak'a kadar izinde. Yerine kim bakıyor?"),
        ("Teslim edilemeyen iletiler", "İleti teslim edilemedi: 550 5.1.1. Ne yapmalıyım?"),
        ("İptal edildi: davet", "Toplantı iptal edildi.")]),
    ("el", "Καλημέρα,", [
        ("Αυτόματη απάντηση δεν λειτουργεί", "Είναι ενεργή, αλλά δεν φεύγει."),
        ("Η Άννα είναι σε άδεια", "Η Άννα είναι εκτός γραφείου ως τις 16 Ιανουαρίου. Ποιος την αναπληρώνει;"),
        ("Δεν παραδόθηκε το μήνυμα στον πελάτη", "Το μήνυμα δεν παραδόθηκε: 550 5.1.1. Τι να κάνω;"),
        ("Ακυρώθηκε: η πρόσκληση", "Η συνάντηση ακυρώθηκε.")]),
    ("ja", "お世話になっております。", [
        ("自動返信の設定方法を教えてください", "自動返信を来週だけ使いたいのですが、設定画面が見つかりません。"),
        ("不在の間の転送について", "山田は1月16日まで休暇です。代わりは誰ですか。"),
        ("配信エラーの調査のお願い", "お客様へのメールが配信できませんでした。550 5.1.1 と出ます。"),
        ("開封確認が届きません", "開封の通知が届かず、会議も取り消されました。")]),
    ("zh", "您好：", [
        ("自动回复无法开启", "自动回复已打开，但没有人收到。"),
        ("外出期间的转发设置", "安娜休假到1月16日，谁来代替她？"),
        ("退信问题请帮忙查看", "邮件无法送达：550 5.1.1。怎么办？"),
        ("已读: 新手册里的问题", "我读了，但会议取消了。")]),
    ("ko", "안녕하세요.", [
        ("자동 회신 설정 문의", "자동 회신을 켜는 방법을 알려 주세요."),
        ("부재중 전달 설정", "안나는 1월 16일까지 휴가입니다. 누가 대신합니까?"),
        ("반송 메일 문의", "메일이 배달되지 않습니다: 550 5.1.1. 어떻게 합니까?"),
        ("취소: 초대장", "회의가 취소되었습니다.")]),
    ("ar", "مرحبا،", [
        ("الرد التلقائي لا يعمل", "الرد التلقائي مفعل ولكن لا يصل إلى أحد."),
        ("آنا في إجازة", "آنا خارج المكتب حتى 16 يناير. من يحل محلها؟"),
        ("تعذر التسليم إلى العميل", "لم يتم التسليم: 550 5.1.1. ماذا أفعل؟"),
        ("ألغيت: الدعوة", "ألغي الاجتماع.")]),
    ("he", "שלום,", [
        ("מענה אוטומטי לא עובד", "המענה האוטומטי מופעל אבל אף אחד לא מקבל אותו."),
        ("אנה בחופשה", "אנה לא במשרד עד 16 בינואר. מי מחליף אותה?"),
        ("לא ניתן למסירה ללקוח", "ההודעה לא נמסרה: 550 5.1.1. מה לעשות?"),
        ("בוטל: ההזמנה", "הפגישה בוטלה.")]),
];

/// (shape, what stands before the subject, header fields). A machine wrote some of the fields, never the words.
#[rustfmt::skip]
pub(crate) const SHAPES: &[(&str, &str, &str)] = &[
    ("plain", "", "Return-Path: <jane@customer.example>\n"),
    ("no return path", "", ""),
    ("Exchange's wish not to be answered", "", "X-Auto-Response-Suppress: DR, OOF, AutoReply\nThread-Topic: x\n"),
    ("all answers suppressed", "", "X-Auto-Response-Suppress: All\n"),
    ("answer from Exchange", "Re: ", "In-Reply-To: <o1@example.org>\nReferences: <o1@example.org>\nX-Auto-Response-Suppress: DR, OOF, AutoReply\n"),
    ("answer with another subject", "", "In-Reply-To: <o1@example.org>\nReferences: <o1@example.org>\n"),
    ("redirected by a rule", "", "Auto-Submitted: auto-generated\nX-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent\nX-MS-Exchange-Parent-Message-Id: <p1@customer.example>\nX-MS-Exchange-Inbox-Rules-Loop: info@example.org\n"),
    ("redirected by a rule, path lost", "", "Return-Path: <>\nAuto-Submitted: auto-generated\nX-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent\nX-MS-Exchange-Inbox-Rules-Loop: info@example.org\nX-Auto-Response-Suppress: DR, OOF, AutoReply\n"),
    ("forwarded by a rule", "FW: ", "Auto-Submitted: auto-generated\nX-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent\nX-Auto-Response-Suppress: All\nIn-Reply-To: <p1@customer.example>\n"),
    ("sent by a form", "", "Auto-Submitted: auto-generated\nX-Mailer: PHPMailer 6.9\n"),
    ("through a list", "", "List-Id: <users.example.org>\nPrecedence: list\n"),
    ("through an old list", "Re: ", "List-Post: <mailto:users@example.org>\nPrecedence: bulk\nIn-Reply-To: <o1@example.org>\n"),
    ("fetched by a program, path lost", "", "Return-Path: <>\nX-Mailer: Microsoft Outlook 16.0\n"),
    ("fetched by a program, an answer", "Re: ", "Return-Path: <>\nIn-Reply-To: <o1@example.org>\nUser-Agent: Mozilla Thunderbird\n"),
    ("redirected by hand", "", "Resent-From: Bob <bob@example.org>\nResent-To: support@example.org\nReturn-Path: <bob@example.org>\n"),
];

/// What machines wrote, quoted or sent as a file below a person's question.
const PASTED: &[&str] = &[
    "This is the mail system at host mx.example.net.\n\nI'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients.\n\n<bob@partner.example>: host mx.partner.example said: 550 5.1.1 User unknown",
    "Hi. This is the qmail-send program at mx.example.net.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<bob@partner.example>:\nSorry, no mailbox here by that name. (#5.1.1)",
    "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients.\n\n  bob@partner.example",
    "Delivery has failed to these recipients or groups:\n\nbob@partner.example\nThe email address you entered couldn't be found.\n\nDiagnostic information for administrators:\n#550 5.1.1 RESOLVER.ADR.RecipNotFound##",
    "Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; bob@partner.example\nAction: failed\nStatus: 5.1.1",
    "   ----- The following addresses had permanent fatal errors -----\n<bob@partner.example>\n\n   ----- Transcript of session follows -----\n550 5.1.1 <bob@partner.example>... User unknown",
    "Auto-Submitted: auto-replied\nX-Autoreply: yes\nPrecedence: bulk\nReturn-Path: <>\nSubject: Automatic reply: Printer",
    "This is an automatic reply. I am out of the office until 16 January.",
    "Your message\n\n  To: Jane\n  Subject: Printer\n  Sent: Monday\n\nwas read on Monday, 5 January 2026 12:40.",
];

/// How people ask about it.
const ABOVE: &[(&str, &str)] = &[
    ("Undelivered Mail Returned to Sender", "Hello,\n\nwhat does this mean?\n\n"),
    ("Mail delivery failed", "I got this:\n\n"),
    (
        "Delivery Status Notification (Failure)",
        "Hi,\n\nsince Monday our customer sends us this. Please have a look.\n\n",
    ),
    ("failure notice", "Guten Tag,\n\nkönnen Sie uns helfen? Folgendes kommt zurück:\n\n"),
    ("Question about a mail", "FYI, see below.\n\n"),
];

const DSN: &str = "From: MAILER-DAEMON@mx.example.net\nSubject: Undelivered Mail Returned to Sender\nContent-Type: multipart/report; report-type=delivery-status; boundary=i\n\n--i\nContent-Type: text/plain\n\nThis is the mail system at host mx.\n\n--i\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; bob@partner.example\nAction: failed\nStatus: 5.1.1\n\n--i--\n";
const CANCEL: &str = "BEGIN:VCALENDAR\nMETHOD:CANCEL\nBEGIN:VEVENT\nUID:1\nDTSTART:20260112T140000Z\nSUMMARY:Printer\nEND:VEVENT\nEND:VCALENDAR\n";
const REPLY: &str = "BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:1\nDTSTART:20260112T140000Z\nATTENDEE;PARTSTAT=DECLINED:mailto:jane@customer.example\nEND:VEVENT\nEND:VCALENDAR\n";

/// Files that alone look like a machine's mail: subject, header of the part, content.
#[rustfmt::skip]
const FILES: &[(&str, &str, &str)] = &[
    ("Undelivered mail - what does it mean?", "message/rfc822\nContent-Disposition: attachment; filename=\"bounce.eml\"", DSN),
    ("Fwd: Undelivered Mail Returned to Sender", "message/rfc822", DSN),
    ("My mail did not arrive", "message/delivery-status\nContent-Disposition: attachment; filename=\"details.txt\"", "Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; bob@partner.example\nAction: failed\nStatus: 5.1.1\n"),
    ("FW: Report domain: example.org Submitter: google.com Report-ID: 1", "application/zip; name=\"google.com!example.org!1767225600!1767311999.zip\"\nContent-Transfer-Encoding: base64", "UEsDBHppcA=="),
    ("What is this DMARC file?", "application/gzip; name=\"mail.ru!example.org!1767225600!1767311999.xml.gz\"\nContent-Transfer-Encoding: base64", "H4sIAAAAAAAA"),
    ("TLS report, what must we do?", "application/tlsrpt+gzip; name=\"google.com!example.org!1!2!001.json.gz\"\nContent-Transfer-Encoding: base64", "H4sIAAAAAAAA"),
    ("FW: complaint about message from 192.0.2.1", "message/feedback-report\nContent-Disposition: attachment", "Feedback-Type: abuse\nUser-Agent: X/1\nVersion: 1\n"),
    ("Someone complains", "message/feedback-report", "Feedback-Type: abuse\nUser-Agent: X/1\nVersion: 1\n"),
    ("This file cannot be opened", "text/calendar; charset=utf-8; name=\"meeting.ics\"\nContent-Disposition: attachment; filename=\"meeting.ics\"", CANCEL),
    ("Declined: why do I get this?", "text/calendar; method=REPLY; name=\"reply.ics\"\nContent-Disposition: attachment; filename=\"reply.ics\"", REPLY),
    ("Receipts do not arrive", "message/disposition-notification\nContent-Disposition: attachment", "Final-Recipient: rfc822; bob@partner.example\nDisposition: manual-action/MDN-sent-manually; displayed\n"),
    ("A report as file", "multipart/report; report-type=delivery-status; boundary=i", "--i\nContent-Type: text/plain\n\nx\n--i\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; bob@partner.example\nAction: failed\nStatus: 5.1.1\n\n--i--\n"),
];

/// Senders who keep mail, or whose names sound like it.
const SENDERS: &[&str] = &[
    "Jane Doe <jane@customer.example>",
    "Postmaster <postmaster@customer.example>",
    "Mail Team <mailadmin@customer.example>",
    "Mail Delivery Team <mail-delivery@customer.example>",
    "System Administrator <admin@customer.example>",
];

/// Of each language, topic and shape one.
pub(crate) fn ordinary() -> Vec<Letter> {
    let mut all = Vec::new();
    for (_, greeting, topics) in LANGUAGES {
        for (subject, text) in topics {
            for (shape, before, fields) in SHAPES {
                let letter = Letter::new(shape, &format!("{before}{subject}")).with(fields);
                all.push(letter.text(&format!("{greeting}\n\n{text}\n\nJane")));
            }
        }
    }
    all
}

/// Words of machines below a question.
pub(crate) fn pasted() -> Vec<Letter> {
    let mut all = Vec::new();
    for (subject, above) in ABOVE {
        for pasted in PASTED {
            for from in SENDERS {
                for path in ["Return-Path: <jane@customer.example>\n", ""] {
                    let letter = Letter::new("pasted", subject).from(from).with(path);
                    all.push(letter.text(&format!("{above}{pasted}\n\nJane")));
                }
            }
        }
    }
    all
}

/// Files of machines beside a question; answers to invitations with a sentence; mails that somebody sent on as they came.
pub(crate) fn files() -> Vec<Letter> {
    let mut all = Vec::new();
    for from in &SENDERS[..3] {
        for (subject, part, content) in FILES {
            let text = "Hello,\n\nwhat is this, and what must we do?\n\nJane";
            let (media, body) = parts("mixed", &[("text/plain", text), (part, content)]);
            all.push(Letter::new("file", subject).from(from).with(&media).text(&body));
        }
    }
    for (method, calendar) in [("REPLY", REPLY), ("CANCEL", CANCEL), ("COUNTER", REPLY)] {
        let media = format!("text/calendar; method={method}");
        let (kind, body) = parts(
            "alternative",
            &[("text/plain", "Monday does not suit me. Can we do Tuesday?"), (&media, calendar)],
        );
        all.push(Letter::new("answer with a sentence", "Declined: Printer").with(&kind).text(&body));
        let commented = calendar.replace("UID:1", "UID:1\nCOMMENT:Can we do Tuesday?");
        let (kind, body) = parts("alternative", &[("text/plain", " "), (&media, &commented)]);
        all.push(Letter::new("answer with a sentence", "Declined: Printer").with(&kind).text(&body));
    }
    all.extend(pairs());
    let resent = "Resent-From: Bob <bob@example.org>\nResent-To: support@example.org\n";
    let away = Letter::new("sent on by hand", "Automatic reply: Printer").with(resent);
    all.push(away.with("Auto-Submitted: auto-replied\nReturn-Path: <bob@example.org>\n").text("I am away."));
    let report = "Content-Type: multipart/report; report-type=delivery-status; boundary=i\n";
    let bounce =
        Letter::new("sent on by hand", "Undelivered Mail Returned to Sender").with(resent).with(report);
    all.push(bounce.from("MAILER-DAEMON@mx.example.net").text(DSN.split_once("\n\n").unwrap_or_default().1));
    all
}

/// Two kinds of trouble at once.
#[rustfmt::skip]
fn pairs() -> Vec<Letter> {
    let ask = "We got this, please have a look.";
    let report = "Report domain: example.org Submitter: google.com Report-ID: 1";
    let zip = "application/zip; name=\"google.com!example.org!1767225600!1767311999.zip\"";
    let mut all = Vec::new();
    for (from, subject, part, content) in [
        ("Postmaster <postmaster@customer.example>", report, zip, "x"),
        ("abuse@customer.example", report, zip, "x"),
        ("staff@customer.example", "complaint about message from 192.0.2.1", "message/rfc822", "X-HmXmrOriginalRecipient: bob@partner.example\n\nHello"),
        ("noreply@customer.example", "Contact form", "message/delivery-status", "Final-Recipient: rfc822; bob@partner.example\nAction: failed\nStatus: 5.1.1\n"),
    ] {
        let (media, body) = parts("mixed", &[("text/plain", ask), (part, content)]);
        all.push(Letter::new("two at once", subject).from(from).with(&media).text(&body));
    }
    // A colon behind the words of a program, and a text that says nothing of an absence.
    let (media, body) = parts("mixed", &[("text/plain", "Hello,\n\nwhat is this file for?"), (zip, "x")]);
    all.push(Letter::new("plain", report).with(&media).text(&body));
    for (subject, text) in [
        ("Out of office: please set it up for Anna", "She is ill since Monday."),
        ("Message d'absence : impossible de le désactiver", "Bonjour,\n\nil reste actif. Que faire ?"),
    ] {
        all.push(Letter::new("plain", subject).text(text));
    }
    // A redirected answer of a person whose system suppresses all answers.
    let rule = "Auto-Submitted: auto-generated\nX-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent\nX-Auto-Response-Suppress: All\nIn-Reply-To: <o1@example.org>\n";
    all.push(Letter::new("two at once", "Re: Printer").with(rule).text("It still does not print."));
    // A form that a web server sends without a return path holds what machines wrote.
    for pasted in PASTED {
        let letter = Letter::new("two at once", "Contact form: a mail comes back").from("noreply@customer.example");
        all.push(letter.with("Return-Path: <>\n").text(&format!("Name: Jane\nMessage: I got this:\n\n{pasted}")));
    }
    all
}
