//! The mail of the pretend company's web shop, without an end: orders, questions, answers, and what is no request.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};

use super::talks::{LAMPS, TALKS, Talk};

/// The web shop's mailbox.
pub const SHOP: &str = "shop@example.test";
/// How many days of its mail there are.
const DAYS: i64 = 21;
/// The number of the first order.
const FIRST_ORDER: u64 = 57_402;
/// The most bytes of a text in an encoded word (RFC 2047, section 2: 75 characters with all around them).
const WORD: usize = 42;
/// Who answers.
const AGENT: &str = "Mika Sato <mika.sato@example.test>";

#[derive(Clone, Copy)]
enum Kind {
    /// A person asks.
    Question,
    /// The company answers the newest question.
    Answer,
    /// The one who asked it writes once more.
    Reply,
    /// The shop's form tells an order.
    Order,
    /// What is no request: a newsletter, a suspicious notice and an absence notice in turn.
    Other,
}

/// What comes as a notice that nobody should believe, each some weeks after the one before.
const NOTICES: [&str; 3] = [
    "Your parcel could not be delivered: confirm within 24 hours",
    "Customs fee due for shipment 88-2041",
    "お荷物のお届けについて：至急ご確認ください",
];
/// How many mails come between two of them.
const TURNS: usize = SHOPS.len() * 3;

/// What comes to the web shop, in turn.
const SHOPS: &[Kind] = &[
    Kind::Question,
    Kind::Answer,
    Kind::Order,
    Kind::Question,
    Kind::Reply,
    Kind::Order,
    Kind::Question,
    Kind::Other,
];
/// What comes to any other address.
const PEOPLES: &[Kind] = &[Kind::Question, Kind::Answer, Kind::Question, Kind::Reply];

/// Mail that goes on coming to one address.
#[derive(Debug)]
pub struct Incoming {
    to: String,
    turn: usize,
    asked: usize,
}

impl Incoming {
    /// Mail to this address.
    pub fn to(address: &str) -> Self {
        Self { to: address.to_owned(), turn: 0, asked: 0 }
    }

    /// What comes to this address where something of [`Incoming::to`] is there already.
    pub fn later_to(address: &str) -> Self {
        const LATER: usize = 10_000;
        Self { turn: LATER * SHOPS.len() * PEOPLES.len(), asked: LATER, ..Self::to(address) }
    }

    /// The next one, written a moment before it is received.
    pub fn next(&mut self, received: Timestamp) -> Bytes {
        let turns = if self.to == SHOP { SHOPS } else { PEOPLES };
        let kind = turns[self.turn % turns.len()];
        self.turn += 1;
        let written = received.checked_sub(4.seconds()).unwrap_or(received);
        let mail = match kind {
            Kind::Question => {
                self.asked += 1;
                self.question(written)
            }
            Kind::Answer => self.answer(written),
            Kind::Reply => self.reply(written),
            Kind::Order => self.order(written),
            Kind::Other => self.other(written),
        };
        Bytes::from(mail.replace('\n', "\r\n"))
    }

    fn order_number(&self, of: usize) -> u64 {
        FIRST_ORDER + u64::try_from(of).unwrap_or(0) * 7
    }

    /// The newest question: who asked, in which order's matter, under which Message-ID.
    fn newest(&self) -> (&'static Talk, u64, String) {
        let asked = self.asked.max(1);
        let talk = &TALKS[(asked - 1) % TALKS.len()];
        (talk, self.order_number(asked), self.id("question", asked))
    }

    fn id(&self, what: &str, number: usize) -> String {
        let place = self.to.split('@').next().unwrap_or_default();
        format!("{place}-{what}-{number}@mail.example")
    }

    fn question(&self, at: Timestamp) -> String {
        let (talk, order, id) = self.newest();
        let head = Head {
            from: from(talk),
            to: self.to.clone(),
            subject: with(talk.subject, order),
            id,
            more: String::new(),
        };
        head.mail(at, talk.zone, &with(talk.text, order))
    }

