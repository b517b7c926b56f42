//! What peers' praise comes to: one step up or down in a skill, faded by time and bounded by design.
//!
//! A person's standing in a skill is the Wilson interval of praise ÷ (praise + complaint) at 95 %:
//! when even its lower end lies above one half he counts a step higher, when even its upper end
//! lies below one half a step lower, and otherwise as he is. Judgements count for half after ninety
//! days. The second judgement of the same peer in the same skill counts for half of the first, the
//! third for half of that, so that one peer alone never comes to two, and it takes four to move
//! anybody: a pair that praise each other all day move nothing.
//!
//! Everything is counted in whole numbers, so that every machine comes to the same.

use std::collections::{BTreeMap, VecDeque};

use bereik_core::id::{PersonId, SkillId};
use bereik_core::praise::{Judgement, Praise};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One judgement, in the unit in which they are counted: a millionth.
const ONE: u64 = 1_000_000;
/// After so many seconds a judgement counts for half: 90 days.
const HALF_LIFE_S: i64 = 90 * 86_400;
/// The square of 1.96, which is the normal quantile of 95 %, in millionths.
const Z_SQUARED: u128 = 3_841_600;
/// 1.96, in millionths.
const Z: u128 = 1_960_000;
/// Of how many peers it is remembered how often they judged a person in a skill.
const PEERS_MAX: usize = 256;
/// How many judgements are kept for their receiver to see.
const RECEIVED_MAX: usize = 100;

/// 2 to the power of −1/2, −1/4, −1/8 …, times 2³².
const HALVINGS: [u64; 16] = [
    3_037_000_500,
    3_611_622_603,
    3_938_502_376,
    4_112_874_773,
    4_202_935_003,
    4_248_701_965,
    4_271_771_996,
    4_283_353_945,
    4_289_156_690,
    4_292_061_010,
    4_293_513_907,
    4_294_240_540,
    4_294_603_903,
    4_294_785_595,
    4_294_876_445,
    4_294_921_870,
];

/// What is left of a value after so many seconds.
fn faded(value: u64, after_s: i64) -> u64 {
    let after_s = after_s.max(0);
    let whole = u32::try_from(after_s / HALF_LIFE_S).unwrap_or(u32::MAX);
    if whole >= u64::BITS {
        return 0;
    }
    let mut rest = after_s % HALF_LIFE_S;
    let mut left = value >> whole;
    for factor in HALVINGS {
        rest *= 2;
        if rest >= HALF_LIFE_S {
            rest -= HALF_LIFE_S;
            left = scaled(left, factor);
        }
    }
    left
}

/// A value times a factor in 2³²ths, rounded down.
fn scaled(value: u64, factor: u64) -> u64 {
    let product = (u128::from(value) * u128::from(factor)) >> 32;
    u64::try_from(product).expect("a factor is less than one")
}

/// The lower end of the Wilson interval of `good` out of `good + bad`, in millionths.
fn wilson_lower(good: u64, bad: u64) -> u64 {
    let (good, bad) = (u128::from(good), u128::from(bad));
    let all = good + bad;
    if all == 0 {
        return 0;
    }
    let spread = good * bad / all + Z_SQUARED / 4;
    let root = (spread * u128::from(ONE)).isqrt();
    let margin = Z * root / u128::from(ONE);
    let above = (good + Z_SQUARED / 2).saturating_sub(margin);
    let lower = above * u128::from(ONE) / (all + Z_SQUARED);
    u64::try_from(lower).unwrap_or(ONE)
}

/// How often one peer judged a person in a skill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Peer {
    times: u32,
    last_at: DateTime<Utc>,
}

/// What was said of one person in one skill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Standing {
    /// As of `at`, in millionths.
    praise: u64,
    complaint: u64,
    at: DateTime<Utc>,
    peers: BTreeMap<PersonId, Peer>,
}

impl Standing {
    const fn new(at: DateTime<Utc>) -> Self {
        Self {
            praise: 0,
            complaint: 0,
            at,
            peers: BTreeMap::new(),
        }
    }

    fn at(&self, now: DateTime<Utc>) -> (u64, u64) {
        let after_s = (now - self.at).num_seconds();
        (faded(self.praise, after_s), faded(self.complaint, after_s))
    }

    fn take(&mut self, by: &PersonId, judgement: Judgement, now: DateTime<Utc>) {
        (self.praise, self.complaint) = self.at(now);
        self.at = now;
        let weight = ONE >> self.count(by, now).min(63);
        match judgement {
            Judgement::Complaint => self.complaint += weight,
            Judgement::Praise => self.praise += weight,
        }
    }

    /// Counts a judgement of this peer; answers how many of his still count. One is forgiven with
    /// each half-life.
    fn count(&mut self, by: &PersonId, now: DateTime<Utc>) -> u32 {
        if !self.peers.contains_key(by) && self.peers.len() >= PEERS_MAX {
            let oldest = self.peers.iter().min_by_key(|(_, peer)| peer.last_at);
            if let Some(oldest) = oldest.map(|(peer, _)| peer.clone()) {
                self.peers.remove(&oldest);
            }
        }
        let peer = self.peers.entry(by.clone()).or_insert(Peer {
            times: 0,
            last_at: now,
        });
        let forgiven = (now - peer.last_at).num_seconds() / HALF_LIFE_S;
        let forgiven = u32::try_from(forgiven).unwrap_or(0);
        let before = peer.times.saturating_sub(forgiven);
        *peer = Peer {
            times: before.saturating_add(1),
            last_at: now,
        };
        before
    }
}

/// All that was said, by receiver.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Praises {
    standings: BTreeMap<PersonId, BTreeMap<SkillId, Standing>>,
    received: BTreeMap<PersonId, VecDeque<Praise>>,
}

