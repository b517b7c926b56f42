//! Laws that hold for every company and every story. A failure shrinks to the shortest story that
//! breaks the law, and prints it.

#[path = "laws/customers.rs"]
mod customers;
#[path = "laws/hands.rs"]
mod hands;
#[path = "laws/hold.rs"]
mod hold;
#[path = "laws/ledger.rs"]
mod ledger;
#[path = "laws/trace.rs"]
mod trace;
#[path = "laws/world.rs"]
mod world;

use bereik_core::acknowledgement::{Acknowledgement, PromiseKind};
use bereik_core::agreement::Ask;
use bereik_core::contact::{Addressee, ContactState};
use bereik_core::entry::Fact;
use bereik_core::explanation::ExcludedBy;
use bereik_core::id::PersonId;
use bereik_core::offer::{Offer, OfferRole, Offered, Outcome};
use bereik_core::reachability::Reach;
use bereik_core::urgency::Urgency;
use bereik_routing::{Effect, Engine, Input, Output, Question};
use chrono::TimeDelta;
use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};
use proptest::test_runner::TestCaseError;

use hands::check_capacity;
use ledger::{Kept, Ledger};
use trace::{Step, Trace, drain, inputs, play, step};
use world::{
    CALAMITY_LINE, busy_stories, companies, layered_companies, stories, stories_with_change,
};

type Checked = Result<(), TestCaseError>;

/// Goes through a trace with an account beside it; `check` sees each entry before it is taken
/// down, `after` each step when it is.
fn audit(
    trace: &Trace,
    mut check: impl FnMut(&Ledger, &Step, &bereik_core::entry::Entry) -> Checked,
    mut after: impl FnMut(&Ledger, &Step) -> Checked,
) -> Checked {
    let mut ledger = Ledger::new(trace.directory.clone());
    for step in &trace.steps {
        ledger.hear(&step.input);
        for entry in step.entries() {
            check(&ledger, step, entry)?;
            ledger.enter(entry);
        }
        after(&ledger, step)?;
    }
    Ok(())
}

const fn nothing(_: &Ledger, _: &Step, _: &bereik_core::entry::Entry) -> Checked {
    Ok(())
}

const fn nothing_after(_: &Ledger, _: &Step) -> Checked {
    Ok(())
}

