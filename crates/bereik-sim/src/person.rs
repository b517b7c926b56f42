//! People as they are: how fast they answer and work, and what they do with an offer.

use std::collections::BTreeMap;

use bereik_core::channel_kind::PerChannel;
use bereik_core::directory::Directory;
use bereik_core::reachability::Reach;
use bereik_core::{ChannelKind, GroupId, PersonId};

use crate::scenario::{Answering, Deeds, Habits, Scenario, Spread};
use crate::seed::Chance;

/// How one person answers and works.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    pub(crate) speed: f64,
    pub(crate) slower_each: f64,
    pub(crate) answers_after: Spread,
    pub(crate) ignores: f64,
    pub(crate) declines: f64,
    pub(crate) forgets_to_close: f64,
    pub(crate) forgets_for_s: u32,
    pub(crate) hands_on: f64,
    pub(crate) does: Deeds,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            speed: 1.0,
            slower_each: 0.3,
            answers_after: Spread::of_mean(6.0),
            ignores: 0.0,
            declines: 0.0,
            forgets_to_close: 0.0,
            forgets_for_s: 1_800,
            hands_on: 0.0,
            does: Deeds::default(),
        }
    }
}

impl From<&Habits> for Manner {
    fn from(habits: &Habits) -> Self {
        Self {
            speed: habits.speed,
            slower_each: habits.slower_each,
            answers_after: habits.answers_after,
            ignores: habits.ignores,
            declines: habits.declines,
            forgets_to_close: habits.forgets_to_close,
            forgets_for_s: habits.forgets_for_s,
            hands_on: habits.hands_on,
            does: habits.does,
        }
    }
}

impl From<&Answering> for Manner {
    fn from(answering: &Answering) -> Self {
        Self {
            answers_after: answering.answers_after,
            ignores: answering.ignores,
            ..Self::default()
        }
    }
}

/// What somebody does with an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Response {
    /// Takes it, after so many milliseconds.
    Accepts(i64),
    /// Turns it down.
    Declines(i64),
    /// Does not hear it, or does not care.
    Ignores,
}

impl Manner {
    /// What he does with an offer, and after how long. It takes the same number of draws always.
    pub(crate) fn response(&self, chance: &mut Chance, is_there: bool) -> Response {
        let (ignores, declines) = (chance.happens(self.ignores), chance.happens(self.declines));
        let after_ms = self.answers_after.draw_ms(chance);
        match (is_there && !ignores, declines) {
            (false, _) => Response::Ignores,
            (true, true) => Response::Declines(after_ms),
            (true, false) => Response::Accepts(after_ms),
        }
    }
}

/// The habits that count for a person: those of the first row that names him.
pub(crate) fn habits_of<'s>(
    scenario: &'s Scenario,
    directory: &Directory,
    person: &PersonId,
) -> Option<&'s Habits> {
    scenario.habits.iter().find(|habits| {
        let mut groups = habits.groups.iter();
        let by_group = groups.any(|id| directory.members_of(id).contains(person));
        let all = habits.who.is_empty() && habits.groups.is_empty();
        all || by_group || habits.who.contains(person)
    })
}

/// What is known and counted of one person while the world runs.
#[derive(Clone, Debug)]
pub(crate) struct Colleague {
    pub(crate) id: PersonId,
    pub(crate) manner: Manner,
    /// Whom he asks.
    pub(crate) asks: Option<GroupId>,
    /// How he can be reached in truth, over each kind of channel.
    pub(crate) reach: PerChannel<Reach>,
    pub(crate) held: PerChannel<u32>,
    pub(crate) tally: Tally,
    /// Since when he is on duty, and since when he has something in hand, in milliseconds.
    on_duty_since: Option<i64>,
    busy_since: Option<i64>,
}

/// What is counted of a person.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) on_duty_ms: i64,
    pub(crate) busy_ms: i64,
    pub(crate) taken: u32,
    pub(crate) declined: u32,
    pub(crate) let_ring: u32,
    pub(crate) handed_on: u32,
    pub(crate) most_at_once: u32,
    /// For how long he worked over each kind of channel, one contact counted beside the other.
    pub(crate) worked_ms: PerChannel<i64>,
}

impl Colleague {
    pub(crate) fn new(id: PersonId, manner: Manner) -> Self {
        Self {
            id,
            manner,
            asks: None,
            reach: PerChannel::from_fn(|_| Reach::Unknown),
            held: PerChannel::default(),
            tally: Tally::default(),
            on_duty_since: None,
            busy_since: None,
        }
    }

    pub(crate) fn is_on_duty(&self) -> bool {
        self.on_duty_since.is_some()
    }

    /// Whether he hears an offer over this kind of channel, in truth.
    pub(crate) fn is_there(&self, channel: ChannelKind) -> bool {
        matches!(self.reach[channel], Reach::Now | Reach::OnCall)
    }

    /// Takes how he can be reached from now on.
    pub(crate) fn comes_or_goes(&mut self, reach: PerChannel<Reach>, now_ms: i64) {
        self.reach = reach;
        let live =
            |(channel, reach): (ChannelKind, &Reach)| channel.is_live() && *reach == Reach::Now;
        let is_on_duty = reach.iter().any(live);
        match (self.on_duty_since, is_on_duty) {
            (None, true) => self.on_duty_since = Some(now_ms),
            (Some(since), false) => {
                self.tally.on_duty_ms += now_ms - since;
                self.on_duty_since = None;
            }
            _ => {}
        }
    }

    /// How many contacts he has in hand.
    pub(crate) fn in_hand(&self) -> u32 {
        self.held.iter().map(|(_, held)| *held).sum()
    }

    pub(crate) fn takes(&mut self, channel: ChannelKind, now_ms: i64) {
        self.held[channel] += 1;
        self.tally.taken += 1;
        self.tally.most_at_once = self.tally.most_at_once.max(self.in_hand());
        self.busy_since.get_or_insert(now_ms);
    }

    /// A contact of his goes on over another kind of channel.
    pub(crate) fn moves(&mut self, from: ChannelKind, to: ChannelKind) {
        self.held[from] = self.held[from].saturating_sub(1);
        self.held[to] += 1;
    }

    /// He has one contact fewer, which he had since `since_ms`.
    pub(crate) fn is_done(&mut self, channel: ChannelKind, since_ms: i64, now_ms: i64) {
        self.held[channel] = self.held[channel].saturating_sub(1);
        self.tally.worked_ms[channel] += now_ms - since_ms;
        if self.held.iter().all(|(_, held)| *held == 0)
            && let Some(since) = self.busy_since.take()
        {
            self.tally.busy_ms += now_ms - since;
        }
    }

    /// Closes the books.
    pub(crate) fn ends(&mut self, now_ms: i64) {
        if let Some(since) = self.on_duty_since.take() {
            self.tally.on_duty_ms += now_ms - since;
        }
        if let Some(since) = self.busy_since.take() {
            self.tally.busy_ms += now_ms - since;
        }
    }
}

/// Everybody of a directory, in its order, and where each stands.
pub(crate) fn colleagues(
    scenario: &Scenario,
    directory: &Directory,
) -> (Vec<Colleague>, BTreeMap<PersonId, usize>) {
    let mut all = Vec::new();
    let mut places = BTreeMap::new();
    for person in directory.people() {
        places.insert(person.id.clone(), all.len());
        let habits = habits_of(scenario, directory, &person.id);
        let manner = habits.map_or_else(Manner::default, Manner::from);
        let mut colleague = Colleague::new(person.id.clone(), manner);
        colleague.asks = habits.and_then(|habits| habits.asks.clone());
        all.push(colleague);
    }
    (all, places)
}
