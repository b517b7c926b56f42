//! RRULE text to a rule.

use super::{Frequency, Lists, Rule};
use crate::civil::Weekday;
use crate::read::value::{self, When};

/// Why a rule cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RuleError {
    Malformed,
    /// RSCALE or SKIP other than Gregorian and omitting (RFC 7529).
    Scale,
}

/// A part of a rule.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Count,
    Day,
    Frequency,
    Hour,
    Interval,
    Minute,
    Month,
    MonthDay,
    Position,
    Scale,
    Second,
    Skip,
    Until,
    Week,
    WeekStart,
    YearDay,
}

/// The parts by name, the usual ones first.
const PARTS: [(&[u8], Part); 16] = [
    (b"FREQ", Part::Frequency),
    (b"UNTIL", Part::Until),
    (b"INTERVAL", Part::Interval),
    (b"BYDAY", Part::Day),
    (b"WKST", Part::WeekStart),
    (b"COUNT", Part::Count),
    (b"BYMONTH", Part::Month),
    (b"BYMONTHDAY", Part::MonthDay),
    (b"BYSETPOS", Part::Position),
    (b"BYHOUR", Part::Hour),
    (b"BYMINUTE", Part::Minute),
    (b"BYSECOND", Part::Second),
    (b"BYYEARDAY", Part::YearDay),
    (b"BYWEEKNO", Part::Week),
    (b"RSCALE", Part::Scale),
    (b"SKIP", Part::Skip),
];

impl Part {
    fn of(name: &[u8]) -> Option<Self> {
        let is_it = |(known, _): &&(&[u8], Self)| known.eq_ignore_ascii_case(name);
        PARTS.iter().find(is_it).map(|(_, part)| *part)
    }
}

impl Rule {
    pub(crate) fn parse(text: &[u8]) -> Result<Self, RuleError> {
        let mut rule = Self {
            frequency: Frequency::Yearly,
            interval: 1,
            count: None,
            until: None,
            seconds: 0,
            minutes: 0,
            hours: 0,
            weekdays: 0,
            month_days: 0,
            month_days_from_end: 0,
            months: 0,
            week_start: 0,
            lists: None,
        };
        let mut has_frequency = false;
        for part in text.trim_ascii().split(|byte| *byte == b';') {
            let part = part.trim_ascii();
            if part.is_empty() {
                continue;
            }
            let equals = part.iter().position(|byte| *byte == b'=');
            let (name, value) = part.split_at(equals.ok_or(RuleError::Malformed)?);
            let (name, value) = (Part::of(name), value[1..].trim_ascii());
            has_frequency |= name == Some(Part::Frequency);
            rule.part(name.ok_or(RuleError::Malformed)?, value)?;
        }
        if !has_frequency {
            return Err(RuleError::Malformed);
        }
        rule.settle();
        Ok(rule)
    }

    /// Weekdays have ordinals only in months and years (RFC 5545 section 3.3.10, BYDAY).
    fn settle(&mut self) {
        let ordinals_mean_nothing = self.frequency < Frequency::Monthly || !self.weeks().is_empty();
        if let Some(lists) = &mut self.lists {
            if ordinals_mean_nothing {
                for (_, weekday) in lists.ordinal_weekdays.drain(..) {
                    self.weekdays |= 1 << weekday;
                }
            }
            if **lists == Lists::default() {
                self.lists = None;
            }
        }
    }

    fn lists_mut(&mut self) -> &mut Lists {
        self.lists.get_or_insert_default()
    }

    fn part(&mut self, part: Part, value: &[u8]) -> Result<(), RuleError> {
        match part {
            Part::Frequency => self.frequency = frequency(value).ok_or(RuleError::Malformed)?,
            // Beyond an interval of this many units nothing recurs before the year 9999.
            Part::Interval => self.interval = large(value)?.min(1 << 40) as i64,
            Part::Count => self.count = Some(large(value)?),
            Part::Until => self.until = Some(until(value)?),
            Part::WeekStart => self.week_start = weekday(value).ok_or(RuleError::Malformed)?,
            Part::Second => {
                // Second 60 is read as 59 (RFC 5545 section 3.3.10).
                let mask = mask(value, 0, 60)?;
                self.seconds = (mask & !(1 << 60)) | ((mask >> 60) << 59);
            }
            Part::Minute => self.minutes = mask(value, 0, 59)?,
            Part::Hour => self.hours = mask(value, 0, 23)? as u32,
            Part::Month => self.months = mask(value, 1, 12)? as u16,
            Part::MonthDay => {
                for day in list(value, 31)? {
                    let bit = 1 << day.unsigned_abs();
                    match day > 0 {
                        true => self.month_days |= bit,
                        false => self.month_days_from_end |= bit,
                    }
                }
            }
            Part::YearDay => self.lists_mut().year_days = list(value, 366)?,
            Part::Week => self.lists_mut().weeks = list(value, 53)?,
            Part::Position => self.lists_mut().positions = list(value, 366)?,
            Part::Day => self.by_day(value)?,
            Part::Scale if value.eq_ignore_ascii_case(b"GREGORIAN") => {}
            Part::Skip if value.eq_ignore_ascii_case(b"OMIT") => {}
            Part::Scale | Part::Skip => return Err(RuleError::Scale),
        }
        Ok(())
    }

