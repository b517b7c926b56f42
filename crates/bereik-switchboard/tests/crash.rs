//! A store that breaks at the worst moment: nothing rings that is not durable, and what is durable
//! rings once.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bereik_channel::{
    Alert, Capability, Channel, ChannelError, Evidence, Feature, Health, Outbound, Receipt,
};
use bereik_core::address::Address;
use bereik_core::contact::{ContactSummary, Customer};
use bereik_core::directory::Draft;
use bereik_core::free_busy::FreeBusy;
use bereik_core::group::Group;
use bereik_core::interval::Interval;
use bereik_core::message::{Author, Body, MessageKind};
use bereik_core::signal::{Signal, SignalKind};
use bereik_core::{ChannelKind, ContactId, Entry, MessageId, OfferId, Person, Zone};
use bereik_routing::Opening;
use bereik_store::{Commit, Lease, Memory, Recovered, Store, StoreError, StoreErrorKind};
use bereik_switchboard::{Clock, Switchboard, SwitchboardError};
use chrono::{DateTime, TimeDelta, Utc};

const WHOLE: u8 = 0;
const BREAKS_BEFORE: u8 = 1;
const BREAKS_AFTER: u8 = 2;
const STUMBLES: u8 = 3;

/// The in-memory store, with a fault at the next commit that holds an offer.
#[derive(Debug)]
struct Faulty {
    store: Arc<Memory>,
    fault: AtomicU8,
    /// How many commits came together, each time.
    together: Mutex<Vec<usize>>,
}

impl Faulty {
    fn new(store: &Arc<Memory>, fault: u8) -> Arc<Self> {
        Arc::new(Self {
            store: Arc::clone(store),
            fault: AtomicU8::new(fault),
            together: Mutex::default(),
        })
    }

    fn fault_for(&self, commit: &Commit) -> u8 {
        if commit
            .effects
            .iter()
            .any(|effect| effect.key.starts_with("offer/"))
        {
            self.fault.swap(WHOLE, Ordering::SeqCst)
        } else {
            WHOLE
        }
    }
}

#[async_trait]
impl Store for Faulty {
    async fn acquire(
        &self,
        shard: &str,
        owner: &str,
        now: DateTime<Utc>,
        for_: TimeDelta,
    ) -> Result<Lease, StoreError> {
        self.store.acquire(shard, owner, now, for_).await
    }

    async fn renew(
        &self,
        lease: &Lease,
        now: DateTime<Utc>,
        for_: TimeDelta,
    ) -> Result<Lease, StoreError> {
        self.store.renew(lease, now, for_).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        self.store.release(lease).await
    }

    async fn commit(&self, lease: &Lease, commit: Commit) -> Result<(), StoreError> {
        match self.fault_for(&commit) {
            BREAKS_BEFORE => Err(StoreErrorKind::Damaged.into()),
            BREAKS_AFTER => {
                self.store.commit(lease, commit).await?;
                Err(StoreErrorKind::Damaged.into())
            }
            STUMBLES => {
                self.store.commit(lease, commit).await?;
                Err(StoreErrorKind::Unavailable.into())
            }
            _ => self.store.commit(lease, commit).await,
        }
    }

    async fn commit_all(&self, lease: &Lease, commits: Vec<Commit>) -> Result<(), StoreError> {
        self.together.lock().unwrap().push(commits.len());
        for commit in commits {
            self.commit(lease, commit).await?;
        }
        Ok(())
    }

    async fn recover(&self, lease: &Lease) -> Result<Recovered, StoreError> {
        self.store.recover(lease).await
    }

    async fn timeline(&self, contact: ContactId, after: u64) -> Result<Vec<Entry>, StoreError> {
        self.store.timeline(contact, after).await
    }

    async fn bodies(&self, messages: &[MessageId]) -> Result<Vec<Option<Body>>, StoreError> {
        self.store.bodies(messages).await
    }

    async fn erase_bodies(&self, contact: ContactId) -> Result<u64, StoreError> {
        self.store.erase_bodies(contact).await
    }

    async fn contact(&self, id: ContactId) -> Result<Option<ContactSummary>, StoreError> {
        self.store.contact(id).await
    }

    async fn find(&self, address: &Address) -> Result<Vec<ContactSummary>, StoreError> {
        self.store.find(address).await
    }

    async fn open_contacts(&self) -> Result<Vec<ContactSummary>, StoreError> {
        self.store.open_contacts().await
    }
}

/// Desks of this test; counts how often each offer rang.
#[derive(Debug)]
struct Desks {
    capability: Capability,
    rang: Mutex<Vec<OfferId>>,
}

impl Desks {
    fn new() -> Arc<Self> {
        let capability =
            Capability::new(Evidence::Delivered).with(&[Feature::Offer, Feature::Idempotent]);
        Arc::new(Self {
            capability,
            rang: Mutex::default(),
        })
    }

    fn rang(&self) -> usize {
        self.rang.lock().unwrap().len()
    }
}

#[async_trait]
impl Channel for Desks {
    fn kind(&self) -> ChannelKind {
        ChannelKind::WebChat
    }

    fn capability(&self) -> &Capability {
        &self.capability
    }

    async fn send(&self, _message: &Outbound) -> Result<Receipt, ChannelError> {
        Err(ChannelError::unsupported())
    }

    async fn offer(&self, alert: &Alert) -> Result<Receipt, ChannelError> {
        self.rang.lock().unwrap().push(alert.offer.id);
        Ok(Receipt::new(Evidence::Delivered))
    }

    async fn probe(&self) -> Health {
        Health::Up
    }
}

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

fn monday() -> DateTime<Utc> {
    id("2026-11-23T08:10:00Z")
}

