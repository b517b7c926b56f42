//! A scenario: a company, the customers who come, the people who help, and what goes wrong.
//!
//! The format is described in `docs/SCENARIOS.md`, field by field.

mod check;
mod merge;
mod moment;
mod source;

use bereik_core::directory::Draft;
use bereik_core::hours::Stretch;
use bereik_core::id::NeedId;
use bereik_core::{ChannelKind, FreeBusyKind, GroupId, LineId, PersonId, Urgency};
use serde::Deserialize;

pub use moment::{Moment, MomentError};
pub use source::{ScenarioError, Source, SourceKind, Sources};

/// The share of customers who give up and leave a chat without a sign (arXiv 2304.11754).
pub const LEAVES_SILENTLY: f64 = 0.695;

/// A scenario, as it is written in a file. [`Sources::read`] reads one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Scenario {
    /// What it is called in reports.
    pub name: String,
    /// What it shows.
    #[serde(default)]
    pub about: String,
    /// A scenario that this one changes: a path, beside this file.
    #[serde(default)]
    pub based_on: Option<String>,
    /// The company: the path of a directory, beside this file.
    #[serde(default)]
    pub directory: Option<String>,
    /// The company itself, in the fields of a directory; beside a `directory` what is other there.
    #[serde(default)]
    pub company: Option<Draft>,
    /// The seed of all chance.
    #[serde(default = "one")]
    pub seed: u64,
    /// When it begins, on the company's clock.
    pub start: Moment,
    /// For how long customers come and things go wrong, in hours, 1 to 8,784.
    #[serde(default = "day")]
    pub hours: u32,
    /// For how long it runs on afterwards, in hours, 0 to 336.
    #[serde(default = "half_day")]
    pub calm_h: u32,
    /// The customers who come.
    #[serde(default)]
    pub customers: Vec<Customers>,
    /// How people answer and work; the first row that names somebody counts for him.
    #[serde(default)]
    pub habits: Vec<Habits>,
    /// Who answers a line.
    #[serde(default)]
    pub answering: Vec<Answering>,
    /// What stands in people's agendas, besides the calendars of the directory.
    #[serde(default)]
    pub agenda: Vec<Engagement>,
    /// How long channels take.
    #[serde(default)]
    pub delivery: Vec<Delivery>,
    /// What goes wrong.
    #[serde(default)]
    pub fault: Vec<Fault>,
}

impl Scenario {
    /// The same with one kind of channel fewer. Customers who would have come over it come over
    /// their second channel at once, where they have one; the others do not get through.
    #[must_use]
    pub fn without(mut self, channel: ChannelKind) -> Self {
        self.name = format!(
            "{}, without {}",
            self.name,
            channel.name().replace('_', " ")
        );
        for customers in &mut self.customers {
            if customers
                .second
                .as_ref()
                .is_some_and(|second| second.channel == channel)
            {
                customers.second = None;
            }
            if customers.channel == channel
                && let Some(second) = customers.second.take()
            {
                customers.channel = second.channel;
            }
        }
        self.fault.push(Fault {
            kind: FaultKind::Down,
            channel: Some(channel),
            lines: Vec::new(),
            depends_on: None,
            from: None,
            to: None,
            share: 1.0,
            by_s: 60,
        });
        self
    }
}

const fn one() -> u64 {
    1
}
const fn day() -> u32 {
    24
}
const fn half_day() -> u32 {
    12
}

/// Customers of one kind: over which channel they come, how often, and what they are like.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Customers {
    /// What they are called in reports; unique.
    pub name: String,
    /// Over which kind of channel they come.
    pub channel: ChannelKind,
    /// How pressing it is to them.
    #[serde(default)]
    pub urgency: Urgency,
    /// The group for which they ask.
    #[serde(default)]
    pub group: Option<GroupId>,
    /// The person for whom they ask.
    #[serde(default)]
    pub person: Option<PersonId>,
    /// The page from which they come.
    #[serde(default)]
    pub page: Option<String>,
    /// What they need, where it is known: many of one need can become an incident.
    #[serde(default)]
    pub need: Option<NeedId>,
    /// The company's lines that they try, in turn, where the first does not work.
    #[serde(default)]
    pub lines: Vec<LineId>,
    /// How many come each hour; of several rows the first that fits counts.
    #[serde(default)]
    pub rate: Vec<Rate>,
    /// Many at once.
    #[serde(default)]
    pub burst: Vec<Burst>,
    /// How long somebody has to work for one of them.
    #[serde(default = "Spread::handling")]
    pub handling: Spread,
    /// How long they wait before they give up; for ever where it is not given.
    #[serde(default)]
    pub patience: Option<Spread>,
    /// The share of those who give up that leaves without a sign, 0 to 1.
    #[serde(default = "silently")]
    pub leaves_silently: f64,
    /// Where they turn when they gave up or could not get through.
    #[serde(default)]
    pub second: Option<SecondChannel>,
    /// Over what else they come while nobody has answered, or while they are being helped.
    #[serde(default)]
    pub also: Option<SecondChannel>,
    /// How they leave the page, and whether they are back.
    #[serde(default)]
    pub away: Option<Away>,
    /// How many times they write before anybody answers, one time every three quarters of a
    /// minute, 0 to 100.
    #[serde(default)]
    pub writes_waiting: u32,
    /// How many times they write while they are being helped, 0 to 100.
    #[serde(default)]
    pub messages: u32,
    /// Of how many customers each is one, who can come again; 0: all are new.
    #[serde(default)]
    pub pool: u32,
}

