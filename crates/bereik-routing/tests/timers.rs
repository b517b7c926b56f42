//! Timers fire in the order of a plain sorted list of all of them.

use bereik_routing::timers::Timers;
use chrono::{DateTime, TimeDelta, Utc};
use proptest::collection::vec;
use proptest::prelude::{Strategy, prop_assert_eq, prop_oneof, proptest};

#[derive(Clone, Copy, Debug)]
enum Act {
    Arm(u8, u8, i64),
    Disarm(u8, u8),
    DisarmAll(u8),
    Fire(i64),
}

fn acts() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (0u8..6, 0u8..5, 0i64..40).prop_map(|(owner, sort, at)| Act::Arm(owner, sort, at)),
        2 => (0u8..6, 0u8..5).prop_map(|(owner, sort)| Act::Disarm(owner, sort)),
        1 => (0u8..6).prop_map(Act::DisarmAll),
        2 => (0i64..40).prop_map(Act::Fire),
    ]
}

fn at(second: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
}

proptest! {
    #[test]
    fn they_fire_as_in_a_sorted_list(acts in vec(acts(), 1..80)) {
        let mut timers = Timers::default();
        let mut list: Vec<(DateTime<Utc>, u8, u8)> = Vec::new();
        for act in acts {
            match act {
                Act::Arm(owner, sort, second) => {
                    timers.arm(owner, sort, at(second));
                    list.retain(|(_, of, timer)| (*of, *timer) != (owner, sort));
                    list.push((at(second), owner, sort));
                }
                Act::Disarm(owner, sort) => {
                    timers.disarm(owner, sort);
                    list.retain(|(_, of, timer)| (*of, *timer) != (owner, sort));
                }
                Act::DisarmAll(owner) => {
                    timers.disarm_all(owner);
                    list.retain(|(_, of, _)| *of != owner);
                }
                Act::Fire(second) => {
                    let due = list.first().copied().filter(|(due, ..)| *due <= at(second));
                    prop_assert_eq!(timers.pop_due(at(second)), due);
                    list.retain(|other| Some(*other) != due);
                }
            }
            list.sort_unstable();
            prop_assert_eq!(timers.first(), list.first().copied());
            prop_assert_eq!(timers.len(), list.len());
            prop_assert_eq!(Vec::from(timers.clone()), list.clone());
            prop_assert_eq!(&Timers::from(list.clone()), &timers);
            for (due, owner, sort) in &list {
                prop_assert_eq!(timers.at(*owner, *sort), Some(*due));
            }
        }
    }
}
