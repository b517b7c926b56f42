//! How long a text is in a channel's unit, and how it is cut where that is too long.

use unicode_segmentation::UnicodeSegmentation as _;

use crate::capability::{TextLimit, TextUnit};

/// A text cannot be cut: one grapheme of it is longer than a whole part may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("one letter of the text is longer than a whole part may be")]
pub struct SplitError;

impl TextUnit {
    /// How long a text is in this unit.
    ///
    /// ```
    /// use bereik_channel::TextUnit;
    /// let family = "👨‍👩‍👧";
    /// assert_eq!(TextUnit::Graphemes.measure(family), 1);
    /// assert_eq!(TextUnit::Utf16.measure(family), 8);
    /// assert_eq!(TextUnit::SmsSegments.measure(&"a".repeat(161)), 2);
    /// ```
    #[must_use]
    pub fn measure(self, text: &str) -> usize {
        let mut tally = Tally::default();
        for grapheme in text.graphemes(true) {
            tally.add(grapheme);
        }
        tally.of(self)
    }
}

impl TextLimit {
    /// Whether a text is short enough for one message.
    #[must_use]
    pub fn fits(self, text: &str) -> bool {
        self.unit.measure(text) <= self.max
    }

    /// Cuts a text into parts that are each short enough, never inside a grapheme, and after a
    /// blank where there is one in the second half of a part. The parts together are the text.
    ///
    /// # Errors
    /// When one grapheme alone is too long: a limit of zero, or a letter with a thousand accents.
    ///
    /// ```
    /// use bereik_channel::{TextLimit, TextUnit};
    /// let limit = TextLimit { max: 12, unit: TextUnit::Characters };
    /// assert_eq!(limit.split("We are looking into it")?, ["We are ", "looking ", "into it"]);
    /// # Ok::<(), bereik_channel::SplitError>(())
    /// ```
    pub fn split(self, text: &str) -> Result<Vec<&str>, SplitError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (part, after) = rest.split_at(self.first_part(rest)?);
            parts.push(part);
            rest = after;
        }
        Ok(parts)
    }

    /// Where the first part of a text ends, in bytes.
    fn first_part(self, text: &str) -> Result<usize, SplitError> {
        let mut tally = Tally::default();
        let mut after_blank = 0;
        for (start, grapheme) in text.grapheme_indices(true) {
            tally.add(grapheme);
            if tally.of(self.unit) > self.max {
                return match start {
                    0 => Err(SplitError),
                    _ if after_blank * 2 > start => Ok(after_blank),
                    _ => Ok(start),
                };
            }
            if grapheme.chars().all(char::is_whitespace) {
                after_blank = start + grapheme.len();
            }
        }
        Ok(text.len())
    }
}

/// How long a text is, in every unit at once.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    bytes: usize,
    characters: usize,
    graphemes: usize,
    utf16: usize,
    narrow: Segments,
    wide: Segments,
    is_wide: bool,
}

impl Tally {
    fn add(&mut self, grapheme: &str) {
        self.bytes += grapheme.len();
        self.graphemes += 1;
        for c in grapheme.chars() {
            self.characters += 1;
            self.utf16 += c.len_utf16();
            self.wide.add(c.len_utf16(), WIDE_UNITS);
            match septets(c) {
                Some(septets) => self.narrow.add(septets, NARROW_UNITS),
                None => self.is_wide = true,
            }
        }
    }

    const fn of(&self, unit: TextUnit) -> usize {
        match unit {
            TextUnit::Bytes => self.bytes,
            TextUnit::Characters => self.characters,
            TextUnit::Graphemes => self.graphemes,
            TextUnit::SmsSegments if self.is_wide => self.wide.count(WIDE_ALONE),
            TextUnit::SmsSegments => self.narrow.count(NARROW_ALONE),
            TextUnit::Utf16 => self.utf16,
        }
    }
}

/// What one segment of several holds (3GPP TS 23.040, 9.2.3.24.1), and what one alone holds.
const NARROW_UNITS: usize = 153;
const NARROW_ALONE: usize = 160;
const WIDE_UNITS: usize = 67;
const WIDE_ALONE: usize = 70;

/// Segments of a short message as they fill; a character is never parted over two.
#[derive(Clone, Copy, Debug, Default)]
struct Segments {
    units: usize,
    full: usize,
    in_last: usize,
}

impl Segments {
    const fn add(&mut self, units: usize, units_max: usize) {
        self.units += units;
        self.in_last += units;
        if self.in_last > units_max {
            self.full += 1;
            self.in_last = units;
        }
    }

    const fn count(&self, alone: usize) -> usize {
        match self.units {
            0 => 0,
            units if units <= alone => 1,
            _ => self.full + 1,
        }
    }
}

/// The letters of 3GPP TS 23.038, 6.2.1, beyond ASCII, and those of its extension, 6.2.1.1.
const NARROW_BEYOND_ASCII: &str = "£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà";
const NARROW_EXTENSION: &str = "^{}\\[~]|€\u{c}";

/// How many septets a character takes; none where the alphabet does not have it.
fn septets(c: char) -> Option<usize> {
    if NARROW_EXTENSION.contains(c) {
        Some(2)
    } else if c == '\n' || c == '\r' || (c.is_ascii() && !c.is_ascii_control() && c != '`') {
        Some(1)
    } else {
        NARROW_BEYOND_ASCII.contains(c).then_some(1)
    }
}
