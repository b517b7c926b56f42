//! The world around the engine: customers, people and channels in virtual time, from a seed.

mod agenda;
mod customer;
mod delivery;
mod event;
mod people;
mod together;
mod visit;

use std::collections::BTreeMap;

use bereik_core::channel_kind::PerChannel;
use bereik_core::directory::Directory;
use bereik_core::{ChannelKind, ContactId, LineId, PersonId};
use bereik_presence::{Board, PersonFacts, ReachRules};
use bereik_routing::{Answer, Engine, Input, Output};
use chrono::{DateTime, TimeDelta, Utc};

use crate::fault::Faults;
use crate::load::Arrivals;
use crate::person::{Colleague, Manner, colleagues};
use crate::scenario::{FaultKind, Scenario, Spread};
use crate::seed::{Chance, Subject};
use agenda::agendas;
use event::{Event, Queue};
use people::Sent;
pub use visit::{Ending, Predicted, Visit};

/// So many steps for each customer, and so many besides, and the world stands still.
const STEPS_A_VISIT_MAX: u64 = 5_000;
const STEPS_MAX: u64 = 2_000_000;

/// Somebody who sees each step of a world: what the engine was told, and all that it said.
///
/// What he answers with an error ends the run as a [`Failure`].
pub trait Witness {
    /// The engine is about to be told this.
    fn told(&mut self, at: DateTime<Utc>, input: &Input) {
        let _ = (at, input);
    }

    /// The engine said this.
    ///
    /// # Errors
    /// What must never be, in words.
    fn said(&mut self, step: &Step<'_>) -> Result<(), String> {
        let _ = step;
        Ok(())
    }
}

/// Nobody looks.
impl Witness for () {}

impl<A: Witness, B: Witness> Witness for (A, B) {
    fn told(&mut self, at: DateTime<Utc>, input: &Input) {
        self.0.told(at, input);
        self.1.told(at, input);
    }

    fn said(&mut self, step: &Step<'_>) -> Result<(), String> {
        self.0.said(step)?;
        self.1.said(step)
    }
}

impl<W: Witness> Witness for Option<W> {
    fn told(&mut self, at: DateTime<Utc>, input: &Input) {
        if let Some(witness) = self {
            witness.told(at, input);
        }
    }

    fn said(&mut self, step: &Step<'_>) -> Result<(), String> {
        self.as_mut().map_or(Ok(()), |witness| witness.said(step))
    }
}

impl<W: Witness + ?Sized> Witness for &mut W {
    fn told(&mut self, at: DateTime<Utc>, input: &Input) {
        (**self).told(at, input);
    }

    fn said(&mut self, step: &Step<'_>) -> Result<(), String> {
        (**self).said(step)
    }
}

/// One step: what the engine said to one input.
#[derive(Debug)]
#[non_exhaustive]
pub struct Step<'a> {
    /// Its number, counted from 1.
    pub number: u64,
    /// The instant that the engine was told; its clock never goes back.
    pub at: DateTime<Utc>,
    /// Whether it was only woken.
    pub is_waking: bool,
    /// All that it said.
    pub outputs: &'a [Output],
    /// When it wants to be woken next.
    pub wait: Option<DateTime<Utc>>,
    /// The engine, to be asked.
    pub engine: &'a Engine,
    /// How many customers have come so far.
    pub visits: usize,
    /// How much of the time has passed, 0 to 1.
    pub progress: f64,
}

/// A run failed: something happened that must never happen. The seed and the scenario replay it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("seed {seed}, step {step}, {at}: {what}")]
#[non_exhaustive]
pub struct Failure {
    /// The seed of the world.
    pub seed: u64,
    /// In which step, counted from 1.
    pub step: u64,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub what: String,
}

/// Something that is done to what the engine says in a step, before anybody sees it.
pub type Sabotage = fn(u64, &mut Vec<Output>);

