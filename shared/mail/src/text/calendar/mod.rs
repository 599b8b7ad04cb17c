//! Invitations (RFC 5545) in words: for mails that have nothing else to read, and for those whose text does not say when
//! and where.

mod property;
mod said;
mod words;

use property::{Property, When};
use words::Words;

/// Events in one calendar that are told.
const MAX_EVENTS: usize = 20;

/// What a calendar holds.
#[derive(Debug, Default)]
pub(crate) struct Calendar {
    /// In upper case.
    method: String,
    /// The tag of the language that its texts are in.
    language: String,
    events: Vec<Event>,
}

impl Calendar {
    /// None without an event. `method`: what the part says, in case that the calendar does not.
    pub(crate) fn read(text: &str, method: Option<String>) -> Option<Self> {
        let unfolded = text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "");
        let mut calendar =
            Self { method: method.unwrap_or_default().to_ascii_uppercase(), ..Self::default() };
        let mut depth = 0usize;
        for line in unfolded.lines() {
            let Some(property) = Property::of(line) else { continue };
            match (property.name.as_str(), property.value.to_ascii_uppercase().as_str()) {
                ("METHOD", value) => calendar.method = value.to_owned(),
                ("BEGIN", "VEVENT" | "VTODO") if calendar.events.len() < MAX_EVENTS => {
                    calendar.events.push(Event::default());
                    depth = 1;
                }
                ("BEGIN", _) if depth > 0 => depth += 1,
                ("END", _) => depth = depth.saturating_sub(1),
                _ if depth == 1 => calendar.take(&property),
                _ => {}
            }
        }
        (!calendar.events.is_empty()).then_some(calendar)
    }

    fn take(&mut self, property: &Property<'_>) {
        if let Some(tag) = property.param("LANGUAGE").filter(|_| self.language.is_empty()) {
            tag.clone_into(&mut self.language);
        }
        if let Some(event) = self.events.last_mut() {
            event.take(property);
        }
    }

    /// All of it, in the language of its texts, else in one of those that the mail names.
    pub(crate) fn told(&self, languages: &[String]) -> String {
        let words = self.words(languages);
        self.each(|event| event.told(self, &words))
    }

    /// When and where, and what is cancelled: what a text may leave out.
    pub(crate) fn facts(&self, languages: &[String]) -> String {
        let words = self.words(languages);
        self.each(|event| {
            let facts = event.facts(&words);
            match event.title(self, &words).filter(|_| event.is_cancelled(self)) {
                Some(title) => format!("{title}\n{facts}").trim_end().to_owned(),
                None => facts,
            }
        })
    }

    fn each(&self, told: impl Fn(&Event) -> String) -> String {
        let told: Vec<String> = self.events.iter().map(told).filter(|text| !text.is_empty()).collect();
        told.join("\n\n")
    }

    fn words(&self, languages: &[String]) -> Words {
        let named = std::iter::once(&self.language).chain(languages);
        let mut named = named.filter_map(|tag| words::of(tag));
        let letters = || self.events.iter().find_map(|event| words::by_letters(&event.summary));
        named.next().or_else(letters).unwrap_or_else(words::plain)
    }

    /// Whether people are asked to come, or not to; an answer to that is none, nor is a calendar that was published.
    pub(crate) fn is_invitation(&self) -> bool {
        matches!(self.method.as_str(), "REQUEST" | "CANCEL" | "COUNTER" | "ADD")
    }

    /// Whether a text says when and where the first event is.
    pub(crate) fn is_said_in(&self, text: &str) -> bool {
        self.events.first().is_none_or(|event| event.is_said_in(text))
    }
}

#[derive(Debug, Default)]
struct Event {
    summary: String,
    start: Option<When>,
    end: Option<When>,
    /// As RFC 5545, section 3.3.6 writes it, where an end is not told.
    duration: String,
    place: String,
    organiser: String,
    description: String,
    cancelled: bool,
    /// The participation status of the one who answers, in upper case.
    answer: String,
}

