//! One writer: who gets the lease, and what a former holder can still do.

use super::scene::{LEASE_FOR, SHARD, at, commit, keep, kind_of, lease, with_input};
use crate::error::StoreErrorKind;
use crate::store::Store;

pub(super) async fn a_held_lease_keeps_others_out<S: Store>(store: &S) {
    let first = lease(store).await;
    assert_eq!(first.shard(), SHARD, "a lease names its shard");
    assert_eq!(first.owner(), "first", "a lease names its owner");
    assert_eq!(first.until(), at(10), "a lease says until when");
    let other = store.acquire(SHARD, "second", at(9), LEASE_FOR).await;
    let held = StoreErrorKind::Held { until: at(10) };
    assert_eq!(kind_of(other), Some(held), "another takes a held lease");
    let renewed = store.renew(&first, at(9), LEASE_FOR).await;
    let renewed = renewed.expect("its holder can renew a lease");
    assert_eq!(renewed.until(), at(19), "renewing moves the end");
    assert_eq!(renewed.epoch(), first.epoch(), "renewing keeps the epoch");
    let other = store.acquire(SHARD, "second", at(18), LEASE_FOR).await;
    let held = StoreErrorKind::Held { until: at(19) };
    assert_eq!(kind_of(other), Some(held), "renewing does not hold");
}

pub(super) async fn a_lease_that_ran_out_can_be_taken<S: Store>(store: &S) {
    let first = lease(store).await;
    let second = store.acquire(SHARD, "second", at(10), LEASE_FOR).await;
    let second = second.expect("a lease is over at its end");
    assert!(
        second.epoch() > first.epoch(),
        "the epoch grows with a take-over"
    );
    let renewed = store.renew(&first, at(11), LEASE_FOR).await;
    let fenced = Some(StoreErrorKind::Fenced);
    assert_eq!(kind_of(renewed), fenced, "a former holder renews");
}

pub(super) async fn an_owner_takes_over_from_itself<S: Store>(store: &S) {
    let before = lease(store).await;
    let after = lease(store).await;
    assert!(
        after.epoch() > before.epoch(),
        "the epoch grows when its owner starts again"
    );
    let late = store.commit(&before, commit(1)).await;
    let fenced = Some(StoreErrorKind::Fenced);
    assert_eq!(kind_of(late), fenced, "what it held before still writes");
    keep(store, &after, commit(1)).await;
}

pub(super) async fn a_lease_that_was_given_back_is_free<S: Store>(store: &S) {
    let first = lease(store).await;
    keep(store, &first, commit(1)).await;
    let given_back = store.release(&first).await;
    assert!(given_back.is_ok(), "a lease cannot be given back");
    let fenced = Some(StoreErrorKind::Fenced);
    let late = store.commit(&first, commit(2)).await;
    assert_eq!(kind_of(late), fenced, "a lease given back still writes");
    let renewed = store.renew(&first, at(1), LEASE_FOR).await;
    assert_eq!(kind_of(renewed), fenced, "a lease given back is renewed");
    let second = store.acquire(SHARD, "second", at(1), LEASE_FOR).await;
    let second = second.expect("a lease given back is free at once");
    assert!(second.epoch() > first.epoch(), "the epoch never goes back");
    let again = store.release(&first).await;
    assert!(again.is_ok(), "giving back twice is not an error");
    keep(store, &second, commit(2)).await;
}

pub(super) async fn a_fenced_lease_changes_nothing<S: Store>(store: &S) {
    let first = lease(store).await;
    keep(store, &first, with_input(1, "before")).await;
    let second = store.acquire(SHARD, "second", at(10), LEASE_FOR).await;
    let second = second.expect("a lease is over at its end");
    let fenced = Some(StoreErrorKind::Fenced);
    let late = store.commit(&first, with_input(2, "late")).await;
    assert_eq!(kind_of(late), fenced, "a former holder commits");
    let repeated = store.commit(&first, with_input(1, "before")).await;
    assert_eq!(kind_of(repeated), fenced, "a former holder repeats");
    let read = store.recover(&first).await;
    assert_eq!(kind_of(read), fenced, "a former holder recovers");
    let recovered = store.recover(&second).await;
    let recovered = recovered.expect("the holder can recover");
    assert_eq!(recovered.position, 1, "a fenced commit moved the position");
    assert_eq!(recovered.inputs.len(), 1, "a fenced commit left its input");
    keep(store, &second, with_input(2, "after")).await;
}

pub(super) async fn a_lease_that_nobody_took_is_still_good<S: Store>(store: &S) {
    let first = lease(store).await;
    let mut late = commit(1);
    late.at = at(1_000);
    keep(store, &first, late).await;
    let renewed = store.renew(&first, at(1_000), LEASE_FOR).await;
    assert!(
        renewed.is_ok(),
        "a lease that nobody took cannot be renewed"
    );
}

pub(super) async fn shards_are_apart<S: Store>(store: &S) {
    let rivers = lease(store).await;
    let lakes = store.acquire("lakes", "second", at(0), LEASE_FOR).await;
    let lakes = lakes.expect("another shard is free");
    keep(store, &rivers, with_input(1, "rivers")).await;
    keep(store, &lakes, with_input(1, "lakes")).await;
    let recovered = store.recover(&lakes).await;
    let recovered = recovered.expect("the holder can recover");
    assert_eq!(
        recovered.inputs,
        [(at(1), b"lakes".to_vec())],
        "shards share their inputs"
    );
}
