//! The reference passes the suite of the contract, whatever it declares, and faults are told apart.

use async_trait::async_trait;
use bereik_channel::conformance::{self, Arrived, OtherEnd};
use bereik_channel::{
    Answer, Capability, Channel, ChannelError, Cursor, Dispatch, ErrorKind, Event, EventKind,
    Evidence, Feature, Health, Inbound, Memory, Outbound, Scope, Sent, TextLimit, TextUnit,
};
use bereik_core::id::Key;
use bereik_core::message::Body;
use bereik_core::presence::PresenceState;
use bereik_core::{Address, ChannelKind, OfferId};
use chrono::{DateTime, Utc};

struct MemoryEnd(Memory);

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).expect("an instant")
}

fn jan() -> Address {
    "jan@example.org".parse().expect("an address")
}

fn message(id: &str, text: &str) -> Outbound {
    Outbound::new(
        Key::parse(id).expect("a key"),
        jan(),
        Body::parse(text).expect("a body"),
        at(),
    )
}

#[async_trait]
impl OtherEnd for MemoryEnd {
    fn channel(&self) -> &dyn Channel {
        &self.0
    }

    fn address(&self) -> Address {
        jan()
    }

    fn unknown_address(&self) -> Option<Address> {
        let nobody: Address = "nobody@example.org".parse().expect("an address");
        self.0.refuse(nobody.clone());
        Some(nobody)
    }

    async fn arrived(&self) -> Vec<Arrived> {
        let read = |dispatch| match dispatch {
            Dispatch::Alert(alert) => Some((Some(alert.subject), alert.text)),
            Dispatch::Message(message) => Some((message.subject, message.body)),
            _ => None,
        };
        let arrived = self.0.outbox().into_iter().filter_map(read);
        let arrived = arrived.map(|(subject, text)| Arrived {
            subject: subject.map(|subject| subject.as_str().to_owned()),
            text: text.as_str().to_owned(),
        });
        arrived.collect()
    }

    async fn shown(&self) -> Option<PresenceState> {
        self.0.shown()
    }

    async fn write(&self, body: &Body) {
        self.0
            .bring(EventKind::Message(Inbound::new(jan(), body.clone())));
    }

    async fn answer(&self, offer: OfferId, answer: Answer) {
        self.0.answer(offer, answer);
    }
}

