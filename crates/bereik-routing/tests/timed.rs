//! The timed reference model: over random stories of one contact, a naive account that was written
//! otherwise says at which second each offer is made and ends, circles widen, levels start,
//! somebody is warned, reminded and promised something; the engine must say the same.

#[path = "timed/model.rs"]
mod model;
#[path = "timed/town.rs"]
mod town;

use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

fn cases() -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok();
    asked.and_then(|cases| cases.parse().ok()).unwrap_or(64)
}

/// What happened before an instant, second by second; what happens within one is in no order. The
/// account ends with a call that nobody made.
fn sorted(happened: Vec<(i64, String)>, until: i64) -> Vec<(i64, String)> {
    let is_shown = |(at, text): &(i64, String)| {
        let is_last = *at == until && text == "call missed";
        (*at < until || is_last) && !text.starts_with('(')
    };
    let mut happened: Vec<_> = happened.into_iter().filter(is_shown).collect();
    happened.sort();
    happened
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn everything_happens_at_its_second(town in town::towns(), story in town::stories()) {
        let played = town::play(&town, &story);
        let (expected, until) = model::expected(&town, &played.told, played.until);
        let told = &played.told;
        let (is, should) = (sorted(played.happened, until), sorted(expected, until));
        if let Some(first) = (0..is.len().max(should.len())).find(|i| is.get(*i) != should.get(*i)) {
            let from = first.saturating_sub(12);
            let part = |all: &[(i64, String)]| all[from.min(all.len())..(first + 3).min(all.len())].to_vec();
            prop_assert_eq!(part(&is), part(&should), "told {:?}", told);
        }
    }
}
