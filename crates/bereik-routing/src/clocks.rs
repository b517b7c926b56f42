//! The four clocks of a contact: started, paused and stopped by what happens, each for itself.

use bereik_core::acknowledgement::PromiseKind;
use bereik_core::agreement::TargetClock;
use bereik_core::contact::Addressee;
use bereik_core::entry::{Fact, RemindTo, Reminder};
use bereik_core::id::{ContactId, PersonId};
use bereik_core::{Acknowledgement, ChannelKind};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::contact_state::{Contact, Escalation, Way};
use crate::deadline::Timer;
use crate::output::{Effect, Output};
use crate::state::State;

/// The clocks that may be overdue, the one that counts most first.
const OVERDUE: [TargetClock; 3] = [
    TargetClock::FirstAnswer,
    TargetClock::NextAnswer,
    TargetClock::Resolution,
];

/// The clocks that an answer stops.
const OF_ANSWERS: [TargetClock; 2] = [TargetClock::FirstAnswer, TargetClock::NextAnswer];

/// One clock that was started and not stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ticking {
    /// Since when it runs with what is left; `None` while it is paused.
    since: Option<DateTime<Utc>>,
    /// What was left then until it is due, in milliseconds of its hours.
    left_ms: i64,
    /// What was left then until the warning.
    warn_left_ms: i64,
    is_warned: bool,
    is_breached: bool,
}

/// The clocks of one contact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Clocks {
    /// By when the customer is acknowledged, until he is.
    pub(crate) acknowledge_by: Option<DateTime<Utc>>,
    first_answer: Option<Ticking>,
    next_answer: Option<Ticking>,
    resolution: Option<Ticking>,
    /// Whether a person has answered since the contact came in.
    pub(crate) is_answered: bool,
    /// How often the owner was reminded of what is overdue since a person last answered.
    reminded: u32,
}

impl Clocks {
    const fn of(&self, clock: TargetClock) -> Option<Ticking> {
        match clock {
            TargetClock::Acknowledgement => None,
            TargetClock::FirstAnswer => self.first_answer,
            TargetClock::NextAnswer => self.next_answer,
            TargetClock::Resolution => self.resolution,
        }
    }

    const fn set(&mut self, clock: TargetClock, ticking: Option<Ticking>) {
        match clock {
            TargetClock::Acknowledgement => {}
            TargetClock::FirstAnswer => self.first_answer = ticking,
            TargetClock::NextAnswer => self.next_answer = ticking,
            TargetClock::Resolution => self.resolution = ticking,
        }
    }

    /// The clock that ran out and still runs on, if one did.
    fn overdue(&self) -> Option<TargetClock> {
        let is_overdue = |clock: &TargetClock| {
            let ticking = self.of(*clock);
            ticking.is_some_and(|ticking| ticking.is_breached && ticking.since.is_some())
        };
        OVERDUE.into_iter().find(is_overdue)
    }
}

impl State {
    /// Starts the clocks of a contact that came in, or came back.
    pub(crate) fn start_clocks(&mut self, id: ContactId) {
        let acknowledge_by = self.clock(self.held(id)).acknowledge_after(self.now);
        self.change(id).clocks = Clocks {
            acknowledge_by: Some(acknowledge_by),
            ..Clocks::default()
        };
        self.start_clock(id, TargetClock::FirstAnswer);
        self.start_clock(id, TargetClock::Resolution);
    }

    /// Starts a clock, unless it runs already or was not agreed on.
    pub(crate) fn start_clock(&mut self, id: ContactId, clock: TargetClock) {
        let contact = self.held(id);
        if contact.clocks.of(clock).is_some() {
            return;
        }
        if let Some((warn_left_ms, left_ms)) = self.clock(contact).amounts_ms(clock) {
            let ticking = Ticking {
                since: Some(self.now),
                left_ms,
                warn_left_ms,
                is_warned: false,
                is_breached: false,
            };
            self.change(id).clocks.set(clock, Some(ticking));
            self.arm_clock(id, clock);
        }
    }

