//! What happens when the circles bring nobody: calamity lines, and the levels of the policy.

use bereik_core::Acknowledgement;
use bereik_core::acknowledgement::PromiseKind;
use bereik_core::agreement::{Ask, EscalationPolicy, Level};
use bereik_core::contact::Addressee;
use bereik_core::entry::Fact;
use bereik_core::explanation::{ExcludedBy, Explanation};
use bereik_core::id::{ContactId, PersonId};
use bereik_core::message::Author;
use bereik_core::offer::Offered;
use bereik_core::reachability::Reach;
use chrono::{DateTime, Utc};

use crate::answer::{Answer, Refusal};
use crate::choose::count_listed;
use crate::contact_state::{Contact, Escalation, Way};
use crate::deadline::Timer;
use crate::state::State;
use crate::target::{is_in_service, later, stretched};
use crate::tell::GRACE_S;

/// The first wait until every way is tried again, in seconds; each wait is twice the one before.
const TRY_AFTER_S: i64 = 1_800;
/// The same for a calamity.
const TRY_AFTER_CALAMITY_S: i64 = 120;
/// The longest wait until every way is tried again, at first, in seconds: a day, an hour for a
/// calamity.
const TRY_AFTER_S_MAX: i64 = 86_400;
const TRY_AFTER_CALAMITY_S_MAX: i64 = 3_600;

/// After so many rounds a policy that is repeated for ever waits twice as long.
const ROUNDS: u32 = 30;

/// Whom a level asks, and whose capacity that takes.
pub(crate) type Target = (Offered, Option<PersonId>);

fn has_levels(contact: &Contact) -> bool {
    let policy = contact.policy.as_ref();
    policy.is_some_and(|policy| !policy.levels.is_empty())
}

fn repeat_max(contact: &Contact) -> u32 {
    contact.policy.as_ref().map_or(0, |p| p.repeat_max)
}

/// For what a level asks: for an owner, or for help for the one that there is.
fn way_of(contact: &Contact) -> Way {
    if contact.participants.is_empty() {
        Way::Level
    } else {
        Way::Help
    }
}

/// How long a level is waited for, in seconds. A policy that is repeated for ever waits twice as
/// long after each thirty rounds.
fn wait_s(contact: &Contact, level: &Level, round: u32) -> i64 {
    if repeat_max(contact) != EscalationPolicy::FOR_EVER {
        return level.for_s.into();
    }
    i64::from(level.for_s) << ((round - 1) / ROUNDS).min(40)
}

/// How long it takes from this level to the end of the round, in seconds.
fn round_s(contact: &Contact, level: usize, round: u32) -> i64 {
    let levels = contact.policy.iter().flat_map(|policy| &policy.levels);
    let waits = levels
        .skip(level)
        .map(|level| wait_s(contact, level, round));
    waits.fold(0, i64::saturating_add)
}

/// How long it takes from the end of all ways until they are tried again, in seconds.
fn try_after_s(contact: &Contact) -> i64 {
    let (first_s, longest_s) = match (contact.is_calamity(), has_levels(contact)) {
        (true, true) => (TRY_AFTER_CALAMITY_S, TRY_AFTER_CALAMITY_S_MAX),
        (true, false) => (TRY_AFTER_CALAMITY_S, TRY_AFTER_S_MAX),
        (false, _) => (TRY_AFTER_S, TRY_AFTER_S_MAX),
    };
    let tries = contact.search.tries;
    (first_s << tries.min(40)).min(stretched(longest_s, tries))
}

fn is_among(targets: &[Target], to: &Offered) -> bool {
    targets.iter().any(|(target, _)| target == to)
}

impl State {
    /// Puts a contact to each calamity line that is in service and does not have it already.
    pub(crate) fn ask_calamity_lines(&mut self, id: ContactId, until: DateTime<Utc>) {
        let lines = &self.directory.draft().calamity_lines;
        let in_service = lines
            .iter()
            .filter(|line| is_in_service(&self.directory, line, self.now));
        let lines: Vec<Offered> = in_service.cloned().map(Offered::Line).collect();
        for to in lines {
            if !self.held(id).has_offer(&to) {
                self.offer(id, to, Way::Calamity, until, None);
            }
        }
    }

    /// Begins the escalation policy, if it has not been begun. While nobody has the contact it
    /// looks for an owner; with one it asks others to join him.
    pub(crate) fn start_escalation(&mut self, id: ContactId) {
        if self.held(id).search.escalation == Escalation::NotStarted {
            self.enter_level(id, 0, 1, false);
        }
    }

