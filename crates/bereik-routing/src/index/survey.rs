//! The survey of a large group, by its pool: the same outcome as looking at everybody.

use bereik_core::contact::Addressee;
use bereik_core::explanation::{Counts, Explanation, LISTED_MAX, OrderKey};
use bereik_core::group::Requirement;
use bereik_core::id::PersonId;
use bereik_core::slot::Slot;
use chrono::{DateTime, Utc};

use super::GroupPool;
use crate::choose::{Many, choose};
use crate::contact_state::Contact;
use crate::eligible::{Scale, Survey};
use crate::order::{Candidate, compare, keys};
use crate::plan::Plan;
use crate::pool::{Among, PoolKey, PoolRow};
use crate::state::State;

/// What is asked of a pool.
struct Asked<'a> {
    state: &'a State,
    of: &'a GroupPool,
    contact: &'a Contact,
    plan: &'a Plan<'a>,
    circle: u32,
    at: DateTime<Utc>,
}

/// Who is left, narrowed down by the keys.
struct Narrowed {
    /// Who is first as far as the keys were compared.
    first: Among,
    /// Who was taken out last, if anybody was.
    taken_out: Option<Among>,
}

impl State {
    /// Who may be asked for a contact in this circle, and who not. Where more people are considered
    /// than a timeline lists, the first of them are found without looking at each.
    pub(crate) fn survey(
        &self,
        contact: &Contact,
        plan: &Plan<'_>,
        circle: u32,
        many: Many,
        at: DateTime<Utc>,
    ) -> Survey {
        let asked = self.pool_of(contact).map(|of| Asked {
            state: self,
            of,
            contact,
            plan,
            circle,
            at,
        });
        // A calamity may interrupt whoever wraps up, which the rows do not tell.
        let is_as_in_rows = !contact.is_calamity() || self.wrap_ups.is_empty();
        let Some(asked) = asked.filter(|_| is_as_in_rows) else {
            return self.survey_everybody(contact, plan, circle, at);
        };
        if asked.considered() > LISTED_MAX {
            return asked.survey(many);
        }
        let survey = self.survey_everybody(contact, plan, circle, at);
        debug_assert_eq!(
            as_chosen(plan, many, asked.survey(many)),
            as_chosen(plan, many, survey.clone())
        );
        survey
    }

    fn pool_of(&self, contact: &Contact) -> Option<&GroupPool> {
        let Addressee::Group(group) = &contact.addressee else {
            return None;
        };
        let at = self.index.of_group.get(group)?;
        Some(&self.index.pools[*at])
    }
}

/// What both ways must agree on.
fn as_chosen(plan: &Plan<'_>, many: Many, mut survey: Survey) -> (Explanation, [bool; 3]) {
    let flags = [survey.has_certain, survey.is_asked, survey.is_full];
    survey.is_listed = false;
    (choose(plan, many, survey, 0), flags)
}

