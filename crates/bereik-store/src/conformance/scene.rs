//! Leases, commits and contacts that the tests are made of.

use bereik_core::acknowledgement::{Promise, PromiseKind};
use bereik_core::address::Address;
use bereik_core::channel_kind::ChannelKind;
use bereik_core::contact::{Addressee, ContactState, ContactSummary, Customer, Leg};
use bereik_core::entry::{Entry, Fact};
use bereik_core::id::{ContactId, GroupId, IncidentId, MessageId, NeedId, PersonId};
use bereik_core::language::Language;
use bereik_core::message::{Author, Body};
use bereik_core::urgency::Urgency;
use chrono::{DateTime, TimeDelta, Utc};

use crate::commit::Commit;
use crate::error::{StoreError, StoreErrorKind};
use crate::lease::Lease;
use crate::store::Store;

pub(super) const SHARD: &str = "rivers";
pub(super) const LEASE_FOR: TimeDelta = TimeDelta::seconds(10);

/// The instant so many seconds after the tests begin.
pub(super) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_420_800 + seconds, 0).expect("a year of this century")
}

pub(super) async fn lease<S: Store>(store: &S) -> Lease {
    store
        .acquire(SHARD, "first", at(0), LEASE_FOR)
        .await
        .expect("nobody else holds the lease")
}

pub(super) async fn keep<S: Store>(store: &S, lease: &Lease, commit: Commit) {
    let position = commit.position;
    let kept = store.commit(lease, commit).await;
    assert!(kept.is_ok(), "commit {position} is refused: {kept:?}");
}

pub(super) fn commit(position: u64) -> Commit {
    let seconds = i64::try_from(position).expect("a small number");
    Commit::new(position, at(seconds))
}

pub(super) fn with_input(position: u64, input: &str) -> Commit {
    let mut commit = commit(position);
    commit.input = Some(input.as_bytes().to_vec());
    commit
}

pub(super) fn contact(number: u64) -> ContactId {
    ContactId::new(number)
}

pub(super) fn message(number: u64) -> MessageId {
    MessageId::new(number)
}

pub(super) fn body(text: &str) -> Body {
    Body::parse(text).expect("a short text")
}

pub(super) fn address(text: &str) -> Address {
    text.parse().expect("an address")
}

pub(super) fn entry(number: u64, contact: ContactId, fact: Fact) -> Entry {
    let seconds = i64::try_from(number).expect("a small number");
    Entry {
        number,
        contact,
        at: at(seconds),
        fact,
    }
}

/// A contact with every field in use.
pub(super) fn summary(id: ContactId, addresses: &[&str], opened_at: i64) -> ContactSummary {
    let person = PersonId::parse("anna").expect("an id");
    ContactSummary {
        id,
        customer: Customer {
            name: "Canary Jansen".to_owned(),
            addresses: addresses.iter().map(|text| address(text)).collect(),
            language: Language::Dutch,
        },
        addressee: Addressee::Group(GroupId::parse("helpdesk").expect("an id")),
        channel: ChannelKind::WebChat,
        legs: vec![Leg::new(ChannelKind::WebChat, None, at(opened_at))],
        need: Some(NeedId::parse("bikes").expect("an id")),
        incident: Some(IncidentId::new(3)),
        urgency: Urgency::High,
        state: ContactState::Active,
        page: Some("/shop/bikes".to_owned()),
        participants: vec![person.clone()],
        opened_at: at(opened_at),
        last_word: Some((Author::Person(person), at(opened_at + 5))),
        promise: Some(Promise {
            kind: PromiseKind::Answer,
            by: at(opened_at + 60),
        }),
    }
}

pub(super) fn kind_of<T>(result: Result<T, StoreError>) -> Option<StoreErrorKind> {
    result.err().map(|error| error.kind())
}