    fn arm_clock(&mut self, id: ContactId, clock: TargetClock) {
        self.disarm_clocks(id, &[clock]);
        let contact = self.held(id);
        let Some(ticking) = contact.clocks.of(clock) else {
            return;
        };
        let Some(since) = ticking.since.filter(|_| !ticking.is_breached) else {
            return;
        };
        let goal = self.clock(contact);
        let due_at = goal.after_ms(since, ticking.left_ms.max(1));
        let is_to_warn = !ticking.is_warned && ticking.warn_left_ms < ticking.left_ms;
        let warn_at = is_to_warn.then(|| goal.after_ms(since, ticking.warn_left_ms.max(1)));
        self.deadlines.arm(id, Timer::Breach(clock), due_at);
        if let Some(warn_at) = warn_at {
            self.deadlines.arm(id, Timer::Warn(clock), warn_at);
        }
    }

    fn disarm_clocks(&mut self, id: ContactId, clocks: &[TargetClock]) {
        self.deadlines.keep(id, |timer| match timer {
            Timer::Breach(clock) | Timer::Warn(clock) => !clocks.contains(clock),
            _ => true,
        });
    }

    fn stop_clock(&mut self, id: ContactId, clock: TargetClock) {
        self.disarm_clocks(id, &[clock]);
        self.change(id).clocks.set(clock, None);
    }

    /// Takes down what a clock ran so far.
    fn note_run(&self, contact: &Contact, mut ticking: Ticking) -> Ticking {
        if let Some(since) = ticking.since {
            let ran_ms = self.clock(contact).ran_ms(since, self.now);
            ticking.left_ms -= ran_ms;
            ticking.warn_left_ms -= ran_ms;
            ticking.since = Some(self.now);
        }
        ticking
    }

    fn pause_clock(&mut self, id: ContactId, clock: TargetClock) {
        let contact = self.held(id);
        if let Some(ticking) = contact.clocks.of(clock) {
            let mut ticking = self.note_run(contact, ticking);
            ticking.since = None;
            self.change(id).clocks.set(clock, Some(ticking));
            self.arm_clock(id, clock);
        }
    }

    fn resume_clock(&mut self, id: ContactId, clock: TargetClock) {
        let now = self.now;
        let ticking = self.held(id).clocks.of(clock);
        if let Some(mut ticking) = ticking.filter(|ticking| ticking.since.is_none()) {
            ticking.since = Some(now);
            self.change(id).clocks.set(clock, Some(ticking));
            self.arm_clock(id, clock);
            self.watch_overdue(id);
        }
    }

    /// A person answered the customer. With a message or a call it is the customer's turn.
    pub(crate) fn answered(&mut self, id: ContactId, is_customers_turn: bool) {
        let clocks = &mut self.change(id).clocks;
        clocks.is_answered = true;
        clocks.acknowledge_by = None;
        clocks.reminded = 0;
        for clock in OF_ANSWERS {
            clocks.set(clock, None);
        }
        self.deadlines.keep(id, |timer| match timer {
            Timer::Breach(clock) | Timer::Warn(clock) => !OF_ANSWERS.contains(clock),
            timer => !matches!(timer, Timer::Acknowledge | Timer::Remind),
        });
        if is_customers_turn {
            self.pause_clock(id, TargetClock::Resolution);
        }
        if !self.held(id).participants.is_empty() {
            self.change(id).search.escalation = Escalation::NotStarted;
            self.stop_help(id);
        }
        self.watch_overdue(id);
    }

    /// Nobody else is asked to help; those who are called in to an incident still are.
    pub(crate) fn stop_help(&mut self, id: ContactId) {
        if self.incident_of(self.held(id)).is_none() {
            self.withdraw(id, |live| live.way == Way::Help);
        }
    }

    /// The customer waits for a person's word.
    pub(crate) fn asked(&mut self, id: ContactId) {
        self.resume_clock(id, TargetClock::Resolution);
        if self.held(id).clocks.is_answered {
            self.start_clock(id, TargetClock::NextAnswer);
        }
    }