    /// Goes on to the next level when nobody of the running one is being asked any longer.
    pub(crate) fn continue_escalation(&mut self, id: ContactId) {
        let contact = self.held(id);
        let Escalation::Running {
            level,
            round,
            lapsed,
        } = contact.search.escalation
        else {
            return;
        };
        let way = way_of(contact);
        if contact.offers_by(way).next().is_none() {
            let is_for_ever = repeat_max(contact) == EscalationPolicy::FOR_EVER;
            self.enter_level(id, level + 1, round, lapsed || !is_for_ever);
        }
    }

    /// Enters the first level from `level` on that has somebody in service; the others are
    /// skipped at once. A round in which nobody was asked is the last.
    fn enter_level(&mut self, id: ContactId, mut level: usize, mut round: u32, mut asked: bool) {
        let repeat_max = repeat_max(self.held(id));
        let mut is_new_round = false;
        loop {
            if let Some(found) = self.enter_within(id, level, round) {
                let running = self.held(id).search.escalation;
                let lapsed = matches!(
                    running,
                    Escalation::Running { round: before, lapsed: true, .. } if before == round
                );
                self.change(id).search.escalation = Escalation::Running {
                    level: found,
                    round,
                    lapsed,
                };
                if is_new_round {
                    self.tell_of_round(id, found, round);
                }
                return;
            }
            if round > repeat_max || !asked {
                break;
            }
            (level, round, asked) = (0, round.saturating_add(1), false);
            is_new_round = true;
        }
        self.exhaust(id);
    }

    /// The policy begins anew: a customer to whom nothing stands promised hears of it, ever more
    /// rarely, and by when it does so again.
    fn tell_of_round(&mut self, id: ContactId, level: usize, round: u32) {
        let contact = self.held(id);
        if !contact.is_waiting() || contact.promise.is_some() || !round.is_power_of_two() {
            return;
        }
        self.promise_alert(id, later(self.now, round_s(contact, level, round)));
    }

    fn promise_alert(&mut self, id: ContactId, again_at: DateTime<Utc>) {
        self.say(id, Acknowledgement::StillAlerting { again_at });
        self.promise(id, PromiseKind::NextTry, again_at, again_at);
    }

    /// What a customer was promised has passed while a level asks people: he hears that, and by
    /// when they are asked once more if none of them answers.
    pub(crate) fn tell_of_alert(&mut self, id: ContactId) {
        let contact = self.held(id);
        let Escalation::Running { level, round, .. } = contact.search.escalation else {
            return;
        };
        let try_s = match repeat_max(contact) {
            EscalationPolicy::FOR_EVER => 0,
            _ => try_after_s(contact),
        };
        let seconds = round_s(contact, level, round).saturating_add(try_s);
        self.promise_alert(id, later(self.now, seconds));
    }

    /// Enters the first level of a round from `level` on that has somebody in service; answers
    /// which, if there is one.
    fn enter_within(&mut self, id: ContactId, level: usize, round: u32) -> Option<usize> {
        let policy = self.held(id).policy.clone();
        let levels = policy.map_or_else(Vec::new, |policy| policy.levels);
        let mut ahead = levels.iter().enumerate().skip(level);
        ahead
            .find(|(number, level)| self.ask_level(id, level, *number, round))
            .map(|(number, _)| number)
    }

    /// In a calamity the next level starts beside the running one, which is not cut short. After
    /// the last of a round those who are asked are waited for.
    pub(crate) fn widen_level(&mut self, id: ContactId) {
        let Escalation::Running {
            level,
            round,
            lapsed,
        } = self.held(id).search.escalation
        else {
            return;
        };
        let found = self.enter_within(id, level + 1, round);
        let last = self.held(id).policy.as_ref().map_or(0, |p| p.levels.len());
        let level = found.unwrap_or(last.saturating_sub(1));
        self.change(id).search.escalation = Escalation::Running {
            level,
            round,
            lapsed,
        };
    }

    /// A level that runs in what has become a calamity does not keep the next one waiting.
    pub(crate) fn quicken_level(&mut self, id: ContactId) {
        let contact = self.held(id);
        let is_running = matches!(contact.search.escalation, Escalation::Running { .. });
        if contact.is_calamity() && is_running && self.deadlines.at(id, Timer::Level).is_none() {
            let half_at = self.clock(contact).half_after(self.now);
            self.deadlines.arm(id, Timer::Level, half_at);
        }
    }

