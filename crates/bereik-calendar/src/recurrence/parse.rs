//! RRULE text to a rule.

use super::{Frequency, Rule};
use crate::civil::Weekday;
use crate::read::value::{self, When};

/// Why a rule cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RuleError {
    Malformed,
    /// RSCALE or SKIP other than Gregorian and omitting (RFC 7529).
    Scale,
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
            ordinal_weekdays: Vec::new(),
            month_days: 0,
            month_days_from_end: 0,
            year_days: Vec::new(),
            weeks: Vec::new(),
            months: 0,
            positions: Vec::new(),
            week_start: 0,
        };
        let mut has_frequency = false;
        for part in text.trim_ascii().split(|byte| *byte == b';') {
            let part = part.trim_ascii();
            if part.is_empty() {
                continue;
            }
            let equals = part.iter().position(|byte| *byte == b'=');
            let (name, value) = part.split_at(equals.ok_or(RuleError::Malformed)?);
            let name = name.to_ascii_uppercase();
            has_frequency |= name == b"FREQ";
            rule.part(&name, value[1..].trim_ascii())?;
        }
        if !has_frequency {
            return Err(RuleError::Malformed);
        }
        rule.settle();
        Ok(rule)
    }

    /// Weekdays have ordinals only in months and years (RFC 5545 section 3.3.10, BYDAY).
    fn settle(&mut self) {
        let ordinals_mean_nothing = self.frequency < Frequency::Monthly || !self.weeks.is_empty();
        if ordinals_mean_nothing {
            for (_, weekday) in self.ordinal_weekdays.drain(..) {
                self.weekdays |= 1 << weekday;
            }
        }
    }

    fn part(&mut self, name: &[u8], value: &[u8]) -> Result<(), RuleError> {
        match name {
            b"FREQ" => self.frequency = frequency(value).ok_or(RuleError::Malformed)?,
            // Beyond an interval of this many units nothing recurs before the year 9999.
            b"INTERVAL" => self.interval = large(value)?.min(1 << 40) as i64,
            b"COUNT" => self.count = Some(large(value)?),
            b"UNTIL" => self.until = Some(until(value)?),
            b"WKST" => self.week_start = weekday(value).ok_or(RuleError::Malformed)?,
            b"BYSECOND" => {
                // Second 60 is read as 59 (RFC 5545 section 3.3.10).
                let mask = mask(value, 0, 60)?;
                self.seconds = (mask & !(1 << 60)) | ((mask >> 60) << 59);
            }
            b"BYMINUTE" => self.minutes = mask(value, 0, 59)?,
            b"BYHOUR" => self.hours = mask(value, 0, 23)? as u32,
            b"BYMONTH" => self.months = mask(value, 1, 12)? as u16,
            b"BYMONTHDAY" => {
                for day in list(value, 31)? {
                    let bit = 1 << day.unsigned_abs();
                    match day > 0 {
                        true => self.month_days |= bit,
                        false => self.month_days_from_end |= bit,
                    }
                }
            }
            b"BYYEARDAY" => self.year_days = list(value, 366)?,
            b"BYWEEKNO" => self.weeks = list(value, 53)?,
            b"BYSETPOS" => self.positions = list(value, 366)?,
            b"BYDAY" => self.by_day(value)?,
            b"RSCALE" if value.eq_ignore_ascii_case(b"GREGORIAN") => {}
            b"SKIP" if value.eq_ignore_ascii_case(b"OMIT") => {}
            b"RSCALE" | b"SKIP" => return Err(RuleError::Scale),
            _ => return Err(RuleError::Malformed),
        }
        Ok(())
    }

    fn by_day(&mut self, value: &[u8]) -> Result<(), RuleError> {
        for item in value.split(|byte| *byte == b',') {
            let item = item.trim_ascii();
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
            if !self.ordinal_weekdays.contains(&entry) {
                self.ordinal_weekdays.push(entry);
            }
        }
        Ok(())
    }
}

fn frequency(text: &[u8]) -> Option<Frequency> {
    Some(match text.to_ascii_uppercase().as_slice() {
        b"SECONDLY" => Frequency::Secondly,
        b"MINUTELY" => Frequency::Minutely,
        b"HOURLY" => Frequency::Hourly,
        b"DAILY" => Frequency::Daily,
        b"WEEKLY" => Frequency::Weekly,
        b"MONTHLY" => Frequency::Monthly,
        b"YEARLY" => Frequency::Yearly,
        _ => return None,
    })
}

fn weekday(text: &[u8]) -> Option<Weekday> {
    Some(match text.to_ascii_uppercase().as_slice() {
        b"MO" => 0,
        b"TU" => 1,
        b"WE" => 2,
        b"TH" => 3,
        b"FR" => 4,
        b"SA" => 5,
        b"SU" => 6,
        _ => return None,
    })
}

fn until(text: &[u8]) -> Result<When, RuleError> {
    value::when(text).ok_or(RuleError::Malformed)
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
    let items = text.split(|byte| *byte == b',');
    items
        .map(|item| one(item.trim_ascii(), min, max))
        .try_fold(0, |mask, value| Ok(mask | 1 << value?))
}

/// A comma-separated list of numbers in `-max..=max` without 0, ascending, each once.
fn list(text: &[u8], max: i32) -> Result<Vec<i16>, RuleError> {
    let items = text.split(|byte| *byte == b',');
    let mut values = items
        .map(|item| match one(item.trim_ascii(), -max, max)? {
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
