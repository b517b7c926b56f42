//! What comes of messages when a connection, a session, a server or the channel itself goes.

use std::sync::Arc;
use std::time::Duration;

use bereik_channel::{Channel, Cursor, EventKind, Health, Inbox, Scope, Sent};
use tokio::runtime::Runtime;
use tokio::time::{sleep, timeout};

use crate::end::End;
use crate::server::Prosody;
use crate::wire::Wire;
use crate::{PATIENCE, find, inbound, message, until_words, xmpp};

/// All goes over a wire that swallows what both sides write, and is cut, again and again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "starts prosody and slixmpp, which cargo xtask test installs"]
async fn nothing_is_lost_or_doubled_when_the_connection_is_cut() {
    const MESSAGES: usize = 60;
    const CUTS: usize = 8;
    let prosody = Prosody::start("").await;
    let end = End::start(&prosody, "u1").await;
    let wire = Wire::lay(prosody.port).await;
    let config = prosody.config("u0").with_server("127.0.0.1", wire.port);
    let xmpp = xmpp(config);
    assert_eq!(xmpp.probe().await, Health::Up);
    let theirs = async {
        for number in 0..MESSAGES {
            end.say("u0", &format!("theirs {number}")).await;
            sleep(Duration::from_millis(80)).await;
        }
    };
    let ours = async {
        for number in 0..MESSAGES {
            let id = format!("message/M{number}");
            let message = message(&id, &end.address(), &format!("ours {number}"));
            // What surely was not sent is sent again.
            while let Err(error) = xmpp.send(&message).await {
                assert!(error.is_temporary(), "{error:?}");
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    let cutting = async {
        for number in 1..=CUTS {
            sleep(Duration::from_millis(100)).await;
            wire.swallow();
            sleep(Duration::from_millis(150)).await;
            wire.cut();
            sleep(Duration::from_millis(15)).await;
            wire.mend();
            while prosody.log().matches("session resumed from").count() < number {
                sleep(Duration::from_millis(20)).await;
            }
        }
    };
    let all = async { tokio::join!(theirs, ours, cutting) };
    timeout(PATIENCE, all).await.expect("it is resumed");
    end.say("u0", "the last of theirs").await;
    let last = message("message/last", &end.address(), "the last of ours");
    xmpp.send(&last).await.expect("it is whole again");
    let before = until_words(&xmpp, &mut Cursor::START.clone(), "the last of theirs").await;
    assert!(
        !before.contains(&EventKind::Gap),
        "each session was taken up again"
    );
    let words = before.iter().filter_map(|kind| match kind {
        EventKind::Message(message) => Some(message.body.as_str().to_owned()),
        _ => None,
    });
    let expected = (0..MESSAGES).map(|number| format!("theirs {number}"));
    assert_eq!(words.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    end.wait_for_words("the last of ours").await;
    let arrived = end.told("message").into_iter();
    let arrived = arrived.map(|told| told["body"].as_str().unwrap_or_default().to_owned());
    let expected = (0..MESSAGES).map(|number| format!("ours {number}"));
    let expected = expected.chain(["the last of ours".to_owned()]);
    assert_eq!(arrived.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "starts prosody and slixmpp, which cargo xtask test installs"]
async fn what_comes_while_a_session_is_lost_comes_with_the_next_after_a_gap() {
    // The server gives up a session so soon that it cannot be taken up again.
    let mut prosody = Prosody::start("smacks_hibernation_time = 1").await;
    let mut end = End::start(&prosody, "u1").await;
    let wire = Wire::lay(prosody.port).await;
    let config = prosody.config("u0").with_server("127.0.0.1", wire.port);
    let xmpp = xmpp(config);
    assert_eq!(xmpp.probe().await, Health::Up);
    let mut cursor = Cursor::START;
    for is_restarted in [false, true] {
        let word = |what: &str| format!("{what} {is_restarted}");
        end.say("u0", &word("first")).await;
        until_words(&xmpp, &mut cursor, &word("first")).await;
        wire.cut();
        for number in 0..5 {
            end.say("u0", &word(&format!("away {number}"))).await;
        }
        sleep(Duration::from_secs(4)).await;
        if is_restarted {
            drop(end);
            prosody.restart().await;
            end = End::start(&prosody, "u1").await;
        }
        let down = xmpp
            .send(&message("message/away", &end.address(), "nobody hears it"))
            .await;
        let down = down.expect_err("there is no connection");
        assert_eq!((down.scope(), down.sent()), (Scope::Channel, Sent::No));
        wire.mend();
        let mut count = 0;
        let gap = find(&xmpp, &mut cursor, |_| true).await;
        assert_eq!(gap.kind, EventKind::Gap);
        while count < 5 {
            let told = inbound(&xmpp, &mut cursor).await;
            assert_eq!(told.body.as_str(), word(&format!("away {count}")));
            count += 1;
        }
        end.say("u0", &word("last")).await;
        assert_eq!(until_words(&xmpp, &mut cursor, &word("last")).await, []);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "starts prosody and slixmpp, which cargo xtask test installs"]
async fn a_channel_that_is_dropped_leaves_nothing_that_swallows_messages() {
    let prosody = Prosody::start("").await;
    let end = End::start(&prosody, "u1").await;
    for (number, is_closed) in [true, false].into_iter().enumerate() {
        let first = xmpp(prosody.config("u0"));
        assert_eq!(first.probe().await, Health::Up);
        if is_closed {
            first.close().await;
        } else {
            drop(first);
            sleep(Duration::from_secs(1)).await;
        }
        let words = format!("is anybody there {number}?");
        end.say("u0", &words).await;
        // Whoever looks for it needs another name: the old one would drive out what was left.
        let config = prosody
            .config("u0")
            .with_resource(&format!("other{number}"));
        let second = xmpp(config.expect("a name"));
        let told = inbound(&second, &mut Cursor::START.clone()).await;
        assert_eq!(told.body.as_str(), words);
        second.close().await;
    }
}

/// A process that ends without a farewell leaves a session behind, which takes what comes; nothing of it is lost, and
/// what the inbox on disk has already is known again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "starts prosody and slixmpp, which cargo xtask test installs"]
async fn what_comes_after_a_process_has_died_comes_with_the_next() {
    let prosody = Prosody::start("").await;
    let end = End::start(&prosody, "u1").await;
    let file = prosody.folder().join("inbox");
    let open = async |config| {
        let inbox = Inbox::open(&file).await.expect("a file");
        let inbox = inbox.with_settle_for(Duration::ZERO);
        xmpp(config).with_inbox(Arc::new(inbox))
    };
    let first = open(prosody.config("u0")).await;
    let dying = Runtime::new().expect("a runtime");
    let (first, health) = dying
        .spawn(async move {
            let health = first.probe().await;
            (first, health)
        })
        .await
        .expect("it is asked");
    assert_eq!(health, Health::Up);
    end.say("u0", "before").await;
    let mut cursor = Cursor::START;
    assert_eq!(inbound(&first, &mut cursor).await.body.as_str(), "before");
    dying.shutdown_background();
    for number in 0..5 {
        end.say("u0", &format!("while nobody is there {number}"))
            .await;
    }
    sleep(Duration::from_millis(500)).await;
    let second = open(prosody.config("u0")).await;
    for number in 0..5 {
        let words = format!("while nobody is there {number}");
        assert_eq!(inbound(&second, &mut cursor).await.body.as_str(), words);
    }
    end.say("u0", "after").await;
    assert_eq!(inbound(&second, &mut cursor).await.body.as_str(), "after");
}
