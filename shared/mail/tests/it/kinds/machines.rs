//! Mails of machines in the forms of their programs.

use super::shapes::{Letter, parts};

/// What answering programs put before a subject, or write alone.
#[rustfmt::skip]
const AWAY: &[(&str, &str)] = &[
    ("Automatic reply: Printer", "I am out of the office until 16 January."),
    ("Out of Office: Printer", "I am away."),
    ("Automatische Antwort: Drucker", "Ich bin bis 16. Januar nicht im Büro."),
    ("Abwesenheitsnotiz: Drucker", "Ich bin im Urlaub."),
    ("Réponse automatique : Imprimante", "Je suis absent jusqu'au 16 janvier."),
    ("Respuesta automática: Impresora", "Estoy de vacaciones."),
    ("Risposta automatica: Stampante", "Sono in ferie."),
    ("Resposta automática: Impressora", "Estou de férias."),
    ("Automatisch antwoord: Printer", "Ik ben op vakantie."),
    ("Autosvar: Skrivare", "Jag är på semester."),
    ("Automatisk svar: Printer", "Jeg er på ferie."),
    ("Automaattinen vastaus: Tulostin", "Olen lomalla."),
    ("Automatyczna odpowiedź: Drukarka", "Jestem na urlopie."),
    ("Automatická odpověď: Tiskárna", "Jsem na dovolené."),
    ("Automatikus válasz: Nyomtató", "Szabadságon vagyok."),
    ("Răspuns automat: Imprimanta", "Sunt în concediu."),
    ("Автоматический ответ: Принтер", "Я в отпуске."),
    ("Автоматична відповідь: Принтер", "Я у відпустці."),
    ("Otomatik Yanıt: Yazıcı", "İzindeyim."),
    ("Αυτόματη απάντηση: Εκτυπωτής", "Είμαι σε άδεια."),
    ("自動応答: プリンター", "1月16日まで休暇をいただいております。"),
    ("自动答复: 打印机", "我正在休假。"),
    ("자동 회신: 프린터", "휴가 중입니다."),
    ("رد تلقائي: الطابعة", "أنا في إجازة."),
    ("מענה אוטומטי: מדפסת", "אני בחופשה."),
    ("Trả lời tự động: Máy in", "Tôi đang nghỉ phép."),
];

/// (program, header fields) of absence notices.
#[rustfmt::skip]
const RESPONDERS: &[(&str, &str)] = &[
    ("Exchange Online", "Return-Path: <>\nIn-Reply-To: <o1@example.org>\nReferences: <o1@example.org>\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nX-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent\nX-MS-Exchange-Inbox-Rules-Loop: jane@customer.example\n"),
    ("Exchange 2016", "In-Reply-To: <o1@example.org>\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\n"),
    ("Exchange 2003", "Return-Path: <>\nX-MimeOLE: Produced By Microsoft Exchange V6.5\n"),
    ("Gmail", "Precedence: bulk\nX-Autoreply: yes\nAuto-Submitted: auto-replied\nIn-Reply-To: <o1@example.org>\n"),
    ("sieve", "Auto-Submitted: auto-replied (vacation)\nIn-Reply-To: <o1@example.org>\nReturn-Path: <>\n"),
    ("vacation", "Precedence: bulk\nIn-Reply-To: <o1@example.org>\n"),
    ("cPanel", "X-Autorespond: Printer\nX-Loop: jane@customer.example\nPrecedence: auto_reply\n"),
    ("Zimbra", "Auto-Submitted: auto-replied (zimbra; vacation)\nPrecedence: bulk\n"),
    ("vBoxMail", "X-Mail-Autoreply: vacation\nIn-Reply-To: <o1@example.org>\n"),
    ("qmail autorespond", "Delivered-To: Autoresponder\nPrecedence: junk\nReturn-Path: <>\n"),
    ("Outlook, fields lost", ""),
];

