//! Content lines (RFC 5545 section 3.1): bytes to lines, unfolded only when somebody wants them.

use memchr::{memchr, memchr2};

/// The lines of a file, folds joined, in order.
pub(crate) struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    number: usize,
    /// Carriage return alone, where the file has no line feed at all.
    separator: u8,
}

/// One content line, perhaps still folded.
#[derive(Clone, Copy)]
pub(crate) struct Line<'a> {
    /// The line of the file it begins on, from 1.
    pub(crate) number: usize,
    raw: &'a [u8],
    separator: u8,
    is_folded: bool,
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
            at: 0,
            number: 1,
            separator,
        }
    }

    /// The line that would come next, from 1.
    pub(crate) fn number(&self) -> usize {
        self.number
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        let number = self.number;
        let (mut end, mut is_folded) = (0, false);
        loop {
            let tail = &rest[end..];
            let length = memchr(self.separator, tail).map_or(tail.len(), |at| at + 1);
            end += length;
            self.number += 1;
            match rest.get(end) {
                Some(b' ' | b'\t') => is_folded = true,
                _ => break,
            }
        }
        self.at += end;
        Some(Line {
            number,
            raw: rest[..end].trim_ascii_end(),
            separator: self.separator,
            is_folded,
        })
    }
}

impl<'a> Line<'a> {
    /// The bytes of the name, where the first physical line holds all of it.
    pub(crate) fn name(&self) -> Option<&'a [u8]> {
        let end = memchr2(b':', b';', self.raw)?;
        let name = &self.raw[..end];
        let is_whole = !self.is_folded || memchr(self.separator, name).is_none();
        is_whole.then_some(name)
    }

    /// The line without its folds, in `scratch` where it has any.
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
        if !self.is_folded {
            return if self.raw.len() > max {
                Err(TooLong)
            } else {
                Ok(self.raw)
            };
        }
        scratch.clear();
        let physical = self.raw.split(|byte| *byte == self.separator);
        for (index, part) in physical.enumerate() {
            let part = part.strip_suffix(b"\r").unwrap_or(part);
            let part = if index == 0 {
                part
            } else {
                part.get(1..).unwrap_or(&[])
            };
            if scratch.len() + part.len() > max {
                return Err(TooLong);
            }
            scratch.extend_from_slice(part);
        }
        Ok(scratch)
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn folds_join_and_lines_keep_their_number() {
        let text = b"A:1\r\n 2\r\n\t3\r\nB;X=1:\n\nDTST\n ART:4\n";
        let lines: Vec<_> = Lines::new(text).collect();
        let mut scratch = Vec::new();
        let mut read = Vec::new();
        for line in &lines {
            let text = line.unfold(&mut scratch, 64).unwrap();
            read.push((line.number, String::from_utf8(text.to_vec()).unwrap()));
        }
        let expected = [(1, "A:123"), (4, "B;X=1:"), (5, ""), (6, "DTSTART:4")];
        assert_eq!(read, expected.map(|(n, text)| (n, text.to_owned())));
        assert_eq!(lines[0].name(), Some(&b"A"[..]));
        assert_eq!(lines[3].name(), None);
        assert!(lines[0].unfold(&mut scratch, 4).is_err());
    }
}
