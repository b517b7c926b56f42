//! Customer directories that answer, hang, fail and panic, and what becomes of the customers.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bereik_core::address::Address;
use bereik_core::channel_kind::ChannelKind;
use bereik_core::contact::Customer;
use bereik_core::customer::CustomerProfile;
use bereik_core::directory::Draft;
use bereik_core::entry::{Entry, Fact};
use bereik_core::group::Group;
use bereik_core::id::ContactId;
use bereik_core::message::Body;
use bereik_core::person::Person;
use bereik_core::urgency::Urgency;
use bereik_core::zone::Zone;
use bereik_routing::Opening;
use bereik_store::{Memory, Store};
use bereik_switchboard::{Clock, CustomerDirectory, LookUpError, Switchboard};

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// What a directory does when it is asked.
#[derive(Clone, Copy, Debug)]
enum Way {
    Answers,
    Fails,
    Hangs,
    Panics,
}

#[derive(Debug)]
struct Contracts {
    way: Way,
    asked: AtomicUsize,
    at_once: AtomicUsize,
    most: AtomicUsize,
}

impl Contracts {
    fn new(way: Way) -> Arc<Self> {
        Arc::new(Self {
            way,
            asked: AtomicUsize::new(0),
            at_once: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        })
    }
}

#[async_trait]
impl CustomerDirectory for Contracts {
    async fn look_up(&self, _address: &Address) -> Result<Option<CustomerProfile>, LookUpError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let now = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        let _asking = Asking(&self.at_once);
        match self.way {
            Way::Answers => Ok(Some(CustomerProfile {
                name: "Jan".into(),
                critical: [(id("webshop"), Urgency::High)].into(),
                entitlements: vec![id("gold")],
                ..CustomerProfile::default()
            })),
            Way::Fails => Err(LookUpError::unavailable()),
            Way::Hangs => std::future::pending().await,
            Way::Panics => panic!("a directory of the embedder's"),
        }
    }
}

/// One look-up under way, however it ends.
struct Asking<'a>(&'a AtomicUsize);

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn house(contracts: Arc<Contracts>, store: Arc<dyn Store>) -> Switchboard {
    let mut draft = Draft::new("Rivers & Co", Zone::utc())
        .with_person(Person::new(id("anna"), "Anna"))
        .with_group(Group::new(id("helpdesk"), "Helpdesk", vec![id("anna")]));
    draft.looks_up_customers = true;
    Switchboard::builder(draft.check().unwrap())
        .with_store(store)
        .with_customers(contracts)
        .with_look_up_limits(Duration::from_secs(2), 3)
        .with_clock(Clock::starting_at(id("2026-11-23T08:10:00Z")))
        .start()
        .await
        .unwrap()
}

async fn open(house: &Switchboard, number: usize) -> ContactId {
    let mut customer = Customer::default();
    customer
        .addresses
        .push(id(&format!("jan-{number}@example.org")));
    let opening = Opening::new(id(&format!("mail:{number}")), customer, ChannelKind::Email);
    let opening = opening.about(id("webshop"));
    house.open(opening, None).await.unwrap().contact
}

async fn timeline(house: &Switchboard, contact: ContactId) -> Vec<Entry> {
    house.timeline(contact, 0).await.unwrap()
}

fn is_known(entry: &Entry) -> bool {
    matches!(entry.fact, Fact::CustomerKnown { .. })
}

#[tokio::test(start_paused = true)]
async fn what_a_customer_directory_knows_raises_the_urgency_and_is_recorded() {
    let contracts = Contracts::new(Way::Answers);
    let house = house(contracts.clone(), Arc::new(Memory::new())).await;
    let contact = open(&house, 1).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let entries = timeline(&house, contact).await;
    assert!(entries.iter().any(is_known));
    let row = house.contact(contact).await.unwrap().unwrap();
    assert_eq!(
        (row.urgency, row.customer.name.as_str()),
        (Urgency::High, "Jan")
    );
}

#[tokio::test(start_paused = true)]
async fn a_dead_customer_directory_delays_nobody_and_is_told_as_nothing() {
    for way in [Way::Hangs, Way::Fails, Way::Panics] {
        let contracts = Contracts::new(way);
        let house = house(contracts.clone(), Arc::new(Memory::new())).await;
        let before = house.now();
        let mut contacts = Vec::new();
        for number in 0..10 {
            contacts.push(open(&house, number).await);
        }
        assert_eq!(house.now(), before, "{way:?} delays");
        tokio::time::sleep(Duration::from_secs(5)).await;
        for contact in contacts {
            let entries = timeline(&house, contact).await;
            let is_told = |entry: &Entry| matches!(entry.fact, Fact::Acknowledged { .. });
            assert!(entries.iter().any(is_told), "{way:?}: {contact} is told");
            assert!(!entries.iter().any(is_known));
        }
        let most = contracts.most.load(Ordering::SeqCst);
        assert!(
            matches!(way, Way::Panics) || most <= 3,
            "{way:?}: {most} at once"
        );
        // It is asked again for the next customer: nothing is stuck.
        let asked = contracts.asked.load(Ordering::SeqCst);
        open(&house, 11).await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert_eq!(contracts.asked.load(Ordering::SeqCst), asked + 1, "{way:?}");
        house.stop().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_word_to_all_is_kept_with_each_customer_and_erased_there_alone() {
    let house = house(Contracts::new(Way::Fails), Arc::new(Memory::new())).await;
    let (first, second) = (open(&house, 1).await, open(&house, 2).await);
    house.claim(first, id("anna")).await.unwrap();
    house
        .declare_incident(id("webshop"), first, id("anna"))
        .await
        .unwrap();
    let body = Body::parse("We are on it.").unwrap();
    let incident = id("I1");
    house
        .say_to_all(incident, id("word:1"), id("anna"), body)
        .await
        .unwrap();
    let said = |entries: Vec<Entry>| {
        entries.into_iter().find_map(|entry| match entry.fact {
            Fact::Said { message, .. } => Some(message),
            _ => None,
        })
    };
    let one = said(timeline(&house, first).await).unwrap();
    let other = said(timeline(&house, second).await).unwrap();
    assert!(
        house
            .bodies(&[one, other])
            .await
            .unwrap()
            .iter()
            .all(Option::is_some)
    );
    house.erase_bodies(second).await.unwrap();
    let left = house.bodies(&[one, other]).await.unwrap();
    assert_eq!((left[0].is_some(), left[1].is_some()), (true, false));
}