/// (system, subject, header fields, text) of acknowledgements.
#[rustfmt::skip]
const TICKETS: &[(&str, &str, &str, &str)] = &[
    ("OTRS", "[Ticket#2026010510000017] RE: Printer", "Auto-Submitted: auto-replied\nPrecedence: bulk\nX-Loop: yes\n", "Thank you for your mail."),
    ("Request Tracker", "[example.com #7] AutoReply: Printer", "Auto-Submitted: auto-replied\nPrecedence: bulk\nX-RT-Loop-Prevention: example.com\n", "A ticket was created."),
    ("osTicket", "Support Ticket Opened [#7]", "Auto-Submitted: auto-replied\nX-Auto-Response-Suppress: DR, RN, OOF, AutoReply\n", "We will answer soon."),
    ("Freshdesk", "Ticket Received - Printer", "Auto-Submitted: auto-replied\nX-Autoreply: yes\n", "Your ticket was created."),
    ("Zammad", "We have received your request (Printer)", "Auto-Submitted: auto-replied\nPrecedence: bulk\nX-Auto-Response-Suppress: All\n", "Your request was received."),
    ("Zendesk", "[Request received] Printer", "Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nIn-Reply-To: <o1@example.org>\n", "Your request (7) has been received."),
    ("GLPI", "[GLPI #7] New ticket Printer", "Auto-Submitted: auto-replied\nX-Auto-Response-Suppress: OOF, DR, NDR, RN, NRN\n", "A new ticket."),
];

pub(crate) fn answers() -> Vec<Letter> {
    let mut all = Vec::new();
    for (program, fields) in RESPONDERS {
        for (subject, text) in AWAY {
            all.push(Letter::new(&format!("absence: {program}"), subject).with(fields).text(text));
        }
    }
    // These write no words of absence into the subject.
    for (program, fields) in RESPONDERS.iter().filter(|(_, fields)| fields.contains("auto-replied")) {
        all.push(
            Letter::new(&format!("absence: {program}"), "Re: Printer").with(fields).text("Back on Monday."),
        );
    }
    for (system, subject, fields, text) in TICKETS {
        let from = "Help <help@customer.example>";
        all.push(Letter::new(&format!("ticket: {system}"), subject).from(from).with(fields).text(text));
    }
    all
}

/// (server, From, subject, fields, text) of failures in a server's own words.
#[rustfmt::skip]
const WORDS: &[(&str, &str, &str, &str, &str)] = &[
    ("qmail", "MAILER-DAEMON@mx.example.net", "failure notice", "Return-Path: <>\n", "Hi. This is the qmail-send program at mx.example.net.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<bob@partner.example>:\nSorry, no mailbox here by that name. (#5.1.1)"),
    ("Exim", "Mail Delivery System <Mailer-Daemon@mx.example.net>", "Mail delivery failed: returning message to sender", "Return-Path: <>\nX-Failed-Recipients: bob@partner.example\nAuto-Submitted: auto-replied\n", "This message was created automatically by mail delivery software.\n\n  bob@partner.example\n    Unrouteable address"),
    ("sendmail", "Mail Delivery Subsystem <MAILER-DAEMON@mx.example.net>", "Returned mail: User unknown", "Return-Path: <>\n", "   ----- The following addresses had permanent fatal errors -----\n<bob@partner.example>\n\n   ----- Transcript of session follows -----\n550 5.1.1 <bob@partner.example>... User unknown"),
    ("Exchange 2003", "System Administrator <postmaster@mx.example.net>", "Undeliverable: Printer", "Return-Path: <>\n", "Your message did not reach some or all of the intended recipients.\n\n      bob@partner.example on 1/5/2026 12:34 PM\n            <mx.example.net #5.1.1>"),
    ("Domino", "<>", "DELIVERY FAILURE: User bob (bob@partner.example) not listed in Domino Directory", "Return-Path: <>\n", "Your message\n\n  Subject: Printer\n\nwas not delivered to:\n\n  bob@partner.example\n\nbecause:\n\n  User bob (bob@partner.example) not listed in Domino Directory"),
    ("OpenSMTPD", "Mailer Daemon <MAILER-DAEMON@mx.example.net>", "Delivery status notification: error", "Return-Path: <>\n", "Hi!\n\nThis is the MAILER-DAEMON, please DO NOT REPLY to this email.\n\nAn error has occurred while attempting to deliver a message.\n\nbob@partner.example: 550 5.1.1 unknown"),
    ("James", "postmaster@mx.example.net", "Error: Printer", "Return-Path: <>\nAuto-Submitted: auto-replied\n", "I'm afraid I wasn't able to deliver your message to the following addresses.\n\nbob@partner.example\n550 5.1.1 no such user"),
    ("a gateway to phones", "post_master@mms.example.net", "Re: Printer", "Return-Path: <>\n", "Error: mailbox not found\n550 5.1.1 <bob@partner.example> unknown\n\nMAIL FROM:<support@example.org>\nRCPT TO:<bob@partner.example>\nSubject: Printer"),
    ("a server that says little", "MAILER-DAEMON@mx.example.net", "Printer", "Return-Path: <>\n", "|--- Protocol ---|\nbob@partner.example ... host is nowhere\n|----------------|"),
    ("a server of Japan", "MAILER-DAEMON@mx.example.net", "メールを送信できませんでした", "Return-Path: <>\n", "次の宛先に配信できませんでした。\n\n<bob@partner.example>: 宛先が存在しません"),
];

