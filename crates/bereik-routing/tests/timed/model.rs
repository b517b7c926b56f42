//! A naive account of what must have happened by each second: it walks through the seconds, keeps
//! no timers, and looks back at what was told and what happened.

use bereik_core::agreement::EscalationPolicy;

use super::town::{Told, Town, asked};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Calamity,
    Circle,
    Help,
    Level,
}

#[derive(Clone, Debug)]
struct Offer {
    to: String,
    /// Who cools down when it is in vain.
    reserves: Option<String>,
    way: Way,
    until: i64,
    /// When it ended, and how.
    ended: Option<(i64, &'static str)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Policy {
    Ended,
    Level {
        level: usize,
        round: u32,
        lapsed: bool,
    },
    NotBegun,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Promised {
    Answer,
    NextTry,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Clock {
    FirstAnswer,
    NextAnswer,
    Resolution,
}

const CLOCKS: [Clock; 3] = [Clock::FirstAnswer, Clock::NextAnswer, Clock::Resolution];

/// Something said to or by the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    /// The customer waits.
    Customers,
    /// A person wrote or called: the customer has the ball.
    Persons,
    /// A person promised a call.
    Promise,
}

/// The account of one contact.
pub(crate) struct Model<'a> {
    town: &'a Town,
    now: i64,
    is_open: bool,
    participants: Vec<String>,
    offers: Vec<Offer>,
    words: Vec<(i64, Word)>,
    happened: Vec<(i64, String)>,
    circle: u32,
    policy: Policy,
    /// When the running level was entered in a calamity, and for how long it rings.
    level_at: Option<(i64, i64)>,
    /// The offers in the order in which they ended.
    ends: Vec<usize>,
    /// From which end on it counts who was asked in vain.
    forgiven_at: usize,
    tries: u32,
    exhausted_at: Option<i64>,
    renewals: u32,
    promised: Option<(Promised, i64)>,
    /// Whether the last promise has passed and nothing was promised since.
    is_broken: bool,
    /// When the promise is looked at.
    look_at: Option<i64>,
    answer_by: Option<i64>,
    said_at: Option<i64>,
    /// The reminders of what is overdue: when somebody last was, and how often.
    pressed: Option<(i64, u32)>,
    times: u32,
    /// When a call was promised, and for when.
    call: Option<(i64, i64)>,
    is_dirty: bool,
    /// From here on the account does not go: the contact is looked for anew, or something comes
    /// within a second.
    pub(crate) ends_at: Option<i64>,
}

/// What must have happened, and until when that is known.
pub(crate) fn expected(town: &Town, told: &[(i64, Told)], until: i64) -> (Vec<(i64, String)>, i64) {
    let mut model = Model::new(town);
    model.open();
    let mut told = told.iter().peekable();
    for second in 0..=until {
        model.now = second;
        if second > 0 {
            model.pass();
        }
        while let Some((_, told)) = told.next_if(|(at, _)| *at == second) {
            model.hear(told);
        }
        if model.ends_at.is_some() || !model.is_open {
            break;
        }
    }
    let until = model.ends_at.unwrap_or(until + 1);
    (model.happened, until)
}

impl<'a> Model<'a> {
    fn new(town: &'a Town) -> Self {
        Self {
            town,
            now: 0,
            is_open: true,
            participants: Vec::new(),
            offers: Vec::new(),
            words: Vec::new(),
            happened: Vec::new(),
            circle: 0,
            policy: Policy::NotBegun,
            level_at: None,
            ends: Vec::new(),
            forgiven_at: 0,
            tries: 0,
            exhausted_at: None,
            renewals: 0,
            promised: None,
            is_broken: false,
            look_at: None,
            answer_by: None,
            said_at: None,
            pressed: None,
            times: 0,
            call: None,
            is_dirty: false,
            ends_at: None,
        }
    }

    fn note(&mut self, text: String) {
        self.happened.push((self.now, text));
    }

    fn has_happened(&self, text: &str) -> bool {
        self.happened.iter().any(|(_, happened)| happened == text)
    }