    /// Brings the policy as it is configured now to a running contact.
    pub(crate) fn replan(&mut self, id: ContactId, by: Author) -> Answer {
        let contact = self.held(id);
        if !contact.state.is_open() {
            return Answer::Refused(Refusal::ContactClosed);
        }
        let group = match &contact.addressee {
            Addressee::Group(group) => self.directory.group(group),
            _ => None,
        };
        let policy = self.directory.escalation_of(group).cloned();
        if contact.policy == policy {
            return self.late(id, None, by);
        }
        let has_begun = contact.search.escalation != Escalation::NotStarted;
        let fact = Fact::Replanned {
            by,
            policy: policy.as_ref().map(|policy| policy.id.clone()),
        };
        let contact = self.change(id);
        contact.policy = policy;
        contact.search.escalation = Escalation::NotStarted;
        let way = way_of(contact);
        self.enter(id, fact);
        self.deadlines.disarm(id, Timer::Level);
        self.deadlines.disarm(id, Timer::Try);
        self.withdraw(id, |live| live.way == way);
        if has_begun {
            self.start_escalation(id);
        }
        self.work.note(id);
        Answer::Done
    }

    /// Asks everybody of a level at once; answers whether there was anybody.
    fn ask_level(&mut self, id: ContactId, level: &Level, number: usize, round: u32) -> bool {
        let number = u32::try_from(number + 1).unwrap_or(u32::MAX);
        let (targets, explanation) = self.resolve_level(self.held(id), level);
        self.want_who_is_busy(id, &explanation);
        let is_skipped = targets.is_empty();
        let fact = if is_skipped {
            Fact::LevelSkipped { level: number }
        } else {
            Fact::LevelStarted {
                level: number,
                round,
            }
        };
        self.enter(id, fact);
        if !explanation.chosen.is_empty() || !explanation.excluded.is_empty() {
            self.enter(id, Fact::Chosen { explanation });
        }
        if is_skipped {
            return false;
        }
        let contact = self.held(id);
        let way = way_of(contact);
        let until = later(self.now, wait_s(contact, level, round));
        let half_at = self.clock(contact).half_after(self.now);
        let is_beside = contact.is_calamity() && half_at < until;
        for (to, reserves) in targets {
            self.offer_over(id, to, way, until, reserves);
        }
        self.deadlines.disarm(id, Timer::Level);
        if is_beside {
            self.deadlines.arm(id, Timer::Level, half_at);
        }
        true
    }

    /// Asks somebody beside the level that runs, if there is a way to him.
    pub(crate) fn ask_beside(&mut self, id: ContactId, person: &PersonId, until: DateTime<Utc>) {
        if let Ok(to) = self.way_to(self.held(id), person) {
            self.offer_over(id, to, Way::Level, until, Some(person.clone()));
        }
    }

    /// Puts a contact to somebody, whose line takes the place of his desk that may stand empty.
    fn offer_over(
        &mut self,
        id: ContactId,
        to: Offered,
        way: Way,
        until: DateTime<Utc>,
        reserves: Option<PersonId>,
    ) {
        self.withdraw(id, |live| {
            live.is_at_desk() && reserves.is_some() && live.reserves == reserves
        });
        self.offer(id, to, way, until, reserves);
    }

    /// Whom a level means at this instant: who is on call or reachable, and which lines are in
    /// service.
    pub(crate) fn resolve_level(
        &self,
        contact: &Contact,
        level: &Level,
    ) -> (Vec<Target>, Explanation) {
        let mut targets: Vec<Target> = Vec::new();
        let mut explanation = Explanation {
            circle: contact.search.circle,
            ..Explanation::default()
        };
        let mut people: Vec<&PersonId> = Vec::new();
        for ask in &level.ask {
            match ask {
                Ask::Group(group) => {
                    people.extend(self.directory.members_of(group));
                }
                Ask::Line(line) => {
                    let to = Offered::Line(line.clone());
                    let is_new = !is_among(&targets, &to) && !contact.has_offer(&to);
                    if is_new && is_in_service(&self.directory, line, self.now) {
                        targets.push((to, None));
                    }
                }
                Ask::Person(person) => people.push(person),
            }
        }
        people.sort();
        people.dedup();
        for person in people {
            match self.way_to(contact, person) {
                Ok(to) if is_among(&targets, &to) => {}
                Ok(to) => {
                    explanation.chosen.push(person.clone());
                    targets.push((to, Some(person.clone())));
                }
                Err(excluded) => explanation.excluded.push((person.clone(), excluded)),
            }
        }
        explanation.counts = count_listed(&explanation);
        (targets, explanation)
    }

