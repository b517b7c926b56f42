//! Where a promise is not kept, and on whom alone it hangs.

use std::collections::BTreeSet;

use bereik_core::Interval;
use bereik_core::id::PersonId;
use chrono::TimeDelta;

use super::Coverage;
use super::promise::{CoveragePromise, Part};
use super::sweep::{Sweep, extend, within};

/// How sure a hole is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[expect(clippy::exhaustive_enums, reason = "a hole is sure or it is not")]
pub enum HoleKind {
    /// Too few are there, even if all of whom nothing is known were.
    Certain,
    /// Enough would be there if those of whom nothing is known were.
    Perhaps,
}

/// A stretch in which a promise is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "when, how sure and how deep")]
pub struct Hole {
    /// When.
    pub interval: Interval,
    /// How sure it is.
    pub kind: HoleKind,
    /// How many people are missing of those promised, at least 1. Of a hole that is not sure,
    /// so many of those of whom nothing is known would have to be there.
    pub missing: u32,
}

/// Somebody without whom a promise is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "who, when and how long")]
pub struct SinglePoint {
    /// Who.
    pub person: PersonId,
    /// When exactly as many are there as promised, he among them: ascending, maximal.
    pub stretches: Vec<Interval>,
    /// How long these are together.
    pub total: TimeDelta,
}

impl Coverage {
    /// Every hole in a promise, ascending: maximal stretches within its hours in which the same
    /// number is missing with the same certainty.
    ///
    /// Of whom nothing is known counts for nothing; if such people could fill a hole, it is
    /// [`HoleKind::Perhaps`].
    ///
    /// ```
    /// use bereik_core::channel_kind::ChannelKind;
    /// use bereik_core::directory::Draft;
    /// use bereik_core::hours::{Hours, Week};
    /// use bereik_core::line::Line;
    /// use bereik_core::person::Person;
    /// use bereik_core::{Interval, Zone};
    /// use bereik_presence::{Coverage, CoveragePromise, HoleKind, PersonFacts, ReachRules};
    /// use std::collections::BTreeMap;
    ///
    /// let phone = Line::new("anna".parse()?, ChannelKind::Phone, "tel:+31201234567".parse()?);
    /// let anna = Person::new("anna".parse()?, "Anna").with_line(phone);
    /// let mut draft = Draft::new("Rivers & Co", Zone::utc()).with_person(anna);
    /// let morning = Week { mon: vec!["08:00-12:00".parse()?], ..Week::default() };
    /// draft.hours.insert("morning".parse()?, Hours::new(morning));
    /// draft.default_hours = Some("morning".parse()?);
    /// let directory = draft.check()?;
    ///
    /// // On Monday Anna works in the morning, and is on call until midnight.
    /// let monday: Interval = "2026-11-23T00:00:00Z/2026-11-24T00:00:00Z".parse()?;
    /// let on_call: Interval = "2026-11-23T12:00:00Z/2026-11-24T00:00:00Z".parse()?;
    /// let facts = PersonFacts { on_call: vec![on_call], ..PersonFacts::default() };
    /// let facts = BTreeMap::from([("anna".parse()?, facts)]);
    /// let coverage =
    ///     Coverage::new(&directory, directory.people(), &facts, &ReachRules::default(), monday);
    ///
    /// let day_and_night = CoveragePromise::new([ChannelKind::Phone]).with_on_call();
    /// let holes = coverage.holes(&day_and_night);
    /// assert_eq!(holes.len(), 1);
    /// assert_eq!(holes[0].interval, "2026-11-23T00:00:00Z/2026-11-23T08:00:00Z".parse()?);
    /// assert_eq!((holes[0].kind, holes[0].missing), (HoleKind::Certain, 1));
    ///
    /// let points = coverage.single_points(&day_and_night);
    /// assert_eq!((points[0].person.as_str(), points[0].total.num_hours()), ("anna", 16));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn holes(&self, promise: &CoveragePromise) -> Vec<Hole> {
        let people_min = promise.people_min.get();
        let mut crew = Crew::new(self.len());
        let mut holes = Vec::new();
        let sweep = self.parts(promise);
        for (interval, turns) in sweep.stretches() {
            turns
                .iter()
                .for_each(|turn| crew.turn(turn.who as u32, turn.to));
            let missing = people_min.saturating_sub(crew.whole.len() as u32);
            if 0 < missing {
                let kind = match missing <= crew.perhaps {
                    true => HoleKind::Perhaps,
                    false => HoleKind::Certain,
                };
                extend(&mut holes, interval, (kind, missing));
            }
        }
        let holes = within(&holes, &promise.openings(self.range())).into_iter();
        let holes = holes.map(|(interval, (kind, missing))| Hole {
            interval,
            kind,
            missing,
        });
        holes.collect()
    }

    /// Everybody without whom a promise is not kept, while it is: who is there when exactly as many are
    /// as promised. Whom it hangs on longest comes first; then by id.
    #[must_use]
    pub fn single_points(&self, promise: &CoveragePromise) -> Vec<SinglePoint> {
        let people_min = promise.people_min.get() as usize;
        let mut crew = Crew::new(self.len());
        let mut needed = vec![Vec::new(); self.len()];
        let sweep = self.parts(promise);
        for (interval, turns) in sweep.stretches() {
            turns
                .iter()
                .for_each(|turn| crew.turn(turn.who as u32, turn.to));
            if crew.whole.len() == people_min {
                for who in &crew.whole {
                    extend(&mut needed[*who as usize], interval, ());
                }
            }
        }
        let openings = promise.openings(self.range());
        let points = self.ids().zip(needed).filter_map(|(person, needed)| {
            let stretches = within(&needed, &openings).into_iter();
            let stretches: Vec<_> = stretches.map(|(interval, ())| interval).collect();
            let total = stretches.iter().map(Interval::duration).sum();
            (!stretches.is_empty()).then(|| SinglePoint {
                person: person.clone(),
                stretches,
                total,
            })
        });
        let mut points: Vec<_> = points.collect();
        points.sort_by(|a, b| (b.total, &a.person).cmp(&(a.total, &b.person)));
        points
    }

    /// What each person adds to a promise over time.
    fn parts(&self, promise: &CoveragePromise) -> Sweep<Part> {
        let plans = self.plans();
        Sweep::new(
            self.range(),
            plans.map(|(person, plan)| {
                let place = self.place_of(person);
                plan.each(move |row| promise.part(row, place))
            }),
        )
    }
}

/// Who keeps a promise at an instant.
struct Crew {
    parts: Vec<Part>,
    whole: BTreeSet<u32>,
    perhaps: u32,
}

impl Crew {
    fn new(people: usize) -> Self {
        Self {
            parts: vec![Part::Nothing; people],
            whole: BTreeSet::new(),
            perhaps: 0,
        }
    }

    fn turn(&mut self, who: u32, to: Part) {
        match std::mem::replace(&mut self.parts[who as usize], to) {
            Part::Nothing => {}
            Part::Perhaps => self.perhaps -= 1,
            Part::Whole => {
                self.whole.remove(&who);
            }
        }
        match to {
            Part::Nothing => {}
            Part::Perhaps => self.perhaps += 1,
            Part::Whole => {
                self.whole.insert(who);
            }
        }
    }
}
