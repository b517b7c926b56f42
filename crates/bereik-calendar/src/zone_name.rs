//! The zone that a TZID means when its file does not define it.

mod windows;

use bereik_core::zone::Zone;

/// Names longer than this are no zone's.
const NAME_BYTES_MAX: usize = 255;
/// Cities of a list that are tried.
const CITIES_MAX: usize = 8;
/// The folders of the database in which a city's zone may lie.
const FOLDERS: [&str; 8] = [
    "Europe",
    "America",
    "Asia",
    "Africa",
    "Australia",
    "Pacific",
    "Atlantic",
    "Indian",
];

/// Finds the zone of a name: IANA's, Windows', a prefixed IANA name as Mozilla, Evolution and others
/// write it, a city list as old Outlooks write it, or an offset from UTC.
pub(crate) fn resolve(name: &[u8]) -> Option<Zone> {
    if name.len() > NAME_BYTES_MAX {
        return None;
    }
    let name = std::str::from_utf8(name).ok()?;
    let name = name.trim_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'');
    if name.is_empty() {
        return None;
    }
    iana(name)
        .or_else(|| windows::iana_name(name).and_then(iana))
        .or_else(|| suffix(name))
        .or_else(|| fixed(name))
        .or_else(|| city(name))
}

fn iana(name: &str) -> Option<Zone> {
    Zone::named(name).ok()
}

/// `/mozilla.org/20050126_1/Europe/Berlin`, `custom_America/New_York`, `Europe_London`.
fn suffix(name: &str) -> Option<Zone> {
    let breaks = name
        .char_indices()
        .filter(|(_, c)| matches!(c, '/' | '_' | ':'));
    // Of a name with a prefix (RFC 5545 section 3.8.3.1) the last part alone may be the zone.
    let is_prefixed = name.starts_with('/');
    let inner = breaks
        .filter_map(|(at, _)| name.get(at + 1..))
        .filter(|tail| is_prefixed || tail.contains('/') || tail.eq_ignore_ascii_case("utc"))
        .find_map(iana);
    inner.or_else(|| {
        let at = name.find('_')?;
        iana(&format!("{}/{}", &name[..at], name.get(at + 1..)?))
    })
}

/// `GMT+01:00`, `UTC-5`, `+0530`, `Z`.
fn fixed(name: &str) -> Option<Zone> {
    let bare = name
        .strip_prefix('(')
        .and_then(|name| name.strip_suffix(')'));
    let upper = bare.unwrap_or(name).trim().to_ascii_uppercase();
    let offset = upper
        .strip_prefix("UTC")
        .or(upper.strip_prefix("GMT"))
        .unwrap_or(&upper);
    let offset = offset.trim();
    if matches!(offset, "" | "Z") {
        return Some(Zone::utc());
    }
    let (sign, digits) = match offset.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, offset.strip_prefix('+')?),
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 => digits.split_at(2),
        None => (digits, "0"),
    };
    let number = |text: &str, max: i32| {
        let is_short = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        text.parse()
            .ok()
            .filter(|value: &i32| is_short && *value <= max)
    };
    let seconds = number(hours, 15)? * 3_600 + number(minutes, 59)? * 60;
    Zone::fixed(name, sign * seconds).ok()
}

/// `(UTC+01:00) Amsterdam, Berlin, Bern`, `Eastern Time (US & Canada)`.
fn city(name: &str) -> Option<Zone> {
    let cities = match name.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        Some((_, cities)) => cities.trim(),
        None => name,
    };
    for (prefix, zone) in [
        ("Pacific Time", "America/Los_Angeles"),
        ("Mountain Time", "America/Denver"),
        ("Central Time", "America/Chicago"),
        ("Eastern Time", "America/New_York"),
        ("Atlantic Time", "America/Halifax"),
        ("Coordinated Universal Time", "UTC"),
    ] {
        if cities.starts_with(prefix) {
            return iana(zone);
        }
    }
    cities
        .split([',', '/', ';'])
        .take(CITIES_MAX)
        .map(|city| city.trim().replace(' ', "_"))
        .filter(|city| !city.is_empty())
        .find_map(|city| {
            FOLDERS
                .iter()
                .find_map(|folder| iana(&format!("{folder}/{city}")))
        })
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn names_as_producers_write_them() {
        for (name, zone) in [
            ("Europe/Amsterdam", "Europe/Amsterdam"),
            ("\"Europe/Amsterdam\"", "Europe/Amsterdam"),
            ("/mozilla.org/20050126_1/Europe/Berlin", "Europe/Berlin"),
            (
                "/freeassociation.sourceforge.net/Tzfile/Europe/Madrid",
                "Europe/Madrid",
            ),
            (
                "/freeassociation.sourceforge.net/America/Indiana/Knox",
                "America/Indiana/Knox",
            ),
            (
                "/citadel.org/20210210_1/America/New_York",
                "America/New_York",
            ),
            ("custom_America/New_York", "America/New_York"),
            ("W. Europe Standard Time", "Europe/Berlin"),
            ("British Columbia Standard Time", "America/Vancouver"),
            ("tzone://Microsoft/Utc", "UTC"),
            ("Europe_London", "Europe/London"),
            (
                "(UTC+01:00) Amsterdam, Berlin, Bern, Rome",
                "Europe/Amsterdam",
            ),
            ("Eastern Time (US & Canada)", "America/New_York"),
            ("/freeassociation.sourceforge.net/Tzfile/CET", "CET"),
            ("GMT", "GMT"),
            ("Z", "UTC"),
        ] {
            assert_eq!(resolve(name.as_bytes()).unwrap().name(), zone, "{name}");
        }
        for (name, seconds) in [
            ("GMT+01:00", 3_600),
            ("(GMT +01:00)", 3_600),
            ("UTC-5", -18_000),
            ("+0530", 19_800),
        ] {
            let zone = resolve(name.as_bytes()).unwrap();
            assert_eq!(
                zone.offset_at(chrono::DateTime::UNIX_EPOCH),
                seconds,
                "{name}"
            );
        }
        for name in [
            "",
            "Nowhere/Middle",
            "Customized Time Zone",
            "tzone://Microsoft/Custom",
            "+",
        ] {
            assert!(resolve(name.as_bytes()).is_none(), "{name}");
        }
    }
}