    fn is_waiting(&self) -> bool {
        self.is_open && self.participants.is_empty()
    }

    fn half_s(&self) -> i64 {
        self.town.answer_for_s / 2
    }

    fn due_at(&self) -> i64 {
        self.town.answer_for_s
    }

    // ---- offers

    fn offer(&mut self, to: &str, reserves: Option<&str>, way: Way, until: i64) {
        let role = if way == Way::Help {
            "Participant"
        } else {
            "Owner"
        };
        let number = self.offers.len() + 1;
        self.note(format!("O{number} to {to} as {role} until {until}"));
        self.offers.push(Offer {
            to: to.to_owned(),
            reserves: reserves.map(String::from),
            way,
            until,
            ended: None,
        });
    }

    fn end(&mut self, number: usize, outcome: &'static str) {
        let now = self.now;
        let offer = &mut self.offers[number];
        assert!(offer.ended.is_none(), "an offer ends once");
        offer.ended = Some((now, outcome));
        if let (Policy::Level { lapsed, .. }, Way::Help | Way::Level, "Lapsed") =
            (&mut self.policy, offer.way, outcome)
        {
            *lapsed = true;
        }
        self.ends.push(number);
        self.note(format!("O{} {outcome}", number + 1));
        self.is_dirty = true;
    }

    fn withdraw(&mut self, which: impl Fn(&Offer) -> bool) {
        for number in 0..self.offers.len() {
            let offer = &self.offers[number];
            if offer.ended.is_none() && which(offer) {
                self.end(number, "Withdrawn");
            }
        }
    }

    fn is_out(&self, way: Way) -> bool {
        self.offers
            .iter()
            .any(|o| o.ended.is_none() && o.way == way)
    }

    fn is_out_to(&self, to: &str) -> bool {
        let is_his = |o: &Offer| o.to == to || o.reserves.as_deref() == Some(to);
        self.offers.iter().any(|o| o.ended.is_none() && is_his(o))
    }

    /// Until when somebody is not asked again, and whether a level asked him last.
    fn cools_until(&self, person: &str) -> (i64, bool) {
        let (mut until, mut times, mut by_level) = (0, 0, false);
        for number in &self.ends[self.forgiven_at..] {
            let offer = &self.offers[*number];
            let Some((at, outcome)) = offer.ended else {
                continue;
            };
            if offer.reserves.as_deref() != Some(person) {
                continue;
            }
            let base: i64 = match outcome {
                "Declined" => 600,
                "Failed" | "Lapsed" => 120,
                _ => continue,
            };
            until = at + (base << times).min(86_400);
            times = (times + 1).min(10);
            by_level = outcome == "Lapsed" && matches!(offer.way, Way::Help | Way::Level);
        }
        (until, by_level)
    }

    /// Who is there in this circle and could be asked now, in order.
    fn eligible(&self, circle: u32) -> Vec<String> {
        let first = self.town.first.iter().enumerate();
        let first = first.map(|(i, there)| (format!("p{i}"), *there));
        let second = self.town.second_members().iter().enumerate();
        let second = second.map(|(i, there)| (format!("q{i}"), *there && circle > 0));
        let all = first.chain(second).filter(|(_, there)| *there);
        let free = |name: &String| {
            !self.is_out_to(name)
                && self.cools_until(name).0 <= self.now
                && !self.participants.contains(name)
        };
        let mut free: Vec<_> = all.map(|(name, _)| name).filter(free).collect();
        // Nearer circles first; among equals whoever was asked longest ago.
        free.sort_by_key(|name| (name.starts_with('q'), self.last_asked(name)));
        free
    }

    /// The number of the last offer to somebody.
    fn last_asked(&self, person: &str) -> Option<usize> {
        let is_his = |offer: &Offer| offer.reserves.as_deref() == Some(person);
        self.offers.iter().rposition(is_his)
    }

    // ---- time