/// A world with a seed. [`run`](Self::run) lets it go by.
pub struct World<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) directory: &'a Directory,
    pub(crate) seed: u64,
    pub(crate) start: DateTime<Utc>,
    pub(crate) end_ms: i64,
    calm_end_ms: i64,
    engine: Engine,
    board: Board,
    pub(crate) people: Vec<Colleague>,
    places: BTreeMap<PersonId, usize>,
    answering: BTreeMap<LineId, (usize, Manner)>,
    latency: PerChannel<Spread>,
    pub(crate) faults: Faults,
    carried: Chance,
    restarts: Chance,
    arrivals: Vec<Option<Arrivals>>,
    /// How many customers of each stream have come.
    came: Vec<u64>,
    queue: Queue,
    pub(crate) visits: Vec<Visit>,
    /// The visit of each contact, by its number.
    of_contact: Vec<Option<u32>>,
    sent: Vec<Option<Sent>>,
    /// Who came or went while the engine could not hear of it.
    unheard: Vec<usize>,
    /// Which kinds of channel are known to be down.
    down: PerChannel<bool>,
    offset: TimeDelta,
    told_at: DateTime<Utc>,
    now_ms: i64,
    steps: u64,
    open: usize,
    /// How many are on duty, from which instant on, in milliseconds.
    pub(crate) on_duty: Vec<(i64, u32)>,
    outputs: Vec<Output>,
    wait: Option<DateTime<Utc>>,
    sabotage: Option<Sabotage>,
}

impl<'a> World<'a> {
    /// The world of a scenario in this company, with this seed. `facts` are what is known of
    /// people besides the scenario: what their calendars say.
    #[must_use]
    pub fn new(
        scenario: &'a Scenario,
        directory: &'a Directory,
        facts: &BTreeMap<PersonId, PersonFacts>,
        seed: u64,
    ) -> Self {
        let zone = directory.zone();
        let start = scenario.start.in_zone(zone);
        let end = start + TimeDelta::hours(scenario.hours.into());
        let calm_end = end + TimeDelta::hours(scenario.calm_h.into());
        let (people, places) = colleagues(scenario, directory);
        let mut board = Board::of_directory(directory, ReachRules::default(), start);
        agendas(&mut board, scenario, directory, facts, start, calm_end);
        let streams = scenario.customers.iter().zip(0u64..);
        let arrivals = streams
            .map(|(customers, number)| Some(Arrivals::of(customers, number, seed, zone, start)));
        let mut world = Self {
            scenario,
            directory,
            seed,
            start,
            end_ms: (end - start).num_milliseconds(),
            calm_end_ms: (calm_end - start).num_milliseconds(),
            engine: Engine::new(directory.clone()),
            board,
            answering: people::answering(scenario, directory, &people, &places),
            latency: delivery::latencies(scenario),
            faults: Faults::of(scenario, directory, start, end),
            carried: Chance::new(seed, Subject::Delivery, 0),
            restarts: Chance::new(seed, Subject::Restarts, 0),
            arrivals: arrivals.collect(),
            came: vec![0; scenario.customers.len()],
            queue: Queue::default(),
            visits: Vec::new(),
            of_contact: Vec::new(),
            sent: Vec::new(),
            unheard: Vec::new(),
            down: PerChannel::default(),
            offset: TimeDelta::zero(),
            told_at: start,
            now_ms: 0,
            steps: 0,
            open: 0,
            on_duty: Vec::new(),
            outputs: Vec::new(),
            wait: None,
            sabotage: None,
            people,
            places,
        };
        world.begin();
        world
    }

    /// The same world, in which something is done to what the engine says, so that it can be seen
    /// that somebody notices.
    #[must_use]
    pub fn with_sabotage(mut self, sabotage: Sabotage) -> Self {
        self.sabotage = Some(sabotage);
        self
    }

    fn begin(&mut self) {
        for stream in 0..self.arrivals.len() {
            self.expect_next(stream);
            self.expect_bursts(stream);
        }
        self.expect_faults();
    }

