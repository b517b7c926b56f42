//! Content lines as they stand in a file: folded after 75 octets, text escaped (RFC 5545 sections 3.1 and 3.3.11).

use chrono::{NaiveDate, NaiveDateTime};

use super::wall::{Place, Spelling};

/// Octets of a line without its line break.
const LINE_OCTETS: usize = 75;

/// A file that is being written.
pub(crate) struct Page {
    text: String,
    /// How a line goes on: a space, or a tab as desktop Outlook writes it.
    continuation: &'static str,
    spelling: Spelling,
    /// Names of zones stand in quotation marks, as desktop Outlook writes them.
    quotes_zones: bool,
}

impl Page {
    pub(crate) fn new(spelling: Spelling) -> Self {
        Self {
            text: String::new(),
            continuation: "\r\n ",
            spelling,
            quotes_zones: false,
        }
    }

    /// As desktop Outlook writes.
    pub(crate) fn with_tabs_and_quotes(mut self) -> Self {
        self.continuation = "\r\n\t";
        self.quotes_zones = true;
        self
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }

    /// Writes one line, folded between characters.
    pub(crate) fn line(&mut self, content: &str) {
        let mut rest = content;
        let mut room = LINE_OCTETS;
        while rest.len() > room {
            let end = (0..=room).rev().find(|end| rest.is_char_boundary(*end));
            let (now, later) = rest.split_at(end.unwrap_or(rest.len()));
            self.text.push_str(now);
            self.text.push_str(self.continuation);
            rest = later;
            room = LINE_OCTETS - 1;
        }
        self.text.push_str(rest);
        self.text.push_str("\r\n");
    }

    pub(crate) fn lines<'a>(&mut self, lines: impl IntoIterator<Item = &'a str>) {
        for line in lines {
            self.line(line);
        }
    }

    /// Writes a line of text, escaped.
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        let mut line = format!("{name}:");
        for letter in text.chars() {
            match letter {
                '\\' | ';' | ',' => line.extend(['\\', letter]),
                '\n' => line.push_str("\\n"),
                _ => line.push(letter),
            }
        }
        self.line(&line);
    }

    /// Writes the definition of a zone.
    pub(crate) fn zone(&mut self, place: Place) {
        for line in place.definition(self.spelling) {
            self.line(&line);
        }
    }

    /// Writes a line of times on the wall of a place.
    pub(crate) fn walls(
        &mut self,
        name: &str,
        place: Place,
        walls: impl IntoIterator<Item = NaiveDateTime>,
    ) {
        let walls: Vec<String> = walls
            .into_iter()
            .map(|wall| wall.format("%Y%m%dT%H%M%S").to_string())
            .collect();
        let zone = place.spelled(self.spelling);
        let quote = if self.quotes_zones { "\"" } else { "" };
        self.line(&format!(
            "{name};TZID={quote}{zone}{quote}:{}",
            walls.join(",")
        ));
    }

    /// Writes a line of days.
    pub(crate) fn days(&mut self, name: &str, days: impl IntoIterator<Item = NaiveDate>) {
        let days: Vec<String> = days
            .into_iter()
            .map(|day| day.format("%Y%m%d").to_string())
            .collect();
        self.line(&format!("{name};VALUE=DATE:{}", days.join(",")));
    }

    /// Writes a line with an instant in UTC.
    pub(crate) fn utc(&mut self, name: &str, utc: NaiveDateTime) {
        self.line(&format!("{name}:{}", stamp(utc)));
    }
}

/// An instant as RFC 5545 writes it.
pub(crate) fn stamp(utc: NaiveDateTime) -> String {
    utc.format("%Y%m%dT%H%M%SZ").to_string()
}
