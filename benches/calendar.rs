//! Reading and expanding calendars: a year of a company's agendas, and cost against history.

use std::fmt::Write as _;
use std::hint::black_box;

use bereik::calendar::{Calendar, Limits, Reading};
use bereik::core::interval::Interval;
use chrono::{DateTime, TimeDelta, Utc};
use divan::Bencher;
use divan::counter::BytesCount;

fn main() {
    divan::main();
}

fn window(days: i64) -> Interval {
    let start: DateTime<Utc> = "2026-03-02T00:00:00Z".parse().expect("an instant");
    Interval::new(start, start + TimeDelta::days(days)).expect("a window has a length")
}

fn read(text: &str) -> Calendar {
    bereik::calendar::read(black_box(text.as_bytes()), &Limits::default())
}

/// A sequence that is the same on every run (a linear congruential generator).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

const ZONES: [(&str, &str, &str); 2] = [
    (
        "Europe/Amsterdam",
        "+0100\r\nTZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        "+0200\r\nTZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    ),
    (
        "America/New_York",
        "-0500\r\nTZOFFSETTO:-0400\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU",
        "-0400\r\nTZOFFSETTO:-0500\r\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU",
    ),
];

/// The agenda of one person: meetings with exceptions and moves, leave, tentative and cancelled
/// events, and the text that real exports carry.
fn agenda(person: u64) -> String {
    let mut dice = Dice(person + 1);
    let (zone, summer, winter) = ZONES[(person % 2) as usize];
    let mut text = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTIMEZONE\r\nTZID:{zone}\r\n\
         BEGIN:DAYLIGHT\r\nDTSTART:19700301T020000\r\nTZOFFSETFROM:{summer}\r\nEND:DAYLIGHT\r\n\
         BEGIN:STANDARD\r\nDTSTART:19701001T030000\r\nTZOFFSETFROM:{winter}\r\nEND:STANDARD\r\n\
         END:VTIMEZONE\r\n"
    );
    for event in 0..150 {
        let day = window(1).start() - TimeDelta::days(dice.roll(1_200) as i64 - 60);
        let date = day.format("%Y%m%d");
        let hour = 8 + dice.roll(9);
        let _ = write!(text, "BEGIN:VEVENT\r\nUID:{person}-{event}@example.org\r\n");
        let mut moved = String::new();
        let lines = match event % 10 {
            0 => {
                let except = (day + TimeDelta::days(28)).format("%Y%m%d");
                let other = (day + TimeDelta::days(35)).format("%Y%m%d");
                let _ = write!(
                    moved,
                    "BEGIN:VEVENT\r\nUID:{person}-{event}@example.org\r\n\
                     RECURRENCE-ID;TZID={zone}:{other}T{hour:02}0000\r\n\
                     DTSTART;TZID={zone}:{other}T190000\r\nDURATION:PT30M\r\nEND:VEVENT\r\n"
                );
                format!(
                    "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\r\nEXDATE;TZID={zone}:{except}T{hour:02}0000\r\n"
                )
            }
            1 | 2 => "RRULE:FREQ=WEEKLY;INTERVAL=2\r\n".to_owned(),
            3 => "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1\r\n".to_owned(),
            4 => "STATUS:TENTATIVE\r\n".to_owned(),
            5 => "STATUS:CANCELLED\r\n".to_owned(),
            6 => {
                let _ = write!(
                    text,
                    "DTSTART;VALUE=DATE:{date}\r\nX-MICROSOFT-CDO-BUSYSTATUS:OOF\r\n"
                );
                String::new()
            }
            _ => String::new(),
        };
        if event % 10 != 6 {
            let _ = write!(
                text,
                "DTSTART;TZID={zone}:{date}T{hour:02}0000\r\nDURATION:PT45M\r\n"
            );
        }
        let _ = write!(
            text,
            "{lines}SUMMARY:Something to talk about\r\nDESCRIPTION:"
        );
        for _ in 0..9 {
            text += "Lorem ipsum dolor sit amet\\, consectetur adipiscing elit\\, sed do\r\n ";
        }
        let _ = write!(text, "\r\nEND:VEVENT\r\n{moved}");
    }
    text + "END:VCALENDAR\r\n"
}

fn company() -> Vec<String> {
    (0..200).map(agenda).collect()
}

/// All agendas of 200 people, from bytes.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn read_200_people(bencher: Bencher<'_, '_>) {
    let files = company();
    let bytes: usize = files.iter().map(String::len).sum();
    bencher
        .counter(BytesCount::new(bytes))
        .bench_local(|| files.iter().map(|file| read(file)).collect::<Vec<_>>());
}

/// 90 days of 200 people whose agendas have been read.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn expand_200_people(bencher: Bencher<'_, '_>) {
    let calendars: Vec<Calendar> = company().iter().map(|file| read(file)).collect();
    bencher.bench_local(|| {
        let answers = calendars
            .iter()
            .map(|c| c.free_busy(window(90), &Reading::new()).value);
        answers
            .map(|answer| answer.intervals().len())
            .sum::<usize>()
    });
}

/// A weekly meeting for a window of 90 days, by the year in which it began: the cost is flat.
#[divan::bench(args = [1990, 2010, 2025, 2026])]
fn weekly_since(bencher: Bencher<'_, '_>, year: u32) {
    history(bencher, year, "RRULE:FREQ=WEEKLY;BYDAY=MO,WE");
}

/// As above with a COUNT, which has to know how many have been.
#[divan::bench(args = [1990, 2026])]
fn weekly_counted_since(bencher: Bencher<'_, '_>, year: u32) {
    history(bencher, year, "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=9999");
}

/// The last working day of each month.
#[divan::bench(args = [1990, 2026])]
fn monthly_since(bencher: Bencher<'_, '_>, year: u32) {
    history(
        bencher,
        year,
        "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    );
}

fn history(bencher: Bencher<'_, '_>, year: u32, rule: &str) {
    let calendar = read(&format!(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;TZID=Europe/Amsterdam:{year}0105T090000\r\n\
         DURATION:PT1H\r\n{rule}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    ));
    bencher.bench_local(|| calendar.free_busy(black_box(window(90)), &Reading::new()));
}
