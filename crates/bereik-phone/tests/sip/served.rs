//! SIP as it is used: kamailio registers and carries, baresips are the telephones.

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use crate::baresip::Baresip;
use crate::desk::{ANNA, answered, event, events, offer_for, phone, tone};
use crate::kamailio::Kamailio;
use crate::sipp::Sipp;
use crate::torture::TORTURES;
use bereik_channel::{Answer, Channel, EventKind, Health, Inbound};
use bereik_core::OfferId;
use bereik_core::id::Key;
use bereik_core::message::Body;
use bereik_core::presence::PresenceState;
use bereik_phone::{Acceptance, Clip, Phrase, Reception, SipPhone};
use tokio::time::sleep;

const ANNAS_USER: &str = "+31201234567";

/// Waits until it is well.
async fn up(phone: &SipPhone) {
    for _ in 0..200 {
        if phone.probe().await == Health::Up {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("{:?}", phone.probe().await);
}

#[tokio::test]
#[ignore = "needs kamailio"]
async fn it_registers_by_digest_again_and_again_and_no_more_at_the_end() {
    let kamailio = Kamailio::start().await;
    let account = kamailio
        .account("desk")
        .with_registers_for(Duration::from_secs(2));
    let desk = phone(account).await;
    up(&desk).await;
    kamailio.logs("REGISTERED desk for 2", 3).await;
    drop(desk);
    kamailio.logs("REGISTERED desk for 0", 1).await;

    let wrong = kamailio.account("desk").with_password("wrong".to_owned());
    let wrong = phone(wrong).await;
    for _ in 0..100 {
        if wrong.probe().await == Health::NeedsCredentials {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("{:?}", wrong.probe().await);
}

#[tokio::test]
#[ignore = "needs kamailio and baresip"]
async fn a_person_is_rung_takes_the_offer_and_is_joined_with_somebody_else() {
    let kamailio = Kamailio::start().await;
    let anna = Baresip::start(ANNAS_USER, kamailio.port).await;
    let bert = Baresip::start("bert", kamailio.port).await;
    let desk = phone(kamailio.account("desk")).await;
    up(&desk).await;
    desk.offer(&offer_for(1, 30)).await.expect("it rings");
    anna.hears("CALL_INCOMING").await;
    anna.does("accept", "");
    assert_eq!(event(&desk).await, answered(1, Answer::Accepted));
    anna.hears("CALL_ESTABLISHED").await;

    let handing = {
        let target = "sip:bert@bereik.test".parse().expect("a link");
        async move {
            desk.hand_over(OfferId::new(1), &target)
                .await
                .map(|()| desk)
        }
    };
    let handing = tokio::spawn(handing);
    bert.hears("CALL_INCOMING").await;
    bert.does("accept", "");
    handing.await.expect("it ends").expect("they are joined");
    bert.hears("CALL_ESTABLISHED").await;
}

#[tokio::test]
#[ignore = "needs kamailio and baresip"]
async fn a_person_hears_the_prompt_and_takes_the_offer_by_a_key() {
    let kamailio = Kamailio::start().await;
    let anna = Baresip::start(ANNAS_USER, kamailio.port).await;
    let (prompt, within) = (tone(), Duration::from_secs(8));
    let keyed = Acceptance::Key { prompt, within };
    let desk = phone(kamailio.account("desk").with_acceptance(keyed)).await;
    up(&desk).await;
    desk.offer(&offer_for(1, 30)).await.expect("it rings");
    anna.hears("CALL_INCOMING").await;
    anna.does("accept", "");
    anna.hears("CALL_ESTABLISHED").await;
    // She hears the prompt.
    until(|| loud(&anna.speaker()) > 800).await;
    // Keys go as events of RFC 4733.
    anna.does("sndcode", "1");
    assert_eq!(event(&desk).await, answered(1, Answer::Accepted));
}

/// Waits until it is so.
#[track_caller]
fn until(is_so: impl Fn() -> bool) -> impl Future<Output = ()> {
    let caller = std::panic::Location::caller();
    async move {
        for _ in 0..200 {
            if is_so() {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("it is never so: {caller}");
    }
}

#[tokio::test]
#[ignore = "needs kamailio and sipp"]
async fn a_message_comes_in_as_it_was_written() {
    let kamailio = Kamailio::start().await;
    let desk = phone(kamailio.account("desk")).await;
    up(&desk).await;
    let words = "hello & <good> day\nBcc: nobody";
    let sipp = Sipp::writes(words, "desk", kamailio.port).await;
    let EventKind::Message(said) = event(&desk).await else {
        panic!("a message");
    };
    sipp.ends_well().await;
    assert_eq!(said.from, ANNA.parse().expect("a number"));
    let name = said.from_name.as_ref().map(bereik_channel::Label::as_str);
    assert_eq!((name, said.body.as_str()), (Some("Anna"), words));
}

/// Says this from an address that is heard; gives the answer, if there is one.
fn says(to: SocketAddr, text: &str) -> Option<String> {
    says_from("127.0.0.1", to, text)
}

fn says_from(ip: &str, to: SocketAddr, text: &str) -> Option<String> {
    let socket = UdpSocket::bind((ip, 0)).expect("a port");
    let wait = Some(Duration::from_millis(400));
    socket.set_read_timeout(wait).expect("a socket");
    let port = socket.local_addr().expect("an address").port();
    let text = text.replace("HERE", &format!("{ip}:{port}"));
    socket.send_to(text.as_bytes(), to).expect("it leaves");
    let mut answer = [0; 4_096];
    let size = socket.recv(&mut answer).ok()?;
    Some(String::from_utf8_lossy(&answer[..size]).into_owned())
}

fn asks(method: &str, more: &str, body: &str) -> String {
    let size = body.len();
    format!(
        "{method} sip:desk@example.org SIP/2.0\r\nVia: SIP/2.0/UDP HERE;branch=z9hG4bK{method}{more:.4}{size};rport\r\n\
        From: <sip:eve@example.org>;tag=1\r\nTo: <sip:desk@example.org>\r\nCall-ID: {method}{size}{more:.4}\r\n\
        CSeq: 1 {method}\r\nContact: <sip:eve@HERE>\r\n{more}Content-Length: {size}\r\n\r\n{body}"
    )
    .replace("\r\n\r\n\r\n", "\r\n\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_in_from_the_net_neither_breaks_nor_commands_it() {
    let at = format!("127.0.0.1:{}", crate::leash::free_port());
    let at = at.parse().expect("an address");
    let account = crate::desk::trunk("127.0.0.1:9").with_local(at);
    let desk = phone(account.with_reception(Reception::default())).await;
    for (number, (name, text)) in TORTURES.iter().enumerate() {
        let text = text.replace("{}", &number.to_string());
        let _ = says(at, &text);
        let ping = asks(
            "OPTIONS",
            &format!("X{number}: 1\r\nMax-Forwards: 9\r\n"),
            "",
        );
        let answer = says(at, &ping);
        assert!(
            answer.is_some_and(|answer| answer.starts_with("SIP/2.0 200")),
            "after {name}"
        );
    }
    // Strangers are not heard, and not answered.
    let stranger = asks("MESSAGE", "Max-Forwards: 9\r\n", "from a stranger");
    assert_eq!(says_from("127.0.0.2", at, &stranger), None);
    // Nobody makes us call, and a datagram that is too long or cut is none.
    let forwards = "Max-Forwards: 70\r\n";
    let refer = asks(
        "REFER",
        &format!("Refer-To: <sip:premium@example.org>\r\n{forwards}"),
        "",
    );
    assert!(says(at, &refer).is_some_and(|answer| answer.contains(" 405 ")));
    let long = asks(
        "MESSAGE",
        &format!("Content-Type: text/plain\r\n{forwards}"),
        &"x".repeat(20_000),
    );
    assert_eq!(says(at, &long), None);
    let loops = asks("INVITE", "Max-Forwards: 0\r\n", "");
    assert!(says(at, &loops).is_some_and(|answer| answer.contains(" 483 ")));
    let ours = asks("INVITE", &format!("Y: 1\r\n{forwards}"), "")
        .replace("eve@example.org", "desk@example.org");
    assert!(says(at, &ours).is_some_and(|answer| answer.contains(" 482 ")));
    let html = asks(
        "MESSAGE",
        &format!("Content-Type: text/html\r\n{forwards}"),
        "<b>hello</b>",
    );
    assert!(says(at, &html).is_some_and(|answer| answer.contains(" 415 ")));
    let batch = desk
        .receive(bereik_channel::Cursor::START, 100)
        .await
        .expect("an inbox");
    let bodies: Vec<&str> = batch
        .events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Message(message) => Some(message.body.as_str()),
            _ => None,
        })
        .collect();
    assert!(
        bodies
            .iter()
            .all(|body| *body == "[call]" || *body == "[hung up]"),
        "{bodies:?}"
    );
}

const DOCUMENT: &str = "<?xml version=\"1.0\"?><presence xmlns=\"urn:ietf:params:xml:ns:pidf\" \
    xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\" xmlns:rpid=\"urn:ietf:params:xml:ns:pidf:rpid\" \
    entity=\"sip:watched@bereik.test\"><tuple id=\"1\"><status><basic>open</basic></status></tuple>\
    <dm:person id=\"p\"><rpid:activities>WHAT</rpid:activities></dm:person></presence>";

#[tokio::test]
#[ignore = "needs kamailio"]
async fn presence_is_published_kept_alive_heard_of_and_taken_back() {
    let kamailio = Kamailio::start().await;
    let watched = phone(kamailio.account("watched")).await;
    let desk = phone(kamailio.account("desk")).await;
    up(&watched).await;
    up(&desk).await;
    let of = "handle:sip/watched".parse().expect("a handle");
    desk.watch(&of).await.expect("it lets us");
    let busy = DOCUMENT.replace("WHAT", "<rpid:on-the-phone/>");
    watched
        .publish(busy.as_bytes(), Duration::from_secs(2))
        .await
        .expect("it is published");
    let state = PresenceState::Busy;
    assert_eq!(
        event(&desk).await,
        EventKind::Presence {
            of: of.clone(),
            state
        }
    );
    // Twice it lives on, by its tag.
    kamailio.logs("PUBLISHED watched if a.", 2).await;
    let free = DOCUMENT.replace("WHAT", "");
    watched
        .publish(free.as_bytes(), Duration::from_secs(60))
        .await
        .expect("another");
    let state = PresenceState::Available;
    let last = events(&desk, 2).await.remove(1);
    assert_eq!(
        last.kind,
        EventKind::Presence {
            of: of.clone(),
            state
        }
    );
    desk.unwatch(&of);
    watched.unpublish().await.expect("it is taken back");
    kamailio.logs("for 0", 1).await;
    let nobody = "handle:sip/nobody".parse().expect("a handle");
    let error = desk.watch(&nobody).await.expect_err("there is none");
    assert_eq!(error.code(), Some("404"));
}

/// A reception that says a tone for all that it knows.
fn reception() -> Reception {
    let digits = (0..10).map(Phrase::Digit);
    let mut reception = Reception::default();
    for phrase in [Phrase::Place, Phrase::Welcome].into_iter().chain(digits) {
        reception = reception.with_clip(phrase, tone());
    }
    reception
}

/// Somebody calls: the message that tells of it, and the call's key.
async fn is_called(desk: &SipPhone, by: &Baresip) -> (Inbound, Key) {
    by.does("dial", "sip:desk@bereik.test");
    let EventKind::Message(message) = event(desk).await else {
        panic!("a message");
    };
    by.hears("CALL_ESTABLISHED").await;
    let call = message.provider_id.clone().expect("a key");
    (message, call)
}

async fn next_message(desk: &SipPhone, number: usize) -> Inbound {
    match events(desk, number).await.remove(number - 1).kind {
        EventKind::Message(message) => message,
        other => panic!("{other:?}"),
    }
}

fn loud(samples: &[i16]) -> usize {
    samples.iter().filter(|sample| sample.abs() > 2_000).count()
}

#[tokio::test]
#[ignore = "needs kamailio and baresip"]
async fn a_caller_waits_hears_his_place_and_is_put_through_to_who_takes_him() {
    let kamailio = Kamailio::start().await;
    let anna = Baresip::start(ANNAS_USER, kamailio.port).await;
    let carl = Baresip::start("carl", kamailio.port).await;
    let desk = phone(kamailio.account("desk").with_reception(reception())).await;
    up(&desk).await;
    let (told, call) = is_called(&desk, &carl).await;
    assert_eq!(
        told.from,
        "handle:sip/carl@bereik.test".parse().expect("a handle")
    );
    assert_eq!(
        told.subject.as_ref().map(|label| label.as_str()),
        Some("desk")
    );
    assert_eq!(told.body.as_str(), "[call]");
    let written = Body::parse("You are number 12").expect("words");
    desk.tell_place(&call, 12, None, &written)
        .await
        .expect("he waits");
    // The welcome or a part of it, "your place is", 1 and 2: tones of a fifth of a second.
    until(|| loud(&carl.speaker()) > 3_500).await;
    sleep(Duration::from_millis(500)).await;
    let heard = loud(&carl.speaker());
    assert!(heard < 7_000, "{heard}");

    desk.offer(&offer_for(1, 30)).await.expect("it rings");
    anna.hears("CALL_INCOMING").await;
    anna.does("accept", "");
    assert_eq!(
        events(&desk, 2).await.remove(1).kind,
        answered(1, Answer::Accepted)
    );
    desk.put_through(&call, OfferId::new(1))
        .await
        .expect("both are there");
    until(|| loud(&anna.speaker()) > 4_000).await;
    until(|| loud(&carl.speaker()) > heard + 4_000).await;
    carl.does("hangup", "");
    anna.hears("CALL_CLOSED").await;
    assert!(desk.hang_up(&call).await.is_err(), "he has gone");
}

#[tokio::test]
#[ignore = "needs sipp"]
async fn a_caller_for_whom_there_is_no_clip_is_written_to() {
    let (port, its) = (crate::leash::free_port(), crate::leash::free_port());
    let at = format!("127.0.0.1:{port}").parse().expect("an address");
    let account = crate::desk::trunk(&format!("127.0.0.1:{its}")).with_local(at);
    let desk = phone(account.with_reception(Reception::default())).await;
    let sipp = Sipp::calls(port, its, "You are number 12").await;
    let told = next_message(&desk, 1).await;
    assert_eq!(told.from, "tel:+31201111111".parse().expect("a number"));
    let dialled = told.subject.as_ref().map(bereik_channel::Label::as_str);
    assert_eq!(dialled, Some("+31207654321"));
    let call = told.provider_id.expect("a key");
    // The call is picked up at this moment; what is written before is not heard.
    sleep(Duration::from_millis(300)).await;
    let written = Body::parse("You are number 12").expect("words");
    let wait = Some(Duration::from_secs(60));
    let said = desk.tell_place(&call, 12, wait, &written).await;
    said.expect("he waits");
    desk.hang_up(&call).await.expect("he waits");
    sipp.ends_well().await;
}

#[tokio::test]
#[ignore = "needs kamailio and baresip"]
async fn a_caller_whom_nobody_takes_leaves_a_message() {
    let kamailio = Kamailio::start().await;
    let carl = Baresip::start("carl", kamailio.port).await;
    let waits = reception().with_waits_for(Duration::from_millis(500));
    let desk = phone(kamailio.account("desk").with_reception(waits)).await;
    up(&desk).await;
    let (_, call) = is_called(&desk, &carl).await;
    sleep(Duration::from_millis(3_000)).await;
    carl.does("hangup", "");
    let message = next_message(&desk, 2).await;
    assert_eq!(message.body.as_str(), "[voice message]");
    assert_eq!(message.answers, [call]);
    let file = message.attachments.iter().next().expect("a file");
    assert_eq!(
        (file.name(), file.media_type()),
        ("message.wav", "audio/wav")
    );
    let sound = Clip::from_wav(file.bytes().expect("what is in it")).expect("a clip");
    let (size, heard) = (sound.samples().len(), loud(sound.samples()));
    assert!(
        (8_000..24_000).contains(&size) && heard > size / 3,
        "{heard} of {size}"
    );
}

#[tokio::test]
#[ignore = "needs kamailio and baresip"]
async fn a_caller_keeps_his_place_by_a_key_or_hangs_up() {
    let kamailio = Kamailio::start().await;
    let carl = Baresip::start("carl", kamailio.port).await;
    let desk = phone(kamailio.account("desk").with_reception(reception())).await;
    up(&desk).await;
    is_called(&desk, &carl).await;
    carl.does("sndcode", "1");
    let message = next_message(&desk, 2).await;
    assert_eq!(message.body.as_str(), "[call back]");
    carl.hears("CALL_CLOSED").await;

    carl.does("dial", "sip:desk@bereik.test");
    assert_eq!(next_message(&desk, 3).await.body.as_str(), "[call]");
    carl.does("hangup", "");
    assert_eq!(next_message(&desk, 4).await.body.as_str(), "[hung up]");
}