/// (server, From, subject) of failures in the form of RFC 3464.
#[rustfmt::skip]
const SERVERS: &[(&str, &str, &str)] = &[
    ("Postfix", "Mail Delivery System <MAILER-DAEMON@mx.example.net>", "Undelivered Mail Returned to Sender"),
    ("sendmail", "Mail Delivery Subsystem <MAILER-DAEMON@mx.example.net>", "Returned mail: see transcript for details"),
    ("Exim", "Mail Delivery System <Mailer-Daemon@mx.example.net>", "Mail delivery failed: returning message to sender"),
    ("Gmail", "Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Failure)"),
    ("Exchange Online", "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@customer.example>", "Undeliverable: Printer"),
    ("Exchange, German", "postmaster@customer.example", "Unzustellbar: Drucker"),
    ("Exchange, Japanese", "postmaster@customer.example", "配信不能: プリンター"),
    ("Amazon SES", "MAILER-DAEMON@amazonses.com", "Delivery Status Notification (Failure)"),
    ("Domino", "Mail Router <Mail.Router@customer.example>", "DELIVERY FAILURE: User bob not listed"),
    ("Courier", "Courier mail server at mx <postmaster@mx.example.net>", "NOTICE: mail delivery status."),
    ("in no table", "Mail Delivery System <noreply@mx.example.net>", "Ihre E-Mail"),
];

pub(crate) fn bounces() -> Vec<Letter> {
    let mut all = Vec::new();
    let back = "From: support@example.org\nTo: bob@partner.example\nSubject: Printer\nMessage-ID: <o1@example.org>\n\nHello";
    for (server, from, subject, fields, text) in WORDS {
        let class = format!("bounce in words: {server}");
        all.push(Letter::new(&class, subject).from(from).with(fields).text(text));
        let (media, body) = parts("mixed", &[("text/plain", text), ("message/rfc822", back)]);
        all.push(Letter::new(&class, subject).from(from).with(fields).with(&media).text(&body));
    }
    for (server, from, subject) in SERVERS {
        for (action, code) in [("failed", "5.1.1"), ("failed", "5.2.2"), ("delayed", "4.4.1")] {
            for path in ["Return-Path: <>\n", ""] {
                let status = format!(
                    "Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; bob@partner.example\nAction: {action}\nStatus: {code}\n"
                );
                let parts = parts(
                    "report; report-type=delivery-status",
                    &[
                        ("text/plain", "It was not delivered."),
                        ("message/delivery-status", &status),
                        ("message/rfc822", back),
                    ],
                );
                let letter = Letter::new(&format!("bounce: {server}"), subject).from(from).with(path);
                all.push(letter.with(&parts.0).text(&parts.1));
            }
        }
    }
    let no_reply = "no-reply@carrier.example";
    let text = "下記のメールは送信できませんでした。\n\nbob@partner.example\nメールボックスが一杯です。";
    let (media, body) = parts("mixed", &[("text/plain", text), ("message/rfc822", back)]);
    for path in ["Return-Path: <>\n", "Return-Path: <no-reply@carrier.example>\n"] {
        all.push(
            Letter::new("bounce in words: a carrier", "メールエラーのお知らせ")
                .from(no_reply)
                .with(path)
                .with(&media)
                .text(&body),
        );
    }
    all
}

/// (sender, From, domain) of DMARC reports.
#[rustfmt::skip]
const DMARC: &[(&str, &str, &str)] = &[
    ("Google", "noreply-dmarc-support@google.com", "google.com"),
    ("Yahoo", "Yahoo <dmarchelp@yahooinc.example>", "yahoo.com"),
    ("Microsoft", "DMARC Aggregate Report <dmarcreport@microsoft.com>", "enterprise.protection.outlook.com"),
    ("Mail.ru", "dmarc_support@corp.mail.ru", "mail.ru"),
    ("Amazon", "postmaster@amazonses.com", "amazonses.com"),
    ("Fastmail", "Reports <reports@fastmaildmarc.example>", "fastmail.example"),
    ("Mimecast", "no-reply@mimecastreport.example", "mimecast.org"),
];

