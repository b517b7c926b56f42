//! The free/busy time that others may see of a person.

use bereik_core::person::Person;
use bereik_core::{FreeBusy, FreeBusyKind, Interval};
use chrono::{DateTime, TimeDelta, Utc};

use super::onlooker::Onlooker;
use super::view_rules::ViewField;
use crate::facts::PersonFacts;

/// The longest stretch that is published at once.
const PUBLISHED_DAYS_MAX: i64 = 400;

impl Onlooker<'_> {
    /// A person's free/busy time over `window`, as this audience sees it; nothing of one whom it does
    /// not see. Of a window of more than 400 days only those are told.
    ///
    /// Free is what lies within the person's hours and is free by his calendar; all other time is
    /// busy. So nobody outside can tell leave from a meeting, a closed door or a calendar that could not
    /// be read: unknown is never shown as free. Who sees [`ViewField::FreeBusyTentative`] is told of
    /// time that is only perhaps taken; who sees [`ViewField::FreeBusyKinds`], of every kind as the calendar
    /// has it. Signals, and what was set by hand, do not count: they are of now. How far ahead a window
    /// may reach is the embedder's to decide: two weeks that are busy all day look like leave to anybody.
    ///
    /// `bereik_calendar::write_free_busy` writes it as a VFREEBUSY (RFC 5545 section 3.6.4).
    ///
    /// ```
    /// use bereik_core::directory::Draft;
    /// use bereik_core::person::Person;
    /// use bereik_core::public_view::Audience;
    /// use bereik_core::{FreeBusy, FreeBusyKind, Interval, Zone};
    /// use bereik_presence::{Onlooker, PersonFacts, ReachRules, ViewRules};
    ///
    /// let day: Interval = "2026-11-23T00:00:00Z/2026-11-24T00:00:00Z".parse()?;
    /// let leave: Interval = "2026-11-23T09:00:00Z/2026-11-23T12:00:00Z".parse()?;
    /// let mut anna = Person::new("anna".parse()?, "Anna");
    /// anna.is_public = true;
    /// let directory = Draft::new("Rivers & Co", Zone::utc()).with_person(anna).check()?;
    /// let free_busy = FreeBusy::builder(day).claim(leave, FreeBusyKind::OutOfOffice).build();
    /// let facts = PersonFacts { free_busy, ..PersonFacts::default() };
    /// let (reach, views) = (ReachRules::default(), ViewRules::default());
    /// let customer = Onlooker::new(&directory, &reach, &views, Audience::Customer);
    /// let seen = customer.free_busy(&directory.people()[0], &facts, day).ok_or("she is public")?;
    /// assert_eq!(seen.kind_at(leave.start()), FreeBusyKind::Busy);
    /// assert_eq!(seen.kind_at(leave.end()), FreeBusyKind::Free);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn free_busy(
        &self,
        person: &Person,
        facts: &PersonFacts,
        window: Interval,
    ) -> Option<FreeBusy> {
        if !self.sees_one(person.is_public) {
            return None;
        }
        let latest = TimeDelta::try_days(PUBLISHED_DAYS_MAX)
            .and_then(|days| window.start().checked_add_signed(days))
            .unwrap_or(window.end());
        let window = Interval::new(window.start(), window.end().min(latest)).unwrap_or(window);
        let hours = self.directory.hours_of(person);
        let mut seen = FreeBusy::builder(window);
        let mut claim = |from: DateTime<Utc>, to: DateTime<Utc>, kind| {
            if let Some(interval) = Interval::new(from, to) {
                seen.push(interval, self.seen_kind(kind));
            }
        };
        let (start, end) = (window.start(), window.end());
        match facts.free_busy.known() {
            Some(known) => {
                claim(start, known.start().min(end), FreeBusyKind::Unknown);
                claim(known.end().max(start), end, FreeBusyKind::Unknown);
                for (interval, kind) in facts.free_busy.intervals() {
                    claim(interval.start(), interval.end(), kind);
                }
            }
            None if person.calendars.is_empty() && hours.is_some() => {}
            None => claim(start, end, FreeBusyKind::Unknown),
        }
        if let Some(hours) = hours {
            let mut closed_since = start;
            for opening in hours.openings(start, end, self.directory.zone_of(person)) {
                claim(closed_since, opening.start(), FreeBusyKind::Busy);
                closed_since = opening.end();
            }
            claim(closed_since, end, FreeBusyKind::Busy);
        }
        Some(seen.build())
    }

    /// What this audience is told of a kind. A stronger kind never becomes a weaker one than a weaker
    /// kind does, so that kinds can be told one by one and the strongest still holds.
    fn seen_kind(&self, kind: FreeBusyKind) -> FreeBusyKind {
        if self.sees(ViewField::FreeBusyKinds) {
            return kind;
        }
        match kind {
            FreeBusyKind::Elsewhere | FreeBusyKind::Free => FreeBusyKind::Free,
            FreeBusyKind::Tentative if self.sees(ViewField::FreeBusyTentative) => kind,
            _ => FreeBusyKind::Busy,
        }
    }
}
