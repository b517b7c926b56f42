//! The fire drill: a calamity rehearsed at every instant of a range, in virtual time, ringing nobody.

mod company;
mod duty;
mod exercise;
mod letters;
mod rehearsal;
mod strip;
mod svg;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bereik_core::contact::Addressee;
use bereik_core::directory::Directory;
use bereik_core::id::{LineId, PersonId};
use bereik_core::{ChannelKind, Interval};
use bereik_presence::{PersonFacts, ReachRules};
use chrono::{DateTime, Utc};

use company::{Company, Moment};
use duty::Duties;
pub use duty::FewLines;
use exercise::Exercise;
pub use letters::Letters;
pub use rehearsal::{Beside, Grade, Loss, Over, Rehearsal, Step, StepKind};
pub use strip::Strip;

/// What is taken for granted of people who are asked in a drill.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "what a drill takes for granted")]
pub struct Assumptions {
    /// Who can be reached answers after so many seconds.
    pub answers_after_s: u32,
    /// Who is on call answers after so many seconds: he has to wake up first.
    pub on_call_answers_after_s: u32,
    /// That a line is lost is noticed after so many seconds.
    pub loss_noticed_after_s: u32,
    /// Whom nobody has answered after so many seconds, is alone.
    pub alone_after_s: u32,
    /// Lines of the company behind which somebody sits who is not in the directory: an answering
    /// service, a guard. He answers like who is on call.
    pub staffed: BTreeSet<LineId>,
}

impl Default for Assumptions {
    /// Answers after 15 s, on call after 90 s; a loss is noticed after 5 s; alone after an hour;
    /// no line is staffed from outside.
    fn default() -> Self {
        Self {
            answers_after_s: 15,
            on_call_answers_after_s: 90,
            loss_noticed_after_s: 5,
            alone_after_s: 3_600,
            staffed: BTreeSet::new(),
        }
    }
}

/// A drill to be held: a company, what is known of its people, and the calamity.
///
/// At each instant the world stands still: whoever can be reached then stays reachable, and a line
/// that is in service then stays so. The [`Engine`](bereik_routing::Engine) is told who can be
/// reached, a calamity comes in, and people answer by the [`Assumptions`]:
///
/// - Who is [planned](bereik_presence::ReachPlan) as open over the channel of an offer answers it.
///   Over web chat that takes a desk: who is on call has left his open and does not hear it; over
///   everything else it takes a line in service.
/// - Who is on call answers over his lines, and on the company's own.
/// - Nobody who is off duty, or of whom nothing is known, is counted on.
/// - Whoever answers an offer that has lapsed takes the contact from the list.
///
/// Because nothing changes between two changes of agendas, rosters and hours, every instant of the
/// range is judged, not a sample of them.
///
/// ```
/// use bereik_core::directory::Draft;
/// use bereik_core::group::Group;
/// use bereik_core::line::Line;
/// use bereik_core::person::Person;
/// use bereik_core::{ChannelKind, Interval, Zone};
/// use bereik_presence::roster::{Change, Roster, Rule};
/// use bereik_presence::{PersonFacts, ReachRules};
/// use bereik_sim::drill::{FireDrill, Grade};
/// use std::collections::BTreeMap;
///
/// // Anna is on call, but for a quarter of an hour in the night.
/// let line = Line::new("calamity".parse()?, ChannelKind::Phone, "tel:+31612345678".parse()?);
/// let anna = Person::new("anna".parse()?, "Anna");
/// let desk = Group::new("desk".parse()?, "Desk", vec![anna.id.clone()]);
/// let mut draft = Draft::new("Rivers & Co", Zone::utc()).with_person(anna.clone()).with_group(desk);
/// draft.lines.push(line);
/// draft.calamity_lines.push("calamity".parse()?);
/// let directory = draft.check()?;
///
/// let night: Interval = "2026-11-23T22:00:00Z/2026-11-24T06:00:00Z".parse()?;
/// let gap: Interval = "2026-11-24T03:02:00Z/2026-11-24T03:17:00Z".parse()?;
/// let roster = Roster::new(Zone::utc())
///     .with_rule(Rule::person(anna.id.clone()))
///     .with_override(gap, Change::Remove(anna.id.clone()));
/// let on_call = roster.on_call_by_person(night).remove(&anna.id).unwrap_or_default();
/// let facts = BTreeMap::from([(anna.id, PersonFacts { on_call, ..PersonFacts::default() })]);
///
/// let drill = FireDrill::new(&directory, &facts, &ReachRules::default()).hold(night);
/// assert_eq!(drill.stretches_of(Grade::Alone), [gap]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct FireDrill<'a> {
    directory: &'a Directory,
    facts: &'a BTreeMap<PersonId, PersonFacts>,
    rules: &'a ReachRules,
    assumptions: Assumptions,
    channel: ChannelKind,
    addressee: Option<Addressee>,
    page: Option<String>,
    missing: BTreeSet<Loss>,
}

/// A drill that was held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drill {
    range: Interval,
    stretches: Vec<(Interval, Arc<Rehearsal>)>,
    few_lines: Vec<FewLines>,
}