const fn silently() -> f64 {
    LEAVES_SILENTLY
}

/// How many customers come each hour, in some hours of the week.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Rate {
    /// On which days; on all where none is named.
    #[serde(default)]
    pub days: Vec<Day>,
    /// Between which times of these days.
    #[serde(default = "whole_day")]
    pub between: Stretch,
    /// How many come each hour, 0 to 1,000,000.
    pub per_hour: f64,
}

fn whole_day() -> Stretch {
    Stretch::new(0, 1_440).expect("midnight to midnight is a stretch")
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a week has seven days; in their order"
)]
#[expect(missing_docs, reason = "their names say it")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// Many customers at once.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Burst {
    /// When the first can come, on the company's clock.
    pub at: Moment,
    /// How many come, 1 to 1,000,000.
    pub contacts: u32,
    /// Within how many seconds, 0 to 86,400, evenly by chance.
    #[serde(default)]
    pub within_s: u32,
}

/// How long something takes: a mean and a shape.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Spread {
    /// The mean, in seconds, 0 to 2,592,000.
    pub mean_s: f64,
    /// The shape.
    #[serde(default)]
    pub shape: Shape,
    /// The deviation as a part of the mean, 0 to 10, where the shape is log-normal.
    #[serde(default = "wide")]
    pub deviation: f64,
}

const fn wide() -> f64 {
    0.6
}

/// The shape of a [`Spread`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Shape {
    /// No memory: most are short, some are long.
    Exponential,
    /// Always the mean.
    Fixed,
    /// As conversations are: few are very short, some are long.
    #[default]
    LogNormal,
}

impl Spread {
    /// A log-normal spread with this mean, in seconds.
    #[must_use]
    pub const fn of_mean(mean_s: f64) -> Self {
        Self {
            mean_s,
            shape: Shape::LogNormal,
            deviation: wide(),
        }
    }

    const fn handling() -> Self {
        Self::of_mean(300.0)
    }

    const fn answering() -> Self {
        Self::of_mean(6.0)
    }
}

/// Where customers turn who gave up or could not get through.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SecondChannel {
    /// Over which kind of channel.
    pub channel: ChannelKind,
    /// The share of them that does, 0 to 1.
    #[serde(default = "all")]
    pub share: f64,
    /// How long after.
    #[serde(default = "Spread::handling")]
    pub after: Spread,
}

const fn all() -> f64 {
    1.0
}

/// How customers leave the page and come back to it. Nobody does by phone.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Away {
    /// The share that leaves, 0 to 1.
    #[serde(default = "all")]
    pub share: f64,
    /// How long after they came.
    #[serde(default = "Spread::handling")]
    pub after: Spread,
    /// The share of those who left that is back, 0 to 1.
    #[serde(default = "all")]
    pub back_share: f64,
    /// How long after they left.
    #[serde(default = "Spread::handling")]
    pub back_after: Spread,
}

/// How some people answer and work.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Habits {
    /// What the row is called; unique.
    pub name: String,
    /// Whose habits they are.
    #[serde(default)]
    pub who: Vec<PersonId>,
    /// The members of these groups have them too. Everybody, where neither is given.
    #[serde(default)]
    pub groups: Vec<GroupId>,
    /// How fast they work, 0.01 to 100: at 2 a contact takes half the time.
    #[serde(default = "all")]
    pub speed: f64,
    /// By how much each other contact in hand makes one last longer, as a part of it, 0 to 10.
    #[serde(default = "a_third")]
    pub slower_each: f64,
    /// How long it takes them to take an offer or to turn it down.
    #[serde(default = "Spread::answering")]
    pub answers_after: Spread,
    /// The share of offers that they let ring, 0 to 1.
    #[serde(default)]
    pub ignores: f64,
    /// The share of offers that they turn down, 0 to 1.
    #[serde(default)]
    pub declines: f64,
    /// The share of contacts that they forget to close, 0 to 1.
    #[serde(default)]
    pub forgets_to_close: f64,
    /// How long it takes until they notice, in seconds, 0 to 2,592,000.
    #[serde(default = "half_hour")]
    pub forgets_for_s: u32,
    /// The share of contacts that they begin and hand on, 0 to 1.
    #[serde(default)]
    pub hands_on: f64,
    /// The group whose members they consult, invite and hand contacts to; the group for which the
    /// customer asks, where none is named.
    #[serde(default)]
    pub asks: Option<GroupId>,
    /// What they do with others, and with customers.
    #[serde(default)]
    pub does: Deeds,
    /// When they are away from work each day, on their own clocks.
    #[serde(default)]
    pub breaks: Vec<Stretch>,
}

