//! Laws that tell the inputs of a trace to further engines: what is the same, and what time alone does.

use bereik_core::contact::ContactState;
use bereik_core::entry::Fact;
use bereik_core::urgency::Urgency;
use bereik_routing::{Engine, Input, Opening, Question};
use chrono::TimeDelta;

use super::audit::{Held, hold, hold_equal};
use super::trace::{Step, Trace, drain, step};

/// Invariant 7: the same inputs give the same bytes, also when it went on from a snapshot that was
/// taken after so many of them.
pub(crate) fn replays_from(trace: &Trace, cut: usize) -> Held {
    let mut engine = Engine::new(trace.directory.clone());
    for (number, told) in trace.steps.iter().enumerate() {
        engine.handle(told.at, told.input.clone());
        let (outputs, wait) = drain(&mut engine);
        let place = || format!("input {number}, restored after input {cut}");
        for (again, said) in outputs.iter().zip(&told.outputs) {
            hold_equal!(again, said, "{}", place());
        }
        hold_equal!(outputs.len(), told.outputs.len(), "{}", place());
        hold_equal!(wait, told.wait, "{}", place());
        if number == cut {
            let bytes = engine.snapshot();
            engine = Engine::restore(&bytes).map_err(|error| error.to_string())?;
            hold!(engine.snapshot() == bytes, "other bytes after a restore");
        }
    }
    hold!(
        engine.snapshot() == trace.snapshot,
        "other bytes at the end"
    );
    Ok(())
}

/// Invariant 1, second half: time alone never runs idle for long.
pub(crate) fn rearms_in_silence_a_bounded_number_of_times(trace: &Trace) -> Held {
    let mut engine = Engine::restore(&trace.snapshot).map_err(|error| error.to_string())?;
    let (_, mut wait) = drain(&mut engine);
    let mut silent = 0usize;
    for _ in 0..300 {
        let Some(at) = wait else { break };
        let woken = step(&mut engine, at, Input::Advanced);
        let is_visible = woken.entries().next().is_some();
        silent = if is_visible { 0 } else { silent + 1 };
        let open = woken.contacts.iter().filter(|(c, _)| c.state.is_open());
        hold!(
            silent <= 3 * open.count().max(1),
            "woken {silent} times for nothing"
        );
        hold!(woken.wait.is_none_or(|next| next > at), "time stands still");
        wait = woken.wait;
    }
    Ok(())
}

/// One big step equals many small ones, of so many parts each.
pub(crate) fn takes_small_steps_as_big_ones(trace: &Trace, parts: i32) -> Held {
    let new = || Engine::new(trace.directory.clone());
    let (mut big, mut small) = (new(), new());
    let Some(mut last) = trace.steps.first().map(|first| first.at) else {
        return Ok(());
    };
    for told in &trace.steps {
        // The steps that only let time pass are left to the small ones.
        for part in 0..parts {
            small.handle(last + (told.at - last) / parts * part, Input::Advanced);
        }
        last = told.at;
        small.handle(told.at, told.input.clone());
        if told.input != Input::Advanced {
            big.handle(told.at, told.input.clone());
        }
    }
    big.handle(last, Input::Advanced);
    hold_equal!(drain(&mut big), drain(&mut small), "said in small steps");
    hold!(
        big.snapshot() == small.snapshot(),
        "other bytes in small steps"
    );
    Ok(())
}

/// Waking it for nothing does nothing.
pub(crate) fn sleeps_when_woken_for_nothing(trace: &Trace) -> Held {
    let mut engine = Engine::new(trace.directory.clone());
    for told in &trace.steps {
        let at = told.at;
        engine.handle(at, told.input.clone());
        let (_, wait) = drain(&mut engine);
        if wait.is_none_or(|wait| at < wait) {
            engine.handle(at - TimeDelta::seconds(5), Input::Advanced);
            engine.handle(at, Input::Advanced);
            hold_equal!(drain(&mut engine), (Vec::new(), wait), "woken for nothing");
        }
    }
    Ok(())
}

/// A dry run tells what an opening does.
pub(crate) fn dry_runs_tell_what_an_opening_does(trace: &Trace) -> Held {
    let mut engine = Engine::new(trace.directory.clone());
    for told in &trace.steps {
        engine.handle(told.at, Input::Advanced);
        drain(&mut engine);
        let opening = match &told.input {
            Input::Opened(opening) if is_plain(opening) => {
                opening.addressee.as_ref().map(|whom| (whom, opening))
            }
            _ => None,
        };
        let dry = opening.map(|(whom, opening)| {
            let wait = engine
                .predict(told.at, whom, opening.channel, opening.urgency)
                .wait;
            let question = Question::new(whom.clone(), opening.channel);
            (engine.decide(told.at, &question), wait)
        });
        let again = step(&mut engine, told.at, told.input.clone());
        let is_new = again
            .entries()
            .any(|entry| matches!(entry.fact, Fact::Opened { .. }));
        let Some((decided, wait)) = dry.filter(|_| is_new) else {
            continue;
        };
        let triage = ContactState::Triage;
        if again
            .entries()
            .any(|entry| entry.fact == Fact::StateChanged { state: triage })
        {
            // The customer is asked before anybody else is.
            continue;
        }
        let chosen = again.entries().find_map(|entry| match &entry.fact {
            Fact::Chosen { explanation } => Some(explanation),
            _ => None,
        });
        hold_equal!(Some(&decided), chosen, "a dry run chooses otherwise");
        let whole = |span: TimeDelta| u32::try_from(span.num_seconds()).expect("a wait");
        let up = |span: TimeDelta| whole(span + TimeDelta::milliseconds(999));
        if let Some(predicted) = predicted(&again) {
            let wait = wait.map(|wait| (whole(wait.p10), up(wait.p90)));
            hold_equal!(wait, Some(predicted), "a dry run predicts otherwise");
        }
    }
    Ok(())
}

fn is_plain(opening: &Opening) -> bool {
    opening.page.is_none()
        && opening.urgency == Urgency::Normal
        && opening.need.is_none()
        && opening.customer.addresses.is_empty()
}

fn predicted(step: &Step) -> Option<(u32, u32)> {
    step.entries().find_map(|entry| match entry.fact {
        Fact::Predicted { p10_s, p90_s, .. } => Some((p10_s, p90_s)),
        _ => None,
    })
}

/// A leap over thousands of years takes few steps for each contact.
#[cfg(test)]
pub(crate) fn leaps_over_millennia(trace: &Trace) -> Held {
    let mut engine = Engine::restore(&trace.snapshot).map_err(|error| error.to_string())?;
    drain(&mut engine);
    let leap = step(
        &mut engine,
        chrono::DateTime::<chrono::Utc>::MAX_UTC,
        Input::Advanced,
    );
    let bytes = engine.snapshot();
    let restored = Engine::restore(&bytes).map(|restored| restored.snapshot());
    hold!(
        restored.as_ref() == Ok(&bytes),
        "other bytes after a restore"
    );
    // A calamity is tried six times a day as long as days are counted, and rings everybody at once.
    let each = 100_000 * (1 + leap.contacts.len());
    hold!(leap.outputs.len() < each, "{} outputs", leap.outputs.len());
    Ok(())
}
