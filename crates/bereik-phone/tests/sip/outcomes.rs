//! What becomes of what goes out: the other side is sipp, whose exit code is the verdict.

use std::time::Duration;

use crate::desk::{ANNA, answered, came_back, event, offer_for, phone, tone, trunk};
use crate::sipp::Sipp;
use crate::words::message;
use bereik_channel::{
    Answer, Channel, ChannelError, Cursor, ErrorKind, EventKind, Evidence, Retry, Scope, Sent,
};
use bereik_core::OfferId;
use bereik_phone::Acceptance;

/// Where the runtime's time stands.
fn now() -> tokio::time::Instant {
    tokio::time::sleep(Duration::ZERO).deadline()
}

/// Offers to somebody who rings and then answers with this: the error, or else what comes in.
async fn becomes(status: &str) -> Result<EventKind, ChannelError> {
    let sipp = Sipp::plays("status", &[("status", status)]).await;
    let phone = phone(trunk(&sipp.server())).await;
    phone.offer(&offer_for(1, 20)).await?;
    let event = event(&phone).await;
    sipp.ends_well().await;
    Ok(event)
}

#[tokio::test]
#[ignore = "needs sipp"]
async fn who_rings_and_then_says_no_comes_back_or_declines() {
    for status in ["404", "480", "486", "503", "600"] {
        let became = becomes(status).await.expect("it rang");
        assert_eq!(became, came_back(1), "{status}");
    }
    let became = becomes("603").await.expect("it rang");
    assert_eq!(became, answered(1, Answer::Declined));
}

#[tokio::test]
#[ignore = "needs sipp"]
async fn the_error_of_a_refusal_at_once_is_that_of_the_contract() {
    let refused = |retry| (ErrorKind::Refused, Scope::Recipient, retry);
    let (never, wait) = (Retry::Never, Retry::After(Duration::from_secs(7)));
    let invalid = (ErrorKind::Invalid, Scope::Message, Retry::Never);
    let unavailable = (ErrorKind::Unavailable, Scope::Channel, wait);
    let cases = [
        ("404", refused(never)),
        ("410", refused(never)),
        ("604", refused(never)),
        ("302", refused(never)),
        ("480", refused(wait)),
        ("408", refused(wait)),
        ("487", refused(wait)),
        ("486", refused(wait)),
        ("600", refused(wait)),
        ("503", unavailable),
        ("415", invalid),
        ("488", invalid),
    ];
    for (status, expected) in cases {
        let sipp = Sipp::plays("says_no", &[("status", status)]).await;
        let phone = phone(trunk(&sipp.server())).await;
        let error = phone.offer(&offer_for(1, 20)).await.expect_err(status);
        assert_eq!(
            (error.kind(), error.scope(), error.retry()),
            expected,
            "{status}"
        );
        assert_eq!((error.sent(), error.code()), (Sent::No, Some(status)));
        sipp.ends_well().await;
    }
}

#[tokio::test]
#[ignore = "needs sipp"]
async fn who_does_not_pick_up_is_rung_no_longer_than_the_offer_stands() {
    let sipp = Sipp::plays("rings", &[]).await;
    let phone = phone(trunk(&sipp.server())).await;
    let began = now();
    phone.offer(&offer_for(1, 2)).await.expect("it rings");
    assert_eq!(event(&phone).await, came_back(1));
    let took = now() - began;
    assert!((2..4).contains(&took.as_secs()), "{took:?}");
    sipp.ends_well().await;
}

#[tokio::test]
#[ignore = "needs sipp"]
async fn an_offer_that_is_withdrawn_stops_ringing_and_is_not_heard_of_again() {
    let sipp = Sipp::plays("rings", &[]).await;
    let phone = phone(trunk(&sipp.server())).await;
    phone.offer(&offer_for(1, 30)).await.expect("it rings");
    phone
        .offer(&offer_for(1, 30))
        .await
        .expect("it rings already");
    phone.withdraw(OfferId::new(1)).await.expect("it stops");
    sipp.ends_well().await;
    let batch = phone.receive(Cursor::START, 1).await.expect("an inbox");
    assert_eq!(batch.events, []);
}

#[tokio::test]
async fn an_offer_that_nobody_waits_for_any_more_comes_back_when_it_fails() {
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").expect("a port");
    let server = silent.local_addr().expect("an address").to_string();
    let phone = phone(trunk(&server).with_trying_within(Duration::from_millis(500))).await;
    let offered = offer_for(1, 30);
    let short = tokio::time::timeout(Duration::from_millis(100), phone.offer(&offered));
    assert!(short.await.is_err(), "it takes longer than that");
    assert_eq!(event(&phone).await, came_back(1));
}

#[tokio::test]
#[ignore = "needs sipp"]
async fn a_telephone_that_is_given_up_stops_ringing() {
    let sipp = Sipp::plays("rings", &[]).await;
    let phone = phone(trunk(&sipp.server())).await;
    phone.offer(&offer_for(1, 30)).await.expect("it rings");
    drop(phone);
    sipp.ends_well().await;
}

