//! What can be read: timelines, words and contacts.

use bereik_core::contact::{ContactState, ContactSummary};
use bereik_core::entry::{Entry, Fact};
use bereik_core::id::ContactId;
use bereik_core::message::{Author, Body, MessageKind};

use super::scene::{
    address, body, commit, contact, entry, keep, lease, message, summary, with_input,
};
use crate::commit::PendingEffect;
use crate::store::Store;

async fn timeline<S: Store>(store: &S, contact: ContactId, after: u64) -> Vec<Entry> {
    let timeline = store.timeline(contact, after).await;
    timeline.expect("timelines can be read")
}

async fn words<S: Store>(store: &S, messages: &[u64]) -> Vec<Option<Body>> {
    let ids: Vec<_> = messages.iter().map(|number| message(*number)).collect();
    let words = store.bodies(&ids).await;
    words.expect("bodies can be read")
}

async fn found<S: Store>(store: &S, text: &str) -> Vec<ContactId> {
    let found = store.find(&address(text)).await;
    ids(&found.expect("contacts can be found"))
}

fn ids(contacts: &[ContactSummary]) -> Vec<ContactId> {
    contacts.iter().map(|contact| contact.id).collect()
}

fn said(number: u64) -> Fact {
    Fact::Said {
        message: message(number),
        author: Author::Customer,
        kind: MessageKind::Text,
    }
}

pub(super) async fn timelines_are_by_contact_and_number<S: Store>(store: &S) {
    let lease = lease(store).await;
    let entries = [
        entry(1, contact(1), said(1)),
        entry(2, contact(2), said(2)),
        entry(3, contact(1), Fact::CircleWidened { circle: 1 }),
        entry(
            4,
            contact(1),
            Fact::Closed {
                by: Author::Customer,
            },
        ),
    ];
    let mut first = commit(1);
    first.entries = entries[..3].to_vec();
    keep(store, &lease, first).await;
    let mut second = commit(2);
    second.entries = entries[3..].to_vec();
    keep(store, &lease, second).await;
    let of_first = [entries[0].clone(), entries[2].clone(), entries[3].clone()];
    assert_eq!(timeline(store, contact(1), 0).await, of_first);
    assert_eq!(timeline(store, contact(1), 1).await, of_first[1..]);
    assert_eq!(timeline(store, contact(1), 2).await, of_first[1..]);
    assert_eq!(timeline(store, contact(1), 4).await, []);
    assert_eq!(timeline(store, contact(2), 0).await, entries[1..2]);
    assert_eq!(timeline(store, contact(3), 0).await, []);
}

pub(super) async fn bodies_come_in_the_order_asked<S: Store>(store: &S) {
    let lease = lease(store).await;
    let mut first = commit(1);
    first.bodies = vec![
        (contact(1), message(1), body("one")),
        (contact(2), message(2), body("two\n\ttwo")),
    ];
    keep(store, &lease, first).await;
    let (one, two) = (Some(body("one")), Some(body("two\n\ttwo")));
    assert_eq!(
        words(store, &[2, 9, 1, 2]).await,
        [two.clone(), None, one, two],
        "bodies come otherwise than they were asked"
    );
    assert_eq!(words(store, &[]).await, []);
}

pub(super) async fn erasing_forgets_words_and_nothing_else<S: Store>(store: &S) {
    let lease = lease(store).await;
    let mut first = with_input(1, "input");
    first.entries = vec![entry(1, contact(1), said(1))];
    first.summaries = vec![summary(contact(1), &["mailto:jan@example.org"], 0)];
    first.bodies = vec![
        (contact(1), message(1), body("one")),
        (contact(2), message(2), body("two")),
        (contact(1), message(3), body("three")),
    ];
    keep(store, &lease, first).await;
    let erased = store.erase_bodies(contact(1)).await;
    assert_eq!(
        erased.expect("words can be erased"),
        2,
        "how many were erased"
    );
    let two = Some(body("two"));
    assert_eq!(words(store, &[1, 2, 3]).await, [None, two, None]);
    assert_eq!(
        timeline(store, contact(1), 0).await.len(),
        1,
        "an entry is gone"
    );
    assert_eq!(found(store, "mailto:jan@example.org").await, [contact(1)]);
    let back = store.recover(&lease).await;
    assert_eq!(back.expect("the holder can recover").inputs.len(), 1);
    let again = store.erase_bodies(contact(1)).await;
    assert_eq!(again.expect("words can be erased twice"), 0);
    let mut later = commit(2);
    later.bodies = vec![(contact(1), message(4), body("four"))];
    keep(store, &lease, later).await;
    let four = Some(body("four"));
    assert_eq!(
        words(store, &[4]).await,
        [four],
        "erasing reaches later words"
    );
}

