//! Properties of a calendar (RFC 5545, section 3.1) and their values.

use jiff::{
    Span,
    civil::{Date, DateTime},
};

pub(super) const UTC: &str = "UTC";

/// `DTSTART;TZID=Europe/Berlin:20260105T100000`
pub(super) struct Property<'a> {
    pub(super) name: String,
    params: Vec<(String, &'a str)>,
    pub(super) value: &'a str,
}

impl<'a> Property<'a> {
    pub(super) fn of(line: &'a str) -> Option<Self> {
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

    pub(super) fn param(&self, name: &str) -> Option<&'a str> {
        self.params.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
    }

    pub(super) fn text(&self) -> String {
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

    pub(super) fn person(&self) -> String {
        let address = self.value.trim_start_matches("mailto:").trim_start_matches("MAILTO:");
        match self.param("CN").filter(|name| !name.is_empty() && *name != address) {
            Some(name) => format!("{name} <{address}>"),
            None => address.to_owned(),
        }
    }

    /// A date, and perhaps a time (RFC 5545, sections 3.3.4 and 3.3.5).
    pub(super) fn when(&self) -> When {
        // A zone with a colon and without quotes hides the value behind it.
        let (behind, value) = match self.value.rsplit_once(':') {
            Some((behind, value)) => (Some(behind), value),
            None => (None, self.value),
        };
        let digits = value.bytes().take(8).filter(u8::is_ascii_digit).count();
        if digits < 8 {
            return When { day: self.value.to_owned(), ..When::default() };
        }
        let number = |from: usize, to: usize| value.get(from..to).unwrap_or_default();
        let day = format!("{}-{}-{}", number(0, 4), number(4, 6), number(6, 8));
        let has_time = value.get(8..9) == Some("T");
        let time = if has_time { format!("{}:{}", number(9, 11), number(11, 13)) } else { String::new() };
        let zone = match (value.ends_with('Z'), self.param("TZID"), behind) {
            (true, ..) => UTC.to_owned(),
            (_, Some(zone), Some(behind)) => format!("{zone}:{behind}"),
            (_, zone, _) => zone.unwrap_or_default().to_owned(),
        };
        When { day, time, zone }
    }
}

/// A day as in ISO 8601, a time of the clock if there is one, and its zone as written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct When {
    pub(super) day: String,
    pub(super) time: String,
    pub(super) zone: String,
}

impl When {
    /// So much later; none if either is not understood.
    pub(super) fn after(&self, duration: &str) -> Option<Self> {
        let span: Span = duration.parse().ok()?;
        if self.time.is_empty() {
            let day = self.day.parse::<Date>().ok()?.checked_add(span).ok()?;
            return Some(Self { day: day.to_string(), ..self.clone() });
        }
        let end = format!("{}T{}", self.day, self.time).parse::<DateTime>().ok()?.checked_add(span).ok()?;
        let (day, time) = (end.date().to_string(), end.strftime("%H:%M").to_string());
        Some(Self { day, time, zone: self.zone.clone() })
    }

    /// As the end of what begins then, no longer than needed. The end of whole days is the day after them.
    pub(super) fn as_last_of(&self, start: &Self) -> Option<String> {
        if self.time.is_empty() {
            let last = self.day.parse::<Date>().ok()?.yesterday().ok()?;
            let first = start.day.parse::<Date>().ok()?;
            return (last > first).then(|| last.to_string());
        }
        match self.day == start.day {
            true => (self.time != start.time).then(|| self.time.clone()),
            false => Some(format!("{} {}", self.day, self.time)),
        }
    }

    pub(super) fn day_of_month(&self) -> Option<u8> {
        self.day.get(8..10)?.parse().ok()
    }

    pub(super) fn clock(&self) -> Option<(u8, u8)> {
        let (hour, minute) = self.time.split_once(':')?;
        Some((hour.parse().ok()?, minute.parse().ok()?))
    }
}
