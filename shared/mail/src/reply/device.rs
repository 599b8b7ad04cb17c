//! Whether a line that begins like a phone's own names a device and ends there, or goes on as a sentence does.

use super::mobile::{ANY_DEVICE, OWN_DEVICE, PRODUCTS, ROWS};

/// Words of a device without a known name: `Sent from my toaster`.
const MAX_OTHER: usize = 4;

/// What is no device, behind `Sent from my`.
const NO_DEVICE: &[&str] = &[
    "account",
    "address",
    "mailbox",
    "inbox",
    "point",
    "view",
    "side",
    "perspective",
    "colleague",
    "colleague's",
    "boss",
    "boss's",
    "wife's",
    "husband's",
    "old",
    "new",
    "other",
    "private",
    "work",
    "team",
    "heart",
    "desk",
    "office",
];

/// By one of these a line excuses itself.
const POLITE: &[&str] = &[
    "excuse",
    "pardon",
    "forgive",
    "sorry",
    "apolog",
    "brevity",
    "brief",
    "typo",
    "spelling",
    "autocorrect",
    "entschuldig",
    "verzeih",
    "tippfehler",
    "kürze",
    "excus",
    "pardonn",
    "fautes",
    "brièveté",
    "disculp",
    "perdon",
    "brevedad",
    "erratas",
    "scus",
    "brevità",
    "refusi",
    "desculp",
    "brevidade",
    "excuses",
    "typefout",
    "kortheid",
    "ursäkt",
    "undskyld",
    "beklager",
    "virheet",
    "przepraszam",
    "literówki",
    "omluv",
    "překlep",
    "elnézést",
    "scuz",
    "извин",
    "опечат",
    "вибач",
    "συγγνώμη",
    "kusura",
    "失礼",
    "ご容赦",
    "见谅",
    "見諒",
    "양해",
];

/// Words in lower case that stand behind a device's or a program's name.
#[rustfmt::skip]
const TAIL: &[&str] = &[
    "app", "apps", "smartphone", "smarttelefon", "device", "mobile", "phone", "telephone", "mail", "email", "e-mail", "secure", "tablet", "client", "handheld", "wireless", "network", "web", "for", "on", "to", "from", "with", "via", "using", "by", "and", "an", "a", "the", "my", "in", "at",
    "pour", "för", "deg", "για", "skirtą", "depuis", "für", "para", "per", "voor", "для", "til", "till", "za", "pro", "pre", "pentru", "dla", "systemu", "за", "için", "untuk", "dành", "cho", "de", "di", "do", "du", "da", "del", "von", "mit", "met", "med", "con", "avec", "aus", "im", "na", "z", "s", "iz", "из", "з", "от", "på", "od",
    "gerät", "handy", "appareil", "dispositivo", "enhet", "enhed", "laitteesta", "zařízení", "zariadenia", "urządzenia", "cihazımdan", "eszközről", "устройства", "пристрою", "älypuhelimesta", "smartphonu", "smartfonu", "telefonu", "telefonom", "telefonimdan", "mobil", "mobilapp", "aplikace", "aplikacji", "aplikácie", "приложения", "saya", "của", "tôi", "mijn", "mitt", "min", "oma", "mojego", "mého", "môjho", "μου", "im", "meu", "meinem", "alkalmazásából", "ile", "móvil", "celular",
];

/// Words in German that the line has to end in.
const SENT: &[&str] = &["gesendet", "geschickt", "versendet", "verschickt", "versandt", "abgeschickt"];

/// Whether the words name a device or program, and nothing but an excuse follows.
pub(super) fn is_named(line: &str) -> bool {
    let mut clauses = clauses(line);
    let Some(first) = clauses.next() else { return false };
    let lower = first.to_lowercase();
    let german = lower.starts_with("von ") && !lower.starts_with("von unterwegs")
        || lower.starts_with("diese nachricht wurde von");
    if german && !SENT.iter().any(|sent| lower.ends_with(sent)) {
        return false;
    }
    let other = ANY_DEVICE.iter().find_map(|start| lower.strip_prefix(start));
    let own = OWN_DEVICE.iter().any(|start| lower.starts_with(start) && is_all_named(first, start));
    (ends_in_product(first) || other.is_some_and(is_other) || own)
        && clauses.all(|clause| is_polite(clause) || ends_in_product(clause) || is_hint(clause))
}

