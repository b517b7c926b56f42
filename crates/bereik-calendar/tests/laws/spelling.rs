//! One calendar in other letters: line ends, folds, the case of names, and text that says something else.

/// What stands in every text that must not come out.
pub(crate) const CANARY: &str = "CANARY";

/// Names of properties that hold nothing but text.
const TEXTS: [&[u8]; 8] = [
    b"CATEGORIES",
    b"COMMENT",
    b"CONTACT",
    b"DESCRIPTION",
    b"LOCATION",
    b"RESOURCES",
    b"SUMMARY",
    b"URL",
];

/// Names of properties that an event may have more than once, each time in its own right.
const LISTS: [&[u8]; 5] = [b"ATTENDEE", b"EXDATE", b"EXRULE", b"RDATE", b"RRULE"];

/// A way to write content lines (RFC 5545 section 3.1).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spelling {
    line_end: &'static [u8],
    /// The bytes of a line before it is folded, where it is.
    fold_at: Option<usize>,
    has_small_names: bool,
}

impl Spelling {
    /// As the standard has it, folds left out.
    const PLAIN: Self = Self {
        line_end: b"\r\n",
        fold_at: None,
        has_small_names: false,
    };

    /// One of all.
    pub(crate) fn of(setting: u8) -> Self {
        let number = usize::from(setting);
        Self {
            line_end: [&b"\n"[..], b"\r\n", b"\r"][number % 3],
            fold_at: [Some(1), None, Some(75), Some(7)][number / 3 % 4],
            has_small_names: number / 12 % 2 == 1,
        }
    }
}

/// The content lines of a file, without folds and line ends.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    has_byte_order_mark: bool,
    lines: Vec<Vec<u8>>,
}

impl Text {
    /// None where a carriage return stands within a line, so that it depends on the line ends where it ends.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        let plain = bytes.strip_prefix(b"\xEF\xBB\xBF");
        let (has_byte_order_mark, bytes) = (plain.is_some(), plain.unwrap_or(bytes));
        let separator = if bytes.contains(&b'\n') { b'\n' } else { b'\r' };
        let mut lines: Vec<Vec<u8>> = Vec::new();
        for line in bytes.split(|byte| *byte == separator) {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.contains(&b'\r') {
                return None;
            }
            match (line, lines.last_mut()) {
                ([b' ' | b'\t', rest @ ..], Some(last)) => last.extend_from_slice(rest),
                _ => lines.push(line.to_vec()),
            }
        }
        Some(Self {
            has_byte_order_mark,
            lines,
        })
    }

    /// Whether a word stands in any line, in capitals or not.
    pub(crate) fn has(&self, word: &str) -> bool {
        self.lines_with(word) > 0
    }

    /// In how many lines a word stands, in capitals or not.
    pub(crate) fn lines_with(&self, word: &str) -> usize {
        let word = word.as_bytes();
        let has = |line: &[u8]| {
            let mut parts = line.windows(word.len());
            parts.any(|part| part.eq_ignore_ascii_case(word))
        };
        self.lines.iter().filter(|line| has(line)).count()
    }

    /// The file in this spelling.
    pub(crate) fn spelled(&self, spelling: Spelling) -> Vec<u8> {
        let mut bytes = Vec::new();
        if self.has_byte_order_mark {
            bytes.extend_from_slice(b"\xEF\xBB\xBF");
        }
        for line in &self.lines {
            let mut line = line.clone();
            if spelling.has_small_names {
                let end = match name_of(&line) {
                    name if is_frame(name) => line.len(),
                    name => name.len(),
                };
                line[..end].make_ascii_lowercase();
            }
            if matches!(line.first(), Some(b' ' | b'\t')) && !bytes.is_empty() {
                // It would be a fold of the line before.
                bytes.extend_from_slice(spelling.line_end);
                bytes.push(b' ');
            }
            let width = spelling.fold_at.unwrap_or(usize::MAX);
            for (number, part) in line.chunks(width).enumerate() {
                if number > 0 {
                    bytes.extend_from_slice(spelling.line_end);
                    bytes.push(b' ');
                }
                bytes.extend_from_slice(part);
            }
            bytes.extend_from_slice(spelling.line_end);
        }
        bytes
    }

    /// The file with another text in each line of text, with a name for each attendee, and with more text in each
    /// event.
    pub(crate) fn with_canaries(&self) -> Vec<u8> {
        let mut lines = Vec::new();
        for line in &self.lines {
            let name = name_of(line);
            let rest = &line[name.len()..];
            let is_any = |names: &[&[u8]]| names.iter().any(|one| one.eq_ignore_ascii_case(name));
            if rest.is_empty() {
                lines.push(line.clone());
            } else if is_any(&TEXTS) {
                lines.push([name, b":", CANARY.as_bytes()].concat());
            } else if is_any(&[b"ATTENDEE", b"ORGANIZER"]) {
                lines.push([name, b";CN=", CANARY.as_bytes(), rest].concat());
            } else {
                lines.push(line.clone());
            }
            if line.trim_ascii_end().eq_ignore_ascii_case(b"BEGIN:VEVENT") {
                lines.push(format!("SUMMARY;LANGUAGE=en:{CANARY}").into());
                lines.push(format!("X-ALT-DESC:{CANARY}").into());
            }
        }
        let changed = Self {
            lines,
            ..self.clone()
        };
        changed.spelled(Spelling::PLAIN)
    }
}