pub(crate) fn reports() -> Vec<Letter> {
    let mut all = Vec::new();
    for (sender, from, domain) in DMARC {
        for end in ["zip", "xml.gz"] {
            let subject = format!("Report domain: example.org Submitter: {domain} Report-ID: 7");
            let name = format!("application/gzip; name=\"{domain}!example.org!1767225600!1767311999.{end}\"");
            let letter = Letter::new(&format!("DMARC: {sender}"), &subject).from(from);
            all.push(letter.clone().with(&format!("Content-Type: {name}\n")).text("x"));
            let (media, body) =
                parts("mixed", &[("text/plain", "This is an aggregate report."), (&name, "x")]);
            all.push(letter.with(&media).text(&body));
        }
    }
    let tls = parts(
        "report; report-type=tlsrpt",
        &[("text/plain", "A TLS report."), ("application/tlsrpt+gzip", "x")],
    );
    let letter = Letter::new("TLS", "Report Domain: example.org Submitter: google.com Report-ID: <7>");
    all.push(
        letter
            .from("noreply-smtp-tls-reporting@google.com")
            .with("TLS-Report-Domain: example.org\n")
            .with(&tls.0)
            .text(&tls.1),
    );
    for from in ["Feedback <feedback@arf.example>", "fbl@isp.example", "staff@hotmail.com"] {
        let arf = "Feedback-Type: abuse\nUser-Agent: X/1\nVersion: 1\n";
        let back = "From: support@example.org\nX-HmXmrOriginalRecipient: bob@partner.example\n\nHello";
        let (media, body) = parts(
            "report; report-type=feedback-report",
            &[("text/plain", "An abuse report."), ("message/feedback-report", arf), ("message/rfc822", back)],
        );
        all.push(Letter::new("abuse report", "FW: Printer").from(from).with(&media).text(&body));
    }
    let back = "From: support@example.org\nX-HmXmrOriginalRecipient: bob@partner.example\n\nHello";
    let (media, body) = parts("mixed", &[("message/rfc822", back)]);
    all.push(
        Letter::new("abuse report", "complaint about message from 192.0.2.1")
            .from("staff@hotmail.com")
            .with(&media)
            .text(&body),
    );
    all.extend(receipts());
    all
}

fn receipts() -> Vec<Letter> {
    let mut all = Vec::new();
    for (program, subject) in [
        ("Outlook", "Read: Printer"),
        ("Outlook", "Not read: Printer"),
        ("Thunderbird", "Return Receipt (displayed) - Printer"),
        ("Exchange", "Gelesen: Drucker"),
        ("Outlook", "開封済み: プリンター"),
    ] {
        let status = "Final-Recipient: rfc822; jane@customer.example\nOriginal-Message-ID: <o1@example.org>\nDisposition: manual-action/MDN-sent-manually; displayed\n";
        let (media, body) = parts(
            "report; report-type=disposition-notification",
            &[("text/plain", "Your message was read."), ("message/disposition-notification", status)],
        );
        all.push(Letter::new(&format!("receipt: {program}"), subject).with(&media).text(&body));
    }
    let said = "Your message\n\n  To: Jane\n  Subject: Printer\n\nwas read on Monday.";
    all.push(Letter::new("receipt in words", "Read: Printer").text(said));
    let google =
        "Sender: Google Calendar <calendar-notification@google.com>\nAuto-Submitted: auto-generated\n";
    for (program, method, status, text, fields) in [
        ("Outlook", "REPLY", "ACCEPTED", " ", ""),
        ("Outlook", "REPLY", "DECLINED", " ", "X-Auto-Response-Suppress: DR, OOF, AutoReply\n"),
        ("Exchange", "CANCEL", "NEEDS-ACTION", " ", ""),
        ("Google", "REPLY", "ACCEPTED", "Jane Doe has accepted this invitation.", google),
        ("Apple", "REPLY", "TENTATIVE", "Jane Doe has tentatively accepted.", ""),
    ] {
        let calendar = format!(
            "BEGIN:VCALENDAR\nMETHOD:{method}\nBEGIN:VEVENT\nUID:1\nDTSTART:20260112T140000Z\nSUMMARY:Printer\nATTENDEE;PARTSTAT={status}:mailto:jane@customer.example\nEND:VEVENT\nEND:VCALENDAR\n"
        );
        let media = format!("text/calendar; charset=utf-8; method={method}");
        let (kind, body) = parts("alternative", &[("text/plain", text), (&media, &calendar)]);
        all.push(
            Letter::new(&format!("calendar: {program}"), "Accepted: Printer")
                .with(fields)
                .with(&kind)
                .text(&body),
        );
    }
    all
}
