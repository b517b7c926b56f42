//! A drill by days and hours of a clock: the worst of each hour.

use bereik_core::{Interval, Zone};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::rehearsal::Grade;
use super::{Drill, Letters, svg};

/// How many stretches of an hour are told apart in its text.
const TOLD_MAX: usize = 6;

/// A drill by the clock of a zone: a row for each day, a cell for each hour.
#[derive(Clone, Debug)]
pub struct Strip {
    pub(super) zone: Zone,
    pub(super) days: Vec<Day>,
    /// How long each grade lasts, in the order of [`Grade::ALL`].
    times: [TimeDelta; Grade::ALL.len()],
}

/// One day.
#[derive(Clone, Debug)]
pub(super) struct Day {
    pub(super) date: NaiveDate,
    /// None where the clock skips an hour, and outside the range.
    pub(super) hours: Vec<Option<Hour>>,
}

/// One hour of a clock; two where the clock is set back.
#[derive(Clone, Debug)]
pub(super) struct Hour {
    /// The worst in it.
    pub(super) grade: Grade,
    /// What happens in it.
    pub(super) text: String,
}

impl Drill {
    /// The drill by the clock of a zone.
    #[must_use]
    pub fn strip(&self, zone: &Zone) -> Strip {
        let range = self.range();
        let (first, last) = (zone.local_at(range.start()), zone.local_at(range.end()));
        let days = first.date().iter_days();
        let days = days.take_while(|date| date.and_time(NaiveTime::MIN) < last);
        let days = days.map(|date| Day {
            date,
            hours: (0..24).map(|hour| self.hour(zone, date, hour)).collect(),
        });
        Strip {
            zone: zone.clone(),
            days: days.collect(),
            times: Grade::ALL.map(|grade| {
                let stretches = self.stretches_of(grade).into_iter();
                stretches.map(|stretch| stretch.duration()).sum()
            }),
        }
    }

    fn hour(&self, zone: &Zone, date: NaiveDate, hour: i64) -> Option<Hour> {
        let midnight = date.and_time(NaiveTime::MIN);
        let at = |hour| zone.instant_of(midnight + TimeDelta::hours(hour));
        let span = Interval::new(at(hour), at(hour + 1))?.intersection(&self.range())?;
        let first = self
            .stretches
            .partition_point(|(i, _)| i.end() <= span.start());
        let stretches = self.stretches[first..].iter();
        let within = || {
            stretches
                .clone()
                .map_while(|(i, r)| Some((i.intersection(&span)?, r)))
        };
        let grade = within().map(|(_, rehearsal)| rehearsal.grade()).min()?;
        let mut lines: Vec<String> = within()
            .take(TOLD_MAX)
            .map(|(i, r)| format!("{} {}", span_of_clock(zone, i), r.sentence()))
            .collect();
        let more = within().count().saturating_sub(TOLD_MAX);
        if 0 < more {
            lines.push(format!("and {more} more"));
        }
        let text = format!("{}\n{}", date.format("%A %-d %B %Y"), lines.join("\n"));
        Some(Hour { grade, text })
    }
}

fn span_of_clock(zone: &Zone, interval: Interval) -> String {
    let clock = |at: DateTime<Utc>| zone.local_at(at).format("%H:%M").to_string();
    format!("{}–{}", clock(interval.start()), clock(interval.end()))
}

impl Strip {
    /// A picture, as SVG: a row for each day, a cell for each hour with its text as a title, and a
    /// legend. It follows the light or dark scheme of whoever looks at it.
    #[must_use]
    pub fn to_svg(&self, title: &str) -> String {
        svg::draw(self, title)
    }

    /// The same for a terminal: coloured, or in letters.
    #[must_use]
    pub const fn letters(&self, is_coloured: bool) -> Letters<'_> {
        Letters::new(self, is_coloured)
    }

    /// How long it would go like this, all together.
    #[must_use]
    pub const fn time_of(&self, grade: Grade) -> TimeDelta {
        self.times[grade as usize]
    }
}

/// `17 min`, `8 h`, `8 h 30`.
pub(super) fn length(time: TimeDelta) -> String {
    match (time.num_hours(), time.num_minutes() % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes:02}"),
    }
}