pub(super) async fn the_last_summary_counts<S: Store>(store: &S) {
    let lease = lease(store).await;
    let before = summary(contact(1), &["mailto:jan@example.org"], 0);
    let mut after = summary(contact(1), &["tel:+31201234567"], 0);
    after.state = ContactState::Queued;
    after.participants.clear();
    after.last_word = None;
    after.promise = None;
    let mut first = commit(1);
    first.summaries = vec![before.clone()];
    keep(store, &lease, first).await;
    let kept = store.contact(contact(1)).await;
    assert_eq!(kept.expect("contacts can be read"), Some(before.clone()));
    let mut second = commit(2);
    second.summaries = vec![before, after.clone()];
    keep(store, &lease, second).await;
    let kept = store.contact(contact(1)).await;
    assert_eq!(kept.expect("contacts can be read"), Some(after));
    let unknown = store.contact(contact(2)).await;
    assert_eq!(unknown.expect("contacts can be read"), None);
    assert_eq!(found(store, "mailto:jan@example.org").await, []);
    assert_eq!(found(store, "tel:+31201234567").await, [contact(1)]);
}

pub(super) async fn contacts_are_found_by_address<S: Store>(store: &S) {
    let lease = lease(store).await;
    let both = ["mailto:jan@example.org", "tel:+31201234567"];
    let mut closed = summary(contact(2), &both, 20);
    closed.state = ContactState::Closed;
    let mut first = commit(1);
    first.summaries = vec![
        summary(contact(1), &both[..1], 30),
        closed,
        summary(contact(3), &both[..1], 10),
        summary(contact(4), &["mailto:eve@example.org"], 40),
        summary(contact(5), &[], 50),
    ];
    keep(store, &lease, first).await;
    assert_eq!(
        found(store, "Jan@Example.org").await,
        [1, 2, 3].map(contact),
        "contacts with an address come the newest first, closed ones too"
    );
    assert_eq!(found(store, "+31 20 123 4567").await, [contact(2)]);
    assert_eq!(found(store, "mailto:nobody@example.org").await, []);
}

pub(super) async fn open_contacts_are_the_oldest_first<S: Store>(store: &S) {
    let lease = lease(store).await;
    let states = [
        (1, 30, ContactState::Active),
        (2, 20, ContactState::Closed),
        (3, 10, ContactState::Unreachable),
        (4, 10, ContactState::Queued),
    ];
    let mut first = commit(1);
    for (number, opened_at, state) in states {
        let mut summary = summary(contact(number), &[], opened_at);
        summary.state = state;
        first.summaries.push(summary);
    }
    keep(store, &lease, first).await;
    let open = store.open_contacts().await;
    let open = open.expect("contacts can be read");
    assert_eq!(ids(&open), [3, 4, 1].map(contact));
}

/// What a customer is called, wrote, or can be reached at is in no `Debug` output.
pub(super) async fn nothing_personal_is_shown<S: Store>(store: &S) {
    let lease = lease(store).await;
    let mut first = with_input(1, "canary-input");
    first.summaries = vec![summary(contact(1), &["mailto:canary@example.org"], 0)];
    first.bodies = vec![(contact(1), message(1), body("canary-words"))];
    first.effects = vec![PendingEffect {
        key: "offer/O1".to_owned(),
        bytes: b"canary-effect".to_vec(),
    }];
    let shown = format!("{first:?}");
    keep(store, &lease, first).await;
    let back = store.recover(&lease).await;
    let shown = format!("{shown}{store:?}{back:?}").to_lowercase();
    let bytes = format!("{:?}", b"canary").replace(['[', ']'], "");
    assert!(!shown.contains("canary"), "Debug shows a customer's data");
    assert!(
        !shown.contains(&bytes),
        "Debug shows a customer's data as bytes"
    );
}