    pub(crate) fn ms_of(&self, at: DateTime<Utc>) -> i64 {
        (at - self.start).num_milliseconds()
    }

    /// The instant of a millisecond since the start.
    pub(crate) fn at(&self, ms: i64) -> DateTime<Utc> {
        self.start + TimeDelta::milliseconds(ms)
    }

    fn now(&self) -> DateTime<Utc> {
        self.at(self.now_ms)
    }

    /// Lets the world go by: until its end, or until nobody waits any longer in the calm after it.
    ///
    /// # Errors
    /// What a witness saw that must never be, or that the world stands still.
    pub fn run(&mut self, witness: &mut impl Witness) -> Result<(), Failure> {
        for place in 0..self.people.len() {
            self.hear_of(place, witness)?;
        }
        while self.go_on(witness)? {
            let steps_max = STEPS_MAX + STEPS_A_VISIT_MAX * self.visits.len() as u64;
            if self.steps > steps_max {
                return Err(self.failure("the world stands still".to_owned()));
            }
        }
        for colleague in &mut self.people {
            colleague.ends(self.now_ms);
        }
        Ok(())
    }

    /// Does the next thing; whether there was one.
    fn go_on(&mut self, witness: &mut impl Witness) -> Result<bool, Failure> {
        let of = |at: DateTime<Utc>| {
            (at - self.start)
                .num_microseconds()
                .map_or(i64::MAX, ceil_ms)
        };
        let woken_ms = self.wait.map_or(i64::MAX, |at| of(at - self.offset));
        let woken_ms = woken_ms.max(self.now_ms);
        let changed_ms = self.board.next_change_at().map_or(i64::MAX, of);
        let event_ms = self.queue.next_ms().unwrap_or(i64::MAX);
        let at_ms = woken_ms.min(changed_ms).min(event_ms);
        let is_over = self.now_ms >= self.end_ms && self.open == 0 && event_ms == i64::MAX;
        if at_ms > self.calm_end_ms || is_over {
            return Ok(false);
        }
        self.now_ms = self.now_ms.max(at_ms);
        if changed_ms == at_ms {
            self.people_come_and_go(witness)?;
        } else if woken_ms == at_ms {
            self.tell(Input::Advanced, witness)?;
        } else if let Some(event) = self.queue.pop() {
            self.happen(event, witness)?;
        }
        Ok(true)
    }

    fn happen(&mut self, event: Event, witness: &mut impl Witness) -> Result<(), Failure> {
        match event {
            Event::Arrives(stream) => {
                self.arrive(stream.into());
                self.expect_next(stream.into());
            }
            Event::Bursts(stream) => self.arrive(stream.into()),
            Event::Knocks(visit) => self.knock(visit, witness)?,
            Event::GivesUp(visit) => self.give_up(visit, witness)?,
            Event::Turns(visit) => self.turn(visit),
            Event::TurnsAlso(visit) => self.turn_also(visit),
            Event::Wanders(visit, is_back) => self.wander(visit, is_back, witness)?,
            Event::WritesWaiting(visit, line) => self.write_waiting(visit, line, witness)?,
            Event::Does(visit, turn, deed) => self.do_deed(visit, turn, deed, witness)?,
            Event::Offered(offer) => self.hear_offer(offer),
            Event::Answers(offer, accepts) => self.answer(offer, accepts, witness)?,
            Event::Fails(offer) => {
                let offer = bereik_core::OfferId::new(offer);
                self.tell(Input::Failed { offer }, witness)?;
            }
            Event::Withdrawn(offer) => self.forget_offer(offer),
            Event::Finishes(visit, turn) => self.finish(visit, turn, witness)?,
            Event::HandsOn(visit, turn) => self.hand_on(visit, turn, witness)?,
            Event::Writes(visit, turn, line) => self.write(visit, turn, line, witness)?,
            Event::Tells(input) => {
                self.tell(*input, witness)?;
            }
            Event::FaultTurns => self.faults_turn(witness)?,
        }
        Ok(())
    }

