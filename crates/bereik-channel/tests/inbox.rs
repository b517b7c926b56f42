//! What webhooks bring is kept once, in order, and over a crash.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use bereik_channel::{Arrival, Cursor, Event, EventKind, Inbound, Inbox, InboxErrorKind};
use bereik_core::id::Key;
use bereik_core::message::Body;

fn message(from: u64, number: u64) -> Arrival {
    let address = format!("tel:+3161234{from:04}")
        .parse()
        .expect("an address");
    let body = Body::parse(&number.to_string()).expect("words");
    Arrival {
        order: i64::try_from(number).expect("small"),
        event: Event {
            id: Key::parse(&format!("wamid-{from}-{number}")).expect("a key"),
            kind: EventKind::Message(Inbound::new(address, body)),
        },
    }
}

fn words(event: &Event) -> Option<(String, u64)> {
    match &event.kind {
        EventKind::Message(inbound) => {
            let number = inbound.body.as_str().parse().expect("a number");
            Some((inbound.from.to_string(), number))
        }
        _ => None,
    }
}

async fn pull_all(inbox: &Inbox) -> Vec<Event> {
    let (mut all, mut cursor) = (Vec::new(), Cursor::START);
    loop {
        let batch = inbox
            .receive(&cursor, 7)
            .await
            .expect("an inbox that works");
        if batch.events.is_empty() {
            return all;
        }
        assert!(batch.events.len() <= 7);
        all.extend(batch.events);
        cursor = batch.cursor;
    }
}

/// The same order on each run, and none that is easy.
fn shuffled<T>(mut all: Vec<T>) -> Vec<T> {
    let mut state = 0x9E37_79B9_u64;
    for at in (1..all.len()).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let other = usize::try_from(state >> 33).expect("31 bits") % (at + 1);
        all.swap(at, other);
    }
    all
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("bereik-inbox-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.join("inbox")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_doubled_and_shuffled_webhooks_come_once_and_in_order() {
    let inbox = Inbox::new();
    let each = (0..1_000).map(|number| message(number % 10, number));
    let doubled: Vec<Arrival> = each.flat_map(|one| [one.clone(), one]).collect();
    let mut fresh = 0;
    for arrival in shuffled(doubled) {
        fresh += inbox.keep(vec![arrival]).await.expect("kept");
    }
    assert_eq!(fresh, 1_000);
    let events = pull_all(&inbox).await;
    let mut by_sender: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for (from, number) in events.iter().filter_map(words) {
        by_sender.entry(from).or_default().push(number);
    }
    assert_eq!(events.len(), 1_000);
    assert_eq!(by_sender.len(), 10);
    assert!(
        by_sender
            .values()
            .all(|numbers| numbers.is_sorted() && numbers.len() == 100)
    );
}

#[tokio::test(start_paused = true)]
async fn what_comes_after_later_ones_were_pulled_comes_all_the_same() {
    let inbox = Inbox::new();
    inbox.keep(vec![message(1, 5)]).await.expect("kept");
    let first = inbox.receive(&Cursor::START, 10).await.expect("pulled");
    inbox.keep(vec![message(1, 4)]).await.expect("kept");
    let then = inbox.receive(&first.cursor, 10).await.expect("pulled");
    assert_eq!(then.events, [message(1, 4).event]);
}

