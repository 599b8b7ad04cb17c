//! Plain texts that only say that the mail is HTML.

/// Longer texts say more than an excuse.
const MAX_EXCUSE: usize = 600;

/// What such texts say, in lower case.
#[rustfmt::skip]
const EXCUSES: &[&str] = &[
    "this is an html mail", "this is an html email", "this is an html e-mail", "this is an html message", "this is a html", "this email is in html", "this e-mail is in html", "this message is in html", "this mail is in html",
    "please use an html", "please use a html", "you need an html", "you need a html", "view this email in html", "view this message in html", "html compatible email", "html-compatible", "html capable", "html-capable", "html enabled", "html-enabled",
    "does not support html", "doesn't support html", "not support html", "cannot display html", "can't display html", "unable to display html", "cannot read html", "to view the message, please use", "to view this message, please use", "to view this email", "to view this message, you need",
    "your email client cannot read this email", "your mail client does not", "your email client does not", "your email program does not", "your email software does not",
    "this is a multi-part message in mime format", "diese e-mail ist im html", "diese e-mail wurde im html", "diese nachricht ist im html", "dies ist eine html", "diese mail ist im html", "ihr e-mail-programm unterstützt", "ihr e-mail-programm kann", "ihr mailprogramm", "kein html", "keine html",
    "ce message est au format html", "cet e-mail est au format html", "votre logiciel de messagerie", "votre messagerie n", "votre client de messagerie", "este mensaje está en formato html", "este correo está en formato html", "su cliente de correo", "su programa de correo",
    "questo messaggio è in formato html", "questa email è in formato html", "il tuo client di posta", "il suo client di posta", "este e-mail está em html", "esta mensagem está em formato html", "seu programa de e-mail", "seu cliente de e-mail", "deze e-mail is in html", "dit bericht is in html", "uw e-mailprogramma", "uw mailprogramma",
    "ta wiadomość jest w formacie html", "wiadomość w formacie html", "twój program pocztowy", "detta är ett html", "ditt e-postprogram", "dit mailprogram", "tato zpráva je ve formátu html", "váš e-mailový", "это письмо в формате html", "ваш почтовый клиент", "ваша почтовая программа",
    "このメールはhtml", "このメールは、html", "html形式のメール", "htmlメールを表示", "htmlメールに対応", "此邮件为html", "此郵件為html", "本邮件为html", "您的邮件客户端不支持", "您的郵件軟體不支援", "html 메일", "html을 지원",
];

/// Whether `plain` only says that the mail is HTML, whose text is `shown`.
pub(crate) fn is_excuse(plain: &str, shown: &str) -> bool {
    if plain.len() > MAX_EXCUSE || shown.len() <= plain.len() {
        return false;
    }
    let lower = plain.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    EXCUSES.iter().any(|excuse| lower.contains(excuse))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excuses_are_told_from_texts() {
        let shown = "Your parcel arrives today. ".repeat(30);
        for plain in [
            "This is an HTML message. Please use an HTML-capable mail program.",
            "To view the message, please use an HTML compatible email viewer!",
            "Ihr E-Mail-Programm unterstützt\nleider keine HTML-E-Mails.",
            "このメールはHTML形式です。",
        ] {
            assert!(is_excuse(plain, &shown), "{plain}");
        }
        assert!(!is_excuse("Your parcel arrives today.", &shown));
        assert!(!is_excuse("This is an HTML message.", "Hi"));
    }
}