impl Event {
    fn take(&mut self, property: &Property<'_>) {
        match property.name.as_str() {
            "SUMMARY" => self.summary = property.text(),
            "DTSTART" => self.start = Some(property.when()),
            "DTEND" | "DUE" => self.end = Some(property.when()),
            "DURATION" => property.value.clone_into(&mut self.duration),
            "LOCATION" => self.place = property.text(),
            "ORGANIZER" => self.organiser = property.person(),
            "DESCRIPTION" => self.description = property.text(),
            "STATUS" => self.cancelled = property.value.eq_ignore_ascii_case("cancelled"),
            "ATTENDEE" => self.answer = property.param("PARTSTAT").unwrap_or_default().to_ascii_uppercase(),
            _ => {}
        }
    }

    fn is_cancelled(&self, calendar: &Calendar) -> bool {
        self.cancelled || calendar.method == "CANCEL"
    }

    /// The subject behind what became of it; none without either.
    fn title(&self, calendar: &Calendar, words: &Words) -> Option<String> {
        let state = match self.answer.as_str() {
            _ if self.is_cancelled(calendar) => words.cancelled,
            _ if calendar.method != "REPLY" => "",
            "ACCEPTED" => words.accepted,
            "DECLINED" => words.declined,
            "TENTATIVE" => words.tentative,
            _ => "",
        };
        let title =
            if state.is_empty() { self.summary.clone() } else { format!("{state}: {}", self.summary) };
        Some(title).filter(|title| !title.is_empty())
    }

    fn told(&self, calendar: &Calendar, words: &Words) -> String {
        let mut facts = self.facts(words);
        if !self.organiser.is_empty() {
            facts = format!("{facts}\n{}: {}", words.organiser, self.organiser);
        }
        let pieces = [self.title(calendar, words).unwrap_or_default(), facts, self.description.clone()];
        pieces
            .iter()
            .map(|piece| piece.trim())
            .filter(|piece| !piece.is_empty())
            .collect::<Vec<_>>()
            .join("\n\n")
    }

    fn facts(&self, words: &Words) -> String {
        let facts = [(words.when, self.when(words)), (words.place, self.place.clone())];
        let facts = facts.iter().filter(|(_, value)| !value.is_empty());
        facts.map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n")
    }

    fn when(&self, words: &Words) -> String {
        let Some(start) = &self.start else { return String::new() };
        let mut out = format!("{} {}", start.day, start.time).trim().to_owned();
        let end = self.end.clone().or_else(|| start.after(&self.duration));
        if let Some(end) = end.and_then(|end| end.as_last_of(start)) {
            out = format!("{out} {} {end}", words.to);
        }
        if start.zone.is_empty() { out } else { format!("{out} ({})", start.zone) }
    }

