//! When customers come: arrivals by chance at a rate that changes over the week.

use bereik_core::Zone;
use chrono::{DateTime, Datelike as _, TimeDelta, Timelike as _, Utc};

use crate::scenario::{Customers, Rate, Shape, Spread};
use crate::seed::{Chance, Subject};

const WEEK_MIN: u32 = 7 * 1_440;
const MS_A_MINUTE: i64 = 60_000;
const MS_AN_HOUR: f64 = 3_600_000.0;
/// A year without a customer is the end of them.
const QUIET_MIN_MAX: i64 = 366 * 1_440;

impl Spread {
    /// How long it takes this time, in milliseconds. It takes the same number of draws whatever
    /// the mean.
    #[must_use]
    pub fn draw_ms(&self, chance: &mut Chance) -> i64 {
        let times = match self.shape {
            Shape::Exponential => chance.exponential(),
            Shape::Fixed => 1.0,
            Shape::LogNormal => {
                let variance = (1.0 + self.deviation * self.deviation).ln();
                (variance.sqrt() * chance.normal() - variance / 2.0).exp()
            }
        };
        (self.mean_s * times * 1_000.0).round() as i64
    }
}

/// How many come each hour over the week, on a wall clock: stretches of minutes at one rate.
#[derive(Clone, Debug)]
pub struct Curve {
    /// The last minute of the week of a stretch, exclusive, and its rate an hour; ascending.
    pieces: Vec<(u32, f64)>,
}

impl Curve {
    /// The curve of these rows, of which the first that fits counts.
    #[must_use]
    pub fn new(rates: &[Rate]) -> Self {
        let mut pieces: Vec<(u32, f64)> = Vec::new();
        for minute in 0..WEEK_MIN {
            let rate = rate_at(rates, minute);
            match pieces.last_mut() {
                Some((until, same)) if *same == rate => *until = minute + 1,
                _ => pieces.push((minute + 1, rate)),
            }
        }
        Self { pieces }
    }

    /// The rate an hour in a minute of the week, and for how many minutes it goes on.
    fn piece_at(&self, minute: u32) -> (f64, u32) {
        let at = self.pieces.partition_point(|(until, _)| *until <= minute);
        let (until, rate) = self.pieces[at];
        (rate, until - minute)
    }
}

fn rate_at(rates: &[Rate], minute_of_week: u32) -> f64 {
    let (day, minute) = (minute_of_week / 1_440, minute_of_week % 1_440);
    let is_on = |rate: &Rate, day: u32| {
        rate.days.is_empty() || rate.days.iter().any(|named| *named as u32 == day)
    };
    let fits = |rate: &&Rate| {
        let (start, end) = (rate.between.start_min(), rate.between.end_min());
        let covers = |minute: u32| (u32::from(start)..u32::from(end)).contains(&minute);
        let is_overnight = is_on(rate, (day + 6) % 7) && covers(minute + 1_440);
        is_overnight || (is_on(rate, day) && covers(minute))
    };
    rates.iter().find(fits).map_or(0.0, |rate| rate.per_hour)
}

/// The instants at which the customers of one stream come: a Poisson process at the curve's rate,
/// exactly, without thinning.
#[derive(Clone, Debug)]
pub struct Arrivals {
    curve: Curve,
    zone: Zone,
    chance: Chance,
    at: DateTime<Utc>,
}

impl Arrivals {
    /// The arrivals from an instant on, by the clock of a zone.
    #[must_use]
    pub const fn new(curve: Curve, zone: Zone, chance: Chance, from: DateTime<Utc>) -> Self {
        Self {
            curve,
            zone,
            chance,
            at: from,
        }
    }

    /// The arrivals of the stream with this number in a scenario.
    pub(crate) fn of(
        customers: &Customers,
        number: u64,
        seed: u64,
        zone: &Zone,
        from: DateTime<Utc>,
    ) -> Self {
        let chance = Chance::new(seed, Subject::Arrivals, number);
        Self::new(Curve::new(&customers.rate), zone.clone(), chance, from)
    }
}

impl Iterator for Arrivals {
    type Item = DateTime<Utc>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut left = self.chance.exponential();
        let mut quiet_min = 0;
        while quiet_min < QUIET_MIN_MAX {
            let local = self.zone.local_at(self.at);
            let minute =
                local.weekday().num_days_from_monday() * 1_440 + local.hour() * 60 + local.minute();
            let (rate, minutes) = self.curve.piece_at(minute);
            let into_minute = i64::from(local.second()) * 1_000
                + i64::from(local.and_utc().timestamp_subsec_millis());
            let piece_ms = i64::from(minutes) * MS_A_MINUTE - into_minute;
            let needs_ms = left / rate * MS_AN_HOUR;
            if needs_ms < piece_ms as f64 {
                self.at += TimeDelta::milliseconds(needs_ms as i64);
                return Some(self.at);
            }
            left -= rate * piece_ms as f64 / MS_AN_HOUR;
            self.at += TimeDelta::milliseconds(piece_ms);
            quiet_min = if rate == 0.0 {
                quiet_min + i64::from(minutes)
            } else {
                0
            };
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use bereik_core::Zone;
    use chrono::{DateTime, Utc};

    use super::{Arrivals, Curve};
    use crate::scenario::{Day, Rate, Spread};
    use crate::seed::{Chance, Subject};

    fn rate(days: &[Day], between: &str, per_hour: f64) -> Rate {
        let between = between.parse().unwrap();
        Rate {
            days: days.to_vec(),
            between,
            per_hour,
        }
    }

    #[test]
    fn so_many_come_as_the_curve_says_and_only_then() {
        let rates = [
            rate(&[Day::Mon], "08:00-10:00", 600.0),
            rate(&[], "22:00-02:00", 60.0),
        ];
        let zone = Zone::named("Europe/Amsterdam").unwrap();
        let from: DateTime<Utc> = "2026-11-22T23:00:00Z".parse().unwrap(); // Monday, midnight
        let chance = Chance::new(5, Subject::Arrivals, 0);
        let all: Vec<_> = Arrivals::new(Curve::new(&rates), zone.clone(), chance, from)
            .take_while(|at| *at < from + chrono::TimeDelta::days(7))
            .collect();
        assert!(all.is_sorted());
        let hour = |at: &DateTime<Utc>| zone.local_at(*at).format("%a %H").to_string();
        let peak = all
            .iter()
            .filter(|at| ["Mon 08", "Mon 09"].contains(&hour(at).as_str()))
            .count();
        assert!((1_100..1_300).contains(&peak), "{peak} in the peak");
        let night = all
            .iter()
            .filter(|at| ["22", "23", "00", "01"].contains(&&hour(at)[4..]))
            .count();
        assert_eq!(peak + night, all.len());
        assert!((1_500..1_860).contains(&night), "{night} in seven nights");
    }

    #[test]
    fn a_curve_without_customers_ends() {
        let from = DateTime::<Utc>::UNIX_EPOCH;
        let chance = Chance::new(5, Subject::Arrivals, 0);
        assert_eq!(
            Arrivals::new(Curve::new(&[]), Zone::utc(), chance, from).next(),
            None
        );
    }

    #[test]
    fn a_spread_has_its_mean() {
        let mut chance = Chance::new(5, Subject::Customer, 0);
        let spread = Spread::of_mean(120.0);
        let draws = 50_000;
        let all: i64 = (0..draws).map(|_| spread.draw_ms(&mut chance)).sum();
        let mean_s = all as f64 / f64::from(draws) / 1_000.0;
        assert!((mean_s - 120.0).abs() < 2.0, "{mean_s}");
    }
}