impl Text {
    /// The file with its events, and the lines in each of them, the other way round; none where events stand
    /// elsewhere than in one calendar, or have a property twice, so that their order may mean something.
    pub(crate) fn backwards(&self) -> Option<Vec<u8>> {
        let is = |line: &[u8], text: &[u8]| line.eq_ignore_ascii_case(text);
        let (mut rest, mut events) = (Vec::new(), Vec::new());
        // Calendars that have begun, and components open beside the events of one.
        let (mut calendars, mut beside) = (0, 0);
        let mut lines = self.lines.iter();
        while let Some(line) = lines.next() {
            if is(line, b"BEGIN:VEVENT") && calendars == 1 && beside == 0 {
                let is_inside = |line: &&Vec<u8>| !is_frame(name_of(line).trim_ascii_end());
                let ahead = lines.clone();
                let mut event: Vec<Vec<u8>> = ahead.take_while(is_inside).cloned().collect();
                let end = lines.nth(event.len())?;
                if !is(end, b"END:VEVENT") || has_one_twice(&event) {
                    return None;
                }
                event.reverse();
                rest.push(None);
                events.push([vec![line.clone()], event, vec![end.clone()]].concat());
                continue;
            }
            match name_of(line).trim_ascii_end() {
                _ if is(line, b"BEGIN:VCALENDAR") => calendars += 1,
                _ if is(line, b"END:VCALENDAR") => calendars += 1,
                name if is(name, b"BEGIN") => beside += 1,
                name if is(name, b"END") => beside -= 1,
                _ => {}
            }
            rest.push(Some(vec![line.clone()]));
        }
        // The last event takes the place of the first.
        let placed = rest.into_iter().map(|line| line.or_else(|| events.pop()));
        let text = Self {
            has_byte_order_mark: self.has_byte_order_mark,
            lines: placed.flatten().flatten().collect(),
        };
        (calendars == 2 && beside == 0).then(|| text.spelled(Spelling::PLAIN))
    }
}

/// Whether an event has a property twice of which one holds.
fn has_one_twice(event: &[Vec<u8>]) -> bool {
    let names = event
        .iter()
        .map(|line| name_of(line).trim_ascii().to_ascii_uppercase());
    let mut names: Vec<Vec<u8>> = names
        .filter(|name| !LISTS.contains(&name.as_slice()))
        .collect();
    names.sort_unstable();
    names.windows(2).any(|pair| pair[0] == pair[1])
}

/// A file with lines after it, written with its own line ends.
pub(crate) fn followed_by(bytes: &[u8], lines: &[&str]) -> Vec<u8> {
    let line_end = match bytes.contains(&b'\r') && !bytes.contains(&b'\n') {
        true => "\r",
        false => "\n",
    };
    let mut all = bytes.to_vec();
    for line in lines {
        all.extend_from_slice(line_end.as_bytes());
        all.extend_from_slice(line.as_bytes());
    }
    all
}

/// What stands before the parameters and the value.
fn name_of(line: &[u8]) -> &[u8] {
    let end = line.iter().position(|byte| matches!(byte, b':' | b';'));
    &line[..end.unwrap_or(line.len())]
}

/// Whether a property begins or ends a component, so that its value is a name as well.
fn is_frame(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"BEGIN") || name.eq_ignore_ascii_case(b"END")
}
