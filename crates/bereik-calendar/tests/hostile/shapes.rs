//! Files that are written to exhaust a reader: the eighteen hostile shapes.

use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};

/// A hostile file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// What it is called.
    pub(crate) name: &'static str,
    content: fn() -> String,
}

impl Shape {
    /// The whole file.
    pub(crate) fn file(&self) -> String {
        let mut file = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n".to_owned();
        file += &(self.content)();
        file + "END:VCALENDAR\r\n"
    }
}

/// All of them. A line that is long or folded comes twice: as text, which a reader may drop, and as dates, which it may
/// not.
pub(crate) const SHAPES: [Shape; 20] = [
    shape("SECONDLY without end", || rule("FREQ=SECONDLY")),
    shape("a rule that never matches", || {
        rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")
    }),
    shape("SECONDLY that never matches", || {
        rule("FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30")
    }),
    shape("COUNT=1000000000", || {
        rule("FREQ=SECONDLY;BYHOUR=9,10;COUNT=1000000000")
    }),
    shape("daily since 1900", || {
        event("DTSTART:19000101T090000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY\r\n")
    }),
    shape("every BY part at once", every_part),
    shape("100,000 nested components", || nested(100_000)),
    shape("1,000,000 nested components", || nested(1_000_000)),
    shape("a line of 32 MB, text", || {
        event(&format!("{START}SUMMARY:{}\r\n", "x".repeat(32_000_000)))
    }),
    shape("a line of 32 MB, dates", || {
        let dates = "20260301T000000Z,".repeat(32_000_000 / 17);
        event(&format!("{START}RDATE:{dates}20260301T000000Z\r\n"))
    }),
    shape("1,000,000 parameters", || {
        let parameters = ";X=1".repeat(1_000_000);
        event(&format!("DTSTART{parameters}:20260301T000000Z\r\n"))
    }),
    shape("100,000 overrides", overrides),
    shape("500,000 EXDATEs", except_dates),
    shape("a VTIMEZONE of 50,000 transitions", zone),
    shape("2,000,000 folds, text", || {
        event(&format!(
            "{START}SUMMARY:x{}\r\n",
            "\r\n x".repeat(2_000_000)
        ))
    }),
    shape("2,000,000 folds, dates", || {
        event(&format!("{START}RDATE:2{}\r\n", "\r\n 0".repeat(2_000_000)))
    }),
    shape("no END", || {
        format!("BEGIN:VEVENT\r\nUID:1\r\n{START}RRULE:FREQ=DAILY\r\n").repeat(50_000)
    }),
    shape("NUL and bidi characters", odd_characters),
    shape("year 9999", year_9999),
    shape("INTERVAL=0", || rule("FREQ=DAILY;INTERVAL=0")),
];

const START: &str = "DTSTART:20200101T000000Z\r\nDURATION:PT1S\r\n";

const fn shape(name: &'static str, content: fn() -> String) -> Shape {
    Shape { name, content }
}

fn event(lines: &str) -> String {
    format!("BEGIN:VEVENT\r\nUID:1\r\n{lines}END:VEVENT\r\n")
}

fn rule(rule: &str) -> String {
    event(&format!("{START}RRULE:{rule}\r\n"))
}

/// The first instant of the 90 days that are asked for.
pub(crate) fn opens() -> DateTime<Utc> {
    // 2 March 2026.
    DateTime::UNIX_EPOCH + TimeDelta::days(20_514)
}

fn every_part() -> String {
    let list = |from: i32, to: i32| {
        let numbers = (from..=to).map(|number| number.to_string());
        numbers.collect::<Vec<_>>().join(",")
    };
    rule(&format!(
        "FREQ=YEARLY;BYMONTH={};BYWEEKNO={};BYYEARDAY={};BYMONTHDAY={};BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR={};\
         BYMINUTE={};BYSECOND={};BYSETPOS={}",
        list(1, 12),
        list(1, 53),
        list(1, 366),
        list(1, 31),
        list(0, 23),
        list(0, 59),
        list(0, 59),
        list(1, 366),
    ))
}

fn nested(depth: usize) -> String {
    "BEGIN:X\r\n".repeat(depth) + &"END:X\r\n".repeat(depth)
}

fn overrides() -> String {
    let mut content = rule("FREQ=DAILY");
    for day in 0..100_000 {
        let instance = opens() + TimeDelta::days(day - 50_000);
        let instance = instance.format("%Y%m%dT%H%M%SZ");
        content += &event(&format!("RECURRENCE-ID:{instance}\r\n{START}"));
    }
    content
}

fn except_dates() -> String {
    let mut lines = format!("{START}RRULE:FREQ=HOURLY\r\n");
    for hour in 0..500_000 {
        let at = opens() + TimeDelta::hours(hour - 400_000);
        let _ = write!(lines, "EXDATE:{}\r\n", at.format("%Y%m%dT%H%M%SZ"));
    }
    event(&lines)
}

fn zone() -> String {
    let mut content = "BEGIN:VTIMEZONE\r\nTZID:Hostile\r\n".to_owned();
    for index in 0..50_000 {
        let at = opens() + TimeDelta::hours(2 * (index - 25_000));
        let (from, to) = (index % 2, (index + 1) % 2);
        let _ = write!(
            content,
            "BEGIN:STANDARD\r\nDTSTART:{}\r\nTZOFFSETFROM:+0{from}00\r\nTZOFFSETTO:+0{to}00\r\nEND:STANDARD\r\n",
            at.format("%Y%m%dT%H%M%S")
        );
    }
    content += "END:VTIMEZONE\r\n";
    content
        + &event("DTSTART;TZID=Hostile:20260301T000000\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY\r\n")
}

fn odd_characters() -> String {
    let odd = "\0\u{202e}\u{2066}\u{feff}";
    let lines = [
        format!("SUMMARY:{odd}\r\n"),
        format!("{odd}:{odd}\r\n"),
        format!("X-{odd};{odd}=\"{odd}\":{odd}\r\n"),
        "\0\0\0\r\n".to_owned(),
    ];
    let mut content = event(&format!("{START}RRULE:FREQ=DAILY\r\n{}", lines.concat()));
    for _ in 0..10_000 {
        content += &event(&format!(
            "DTSTART;TZID={odd}:20260301T0{odd}00000\r\nRRULE:{odd}\r\n{}",
            lines.concat()
        ));
    }
    content
}

fn year_9999() -> String {
    [
        "DTSTART:99991231T235959Z\r\nDURATION:P3650D\r\nRRULE:FREQ=YEARLY\r\n",
        "DTSTART:20200101T000000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;UNTIL=99991231T235959Z\r\n",
        "DTSTART:20200101T000000Z\r\nDTEND:99991231T235959Z\r\nRRULE:FREQ=WEEKLY\r\n",
        "DTSTART:00010101T000000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY;INTERVAL=9999\r\n",
    ]
    .map(event)
    .concat()
}
