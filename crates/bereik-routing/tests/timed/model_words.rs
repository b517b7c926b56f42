//! The part of the account about words: clocks, reminders, promises, and what is told.

use super::{CLOCKS, Clock, Model, Policy, Promised, Told, Way, Word};

impl Model<'_> {
    // ---- clocks, worked out of what was said

    fn for_s(&self, clock: Clock) -> Option<i64> {
        match clock {
            Clock::FirstAnswer => Some(self.town.answer_for_s),
            Clock::NextAnswer => self.town.next_answer_for_s.or(Some(self.town.answer_for_s)),
            Clock::Resolution => self.town.resolve_for_s,
        }
    }

    /// Since when a clock runs, how long it ran, and whether it rests.
    fn ran_s(&self, clock: Clock) -> Option<(i64, bool)> {
        let answered = self.words.iter().find(|(_, word)| *word != Word::Customers);
        match clock {
            Clock::FirstAnswer if answered.is_some() => None,
            Clock::FirstAnswer => Some((self.now, false)),
            Clock::NextAnswer => {
                answered?;
                let mut since = None;
                for (at, word) in &self.words {
                    since = match word {
                        Word::Customers => since.or(Some(*at)),
                        Word::Persons | Word::Promise => None,
                    };
                }
                // Before the first answer the customer's words start nothing.
                let last_answer = self
                    .words
                    .iter()
                    .rposition(|(_, w)| *w != Word::Customers)?;
                let after = &self.words[last_answer + 1..];
                after.first()?;
                since.map(|since| (self.now - since, false))
            }
            Clock::Resolution => {
                let (mut ran, mut since) = (0, Some(0));
                for (at, word) in &self.words {
                    match (word, since) {
                        (Word::Persons, Some(from)) => {
                            ran += at - from;
                            since = None;
                        }
                        (Word::Customers, None) => since = Some(*at),
                        _ => {}
                    }
                }
                let running = since.map_or(0, |from| self.now - from);
                Some((ran + running, since.is_none()))
            }
        }
    }

    fn warn_s(&self, for_s: i64) -> i64 {
        (for_s * self.town.warn_percent / 100).max(1)
    }

    pub(super) fn warn(&mut self, clock: Clock) {
        let Some(for_s) = self.for_s(clock) else {
            return;
        };
        let warn_s = self.warn_s(for_s);
        let Some((ran, rests)) = self.ran_s(clock) else {
            return;
        };
        if !self.is_open || rests || ran != warn_s || warn_s >= for_s {
            return;
        }
        self.note(format!("warned {clock:?}"));
        if self.is_waiting() {
            if clock != Clock::Resolution {
                self.begin_policy();
            }
            self.is_dirty = true;
            return;
        }
        let due = self.now + for_s - warn_s;
        self.note(format!("remind owner {clock:?} due {due}"));
        if clock == Clock::FirstAnswer {
            self.note(format!("remind group {clock:?} due {due}"));
        }
    }

    pub(super) fn breach(&mut self, clock: Clock) {
        let Some(for_s) = self.for_s(clock) else {
            return;
        };
        let Some((ran, rests)) = self.ran_s(clock) else {
            return;
        };
        // Where nobody is warned before the end, a search begins the policy at the end.
        let begins = clock == Clock::FirstAnswer && self.warn_s(for_s) >= for_s;
        if self.is_open && self.is_waiting() && ran == for_s && begins {
            self.begin_policy();
            self.is_dirty = true;
            self.settle();
        }
        if !self.is_open || rests || ran != for_s {
            return;
        }
        self.note(format!("breached {clock:?}"));
        if self.is_waiting() {
            return;
        }
        self.note(format!("remind owner {clock:?} overdue"));
        if clock == Clock::FirstAnswer {
            self.begin_policy();
        }
        self.watch();
    }

    fn overdue(&self) -> Option<Clock> {
        let is_overdue = |clock: &Clock| {
            let for_s = self.for_s(*clock);
            let ran = self.ran_s(*clock);
            matches!((for_s, ran), (Some(for_s), Some((ran, false))) if ran >= for_s)
        };
        CLOCKS.into_iter().find(is_overdue)
    }

    /// Notes when an owner who does not react is pressed, unless that is noted already.
    fn watch(&mut self) {
        let Some(clock) = self.overdue().filter(|_| !self.participants.is_empty()) else {
            return;
        };
        if self.pressed.is_none() {
            let first = (self.for_s(clock).expect("it runs") / 4).clamp(60, 14_400);
            let wait = (first << self.times.min(40)).min(86_400 << (self.times / 30));
            self.pressed = Some((self.now + wait, self.times));
        }
    }

    pub(super) fn press(&mut self) {
        if !self.is_open || self.pressed.is_none_or(|(at, _)| at != self.now) {
            return;
        }
        self.pressed = None;
        if let Some(clock) = self.overdue() {
            self.times += 1;
            self.note(format!("remind owner {clock:?} overdue"));
            self.begin_policy();
            self.watch();
        }
    }

    fn answered(&mut self, word: Word) {
        self.words.push((self.now, word));
        self.times = 0;
        self.pressed = None;
        self.policy = Policy::NotBegun;
        self.withdraw(|offer| offer.way == Way::Help);
        self.watch();
    }

    // ---- a promised call

    pub(super) fn look_at_call(&mut self) {
        let Some((promised_at, at)) = self.call.filter(|_| self.is_open) else {
            return;
        };
        let is_near = promised_at < at - 300 && self.now == at - 300;
        if is_near || self.now == at {
            self.note(format!("remind owner call {at}"));
        } else if self.now == at + 120 {
            self.note("call missed".to_owned());
            self.ends_at = Some(self.now);
        }
    }

    fn keep_call(&mut self) {
        self.call = None;
        self.note("call kept".to_owned());
    }

    // ---- what the customer is promised

    pub(super) fn tell(&mut self) {
        let is_asking = self.is_out(Way::Circle);
        let is_red_out = self.is_out(Way::Calamity);
        let is_level_out = self.is_out(Way::Level);
        if is_red_out && !self.has_happened_silently("red") {
            self.say_silently("red");
        }
        let stands = matches!(self.promised, Some((Promised::Answer, by)) if self.now < by);
        if is_asking || is_red_out {
            if !stands {
                self.promise_answer();
            }
            if is_asking || !stands {
                return;
            }
        }
        if is_level_out && !self.has_happened_silently("on call") {
            self.say_silently("on call");
        }
        if is_level_out && self.is_broken {
            self.tell_of_alert();
        }
        if !is_red_out && !is_level_out && self.policy == Policy::Ended {
            let by = self.next_try();
            if self.now < by && self.promised != Some((Promised::NextTry, by)) {
                self.said_at = Some(self.now);
                self.promised = Some((Promised::NextTry, by));
                self.is_broken = false;
                self.look_at = Some(by);
                self.note(format!("promised NextTry by {by}"));
            }
        }
    }

    /// At the second, fourth, eighth round and so on a customer to whom nothing stands promised
    /// hears when the next begins at the latest.
    pub(super) fn tell_of_round(&mut self, level: usize, round: u32) {
        let is_told = [2, 4, 8, 16, 32, 64, 128, 256, 512].contains(&round);
        if is_told && self.is_waiting() && self.promised.is_none() {
            self.promise_alert(self.now + self.rest_of_round(level, round));
        }
    }

    fn rest_of_round(&self, level: usize, round: u32) -> i64 {
        let rest = self.town.levels[level..].iter();
        rest.map(|(_, for_s)| for_s << self.stretch(round)).sum()
    }

    fn promise_alert(&mut self, by: i64) {
        self.said_at = Some(self.now);
        self.promised = Some((Promised::NextTry, by));
        self.is_broken = false;
        self.look_at = Some(by);
        self.note(format!("promised NextTry by {by}"));
    }

    /// What was promised has passed while a level rings.
    fn tell_of_alert(&mut self) {
        let Policy::Level { level, round, .. } = self.policy else {
            return;
        };
        let is_for_ever = self.town.repeat_max == u32::MAX;
        let after = if is_for_ever { 0 } else { self.try_wait() };
        self.promise_alert(self.now + self.rest_of_round(level, round) + after);
    }

    fn next_try(&mut self) -> i64 {
        if self.exhausted_at.is_none() {
            self.exhausted_at = Some(self.now);
        }
        self.try_at().expect("it is at its end")
    }

    fn has_happened_silently(&self, what: &str) -> bool {
        self.has_happened(&format!("({what})"))
    }

    fn say_silently(&mut self, what: &str) {
        self.said_at = Some(self.now);
        self.note(format!("({what})"));
    }

    fn promise_answer(&mut self) {
        let (now, answer_for_s) = (self.now, self.town.answer_for_s);
        let is_first = self.answer_by.is_none() && now < self.due_at();
        let quarter = |by: i64| by - (by - now) / 4;
        let (by, look_at) = if is_first {
            (self.due_at(), self.warn_s(answer_for_s))
        } else {
            let longest = answer_for_s.max(86_400) << (self.renewals / 30);
            let by = now + (answer_for_s << self.renewals.min(40)).min(longest);
            let by = self.answer_by.map_or(by, |before| by.max(before + 1));
            (by, quarter(by))
        };
        if (by - now) % 4 != 0 {
            // It would be looked at within a second: here the account ends.
            self.ends_at = Some(now);
        }
        self.answer_by = Some(by);
        self.renewals += u32::from(!is_first);
        self.said_at = Some(now);
        self.promised = Some((Promised::Answer, by));
        self.is_broken = false;
        self.look_at = Some(if now < look_at { look_at } else { quarter(by) }.min(by));
        self.note(format!("promised Answer by {by}"));
    }

    pub(super) fn look_at_promise(&mut self) {
        self.look_at = None;
        let Some((kind, by)) = self.promised else {
            return;
        };
        let is_nobody = [Way::Circle, Way::Level, Way::Calamity]
            .into_iter()
            .all(|way| !self.is_out(way));
        if kind == Promised::NextTry {
            self.promised = None;
            self.is_broken = true;
            self.is_dirty = true;
        } else if self.said_at == Some(self.now) && self.now < by {
            self.look_at = Some(by);
        } else if is_nobody {
            self.promised = None;
            self.is_dirty = true;
        } else {
            self.promise_answer();
        }
    }

    // ---- what is told

    pub(super) fn hear(&mut self, told: &Told) {
        match told {
            Told::Accepted { offer, by } => self.accept(*offer, by),
            Told::Declined { offer } => self.end_by_number(*offer, "Declined"),
            Told::Failed { offer } => self.end_by_number(*offer, "Failed"),
            Told::CustomerSaid => {
                let rested = self
                    .ran_s(Clock::Resolution)
                    .is_some_and(|(_, rests)| rests);
                self.words.push((self.now, Word::Customers));
                if rested && self.for_s(Clock::Resolution).is_some() {
                    self.watch();
                }
            }
            Told::PersonSaid { .. } => {
                self.answered(Word::Persons);
                if self.call.is_some_and(|(_, at)| at - 300 <= self.now) {
                    self.keep_call();
                }
            }
            Told::CallPromised { at, .. } => {
                if self.call.is_none_or(|(_, before)| before != *at) {
                    self.call = Some((self.now, *at));
                    self.answered(Word::Promise);
                    self.note(format!("promised CallBack by {at}"));
                }
            }
            Told::Called { .. } => {
                if self.call.is_some() {
                    self.answered(Word::Persons);
                    self.keep_call();
                }
            }
            Told::Closed => {
                self.withdraw(|_| true);
                self.note("closed".to_owned());
                self.is_open = false;
            }
        }
        self.settle();
    }

    fn end_by_number(&mut self, offer: u64, outcome: &'static str) {
        let number = usize::try_from(offer).expect("a small number") - 1;
        let is_out = |offer: &super::Offer| offer.ended.is_none();
        if self.offers.get(number).is_some_and(is_out) {
            self.end(number, outcome);
        } else {
            self.note(format!("O{offer} {outcome}, which is not out"));
        }
    }

    fn accept(&mut self, offer: u64, by: &str) {
        self.end_by_number(offer, "Accepted");
        let takes_part = self.participants.iter().any(|person| person == by);
        let is_first = self.participants.is_empty();
        if !is_first {
            self.policy = Policy::Ended;
            self.withdraw(|offer| offer.way == Way::Help);
        }
        if takes_part {
            return;
        }
        self.note(format!("{by} joins"));
        self.participants.push(by.to_owned());
        if is_first {
            self.withdraw(|_| true);
            self.policy = Policy::NotBegun;
            self.level_at = None;
            self.exhausted_at = None;
            self.promised = None;
            self.look_at = None;
            self.watch();
        }
    }
}