    fn is_said_in(&self, text: &str) -> bool {
        let when = self.start.as_ref().and_then(|start| Some((start.day_of_month()?, start)));
        let says_when = when.is_none_or(|(day, start)| {
            said::says_when(text, day, start.clock(), start.zone == property::UTC)
        });
        says_when && said::says_where(text, &self.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(calendar: &str, language: &str) -> String {
        Calendar::read(calendar, None).unwrap().told(&[language.to_owned()])
    }

    fn event(method: &str, lines: &str) -> Calendar {
        Calendar::read(
            &format!("BEGIN:VCALENDAR\nMETHOD:{method}\nBEGIN:VEVENT\n{lines}\nEND:VEVENT\nEND:VCALENDAR"),
            None,
        )
        .unwrap()
    }

    #[test]
    fn an_invitation_in_words() {
        let calendar = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nSUMMARY:Plan\\, and\r\n  more\r\nDTSTART;TZID=\"Europe/Berlin\":20260105T100000\r\nDTEND;TZID=\"Europe/Berlin\":20260105T113000\r\nLOCATION:Room 5\r\nORGANIZER;CN=\"Doe, Jane\":mailto:jane@example.com\r\nDESCRIPTION:One\\nTwo\r\nBEGIN:VALARM\r\nDESCRIPTION:Reminder\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        assert_eq!(
            told(calendar, ""),
            "Plan, and more\n\nWhen: 2026-01-05 10:00 to 11:30 (Europe/Berlin)\nWhere: Room 5\nOrganiser: Doe, Jane <jane@example.com>\n\nOne\nTwo"
        );
        assert!(Calendar::read("BEGIN:VCALENDAR\nEND:VCALENDAR", None).is_none());
    }

    #[test]
    fn times_in_their_forms() {
        for (lines, expected) in [
            ("DTSTART:20260112T140000Z\nDTEND:20260112T143000Z", "When: 2026-01-12 14:00 to 14:30 (UTC)"),
            (
                "DTSTART;TZID=Asia/Tokyo:20260112T140000\nDURATION:PT45M",
                "When: 2026-01-12 14:00 to 14:45 (Asia/Tokyo)",
            ),
            (
                "DTSTART;TZID=(UTC+01:00) Berlin:20260112T140000",
                "When: 2026-01-12 14:00 ((UTC+01:00) Berlin)",
            ),
            ("DTSTART:20260112T230000\nDTEND:20260113T010000", "When: 2026-01-12 23:00 to 2026-01-13 01:00"),
            ("DTSTART;VALUE=DATE:20260112\nDTEND;VALUE=DATE:20260113", "When: 2026-01-12"),
            ("DTSTART;VALUE=DATE:20260112\nDTEND;VALUE=DATE:20260115", "When: 2026-01-12 to 2026-01-14"),
            ("DTSTART;VALUE=DATE:20260112\nDURATION:P2D", "When: 2026-01-12 to 2026-01-13"),
            ("DTSTART:20260112T140000\nDTEND:20260112T140000", "When: 2026-01-12 14:00"),
            ("DTSTART:tomorrow", "When: tomorrow"),
            ("LOCATION;LANGUAGE=en-US:Room 204", "Where: Room 204"),
        ] {
            assert_eq!(event("REQUEST", lines).facts(&[]), expected, "{lines}");
        }
    }

    #[test]
    fn in_the_language_of_the_mail() {
        let german = "SUMMARY;LANGUAGE=de-DE:Übergabe\nDTSTART:20260112T140000\nDTEND:20260112T150000\nLOCATION:Raum 5";
        let expected = "Abgesagt: Übergabe\n\nWann: 2026-01-12 14:00 bis 15:00\nWo: Raum 5";
        assert_eq!(event("CANCEL", german).told(&["fr".to_owned()]), expected);
        let plain = event("REQUEST", "SUMMARY:Point\nDTSTART:20260112T140000");
        assert_eq!(plain.told(&["xx".to_owned(), "fr-CA".to_owned()]), "Point\n\nQuand: 2026-01-12 14:00");
        let japanese = event("REQUEST", "SUMMARY:打ち合わせ\nDTSTART:20260112T140000\nLOCATION:会議室");
        assert_eq!(japanese.told(&[]), "打ち合わせ\n\n日時: 2026-01-12 14:00\n場所: 会議室");
        let answer = event("REPLY", "ATTENDEE;PARTSTAT=DECLINED:mailto:a@b\nSUMMARY:Plan");
        assert_eq!(answer.told(&["es".to_owned()]), "Rechazado: Plan");
        assert!(!answer.is_invitation() && plain.is_invitation());
    }

    #[test]
    fn what_a_text_says_already() {
        let event = event("REQUEST", "DTSTART;TZID=x:20260112T140000\nLOCATION:Room 204");
        assert!(event.is_said_in("Monday 12 January, 2 pm, room 204"));
        assert!(!event.is_said_in("Monday 12 January, 2 pm"));
        assert!(!event.is_said_in("Join in room 204"));
    }
}