/// Whether the few words behind a start are all names: `Poco X3`.
fn is_all_named(clause: &str, start: &str) -> bool {
    let words: Vec<&str> = clause.split_whitespace().skip(start.split_whitespace().count()).collect();
    let named = |word: &&str| word.starts_with(|c: char| c.is_uppercase() || c.is_numeric());
    (1..=MAX_OTHER).contains(&words.len()) && words.iter().all(named)
}

/// The parts of a line, as commas and full stops part them.
fn clauses(line: &str) -> impl Iterator<Item = &str> {
    line.split([',', ';', '。', '，', '、', '|'])
        .flat_map(|clause| clause.split("! "))
        .flat_map(|clause| clause.split(". "))
        .flat_map(|clause| clause.split(" - "))
        .map(|clause| clause.trim().trim_end_matches(['.', '!', ':']))
        .filter(|clause| !clause.is_empty())
}

fn is_other(rest: &str) -> bool {
    let words = || rest.split_whitespace();
    words().count() <= MAX_OTHER && !words().any(|word| NO_DEVICE.contains(&word))
}

fn is_polite(clause: &str) -> bool {
    let lower = clause.to_lowercase();
    POLITE.iter().any(|word| lower.contains(word))
}

/// How programs go on behind their names.
#[rustfmt::skip]
const HINTS: &[&str] = &["get ", "app herunterladen", "télécharger l'app", "descargar la app", "scarica l'app", "baixe o app"];

/// How they praise themselves.
const SLOGANS: &[&str] =
    &["best free email app", "the extensible", "open source mail client", "mehr als eine app"];

/// `Get the app`
fn is_hint(clause: &str) -> bool {
    let lower = clause.to_lowercase();
    HINTS.iter().any(|hint| lower.starts_with(hint)) && lower.split_whitespace().count() <= 5
        || SLOGANS.iter().any(|slogan| lower.contains(slogan))
}

/// Whether a clause names a product and says nothing behind it.
fn ends_in_product(clause: &str) -> bool {
    let words: Vec<String> = clause.split_whitespace().map(str::to_lowercase).collect();
    let names = |word: &str| {
        word.starts_with("ios") || PRODUCTS.iter().any(|product| word.contains(product.trim_end()))
    };
    let lower = words.join(" ");
    // A name of two words is found in both of them.
    let pair = |n: usize| {
        words.get(n + 1).is_some_and(|next| {
            PRODUCTS
                .iter()
                .any(|product| product.contains(' ') && format!("{} {next} ", words[n]).contains(product))
        })
    };
    let Some(last) = (0..words.len()).rev().find(|n| names(&words[*n]) || pair(*n)) else { return false };
    let row_end =
        || ROWS.iter().flat_map(|row| row.ends).any(|end| lower.ends_with(end.trim_end_matches('.')));
    let tail = || clause.split_whitespace().skip(last + 1).filter(|word| goes_on(word));
    tail().next().is_none() || row_end() && tail().count() <= 2
}

/// Whether a word behind a product's name is one of a sentence.
fn goes_on(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    // iOS
    let lower = word.starts_with(char::is_lowercase) && !word.contains(char::is_uppercase);
    lower && !word.contains(char::is_numeric) && !TAIL.contains(&word) && !SENT.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_and_sentences() {
        for line in [
            "Sent from my Verizon, Samsung Galaxy smartphone",
            "Sent via the Samsung Galaxy S21 5G, an AT&T 5G smartphone",
            "Sent from my iPhone, please excuse typos",
            "Sent from my phone. Please excuse any spelling mistakes.",
            "Sent from my T-Mobile 4G LTE Device",
            "Sent from my toaster",
            "Von meinem Handy gesendet, bitte Tippfehler entschuldigen",
            "Sent from Outlook on Windows 11",
            "Sent from Yahoo Mail on Android",
        ] {
            assert!(is_named(line), "{line}");
        }
        for line in [
            "Sent from my wife's account, since mine is locked.",
            "Sent from my point of view this is done, please close.",
            "Sent from my iPhone, but the attachment is missing",
            "Sent from my iPhone the picture looks fine",
            "Sent from Outlook on Windows 11 it works, on the Mac it does not",
            "Sent from my old account",
            "Von meinem iPhone geht es nicht.",
            "Von meinem Handy aus klappt es",
            "Envoyé depuis mon iPhone le message arrive",
            "Enviado desde Outlook el correo no llega",
            "Gesendet von Outlook kommt die Mail nicht an",
        ] {
            assert!(!is_named(line), "{line}");
        }
    }
}
