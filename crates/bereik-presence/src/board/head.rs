//! What of a person has to be known before anything else, in four bytes: the heads of a million people stay in a
//! processor's cache.

use bereik_core::FreeBusyKind;

use super::member::{Kept, Place};
use crate::channels::Channels;
use crate::facts::Live;
use crate::precedence::{Decision, Evidence};

/// The first days that a head can tell: so many from the board's epoch on.
const DAYS_MAX: i64 = 1 << 14;
/// The terms that a head can tell.
const TERMS_MAX: u32 = 1 << 16;

/// The head of a person all of whose facts are in cells, and whose terms are among the first; of anybody else it
/// says only that he is not such a one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head(u32);

/// What a head tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plain {
    /// The first day in cells, as a number of days since 1970.
    pub(super) first: i32,
    pub(super) terms: usize,
}

impl Head {
    /// Of somebody who has to be looked at whole.
    const OTHER: Self = Self(u32::MAX);

    pub(super) fn of(kept: &Kept, epoch: i64) -> Self {
        let Place::Cells(first) = kept.calendar else {
            return Self::OTHER;
        };
        let day = i64::from(first) - epoch;
        let fits = (0..DAYS_MAX).contains(&day) && kept.terms < TERMS_MAX && kept.rare.is_none();
        match fits {
            true => Self((day as u32) << 16 | kept.terms),
            false => Self::OTHER,
        }
    }

    #[inline]
    pub(super) fn plain(self, epoch: i64) -> Option<Plain> {
        (self != Self::OTHER).then_some(Plain {
            first: (epoch + i64::from(self.0 >> 16)) as i32,
            terms: (self.0 & 0xFFFF) as usize,
        })
    }
}

/// What is decided about whoever has nothing but a calendar and perhaps hours, by both.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlainDecisions([[Decision; 3]; FreeBusyKind::ALL.len()]);

impl PlainDecisions {
    pub(super) fn new() -> Self {
        Self(FreeBusyKind::ALL.map(|calendar| {
            [None, Some(false), Some(true)].map(|hours| {
                let evidence = Evidence {
                    live: Live::default(),
                    calendar: Some(calendar),
                    hours,
                    marked: Channels::NONE,
                    is_on_call: false,
                };
                evidence.decide()
            })
        }))
    }

    /// What is decided where the calendar says this, and hours are open, closed or not there.
    #[inline]
    pub(super) fn get(&self, calendar: FreeBusyKind, hours: Option<bool>) -> Decision {
        let column = hours.map_or(0, |is_open| 1 + usize::from(is_open));
        self.0[calendar as usize][column]
    }
}
