//! Invitations (RFC 5545) in words, for mails that have nothing else to read.

/// Events in one calendar that are told.
const MAX_EVENTS: usize = 20;

/// The events of a calendar as text; None if it has none.
pub(crate) fn told(calendar: &str) -> Option<String> {
    let unfolded = calendar.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "");
    let mut method = String::new();
    let mut events: Vec<Event> = Vec::new();
    let mut depth = 0usize;
    for line in unfolded.lines() {
        let Some(property) = Property::of(line) else { continue };
        match (property.name.as_str(), property.value.to_ascii_uppercase().as_str()) {
            ("METHOD", value) => method = value.to_owned(),
            ("BEGIN", "VEVENT" | "VTODO") if events.len() < MAX_EVENTS => {
                events.push(Event::default());
                depth = 1;
            }
            ("BEGIN", _) if depth > 0 => depth += 1,
            ("END", _) => depth = depth.saturating_sub(1),
            _ if depth == 1 => {
                if let Some(event) = events.last_mut() {
                    event.take(&property);
                }
            }
            _ => {}
        }
    }
    let told: Vec<String> =
        events.iter().map(|event| event.told(&method)).filter(|text| !text.is_empty()).collect();
    (!told.is_empty()).then(|| told.join("\n\n"))
}

/// `DTSTART;TZID=Europe/Berlin:20260105T100000`
struct Property<'a> {
    name: String,
    params: Vec<(String, &'a str)>,
    value: &'a str,
}

impl<'a> Property<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let mut quoted = false;
        let colon = line.char_indices().find(|(_, c)| {
            quoted ^= *c == '"';
            *c == ':' && !quoted
        });
        let (head, value) = (line.get(..colon?.0)?, line.get(colon?.0 + 1..)?);
        let mut words = head.split(';');
        let name = words.next()?.trim().to_ascii_uppercase();
        let params = words.filter_map(|word| word.split_once('='));
        let params =
            params.map(|(name, value)| (name.to_ascii_uppercase(), value.trim_matches('"'))).collect();
        Some(Self { name, params, value: value.trim() })
    }

    fn param(&self, name: &str) -> Option<&'a str> {
        self.params.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
    }

    fn text(&self) -> String {
        let mut out = String::with_capacity(self.value.len());
        let mut chars = self.value.chars();
        while let Some(c) = chars.next() {
            match (c, c == '\\') {
                (_, true) => match chars.next() {
                    Some('n' | 'N') => out.push('\n'),
                    Some(c) => out.push(c),
                    None => {}
                },
                (c, false) => out.push(c),
            }
        }
        out.trim().to_owned()
    }

    fn person(&self) -> String {
        let address = self.value.trim_start_matches("mailto:").trim_start_matches("MAILTO:");
        match self.param("CN").filter(|name| !name.is_empty() && *name != address) {
            Some(name) => format!("{name} <{address}>"),
            None => address.to_owned(),
        }
    }

    /// Day, time and zone.
    fn when(&self) -> (String, String, String) {
        let number = |from: usize, to: usize| self.value.get(from..to).unwrap_or_default();
        let digits = self.value.bytes().take(8).filter(u8::is_ascii_digit).count();
        if digits < 8 {
            return (self.value.to_owned(), String::new(), String::new());
        }
        let day = format!("{}-{}-{}", number(0, 4), number(4, 6), number(6, 8));
        let time = if self.value.get(8..9) == Some("T") {
            format!("{}:{}", number(9, 11), number(11, 13))
        } else {
            String::new()
        };
        let zone = if self.value.ends_with('Z') { "UTC" } else { self.param("TZID").unwrap_or_default() };
        (day, time, zone.to_owned())
    }
}

#[derive(Debug, Default)]
struct Event {
    summary: String,
    start: Option<(String, String, String)>,
    end: Option<(String, String, String)>,
    place: String,
    organiser: String,
    description: String,
    cancelled: bool,
}

impl Event {
    fn take(&mut self, property: &Property<'_>) {
        match property.name.as_str() {
            "SUMMARY" => self.summary = property.text(),
            "DTSTART" => self.start = Some(property.when()),
            "DTEND" | "DUE" => self.end = Some(property.when()),
            "LOCATION" => self.place = property.text(),
            "ORGANIZER" => self.organiser = property.person(),
            "DESCRIPTION" => self.description = property.text(),
            "STATUS" => self.cancelled = property.value.eq_ignore_ascii_case("cancelled"),
            _ => {}
        }
    }

    fn told(&self, method: &str) -> String {
        let cancelled = self.cancelled || method == "CANCEL";
        let facts =
            [("When", self.when()), ("Where", self.place.clone()), ("Organiser", self.organiser.clone())];
        let facts: Vec<String> = facts
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        let title = if cancelled { format!("Cancelled: {}", self.summary) } else { self.summary.clone() };
        let pieces = [title, facts.join("\n"), self.description.clone()];
        pieces
            .iter()
            .map(|piece| piece.trim())
            .filter(|piece| !piece.is_empty())
            .collect::<Vec<_>>()
            .join("\n\n")
    }

    fn when(&self) -> String {
        let Some((day, time, zone)) = &self.start else { return String::new() };
        let mut out = format!("{day} {time}").trim().to_owned();
        if let Some((end_day, end_time, _)) = &self.end
            && !end_time.is_empty()
        {
            let end = if end_day == day { end_time.clone() } else { format!("{end_day} {end_time}") };
            out = format!("{out} to {end}");
        }
        if zone.is_empty() { out } else { format!("{out} ({zone})") }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_in_words() {
        let calendar = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nSUMMARY:Plan\\, and\r\n  more\r\nDTSTART;TZID=\"Europe/Berlin\":20260105T100000\r\nDTEND;TZID=\"Europe/Berlin\":20260105T113000\r\nLOCATION:Room 5\r\nORGANIZER;CN=\"Doe, Jane\":mailto:jane@example.com\r\nDESCRIPTION:One\\nTwo\r\nBEGIN:VALARM\r\nDESCRIPTION:Reminder\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        assert_eq!(
            told(calendar).unwrap(),
            "Plan, and more\n\nWhen: 2026-01-05 10:00 to 11:30 (Europe/Berlin)\nWhere: Room 5\nOrganiser: Doe, Jane <jane@example.com>\n\nOne\nTwo"
        );
        assert_eq!(told("BEGIN:VCALENDAR\nEND:VCALENDAR"), None);
    }
}