    /// What time alone brings at this second, in the order in which one leads to another.
    fn pass(&mut self) {
        for number in 0..self.offers.len() {
            let offer = &self.offers[number];
            if offer.ended.is_none() && offer.until == self.now {
                self.end(number, "Lapsed");
            }
        }
        if self.is_waiting() && self.town.is_calamity && self.now == self.half_s() {
            self.raise_again();
            self.begin_policy();
        }
        self.settle();
        if self.level_is_over() {
            self.widen_level();
            self.settle();
        }
        let after_s = self.town.second.as_ref().map(|(after_s, _)| *after_s);
        if self.is_waiting() && self.circle == 0 && after_s == Some(self.now) {
            self.is_dirty = true;
            self.settle();
        }
        for clock in CLOCKS {
            self.warn(clock);
            self.settle();
        }
        for clock in CLOCKS {
            self.breach(clock);
            self.settle();
        }
        if self.is_waiting() && self.try_at() == Some(self.now) {
            self.try_again();
            self.settle();
        }
        self.look_at_call();
        if self.ends_at.is_some() {
            return;
        }
        self.press();
        self.settle();
        if self.look_at == Some(self.now) {
            self.look_at_promise();
            self.settle();
        }
    }

    fn open(&mut self) {
        if self.town.is_calamity {
            self.ask_calamity_line(self.half_s());
        }
        self.is_dirty = true;
        self.settle();
    }

    fn ask_calamity_line(&mut self, until: i64) {
        if self.town.has_calamity_line && !self.is_out_to("red") {
            self.offer("red", None, Way::Calamity, until);
        }
    }

    fn raise_again(&mut self) {
        self.forgiven_at = self.ends.len();
        let until = self.due_at().max(self.now + self.half_s());
        self.ask_calamity_line(until);
        self.is_dirty = true;
    }

    fn settle(&mut self) {
        while std::mem::take(&mut self.is_dirty) {
            if !self.is_open {
                return;
            }
            if !self.is_waiting() {
                self.go_on_with_policy();
                continue;
            }
            self.ask_circles();
            self.go_on_with_policy();
            let is_at_end = if self.town.is_calamity {
                !self.is_out(Way::Calamity)
            } else {
                !self.is_out(Way::Circle)
            };
            if is_at_end {
                self.begin_policy();
            }
            self.tell();
        }
    }

    fn ask_circles(&mut self) {
        let last = u32::from(self.town.second.is_some());
        let after_s = self
            .town
            .second
            .as_ref()
            .map_or(i64::MAX, |second| second.0);
        let mut circle = self.circle;
        if self.town.is_calamity || after_s <= self.now {
            circle = last;
        }
        let is_asking = self.is_out(Way::Circle);
        if self.eligible(circle).is_empty() && !is_asking {
            circle = last;
        }
        let eligible = self.eligible(circle);
        if self.circle < circle {
            self.note(format!("circle {circle}"));
        }
        self.circle = circle;
        let rings = self.town.rings || self.town.is_calamity;
        let chosen = match (rings, is_asking) {
            (true, _) => eligible.len(),
            (false, true) => 0,
            (false, false) => eligible.len().min(1),
        };
        let until = self.now + self.town.offer_for_s;
        for person in &eligible[..chosen] {
            self.offer(person, Some(person), Way::Circle, until);
        }
    }

    // ---- the policy

    fn way(&self) -> Way {
        if self.participants.is_empty() {
            Way::Level
        } else {
            Way::Help
        }
    }

    fn begin_policy(&mut self) {
        if self.policy == Policy::NotBegun {
            self.enter_level(0, 1, false);
        }
    }

    fn go_on_with_policy(&mut self) {
        if let Policy::Level {
            level,
            round,
            lapsed,
        } = self.policy
            && !self.is_out(self.way())
        {
            let is_for_ever = self.town.repeat_max == EscalationPolicy::FOR_EVER;
            self.enter_level(level + 1, round, lapsed || !is_for_ever);
        }
    }

