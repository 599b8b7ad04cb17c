use super::*;
use crate::languages::Language;

#[test]
fn every_language_has_a_line_that_is_known() {
    let samples = |language: &'static Language| language.words("device", "sample");
    let languages = languages::all().iter().filter(|language| samples(language).next().is_some());
    assert!(languages.clone().count() >= 45);
    let samples = languages.flat_map(|language| samples(language).map(move |sample| (language.tag, sample)));
    let wrong: Vec<_> = samples.filter(|(_, sample)| !is_mobile(sample)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    for line in [
        "Get Outlook for iOS<https://aka.ms/o0ukef>",
        "Sent from Outlook for iOS<https://aka.ms/o0ukef>",
        "[Sent from my iPhone]",
        "Sent from Mail<https://go.microsoft.com/fwlink/?LinkId=550986> for Windows 10",
        "Virus-free. www.avast.com",
        "Sent from Front",
        "Sent from Front <https://front.example>",
        "Sent from Blue",
        "Sent via Intercom.",
        "Get the new AOL app: mail.mobile.aol.com",
        "Yahoo Mail: Search, Organize, Conquer",
        "Sent from Mailspring, the best free email app for work",
        "Sent with Mimestream",
        "Sent from eM Client | www.emclient.com",
        "Sent with Tuta, get secure mail: https://tuta.com",
        "Secured with Tuta Mail: https://tuta.com/free-email",
        "-- Sent from my Palm Pre",
        "Sent while on the move, please excuse any typos",
        "Von meinem/meiner Galaxy gesendet",
        "Von Yahoo Mail auf Android gesendet",
        "Von unterwegs gesendet",
        "Outlook für iOS abrufen",
        "Gesendet von Yahoo Mail. App herunterladen",
        "Gesendet mit freenetMail - mehr als eine App für E-Mail",
        "Envoyé via BlueMail",
        "Envoyé depuis mon Wiko Jerry",
        "Enviado desde mi Poco X3",
        "Odesláno přes Outlook pro Android",
        "Získejte Outlook pro Android",
        "Отримайте Outlook для iOS",
        "Outlook for Android を取得",
        "Yahoo!メールアプリから送信",
        "私のAndroidデバイスからK-9 Mailで送信されました。",
        "来自 iPhone 的 QQ 邮箱",
        "通过 Spark 发送",
        "احصل على Outlook لـ iOS",
        "تم الإرسال من هاتفي",
    ] {
        assert!(is_mobile(line), "{line}");
    }
}

#[test]
fn ordinary_lines_are_none() {
    for line in [
        "Von meinem Chef kam heute die Freigabe.",
        "Sent from the warehouse yesterday, arrives today",
        "Get the phone numbers of all colleagues",
        "Have you sent from my account?",
        "Lähetetty eilen",
        "Enviado desde Madrid ayer",
        "Download the Windows update first",
        "Hent pakken i dag",
        "Sent from the front",
        "Outlook für alle herunterladen",
        "新しいiPhoneを入手",
        "iPhone 12 gönderildi",
        "Skaffa en ny telefon",
        "Von Anna am Handy gesendet",
        "Sent from Frontier",
        "Sent via DHL",
        "Sent from Hamburg",
        "Enviado desde mi casa",
        "Envoyé de mon bureau",
        "Von Samsung wurde das Teil gesendet",
        "Von meinem Chef gesendet",
        "Sent from my iPhone. The app crashes",
        "来自北京",
    ] {
        assert!(!is_mobile(line), "{line}");
    }
}