/// What some people do with others, and with customers: shares of the contacts that they have, 0
/// to 1.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Deeds {
    /// They consult colleagues.
    pub consults: f64,
    /// What is left to do is shorter by so much of it once somebody gave advice, 0 to 1.
    pub advice_saves: f64,
    /// They ask a colleague into the conversation, for two minutes.
    pub invites: f64,
    /// They transfer it to a colleague, and keep it until he has it.
    pub transfers: f64,
    /// They go on by phone.
    pub phones: f64,
    /// They promise to call the customer back a quarter of an hour later.
    pub promises_calls: f64,
    /// The share of such calls that they forget.
    pub forgets_calls: f64,
    /// The share of those who advised them, or joined them, whom they praise.
    pub praises: f64,
    /// They say nothing at all.
    pub says_nothing: f64,
    /// After how many seconds they say their first word at the soonest, 0 to 86,400.
    pub first_word_after_s: u32,
}

impl Default for Deeds {
    fn default() -> Self {
        Self {
            consults: 0.0,
            advice_saves: a_third(),
            invites: 0.0,
            transfers: 0.0,
            phones: 0.0,
            promises_calls: 0.0,
            forgets_calls: 0.0,
            praises: 0.0,
            says_nothing: 0.0,
            first_word_after_s: 0,
        }
    }
}

const fn a_third() -> f64 {
    0.3
}
const fn half_hour() -> u32 {
    1_800
}

/// Who answers a line.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Answering {
    /// The line.
    pub line: LineId,
    /// Who answers it.
    pub by: PersonId,
    /// How long it takes him.
    #[serde(default = "half_minute")]
    pub answers_after: Spread,
    /// The share of offers that nobody hears, 0 to 1.
    #[serde(default)]
    pub ignores: f64,
}

const fn half_minute() -> Spread {
    Spread::of_mean(30.0)
}

/// Something that stands in people's agendas.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Engagement {
    /// Whose agendas.
    #[serde(default)]
    pub who: Vec<PersonId>,
    /// The members of these groups too. Everybody, where neither is given.
    #[serde(default)]
    pub groups: Vec<GroupId>,
    /// From when, on the company's clock.
    pub from: Moment,
    /// Until when, exclusive.
    pub to: Moment,
    /// What it says.
    #[serde(default = "busy")]
    pub kind: FreeBusyKind,
}

const fn busy() -> FreeBusyKind {
    FreeBusyKind::Busy
}

/// How long a kind of channel takes to carry something.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Delivery {
    /// The kind of channel.
    pub channel: ChannelKind,
    /// How long it takes.
    pub latency: Spread,
}

/// Something that goes wrong.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// Only over this kind of channel; over all where none is named.
    #[serde(default)]
    pub channel: Option<ChannelKind>,
    /// Only these lines, where any is named.
    #[serde(default)]
    pub lines: Vec<LineId>,
    /// Only lines that depend on this.
    #[serde(default)]
    pub depends_on: Option<String>,
    /// From when, on the company's clock; from the start where it is not given.
    #[serde(default)]
    pub from: Option<Moment>,
    /// Until when, exclusive; until the calm where it is not given.
    #[serde(default)]
    pub to: Option<Moment>,
    /// How much of what is carried it meets, 0 to 1; for a restart, after which share of steps.
    #[serde(default = "all")]
    pub share: f64,
    /// By how many seconds what is late is late in the mean, 0 to 86,400; by how many a clock
    /// jumps, -86,400 to 86,400.
    #[serde(default = "minute")]
    pub by_s: i64,
}

const fn minute() -> i64 {
    60
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FaultKind {
    /// The machine's clock is wrong for a while.
    ClockJumps,
    /// Lines do not work.
    Down,
    /// What is carried arrives twice.
    Doubled,
    /// What is carried is late.
    Late,
    /// What is carried is lost; whoever told the machine something tells it again half a minute later.
    Lost,
    /// The machine is restarted from its snapshot.
    Restarts,
    /// The machine does not hear who comes and goes.
    StalePresence,
}