    fn answer(&self, at: Timestamp) -> String {
        let (talk, order, asked) = self.newest();
        let head = Head {
            from: AGENT.to_owned(),
            to: format!("{}\nCc: {}", from(talk), self.to),
            subject: format!("Re: {}", with(talk.subject, order)),
            id: self.id("answer", self.asked),
            more: answers(&asked),
        };
        let first = talk.name.split(' ').next().unwrap_or_default();
        let text = format!(
            "Hello {first},\n\nthank you for your message. We take care of it today and tell you as soon as it is done.\n\nMika Sato\nHarbour Lamps"
        );
        head.mail(at, 0, &text)
    }

    fn reply(&self, at: Timestamp) -> String {
        let (talk, order, asked) = self.newest();
        let head = Head {
            from: from(talk),
            to: self.to.clone(),
            subject: format!("Re: {}", with(talk.subject, order)),
            id: self.id("reply", self.asked),
            more: answers(&asked),
        };
        head.mail(at, talk.zone, &with(talk.more, order))
    }

    fn order(&self, at: Timestamp) -> String {
        let number = self.order_number(self.turn) + 3;
        let (talk, lamp) = (&TALKS[self.turn * 5 % TALKS.len()], LAMPS[self.turn % LAMPS.len()]);
        let count = 1 + self.turn % 4;
        let head = Head {
            from: "Harbour Lamps shop <orders@shop.example.test>".to_owned(),
            to: self.to.clone(),
            subject: format!("Order {number}: {count} × {lamp}"),
            id: self.id("order", self.turn),
            more: format!("Reply-To: {}\n", from(talk)),
        };
        let text = format!(
            "New order {number}\n\n{count} × {lamp}\n\nName: {}\nMail: {}\nDelivery: standard",
            talk.name, talk.address
        );
        head.mail(at, 0, &text)
    }

    fn other(&self, at: Timestamp) -> String {
        let number = self.turn;
        let (from, subject, more, text) = match self.turn / SHOPS.len() % 3 {
            0 => (
                "Parcel service <notice@parcel-notice.example>",
                NOTICES[number / TURNS % NOTICES.len()],
                "",
                "Dear customer,\n\nconfirm your address and pay the fee of 1.99 to receive your parcel.",
            ),
            1 => (
                "Light & Living <news@light-living.example>",
                "Light & Living: what is new this month",
                "List-Id: <news.light-living.example>\nList-Unsubscribe: <mailto:leave@light-living.example>\nPrecedence: bulk\n",
                "Five lamps for long evenings, and a look into our workshop.",
            ),
            _ => (
                "Petra Lindner <petra.lindner@kontorhaus.example>",
                "Automatische Antwort: Ihre Bestellung",
                "Auto-Submitted: auto-replied\n",
                "Ich bin bis Montag nicht im Haus. Ihre Nachricht wird nicht weitergeleitet.",
            ),
        };
        let head = Head {
            from: from.to_owned(),
            to: self.to.clone(),
            subject: subject.to_owned(),
            id: self.id("other", number),
            more: more.to_owned(),
        };
        head.mail(at, 1, text)
    }
}

/// Three weeks of the web shop's mail until now, the oldest first, each with the time at which it is received; and what
/// comes after it.
pub fn shop_history(now: Timestamp) -> (Vec<(Timestamp, Bytes)>, Incoming) {
    let mut incoming = Incoming::to(SHOP);
    let ago = (5..=DAYS * 24 * 60)
        .rev()
        .filter(|minutes| now.checked_sub(minutes.minutes()).is_ok_and(|at| comes(at, *minutes)));
    let times = ago.filter_map(|minutes| now.checked_sub(minutes.minutes()).ok());
    // Two come together.
    let times = times.flat_map(|at| [Some(at), at.checked_add(17.seconds()).ok()]).flatten();
    let mails = times.map(|at| (at, incoming.next(at))).collect();
    (mails, incoming)
}