    /// How a person whom a level names is asked: over the contact's own channel when he is
    /// reachable there, else over the first of his lines on which he is on call or reachable.
    ///
    /// A desk that was left open is no place where somebody is: his line rings where he let it
    /// lapse at his desk, and instead of his desk where he is on call, and in a calamity.
    fn way_to(&self, contact: &Contact, id: &PersonId) -> Result<Offered, ExcludedBy> {
        let here = self.reachability(id, contact.channel);
        let lines = self.directory.person(id).into_iter().flat_map(|p| &p.lines);
        let mut open = lines.filter(|line| {
            let reach = self.reachability(id, line.channel).reach;
            matches!(reach, Reach::Now | Reach::OnCall)
                && is_in_service(&self.directory, &line.id, self.now)
        });
        let desk = contact
            .offers
            .values()
            .find(|live| live.reserves.as_ref() == Some(id) && live.is_at_desk());
        let rings_instead =
            desk.is_some() && (contact.is_calamity() || here.reach == Reach::OnCall);
        let is_empty = contact.search.lapsed_at_desk(id, self.now);
        let to = match (here.reach, open.next()) {
            (Reach::Now, Some(line)) if rings_instead || is_empty => Offered::Line(line.id.clone()),
            (Reach::Now, _) | (Reach::OnCall, None) => Offered::Person(id.clone()),
            (_, Some(line)) => Offered::Line(line.id.clone()),
            (_, None) => return Err(ExcludedBy::NotReachable(here.reason)),
        };
        let is_line = matches!(to, Offered::Line(_));
        let is_replaced = is_line && rings_instead;
        if contact.participants.contains(id) {
            Err(ExcludedBy::TakesPart)
        } else if (contact.has_offer_to(id) && !is_replaced) || contact.has_offer(&to) {
            Err(ExcludedBy::HasOffer)
        } else if let Some(until) = self
            .declines_until(contact, id)
            .filter(|_| !(is_line && is_empty))
        {
            Err(ExcludedBy::CoolingDown(until))
        } else if let Some(until) = self.wraps_up_until(contact, id) {
            Err(ExcludedBy::WrappingUp(until))
        } else if !is_replaced && self.spare(id, contact.channel) == 0 {
            Err(ExcludedBy::AtCapacity)
        } else {
            Ok(to)
        }
    }

    /// Until when somebody is not asked by a level, if he is not: whom a level alerted in vain
    /// is alerted again in the next round, who turned it down is not.
    fn declines_until(&self, contact: &Contact, id: &PersonId) -> Option<DateTime<Utc>> {
        let asked = contact.search.asked.get(id);
        let is_by_level = asked.is_some_and(|asked| asked.by_level);
        let until = contact.search.cools_until(id, self.now);
        until.filter(|_| !is_by_level)
    }

    /// The policy is at its end. Where it has no levels there is nothing to try while somebody is
    /// only short of hands: he is asked as soon as he has one free.
    fn exhaust(&mut self, id: ContactId) {
        self.change(id).search.escalation = Escalation::Exhausted;
        self.deadlines.disarm(id, Timer::Level);
        let contact = self.held(id);
        if !contact.is_waiting() {
            return;
        }
        let is_promised = contact.has_promise(PromiseKind::Answer, self.now);
        if has_levels(contact) || !contact.search.is_full || !is_promised {
            self.arm_try(id);
        }
    }

    /// Arms the next try: after a wait that doubles each time, or when somebody is back, if that
    /// is sooner. Who was promised that somebody will be there then waits for that; a calamity
    /// does not.
    pub(crate) fn arm_try(&mut self, id: ContactId) {
        let now = self.now;
        let contact = self.held(id);
        let is_calamity = contact.is_calamity();
        let seconds = try_after_s(contact);
        let mut at = later(now, seconds);
        if let Some(back_at) = self.back_at(contact) {
            let told = contact.search.told.anything_at.is_some();
            let promised = contact.promise.map(|promise| promise.kind);
            let waits = !told || promised == Some(PromiseKind::BackAt);
            let back_at = later(back_at, GRACE_S);
            if back_at < at || (waits && !is_calamity) {
                at = back_at;
            }
        }
        let sooner = self.deadlines.at(id, Timer::Try);
        self.deadlines
            .arm(id, Timer::Try, sooner.map_or(at, |sooner| sooner.min(at)));
    }

    /// Every way is tried anew.
    pub(crate) fn try_again(&mut self, id: ContactId) {
        let now = self.now;
        let search = &mut self.change(id).search;
        search.tries = search.tries.saturating_add(1);
        search.escalation = Escalation::NotStarted;
        search.renewals = 0;
        search.told.answer_by.take_if(|_| search.due_at <= now);
        if self.held(id).is_calamity() {
            self.raise_calamity_again(id);
        }
        self.ask_circles(id);
        if !self.is_asking(self.held(id)) {
            self.start_escalation(id);
        }
        self.work.note(id);
    }

    /// Asks the calamity lines once more, and everybody who let it pass before.
    pub(crate) fn raise_calamity_again(&mut self, id: ContactId) {
        self.change(id).search.asked.clear();
        let contact = self.held(id);
        let until = contact
            .search
            .due_at
            .max(self.clock(contact).half_after(self.now));
        self.ask_calamity_lines(id, until);
        self.work.note(id);
    }
}