impl Asked<'_> {
    fn considered(&self) -> u32 {
        u32::try_from(self.of.people.len()).unwrap_or(u32::MAX)
    }

    fn survey(&self, many: Many) -> Survey {
        let admitted = self.admitted();
        let mut left = admitted.last().cloned().unwrap_or_default();
        let mut survey = Survey {
            counts: Counts {
                considered: self.considered(),
                in_circle: self.named_in_force().count(),
                skilled: left.count(),
                ..Counts::default()
            },
            ..Survey::default()
        };
        self.leave_who_may_be_asked(&mut left, &mut survey);
        survey.has_certain = self.keep_certain(&mut left.clone()) > 0;
        let most = many.count().max(1);
        let is_quick = most == 1 && self.is_quick();
        survey.eligible = if is_quick {
            self.first_two(left, &admitted)
        } else {
            self.candidates(left.slots(&self.of.pool), &admitted)
        };
        let of = self.of;
        let scale = Scale {
            all: of.all,
            average: of.average,
            position: |person: &PersonId| {
                let position = of.pool.key(of.keys.position, of.slot_of(person)?);
                u32::try_from(position).ok()
            },
        };
        self.state
            .compare_with_others(self.plan, &scale, &mut survey.eligible);
        let keys = keys(self.plan);
        let goes_before = |a: &Candidate, b: &Candidate| compare(keys.clone(), a, b).0.is_lt();
        debug_assert!(!is_quick || survey.eligible.is_sorted_by(goes_before));
        if !is_quick && most < survey.eligible.len() {
            survey
                .eligible
                .sort_by(|a, b| compare(keys.clone(), a, b).0);
            survey.eligible.truncate(most + 1);
        }
        survey
    }

    fn named_in_force(&self) -> Among {
        let mut named = Among::new();
        named.fill(&self.of.pool);
        if let Some(row) = self.of.named.get(self.circle as usize) {
            named.keep(&self.of.pool, *row);
        }
        named
    }

    /// Whom each circle in force admits, those whom an earlier one admits among them.
    fn admitted(&self) -> Vec<Among> {
        let pool = &self.of.pool;
        let mut admitted: Vec<Among> = Vec::new();
        let in_force = self.plan.circles.iter().take(self.circle as usize + 1);
        for (circle, row) in in_force.zip(&self.of.named) {
            let mut of_circle = Among::new();
            of_circle.fill(pool);
            of_circle.keep(pool, *row);
            for need in &circle.needs {
                match self.row_of(need.at_least, need) {
                    Some(row) => {
                        of_circle.keep(pool, row);
                    }
                    None => of_circle.clear(),
                }
            }
            if let Some(before) = admitted.last() {
                of_circle.join(before);
            }
            admitted.push(of_circle);
        }
        admitted
    }

    /// Who has a skill at this level; there is no row where nobody has it at all.
    fn row_of(&self, level: u8, need: &Requirement) -> Option<PoolRow> {
        let rows = self.of.skills.get(&need.skill)?;
        rows.get(usize::from(level.max(1)) - 1).copied()
    }

    /// Takes out whoever cannot certainly be reached; answers how many are left.
    fn keep_certain(&self, among: &mut Among) -> u32 {
        let (rows, channel) = (&self.of.rows, self.contact.channel);
        if self.contact.is_calamity() {
            let certain = [rows.now[channel], rows.on_call[channel]];
            return among.keep_any(&self.of.pool, &certain);
        }
        among.keep(&self.of.pool, rows.now[channel])
    }

    fn take_out(&self, among: &mut Among, person: &PersonId) {
        if let Some(slot) = self.of.slot_of(person) {
            among.take_out(&self.of.pool, slot);
        }
    }

    /// Takes out whomever a rule excludes, one rule after the other.
    fn leave_who_may_be_asked(&self, left: &mut Among, survey: &mut Survey) {
        let (of, contact, channel) = (self.of, self.contact, self.contact.channel);
        let (pool, rows) = (&of.pool, &of.rows);
        for person in &contact.participants {
            self.take_out(left, person);
        }
        let perhaps = [
            rows.now[channel],
            rows.unknown[channel],
            rows.on_call[channel],
        ];
        let kinds = if contact.is_calamity() { 3 } else { 2 };
        survey.counts.reachable = left.keep_any(pool, &perhaps[..kinds]);
        for person in contact.offers.values().filter_map(|l| l.reserves.as_ref()) {
            let slot = of.slot_of(person);
            let is_left = slot.is_some_and(|slot| left.contains(pool, slot));
            survey.is_asked |= is_left && self.state.can_be_reached(contact, person);
            self.take_out(left, person);
        }
        survey.counts.unasked = left.count();
        for (person, asked) in &contact.search.asked {
            if self.at < asked.until {
                self.take_out(left, person);
            }
        }
        survey.counts.rested = left.count();
        let mut full = left.clone();
        self.keep_certain(&mut full);
        full.keep(pool, rows.hands[channel]);
        survey.is_full = full.keep_not(pool, rows.spare[channel]) > 0;
        survey.counts.free = left.keep(pool, rows.spare[channel]);
    }

    /// Whether every key that counts stands in the pool, so that nobody else is looked at.
    fn is_quick(&self) -> bool {
        let plan = self.plan;
        let weighs = plan.group.is_some_and(|group| !group.weights.is_empty());
        let mut keys = keys(plan);
        let is_in_pool = |key| match key {
            OrderKey::Lot => false,
            OrderKey::Praise => plan.wants.is_empty() || !self.state.has_praise(),
            OrderKey::Shortfall => !weighs,
            OrderKey::SoftSkill => plan.wants.len() <= 1,
            _ => true,
        };
        keys.all(is_in_pool)
    }

    /// The first of those who are left, and the next.
    fn first_two(&self, left: Among, admitted: &[Among]) -> Vec<Candidate> {
        let pool = &self.of.pool;
        let mut narrowed = Narrowed {
            first: left,
            taken_out: None,
        };
        let mut order: Vec<PoolKey> = Vec::new();
        for key in keys(self.plan) {
            match self.key_of(key) {
                Some(key) => order.push(key),
                None => self.narrow(key, admitted, &mut narrowed),
            }
        }
        let (first, next) = narrowed.first.first_two(pool, &order);
        let taken_out = || narrowed.taken_out.as_ref()?.first_two(pool, &order).0;
        let slots = first.into_iter().chain(next.or_else(taken_out));
        self.candidates(slots, admitted)
    }

    /// The key of the pool that is compared, where it comes after all by which people are narrowed
    /// down.
    fn key_of(&self, key: OrderKey) -> Option<PoolKey> {
        let keys = &self.of.keys;
        match key {
            OrderKey::Shortfall => Some(keys.counted),
            OrderKey::FewestContacts => Some(keys.had),
            OrderKey::LeastLoaded => Some(keys.load[self.contact.channel]),
            OrderKey::Turn => Some(keys.turn),
            OrderKey::LongestIdle => Some(keys.idle),
            OrderKey::Position => Some(keys.position),
            OrderKey::LastOffer => Some(keys.last_offer),
            _ => None,
        }
    }

    fn narrow(&self, key: OrderKey, admitted: &[Among], narrowed: &mut Narrowed) {
        let pool = &self.of.pool;
        match key {
            OrderKey::Certainty => {
                let mut certain = narrowed.first.clone();
                self.keep_certain(&mut certain);
                narrowed.to(certain);
            }
            OrderKey::KnowsCustomer => {
                let (contact, at) = (self.contact, self.at);
                let who = self.state.who_knows(contact, self.plan.knows_for_s, at);
                let mut know = Among::nobody(pool);
                for slot in who.filter_map(|person| self.of.slot_of(person)) {
                    know.put_in(pool, slot);
                }
                know.meet(&narrowed.first);
                narrowed.to(know);
            }
            OrderKey::Circle => {
                for circle in admitted {
                    let mut of_circle = circle.clone();
                    of_circle.meet(&narrowed.first);
                    if narrowed.to(of_circle) {
                        break;
                    }
                }
            }
            OrderKey::LeastFlexible => {
                let mut least = narrowed.first.clone();
                least.keep_least(pool, self.of.keys.skills);
                narrowed.to(least);
            }
            OrderKey::SoftSkill => {
                for want in &self.plan.wants {
                    self.narrow_to_best(want, narrowed);
                }
            }
            _ => {}
        }
    }

    /// Narrows down to those who have a skill at the highest level that somebody has.
    fn narrow_to_best(&self, want: &Requirement, narrowed: &mut Narrowed) {
        let lowest = if want.is_soft { want.at_least } else { 1 };
        for level in (lowest.max(1)..=5).rev() {
            let Some(row) = self.row_of(level, want) else {
                return;
            };
            let mut best = narrowed.first.clone();
            best.keep(&self.of.pool, row);
            if narrowed.to(best) {
                return;
            }
        }
    }

    fn candidates(&self, slots: impl Iterator<Item = Slot>, admitted: &[Among]) -> Vec<Candidate> {
        let pool = &self.of.pool;
        let candidate = |slot: Slot| {
            let mut circles = admitted.iter().zip(0u32..);
            let circle = circles.find(|(among, _)| among.contains(pool, slot));
            let circle = circle.map_or(self.circle, |(_, circle)| circle);
            let person = &self.of.people[slot.index()];
            self.state
                .candidate(self.contact, self.plan, person, circle, self.at)
        };
        slots.map(candidate).collect()
    }
}

impl Narrowed {
    /// Narrows down to these, who are some of the first; answers whether there is anybody.
    fn to(&mut self, some: Among) -> bool {
        if some.is_empty() {
            return false;
        }
        let mut others = self.first.clone();
        others.leave(&some);
        if !others.is_empty() {
            self.taken_out = Some(others);
        }
        self.first = some;
        true
    }
}