impl<'a> FireDrill<'a> {
    /// A calamity that comes in by web chat for nobody in particular, under the default
    /// assumptions. Who is on call when is part of the facts.
    #[must_use]
    pub fn new(
        directory: &'a Directory,
        facts: &'a BTreeMap<PersonId, PersonFacts>,
        rules: &'a ReachRules,
    ) -> Self {
        Self {
            directory,
            facts,
            rules,
            assumptions: Assumptions::default(),
            channel: ChannelKind::WebChat,
            addressee: None,
            page: None,
            missing: BTreeSet::new(),
        }
    }

    /// The same under these assumptions.
    #[must_use]
    pub fn with_assumptions(mut self, assumptions: Assumptions) -> Self {
        self.assumptions = assumptions;
        self
    }

    /// The same over another kind of channel.
    #[must_use]
    pub const fn over(mut self, channel: ChannelKind) -> Self {
        self.channel = channel;
        self
    }

    /// The same for this addressee.
    #[must_use]
    pub fn for_addressee(mut self, addressee: Addressee) -> Self {
        self.addressee = Some(addressee);
        self
    }

    /// The same from this page of the website.
    #[must_use]
    pub fn from_page(mut self, page: impl Into<String>) -> Self {
        self.page = Some(page.into());
        self
    }

    /// The same with one thing more missing: what a night would be with somebody ill, or an
    /// uplink down.
    #[must_use]
    pub fn without(mut self, loss: Loss) -> Self {
        self.missing.insert(loss);
        self
    }

    /// Holds the drill at every instant of a range, of which at most 400 days are looked at.
    ///
    /// Work grows with how many different moments there are, not with the length of the range: a
    /// night like another is rehearsed once.
    #[must_use]
    pub fn hold(&self, range: Interval) -> Drill {
        let company = Company::new(self.directory, self.facts, self.rules, range);
        let mut exercise = Exercise::new(self);
        let mut held: BTreeMap<Moment, Arc<Rehearsal>> = BTreeMap::new();
        let mut stretches: Vec<(Interval, Arc<Rehearsal>)> = Vec::new();
        let mut duties = Duties::new(self.directory);
        for (interval, moment) in company.moments() {
            duties.look(interval, &moment);
            let rehearsal = match held.get(&moment) {
                Some(rehearsal) => rehearsal.clone(),
                None => {
                    let rehearsal = Arc::new(exercise.rehearse(&moment, interval.start()));
                    held.insert(moment, rehearsal.clone());
                    rehearsal
                }
            };
            match stretches.last_mut() {
                Some((last, same)) if *same == rehearsal => *last = last.hull(&interval),
                _ => stretches.push((interval, rehearsal)),
            }
        }
        Drill {
            range: company.range(),
            stretches,
            few_lines: duties.into_found(),
        }
    }
}

impl Drill {
    /// What was rehearsed.
    #[must_use]
    pub const fn range(&self) -> Interval {
        self.range
    }

    /// Everybody who is on call over fewer than two lines of his own, in the order of ids.
    #[must_use]
    pub fn few_lines(&self) -> &[FewLines] {
        &self.few_lines
    }

    /// What would happen when: ascending, maximal, without gap over the [`range`](Self::range).
    pub fn stretches(&self) -> impl Iterator<Item = (Interval, &Rehearsal)> {
        let stretches = self.stretches.iter();
        stretches.map(|(interval, rehearsal)| (*interval, rehearsal.as_ref()))
    }

    /// What would happen at an instant; `None` outside the [`range`](Self::range). Takes
    /// logarithmic time.
    #[must_use]
    pub fn at(&self, instant: DateTime<Utc>) -> Option<&Rehearsal> {
        let next = self.stretches.partition_point(|(i, _)| i.end() <= instant);
        let (interval, rehearsal) = self.stretches.get(next)?;
        interval.contains(instant).then_some(rehearsal.as_ref())
    }

    /// When it would go like this: ascending, maximal.
    #[must_use]
    pub fn stretches_of(&self, grade: Grade) -> Vec<Interval> {
        self.stretches_where(|rehearsal| rehearsal.grade() == grade)
    }

    /// When something holds of what would happen: ascending, maximal.
    pub fn stretches_where(&self, holds: impl Fn(&Rehearsal) -> bool) -> Vec<Interval> {
        let mut found: Vec<Interval> = Vec::new();
        for (interval, _) in self.stretches().filter(|(_, r)| holds(r)) {
            match found.last_mut() {
                Some(last) if last.end() == interval.start() => *last = last.hull(&interval),
                _ => found.push(interval),
            }
        }
        found
    }

    /// Every single loss that would leave a customer alone, and when: the one that does so for
    /// longest first, then by name.
    #[must_use]
    pub fn breaks(&self) -> Vec<(Loss, Vec<Interval>)> {
        let all = self.stretches.iter().flat_map(|(_, r)| &r.breaks);
        let losses: BTreeSet<&Loss> = all.collect();
        let mut breaks: Vec<_> = losses
            .into_iter()
            .map(|loss| {
                let when = self.stretches_where(|rehearsal| rehearsal.breaks.contains(loss));
                (loss.clone(), when)
            })
            .collect();
        let total =
            |when: &[Interval]| -> chrono::TimeDelta { when.iter().map(Interval::duration).sum() };
        breaks.sort_by_key(|(_, when)| std::cmp::Reverse(total(when)));
        breaks
    }
}