    fn enter_level(&mut self, level: usize, round: u32, counts: bool) {
        let was_lapsed = match self.policy {
            Policy::Level {
                round: before,
                lapsed,
                ..
            } => lapsed && before == round,
            _ => false,
        };
        if let Some(level) = self.first_of_round(level, round) {
            self.policy = Policy::Level {
                level,
                round,
                lapsed: was_lapsed,
            };
            return;
        }
        let goes_on = counts && round <= self.town.repeat_max;
        if goes_on && let Some(level) = self.first_of_round(0, round + 1) {
            self.policy = Policy::Level {
                level,
                round: round + 1,
                lapsed: false,
            };
            self.tell_of_round(level, round + 1);
            return;
        }
        self.policy = Policy::Ended;
        self.level_at = None;
        if self.is_waiting() {
            self.exhausted_at = Some(self.now);
        }
    }

    fn first_of_round(&mut self, from: usize, round: u32) -> Option<usize> {
        (from..self.town.levels.len()).find(|level| self.ask_level(*level, round))
    }

    fn ask_level(&mut self, level: usize, round: u32) -> bool {
        let (asks, for_s) = &self.town.levels[level];
        let mut targets: Vec<(&str, Option<&str>)> = Vec::new();
        let is_new = |targets: &[(&str, Option<&str>)], to: &str| {
            targets.iter().all(|(target, _)| *target != to)
        };
        for ask in asks {
            let to = asked(*ask);
            let is_line = to.starts_with("line");
            if is_line && is_new(&targets, to) && !self.is_out_to(to) {
                targets.push((to, None));
            }
        }
        let names_oncall = asks.iter().any(|ask| asked(*ask) == "oncall");
        let (until, by_level) = self.cools_until("oncall");
        let cools = self.now < until && !by_level;
        let takes_part = self.participants.iter().any(|p| p == "oncall");
        if names_oncall && !cools && !takes_part && !self.is_out_to("oncall") {
            targets.push(("oncall-line", Some("oncall")));
        }
        let number = level + 1;
        if targets.is_empty() {
            self.note(format!("level {number} skipped"));
            return false;
        }
        self.note(format!("level {number} round {round}"));
        let for_s = for_s << self.stretch(round);
        let way = self.way();
        self.level_at = Some((self.now, for_s));
        for (to, reserves) in targets {
            self.offer(to, reserves, way, self.now + for_s);
        }
        true
    }

    /// How often the waits of a policy that is repeated for ever have doubled.
    fn stretch(&self, round: u32) -> u32 {
        let is_for_ever = self.town.repeat_max == EscalationPolicy::FOR_EVER;
        if is_for_ever { (round - 1) / 30 } else { 0 }
    }

    /// Whether half a target has passed in a calamity since the level was entered that still rings.
    fn level_is_over(&self) -> bool {
        let half_s = self.half_s();
        self.is_open
            && self.town.is_calamity
            && self
                .level_at
                .is_some_and(|(at, for_s)| half_s < for_s && at + half_s == self.now)
    }

    fn widen_level(&mut self) {
        let Policy::Level {
            level,
            round,
            lapsed,
        } = self.policy
        else {
            return;
        };
        self.level_at = None;
        let last = self.town.levels.len() - 1;
        let level = self.first_of_round(level + 1, round).unwrap_or(last);
        self.policy = Policy::Level {
            level,
            round,
            lapsed,
        };
    }

    /// When everything is tried anew.
    fn try_at(&self) -> Option<i64> {
        self.exhausted_at.map(|at| at + self.try_wait())
    }

    fn try_wait(&self) -> i64 {
        let (first, longest): (i64, i64) =
            match (self.town.is_calamity, self.town.levels.is_empty()) {
                (true, false) => (120, 3_600),
                (true, true) => (120, 86_400),
                (false, _) => (1_800, 86_400),
            };
        let longest = longest << (self.tries / 30);
        (first << self.tries.min(40)).min(longest)
    }

    fn try_again(&mut self) {
        self.exhausted_at = None;
        self.tries += 1;
        self.policy = Policy::NotBegun;
        self.renewals = 0;
        if self.due_at() <= self.now {
            self.answer_by = None;
        }
        if self.town.is_calamity {
            self.raise_again();
        }
        self.ask_circles();
        if !self.is_out(Way::Circle) {
            self.begin_policy();
        }
        self.is_dirty = true;
    }
}

#[path = "model_words.rs"]
mod words;
