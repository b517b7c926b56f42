//! One person of a board, as his sources are asked.

use bereik_core::channel_kind::ChannelKind;
use bereik_core::interval::Interval;
use bereik_core::open_time::OpenTime;
use bereik_core::signal::Signal;
use bereik_core::slot::Slot;
use bereik_core::{FreeBusy, FreeBusyKind};
use chrono::{DateTime, Utc};

use super::days::Days;
use super::openings::Openings;
use super::terms::{Service, Terms};
use crate::channels::Channels;
use crate::facts::{Live, next_shift_edge, next_signal_edge};
use crate::precedence::Evidence;
use crate::sources::Sources;
use crate::verdict::LineState;

/// Where a person's facts are, and his terms.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) calendar: Place,
    /// The place of his terms.
    pub(super) terms: u32,
    /// Most people have none of it.
    pub(super) rare: Option<Box<Rare>>,
}

/// Where a person's free/busy time is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In cells, from this day on.
    Cells(i32),
    /// In cells from this day on, and all of it among what few people have.
    CellsAndRare(i32),
    /// Nothing is known.
    Nowhere,
    /// Among what few people have.
    Rare,
}

/// What few people have at a time.
#[derive(Clone, Debug, Default)]
pub(super) struct Rare {
    /// What does not fit into cells.
    pub(super) free_busy: FreeBusy,
    pub(super) open_time: OpenTime,
    pub(super) on_call: Vec<Interval>,
    pub(super) signals: Vec<Signal>,
}

/// A person of a board.
#[derive(Clone, Copy)]
pub(super) struct Member<'a> {
    pub(super) number: usize,
    pub(super) kept: &'a Kept,
    pub(super) days: &'a Days,
    pub(super) terms: &'a Terms,
    pub(super) openings: &'a [Openings],
}

impl Member<'_> {
    fn openings(&self, slot: Slot) -> &Openings {
        &self.openings[slot.index()]
    }

    fn kind_at(&self, now: DateTime<Utc>) -> FreeBusyKind {
        match (self.kept.calendar, &self.kept.rare) {
            (Place::Cells(first), _) => self.days.kind_at(self.number, first, now),
            (Place::CellsAndRare(first), _) if Days::covers(first, now) => {
                self.days.kind_at(self.number, first, now)
            }
            (Place::CellsAndRare(_) | Place::Rare, Some(rare)) => rare.free_busy.kind_at(now),
            _ => FreeBusyKind::Unknown,
        }
    }

    fn service(&self, channel: ChannelKind) -> &Service {
        match channel {
            ChannelKind::WebChat => &Service::Always,
            channel => &self.terms.lines[channel],
        }
    }
}

impl Sources for Member<'_> {
    fn evidence_at(&self, now: DateTime<Utc>) -> Evidence {
        let rare = self.kept.rare.as_deref();
        let knows_marks = rare.is_some_and(|rare| rare.open_time.known().is_some());
        let is_read = self.kept.calendar != Place::Nowhere;
        let has_calendar = self.terms.has_calendar || is_read || knows_marks;
        let hours = self.terms.hours;
        Evidence {
            live: rare.map_or_else(Live::default, |rare| Live::at(&rare.signals, now)),
            calendar: has_calendar.then(|| self.kind_at(now)),
            hours: hours.map(|slot| self.openings(slot).is_open_at(now)),
            marked: rare.map_or_else(Channels::default, |rare| {
                Channels::marked(&rare.open_time, now)
            }),
            is_on_call: rare.is_some_and(|rare| rare.on_call.iter().any(|s| s.contains(now))),
        }
    }

    fn line_state(&self, channel: ChannelKind, now: DateTime<Utc>) -> LineState {
        let is_open = |slot: &Slot| self.openings(*slot).is_open_at(now);
        match self.service(channel) {
            Service::Always => LineState::InService,
            Service::During(hours) if hours.iter().any(is_open) => LineState::InService,
            Service::During(_) => LineState::OutOfService,
            Service::Missing => LineState::Missing,
        }
    }

    fn next_signal_change_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        next_signal_edge(&self.kept.rare.as_ref()?.signals, now)
    }

    fn next_on_call_change_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        next_shift_edge(&self.kept.rare.as_ref()?.on_call, now)
    }

    fn next_calendar_change_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match (self.kept.calendar, &self.kept.rare) {
            (Place::Cells(first), _) => self.days.next_change_after(self.number, first, now),
            (Place::CellsAndRare(_) | Place::Rare, Some(rare)) => {
                rare.free_busy.next_change_after(now)
            }
            _ => None,
        }
    }

    fn next_mark_change_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.kept.rare.as_ref()?.open_time.next_change_after(now)
    }

    fn next_hours_change_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.openings(self.terms.hours?).next_change_after(now)
    }

    fn next_line_change_after(
        &self,
        channel: Option<ChannelKind>,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let lines = self.terms.lines.iter();
        lines
            .filter(|(of, _)| channel.is_none_or(|channel| channel == *of))
            .flat_map(|(_, service)| match service {
                Service::During(hours) => hours.as_slice(),
                Service::Always | Service::Missing => &[],
            })
            .filter_map(|slot| self.openings(*slot).next_change_after(now))
            .min()
    }
}
