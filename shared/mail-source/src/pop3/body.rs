//! The end of a mail, and the dots that are not its own (RFC 1939 section 3).

/// Takes the bytes of an answer and lets the mail out. Linear, whatever the bytes and however they are cut.
#[derive(Debug, Default)]
pub(crate) struct Unstuffer {
    place: Place,
    /// The server ends its lines in blanks: those behind the last dot are none of the mail.
    blank_ends: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// At the beginning of a line.
    #[default]
    Start,
    /// Within one.
    Line,
    /// Behind a dot that began a line.
    Dot,
    /// Behind such a dot and CR.
    DotCr,
    /// Behind such a dot and blanks.
    DotBlank,
    /// Behind the line that ends the mail.
    End,
}

impl Unstuffer {
    pub(crate) fn new(blank_ends: bool) -> Self {
        Self { place: Place::Start, blank_ends }
    }

    /// Whether the mail is over.
    pub(crate) fn has_ended(&self) -> bool {
        self.place == Place::End
    }

    /// Takes bytes up to the mail's end, or until so many have come out; how many these were.
    pub(crate) fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>, length: usize) -> usize {
        let mut used = 0;
        while out.len() < length
            && let Some(rest) = bytes.get(used..).filter(|rest| !rest.is_empty() && !self.has_ended())
        {
            used += self.step(rest.get(..length - out.len()).unwrap_or(rest), out);
        }
        used
    }

    /// `rest` is not empty. What comes out is never longer.
    fn step(&mut self, rest: &[u8], out: &mut Vec<u8>) -> usize {
        let first = rest.first().copied().unwrap_or_default();
        let next = match (self.place, first) {
            (Place::Start, b'.') => Place::Dot,
            (Place::Dot | Place::DotBlank, b' ' | b'\t' | b'\r') if self.blank_ends => Place::DotBlank,
            (Place::Dot, b'\r') => Place::DotCr,
            (Place::Dot | Place::DotCr | Place::DotBlank, b'\n') => Place::End,
            (Place::DotCr, _) => {
                // No end after all: the dot was stuffed before a CR of the mail's own.
                out.push(b'\r');
                self.place = Place::Line;
                return 0;
            }
            _ => return self.line(rest, out),
        };
        self.place = next;
        1
    }

    /// The rest of a line, as far as it is there.
    fn line(&mut self, rest: &[u8], out: &mut Vec<u8>) -> usize {
        let end = rest.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
        let length = end.unwrap_or(rest.len());
        out.extend_from_slice(rest.get(..length).unwrap_or_default());
        self.place = if end.is_some() { Place::Start } else { Place::Line };
        length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unstuffed(wire: &[u8], piece: usize) -> (String, usize, bool) {
        let mut unstuffer = Unstuffer::default();
        let (mut out, mut used) = (Vec::new(), 0);
        for some in wire.chunks(piece) {
            used += unstuffer.push(some, &mut out, usize::MAX);
        }
        (String::from_utf8_lossy(&out).into_owned(), used, unstuffer.has_ended())
    }

    #[test]
    fn dots_are_taken_out_and_the_end_is_found_however_the_bytes_are_cut() {
        let cases = [
            ("a\r\n.\r\n", "a\r\n"),
            (".\r\n", ""),
            ("..\r\n.\r\n", ".\r\n"),
            ("a.\r\n..b\r\n...c\r\n.\r\n", "a.\r\n.b\r\n..c\r\n"),
            // Against the RFC, and seen: ends of lines without CR, and a dot that was not stuffed.
            ("a\n.\n", "a\n"),
            (".a\r\n.\r\n", "a\r\n"),
            (".\rx\r\n.\r\n", "\rx\r\n"),
        ];
        for (wire, mail) in cases {
            let with_more = format!("{wire}+OK 7\r\n");
            for piece in 1..=with_more.len() {
                let found = unstuffed(with_more.as_bytes(), piece);
                assert_eq!(found, (mail.to_owned(), wire.len(), true), "{wire:?} by {piece}");
            }
            for length in 0..=mail.len() {
                // A CR that was held back counts too.
                let (mut unstuffer, mut out) = (Unstuffer::default(), Vec::new());
                wire.as_bytes().chunks(1).for_each(|some| {
                    unstuffer.push(some, &mut out, length);
                });
                assert_eq!(out.len(), length, "{wire:?}");
            }
            assert!(!unstuffed(&wire.as_bytes()[..wire.len() - 1], 3).2);
        }
    }

    #[test]
    fn blanks_behind_the_last_dot_are_passed_over_where_lines_end_in_them() {
        for (blank_ends, wire, mail, ended) in [
            (true, "a \r\n. \t\r\n", "a \r\n", true),
            (true, "a\r\n.\r\r\n", "a\r\n", true),
            (true, ".. \n.\n", ". \n", true),
            (false, "a\r\n. \r\n", "a\r\n \r\n", false),
        ] {
            for piece in 1..=wire.len() {
                let (mut unstuffer, mut out) = (Unstuffer::new(blank_ends), Vec::new());
                for some in wire.as_bytes().chunks(piece) {
                    unstuffer.push(some, &mut out, usize::MAX);
                }
                assert_eq!(
                    (String::from_utf8_lossy(&out).as_ref(), unstuffer.has_ended()),
                    (mail, ended),
                    "{wire:?}"
                );
            }
        }
    }
}
