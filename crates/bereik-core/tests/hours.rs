//! Hours in a zone against a minute-by-minute reading of the clock on the wall.

use bereik_core::hours::{Hours, Stretch, Week};
use bereik_core::zone::Zone;
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use proptest::prelude::*;

/// Zones, each with an instant at which its clock is set: at two o'clock, at midnight, by half an
/// hour, by two hours; or at which a day was left out. And one where nothing happens.
const ODD: [(&str, &str); 11] = [
    ("America/Havana", "2026-03-08T05:00:00Z"),
    ("America/Havana", "2026-11-01T05:00:00Z"),
    ("America/St_Johns", "2026-11-01T04:30:00Z"),
    ("Antarctica/Troll", "2026-03-29T01:00:00Z"),
    ("Antarctica/Troll", "2026-10-25T01:00:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T15:00:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T15:30:00Z"),
    ("Europe/Amsterdam", "2026-03-29T01:00:00Z"),
    ("Europe/Amsterdam", "2026-10-25T01:00:00Z"),
    ("Pacific/Apia", "2011-12-30T10:00:00Z"),
    ("UTC", "2026-11-22T00:00:00Z"),
];
const DAYS: i64 = 9;

fn stretch() -> impl Strategy<Value = Stretch> {
    // Clocks are set by night.
    let minute = prop_oneof![
        4 => (0..16_u16).prop_map(|quarter| quarter * 15),
        2 => (0..96_u16).prop_map(|quarter| quarter * 15),
        1 => 0..24 * 60_u16,
        1 => Just(0_u16),
    ];
    let end = prop_oneof![
        4 => (1..16_u16).prop_map(|quarter| quarter * 15),
        2 => (1..=96_u16).prop_map(|quarter| quarter * 15),
        1 => 0..=24 * 60_u16,
        1 => Just(24 * 60_u16),
    ];
    (minute, end).prop_map(|(s, e)| {
        let text = format!("{:02}:{:02}-{:02}:{:02}", s / 60, s % 60, e / 60, e % 60);
        text.parse().expect("minutes of a day")
    })
}

fn day() -> impl Strategy<Value = Vec<Stretch>> {
    prop_oneof![
        3 => prop::collection::vec(stretch(), 0..3),
        1 => Just(vec!["00:00-24:00".parse().expect("the whole day")]),
    ]
}

fn week() -> impl Strategy<Value = Week> {
    let days = (day(), day(), day(), day(), day(), day(), day());
    let any = days.prop_map(|(mon, tue, wed, thu, fri, sat, sun)| Week {
        mon,
        tue,
        wed,
        thu,
        fri,
        sat,
        sun,
    });
    let same = day().prop_map(|day| Week {
        mon: day.clone(),
        tue: day.clone(),
        wed: day.clone(),
        thu: day.clone(),
        fri: day.clone(),
        sat: day.clone(),
        sun: day,
    });
    let once = day().prop_map(|sun| Week {
        sun,
        ..Week::default()
    });
    prop_oneof![2 => any, 1 => same, 1 => once]
}

/// Hours, a zone and an instant some days before an odd one.
fn scene() -> impl Strategy<Value = (Hours, Zone, DateTime<Utc>)> {
    let exceptions = prop::collection::vec((0..14_u64, day()), 0..4);
    let place = prop::sample::select(&ODD[..]);
    (week(), exceptions, place, 0..DAYS * 1440).prop_map(|(week, exceptions, place, back)| {
        let zone = Zone::named(place.0).expect("a zone of the database");
        let odd: DateTime<Utc> = place.1.parse().expect("an instant");
        let from = odd - TimeDelta::minutes(back);
        let mut hours = Hours::new(week);
        for (days, stretches) in exceptions {
            let date = from.date_naive() + Days::new(days);
            hours = hours.with_exception(date, stretches);
        }
        (hours, zone, from)
    })
}

/// Whether the clock on the wall has come to each stretch and not yet left it, minute by minute.
struct Wall {
    from: DateTime<Utc>,
    clock: Vec<NaiveDateTime>,
    open: Vec<bool>,
}

impl Wall {
    fn new(hours: &Hours, zone: &Zone, from: DateTime<Utc>) -> Self {
        // Four days more on each side than are asked, for stretches that reach in.
        let from = from - TimeDelta::days(4);
        let minutes = usize::try_from((DAYS + 8) * 1440).expect("some thousands");
        let clock: Vec<NaiveDateTime> = (0..minutes as i64)
            .map(|minute| zone.local_at(from + TimeDelta::minutes(minute)))
            .collect();
        let mut wall = Self {
            from,
            open: vec![false; minutes],
            clock,
        };
        let first = wall.clock[0].date();
        for day in 0..DAYS as u64 + 8 {
            let date = first + Days::new(day);
            for stretch in hours.on(date) {
                wall.mark(date, *stretch);
            }
        }
        wall
    }

    fn mark(&mut self, date: NaiveDate, stretch: Stretch) {
        let at = |minutes: u16| date.and_time(NaiveTime::MIN) + TimeDelta::minutes(minutes.into());
        let (start, end) = (at(stretch.start_min()), at(stretch.end_min()));
        let first = self.clock.iter().position(|shown| *shown >= start);
        let last = self.clock.iter().rposition(|shown| *shown < end);
        if let (Some(first), Some(last)) = (first, last)
            && first <= last
        {
            self.open[first..=last].fill(true);
        }
    }

