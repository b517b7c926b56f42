//! Whole or not at all: what a commit keeps, and what comes back.

use bereik_core::agreement::TargetClock;
use bereik_core::entry::Fact;

use super::scene::{
    LEASE_FOR, SHARD, at, body, commit, contact, entry, keep, kind_of, lease, message, summary,
    with_input,
};
use crate::commit::{Commit, PendingEffect, Recovered};
use crate::error::StoreErrorKind;
use crate::lease::Lease;
use crate::store::Store;

async fn recovered<S: Store>(store: &S, lease: &Lease) -> Recovered {
    let recovered = store.recover(lease).await;
    recovered.expect("the holder of the lease can recover")
}

fn effect(key: &str) -> PendingEffect {
    PendingEffect {
        key: key.to_owned(),
        bytes: key.as_bytes().to_vec(),
    }
}

/// A commit that leaves something everywhere.
fn full(position: u64) -> Commit {
    let mut commit = with_input(position, "input");
    let id = contact(position);
    commit.entries = vec![entry(
        position,
        id,
        Fact::Warned {
            clock: TargetClock::FirstAnswer,
        },
    )];
    commit.summaries = vec![summary(id, &["mailto:jan@example.org"], 0)];
    commit.effects = vec![effect("offer/O1")];
    commit.bodies = vec![(id, message(position), body("words"))];
    commit
}

pub(super) async fn positions_have_no_gaps<S: Store>(store: &S) {
    let lease = lease(store).await;
    let start = recovered(store, &lease).await;
    assert_eq!(start, Recovered::default(), "a new shard is not empty");
    let next = |next| Some(StoreErrorKind::OutOfOrder { next });
    let early = store.commit(&lease, commit(2)).await;
    assert_eq!(kind_of(early), next(1), "a gap is taken");
    let none = store.commit(&lease, commit(0)).await;
    assert_eq!(kind_of(none), next(1), "positions count from 1");
    keep(store, &lease, commit(1)).await;
    keep(store, &lease, commit(2)).await;
    let old = store.commit(&lease, commit(1)).await;
    assert_eq!(kind_of(old), next(3), "an old position is taken");
    assert_eq!(recovered(store, &lease).await.position, 2);
}

pub(super) async fn a_repeated_commit_is_kept_once<S: Store>(store: &S) {
    let lease = lease(store).await;
    keep(store, &lease, full(1)).await;
    keep(store, &lease, full(1)).await;
    let back = recovered(store, &lease).await;
    assert_eq!(back.position, 1, "a repetition moved the position");
    assert_eq!(back.inputs.len(), 1, "a repetition doubled the input");
    assert_eq!(back.effects.len(), 1, "a repetition doubled an effect");
    let timeline = store.timeline(contact(1), 0).await;
    let timeline = timeline.expect("timelines can be read");
    assert_eq!(timeline.len(), 1, "a repetition doubled an entry");

    let next = store.acquire(SHARD, "first", at(1), LEASE_FOR).await;
    let next = next.expect("an owner takes over from itself");
    let other = store.commit(&next, full(1)).await;
    let out_of_order = Some(StoreErrorKind::OutOfOrder { next: 2 });
    assert_eq!(
        kind_of(other),
        out_of_order,
        "another epoch's position is taken for a repetition"
    );
}

pub(super) async fn a_refused_commit_leaves_nothing<S: Store>(store: &S) {
    let lease = lease(store).await;
    let early = store.commit(&lease, full(2)).await;
    assert!(early.is_err(), "a gap is taken");
    let back = recovered(store, &lease).await;
    assert_eq!(
        back,
        Recovered::default(),
        "a refused commit left something"
    );
    let timeline = store.timeline(contact(2), 0).await;
    let timeline = timeline.expect("timelines can be read");
    assert!(timeline.is_empty(), "a refused commit left an entry");
    let summary = store.contact(contact(2)).await;
    let summary = summary.expect("contacts can be read");
    assert_eq!(summary, None, "a refused commit left a contact");
    let words = store.bodies(&[message(2)]).await;
    let words = words.expect("bodies can be read");
    assert_eq!(words, [None], "a refused commit left words");
}

