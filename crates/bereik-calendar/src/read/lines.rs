//! Content lines (RFC 5545 section 3.1): where they begin and end, and what they say without their folds.

use memchr::memchr;

/// Line ends closer than this are found without a call.
const NEAR: usize = 96;

/// Bytes that are looked at together.
const BLOCK: usize = 32;

/// A place at the beginning of a content line.
#[derive(Clone, Copy)]
pub(crate) struct Lines<'a> {
    rest: &'a [u8],
    number: u32,
    /// Carriage return alone, where the file has no line feed at all.
    separator: u8,
}

/// A line that matters is longer than the limit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TooLong;

impl<'a> Lines<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let separator = match memchr(b'\n', bytes) {
            Some(_) => b'\n',
            None => b'\r',
        };
        Self {
            rest: bytes,
            number: 1,
            separator,
        }
    }

    /// The number of the line at which it stands, from 1.
    pub(crate) fn number(&self) -> u32 {
        self.number
    }

    /// What begins here, folds and further lines included; nothing at the end of the file.
    #[inline]
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Goes on to the next line, or to the first fold of one whose first physical line has no more
    /// than `bytes` bytes; says whether it stands there.
    #[inline]
    pub(crate) fn skip_to_early_fold(&mut self, bytes: usize) -> bool {
        let first = self.advance();
        if !self.is_at_fold() {
            return false;
        }
        if first.len() <= bytes {
            return true;
        }
        self.skip_folds();
        false
    }

    /// Goes on to the next line that is not a fold.
    pub(crate) fn skip_folds(&mut self) {
        while self.is_at_fold() {
            self.advance();
        }
    }

    /// The line without its folds and its end, in `scratch` where it has any folds; goes on to the next.
    ///
    /// # Errors
    /// When it is longer than `max` bytes.
    #[inline]
    pub(crate) fn take<'s>(
        &mut self,
        scratch: &'s mut Vec<u8>,
        max: usize,
    ) -> Result<&'s [u8], TooLong>
    where
        'a: 's,
    {
        let first = self.advance();
        if self.is_at_fold() {
            return self.unfold(first, scratch, max);
        }
        let first = first.trim_ascii_end();
        if first.len() > max {
            return Err(TooLong);
        }
        Ok(first)
    }

    #[cold]
    fn unfold<'s>(
        &mut self,
        first: &'a [u8],
        scratch: &'s mut Vec<u8>,
        max: usize,
    ) -> Result<&'s [u8], TooLong> {
        scratch.clear();
        scratch.extend_from_slice(without_return(first));
        let mut is_too_long = first.len() > max;
        while self.is_at_fold() {
            let part = without_return(self.advance().get(1..).unwrap_or_default());
            is_too_long |= scratch.len() + part.len() > max;
            if !is_too_long {
                scratch.extend_from_slice(part);
            }
        }
        match is_too_long {
            true => Err(TooLong),
            false => Ok(scratch.trim_ascii_end()),
        }
    }

    /// About the first `bytes` bytes of the line without its folds; fewer where it is folded often.
    pub(crate) fn head(&self, bytes: usize) -> Vec<u8> {
        let mut ahead = *self;
        let mut head = without_return(ahead.advance()).to_vec();
        for _ in 0..bytes {
            if head.len() >= bytes || !ahead.is_at_fold() {
                break;
            }
            let part = without_return(ahead.advance());
            let part = part.get(1..).unwrap_or_default();
            head.extend_from_slice(part.get(..bytes).unwrap_or(part));
        }
        head
    }

    fn is_at_fold(&self) -> bool {
        matches!(self.rest, [b' ' | b'\t', ..])
    }

    /// Goes past the next separator and gives what stood before it.
    #[inline]
    fn advance(&mut self) -> &'a [u8] {
        let end = find(self.separator, self.rest).unwrap_or(self.rest.len());
        let (line, rest) = self.rest.split_at(end);
        self.rest = rest.get(1..).unwrap_or_default();
        self.number += 1;
        line
    }
}

/// Without the carriage return of a line's end; some write two.
fn without_return(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The place of a byte: most lines are short, so that looking at a block at a time is faster than a call.
#[inline]
fn find(byte: u8, bytes: &[u8]) -> Option<usize> {
    let (blocks, _) = bytes.as_chunks::<BLOCK>();
    for (index, block) in blocks.iter().take(NEAR / BLOCK).enumerate() {
        // Without a way out of the loop, this is one comparison of the whole block.
        if block
            .iter()
            .fold(false, |is_here, one| is_here | (*one == byte))
        {
            return find_in(byte, block).map(|at| index * BLOCK + at);
        }
    }
    let from = NEAR.min(blocks.len() * BLOCK);
    memchr(byte, &bytes[from..]).map(|at| from + at)
}

/// The place of a byte in a block, eight bytes at a time.
#[inline]
fn find_in(byte: u8, block: &[u8; BLOCK]) -> Option<usize> {
    const ALL: u64 = 0x0101_0101_0101_0101;
    let (words, _) = block.as_chunks::<8>();
    words.iter().enumerate().find_map(|(index, word)| {
        let differs = u64::from_le_bytes(*word) ^ (ALL * u64::from(byte));
        // The lowest byte that is 0 has its highest bit set here.
        let zeros = differs.wrapping_sub(ALL) & !differs & (ALL << 7);
        (zeros != 0).then(|| index * 8 + zeros.trailing_zeros() as usize / 8)
    })
}

#[cfg(test)]
mod tests {
    use super::{Lines, find};

    #[test]
    fn folds_join_and_lines_keep_their_number() {
        let text = b"A:1\r\n 2\r\n\t3\r\nB;X=1:\n\nDTST\n ART:4\nC:\n \n\n 5\n";
        let mut lines = Lines::new(text);
        let (mut scratch, mut read) = (Vec::new(), Vec::new());
        while !lines.rest().is_empty() {
            let number = lines.number();
            let text = lines.take(&mut scratch, 64).unwrap();
            read.push((number, String::from_utf8(text.to_vec()).unwrap()));
        }
        let expected = [
            (1, "A:123"),
            (4, "B;X=1:"),
            (5, ""),
            (6, "DTSTART:4"),
            (8, "C:"),
            (10, "5"),
        ];
        assert_eq!(read, expected.map(|(n, text)| (n, text.to_owned())));
    }

    #[test]
    fn lines_are_bounded_and_looked_into() {
        let mut lines = Lines::new(b"DTST\r\n ART:4\r\nEND:X");
        assert_eq!(lines.head(6), b"DTSTART:4"[..9].to_vec());
        let mut longer = lines;
        assert!(longer.take(&mut Vec::new(), 8).is_err());
        assert!(longer.rest() == b"END:X" && longer.number() == 3);
        assert!(lines.skip_to_early_fold(5));
        lines.skip_folds();
        assert!(!lines.skip_to_early_fold(64));
        assert!(lines.rest().is_empty());
    }

    #[test]
    fn a_byte_is_found_wherever_it_is() {
        for length in 0..120 {
            let mut bytes = vec![b'\x0B'; length];
            assert_eq!(find(b'\n', &bytes), None);
            for at in 0..length {
                bytes[at] = b'\n';
                assert_eq!(find(b'\n', &bytes), Some(at));
                bytes[at] = b'\x09';
            }
        }
    }
}
