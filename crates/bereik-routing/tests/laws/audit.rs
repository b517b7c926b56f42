//! Goes once through what an engine said, with an account beside it, and holds every law against it.

use bereik_core::entry::Entry;

use super::ledger::Ledger;
use super::trace::{Step, Trace};
use super::{among_colleagues, offering, promising, to_customers};

/// Nothing, or what does not hold.
pub(crate) type Held = Result<(), String>;

/// Goes on where the condition holds; else says what does not.
macro_rules! hold {
    ($condition:expr $(,)?) => {
        hold!($condition, "{}", stringify!($condition))
    };
    ($condition:expr, $($text:tt)+) => {
        if !$condition {
            return Err(format!($($text)+));
        }
    };
}

/// Goes on where both are equal; else shows them.
macro_rules! hold_equal {
    ($left:expr, $right:expr) => {
        hold_equal!($left, $right, "they differ")
    };
    ($left:expr, $right:expr, $($text:tt)+) => {
        match (&$left, &$right) {
            (left, right) => {
                let is_equal = *left == *right;
                hold!(is_equal, "{}: {left:?} is not {right:?}", format!($($text)+));
            }
        }
    };
}

pub(crate) use {hold, hold_equal};

/// When a check looks, and what at.
pub(crate) enum Check {
    /// At each entry that is not yet in the account.
    Entry(fn(&Ledger, &Step, &Entry) -> Held),
    /// At faults before and after an entry is in the account, one for each that may be at fault:
    /// no entry may bring a fault where there was none.
    NoNewFault(fn(&Ledger, &Entry) -> Vec<Option<String>>),
    /// After each step, when all its entries are in the account.
    Step(fn(&Ledger, &Step) -> Held),
}

/// Something that always holds; its name is that of the test that tries it alone.
pub(crate) struct Law {
    pub(crate) name: &'static str,
    /// The number of the invariant that it is, or is part of.
    pub(crate) invariant: Option<u8>,
    pub(crate) checks: &'static [Check],
}

/// The laws that hold for every company and every story.
pub(crate) const LAWS: &[Law] = &[
    promising::ARMED,
    promising::HEARD_AT_ONCE,
    offering::ONE_ACCEPT,
    offering::CAPACITY,
    offering::OFFERS_END,
    offering::WITHIN_REACH,
    promising::CALAMITY,
    among_colleagues::SUCCESSION,
    promising::LOOKED_AFTER,
    promising::PROMISES,
    promising::NOTHING_TWICE,
    promising::CLOSES_ONCE,
    promising::NUMBERED,
    among_colleagues::WRAP_UP,
    to_customers::INCIDENTS,
    to_customers::JOINED,
    to_customers::TRIAGE,
    to_customers::LET_GO,
];

/// The laws that hold besides where one group, which widens, has equal contacts only.
pub(crate) const LAWS_OF_EQUALS: &[Law] = &[offering::FIRST_IN_FIRST_OUT, offering::CIRCLES];

/// Holds laws against a trace; what does not hold is told with the law's name.
pub(crate) fn audit(trace: &Trace, laws: &[&[Law]]) -> Held {
    let mut ledger = Ledger::new(trace.directory.clone());
    let laws = || laws.iter().copied().flatten();
    let each = || laws().flat_map(|law| law.checks.iter().map(move |check| (law, check)));
    for step in &trace.steps {
        ledger.hear(step);
        for entry in step.entries() {
            let mut faults = Vec::new();
            for (law, check) in each() {
                match check {
                    Check::Entry(check) => named(law, step, check(&ledger, step, entry))?,
                    Check::NoNewFault(check) => faults.push((law, check, check(&ledger, entry))),
                    Check::Step(_) => {}
                }
            }
            ledger.enter(entry);
            for (law, check, before) in faults {
                for (before, after) in before.iter().zip(check(&ledger, entry)) {
                    let is_new = before.is_none() && after.is_some();
                    let held = if is_new {
                        Err(format!("{after:?}"))
                    } else {
                        Ok(())
                    };
                    named(law, step, held)?;
                }
            }
        }
        for (law, check) in each() {
            if let Check::Step(check) = check {
                named(law, step, check(&ledger, step))?;
            }
        }
    }
    Ok(())
}

fn named(law: &Law, step: &Step, held: Held) -> Held {
    held.map_err(|why| {
        let invariant = law
            .invariant
            .map_or(String::new(), |n| format!(", invariant {n}"));
        let mut input = format!("{:?}", step.input);
        input.truncate(160);
        format!("{}{invariant}: {why}, at {} {input}", law.name, step.at)
    })
}
