//! Reading and expanding calendars: the standard workload, cost against history, and a window that slides.

use std::hint::black_box;

use bereik::calendar::{Calendar, Limits, Reading};
use bereik::core::interval::Interval;
use bereik_benches::workload;
use chrono::{DateTime, TimeDelta, Utc};
use divan::Bencher;
use divan::counter::BytesCount;

fn main() {
    divan::main();
}

/// When a meeting began, from long ago to last week; all are Mondays.
const SINCE: [&str; 4] = ["19900101", "20100104", "20250106", "20260223"];

fn window(from: i64, days: i64) -> Interval {
    let start: DateTime<Utc> = workload::window().0 + TimeDelta::days(from);
    Interval::new(start, start + TimeDelta::days(days)).expect("a window has a length")
}

fn read(text: &str) -> Calendar {
    bereik::calendar::read(black_box(text.as_bytes()), &Limits::default())
}

fn company() -> Vec<Calendar> {
    let people = workload::people();
    people.iter().map(|person| read(&person.ics)).collect()
}

/// All calendars of 200 people, from bytes.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn read_200_people(bencher: Bencher<'_, '_>) {
    let people = workload::people();
    let bytes: usize = people.iter().map(|person| person.ics.len()).sum();
    bencher.counter(BytesCount::new(bytes)).bench_local(|| {
        people
            .iter()
            .map(|person| read(&person.ics))
            .collect::<Vec<_>>()
    });
}

/// So many days of 200 people whose calendars have been read.
#[divan::bench(args = [1, 14, 90, 365], sample_count = 10, sample_size = 1)]
fn expand_200_people(bencher: Bencher<'_, '_>, days: i64) {
    let calendars = company();
    bencher.bench_local(|| {
        let answers = calendars
            .iter()
            .map(|calendar| calendar.free_busy(window(0, days), &Reading::new()).value);
        answers
            .map(|answer| answer.intervals().len())
            .sum::<usize>()
    });
}

/// Fourteen days that move on by one day, thirty times, over one calendar that is read once.
#[divan::bench]
fn slide_a_window(bencher: Bencher<'_, '_>) {
    let people = workload::people();
    let calendar = read(&people[0].ics);
    bencher.bench_local(|| {
        let days = 0..30;
        days.map(|day| calendar.free_busy(black_box(window(day, 14)), &Reading::new()))
            .map(|answer| answer.value.intervals().len())
            .sum::<usize>()
    });
}

/// A meeting of two days a week: the cost for 90 days is the same, whenever it began.
#[divan::bench(args = SINCE)]
fn weekly_since(bencher: Bencher<'_, '_>, since: &str) {
    history(bencher, since, "FREQ=WEEKLY;BYDAY=MO,WE");
}

/// As above with a COUNT, which has to know how many have been.
#[divan::bench(args = SINCE)]
fn weekly_counted_since(bencher: Bencher<'_, '_>, since: &str) {
    history(bencher, since, "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=9999");
}

/// As above with an UNTIL.
#[divan::bench(args = SINCE)]
fn weekly_until_since(bencher: Bencher<'_, '_>, since: &str) {
    history(
        bencher,
        since,
        "FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20301231T225959Z",
    );
}

/// Every day.
#[divan::bench(args = SINCE)]
fn daily_since(bencher: Bencher<'_, '_>, since: &str) {
    history(bencher, since, "FREQ=DAILY");
}

/// The last working day of each month.
#[divan::bench(args = SINCE)]
fn monthly_by_position_since(bencher: Bencher<'_, '_>, since: &str) {
    history(
        bencher,
        since,
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    );
}

/// As above with a COUNT, which has to know how many have been.
#[divan::bench(args = SINCE)]
fn monthly_by_position_counted_since(bencher: Bencher<'_, '_>, since: &str) {
    history(
        bencher,
        since,
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=9999",
    );
}

/// What months do not have equally often can only be counted by walking: here the cost grows.
#[divan::bench(args = SINCE)]
fn last_days_of_long_months_counted_since(bencher: Bencher<'_, '_>, since: &str) {
    history(bencher, since, "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=9999");
}

/// A day of April.
#[divan::bench(args = SINCE)]
fn yearly_since(bencher: Bencher<'_, '_>, since: &str) {
    history(bencher, since, "FREQ=YEARLY;BYMONTH=4;BYDAY=2TU");
}

fn history(bencher: Bencher<'_, '_>, since: &str, rule: &str) {
    let calendar = read(&format!(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;TZID=Europe/Amsterdam:{since}T090000\r\n\
         DURATION:PT1H\r\nRRULE:{rule}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    ));
    bencher.bench_local(|| calendar.free_busy(black_box(window(0, 90)), &Reading::new()));
}
