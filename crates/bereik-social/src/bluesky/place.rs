//! How far the notifications of an account were read.

use std::collections::BTreeMap;

use bereik_channel::Cursor;
use chrono::{DateTime, TimeDelta, Utc};

use crate::gap::number;

/// A notification may stand so far before others that were there first: its place is the instant that the author's software
/// claims, if that is earlier than the one at which it was seen.
const LATE_MAX: TimeDelta = TimeDelta::minutes(10);

/// So many are remembered of those ten minutes; a cursor has room for no more.
const TOLD_MAX: usize = 180;

/// The latest instant of what was told, and which were told of the ten minutes before it, or of the time after `since` where
/// there were too many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    until: DateTime<Utc>,
    /// At this instant and before it, nothing is new.
    pub(super) since: DateTime<Utc>,
    /// By the number that a post's name makes, so that a cursor stays short.
    told: BTreeMap<u64, DateTime<Utc>>,
}

impl Place {
    /// None where the cursor is not one of ours.
    pub(super) fn parse(cursor: &Cursor) -> Option<Self> {
        let Some(text) = cursor.as_str() else {
            return Some(Self::default());
        };
        let mut fields = text.split(' ');
        let micros = |text: &str| DateTime::from_timestamp_micros(text.parse().ok()?);
        let (until, since) = (micros(fields.next()?)?, micros(fields.next()?)?);
        let mut told = BTreeMap::new();
        for field in fields {
            let (number, before) = field.split_once('-')?;
            let before = TimeDelta::try_milliseconds(before.parse().ok()?)?;
            told.insert(
                u64::from_str_radix(number, 36).ok()?,
                until.checked_sub_signed(before)?,
            );
        }
        Some(Self { until, since, told })
    }

    pub(super) fn cursor(&self) -> Cursor {
        if *self == Self::default() {
            return Cursor::START;
        }
        let micros = [self.until, self.since].map(|at| at.timestamp_micros());
        let mut text = format!("{} {}", micros[0], micros[1]);
        for (number, at) in &self.told {
            let before = (self.until - at).num_milliseconds();
            text.push_str(&format!(" {}-{before}", base36(*number)));
        }
        Cursor::parse(&text).unwrap_or_default()
    }

    pub(super) fn is_new(&self, uri: &str, at: DateTime<Utc>) -> bool {
        at > self.since && !self.told.contains_key(&number(uri))
    }

    pub(super) fn tell(&mut self, uri: &str, at: DateTime<Utc>) {
        self.until = self.until.max(at);
        let since = self.until.checked_sub_signed(LATE_MAX);
        self.since = self.since.max(since.unwrap_or_default());
        self.told.insert(number(uri), at);
        while self.told.len() > TOLD_MAX {
            self.since = self
                .told
                .values()
                .min()
                .map_or(self.since, |at| self.since.max(*at));
            self.told.retain(|_, at| *at > self.since);
        }
        self.told.retain(|_, at| *at > self.since);
    }

    /// Gives up what stands before this.
    pub(super) fn skip_to(&mut self, at: DateTime<Utc>) {
        self.since = self.since.max(at);
        self.until = self.until.max(at);
        self.told.retain(|_, at| *at > self.since);
    }
}

fn base36(mut number: u64) -> String {
    let mut digits = Vec::new();
    while number > 0 || digits.is_empty() {
        digits.push(char::from_digit((number % 36) as u32, 36).unwrap_or('0'));
        number /= 36;
    }
    digits.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::{LATE_MAX, Place, TOLD_MAX};
    use chrono::{DateTime, TimeDelta, Utc};

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000 + seconds, 0).expect("an instant")
    }

    #[test]
    fn what_comes_late_is_new_once_and_what_was_told_is_not() {
        let mut place = Place::default();
        place.tell("at://a", at(0));
        place.tell("at://b", at(60));
        assert!(!place.is_new("at://a", at(0)) && place.is_new("at://c", at(-30)));
        place.tell("at://c", at(-30));
        let kept = Place::parse(&place.cursor()).expect("a place");
        assert_eq!(kept, place);
        assert!(!kept.is_new("at://c", at(-30)));
        place.tell("at://d", at(60) + LATE_MAX + TimeDelta::seconds(1));
        assert!(!place.is_new("at://e", at(60)) && !place.is_new("at://b", at(60)));
    }

    #[test]
    fn however_much_was_told_at_once_a_cursor_has_room_and_nothing_is_told_again() {
        let mut place = Place::default();
        for number in 0..5_000 {
            let (uri, at) = (
                format!("at://{number}"),
                at(0) + TimeDelta::milliseconds(number),
            );
            assert!(place.is_new(&uri, at));
            place.tell(&uri, at);
            assert!(!place.is_new(&uri, at) && place.told.len() <= TOLD_MAX);
        }
        let kept = Place::parse(&place.cursor()).expect("a place");
        assert_eq!(kept, place);
        let told = |number| {
            !kept.is_new(
                &format!("at://{number}"),
                at(0) + TimeDelta::milliseconds(number),
            )
        };
        assert!((0..5_000).all(told));
    }
}