pub(super) async fn inputs_come_back_in_order<S: Store>(store: &S) {
    let lease = lease(store).await;
    keep(store, &lease, with_input(1, "one")).await;
    keep(store, &lease, commit(2)).await;
    let mut same_instant = with_input(3, "three");
    same_instant.at = at(1);
    keep(store, &lease, same_instant).await;
    let back = recovered(store, &lease).await;
    assert_eq!(back.position, 3);
    assert_eq!(
        back.inputs,
        [(at(1), b"one".to_vec()), (at(1), b"three".to_vec())],
        "inputs come back otherwise than they were kept"
    );
}

pub(super) async fn a_snapshot_takes_the_place_of_inputs<S: Store>(store: &S) {
    let lease = lease(store).await;
    keep(store, &lease, with_input(1, "one")).await;
    let mut second = with_input(2, "two");
    second.snapshot = Some(b"state after two".to_vec());
    keep(store, &lease, second).await;
    keep(store, &lease, with_input(3, "three")).await;
    let back = recovered(store, &lease).await;
    let snapshot = back.snapshot.as_deref();
    assert_eq!(
        snapshot,
        Some(&b"state after two"[..]),
        "a snapshot is lost"
    );
    assert_eq!(
        back.inputs,
        [(at(3), b"three".to_vec())],
        "a snapshot holds the inputs up to its position, its own too"
    );
    let mut fourth = commit(4);
    fourth.snapshot = Some(Vec::new());
    keep(store, &lease, fourth).await;
    let back = recovered(store, &lease).await;
    assert_eq!(back.snapshot, Some(Vec::new()), "the last snapshot counts");
    assert_eq!(
        back.inputs,
        [],
        "a commit without input may hold a snapshot"
    );
}

pub(super) async fn effects_are_pending_until_done<S: Store>(store: &S) {
    let lease = lease(store).await;
    let keys =
        |back: &Recovered| -> Vec<String> { back.effects.iter().map(|e| e.key.clone()).collect() };
    let mut first = commit(1);
    first.effects = ["offer/O2", "offer/O1", "ack/7"].map(effect).to_vec();
    first.done = vec!["ack/7".to_owned()];
    keep(store, &lease, first).await;
    let back = recovered(store, &lease).await;
    assert_eq!(
        keys(&back),
        ["offer/O2", "offer/O1"],
        "effects come back in the order in which they were decided, but those that are done"
    );
    assert_eq!(back.effects[0], effect("offer/O2"), "an effect is changed");
    let mut second = commit(2);
    second.done = vec!["offer/O2".to_owned(), "never/seen".to_owned()];
    second.snapshot = Some(Vec::new());
    keep(store, &lease, second).await;
    let mut third = commit(3);
    third.effects = vec![effect("withdraw/O1")];
    keep(store, &lease, third).await;
    let back = recovered(store, &lease).await;
    assert_eq!(
        keys(&back),
        ["offer/O1", "withdraw/O1"],
        "effects are pending until they are done, whatever snapshots there are"
    );
}

pub(super) async fn what_was_kept_outlives_the_writer<S: Store>(store: &S) {
    let first = lease(store).await;
    keep(store, &first, full(1)).await;
    let second = store.acquire(SHARD, "second", at(10), LEASE_FOR).await;
    let second = second.expect("a lease is over at its end");
    let back = recovered(store, &second).await;
    assert_eq!(back.position, 1, "the position is lost with the writer");
    assert_eq!(
        back.inputs,
        [(at(1), b"input".to_vec())],
        "an input is lost"
    );
    assert_eq!(back.effects, [effect("offer/O1")], "an effect is lost");
    keep(store, &second, full(2)).await;
    let open = store.open_contacts().await;
    let open = open.expect("contacts can be read");
    assert_eq!(open.len(), 2, "a contact is lost");
}