/// How many stories each law is tried on: few enough for every run; `PROPTEST_CASES` asks for more.
fn cases() -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok();
    asked.and_then(|cases| cases.parse().ok()).unwrap_or(32)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    /// Invariant 1, first half.
    #[test]
    fn every_open_contact_has_an_armed_deadline(
        company in companies(), story in stories_with_change(),
    ) {
        for step in &play(&company, &story).steps {
            for (contact, deadlines) in &step.contacts {
                let is_open = contact.state.is_open();
                prop_assert!(!is_open || !deadlines.is_empty(), "{} is forgotten", contact.id);
                let next = deadlines.first();
                prop_assert!(next.is_none() || step.wait <= next.copied(), "woken too late");
            }
        }
    }

    /// Invariant 1, second half: time alone never runs idle for long.
    #[test]
    fn a_deadline_is_rearmed_in_silence_a_bounded_number_of_times(
        company in companies(), story in stories(),
    ) {
        let trace = play(&company, &story);
        let mut engine = Engine::new(trace.directory.clone());
        for (at, input) in inputs(&trace) {
            engine.handle(at, input);
        }
        let (_, mut wait) = drain(&mut engine);
        let mut silent = 0usize;
        for _ in 0..300 {
            let Some(at) = wait else { break };
            let woken = step(&mut engine, at, Input::Advanced);
            let is_visible = woken.entries().next().is_some();
            silent = if is_visible { 0 } else { silent + 1 };
            let open = woken.contacts.iter().filter(|(c, _)| c.state.is_open()).count();
            prop_assert!(silent <= 3 * open.max(1), "woken {silent} times for nothing");
            prop_assert!(woken.wait.is_none_or(|next| next > at), "time stands still");
            wait = woken.wait;
        }
    }

    /// Invariant 2: the word to the customer leaves in the step in which the contact comes in.
    #[test]
    fn whoever_opens_or_reopens_hears_at_once(
        company in companies(), story in stories_with_change(),
    ) {
        for step in &play(&company, &story).steps {
            for entry in step.entries() {
                if matches!(entry.fact, Fact::Opened { .. } | Fact::Reopened { .. }) {
                    let is_told = step.effects().any(|effect| {
                        matches!(effect, Effect::Acknowledge { contact, .. } if *contact == entry.contact)
                    });
                    prop_assert!(is_told, "{} heard nothing", entry.contact);
                }
            }
        }
    }

    /// Invariant 3.
    #[test]
    fn one_accept_wins(company in companies(), story in stories_with_change()) {
        let trace = play(&company, &story);
        audit(&trace, nothing, |ledger, _| {
            for (id, kept) in &ledger.contacts {
                prop_assert!(kept.search.owners <= 1, "{id} has two owners");
                let asks = kept.offers.values().any(|o| o.role == OfferRole::Owner);
                prop_assert!(kept.is_waiting() || !asks, "{id} is taken and still offered");
            }
            Ok(())
        })?;
    }

    /// Invariant 4.
    #[test]
    fn nobody_is_above_capacity(company in companies(), story in stories_with_change()) {
        let trace = play(&company, &story);
        check_capacity(&trace)?;
    }

    /// Invariant 5: half-open, so that the instant of the end is too late already.
    #[test]
    fn no_offer_outlives_its_end(company in companies(), story in stories_with_change()) {
        let trace = play(&company, &story);
        let check = |ledger: &Ledger, _: &Step, entry: &bereik_core::entry::Entry| {
            if let Fact::OfferEnded { offer, outcome } = &entry.fact {
                let until = ledger.contacts[&entry.contact].offers.get(offer).map(|o| o.until);
                let until = until.ok_or_else(|| TestCaseError::fail(format!("{offer} ends twice")))?;
                let in_time = match outcome {
                    Outcome::Lapsed => entry.at == until,
                    _ => entry.at < until,
                };
                prop_assert!(in_time, "{offer} {outcome:?} at {}, until {until}", entry.at);
            }
            Ok(())
        };
        audit(&trace, check, |ledger, step| {
            let mut live = ledger.contacts.values().flat_map(|kept| kept.offers.values());
            prop_assert!(live.all(|offer| step.at < offer.until));
            Ok(())
        })?;
    }

    /// Invariant 6.
    #[test]
    fn offers_go_to_whom_they_can_reach(company in companies(), story in stories_with_change()) {
        audit(&play(&company, &story), check_reach, check_still_reached)?;
    }

    /// Invariant 6 again, where much is going on in one group.
    #[test]
    fn offers_go_to_whom_they_can_reach_on_a_busy_day(
        company in layered_companies(), story in busy_stories(),
    ) {
        audit(&play(&company, &story), check_reach, check_still_reached)?;
    }

    /// Invariant 7.
    #[test]
    fn the_same_inputs_give_the_same_bytes(
        company in companies(), story in stories_with_change(), cut in any::<proptest::sample::Index>(),
    ) {
        let trace = play(&company, &story);
        let inputs = inputs(&trace);
        let cut = cut.index(inputs.len());
        let mut engine = Engine::new(trace.directory.clone());
        for (i, (at, input)) in inputs.into_iter().enumerate() {
            engine.handle(at, input);
            if i == cut {
                let bytes = engine.snapshot();
                engine = Engine::restore(&bytes).expect("a snapshot restores");
                prop_assert_eq!(engine.snapshot(), bytes);
            }
            let (outputs, wait) = drain(&mut engine);
            let said = serde_json::to_string(&outputs).expect("outputs are written");
            let before = serde_json::to_string(&trace.steps[i].outputs).expect("outputs are written");
            prop_assert_eq!(said, before);
            prop_assert_eq!(wait, trace.steps[i].wait);
        }
    }

    /// Invariant 8.
    #[test]
    fn a_calamity_has_a_way_out_at_once(company in companies(), story in stories_with_change()) {
        let trace = play(&company, &story);
        audit(&trace, nothing, check_calamity)?;
    }

    /// Invariant 9.
    #[test]
    fn first_in_first_out_among_equals(company in layered_companies(), story in busy_stories()) {
        let trace = play(&company, &story);
        audit(&trace, check_turn, nothing_after)?;
    }

    /// Invariant 10.
    #[test]
    fn circles_only_widen(company in layered_companies(), story in busy_stories()) {
        let trace = play(&company, &story);
        let check = |ledger: &Ledger, _: &Step, entry: &bereik_core::entry::Entry| {
            let Some(kept) = ledger.contacts.get(&entry.contact) else { return Ok(()) };
            match &entry.fact {
                Fact::CircleWidened { circle } => prop_assert!(*circle > kept.search.circle),
                Fact::Chosen { explanation } => {
                    prop_assert_eq!(explanation.circle, kept.search.circle);
                    for (person, excluded) in &explanation.excluded {
                        let is_out = matches!(excluded, ExcludedBy::NotInCircle | ExcludedBy::LacksSkill(_));
                        let was_in = kept.offers.values().any(|offer| {
                            offer.role == OfferRole::Owner && offer.to == Offered::Person(person.clone())
                        });
                        let by_level = kept.search.level_started_at.is_some();
                        prop_assert!(!(is_out && was_in) || by_level, "{person} fell out");
                    }
                }
                _ => {}
            }
            Ok(())
        };
        audit(&trace, check, nothing_after)?;
    }

    /// Invariant 11.
    #[test]
    fn who_loses_his_owner_is_looked_after(company in companies(), story in stories_with_change()) {
        for step in &play(&company, &story).steps {
            for (contact, deadlines) in &step.contacts {
                let is_active = matches!(contact.state, ContactState::Active | ContactState::AwaitingCustomer);
                let has_owner = contact.owner().is_some();
                prop_assert!(!contact.state.is_open() || is_active == has_owner);
                if contact.state.is_open() && !has_owner {
                    prop_assert!(!deadlines.is_empty());
                }
            }
        }
    }

    /// Invariant 12, first half: behind each promise stands a deadline. Somebody who was promised
    /// to be back has half a minute of grace, a promised call two minutes.
    #[test]
    fn each_promise_has_a_deadline(company in companies(), story in stories_with_change()) {
        for step in &play(&company, &story).steps {
            for (contact, deadlines) in &step.contacts {
                let Some(promise) = contact.promise else { continue };
                let grace = match promise.kind {
                    PromiseKind::BackAt => 30,
                    PromiseKind::CallBack => 120,
                    _ => 0,
                };
                let by = promise.by + TimeDelta::seconds(grace);
                let next = deadlines.first().copied();
                prop_assert!(step.at < by, "{} was promised {promise:?}", contact.id);
                prop_assert!(next.is_some_and(|next| next <= by), "{}: {promise:?}", contact.id);
            }
        }
    }

    /// Invariant 12, second half: each automatic text says something new. A contact that stands
    /// on the list begins anew: what was promised before that may be promised again.
    #[test]
    fn nothing_is_told_twice(company in companies(), story in stories()) {
        let trace = play(&company, &story);
        let check = |ledger: &Ledger, _: &Step, entry: &bereik_core::entry::Entry| {
            let Fact::Acknowledged { acknowledgement } = &entry.fact else { return Ok(()) };
            let is_about_people = matches!(
                acknowledgement,
                Acknowledgement::Joined(_) | Acknowledgement::Left(_) | Acknowledgement::Owned(_)
                    | Acknowledgement::PhoneOffered { .. } | Acknowledgement::NoPhone
                    | Acknowledgement::AddedToOpen { .. } | Acknowledgement::Merged
                    | Acknowledgement::GoesOnOver { .. } | Acknowledgement::BackOver(_)
            );
            let search = &ledger.contacts[&entry.contact].search;
            let is_list = |told: &Acknowledgement| matches!(told, Acknowledgement::OnTheList { .. });
            let since_list = search.told.iter().rev().take_while(|told| !is_list(told));
            let is_again = match acknowledgement {
                Acknowledgement::OnTheList { .. } => search.told.last() == Some(acknowledgement),
                Acknowledgement::Asking { .. }
                | Acknowledgement::StillAsking { .. }
                | Acknowledgement::Waiting { .. } => since_list.clone().any(|told| told == acknowledgement),
                _ => search.told.contains(acknowledgement),
            };
            let is_free = is_about_people || !search.is_plain;
            prop_assert!(is_free || !is_again, "{acknowledgement:?} again");
            Ok(())
        };
        audit(&trace, check, nothing_after)?;
    }

    #[test]
    fn a_contact_closes_once_until_it_is_reopened(
        company in companies(), story in stories_with_change(),
    ) {
        let trace = play(&company, &story);
        let check = |ledger: &Ledger, _: &Step, entry: &bereik_core::entry::Entry| {
            let is_open = ledger.contacts.get(&entry.contact).map(|kept| kept.is_open);
            match &entry.fact {
                Fact::Abandoned { .. } | Fact::Closed { .. } => prop_assert_eq!(is_open, Some(true)),
                Fact::MergedInto { .. } => prop_assert!(is_open.is_some()),
                Fact::Reopened { .. } => prop_assert_eq!(is_open, Some(false)),
                Fact::Opened { .. } => prop_assert_eq!(is_open, None),
                _ => {}
            }
            Ok(())
        };
        audit(&trace, check, |ledger, step| {
            for (contact, _) in &step.contacts {
                let kept = &ledger.contacts[&contact.id];
                prop_assert_eq!(kept.is_open, contact.state.is_open());
                if kept.is_open {
                    prop_assert_eq!(&kept.participants, &contact.participants);
                } else {
                    prop_assert!(kept.offers.is_empty());
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn one_big_step_equals_many_small_ones(
        company in companies(), story in stories_with_change(), cuts in 1i32..40,
    ) {
        let trace = play(&company, &story);
        let (mut big, mut small) = (Engine::new(trace.directory.clone()), Engine::new(trace.directory.clone()));
        let mut last = trace.steps[0].at;
        for (at, input) in inputs(&trace) {
            // The steps that only let time pass are left to the small ones.
            for part in 0..cuts {
                small.handle(last + (at - last) / cuts * part, Input::Advanced);
            }
            last = at;
            small.handle(at, input.clone());
            if input != Input::Advanced {
                big.handle(at, input);
            }
        }
        big.handle(last, Input::Advanced);
        prop_assert_eq!(drain(&mut big), drain(&mut small));
        prop_assert_eq!(big.snapshot(), small.snapshot());
    }

    #[test]
    fn waking_it_for_nothing_does_nothing(company in companies(), story in stories_with_change()) {
        let trace = play(&company, &story);
        let mut engine = Engine::new(trace.directory.clone());
        for (at, input) in inputs(&trace) {
            engine.handle(at, input);
            let (_, wait) = drain(&mut engine);
            if wait.is_none_or(|wait| at < wait) {
                engine.handle(at - TimeDelta::seconds(5), Input::Advanced);
                engine.handle(at, Input::Advanced);
                prop_assert_eq!(drain(&mut engine), (Vec::new(), wait));
            }
        }
    }

    #[test]
    fn entries_are_numbered_without_gaps_and_effects_only_once(
        company in companies(), story in stories_with_change(),
    ) {
        let trace = play(&company, &story);
        let mut number = 0;
        let mut keys = std::collections::BTreeSet::new();
        let mut last = trace.steps[0].at;
        for output in trace.steps.iter().flat_map(|step| &step.outputs) {
            match output {
                Output::Entry(entry) => {
                    number += 1;
                    prop_assert_eq!(entry.number, number);
                    prop_assert!(last <= entry.at);
                    last = entry.at;
                }
                Output::Effect(effect) => prop_assert!(keys.insert(effect.key()), "{}", effect.key()),
                _ => {}
            }
        }
    }

    #[test]
    fn a_dry_run_tells_what_an_opening_does(company in companies(), story in stories()) {
        let trace = play(&company, &story);
        let mut engine = Engine::new(trace.directory.clone());
        for (at, input) in inputs(&trace) {
            engine.handle(at, Input::Advanced);
            drain(&mut engine);
            let dry = match &input {
                Input::Opened(o)
                    if o.page.is_none()
                        && o.urgency == Urgency::Normal
                        && o.need.is_none()
                        && o.addressee.is_some()
                        && o.customer.addresses.is_empty() =>
                {
                    let addressee = o.addressee.as_ref().expect("each story names one");
                    let wait = engine.predict(at, addressee, o.channel, o.urgency).wait;
                    let question = Question::new(addressee.clone(), o.channel);
                    Some((engine.decide(at, &question), wait))
                }
                _ => None,
            };
            let told = step(&mut engine, at, input);
            let is_new = told.entries().any(|entry| matches!(entry.fact, Fact::Opened { .. }));
            if let Some((dry, wait)) = dry.filter(|_| is_new) {
                let chosen = told.entries().find_map(|entry| match &entry.fact {
                    Fact::Chosen { explanation } => Some(explanation.clone()),
                    _ => None,
                });
                prop_assert_eq!(Some(dry), chosen);
                let predicted = told.entries().find_map(|entry| match entry.fact {
                    Fact::Predicted { p10_s, p90_s, .. } => Some((p10_s, p90_s)),
                    _ => None,
                });
                if let Some(predicted) = predicted {
                    let whole = |span: TimeDelta| u32::try_from(span.num_seconds()).expect("a wait");
                    let wait = wait.expect("what an opening predicts, a dry run does");
                    let up = |span: TimeDelta| whole(span + TimeDelta::milliseconds(999));
                    prop_assert_eq!(predicted, (whole(wait.p10), up(wait.p90)));
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases() / 8))]

    /// A leap over thousands of years takes few steps for each contact.
    #[test]
    fn a_leap_over_millennia_is_bounded(company in companies(), story in stories()) {
        let trace = play(&company, &story);
        let mut engine = Engine::new(trace.directory.clone());
        for (at, input) in inputs(&trace) {
            engine.handle(at, input);
        }
        drain(&mut engine);
        let far = chrono::DateTime::<chrono::Utc>::MAX_UTC;
        let leap = step(&mut engine, far, Input::Advanced);
        let bytes = engine.snapshot();
        prop_assert_eq!(Engine::restore(&bytes).map(|restored| restored.snapshot()), Ok(bytes));
        let each = 60_000 * (1 + leap.contacts.len());
        prop_assert!(leap.outputs.len() < each, "{} outputs", leap.outputs.len());
    }
}

/// Nobody is offered what cannot reach him; who is on call only through a level or in a calamity;
/// who is perhaps reachable only after everybody who certainly is.
fn check_reach(ledger: &Ledger, _: &Step, entry: &bereik_core::entry::Entry) -> Checked {
    let Fact::Offered { offer } = &entry.fact else {
        return Ok(());
    };
    let kept = &ledger.contacts[&entry.contact];
    let at_level = kept.search.level_started_at == Some(entry.at);
    match &offer.to {
        Offered::Person(person) => match ledger.reach(person, offer.channel) {
            Reach::Now => {}
            Reach::OnCall => {
                prop_assert!(at_level || kept.urgency == Urgency::Calamity, "{person}");
            }
            Reach::Unknown => {
                let sooner = first_certain(ledger, kept);
                prop_assert!(sooner.is_none(), "{sooner:?} goes before {person}");
            }
            Reach::Never | Reach::From(_) => prop_assert!(false, "{person} cannot be reached"),
        },
        Offered::Line(line) => {
            let owner = ledger.directory.line(line).and_then(|(_, owner)| owner);
            if let Some(owner) = owner {
                let reach = ledger.reach(owner, offer.channel);
                prop_assert!(matches!(reach, Reach::Now | Reach::OnCall), "{line}");
                prop_assert!(at_level, "{line}");
            }
        }
    }
    Ok(())
}

/// No offer stands to somebody who cannot be reached any longer.
fn check_still_reached(ledger: &Ledger, _: &Step) -> Checked {
    for kept in ledger.contacts.values() {
        for offer in kept.offers.values() {
            if let Offered::Person(person) = &offer.to {
                let reach = ledger.reach(person, offer.channel);
                let is_lost = matches!(reach, Reach::Never | Reach::From(_));
                prop_assert!(!is_lost, "{} stands though {person} is gone", offer.id);
            }
        }
    }
    Ok(())
}

/// A member of the addressed group who is certainly there, has a hand free, was never asked and
/// meets what is needed.
fn first_certain(ledger: &Ledger, kept: &Kept) -> Option<PersonId> {
    let Addressee::Group(group) = &kept.addressee else {
        return None;
    };
    let members = ledger.directory.members_of(group);
    let is_free = |person: &&PersonId| {
        let lines = ledger.directory.person(person).map_or(0, |p| p.lines.len());
        !kept.has_requirements
            && ledger.reach(person, kept.channel) == Reach::Now
            && ledger.could_take(person, kept.channel)
            && lines == 0
            && !kept.search.asked.contains(*person)
    };
    members.iter().find(is_free).cloned()
}

/// While nobody has a calamity, its line is called in the step in which it becomes one; without
/// such a line the first level of the policy that is in service.
fn check_calamity(ledger: &Ledger, step: &Step) -> Checked {
    for entry in step.entries() {
        let is_one = match &entry.fact {
            Fact::Opened { urgency, .. } | Fact::UrgencyChanged { urgency, .. } => {
                *urgency == Urgency::Calamity
            }
            Fact::Reopened { .. } => ledger.contacts[&entry.contact].urgency == Urgency::Calamity,
            _ => false,
        };
        let kept = &ledger.contacts[&entry.contact];
        if !is_one || !kept.is_waiting() {
            continue;
        }
        if let Some(lead) = ledger.lead_of(entry.contact) {
            // Its incident is in hands, or is a calamity itself, for which this holds too.
            let is_looked_after = !lead.is_waiting() || lead.urgency == Urgency::Calamity;
            prop_assert!(is_looked_after, "{} waits behind less", entry.contact);
            continue;
        }
        let draft = ledger.directory.draft();
        let offered = |line: &bereik_core::id::LineId| {
            let to = Offered::Line(line.clone());
            kept.offers.values().any(|offer| offer.to == to)
        };
        for line in &draft.calamity_lines {
            prop_assert!(
                offered(line),
                "{CALAMITY_LINE} is not called for {}",
                entry.contact
            );
        }
        let levels = draft.escalations.iter().flat_map(|policy| &policy.levels);
        let mut asks = levels.flat_map(|level| &level.ask);
        let has_mail = asks.any(|ask| matches!(ask, Ask::Line(_)));
        let is_opened = matches!(entry.fact, Fact::Opened { .. });
        if draft.calamity_lines.is_empty() && has_mail && is_opened {
            let is_line = |offer: &Offer| matches!(offer.to, Offered::Line(_));
            let by_level = kept.search.level_started_at == Some(entry.at);
            prop_assert!(by_level || kept.offers.values().any(is_line), "no way out");
        }
    }
    Ok(())
}

/// Nobody is asked for a later contact while an equal earlier one waits that he could be asked for.
fn check_turn(ledger: &Ledger, _: &Step, entry: &bereik_core::entry::Entry) -> Checked {
    let Fact::Offered { offer } = &entry.fact else {
        return Ok(());
    };
    let later = &ledger.contacts[&entry.contact];
    let Offered::Person(person) = &offer.to else {
        return Ok(());
    };
    let by_level = later.search.level_started_at == Some(entry.at);
    let counts = offer.role == OfferRole::Owner && !by_level && later.search.is_plain;
    for (id, earlier) in ledger.contacts.iter().filter(|_| counts) {
        let is_equal = earlier.is_waiting()
            && earlier.search.is_plain
            && earlier.addressee == later.addressee
            && earlier.channel == later.channel
            && earlier.urgency == later.urgency
            && earlier.has_requirements == later.has_requirements
            && ledger.is_overdue(earlier, entry.at) == ledger.is_overdue(later, entry.at)
            && earlier.search.circle >= later.search.circle;
        let is_free = earlier.offers.is_empty() && !earlier.search.asked.contains(person);
        let is_first = (earlier.search.since, *id) < (later.search.since, entry.contact);
        let left = entry.at - earlier.search.since;
        let is_within_cap = left < TimeDelta::seconds(200);
        prop_assert!(
            !(is_equal && is_free && is_first && is_within_cap),
            "{person} is asked for {} before {id}",
            entry.contact
        );
    }
    Ok(())
}
