//! What stands in one person's agenda: which meetings, since when, how often, and with whom.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Weekday};

use super::cadence::{Cadence, WORKDAYS};
use super::meeting::{Answer, Guests, Meeting, Moved, Series, SeriesEnd, Standing, Time};
use super::wall::{Place, day, hour};
use super::words;
use crate::dice::Dice;

/// VEVENTs of a person, moved instances among them.
pub(crate) const EVENTS: usize = 150;

/// The day before the files were exported.
const EXPORTED: NaiveDate = NaiveDate::from_ymd_opt(2026, 2, 27).expect("a day of the calendar");

/// How much this person's program writes.
#[derive(Clone, Copy)]
pub(crate) struct Habits {
    /// Sentences of a long description.
    pub(crate) sentences: u64,
    /// Of a hundred meetings, how many have guests.
    pub(crate) guests: u64,
    /// The program knows absence and work elsewhere.
    pub(crate) knows_absence: bool,
}

/// The meetings of a person; each person has a seed of his own.
pub(crate) fn draw(person: usize, place: Place, habits: Habits) -> Vec<Meeting> {
    let mut drawing = Drawing {
        dice: Dice::new(0xBE_2E1C ^ ((person as u64) << 24)),
        person,
        place,
        habits,
        meetings: Vec::with_capacity(EVENTS),
        events: 0,
        slots: Vec::new(),
    };
    drawing.series_that_live();
    drawing.series_of_days();
    drawing.series_that_ended();
    drawing.leave();
    while drawing.events < EVENTS {
        drawing.single();
    }
    drawing.meetings
}

struct Drawing {
    dice: Dice,
    person: usize,
    place: Place,
    habits: Habits,
    meetings: Vec<Meeting>,
    events: usize,
    /// When series take the days of the week, in minutes since midnight.
    slots: Vec<(Weekday, i64, i64)>,
}

/// Public holidays of the window, which people take out of their series.
fn holidays(place: Place) -> Vec<NaiveDate> {
    match place {
        Place::Amsterdam => vec![
            day(2026, 4, 6),
            day(2026, 4, 27),
            day(2026, 5, 14),
            day(2026, 5, 25),
        ],
        Place::NewYork => vec![day(2026, 5, 25)],
    }
}

/// From when until when of the day, in minutes; nothing for whole days.
fn minutes_of(time: Time) -> (i64, i64) {
    match time {
        Time::Clock(start, minutes) => {
            let from = (start - start.date().and_time(NaiveTime::MIN)).num_minutes();
            (from, from + minutes)
        }
        Time::Days(..) => (0, 0),
    }
}

impl Drawing {
    fn series_that_live(&mut self) {
        self.weekly(1, &WORKDAYS, 15);
        if self.dice.chance(50) {
            self.weekly(1, &[Weekday::Tue, Weekday::Thu], 25);
        }
        for _ in 0..self.dice.between(6, 8) {
            let day = self.dice.pick(&WORKDAYS);
            let minutes = self.dice.pick(&[30, 30, 45, 50, 60, 60, 90]);
            self.weekly(1, &[day], minutes);
        }
        self.weekly(1, &[Weekday::Mon, Weekday::Wed], 120);
        self.weekly(1, &[Weekday::Tue, Weekday::Wed, Weekday::Fri], 30);
        for every in [2, 2, 2, 2, 2, 3] {
            let day = self.dice.pick(&WORKDAYS);
            let minutes = self.dice.pick(&[25, 30, 60]);
            self.weekly(every, &[day], minutes);
        }
        self.living(Cadence::LastWorkday, 60, Standing::Busy);
        for (every, nth) in [(1, 1), (1, 2), (1, -1), (3, 3)] {
            let day = self.dice.pick(&WORKDAYS);
            self.living(Cadence::Nth { every, nth, day }, 60, Standing::Busy);
        }
        self.living(Cadence::MonthDay(15), 30, Standing::Busy);
        if self.dice.chance(35) {
            let days = WORKDAYS.to_vec();
            self.living(
                Cadence::Weekly { every: 1, days },
                30,
                Standing::Transparent,
            );
        }
    }

    fn weekly(&mut self, every: u32, days: &[Weekday], minutes: i64) {
        let standing = match self.dice.roll(100) {
            0..6 => Standing::Tentative,
            6..10 => Standing::Transparent,
            10..12 => Standing::Cancelled,
            _ => Standing::Busy,
        };
        let days = days.to_vec();
        self.living(Cadence::Weekly { every, days }, minutes, standing);
    }

