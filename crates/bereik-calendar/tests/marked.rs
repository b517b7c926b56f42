//! Events by which people say that they are available, as Outlook, Google and Apple write them.

#[path = "corpus/beside.rs"]
mod beside;

use std::fmt::Write as _;

use bereik_calendar::{Limits, Marks, Reading};
use bereik_core::channel_kind::ChannelKind;
use bereik_core::free_busy::FreeBusyKind;
use bereik_core::interval::Interval;
use bereik_core::zone::Zone;

fn marks() -> Marks {
    Marks::new()
        .with_category("Reachable", &[ChannelKind::Phone, ChannelKind::WebChat])
        .with_category("Bereikbaar per mail", &[ChannelKind::Email])
        .with_title("Open hour", &[ChannelKind::WebChat])
        .with_title("Spreekuur; balie, 2e etage", &[ChannelKind::Meeting])
}

/// The five weeks around the change of the clocks.
fn window() -> Interval {
    let window = "2026-03-09T00:00:00Z/2026-04-13T00:00:00Z".parse();
    window.expect("the test's own value")
}

fn said_of(bytes: &[u8]) -> String {
    let zone = Zone::named("Europe/Amsterdam").expect("a zone of the database");
    let reading = Reading::new()
        .with_zone(zone)
        .with_owner("sanne@example.org");
    let calendar = bereik_calendar::read_marked(bytes, &Limits::default(), &marks());
    let open = calendar.open_time(window(), &reading);
    let mut text = String::new();
    for problem in &open.problems {
        let _ = writeln!(text, "{problem}");
    }
    for channel in ChannelKind::ALL {
        for interval in open.value.intervals(channel) {
            let _ = writeln!(text, "open over {} {interval}", channel.name());
        }
    }
    for (interval, kind) in calendar.free_busy(window(), &reading).value.intervals() {
        let _ = writeln!(text, "{interval} {kind:?}");
    }
    text
}

#[test]
fn marked_events_open_time_and_take_none() {
    for file in beside::calendars("marked") {
        let said = said_of(&beside::bytes_of(&file));
        assert!(said.contains("open over"), "{}", file.display());
        beside::check(&file, &said);
    }
}

#[test]
fn words_that_are_looked_for_are_dropped_all_the_same() {
    for file in beside::calendars("marked") {
        let bytes = beside::bytes_of(&file);
        let calendar = bereik_calendar::read_marked(&bytes, &Limits::default(), &marks());
        let open = calendar.open_time(window(), &Reading::new());
        let said = format!("{calendar:?} {open:?} {:?}", marks());
        for word in [
            "Reachable",
            "Bereikbaar",
            "Open hour",
            "Spreekuur",
            "CANARY",
        ] {
            assert!(!said.contains(word), "{word} of {}", file.display());
        }
    }
}

fn event(lines: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260316T100000Z\r\nDURATION:PT1H\r\n\
         {lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

/// The channels that an event opens, and what it says of its time.
fn of_event(lines: &str) -> (Vec<&'static str>, FreeBusyKind) {
    let calendar =
        bereik_calendar::read_marked(event(lines).as_bytes(), &Limits::default(), &marks());
    let reading = Reading::new().with_owner("sanne@example.org");
    let at = "2026-03-16T10:30:00Z"
        .parse()
        .expect("the test's own value");
    let open = calendar.open_time(window(), &reading).value;
    let channels = ChannelKind::ALL
        .into_iter()
        .filter(|c| open.is_open_at(*c, at));
    let free_busy = calendar.free_busy(window(), &reading).value;
    (
        channels.map(ChannelKind::name).collect(),
        free_busy.kind_at(at),
    )
}

#[test]
fn marks_are_whole_words_of_their_own() {
    let (none, free, busy) = (Vec::<&str>::new, FreeBusyKind::Free, FreeBusyKind::Busy);
    for (lines, channels, kind) in [
        ("SUMMARY:Open hour", vec!["web_chat"], free),
        ("SUMMARY;LANGUAGE=en: Open hour ", vec!["web_chat"], free),
        (
            r"SUMMARY:Spreekuur\; balie\, 2e etage",
            vec!["meeting"],
            free,
        ),
        ("SUMMARY:Open hour with Jan", none(), busy),
        ("SUMMARY:open hour", none(), busy),
        ("DESCRIPTION:Open hour", none(), busy),
        ("CATEGORIES:reachable", vec!["phone", "web_chat"], free),
        ("CATEGORIES:Blue,BEREIKBAAR PER MAIL", vec!["email"], free),
        (
            "CATEGORIES:Blue\r\nCATEGORIES:Reachable",
            vec!["phone", "web_chat"],
            free,
        ),
        (
            "CATEGORIES:Reachable,Bereikbaar per mail",
            vec!["email", "phone", "web_chat"],
            free,
        ),
        ("CATEGORIES:Unreachable", none(), busy),
        ("CATEGORIES:Reachable\\,Blue", none(), busy),
        ("SUMMARY:Reachable", none(), busy),
    ] {
        assert_eq!(of_event(lines), (channels, kind), "{lines}");
    }
}

#[test]
fn only_what_is_certain_opens() {
    let (none, free) = (Vec::<&str>::new, FreeBusyKind::Free);
    let mine = "ATTENDEE;PARTSTAT=";
    for (lines, channels, kind) in [
        ("STATUS:CANCELLED".to_owned(), none(), free),
        ("STATUS:TENTATIVE".to_owned(), none(), free),
        (
            "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE".to_owned(),
            none(),
            free,
        ),
        (
            format!("{mine}DECLINED:mailto:sanne@example.org"),
            none(),
            free,
        ),
        (
            format!("{mine}NEEDS-ACTION:mailto:sanne@example.org"),
            none(),
            free,
        ),
        (
            format!("{mine}ACCEPTED:mailto:sanne@example.org"),
            vec!["web_chat"],
            free,
        ),
        (
            format!("{mine}DECLINED:mailto:jan@example.org"),
            vec!["web_chat"],
            free,
        ),
        ("TRANSP:TRANSPARENT".to_owned(), vec!["web_chat"], free),
        // Away, but to be had all the same: both are told.
        (
            "X-MICROSOFT-CDO-BUSYSTATUS:OOF".to_owned(),
            vec!["web_chat"],
            FreeBusyKind::OutOfOffice,
        ),
        (
            "X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE".to_owned(),
            vec!["web_chat"],
            FreeBusyKind::Elsewhere,
        ),
        // It repeats in some way or other; what it says of availability is not a way to be busy.
        ("RRULE:FREQ=SOMETIMES".to_owned(), vec!["web_chat"], free),
    ] {
        let said = of_event(&format!("SUMMARY:Open hour\r\n{lines}"));
        assert_eq!(said, (channels, kind), "{lines}");
    }
}

/// Nothing is promised in a zone that nobody knows.
#[test]
fn a_zone_that_nobody_knows_opens_nothing() {
    let file = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Open hour\r\n\
        DTSTART;TZID=Nowhere:20260316T100000\r\nDURATION:PT1H\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let calendar = bereik_calendar::read_marked(file.as_bytes(), &Limits::default(), &marks());
    let open = calendar.open_time(window(), &Reading::new());
    assert_eq!(open.problems.len(), 1);
    assert_eq!(open.value.intervals(ChannelKind::WebChat), []);
}
