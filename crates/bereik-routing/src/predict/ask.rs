//! What the engine predicts for one contact: who is before it, who serves when, at which rates.

use bereik_core::contact::Addressee;
use bereik_core::entry::Fact;
use bereik_core::id::{ContactId, GroupId};
use bereik_core::message::Author;
use bereik_core::{ChannelKind, Urgency};
use chrono::{DateTime, TimeDelta, Utc};

use super::wait::{self, Rates, WaitEstimate};
use crate::contact_state::Contact;
use crate::explain::imagined;
use crate::state::State;

/// How long a contact will wait until somebody has a hand free for it, as far as can be told.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "the state that was found, and what follows"
)]
pub struct Prediction {
    /// How many waiting contacts go before it, over the same kind of channel, that nobody who
    /// is there is being asked for yet.
    pub ahead: u32,
    /// How many contacts those who are there now can hold.
    pub hands: u32,
    /// How many of these hands are free.
    pub free: u32,
    /// At which rates they are done.
    pub rates: Rates,
    /// The wait; `None` where nobody is there and nobody is known to come.
    pub wait: Option<WaitEstimate>,
}

impl State {
    /// What is predicted for a contact that is held or imagined. With a plan, that says who serves
    /// when; without one, reachability does: who is there stays, and who is away comes when it says.
    pub(crate) fn predict(
        &self,
        contact: &Contact,
        at: DateTime<Utc>,
        plan: Option<&[(DateTime<Utc>, u32)]>,
    ) -> Prediction {
        let from_reach;
        let plan = if let Some(plan) = plan {
            plan
        } else {
            from_reach = self.hands(contact).plan(at);
            &from_reach
        };
        self.predict_over(contact, at, plan, self.free_hands(contact, at))
    }

    fn predict_over(
        &self,
        contact: &Contact,
        at: DateTime<Utc>,
        plan: &[(DateTime<Utc>, u32)],
        free: u32,
    ) -> Prediction {
        let ahead = self.ahead_on_channel(contact);
        let pool = pool(&contact.addressee);
        let rates = self.observed.rates(pool, contact.channel, at);
        let now = plan.iter().rev().find(|(from, _)| *from <= at);
        let hands = now.or(plan.first()).map_or(0, |(_, hands)| *hands);
        let free = free.min(hands);
        Prediction {
            ahead,
            hands,
            free,
            rates,
            wait: wait::over(plan, at, ahead, free, rates),
        }
    }

    /// Predicts the wait of a contact that its customer is told to wait with, and records it;
    /// answers the interval, in seconds.
    pub(crate) fn predict_and_record(&mut self, id: ContactId) -> Option<(u32, u32)> {
        self.place_moved();
        let now = self.now;
        let plan = self.plan_from_now(id);
        // Who waits does so because whoever is there has no hand free.
        let wait = self.predict_over(self.held(id), now, &plan, 0).wait?;
        let (p10_s, p50_s, p90_s) = (
            seconds(wait.p10, Rounding::Down)?,
            seconds(wait.p50, Rounding::Up)?,
            seconds(wait.p90, Rounding::Up)?,
        );
        // Only the first of a wait is held against what comes: the last one before the end would be
        // found too long, as those that go on get another.
        self.change(id).predicted.get_or_insert((now, p10_s, p90_s));
        self.enter(
            id,
            Fact::Predicted {
                p10_s,
                p50_s,
                p90_s,
                method: wait.method,
            },
        );
        Some((p10_s, p90_s))
    }

    /// Somebody takes a contact: how long it waited is known.
    pub(crate) fn observe_answer(&mut self, id: ContactId) {
        let now = self.now;
        let contact = self.change(id);
        contact.owned_since = Some(now);
        let predicted = contact.predicted.take();
        let (since, channel) = (contact.search.since, contact.channel);
        let pool = pool(&contact.addressee).cloned();
        if let Some((at, p10_s, p90_s)) = predicted {
            let span = |s: u32| TimeDelta::seconds(s.into());
            self.coverage.ended(span(p10_s), span(p90_s), now - at);
        }
        self.observed
            .answered(pool.as_ref(), channel, now, now - since);
    }

    /// Nobody has a contact any longer, or it is closed: how long it took, or that its customer
    /// gave up.
    pub(crate) fn observe_end(&mut self, id: ContactId, by: &Author) {
        let now = self.now;
        let is_waiting = self.held(id).is_waiting();
        let contact = self.change(id);
        let owned_since = contact.owned_since.take();
        let predicted = contact.predicted.take();
        let (since, channel) = (contact.search.since, contact.channel);
        let pool = pool(&contact.addressee).cloned();
        if let Some(since) = owned_since {
            self.observed
                .handled(pool.as_ref(), channel, now, now - since);
        } else if is_waiting && *by == Author::Customer {
            self.observed
                .abandoned(pool.as_ref(), channel, now, now - since);
            if predicted.is_some() {
                self.coverage.gave_up();
            }
        }
    }

    pub(crate) fn predict_for_new(
        &self,
        at: DateTime<Utc>,
        addressee: &Addressee,
        channel: ChannelKind,
        urgency: Urgency,
        plan: Option<&[(DateTime<Utc>, u32)]>,
    ) -> Prediction {
        let mut contact = imagined(at, addressee, channel, urgency);
        contact.search.due_at = self.clock(&contact).due_after(at);
        self.predict(&contact, at, plan)
    }
}

/// For which group what is seen of a contact counts.
const fn pool(addressee: &Addressee) -> Option<&GroupId> {
    match addressee {
        Addressee::Group(group) => Some(group),
        _ => None,
    }
}

enum Rounding {
    Down,
    Up,
}

fn seconds(span: TimeDelta, rounding: Rounding) -> Option<u32> {
    let ms = span.num_milliseconds();
    let seconds = match rounding {
        Rounding::Down => ms / 1_000,
        Rounding::Up => (ms + 999) / 1_000,
    };
    u32::try_from(seconds).ok()
}