#[tokio::test(start_paused = true)]
async fn a_call_changes_nothing() {
    let inbox = Inbox::new();
    let nothing = inbox.receive(&Cursor::START, 10).await.expect("pulled");
    assert_eq!((nothing.events.len(), nothing.cursor), (0, Cursor::START));
    inbox
        .keep((0..5).map(|number| message(1, number)).collect())
        .await
        .expect("kept");
    let once = inbox.receive(&Cursor::START, 3).await.expect("pulled");
    let again = inbox.receive(&Cursor::START, 3).await.expect("pulled");
    assert_eq!(once, again);
    let none = inbox.receive(&once.cursor, 0).await.expect("pulled");
    assert_eq!((none.events.len(), none.cursor), (0, once.cursor));
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_is_woken() {
    let inbox = Inbox::new().with_poll_for(Duration::from_secs(3_600));
    let (batch, kept) = tokio::join!(inbox.receive(&Cursor::START, 10), async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        inbox.keep(vec![message(1, 1)]).await
    });
    assert_eq!(kept.expect("kept"), 1);
    assert_eq!(batch.expect("pulled").events.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_cursor_of_another_inbox_and_one_from_too_long_ago_are_a_gap() {
    let (inbox, other) = (Inbox::new(), Inbox::new());
    for inbox in [&inbox, &other] {
        inbox.keep(vec![message(1, 1)]).await.expect("kept");
    }
    let cursor = other
        .receive(&Cursor::START, 1)
        .await
        .expect("pulled")
        .cursor;
    let batch = inbox.receive(&cursor, 10).await.expect("pulled");
    assert_eq!(batch.events[0].kind, EventKind::Gap);
    assert_eq!(batch.events[1], message(1, 1).event);
    let last = Inbox::KEPT_MAX as u64 + 10;
    for number in 2..=last {
        inbox.keep(vec![message(1, number)]).await.expect("kept");
        if number % 10_000 == 0 {
            pull_all(&inbox).await;
        }
    }
    // What is there already would be pulled before the rest has settled, and nothing would be gone.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let none = Cursor::parse("0:0").expect("a cursor");
    inbox.receive(&none, 1).await.expect("pulled");
    let events = pull_all(&inbox).await;
    assert_eq!(events[0].kind, EventKind::Gap);
    assert_eq!(events.len(), Inbox::KEPT_MAX + 1);
    assert_eq!(events.last(), Some(&message(1, last).event));
}

#[tokio::test(start_paused = true)]
async fn too_much_at_once_is_refused_whole() {
    let inbox = Inbox::new();
    let many = (0..=Inbox::KEPT_MAX as u64).map(|number| message(1, number));
    let error = inbox.keep(many.collect()).await.expect_err("too many");
    assert_eq!(error.kind(), InboxErrorKind::Full);
    assert!(error.is_temporary());
    assert!(pull_all(&inbox).await.is_empty());
}

#[tokio::test]
async fn a_crash_loses_nothing_that_was_kept() {
    let folder = Folder::new("crash");
    let open = async || {
        let inbox = Inbox::open(folder.file()).await.expect("a file");
        inbox
            .with_settle_for(Duration::ZERO)
            .with_poll_for(Duration::from_millis(50))
    };
    let inbox = open().await;
    inbox
        .keep(vec![message(1, 2), message(1, 1)])
        .await
        .expect("kept");
    let read = inbox.receive(&Cursor::START, 1).await.expect("pulled");
    inbox.keep(vec![message(1, 3)]).await.expect("kept");
    drop(inbox);
    // A line that was cut off: its provider never got an answer.
    let mut bytes = std::fs::read(folder.file()).expect("a file");
    bytes.extend(br#"{"is":"arrived","order":4,"ev"#);
    std::fs::write(folder.file(), bytes).expect("a file");
    let inbox = open().await;
    let rest = inbox.receive(&read.cursor, 10).await.expect("pulled");
    assert_eq!(rest.events, [message(1, 2).event, message(1, 3).event]);
    assert_eq!(
        inbox
            .keep(vec![message(1, 3), message(1, 4)])
            .await
            .expect("kept"),
        1
    );
    let inbox = {
        drop(inbox);
        open().await
    };
    let numbers = pull_all(&inbox).await;
    let numbers: Vec<u64> = numbers
        .iter()
        .filter_map(words)
        .map(|(_, number)| number)
        .collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
}

#[tokio::test]
async fn a_file_that_is_no_inbox_is_left_as_it_is() {
    let folder = Folder::new("foreign");
    for text in ["hello\n", "{\"is\":\"released\",\"names\":[]}\n"] {
        std::fs::write(folder.file(), text).expect("a file");
        let error = Inbox::open(folder.file())
            .await
            .expect_err("a foreign file");
        assert_eq!(error.kind(), InboxErrorKind::Damaged);
        assert_eq!(
            std::fs::read_to_string(folder.file()).expect("a file"),
            text
        );
    }
    let nowhere = Inbox::open(folder.0.join("no/such/folder"))
        .await
        .expect_err("no folder");
    assert_eq!(nowhere.kind(), InboxErrorKind::Storage);
}

#[tokio::test]
async fn a_file_does_not_grow_with_what_was_pulled_long_ago() {
    let folder = Folder::new("growth");
    let inbox = Inbox::open(folder.file()).await.expect("a file");
    let inbox = inbox
        .with_settle_for(Duration::ZERO)
        .with_poll_for(Duration::from_millis(1));
    let mut cursor = Cursor::START;
    for round in 0..8 {
        let from = round * Inbox::KEPT_MAX as u64;
        let some = (from..from + Inbox::KEPT_MAX as u64).map(|number| message(1, number));
        inbox.keep(some.collect()).await.expect("kept");
        cursor = inbox
            .receive(&cursor, usize::MAX)
            .await
            .expect("pulled")
            .cursor;
    }
    let text = std::fs::read_to_string(folder.file()).expect("a file");
    assert!(
        text.lines().count() < 5 * Inbox::KEPT_MAX,
        "{}",
        text.lines().count()
    );
}
