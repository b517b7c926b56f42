//! The wrappers, on the reference channel and virtual time.

use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bereik_channel::{
    Capability, Channel, ChannelError, Chaos, Cursor, Doubt, ErrorKind, EventKind, Evidence,
    Failover, Health, Memory, Outbound, Receipt, Retry, Scope, Sent, WithChaos, WithRateLimit,
    WithRetry, WithTimeout,
};
use bereik_core::ChannelKind;
use bereik_core::id::Key;
use bereik_core::message::Body;
use bereik_core::presence::PresenceState;
use chrono::DateTime;
use tokio::time::{sleep, timeout};

const SECOND: Duration = Duration::from_secs(1);

fn message(id: u32) -> Outbound {
    let at = DateTime::from_timestamp(1_795_000_000, 0).expect("an instant");
    let key = Key::parse(&format!("M{id}")).expect("a key");
    Outbound::new(
        key,
        "jan@example.org".parse().expect("an address"),
        Body::parse("hello").expect("a body"),
        at,
    )
}

fn mail() -> Arc<Memory> {
    Arc::new(Memory::new(ChannelKind::Email))
}

/// A channel that never answers.
#[derive(Debug)]
struct Silent(Capability, AtomicU32);

impl Silent {
    fn new() -> Self {
        Self(Capability::new(Evidence::Taken), AtomicU32::new(0))
    }
}

#[async_trait]
impl Channel for Silent {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Email
    }

    fn capability(&self) -> &Capability {
        &self.0
    }

    async fn send(&self, _message: &Outbound) -> Result<Receipt, ChannelError> {
        self.1.fetch_add(1, Ordering::Relaxed);
        std::future::pending().await
    }

    async fn receive(&self, _: Cursor, _: usize) -> Result<bereik_channel::Batch, ChannelError> {
        std::future::pending().await
    }

    async fn probe(&self) -> Health {
        std::future::pending().await
    }
}

/// Whether a call ends within this much virtual time.
async fn ends_within<T>(limit: Duration, call: impl Future<Output = T>) -> Option<T> {
    timeout(limit, call).await.ok()
}

#[tokio::test(start_paused = true)]
async fn a_silent_channel_is_cut_off_and_may_have_sent() {
    let channel = WithTimeout::new(Silent::new(), 5 * SECOND).with_receive(9 * SECOND);
    assert!(
        ends_within(4 * SECOND, channel.send(&message(1)))
            .await
            .is_none()
    );
    let error = ends_within(6 * SECOND, channel.send(&message(1)))
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert_eq!(error.sent(), Sent::Maybe);
    let received = ends_within(10 * SECOND, channel.receive(Cursor::START, 1))
        .await
        .unwrap();
    assert_eq!(received.unwrap_err().sent(), Sent::No);
    let health = ends_within(6 * SECOND, channel.probe()).await.unwrap();
    assert!(!health.is_usable());
}