    /// Tells the engine something, now, and takes in all that it says.
    fn tell(&mut self, input: Input, witness: &mut impl Witness) -> Result<Answer, Failure> {
        self.steps += 1;
        let at = (self.now() + self.offset).max(self.told_at);
        self.told_at = at;
        let is_waking = matches!(input, Input::Advanced);
        let opened = customer::opened_by(&input);
        witness.told(at, &input);
        let answer = self.engine.handle(at, input);
        self.perhaps_restart()?;
        let mut outputs = std::mem::take(&mut self.outputs);
        outputs.clear();
        self.wait = loop {
            match self.engine.poll_output() {
                Output::Wait(wait) => break wait,
                output => outputs.push(output),
            }
        };
        if let Some(sabotage) = self.sabotage {
            sabotage(self.steps, &mut outputs);
        }
        let step = Step {
            number: self.steps,
            at,
            is_waking,
            outputs: &outputs,
            wait: self.wait,
            engine: &self.engine,
            visits: self.visits.len(),
            progress: self.now_ms as f64 / self.end_ms as f64,
        };
        let seen = witness.said(&step);
        if let Some(visit) = opened {
            self.hear_answer(visit, &answer);
        }
        self.take_in(&outputs);
        self.outputs = outputs;
        seen.map_err(|what| self.failure(what))?;
        Ok(answer)
    }

    /// At the end of a run in whose calm nothing goes wrong: everybody is with a person or holds a
    /// promise that has not passed.
    ///
    /// # Errors
    /// The first contact of which neither is so.
    pub fn check_liveness(&self, checks: &crate::Checks) -> Result<(), Failure> {
        let checked = checks.is_looked_after(&self.engine, self.told_at);
        checked.map_err(|what| self.failure(what))
    }

    fn failure(&self, what: String) -> Failure {
        Failure {
            seed: self.seed,
            step: self.steps,
            at: self.told_at,
            what,
        }
    }

    /// Invariant 7: whoever is restarted from a snapshot goes on as if he had not been. What was
    /// not polled yet is kept.
    fn perhaps_restart(&mut self) -> Result<(), Failure> {
        let share = self
            .faults
            .at(FaultKind::Restarts, self.now())
            .map(|fault| fault.share);
        let Some(share) = share.reduce(f64::max) else {
            return Ok(());
        };
        if !self.restarts.happens(share) {
            return Ok(());
        }
        let bytes = self.engine.snapshot();
        let restored = Engine::restore(&bytes)
            .map_err(|error| self.failure(format!("invariant 7: the snapshot is lost: {error}")))?;
        if restored.snapshot() != bytes {
            return Err(
                self.failure("invariant 7: restored, it writes another snapshot".to_owned())
            );
        }
        self.engine = restored;
        Ok(())
    }

    /// The visit of a contact.
    fn visit_of(&self, contact: ContactId) -> Option<u32> {
        let number = usize::try_from(contact.number()).ok()?;
        self.of_contact.get(number).copied().flatten()
    }

    /// How long a kind of channel takes to carry something, this time.
    fn latency_ms(&mut self, channel: ChannelKind) -> i64 {
        self.latency[channel].draw_ms(&mut self.carried)
    }

    /// How often the engine was told something.
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// The customers' visits, in the order in which they came.
    #[must_use]
    pub fn visits(&self) -> &[Visit] {
        &self.visits
    }

    /// The engine, as it stands.
    #[must_use]
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }
}

/// Whole milliseconds, so that nobody is woken too early.
const fn ceil_ms(us: i64) -> i64 {
    us.div_euclid(1_000) + (us.rem_euclid(1_000) > 0) as i64
}

impl std::fmt::Debug for World<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World")
            .field("seed", &self.seed)
            .field("now", &self.now())
            .field("visits", &self.visits.len())
            .field("steps", &self.steps)
            .finish_non_exhaustive()
    }
}