    fn by_day(&mut self, value: &[u8]) -> Result<(), RuleError> {
        for item in members(value)? {
            let split = item.len().checked_sub(2).ok_or(RuleError::Malformed)?;
            let (ordinal, day) = item.split_at(split);
            let day = weekday(day).ok_or(RuleError::Malformed)?;
            if ordinal.is_empty() {
                self.weekdays |= 1 << day;
                continue;
            }
            let ordinal = value::integer(ordinal).ok_or(RuleError::Malformed)?;
            if ordinal == 0 || !(-53..=53).contains(&ordinal) {
                return Err(RuleError::Malformed);
            }
            let entry = (ordinal as i16, day);
            let ordinals = &mut self.lists_mut().ordinal_weekdays;
            if !ordinals.contains(&entry) {
                ordinals.push(entry);
            }
        }
        Ok(())
    }
}

fn frequency(text: &[u8]) -> Option<Frequency> {
    let names: [(&[u8], Frequency); 7] = [
        (b"WEEKLY", Frequency::Weekly),
        (b"DAILY", Frequency::Daily),
        (b"MONTHLY", Frequency::Monthly),
        (b"YEARLY", Frequency::Yearly),
        (b"HOURLY", Frequency::Hourly),
        (b"MINUTELY", Frequency::Minutely),
        (b"SECONDLY", Frequency::Secondly),
    ];
    let mut names = names.into_iter();
    let found = names.find(|(name, _)| name.eq_ignore_ascii_case(text));
    found.map(|(_, frequency)| frequency)
}

fn weekday(text: &[u8]) -> Option<Weekday> {
    const NAMES: [[u8; 2]; 7] = [*b"MO", *b"TU", *b"WE", *b"TH", *b"FR", *b"SA", *b"SU"];
    let place = NAMES
        .iter()
        .position(|name| name.eq_ignore_ascii_case(text));
    place.map(|place| place as Weekday)
}

fn until(text: &[u8]) -> Result<When, RuleError> {
    // Of one whose time cannot be read the day counts, whole.
    value::when(text)
        .or_else(|| value::vague_day(text).map(When::Date))
        .ok_or(RuleError::Malformed)
}

/// The members of a list, of which there is one at least; some end it with a comma.
fn members(text: &[u8]) -> Result<impl Iterator<Item = &[u8]>, RuleError> {
    let members = text.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    let mut members = members.filter(|member| !member.is_empty()).peekable();
    let is_empty = members.peek().is_none();
    (!is_empty).then_some(members).ok_or(RuleError::Malformed)
}

fn large(text: &[u8]) -> Result<u64, RuleError> {
    value::count(text)
        .filter(|value| *value > 0)
        .ok_or(RuleError::Malformed)
}

fn one(text: &[u8], min: i32, max: i32) -> Result<i32, RuleError> {
    value::integer(text)
        .filter(|value| (min..=max).contains(value))
        .ok_or(RuleError::Malformed)
}

/// A comma-separated list of numbers in `min..=max`, at most 63, as bits.
fn mask(text: &[u8], min: i32, max: i32) -> Result<u64, RuleError> {
    members(text)?
        .map(|item| one(item, min, max))
        .try_fold(0, |mask, value| Ok(mask | 1 << value?))
}

/// A comma-separated list of numbers in `-max..=max` without 0, ascending, each once.
fn list(text: &[u8], max: i32) -> Result<Vec<i16>, RuleError> {
    let mut values = members(text)?
        .map(|item| match one(item, -max, max)? {
            0 => Err(RuleError::Malformed),
            value => Ok(value as i16),
        })
        .collect::<Result<Vec<i16>, RuleError>>()?;
    values.sort_unstable();
    values.dedup();
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::{Rule, RuleError};

    #[test]
    fn what_is_not_understood_is_refused() {
        for bad in [
            "",
            "FREQ=FORTNIGHTLY",
            "COUNT=3",
            "FREQ=DAILY;INTERVAL=0",
            "FREQ=DAILY;COUNT=0",
            "FREQ=DAILY;BYHOUR=24",
            "FREQ=DAILY;BYDAY=XX",
            "FREQ=DAILY;BYMONTHDAY=0",
            "FREQ",
            "FREQ=DAILY;X-PART=1",
            "FREQ=DAILY;UNTIL=soon",
            "FREQ=MONTHLY;BYDAY=0MO",
        ] {
            assert_eq!(
                Rule::parse(bad.as_bytes()),
                Err(RuleError::Malformed),
                "{bad}"
            );
        }
        let chinese = Rule::parse(b"RSCALE=CHINESE;FREQ=YEARLY");
        assert_eq!(chinese, Err(RuleError::Scale));
    }
}