/// Whether a mail comes in this minute, so many minutes ago: mostly on weekdays and by day, more on some days than on
/// others, and from time to time in the last day, whichever that is.
fn comes(at: Timestamp, ago: i64) -> bool {
    let time = Offset::UTC.to_datetime(at);
    let (day, hour) = (i32::from(time.day()), i32::from(time.hour()));
    let is_free = matches!(time.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday);
    let hours: &[i32] = match (ago < 24 * 60, is_free, day % 3) {
        (true, ..) => &[0, 3, 6, 8, 9, 11, 12, 14, 15, 17, 20, 22],
        (_, true, _) => &[9, 16],
        (_, _, 0) => &[8, 10, 13, 15],
        (_, _, 1) => &[7, 9, 11, 14, 16],
        _ => &[6, 9, 12],
    };
    // Not on the hour: nobody writes to the minute.
    let minute = (hour * 7 + day * 3) % 55;
    hours.contains(&hour) && minute == i32::from(time.minute())
}

/// The header of a mail.
struct Head {
    from: String,
    to: String,
    subject: String,
    id: String,
    /// Further fields, each with its line's end.
    more: String,
}

impl Head {
    fn mail(&self, at: Timestamp, zone: i8, text: &str) -> String {
        let zone = TimeZone::fixed(Offset::constant(zone));
        let date = at.to_zoned_datetime(zone).strftime("%a, %d %b %Y %H:%M:%S %z").to_string();
        let Self { from, to, subject, id, more } = self;
        let sender = from.rsplit('<').next().unwrap_or_default().trim_end_matches('>');
        format!(
            "Return-Path: <{sender}>\nDate: {date}\nFrom: {from}\nTo: {to}\nSubject: {subject}\nMessage-ID: <{id}>\n{more}MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{text}\n",
            subject = encoded(subject),
        )
    }
}

fn answers(id: &str) -> String {
    format!("In-Reply-To: <{id}>\nReferences: <{id}>\n")
}

fn from(talk: &Talk) -> String {
    format!("{} <{}>", encoded(talk.name), talk.address)
}

fn with(text: &str, order: u64) -> String {
    text.replace("{order}", &order.to_string())
}

/// As encoded words, where it is not plain (RFC 2047).
fn encoded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (word, after) = rest.split_at(rest.floor_char_boundary(WORD));
        words.push(format!("=?utf-8?b?{}?=", STANDARD.encode(word)));
        rest = after;
    }
    words.join("\n ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn three_weeks_have_mail_of_every_kind_and_no_message_id_twice() {
        let now = "2026-11-05T10:00:00Z".parse().unwrap();
        let (mails, mut incoming) = shop_history(now);
        assert!((120..=200).contains(&mails.len()), "{}", mails.len());
        assert!(mails.is_sorted_by_key(|(at, _)| *at) && mails.iter().all(|(at, _)| *at < now));
        let text: Vec<String> =
            mails.iter().map(|(_, raw)| String::from_utf8(raw.to_vec()).unwrap()).collect();
        let ids: BTreeSet<&str> =
            text.iter().filter_map(|mail| mail.lines().find(|line| line.starts_with("Message-ID"))).collect();
        assert_eq!(ids.len(), text.len());
        for needed in
            ["List-Id", "Auto-Submitted", "parcel-notice", "Reply-To", "In-Reply-To", "السلام", "お世話"]
        {
            assert!(text.iter().any(|mail| mail.contains(needed)), "{needed}");
        }
        assert!(text.iter().all(|mail| !mail.contains('{') && !mail.replace("\r\n", "").contains('\n')));
        let next = String::from_utf8(incoming.next(now).to_vec()).unwrap();
        assert!(
            !text.contains(&next) && next.contains("To: shop@example.test") || next.contains("Cc: shop@"),
            "{next}"
        );
    }

    #[test]
    fn a_long_header_is_cut_between_characters() {
        let subject = "注文58213の納期についてのお問い合わせとお願い";
        assert!(encoded(subject).lines().all(|line| line.len() <= 76));
        assert_eq!(encoded("plain"), "plain");
    }
}