async fn switchboard(store: Arc<dyn Store>, desks: &Arc<Desks>, at: DateTime<Utc>) -> Switchboard {
    let directory = Draft::new("Rivers & Co", Zone::utc())
        .with_person(Person::new(id("anna"), "Anna"))
        .with_group(Group::new(id("helpdesk"), "Helpdesk", vec![id("anna")]))
        .check()
        .unwrap();
    let builder = Switchboard::builder(directory)
        .with_store(store)
        .with_channel(desks.clone());
    let switchboard = builder
        .with_clock(Clock::starting_at(at))
        .start()
        .await
        .unwrap();
    let known = Interval::new(at - TimeDelta::days(1), at + TimeDelta::days(30)).unwrap();
    switchboard
        .update_calendar(id("anna"), FreeBusy::builder(known).build())
        .await
        .unwrap();
    let online = Signal {
        kind: SignalKind::Online(ChannelKind::WebChat),
        source: "desk".into(),
        at,
        expires_at: at + TimeDelta::hours(9),
    };
    switchboard.signal(id("anna"), online).await.unwrap();
    switchboard
}

async fn open(switchboard: &Switchboard) -> Result<ContactId, SwitchboardError> {
    let opening = Opening::new(id("tab:1"), Customer::default(), ChannelKind::WebChat);
    let body = Body::parse("hello").unwrap();
    switchboard
        .open(opening, Some(body))
        .await
        .map(|opened| opened.contact)
}

async fn settle() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}

#[tokio::test(start_paused = true)]
async fn what_was_not_committed_does_not_ring_and_is_told_again() {
    let (memory, desks) = (Arc::new(Memory::new()), Desks::new());
    let first = switchboard(Faulty::new(&memory, BREAKS_BEFORE), &desks, monday()).await;
    let mut happening = first.subscribe();
    assert!(open(&first).await.is_err());
    settle().await;
    assert_eq!(desks.rang(), 0);
    assert!(first.stop().await.is_err(), "it has stopped by itself");
    while happening.next().await.is_some() {}
    assert!(
        first.subscribe().next().await.is_none(),
        "whoever follows is told"
    );

    let second = switchboard(memory, &desks, monday() + TimeDelta::seconds(2)).await;
    open(&second).await.unwrap();
    settle().await;
    assert_eq!(desks.rang(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_was_committed_and_had_not_left_rings_once_after_the_crash() {
    let (memory, desks) = (Arc::new(Memory::new()), Desks::new());
    let first = switchboard(Faulty::new(&memory, BREAKS_AFTER), &desks, monday()).await;
    assert!(open(&first).await.is_err(), "the answer was lost");
    settle().await;
    assert_eq!(desks.rang(), 0, "it stopped before anything left");

    let second = switchboard(memory, &desks, monday() + TimeDelta::seconds(2)).await;
    settle().await;
    assert_eq!(desks.rang(), 1);
    let contact = open(&second).await.unwrap();
    settle().await;
    assert_eq!(desks.rang(), 1, "the same key opens the same contact");
    assert_eq!(second.open_contacts().await.unwrap()[0].id, contact);
}

#[tokio::test(start_paused = true)]
async fn a_commit_whose_answer_was_lost_is_not_made_twice() {
    let (memory, desks) = (Arc::new(Memory::new()), Desks::new());
    let switchboard = switchboard(Faulty::new(&memory, STUMBLES), &desks, monday()).await;
    let contact = open(&switchboard).await.unwrap();
    settle().await;
    assert_eq!(desks.rang(), 1);
    let numbers: Vec<u64> = memory
        .timeline(contact, 0)
        .await
        .unwrap()
        .iter()
        .map(|e| e.number)
        .collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn orders_that_wait_together_are_kept_together() {
    let (memory, desks) = (Arc::new(Memory::new()), Desks::new());
    let store = Faulty::new(&memory, WHOLE);
    let switchboard = switchboard(store.clone(), &desks, monday()).await;
    let contact = open(&switchboard).await.unwrap();
    store.together.lock().unwrap().clear();
    let said: Vec<_> = (0..100)
        .map(|number| {
            let switchboard = switchboard.clone();
            tokio::spawn(async move {
                let body = Body::parse(&format!("word {number}")).unwrap();
                let key = id(&format!("tab:{}", number + 2));
                let said = switchboard.say(contact, Author::Customer, MessageKind::Text, key, body);
                said.await.unwrap().unwrap()
            })
        })
        .collect();
    let mut messages = Vec::new();
    for one in said {
        messages.push(one.await.unwrap());
    }
    let together = store.together.lock().unwrap().clone();
    assert_eq!(together.iter().sum::<usize>(), 100);
    assert!(together.len() < 50, "{together:?}");
    messages.sort();
    messages.dedup();
    let bodies = memory.bodies(&messages).await.unwrap();
    assert_eq!(bodies.iter().flatten().count(), 100, "each with its words");
}

/// However many orders wait before it, the one to stop is obeyed.
#[tokio::test(start_paused = true)]
async fn it_stops_behind_any_number_of_orders() {
    for waiting in [1, 255, 256, 257, 600] {
        let desks = Desks::new();
        let switchboard = switchboard(Arc::new(Memory::new()), &desks, monday()).await;
        let contact = open(&switchboard).await.unwrap();
        for _ in 0..waiting {
            let switchboard = switchboard.clone();
            tokio::spawn(async move { switchboard.customer_gone(contact).await });
        }
        let stopping = switchboard.clone();
        let stopped = tokio::spawn(async move { stopping.stop().await });
        stopped.await.unwrap().unwrap();
        assert!(switchboard.subscribe().next().await.is_none(), "{waiting}");
    }
}