    fn at(&self, instant: DateTime<Utc>) -> bool {
        let minute = (instant - self.from).num_minutes();
        self.open[usize::try_from(minute).expect("within the window")]
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// The wall agrees on being open, on the next change, and on the open time between.
    #[test]
    fn hours_agree_with_the_clock_on_the_wall((hours, zone, from) in scene()) {
        let wall = Wall::new(&hours, &zone, from);
        let to = from + TimeDelta::days(DAYS);
        let (mut open_min, mut last) = (0, None);
        let mut changes = Vec::new();
        for minute in 0..DAYS * 1440 {
            let now = from + TimeDelta::minutes(minute);
            let open = wall.at(now);
            open_min += i64::from(open);
            if last.is_some_and(|last| last != open) {
                changes.push(now);
            }
            last = Some(open);
            if minute % 37 == 0 {
                prop_assert_eq!(hours.is_open_at(now, &zone), open, "at {}", now);
            }
        }
        let mut now = from;
        for change in changes {
            prop_assert_eq!(hours.next_change_after(now, &zone), Some(change), "after {}", now);
            now = change;
        }
        prop_assert!(hours.next_change_after(now, &zone).is_none_or(|change| change >= to));
        prop_assert_eq!(hours.open_between(from, to, &zone), TimeDelta::minutes(open_min));
    }

    /// `after_open` is the other way round of `open_between`, and lands in or at the end of open time.
    #[test]
    fn open_time_is_counted_back((hours, zone, from) in scene(), minutes in 1..3000_i64) {
        let amount = TimeDelta::minutes(minutes);
        match hours.after_open(from, amount, &zone) {
            None => {
                let all = hours.open_between(from, from + TimeDelta::days(400), &zone);
                prop_assert!(all < amount);
            }
            Some(at) => {
                prop_assert_eq!(hours.open_between(from, at, &zone), amount);
                prop_assert!(hours.is_open_at(at - TimeDelta::nanoseconds(1), &zone));
            }
        }
    }

    /// Openings are ascending, apart, and change exactly where `next_change_after` says.
    #[test]
    fn openings_are_maximal((hours, zone, from) in scene()) {
        let to = from + TimeDelta::days(30);
        let mut last = from;
        for opening in hours.openings(from, to, &zone) {
            prop_assert!(last < opening.start() || opening.start() == from);
            if opening.start() > from {
                prop_assert_eq!(hours.next_open_at(last, &zone), Some(opening.start()));
            }
            let end = hours.next_change_after(opening.start(), &zone);
            prop_assert_eq!(end.unwrap_or(to).min(to), opening.end());
            last = opening.end();
        }
    }

    /// A far exception is found, whatever lies between.
    #[test]
    fn a_far_exception_is_found(days in 5..390_u64, always in any::<bool>(), other in 0..390_u64) {
        let from: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().expect("an instant");
        let zone = Zone::named("Europe/Amsterdam").expect("a zone of the database");
        let whole: Vec<Stretch> = vec!["00:00-24:00".parse().expect("the whole day")];
        let (day, exception) = if always { (whole, vec![]) } else { (vec![], whole) };
        let week = Week {
            mon: day.clone(), tue: day.clone(), wed: day.clone(), thu: day.clone(),
            fri: day.clone(), sat: day.clone(), sun: day.clone(),
        };
        let date = from.date_naive() + Days::new(days);
        // One that changes nothing stands before or after it.
        let same = from.date_naive() + Days::new(other);
        let hours = Hours::new(week).with_exception(same, day).with_exception(date, exception);
        let change = zone.instant_of(date.and_time(NaiveTime::MIN));
        prop_assert_eq!(hours.next_change_after(from, &zone), Some(change));
    }
}

/// A stretch that a clock skips is not open that day; the week after it is. Nothing is open between.
#[test]
fn a_stretch_may_be_lost_in_a_gap() {
    let zone = Zone::named("Europe/Amsterdam").expect("a zone of the database");
    let week = Week {
        sun: vec!["02:15-02:45".parse().expect("a stretch")],
        ..Week::default()
    };
    let hours = Hours::new(week);
    let at = |text: &str| text.parse::<DateTime<Utc>>().expect("an instant");
    let before = at("2026-03-22T01:45:00Z");
    assert_eq!(
        hours.next_change_after(at("2026-03-22T01:15:00Z"), &zone),
        Some(before)
    );
    assert_eq!(
        hours.next_change_after(before, &zone),
        Some(at("2026-04-05T00:15:00Z"))
    );
    // In autumn the clock shows it twice: open from the first time to the second, 90 minutes.
    let autumn = at("2026-10-24T12:00:00Z");
    assert_eq!(
        hours.next_open_at(autumn, &zone),
        Some(at("2026-10-25T00:15:00Z"))
    );
    let open = hours.open_between(autumn, at("2026-10-26T12:00:00Z"), &zone);
    assert_eq!(open, TimeDelta::minutes(90));
}

/// Hours that never change say so, and the ends of time are instants like others.
#[test]
fn constant_hours_never_change() {
    let from: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().expect("an instant");
    let zone = Zone::named("Europe/Amsterdam").expect("a zone of the database");
    let never = Hours::default();
    assert_eq!(never.next_change_after(from, &zone), None);
    assert_eq!(never.next_open_at(from, &zone), None);
    assert_eq!(never.after_open(from, TimeDelta::seconds(1), &zone), None);
    assert_eq!(
        never.next_change_after(DateTime::<Utc>::MAX_UTC, &zone),
        None
    );
    assert!(!never.is_open_at(DateTime::<Utc>::MIN_UTC, &zone));
    assert_eq!(
        never.open_between(from, from - TimeDelta::days(1), &zone),
        TimeDelta::zero()
    );
}