    /// A series that still runs when the window opens.
    fn living(&mut self, cadence: Cadence, minutes: i64, standing: Standing) {
        let since = self.between(day(2022, 1, 3), day(2026, 2, 16));
        let dates = cadence.dates(since, day(2027, 12, 31));
        let opens = dates.partition_point(|date| *date < day(2026, 3, 2));
        let last = opens + self.place_in(dates.len() - opens);
        let end = match self.dice.roll(100) {
            0..15 => SeriesEnd::Count(last + 1),
            15..40 => SeriesEnd::Until(dates[last]),
            _ => SeriesEnd::Never,
        };
        let days = match &cadence {
            Cadence::Weekly { days, .. } => days.clone(),
            Cadence::Nth { day, .. } => vec![*day],
            Cadence::LastWorkday | Cadence::MonthDay(_) | Cadence::Yearly => WORKDAYS.to_vec(),
        };
        let time = self.quiet_clock(dates[0], minutes, &days);
        self.take(time, &days);
        let until = match end {
            SeriesEnd::Never => dates.len(),
            SeriesEnd::Count(_) | SeriesEnd::Until(_) => last + 1,
        };
        self.series(time, cadence, end, &dates[..until], standing);
    }

    /// Part-time days, days at home and birthdays.
    fn series_of_days(&mut self) {
        let first = self.between(day(2023, 1, 2), day(2025, 12, 1));
        for (percent, absent) in [(30, true), (30, false)] {
            if !self.dice.chance(percent) {
                continue;
            }
            let standing = match (self.habits.knows_absence, absent) {
                (true, true) => Standing::OutOfOffice,
                (true, false) => Standing::Elsewhere,
                (false, true) => Standing::Busy,
                (false, false) => Standing::Transparent,
            };
            let days = vec![self.dice.pick(&WORKDAYS)];
            let cadence = Cadence::Weekly { every: 1, days };
            let dates = cadence.dates(first, day(2027, 12, 31));
            let end = match self.dice.chance(30) {
                true => SeriesEnd::Until(dates[dates.len() - 1]),
                false => SeriesEnd::Never,
            };
            self.series(Time::Days(dates[0], 1), cadence, end, &dates, standing);
        }
        for _ in 0..3 {
            let born = self.between(day(2022, 1, 1), day(2022, 12, 28));
            let yearly = Series {
                cadence: Cadence::Yearly,
                end: SeriesEnd::Never,
                except: Vec::new(),
                moved: Vec::new(),
            };
            self.push(Time::Days(born, 1), Standing::Transparent, Some(yearly));
        }
    }

    /// Series that are over before the window opens, and still stand in the file.
    fn series_that_ended(&mut self) {
        for _ in 0..self.dice.between(6, 9) {
            let since = self.between(day(2022, 1, 3), day(2025, 6, 1));
            let days = vec![self.dice.pick(&WORKDAYS)];
            let every = self.dice.pick(&[1, 1, 2]);
            let cadence = Cadence::Weekly { every, days };
            let dates = cadence.dates(since, day(2026, 2, 27));
            let until = 2 + self.place_in(dates.len() - 2);
            let end = match self.dice.chance(40) {
                true => SeriesEnd::Count(until),
                false => SeriesEnd::Until(dates[until - 1]),
            };
            let time = self.clock(dates[0], 60);
            self.series(time, cadence, end, &dates[..until], Standing::Busy);
        }
    }

    fn series(
        &mut self,
        time: Time,
        cadence: Cadence,
        end: SeriesEnd,
        dates: &[NaiveDate],
        standing: Standing,
    ) {
        let mut except: Vec<NaiveDate> = match self.dice.chance(50) {
            true => holidays(self.place),
            false => Vec::new(),
        };
        except.retain(|holiday| dates.contains(holiday));
        for _ in 0..=(dates.len() / 60) {
            let date = dates[self.place_in(dates.len())];
            if !except.contains(&date) {
                except.push(date);
            }
        }
        let in_window = dates.partition_point(|date| *date < day(2026, 3, 2));
        let moves = (dates.len() / 400 + usize::from(self.dice.chance(70))).min(4);
        let mut moved: Vec<Moved> = Vec::new();
        for _ in 0..moves {
            let from = match in_window < dates.len() && self.dice.chance(45) {
                true => in_window + self.place_in((dates.len() - in_window).min(20)),
                false => self.place_in(dates.len()),
            };
            let from = dates[from];
            if !except.contains(&from) && !moved.iter().any(|other| other.from == from) {
                moved.push(self.moved(time, from, standing));
            }
        }
        except.sort_unstable();
        self.push(
            time,
            standing,
            Some(Series {
                cadence,
                end,
                except,
                moved,
            }),
        );
    }

    fn moved(&mut self, time: Time, from: NaiveDate, standing: Standing) -> Moved {
        let called_off = self.dice.chance(12);
        let to = match time {
            Time::Clock(_, minutes) => {
                let later = from + Days::new(self.dice.roll(3));
                self.clock(later, minutes)
            }
            Time::Days(_, days) => Time::Days(from + Days::new(1), days),
        };
        match called_off {
            true => Moved {
                from,
                to: time.on(from),
                standing: Standing::Cancelled,
            },
            false => Moved { from, to, standing },
        }
    }

    /// Holidays of several days, and days off.
    fn leave(&mut self) {
        for _ in 0..self.dice.between(6, 9) {
            let first = self.between(day(2022, 3, 1), day(2027, 9, 1));
            let days = self.dice.pick(&[1, 1, 2, 3, 5, 5, 12, 19]);
            let standing = match self.habits.knows_absence {
                true => Standing::OutOfOffice,
                false => Standing::Busy,
            };
            self.push(Time::Days(first, days), standing, None);
        }
    }

