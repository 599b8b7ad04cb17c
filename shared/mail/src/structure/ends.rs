//! Line ends of mails that know no line feed, as old Macs wrote them.

/// Bytes without any line end, after which nothing is looked for any more.
const MAX_LINE: usize = 64 * 1024;

/// Turns lone carriage returns into line feeds, if the very first line of the mail ends with one.
#[derive(Debug, Default)]
pub(super) struct LineEnds {
    mode: Mode,
    /// Of the first line.
    seen: usize,
    /// Carriage returns that end it, perhaps.
    held: usize,
    /// A carriage return was the last byte.
    after_return: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Mode {
    #[default]
    Unknown,
    AsTheyAre,
    Returns,
}

impl LineEnds {
    pub(super) fn push(&mut self, data: &[u8], out: &mut dyn FnMut(&[u8])) {
        match self.mode {
            Mode::AsTheyAre => out(data),
            Mode::Returns => self.translate(data, out),
            Mode::Unknown => self.decide(data, out),
        }
    }

    /// Carriage returns are held back until it is seen what follows them.
    fn decide(&mut self, data: &[u8], out: &mut dyn FnMut(&[u8])) {
        let in_line =
            if self.held > 0 { 0 } else { data.iter().take_while(|b| !matches!(b, b'\r' | b'\n')).count() };
        let (line, rest) = data.split_at(in_line);
        self.seen += data.len();
        out(line);
        let returns = rest.iter().take_while(|b| **b == b'\r').count();
        self.held += returns;
        let rest = &rest[returns..];
        self.mode = match rest.first() {
            None if self.seen <= MAX_LINE => return,
            None | Some(b'\n') => Mode::AsTheyAre,
            Some(_) => Mode::Returns,
        };
        self.release(out);
        self.push(rest, out);
    }

    fn release(&mut self, out: &mut dyn FnMut(&[u8])) {
        let end = if self.mode == Mode::Returns { b'\n' } else { b'\r' };
        out(&vec![end; std::mem::take(&mut self.held)]);
    }

    fn translate(&mut self, data: &[u8], out: &mut dyn FnMut(&[u8])) {
        let mut translated = Vec::with_capacity(data.len());
        for byte in data {
            match byte {
                b'\r' => translated.push(b'\n'),
                b'\n' if self.after_return => {}
                byte => translated.push(*byte),
            }
            self.after_return = *byte == b'\r';
        }
        out(&translated);
    }

    /// The mail ends here; whether its line ends were translated.
    pub(super) fn finish(&mut self, out: &mut dyn FnMut(&[u8])) -> bool {
        self.release(out);
        self.mode == Mode::Returns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_decides() {
        let check = |raw: &str, expected: &str| {
            for size in [raw.len(), 1, 2, 3] {
                let (mut ends, mut out) = (LineEnds::default(), Vec::new());
                for piece in raw.as_bytes().chunks(size) {
                    ends.push(piece, &mut |data| out.extend_from_slice(data));
                }
                ends.finish(&mut |data| out.extend_from_slice(data));
                assert_eq!(String::from_utf8_lossy(&out), expected, "{raw:?} in pieces of {size}");
            }
        };
        check("a: b\rc: d\r\re\r", "a: b\nc: d\n\ne\n");
        check("a: b\rc: d\r\ne\r", "a: b\nc: d\ne\n");
        check("a: b\r\nc\rd\n", "a: b\r\nc\rd\n");
        check("a: b\nc\rd\n", "a: b\nc\rd\n");
        check("a: b\r", "a: b\r");
        check("a: b", "a: b");
    }
}
