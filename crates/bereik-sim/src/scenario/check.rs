//! What cannot be right in a scenario: numbers out of range, names that lead nowhere.

use std::collections::BTreeSet;
use std::fmt;

use bereik_core::directory::{Directory, Step};
use bereik_core::{GroupId, LineId, PersonId};

use super::{Customers, FaultKind, Habits, Moment, Scenario, Spread};

/// What is wrong, and where.
pub(super) struct Fault {
    pub(super) path: Vec<Step>,
    reason: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.path.iter().enumerate() {
            match step {
                Step::Field(name) if i == 0 => write!(f, "{name}")?,
                Step::Field(name) => write!(f, ", {name}")?,
                Step::Place(place) => write!(f, " {}", place + 1)?,
            }
        }
        write!(f, ": {}", self.reason)
    }
}

type Checked = Result<(), Fault>;

/// The way to the value that is being looked at.
#[derive(Clone)]
struct At(Vec<Step>);

impl At {
    fn root(field: &str) -> Self {
        Self(vec![Step::Field(field.to_owned())])
    }

    fn place(&self, place: usize) -> Self {
        let mut path = self.0.clone();
        path.push(Step::Place(place));
        Self(path)
    }

    fn field(&self, field: &str) -> Self {
        let mut path = self.0.clone();
        path.push(Step::Field(field.to_owned()));
        Self(path)
    }

    fn fault(self, reason: impl Into<String>) -> Fault {
        Fault {
            path: self.0,
            reason: reason.into(),
        }
    }

    fn in_range(self, value: f64, low: f64, high: f64) -> Checked {
        if (low..=high).contains(&value) {
            return Ok(());
        }
        Err(self.fault(format!("{value} is not between {low} and {high}")))
    }

    fn share(self, value: f64) -> Checked {
        self.in_range(value, 0.0, 1.0)
    }

    fn spread(&self, spread: Spread) -> Checked {
        let longest_s = 30.0 * 86_400.0;
        self.field("mean_s")
            .in_range(spread.mean_s, 0.0, longest_s)?;
        self.field("deviation")
            .in_range(spread.deviation, 0.0, 10.0)
    }
}

fn places<'a, T>(field: &str, items: &'a [T]) -> impl Iterator<Item = (At, &'a T)> + use<'a, T> {
    let root = At::root(field);
    items
        .iter()
        .enumerate()
        .map(move |(i, item)| (root.place(i), item))
}

fn check_unique<'a>(names: impl Iterator<Item = (At, &'a str)>) -> Checked {
    let mut seen = BTreeSet::new();
    for (at, name) in names {
        if !seen.insert(name) {
            return Err(at.fault(format!("`{name}` is given twice")));
        }
    }
    Ok(())
}

fn check_order(at: At, from: Option<Moment>, to: Option<Moment>) -> Checked {
    match (from, to) {
        (Some(from), Some(to)) if to <= from => Err(at.fault("it ends before it begins")),
        _ => Ok(()),
    }
}

/// Checks a scenario, and makes a directory of its company.
pub(super) fn check(scenario: &Scenario) -> Result<Directory, Fault> {
    At::root("hours").in_range(scenario.hours.into(), 1.0, 8_784.0)?;
    At::root("calm_h").in_range(scenario.calm_h.into(), 0.0, 336.0)?;
    check_unique(
        places("customers", &scenario.customers).map(|(at, c)| (at.field("name"), &*c.name)),
    )?;
    for (at, customers) in places("customers", &scenario.customers) {
        check_customers(&at, customers)?;
    }
    check_unique(places("habits", &scenario.habits).map(|(at, h)| (at.field("name"), &*h.name)))?;
    for (at, habits) in places("habits", &scenario.habits) {
        check_habits(&at, habits)?;
    }
    for (at, answering) in places("answering", &scenario.answering) {
        at.field("answers_after").spread(answering.answers_after)?;
        at.field("ignores").share(answering.ignores)?;
    }
    for (at, engagement) in places("agenda", &scenario.agenda) {
        check_order(at.field("to"), Some(engagement.from), Some(engagement.to))?;
    }
    for (at, delivery) in places("delivery", &scenario.delivery) {
        at.field("latency").spread(delivery.latency)?;
    }
    for (at, fault) in places("fault", &scenario.fault) {
        check_order(at.field("to"), fault.from, fault.to)?;
        at.field("share").share(fault.share)?;
        let low = if fault.kind == FaultKind::ClockJumps {
            -86_400.0
        } else {
            0.0
        };
        at.field("by_s")
            .in_range(fault.by_s as f64, low, 86_400.0)?;
    }
    let directory = check_company(scenario)?;
    check_against(scenario, &directory)?;
    Ok(directory)
}

fn check_company(scenario: &Scenario) -> Result<Directory, Fault> {
    let Some(company) = &scenario.company else {
        let reason = "a scenario has a `directory` or a `company`";
        return Err(At::root("name").fault(reason));
    };
    company.clone().check().map_err(|error| {
        let mut at = At::root("company");
        at.0.extend(error.path().iter().cloned());
        at.fault(error.message())
    })
}

