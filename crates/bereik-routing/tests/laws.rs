//! Laws that hold for every company and every story. A failure shrinks to the shortest story that
//! breaks the law, and prints it.

#[path = "laws/any_day.rs"]
mod any_day;
#[path = "laws/at_random.rs"]
mod at_random;

use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::sample::Index;
use proptest::test_runner::TestCaseError;

use any_day::audit::audit;
use any_day::bytes::Day;
use any_day::replaying::{
    dry_runs_tell_what_an_opening_does, leaps_over_millennia,
    rearms_in_silence_a_bounded_number_of_times, replays_from, sleeps_when_woken_for_nothing,
    takes_small_steps_as_big_ones,
};
use any_day::trace::play;
use any_day::{among_colleagues, offering, promising, to_customers};
use at_random::{
    busy_stories, companies, layered_companies, stories, stories_among_colleagues,
    stories_with_change, teams,
};

/// How many stories each law is tried on: few enough for every run; `PROPTEST_CASES` asks for more.
fn cases() -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok();
    asked.and_then(|cases| cases.parse().ok()).unwrap_or(32)
}

/// Tries each law alone, so that a failure shrinks to a story of its own.
macro_rules! alone {
    ($($name:ident: $law:expr, of $companies:expr, $stories:expr;)*) => {
        proptest! {
            #![proptest_config(ProptestConfig::with_cases(cases()))]
            $(
                #[test]
                fn $name(company in $companies, story in $stories) {
                    let trace = play(&company, &story);
                    audit(&trace, &[&[$law]]).map_err(TestCaseError::fail)?;
                }
            )*
        }
    };
}

alone! {
    every_open_contact_has_an_armed_deadline:
        promising::ARMED, of companies(), stories_with_change();
    whoever_opens_or_reopens_hears_at_once:
        promising::HEARD_AT_ONCE, of companies(), stories_with_change();
    one_accept_wins: offering::ONE_ACCEPT, of companies(), stories_with_change();
    nobody_is_above_capacity: offering::CAPACITY, of companies(), stories_with_change();
    nobody_is_above_capacity_among_colleagues:
        offering::CAPACITY, of teams(), stories_among_colleagues();
    no_offer_outlives_its_end: offering::OFFERS_END, of companies(), stories_with_change();
    offers_go_to_whom_they_can_reach:
        offering::WITHIN_REACH, of companies(), stories_with_change();
    offers_go_to_whom_they_can_reach_on_a_busy_day:
        offering::WITHIN_REACH, of layered_companies(), busy_stories();
    a_calamity_has_a_way_out_at_once:
        promising::CALAMITY, of companies(), stories_with_change();
    first_in_first_out_among_equals:
        offering::FIRST_IN_FIRST_OUT, of layered_companies(), busy_stories();
    circles_only_widen: offering::CIRCLES, of layered_companies(), busy_stories();
    an_owner_keeps_a_contact_until_a_successor_accepted:
        among_colleagues::SUCCESSION, of teams(), stories_among_colleagues();
    who_loses_his_owner_is_looked_after:
        promising::LOOKED_AFTER, of companies(), stories_with_change();
    each_promise_has_a_deadline: promising::PROMISES, of companies(), stories_with_change();
    nothing_is_told_twice: promising::NOTHING_TWICE, of companies(), stories();
    a_contact_closes_once_until_it_is_reopened:
        promising::CLOSES_ONCE, of companies(), stories_with_change();
    entries_are_numbered_without_gaps_and_effects_only_once:
        promising::NUMBERED, of companies(), stories_with_change();
    nobody_is_offered_live_contacts_while_he_wraps_up:
        among_colleagues::WRAP_UP, of teams(), stories_among_colleagues();
    an_incident_is_offered_once:
        to_customers::INCIDENTS, of companies(), stories_with_change();
    who_joins_is_heard_and_what_is_merged_goes_on:
        to_customers::JOINED, of companies(), stories_with_change();
    triage_asks_once: to_customers::TRIAGE, of companies(), stories_with_change();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    /// Invariant 1, second half.
    #[test]
    fn a_deadline_is_rearmed_in_silence_a_bounded_number_of_times(
        company in companies(), story in stories(),
    ) {
        let trace = play(&company, &story);
        rearms_in_silence_a_bounded_number_of_times(&trace).map_err(TestCaseError::fail)?;
    }

    /// Invariant 7.
    #[test]
    fn the_same_inputs_give_the_same_bytes(
        company in companies(), story in stories_with_change(), cut in any::<Index>(),
    ) {
        let trace = play(&company, &story);
        let cut = cut.index(trace.steps.len());
        replays_from(&trace, cut).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn one_big_step_equals_many_small_ones(
        company in companies(), story in stories_with_change(), parts in 1i32..40,
    ) {
        let trace = play(&company, &story);
        takes_small_steps_as_big_ones(&trace, parts).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn waking_it_for_nothing_does_nothing(company in companies(), story in stories_with_change()) {
        sleeps_when_woken_for_nothing(&play(&company, &story)).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn a_dry_run_tells_what_an_opening_does(company in companies(), story in stories()) {
        dry_runs_tell_what_an_opening_does(&play(&company, &story)).map_err(TestCaseError::fail)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases() / 8))]

    #[test]
    fn a_leap_over_millennia_is_bounded(company in companies(), story in stories()) {
        leaps_over_millennia(&play(&company, &story)).map_err(TestCaseError::fail)?;
    }
}

proptest! {
    // Few stories let somebody wait who went and gave no address.
    #![proptest_config(ProptestConfig::with_cases(cases() * 8))]

    #[test]
    fn nobody_is_let_go_unasked(company in companies(), story in stories_with_change()) {
        let trace = play(&company, &story);
        audit(&trace, &[&[to_customers::LET_GO]]).map_err(TestCaseError::fail)?;
    }
}

/// How many inputs go through the engine in `a_million_inputs_break_no_invariant`, unless `BEREIK_INPUTS` says how
/// many.
const INPUTS: usize = 1_000_000;

/// Every law on days at random, the same ones on each run, until so many inputs went through the
/// engine. About half of them only let time pass; what a day is told again does not count.
#[test]
fn a_million_inputs_break_no_invariant() {
    let asked = std::env::var("BEREIK_INPUTS").ok();
    let asked = asked.and_then(|inputs| inputs.parse().ok());
    let least = asked.unwrap_or(INPUTS);
    let (mut inputs, mut seed) = (0, 0);
    while inputs < least {
        seed += 1;
        let day = Day::of(&noise(seed));
        let trace = day.play();
        day.check(&trace)
            .unwrap_or_else(|why| panic!("day {seed}: {why}\n{day}"));
        inputs += trace.steps.len();
    }
    println!("{inputs} inputs on {seed} days broke no invariant");
}

/// Half a thousand bytes that follow from a seed, by SplitMix64.
fn noise(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0xD1B5_4A32_D192_ED03);
    let mut bytes = Vec::new();
    while bytes.len() < 512 {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bytes.extend((word ^ (word >> 31)).to_le_bytes());
    }
    bytes
}
