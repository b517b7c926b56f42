//! How much of a file is text, and how much else says nothing about time.

/// Properties of text.
const TEXT: [&str; 4] = ["DESCRIPTION", "LOCATION", "SUMMARY", "X-ALT-DESC"];

/// Properties that bear on when somebody is busy.
const TIME: [&str; 20] = [
    "ATTENDEE",
    "BEGIN",
    "DTEND",
    "DTSTART",
    "DURATION",
    "END",
    "EXDATE",
    "ORGANIZER",
    "RECURRENCE-ID",
    "RRULE",
    "SEQUENCE",
    "STATUS",
    "TRANSP",
    "TZID",
    "TZOFFSETFROM",
    "TZOFFSETTO",
    "UID",
    "X-MICROSOFT-CDO-BUSYSTATUS",
    "X-MICROSOFT-CDO-INTENDEDSTATUS",
    "X-WR-TIMEZONE",
];

/// Bytes of a file by what they are about, line breaks and folds included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// All of it.
    pub bytes: usize,
    /// SUMMARY, DESCRIPTION, LOCATION and X-ALT-DESC.
    pub text: usize,
    /// Everything else that does not bear on time, such as CREATED, PRIORITY and alarms.
    pub other: usize,
    /// Lines, each fold being one.
    pub lines: usize,
    /// VEVENTs that are moved or called-off instances.
    pub moved: usize,
    /// VEVENTs with a rule.
    pub series: usize,
}

impl Share {
    /// Of this file.
    #[must_use]
    pub fn of(ics: &str) -> Self {
        let mut share = Self::default();
        let mut kind = Kind::Other;
        let (mut is_event, mut is_alarm) = (false, false);
        for line in ics.split_inclusive('\n') {
            share.bytes += line.len();
            share.lines += 1;
            match line {
                "BEGIN:VEVENT\r\n" => is_event = true,
                "END:VEVENT\r\n" => is_event = false,
                "BEGIN:VALARM\r\n" => is_alarm = true,
                _ => {}
            }
            if !line.starts_with([' ', '\t']) {
                let name = &line[..line.find([':', ';']).unwrap_or(line.len())];
                kind = Kind::of(name, is_alarm);
                share.moved += usize::from(name == "RECURRENCE-ID");
                share.series += usize::from(is_event && name == "RRULE");
            }
            match kind {
                Kind::Text => share.text += line.len(),
                Kind::Other => share.other += line.len(),
                Kind::Time => {}
            }
            is_alarm = is_alarm && line != "END:VALARM\r\n";
        }
        share
    }

    /// Of several files together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            bytes: self.bytes + other.bytes,
            text: self.text + other.text,
            other: self.other + other.other,
            lines: self.lines + other.lines,
            moved: self.moved + other.moved,
            series: self.series + other.series,
        }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Other,
    Text,
    Time,
}

impl Kind {
    fn of(name: &str, is_alarm: bool) -> Self {
        match name {
            _ if is_alarm => Self::Other,
            _ if TEXT.contains(&name) => Self::Text,
            _ if TIME.contains(&name) => Self::Time,
            _ => Self::Other,
        }
    }
}
