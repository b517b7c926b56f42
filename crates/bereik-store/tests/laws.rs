//! The in-memory store keeps the contract, and recovers what a replay of its commits gives.

use std::sync::Arc;

use bereik_store::conformance::conformance;
use bereik_store::{Commit, Lease, Memory, PendingEffect, Store, StoreErrorKind};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

#[tokio::test]
async fn memory_conforms() {
    conformance(async || Memory::new()).await;
}

#[tokio::test]
async fn a_store_can_be_an_object() {
    let store: Arc<dyn Store> = Arc::new(Memory::new());
    let lease = store
        .acquire("s", "o", at(0), TimeDelta::seconds(1))
        .await
        .unwrap();
    store.commit(&lease, Commit::new(1, at(0))).await.unwrap();
    assert_eq!(store.recover(&lease).await.unwrap().position, 1);
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_420_800 + seconds, 0).expect("a year of this century")
}

#[derive(Clone, Debug)]
enum Step {
    /// Commit with the lease of this writer: an input or none, effects, ends, a snapshot or none.
    Commit {
        writer: usize,
        input: Option<u8>,
        effects: Vec<u8>,
        done: Vec<u8>,
        snapshot: bool,
    },
    Release {
        writer: usize,
    },
    Take {
        writer: usize,
        after_s: i64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let keys = || prop::collection::vec(0..12_u8, 0..3);
    let commit = (
        0..3_usize,
        any::<Option<u8>>(),
        keys(),
        keys(),
        prop::bool::weighted(0.15),
    )
        .prop_map(|(writer, input, effects, done, snapshot)| Step::Commit {
            writer,
            input,
            effects,
            done,
            snapshot,
        });
    let take = (0..3_usize, 0..8_i64).prop_map(|(writer, after_s)| Step::Take { writer, after_s });
    let release = (0..3_usize).prop_map(|writer| Step::Release { writer });
    prop_oneof![6 => commit, 2 => take, 1 => release]
}

/// The contract, told as naively as possible.
#[derive(Default)]
struct Model {
    holder: Option<(usize, DateTime<Utc>)>,
    position: u64,
    snapshot: Option<Vec<u8>>,
    inputs: Vec<Vec<u8>>,
    effects: Vec<String>,
}

impl Model {
    fn keep(&mut self, commit: &Commit) {
        self.position = commit.position;
        self.inputs.extend(commit.input.clone());
        for effect in &commit.effects {
            if !self.effects.contains(&effect.key) {
                self.effects.push(effect.key.clone());
            }
        }
        self.effects.retain(|key| !commit.done.contains(key));
        if let Some(snapshot) = &commit.snapshot {
            self.snapshot = Some(snapshot.clone());
            self.inputs.clear();
        }
    }
}

fn commit_of(step: &Step, position: u64) -> Commit {
    let mut commit = Commit::new(position, at(0));
    if let Step::Commit {
        input,
        effects,
        done,
        snapshot,
        ..
    } = step
    {
        let key = |n: &u8| format!("offer/O{n}");
        commit.input = input.map(|byte| vec![byte]);
        commit.effects = effects
            .iter()
            .map(|n| PendingEffect {
                key: key(n),
                bytes: vec![*n],
            })
            .collect();
        commit.done = done.iter().map(key).collect();
        commit.snapshot = snapshot.then(|| position.to_be_bytes().to_vec());
    }
    commit
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever three writers do, only the holder writes, and the store gives back a replay.
    #[test]
    fn memory_is_the_replay_of_its_commits(steps in prop::collection::vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (store, mut model, mut now) = (Memory::new(), Model::default(), at(0));
            let mut leases: [Option<Lease>; 3] = [None, None, None];
            for step in &steps {
                match step {
                    Step::Take { writer, after_s } => {
                        now += TimeDelta::seconds(*after_s);
                        let owner = ["a", "b", "c"][*writer];
                        let taken = store.acquire("s", owner, now, TimeDelta::seconds(5)).await;
                        let may = model.holder.is_none_or(|(by, until)| by == *writer || until <= now);
                        prop_assert_eq!(taken.is_ok(), may);
                        if let Ok(lease) = taken {
                            model.holder = Some((*writer, lease.until()));
                            leases[*writer] = Some(lease);
                        }
                    }
                    Step::Release { writer } => {
                        if let Some(lease) = &leases[*writer] {
                            store.release(lease).await.unwrap();
                            if model.holder.is_some_and(|(by, _)| by == *writer) {
                                model.holder = None;
                            }
                        }
                    }
                    Step::Commit { writer, .. } => {
                        let Some(lease) = &leases[*writer] else { continue };
                        let commit = commit_of(step, model.position + 1);
                        let kept = store.commit(lease, commit.clone()).await;
                        let may = model.holder.is_some_and(|(by, _)| by == *writer);
                        match kept {
                            Ok(()) => model.keep(&commit),
                            Err(ref error) => prop_assert_eq!(error.kind(), StoreErrorKind::Fenced),
                        }
                        prop_assert_eq!(kept.is_ok(), may);
                    }
                }
            }
            let lease = store.acquire("s", "d", at(100_000), TimeDelta::seconds(5)).await.unwrap();
            let back = store.recover(&lease).await.unwrap();
            prop_assert_eq!(back.position, model.position);
            prop_assert_eq!(back.snapshot, model.snapshot);
            let inputs: Vec<Vec<u8>> = back.inputs.into_iter().map(|(_, bytes)| bytes).collect();
            prop_assert_eq!(inputs, model.inputs);
            let keys: Vec<String> = back.effects.into_iter().map(|effect| effect.key).collect();
            prop_assert_eq!(keys, model.effects);
            Ok(())
        })?;
    }
}
