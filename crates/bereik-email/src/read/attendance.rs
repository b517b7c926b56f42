//! What somebody says of a meeting: an answer to an invitation, or that it is off (RFC 5546).

use bereik_channel::Attendance;
use bereik_core::Address;
use bereik_core::address::AddressKind;
use bereik_core::id::Key;
use mail_parser::{Message, MimeHeaders as _};

use super::files;

/// How much of a calendar is looked at.
const LOOKED_AT_BYTES_MAX: usize = 64 * 1024;

/// Which meeting, who, and what he says; none where the mail says nothing of that sort.
pub(super) fn read(message: &Message<'_>) -> Option<(Key, Address, Attendance)> {
    let mut calendars = message.parts.iter().filter(|part| {
        part.is_content_type("text", "calendar") || part.is_content_type("application", "ics")
    });
    calendars.find_map(|part| {
        let bytes = files::bytes(message, part);
        let start = &bytes[..bytes.len().min(LOOKED_AT_BYTES_MAX)];
        read_calendar(&String::from_utf8_lossy(start))
    })
}

/// The answer in a calendar, to its first meeting.
fn read_calendar(text: &str) -> Option<(Key, Address, Attendance)> {
    let (mut method, mut uid, mut organizer, mut attendee) = (None, None, None, None);
    let mut within: Vec<String> = Vec::new();
    for line in unfolded(text) {
        let Some(property) = Property::read(&line) else {
            continue;
        };
        let value = property.value;
        let place: Vec<&str> = within.iter().map(String::as_str).collect();
        match (property.name.as_str(), place.as_slice()) {
            ("BEGIN", _) if within.len() < 8 => within.push(value.to_ascii_uppercase()),
            ("END", ["VCALENDAR", "VEVENT"]) => break,
            ("END", _) => drop(within.pop()),
            ("METHOD", ["VCALENDAR"]) => method = Some(value.to_ascii_uppercase()),
            ("UID", [_, "VEVENT"]) => uid = Key::parse(&plain(value)).ok(),
            ("ORGANIZER", [_, "VEVENT"]) => organizer = address(value),
            ("ATTENDEE", [_, "VEVENT"]) if attendee.is_none() => {
                let says = property.parameter("PARTSTAT").unwrap_or_default();
                attendee = address(value).map(|by| (by, attendance(says)));
            }
            _ => {}
        }
    }
    match method?.as_str() {
        "CANCEL" => Some((uid?, organizer?, Attendance::Cancelled)),
        "REPLY" => {
            let (by, answer) = attendee?;
            Some((uid?, by, answer))
        }
        _ => None,
    }
}

/// PARTSTAT (RFC 5545, 3.2.12).
fn attendance(says: &str) -> Attendance {
    match says.to_ascii_uppercase().as_str() {
        "ACCEPTED" => Attendance::Accepted,
        "DECLINED" => Attendance::Declined,
        "DELEGATED" => Attendance::Delegated,
        "TENTATIVE" => Attendance::Tentative,
        _ => Attendance::Undecided,
    }
}

fn address(value: &str) -> Option<Address> {
    let address: Address = value.trim().parse().ok()?;
    (address.kind() == AddressKind::Email).then_some(address)
}

/// A line of a calendar: `NAME;PARAMETER=VALUE:VALUE` (RFC 5545, 3.1).
struct Property<'a> {
    name: String,
    parameters: Vec<&'a str>,
    value: &'a str,
}

impl<'a> Property<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let mut is_quoted = false;
        let mut ends = Vec::new();
        let mut colon = None;
        for (at, c) in line.char_indices() {
            match c {
                '"' => is_quoted = !is_quoted,
                ';' if !is_quoted => ends.push(at),
                ':' if !is_quoted => {
                    colon = Some(at);
                    break;
                }
                _ => {}
            }
        }
        let colon = colon?;
        ends.push(colon);
        let mut pieces = Vec::new();
        let mut from = 0;
        for end in ends {
            pieces.push(&line[from..end]);
            from = end + 1;
        }
        let name = pieces.first()?.trim().to_ascii_uppercase();
        Some(Self {
            name,
            parameters: pieces.split_off(1),
            value: line[colon + 1..].trim(),
        })
    }

    fn parameter(&self, name: &str) -> Option<&'a str> {
        let mut pairs = self.parameters.iter().filter_map(|one| one.split_once('='));
        let (_, value) = pairs.find(|(one, _)| one.trim().eq_ignore_ascii_case(name))?;
        Some(value.trim_matches('"'))
    }
}

/// Lines, with those that go on in the next one made whole.
fn unfolded(text: &str) -> impl Iterator<Item = String> {
    let mut lines = text.lines().peekable();
    std::iter::from_fn(move || {
        let mut line = lines.next()?.to_owned();
        while let Some(more) = lines.next_if(|next| next.starts_with([' ', '\t'])) {
            line.push_str(&more[1..]);
        }
        Some(line)
    })
}

/// A text without its escapes (RFC 5545, 3.3.11).
fn plain(value: &str) -> String {
    let mut text = String::new();
    let mut rest = value.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => match rest.next() {
                Some('n' | 'N') => text.push('\n'),
                Some(escaped) => text.push(escaped),
                None => {}
            },
            c => text.push(c),
        }
    }
    text
}