#[tokio::test]
#[ignore = "needs sipp"]
async fn a_call_that_is_forwarded_is_given_up_where_picking_up_counts() {
    let sipp = Sipp::plays("forwards", &[]).await;
    let phone = phone(trunk(&sipp.server())).await;
    let error = phone
        .offer(&offer_for(1, 30))
        .await
        .expect_err("it is forwarded");
    assert_eq!(
        (error.scope(), error.code()),
        (Scope::Recipient, Some("181"))
    );
    sipp.ends_well().await;
}

#[tokio::test]
async fn a_server_that_says_nothing_is_at_fault_and_nobody_else() {
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").expect("a port");
    let server = silent.local_addr().expect("an address").to_string();
    let phone = phone(trunk(&server).with_trying_within(Duration::from_millis(700))).await;
    let (offered, asked) = (offer_for(1, 30), message(ANNA));
    let error = phone.offer(&offered).await.expect_err("silence");
    assert_eq!(
        (error.kind(), error.scope()),
        (ErrorKind::TimedOut, Scope::Channel)
    );
    assert_eq!((error.sent(), error.retry()), (Sent::No, Retry::BackOff));
    let error = phone.send(&asked).await.expect_err("silence");
    assert_eq!(
        (error.kind(), error.sent()),
        (ErrorKind::TimedOut, Sent::Maybe)
    );
    assert!(!phone.probe().await.is_usable());
}

#[tokio::test]
#[ignore = "needs sipp"]
async fn who_picks_up_takes_the_offer_and_is_let_go_when_nothing_follows() {
    let sipp = Sipp::plays("picks_up", &[]).await;
    let account = trunk(&sipp.server()).with_holds_for(Duration::from_millis(500));
    let phone = phone(account).await;
    phone.offer(&offer_for(1, 30)).await.expect("it rings");
    assert_eq!(event(&phone).await, answered(1, Answer::Accepted));
    sipp.ends_well().await;
}

#[tokio::test]
#[ignore = "needs sipp"]
async fn where_a_key_counts_picking_up_does_not() {
    let keyed = |server: &str| {
        let (prompt, within) = (tone(), Duration::from_secs(2));
        let account = trunk(server).with_acceptance(Acceptance::Key { prompt, within });
        account.with_holds_for(Duration::from_millis(300))
    };
    let cases = [
        ("1", answered(1, Answer::Accepted)),
        ("2", answered(1, Answer::Declined)),
        ("7", came_back(1)),
    ];
    for (key, expected) in cases {
        let sipp = Sipp::plays("presses", &[("key", key)]).await;
        let phone = phone(keyed(&sipp.server())).await;
        phone.offer(&offer_for(1, 30)).await.expect("it rings");
        assert_eq!(event(&phone).await, expected, "{key}");
        sipp.ends_well().await;
    }
    // A voicemail says much and presses nothing.
    let sipp = Sipp::plays("picks_up", &[]).await;
    let phone = phone(keyed(&sipp.server())).await;
    phone.offer(&offer_for(1, 30)).await.expect("it rings");
    assert_eq!(event(&phone).await, came_back(1));
    sipp.ends_well().await;
}

#[tokio::test]
#[ignore = "needs sipp"]
async fn a_call_that_was_taken_is_handed_over_and_its_outcome_is_told() {
    let target = "sip:bridge-7@example.org";
    for (status, expected) in [("200", None), ("486", Some("486"))] {
        let words = [("status", status), ("target", target)];
        let sipp = Sipp::plays("is_handed_over", &words).await;
        let phone = phone(trunk(&sipp.server()).with_holds_for(Duration::from_secs(3))).await;
        let offer = OfferId::new(1);
        let target = target.parse().expect("a link");
        let early = phone
            .hand_over(offer, &target)
            .await
            .expect_err("nobody took it");
        assert_eq!(early.scope(), Scope::Message);
        phone.offer(&offer_for(1, 30)).await.expect("it rings");
        assert_eq!(event(&phone).await, answered(1, Answer::Accepted));
        let handed = phone.hand_over(offer, &target).await;
        assert_eq!(handed.as_ref().err().and_then(ChannelError::code), expected);
        sipp.ends_well().await;
    }
}

#[tokio::test]
#[ignore = "needs sipp"]
async fn a_message_is_taken_or_its_fault_is_told() {
    for status in ["200", "202"] {
        let sipp = Sipp::plays("takes_a_message", &[("status", status)]).await;
        let phone = phone(trunk(&sipp.server())).await;
        let receipt = phone.send(&message(ANNA)).await.expect("it is taken");
        assert_eq!(receipt.evidence, Evidence::Taken);
        let [said] = &sipp.received()[..] else {
            panic!("one message");
        };
        assert!(said.starts_with("MESSAGE sip:+31201234567@example.org SIP/2.0\r\n"));
        assert!(said.ends_with(message(ANNA).body.as_str()), "{said}");
        sipp.ends_well().await;
    }
    for (status, scope) in [
        ("404", Scope::Recipient),
        ("415", Scope::Message),
        ("503", Scope::Channel),
    ] {
        let sipp = Sipp::plays("takes_a_message", &[("status", status)]).await;
        let phone = phone(trunk(&sipp.server())).await;
        let error = phone.send(&message(ANNA)).await.expect_err(status);
        assert_eq!(
            (error.scope(), error.sent(), error.code()),
            (scope, Sent::No, Some(status))
        );
        sipp.ends_well().await;
    }
}
