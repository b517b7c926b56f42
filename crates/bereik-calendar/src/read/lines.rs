//! Content lines (RFC 5545 section 3.1): bytes to lines, unfolded only when somebody wants them.

use memchr::memchr;

/// The lines of a file, folds joined, in order.
pub(crate) struct Lines<'a> {
    bytes: &'a [u8],
    number: u32,
    /// Carriage return alone, where the file has no line feed at all.
    separator: u8,
}

/// One content line, perhaps still folded.
#[derive(Clone, Copy)]
pub(crate) struct Line<'a> {
    /// The line of the file it begins on, from 1.
    pub(crate) number: u32,
    /// With its folds, and what ends it.
    raw: &'a [u8],
    /// The bytes of its first physical line, or 0 where it is the only one.
    first: usize,
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
            bytes,
            number: 1,
            separator,
        }
    }

    /// The line that would come next, from 1.
    pub(crate) fn number(&self) -> u32 {
        self.number
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    #[inline]
    fn next(&mut self) -> Option<Line<'a>> {
        let rest = self.bytes;
        if rest.is_empty() {
            return None;
        }
        let number = self.number;
        let (mut end, mut first) = (0, 0);
        loop {
            let tail = &rest[end..];
            end += memchr(self.separator, tail).map_or(tail.len(), |at| at + 1);
            self.number += 1;
            if !matches!(rest.get(end), Some(b' ' | b'\t')) {
                break;
            }
            if first == 0 {
                first = end;
            }
        }
        let (raw, rest) = rest.split_at(end);
        self.bytes = rest;
        Some(Line {
            number,
            raw,
            first,
            separator: self.separator,
        })
    }
}

impl<'a> Line<'a> {
    /// The line as it stands in the file, folds and all.
    pub(crate) fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Whether the first physical line is folded and has no more than so many bytes.
    pub(crate) fn folds_within(&self, bytes: usize) -> bool {
        (1..=bytes).contains(&self.first)
    }

    /// The line without its folds and its end, in `scratch` where it has any folds.
    ///
    /// # Errors
    /// When it is longer than `max` bytes.
    pub(crate) fn unfold<'s>(
        &self,
        scratch: &'s mut Vec<u8>,
        max: usize,
    ) -> Result<&'s [u8], TooLong>
    where
        'a: 's,
    {
        let raw = self.raw.trim_ascii_end();
        if self.first == 0 {
            return if raw.len() > max {
                Err(TooLong)
            } else {
                Ok(raw)
            };
        }
        scratch.clear();
        for part in self.parts(raw) {
            if scratch.len() + part.len() > max {
                return Err(TooLong);
            }
            scratch.extend_from_slice(part);
        }
        Ok(scratch)
    }

    /// About the first `bytes` bytes of the line without its folds; fewer where it is folded often.
    pub(crate) fn head(&self, bytes: usize) -> Vec<u8> {
        let mut head = Vec::new();
        for part in self.parts(self.raw).take(bytes) {
            if head.len() >= bytes {
                break;
            }
            head.extend_from_slice(part.get(..bytes).unwrap_or(part));
        }
        head
    }

    /// The physical lines, without what folds them.
    fn parts(&self, raw: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        let separator = self.separator;
        let mut rest = raw;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let end = memchr(separator, rest).unwrap_or(rest.len());
            let part = rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]);
            // The separator, and the blank that folds.
            rest = rest.get(end + 2..).unwrap_or_default();
            Some(part)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn folds_join_and_lines_keep_their_number() {
        let text = b"A:1\r\n 2\r\n\t3\r\nB;X=1:\n\nDTST\n ART:4\nC:\n \n\n 5\n";
        let lines: Vec<_> = Lines::new(text).collect();
        let mut scratch = Vec::new();
        let mut read = Vec::new();
        for line in &lines {
            let text = line.unfold(&mut scratch, 64).unwrap();
            read.push((line.number, String::from_utf8(text.to_vec()).unwrap()));
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
        assert!(lines[3].folds_within(5) && !lines[3].folds_within(4));
        assert!(!lines[1].folds_within(64));
        assert!(lines[0].unfold(&mut scratch, 4).is_err());
    }
}