impl Praises {
    /// Takes one judgement of a person's help.
    pub(crate) fn take(&mut self, of: &PersonId, praise: Praise) {
        let skills = self.standings.entry(of.clone()).or_default();
        let standing = skills
            .entry(praise.skill.clone())
            .or_insert_with(|| Standing::new(praise.at));
        standing.take(&praise.by, praise.judgement, praise.at);
        let received = self.received.entry(of.clone()).or_default();
        if received.len() == RECEIVED_MAX {
            received.pop_front();
        }
        received.push_back(praise);
    }

    /// One step up, none, or one down.
    pub(crate) fn tier(&self, person: &PersonId, skill: &SkillId, now: DateTime<Utc>) -> i8 {
        let skills = self.standings.get(person);
        let Some(standing) = skills.and_then(|skills| skills.get(skill)) else {
            return 0;
        };
        let (praise, complaint) = standing.at(now);
        if wilson_lower(praise, complaint) > ONE / 2 {
            1
        } else if wilson_lower(complaint, praise) > ONE / 2 {
            -1
        } else {
            0
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.standings.is_empty()
    }

    /// What a person received, the latest last.
    pub(crate) fn received(&self, person: &PersonId) -> impl Iterator<Item = &Praise> {
        self.received.get(person).into_iter().flatten()
    }

    /// Forgets whoever is gone.
    pub(crate) fn keep(&mut self, is_known: impl Fn(&PersonId) -> bool) {
        self.standings.retain(|person, _| is_known(person));
        self.received.retain(|person, _| is_known(person));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bereik_core::id::ContactId;

    fn at(day: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(day * 86_400, 0).expect("a day of this age")
    }

    fn give(praises: &mut Praises, by: &str, of: &str, judgement: Judgement, day: i64) {
        let praise = Praise {
            contact: ContactId::new(1),
            by: by.parse().expect("an id"),
            skill: "sewing".parse().expect("an id"),
            judgement,
            at: at(day),
        };
        praises.take(&of.parse().expect("an id"), praise);
    }

    fn tier(praises: &Praises, of: &str, day: i64) -> i8 {
        let skill = "sewing".parse().expect("an id");
        praises.tier(&of.parse().expect("an id"), &skill, at(day))
    }

    #[test]
    fn a_value_fades_by_half_in_each_half_life() {
        assert_eq!(faded(1 << 40, 0), 1 << 40);
        assert_eq!(faded(1 << 40, HALF_LIFE_S), 1 << 39);
        assert_eq!(faded(1 << 40, 64 * HALF_LIFE_S), 0);
        for tenth in 1..30 {
            let left = faded(1 << 40, HALF_LIFE_S * tenth / 10) as f64
                / f64::from(1u32 << 20)
                / f64::from(1u32 << 20);
            let exact = 0.5_f64.powf(tenth as f64 / 10.0);
            assert!((left - exact).abs() < 2e-5, "{tenth}: {left} for {exact}");
        }
    }

    #[test]
    fn the_lower_end_is_wilsons() {
        // Wilson 1927 at z = 1.96, to four places.
        for (good, bad, lower) in [
            (1, 0, 2_065),
            (4, 0, 5_101),
            (10, 0, 7_225),
            (8, 2, 4_902),
            (50, 50, 4_038),
        ] {
            let ten_thousandths = wilson_lower(good * ONE, bad * ONE) / 100;
            assert!(
                ten_thousandths.abs_diff(lower) <= 1,
                "{good}:{bad} {ten_thousandths}"
            );
        }
        assert_eq!(wilson_lower(0, 0), 0);
        assert_eq!(wilson_lower(0, 5 * ONE), 0);
    }

    #[test]
    fn four_peers_move_somebody_and_three_do_not() {
        let mut praises = Praises::default();
        for peer in ["anna", "bram", "chris"] {
            give(&mut praises, peer, "dina", Judgement::Praise, 0);
        }
        assert_eq!(tier(&praises, "dina", 0), 0);
        give(&mut praises, "eva", "dina", Judgement::Praise, 0);
        assert_eq!(tier(&praises, "dina", 0), 1);
        assert_eq!(tier(&praises, "dina", 90), 0, "it fades");
        for peer in ["anna", "bram", "chris", "eva"] {
            give(&mut praises, peer, "finn", Judgement::Complaint, 0);
        }
        assert_eq!(tier(&praises, "finn", 0), -1);
    }

    #[test]
    fn a_pair_that_praise_each_other_all_day_move_nothing() {
        let mut praises = Praises::default();
        for day in 0..365 {
            for _ in 0..10 {
                give(&mut praises, "anna", "bram", Judgement::Praise, day);
                give(&mut praises, "bram", "anna", Judgement::Praise, day);
            }
            assert_eq!(
                (tier(&praises, "anna", day), tier(&praises, "bram", day)),
                (0, 0)
            );
        }
        // Nor can a pair of them with a third, or one who complains all day, do more.
        for _ in 0..1_000 {
            give(&mut praises, "chris", "bram", Judgement::Complaint, 365);
        }
        assert_eq!(tier(&praises, "bram", 365), 0);
    }

    #[test]
    fn memory_is_bounded() {
        let mut praises = Praises::default();
        for peer in 0..1_000 {
            give(
                &mut praises,
                &format!("p{peer}"),
                "anna",
                Judgement::Praise,
                peer,
            );
        }
        let anna: PersonId = "anna".parse().expect("an id");
        assert_eq!(praises.received(&anna).count(), RECEIVED_MAX);
        let skills = &praises.standings[&anna];
        assert!(
            skills
                .values()
                .all(|standing| standing.peers.len() <= PEERS_MAX)
        );
        praises.keep(|_| false);
        assert_eq!(praises, Praises::default());
    }
}