    fn single(&mut self) {
        let (from, to) = match self.dice.roll(100) {
            0..8 => (day(2022, 1, 3), day(2022, 12, 30)),
            8..20 => (day(2023, 1, 2), day(2023, 12, 29)),
            20..40 => (day(2024, 1, 1), day(2024, 12, 31)),
            40..68 => (day(2025, 1, 1), day(2025, 12, 31)),
            68..80 => (day(2026, 1, 1), day(2026, 3, 1)),
            80..95 => (day(2026, 3, 2), day(2026, 5, 30)),
            _ => (day(2026, 6, 1), day(2027, 12, 31)),
        };
        let mut date = self.between(from, to);
        while !WORKDAYS.contains(&date.weekday()) {
            date = date + Days::new(1);
        }
        let standing = match self.dice.roll(100) {
            0..7 => Standing::Tentative,
            7..12 => Standing::Cancelled,
            12..18 => Standing::Transparent,
            _ => Standing::Busy,
        };
        let minutes = self.dice.pick(&[15, 30, 30, 45, 60, 60, 90, 120, 240]);
        let time = self.quiet_clock(date, minutes, &[date.weekday()]);
        self.push(time, standing, None);
    }

    fn push(&mut self, time: Time, standing: Standing, series: Option<Series>) {
        let elsewhere = matches!(time, Time::Clock(..)) && self.dice.chance(4);
        let place = match elsewhere {
            true => self.place.other(),
            false => self.place,
        };
        let has_guests = matches!(time, Time::Clock(..)) && self.dice.chance(self.habits.guests);
        let guests = match has_guests {
            true => Some(self.guests()),
            false => None,
        };
        let sentences = match self.dice.roll(10) {
            0..3 => 0,
            3..7 => 1 + self.dice.roll(3),
            _ => 2 + self.dice.roll(self.habits.sentences),
        };
        let meeting = Meeting {
            serial: self.dice.number(),
            place,
            time,
            standing,
            guests,
            title: words::title(&mut self.dice),
            room: words::room(&mut self.dice),
            prose: words::prose(&mut self.dice, sentences),
            has_alarm: self.dice.chance(30),
            created: self.created(time.date()),
            series,
        };
        self.events += meeting.events().count();
        self.meetings.push(meeting);
    }

    fn guests(&mut self) -> Guests {
        let others = (0..self.dice.between(1, 5))
            .map(|_| self.somebody())
            .collect::<Vec<_>>();
        let organizer = match self.dice.chance(35) {
            true => None,
            false => Some(others[0]),
        };
        let answer = match self.dice.roll(100) {
            0..4 if organizer.is_some() => Answer::Declined,
            4..8 if organizer.is_some() => Answer::Tentative,
            8..12 if organizer.is_some() => Answer::NeedsAction,
            _ => Answer::Accepted,
        };
        Guests {
            organizer,
            others,
            answer,
        }
    }

    /// Anybody else.
    fn somebody(&mut self) -> usize {
        let other = self.place_in(words::PEOPLE - 1);
        other + usize::from(other >= self.person)
    }

    /// A time of the working day, on the quarter.
    fn clock(&mut self, date: NaiveDate, minutes: i64) -> Time {
        let start = date.and_time(hour(8)) + TimeDelta::minutes(15 * self.dice.between(0, 36));
        Time::Clock(start, minutes)
    }

    /// Of some times of the working day the one that collides least with series on these days.
    fn quiet_clock(&mut self, date: NaiveDate, minutes: i64, days: &[Weekday]) -> Time {
        let tries: Vec<Time> = (0..6).map(|_| self.clock(date, minutes)).collect();
        let collisions = |time: &Time| {
            let (from, to) = minutes_of(*time);
            let taken = self.slots.iter().filter(|(day, ..)| days.contains(day));
            let overlaps = taken.map(|(_, start, end)| (to.min(*end) - from.max(*start)).max(0));
            overlaps.sum::<i64>()
        };
        let best = tries.iter().min_by_key(|time| collisions(time));
        *best.expect("there were some")
    }

    fn take(&mut self, time: Time, days: &[Weekday]) {
        let (from, to) = minutes_of(time);
        self.slots.extend(days.iter().map(|day| (*day, from, to)));
    }

    fn created(&mut self, date: NaiveDate) -> NaiveDateTime {
        let before = date.min(EXPORTED) - Days::new(1 + self.dice.roll(60));
        before.and_time(hour(9)) + TimeDelta::seconds(self.dice.between(0, 28_799))
    }

    fn between(&mut self, from: NaiveDate, to: NaiveDate) -> NaiveDate {
        from + TimeDelta::days(self.dice.between(0, (to - from).num_days()))
    }

    fn place_in(&mut self, length: usize) -> usize {
        usize::try_from(self.dice.roll(length as u64)).expect("below a length")
    }
}