fn check_customers(at: &At, customers: &Customers) -> Checked {
    if customers.group.is_some() && customers.person.is_some() {
        return Err(at
            .field("person")
            .fault("they ask for a group or for a person, not for both"));
    }
    for (i, rate) in customers.rate.iter().enumerate() {
        let at = at.field("rate").place(i);
        at.field("per_hour").in_range(rate.per_hour, 0.0, 1e6)?;
    }
    for (i, burst) in customers.burst.iter().enumerate() {
        let at = at.field("burst").place(i);
        at.field("contacts")
            .in_range(burst.contacts.into(), 1.0, 1e6)?;
        at.field("within_s")
            .in_range(burst.within_s.into(), 0.0, 86_400.0)?;
    }
    at.field("handling").spread(customers.handling)?;
    if let Some(patience) = customers.patience {
        at.field("patience").spread(patience)?;
    }
    at.field("leaves_silently")
        .share(customers.leaves_silently)?;
    if let Some(second) = &customers.second {
        at.field("second").field("share").share(second.share)?;
        at.field("second").field("after").spread(second.after)?;
    }
    if let Some(also) = &customers.also {
        at.field("also").field("share").share(also.share)?;
        at.field("also").field("after").spread(also.after)?;
    }
    if let Some(away) = &customers.away {
        let at = at.field("away");
        at.field("share").share(away.share)?;
        at.field("after").spread(away.after)?;
        at.field("back_share").share(away.back_share)?;
        at.field("back_after").spread(away.back_after)?;
    }
    at.field("writes_waiting")
        .in_range(customers.writes_waiting.into(), 0.0, 100.0)?;
    at.field("messages")
        .in_range(customers.messages.into(), 0.0, 100.0)?;
    at.field("pool").in_range(customers.pool.into(), 0.0, 1e7)
}

fn check_habits(at: &At, habits: &Habits) -> Checked {
    at.field("speed").in_range(habits.speed, 0.01, 100.0)?;
    at.field("slower_each")
        .in_range(habits.slower_each, 0.0, 10.0)?;
    at.field("answers_after").spread(habits.answers_after)?;
    for (field, share) in [
        ("ignores", habits.ignores),
        ("declines", habits.declines),
        ("forgets_to_close", habits.forgets_to_close),
        ("hands_on", habits.hands_on),
    ] {
        at.field(field).share(share)?;
    }
    let does = &habits.does;
    for (field, share) in [
        ("consults", does.consults),
        ("advice_saves", does.advice_saves),
        ("invites", does.invites),
        ("transfers", does.transfers),
        ("phones", does.phones),
        ("promises_calls", does.promises_calls),
        ("forgets_calls", does.forgets_calls),
        ("praises", does.praises),
        ("says_nothing", does.says_nothing),
    ] {
        at.field("does").field(field).share(share)?;
    }
    at.field("does").field("first_word_after_s").in_range(
        does.first_word_after_s.into(),
        0.0,
        86_400.0,
    )?;
    at.field("forgets_for_s")
        .in_range(habits.forgets_for_s.into(), 0.0, 2_592_000.0)
}

/// Looks names up in a directory.
struct Names<'a>(&'a Directory);

impl Names<'_> {
    fn person(&self, at: At, id: &PersonId) -> Checked {
        let is_there = self.0.person(id).is_some();
        is_there
            .then_some(())
            .ok_or_else(|| at.fault(format!("there is no person `{id}`")))
    }

    fn group(&self, at: At, id: &GroupId) -> Checked {
        let is_there = self.0.group(id).is_some();
        is_there
            .then_some(())
            .ok_or_else(|| at.fault(format!("there is no group `{id}`")))
    }

    fn line(&self, at: At, id: &LineId) -> Checked {
        let is_there = self.0.line(id).is_some();
        is_there
            .then_some(())
            .ok_or_else(|| at.fault(format!("there is no line `{id}`")))
    }

    fn all(&self, at: &At, who: &[PersonId], groups: &[GroupId]) -> Checked {
        for (i, id) in who.iter().enumerate() {
            self.person(at.field("who").place(i), id)?;
        }
        for (i, id) in groups.iter().enumerate() {
            self.group(at.field("groups").place(i), id)?;
        }
        Ok(())
    }

    fn lines(&self, at: &At, lines: &[LineId]) -> Checked {
        for (i, id) in lines.iter().enumerate() {
            self.line(at.field("lines").place(i), id)?;
        }
        Ok(())
    }
}

fn check_against(scenario: &Scenario, directory: &Directory) -> Checked {
    let names = Names(directory);
    for (at, customers) in places("customers", &scenario.customers) {
        if let Some(id) = &customers.group {
            names.group(at.field("group"), id)?;
        }
        if let Some(id) = &customers.person {
            names.person(at.field("person"), id)?;
        }
        names.lines(&at, &customers.lines)?;
    }
    for (at, habits) in places("habits", &scenario.habits) {
        names.all(&at, &habits.who, &habits.groups)?;
    }
    for (at, answering) in places("answering", &scenario.answering) {
        names.line(at.field("line"), &answering.line)?;
        names.person(at.field("by"), &answering.by)?;
    }
    for (at, engagement) in places("agenda", &scenario.agenda) {
        names.all(&at, &engagement.who, &engagement.groups)?;
    }
    for (at, fault) in places("fault", &scenario.fault) {
        names.lines(&at, &fault.lines)?;
    }
    Ok(())
}