    /// The clocks go on with the targets of another urgency from now on; raised, with no more time
    /// than before.
    pub(crate) fn change_pace(&mut self, id: ContactId, was: bereik_core::Urgency) {
        for clock in OVERDUE {
            let contact = self.held(id);
            let is_raised = was < contact.urgency;
            let amounts = self.clock(contact).amounts_ms(clock);
            let Some(before) = contact.clocks.of(clock).filter(|t| !t.is_breached) else {
                if clock == TargetClock::Resolution {
                    self.start_clock(id, clock);
                }
                continue;
            };
            let Some((warn_left_ms, left_ms)) = amounts else {
                self.stop_clock(id, clock);
                continue;
            };
            let mut ticking = before;
            if let Some(since) = before.since {
                let ran_ms = self.clock_of(contact, was).ran_ms(since, self.now);
                ticking.left_ms -= ran_ms;
                ticking.warn_left_ms -= ran_ms;
                ticking.since = Some(self.now);
            }
            if is_raised {
                ticking.left_ms = ticking.left_ms.min(left_ms);
                ticking.warn_left_ms = ticking.warn_left_ms.min(warn_left_ms);
            } else {
                (ticking.left_ms, ticking.warn_left_ms) = (left_ms, warn_left_ms);
                ticking.is_warned = false;
            }
            self.change(id).clocks.set(clock, Some(ticking));
            self.arm_clock(id, clock);
        }
    }

    /// The clocks of answers begin anew: the customer is to be answered over another channel.
    pub(crate) fn pace_anew(&mut self, id: ContactId) {
        for clock in [TargetClock::FirstAnswer, TargetClock::NextAnswer] {
            let ticking = self.held(id).clocks.of(clock);
            if ticking.is_some_and(|ticking| !ticking.is_breached) {
                self.stop_clock(id, clock);
                self.start_clock(id, clock);
            }
        }
    }

    /// A target nears. While nobody has the contact, the escalation policy begins; its owner is
    /// reminded, and his group with him when he took it and said nothing.
    pub(crate) fn warn(&mut self, id: ContactId, clock: TargetClock) {
        self.mark(id, clock, |ticking| ticking.is_warned = true);
        self.enter(id, Fact::Warned { clock });
        let contact = self.held(id);
        let Some(owner) = contact.owner().cloned() else {
            if self.is_sought(contact) {
                if clock != TargetClock::Resolution {
                    self.start_escalation(id);
                }
                self.work.note(id);
            }
            return;
        };
        let Some(at) = self.deadlines.at(id, Timer::Breach(clock)) else {
            return;
        };
        let group = match &contact.addressee {
            Addressee::Group(group) if clock == TargetClock::FirstAnswer => Some(group.clone()),
            _ => None,
        };
        let of = Reminder::Due { clock, at };
        self.remind(id, RemindTo::Person(owner), of);
        if let Some(group) = group {
            self.remind(id, RemindTo::Group(group), of);
        }
    }

    /// A target passed unmet. The owner is reminded and keeps the contact; when he took it and
    /// never said anything, others are asked to join at once, else when he does not react.
    pub(crate) fn breach(&mut self, id: ContactId, clock: TargetClock) {
        self.mark(id, clock, |ticking| ticking.is_breached = true);
        self.enter(id, Fact::Breached { clock });
        self.deadlines.disarm(id, Timer::Warn(clock));
        if let Some(owner) = self.held(id).owner().cloned() {
            let to = RemindTo::Person(owner);
            self.remind(id, to, Reminder::Overdue { clock });
            if clock == TargetClock::FirstAnswer {
                self.start_escalation(id);
            }
            self.watch_overdue(id);
        }
    }

    fn mark(&mut self, id: ContactId, clock: TargetClock, how: impl Fn(&mut Ticking)) {
        let clocks = &mut self.change(id).clocks;
        let mut ticking = clocks.of(clock);
        ticking.iter_mut().for_each(how);
        clocks.set(clock, ticking);
    }

    /// When the answer for which the customer waits is due, while it is not overdue.
    pub(crate) fn answer_due_at(&self, id: ContactId) -> Option<DateTime<Utc>> {
        let due_at = |clock| self.deadlines.at(id, Timer::Breach(clock));
        due_at(TargetClock::FirstAnswer).or_else(|| due_at(TargetClock::NextAnswer))
    }

    /// Arms the deadline by which an owner reacts to what is overdue.
    pub(crate) fn watch_overdue(&mut self, id: ContactId) {
        let contact = self.held(id);
        let Some(clock) = contact.clocks.overdue() else {
            return;
        };
        let is_armed = self.deadlines.at(id, Timer::Remind).is_some();
        if contact.owner().is_some() && !is_armed {
            let times = contact.clocks.reminded;
            let at = self.clock(contact).react_after(clock, self.now, times);
            self.deadlines.arm(id, Timer::Remind, at);
        }
    }