#[tokio::test(start_paused = true)]
async fn the_reference_passes_every_test() {
    let end = MemoryEnd(Memory::new(ChannelKind::Email));
    let passed = conformance::check(&end, "run-1", at()).await.unwrap();
    assert_eq!(
        passed,
        [
            "the channel is healthy",
            "the address is one that it carries",
            "a message arrives whole",
            "a long line arrives whole",
            "debug shows no words",
            "the subject arrives",
            "the same message twice arrives once",
            "an address of another kind is refused",
            "an unknown address is refused",
            "an offer arrives",
            "the same offer twice arrives once",
            "an offer is taken back",
            "our presence is shown",
            "a message comes in once",
            "an older cursor brings it again",
            "evidence comes in",
            "an answer comes in",
        ]
    );
    conformance::check(&end, "run-2", at()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn tests_are_chosen_by_capability() {
    let limit = TextLimit {
        max: 2,
        unit: TextUnit::SmsSegments,
    };
    let bare = Capability::new(Evidence::Taken).with_text_limit(limit);
    let end = MemoryEnd(Memory::with_capability(ChannelKind::Email, bare));
    let passed = conformance::check(&end, "run", at()).await.unwrap();
    assert!(passed.contains(&"a text too long is refused"));
    assert!(passed.contains(&"taking back is unsupported"));
    assert!(passed.contains(&"showing our presence is unsupported"));
    assert!(passed.contains(&"receiving is unsupported"));
    assert!(!passed.contains(&"the subject arrives"));
}

#[tokio::test(start_paused = true)]
async fn an_outbox_pretends_nothing() {
    let end = MemoryEnd(Memory::holding(ChannelKind::Email));
    conformance::check(&end, "run", at()).await.unwrap();
    let receipt = end.0.send(&message("M1", "hello")).await.unwrap();
    assert_eq!(receipt.evidence, Evidence::None);
}

#[tokio::test(start_paused = true)]
async fn a_broken_promise_is_found() {
    // Declares that twice arrives once, and forgets what it took.
    let promise = Capability::new(Evidence::Taken).with(&[Feature::Idempotent]);
    #[derive(Debug)]
    struct Forgetful(Memory, Capability);
    #[async_trait]
    impl Channel for Forgetful {
        fn kind(&self) -> ChannelKind {
            self.0.kind()
        }
        fn capability(&self) -> &Capability {
            &self.1
        }
        async fn send(&self, message: &Outbound) -> Result<bereik_channel::Receipt, ChannelError> {
            self.0.send(message).await
        }
        async fn probe(&self) -> Health {
            Health::Up
        }
    }
    struct End(Forgetful);
    #[async_trait]
    impl OtherEnd for End {
        fn channel(&self) -> &dyn Channel {
            &self.0
        }
        fn address(&self) -> Address {
            jan()
        }
        async fn arrived(&self) -> Vec<Arrived> {
            let dispatches = self.0.0.outbox().into_iter();
            let texts = dispatches.filter_map(|dispatch| match dispatch {
                Dispatch::Message(message) => Some(message.body.as_str().to_owned()),
                _ => None,
            });
            texts
                .map(|text| Arrived {
                    subject: None,
                    text,
                })
                .collect()
        }
    }
    let bare = Memory::with_capability(ChannelKind::Email, Capability::new(Evidence::Taken));
    let end = End(Forgetful(bare, promise));
    let broken = conformance::check(&end, "run", at()).await.unwrap_err();
    assert_eq!(broken.rule(), "the same message twice arrives once");
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_leaves_the_message_sent() {
    let mail = Memory::new(ChannelKind::Email);
    mail.fail_next(ChannelError::unavailable().maybe_sent());
    let error = mail.send(&message("M1", "hello")).await.unwrap_err();
    assert_eq!(error.sent(), Sent::Maybe);
    assert_eq!(mail.outbox().len(), 1);
    mail.send(&message("M1", "hello")).await.unwrap();
    assert_eq!(
        mail.outbox().len(),
        1,
        "and asking again sends it no second time"
    );

    mail.fail_next(ChannelError::new(ErrorKind::Refused, Scope::Message));
    mail.send(&message("M2", "hello")).await.unwrap_err();
    assert_eq!(mail.outbox().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_cursor_left_behind_meets_a_gap() {
    let mail = Memory::new(ChannelKind::Email);
    let typing = || EventKind::Typing { from: jan() };
    for _ in 0..Memory::KEPT_MAX + 3 {
        mail.bring(typing());
    }
    let batch = mail.receive(Cursor::START, 2).await.unwrap();
    assert_eq!(batch.events[0].kind, EventKind::Gap);
    assert_eq!(batch.events[1].id.as_str(), "4");
    let mut cursor = batch.cursor;
    let mut read = 1;
    loop {
        let batch = mail.receive(cursor, 100).await.unwrap();
        if batch.events.is_empty() {
            break;
        }
        assert!(
            batch
                .events
                .iter()
                .all(|Event { kind, .. }| *kind == typing())
        );
        read += batch.events.len();
        cursor = batch.cursor;
    }
    assert_eq!(read, Memory::KEPT_MAX);
}

#[tokio::test(start_paused = true)]
async fn receiving_wakes_up_for_news_and_else_ends_by_itself() {
    let mail = std::sync::Arc::new(Memory::new(ChannelKind::Email));
    let empty = mail.receive(Cursor::START, 10).await.unwrap();
    assert!(empty.events.is_empty() && empty.cursor == Cursor::START);
    let waiting = tokio::spawn({
        let mail = mail.clone();
        async move { mail.receive(Cursor::START, 10).await }
    });
    tokio::task::yield_now().await;
    mail.answer(OfferId::new(3), Answer::Declined);
    let batch = waiting.await.unwrap().unwrap();
    assert_eq!(batch.events.len(), 1);
}