#[tokio::test(start_paused = true)]
async fn the_pace_is_kept_in_every_stretch() {
    let limit = NonZeroUsize::new(3).unwrap();
    let channel = WithRateLimit::new(mail(), limit, 10 * SECOND);
    for id in 0..3 {
        ends_within(Duration::from_millis(1), channel.send(&message(id)))
            .await
            .unwrap()
            .unwrap();
    }
    assert!(
        ends_within(9 * SECOND, channel.send(&message(3)))
            .await
            .is_none()
    );
    ends_within(2 * SECOND, channel.send(&message(3)))
        .await
        .unwrap()
        .unwrap();
    sleep(30 * SECOND).await;
    for id in 4..7 {
        ends_within(Duration::from_millis(1), channel.send(&message(id)))
            .await
            .unwrap()
            .unwrap();
    }
    assert!(
        ends_within(9 * SECOND, channel.send(&message(7)))
            .await
            .is_none()
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_temporary_is_tried_again() {
    let inner = mail();
    let channel = WithRetry::new(inner.clone(), NonZeroU32::new(3).unwrap());
    inner.fail_next(ChannelError::unavailable());
    inner.fail_next(ChannelError::unavailable().with_retry(Retry::After(7 * SECOND)));
    assert!(
        ends_within(7 * SECOND, channel.send(&message(1)))
            .await
            .is_none()
    );

    inner.fail_next(ChannelError::unavailable());
    inner.fail_next(ChannelError::unavailable().with_retry(Retry::After(7 * SECOND)));
    ends_within(9 * SECOND, channel.send(&message(2)))
        .await
        .unwrap()
        .unwrap();

    for _ in 0..3 {
        inner.fail_next(ChannelError::unavailable());
    }
    channel.send(&message(3)).await.unwrap_err();
    channel.send(&message(4)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_is_final_or_may_have_been_sent_is_not_tried_again() {
    let three = NonZeroU32::new(3).unwrap();
    let inner = mail();
    let channel = WithRetry::new(inner.clone(), three);
    inner.fail_next(ChannelError::new(ErrorKind::Refused, Scope::Recipient));
    channel.send(&message(1)).await.unwrap_err();
    inner.fail_next(ChannelError::unavailable().with_retry(Retry::After(61 * SECOND)));
    channel.send(&message(2)).await.unwrap_err();

    let plain = Memory::with_capability(ChannelKind::Email, Capability::new(Evidence::Taken));
    let plain = Arc::new(plain);
    let channel = WithRetry::new(plain.clone(), three);
    plain.fail_next(ChannelError::unavailable().maybe_sent());
    channel.send(&message(3)).await.unwrap_err();
    assert_eq!(
        plain.outbox().len(),
        1,
        "the other end has it, and has it once"
    );

    let channel = WithRetry::new(inner.clone(), three);
    let before = inner.outbox().len();
    inner.fail_next(ChannelError::unavailable().maybe_sent());
    channel.send(&message(4)).await.unwrap();
    assert_eq!(
        inner.outbox().len(),
        before + 1,
        "where twice is once, it is safe"
    );
}

#[tokio::test(start_paused = true)]
async fn the_next_line_takes_over_and_the_first_comes_back() {
    let (first, second) = (mail(), mail());
    let double = Failover::new(first.clone(), 5 * SECOND).with_line(second.clone(), 5 * SECOND);
    assert_eq!(double.probe().await, Health::Up);
    double.send(&message(1)).await.unwrap();

    first.become_health(Health::Down { retry_after: None });
    double.send(&message(2)).await.unwrap();
    assert_eq!(double.probe().await, Health::Degraded);
    assert_eq!((first.outbox().len(), second.outbox().len()), (1, 1));

    // Healthy again, but its rest is not over.
    first.become_health(Health::Up);
    double.send(&message(3)).await.unwrap();
    assert_eq!((first.outbox().len(), second.outbox().len()), (1, 2));
    sleep(31 * SECOND).await;
    double.send(&message(4)).await.unwrap();
    assert_eq!((first.outbox().len(), second.outbox().len()), (2, 2));

    // Not well after its rest: it rests again, and is left for last.
    first.become_health(Health::Down {
        retry_after: Some(100 * SECOND),
    });
    double.send(&message(5)).await.unwrap();
    sleep(31 * SECOND).await;
    double.send(&message(6)).await.unwrap();
    second.become_health(Health::Down { retry_after: None });
    first.become_health(Health::Up);
    double.send(&message(7)).await.unwrap();
    assert_eq!((first.outbox().len(), second.outbox().len()), (3, 4));
}

#[tokio::test(start_paused = true)]
async fn only_what_was_surely_not_sent_goes_to_the_next_line() {
    let (first, second) = (mail(), mail());
    let lines = |doubt| {
        Failover::new(first.clone(), 5 * SECOND)
            .with_line(second.clone(), 5 * SECOND)
            .with_doubt(doubt)
    };
    let double = lines(Doubt::Stop);
    first.fail_next(ChannelError::new(ErrorKind::Refused, Scope::Message));
    double.send(&message(1)).await.unwrap_err();
    assert_eq!(
        second.outbox().len(),
        0,
        "another line would refuse the message too"
    );
    first.fail_next(ChannelError::new(ErrorKind::Refused, Scope::Recipient));
    double.send(&message(2)).await.unwrap();
    assert_eq!(second.outbox().len(), 1);
    first.fail_next(ChannelError::unavailable().maybe_sent());
    let error = double.send(&message(3)).await.unwrap_err();
    assert_eq!((error.sent(), second.outbox().len()), (Sent::Maybe, 1));

    first.fail_next(ChannelError::unavailable().maybe_sent());
    lines(Doubt::GoOn).send(&message(4)).await.unwrap();
    assert_eq!(second.outbox().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_silent_line_costs_no_more_than_its_deadline() {
    let (silent, second) = (Arc::new(Silent::new()), mail());
    let double = Failover::new(silent.clone(), 5 * SECOND)
        .with_line(second.clone(), 5 * SECOND)
        .with_doubt(Doubt::GoOn);
    ends_within(6 * SECOND, double.send(&message(1)))
        .await
        .unwrap()
        .unwrap();
    ends_within(SECOND, double.send(&message(2)))
        .await
        .unwrap()
        .unwrap();
    sleep(31 * SECOND).await;
    // The probe after the rest is bounded too.
    ends_within(6 * SECOND, double.send(&message(3)))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(silent.1.load(Ordering::Relaxed), 1);
    assert_eq!(second.outbox().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn our_presence_is_shown_on_every_line() {
    let (first, second) = (mail(), mail());
    let double = Failover::new(first.clone(), 5 * SECOND).with_line(second.clone(), 5 * SECOND);
    double.publish(PresenceState::Busy).await.unwrap();
    assert_eq!(
        (first.shown(), second.shown()),
        (Some(PresenceState::Busy), Some(PresenceState::Busy))
    );
    first.become_health(Health::Down { retry_after: None });
    double.publish(PresenceState::Idle).await.unwrap_err();
    assert_eq!(
        second.shown(),
        Some(PresenceState::Idle),
        "the one that works is not left behind"
    );
}

#[tokio::test(start_paused = true)]
async fn events_come_from_every_line_each_once() {
    let (first, second) = (mail(), mail());
    let double = Failover::new(first.clone(), 5 * SECOND).with_line(second.clone(), 5 * SECOND);
    let typing = || EventKind::Typing {
        from: "jan@example.org".parse().unwrap(),
    };
    for _ in 0..3 {
        first.bring(typing());
        second.bring(typing());
    }
    let mut ids = Vec::new();
    let mut cursor = Cursor::START;
    loop {
        let batch = double.receive(cursor, 2).await.unwrap();
        if batch.events.is_empty() {
            break;
        }
        ids.extend(
            batch
                .events
                .into_iter()
                .map(|event| event.id.as_str().to_owned()),
        );
        cursor = batch.cursor;
    }
    ids.sort();
    assert_eq!(ids, ["0/1", "0/2", "0/3", "1/1", "1/2", "1/3"]);

    first.become_health(Health::Down { retry_after: None });
    second.bring(typing());
    assert!(
        double.receive(Cursor::START, 9).await.is_ok(),
        "one line that works is enough"
    );
}

#[tokio::test(start_paused = true)]
async fn chaos_is_the_same_each_time_and_tells_what_it_did() {
    let faults = Chaos {
        doubled: 10,
        lost_answers: 20,
        unavailable: 30,
        delay_max: SECOND,
    };
    let run = |seed| async move {
        let plain = Memory::with_capability(ChannelKind::Email, Capability::new(Evidence::Taken));
        let inner = Arc::new(plain);
        let channel = WithChaos::new(inner.clone(), seed, faults);
        let mut told = Vec::new();
        let mut left = 0;
        for id in 0..500 {
            let answer = channel.send(&message(id)).await;
            let out = inner.outbox().len() - left;
            left += out;
            match &answer {
                Ok(_) => assert!(out == 1 || out == 2),
                Err(error) => assert_eq!(out, usize::from(error.sent() == Sent::Maybe)),
            }
            told.push((answer.map_err(|error| error.sent()).err(), out));
        }
        told
    };
    let told = run(1).await;
    assert_eq!(told, run(1).await);
    assert_ne!(told, run(2).await);
    let share = |one: (Option<Sent>, usize)| told.iter().filter(|other| **other == one).count();
    let lost = share((Some(Sent::Maybe), 1));
    assert!((70..130).contains(&lost), "a fifth of 500: {lost}");
    assert!(
        (120..180).contains(&share((Some(Sent::No), 0))),
        "three tenths of 500"
    );
    assert!((30..70).contains(&share((None, 2))), "a tenth of 500");
}