    /// The owner did not react: others are asked to join, level by level; then he is reminded
    /// again.
    pub(crate) fn press(&mut self, id: ContactId) {
        let contact = self.held(id);
        let (Some(owner), Some(clock)) = (contact.owner().cloned(), contact.clocks.overdue())
        else {
            return;
        };
        let is_new = contact.search.escalation == Escalation::NotStarted;
        let clocks = &mut self.change(id).clocks;
        clocks.reminded = clocks.reminded.saturating_add(1);
        let to = RemindTo::Person(owner);
        self.remind(id, to, Reminder::Overdue { clock });
        if is_new {
            self.start_escalation(id);
        }
        self.watch_overdue(id);
    }

    /// Reminds people of something.
    pub(crate) fn remind(&mut self, id: ContactId, to: RemindTo, of: Reminder) {
        let fact = Fact::Reminded { to: to.clone(), of };
        let number = self.enter(id, fact);
        self.out.push_back(Output::Effect(Effect::Remind {
            contact: id,
            number,
            to,
            of,
        }));
    }

    /// Whoever was told something has been acknowledged; else a deadline sees to it.
    pub(crate) fn watch_acknowledgement(&mut self, id: ContactId) {
        let Some(contact) = self.contacts.get(&id) else {
            return;
        };
        match contact.clocks.acknowledge_by {
            Some(at) if self.deadlines.at(id, Timer::Acknowledge) != Some(at) => {
                self.deadlines.arm(id, Timer::Acknowledge, at);
            }
            _ => {}
        }
    }

    /// The customer has heard nothing, whatever the reason: he hears by when an answer is due.
    pub(crate) fn acknowledge_now(&mut self, id: ContactId) {
        let contact = self.held(id);
        if contact.clocks.acknowledge_by.is_none() || !contact.state.is_open() {
            return;
        }
        if !contact.is_waiting() {
            let owner = contact.owner().cloned().expect("somebody has it");
            self.say(id, Acknowledgement::Owned(owner));
        } else if !contact.has_promise(PromiseKind::Answer, self.now) {
            self.promise_answer(id);
        }
        self.change(id).clocks.acknowledge_by = None;
    }

    /// Whether taking a contact is answering it: people speak with each other at once.
    pub(crate) const fn is_spoken(channel: ChannelKind) -> bool {
        matches!(channel, ChannelKind::Meeting | ChannelKind::Phone)
    }

    /// A person wrote to the customer, or called him.
    pub(crate) fn person_said(&mut self, id: ContactId, person: &PersonId) {
        self.answered(id, true);
        self.keep_call_back_by(id, person);
    }
}

#[cfg(test)]
mod tests {
    use bereik_core::contact::Customer;
    use bereik_core::directory::Draft;
    use bereik_core::group::Group;
    use bereik_core::person::Person;
    use bereik_core::zone::Zone;
    use chrono::TimeDelta;

    use super::*;
    use crate::{Input, Opening};

    /// Whatever keeps the engine from saying anything when a contact comes in, the customer hears
    /// by the instant that was agreed.
    #[test]
    fn who_was_told_nothing_is_acknowledged_by_the_deadline() {
        let anna: PersonId = "anna".parse().expect("an id");
        let group = Group::new("desk".parse().expect("an id"), "Desk", vec![anna.clone()]);
        let draft = Draft::new("Rivers & Co", Zone::utc()).with_group(group);
        let draft = draft.with_person(Person::new(anna, "Anna"));
        let mut state = State::new(draft.check().expect("one person in one group"));
        let key = "key".parse().expect("a key");
        let opening = Opening::new(key, Customer::default(), ChannelKind::Email);
        state.take(Input::Opened(Box::new(opening)));
        state.work.take();
        let (id, opened_at) = (ContactId::new(1), state.now);
        assert!(
            state.held(id).search.told.anything_at.is_none(),
            "nothing was said"
        );
        state.settle();
        let by = opened_at + TimeDelta::seconds(60);
        assert_eq!(state.deadlines.at(id, Timer::Acknowledge), Some(by));
        state.advance_to(by);
        assert_eq!(state.held(id).search.told.anything_at, Some(by));
        assert_eq!(state.held(id).clocks.acknowledge_by, None);
    }
}
