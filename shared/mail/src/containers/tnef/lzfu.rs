//! Compressed RTF ([MS-OXRTFCP]).

/// What the dictionary begins with.
const START: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
const DICTIONARY: usize = 4096;
const COMPRESSED: &[u8] = b"LZFu";
const UNCOMPRESSED: &[u8] = b"MELA";
const HEADER: usize = 16;
/// More text is not read.
const MAX_TEXT: usize = 8 * 1024 * 1024;

/// The RTF; what was cut off counts as far as it goes.
pub(super) fn decompressed(bytes: &[u8]) -> Option<Vec<u8>> {
    let (header, data) = bytes.split_at_checked(HEADER)?;
    let size = u32::from_le_bytes(header.get(4..8)?.try_into().ok()?) as usize;
    let kind = &header[8..12];
    if kind == UNCOMPRESSED {
        return Some(data[..size.min(data.len())].to_vec());
    }
    (kind == COMPRESSED).then(|| expand(data, size.min(MAX_TEXT)))
}

fn expand(data: &[u8], size: usize) -> Vec<u8> {
    let mut dictionary = [0u8; DICTIONARY];
    dictionary[..START.len()].copy_from_slice(START);
    let mut at = START.len();
    let mut out = Vec::new();
    let mut put = |byte: u8, at: &mut usize, dictionary: &mut [u8; DICTIONARY]| {
        out.push(byte);
        dictionary[*at] = byte;
        *at = (*at + 1) % DICTIONARY;
        out.len() < size
    };
    let mut rest = data;
    'all: while let Some((flags, after)) = rest.split_first() {
        rest = after;
        for bit in 0..8 {
            if flags >> bit & 1 == 0 {
                let Some((byte, after)) = rest.split_first() else { break 'all };
                rest = after;
                if !put(*byte, &mut at, &mut dictionary) {
                    break 'all;
                }
                continue;
            }
            let [a, b, after @ ..] = rest else { break 'all };
            rest = after;
            let from = usize::from(*a) << 4 | usize::from(*b) >> 4;
            if from == at {
                break 'all;
            }
            for n in 0..usize::from(b & 0xF) + 2 {
                let byte = dictionary[(from + n) % DICTIONARY];
                if !put(byte, &mut at, &mut dictionary) {
                    break 'all;
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_expanded() {
        assert_eq!(START.len(), 207);
        let head =
            |size: u32, kind: &[u8]| [&0u32.to_le_bytes()[..], &size.to_le_bytes(), kind, &[0; 4]].concat();
        // A reference to `{\rtf1` at the start of the dictionary, two letters, and the end.
        let data = [0b1001, 0x00, 0x04, b'a', b'b', 0x0D, 0x70];
        assert_eq!(decompressed(&[head(8, COMPRESSED), data.to_vec()].concat()).unwrap(), b"{\\rtf1ab");
        assert_eq!(decompressed(&[head(2, UNCOMPRESSED), b"abc".to_vec()].concat()).unwrap(), b"ab");
        assert_eq!(decompressed(b"short"), None);
    }
}
