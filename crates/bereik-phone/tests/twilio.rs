//! Twilio: requests against its own description, faults, what it posts, and the contract against an account that is written
//! here, because Twilio gives none.

#[path = "twilio/account.rs"]
mod account;
#[path = "../../bereik-channel/tests/providers/alert.rs"]
mod alert;
#[path = "../../bereik-channel/tests/providers/fault.rs"]
mod fault;
#[path = "../../bereik-channel/tests/providers/prism.rs"]
mod prism;
#[path = "../../bereik-channel/tests/providers/verdict.rs"]
mod verdict;
#[path = "../../bereik-channel/tests/providers/words.rs"]
mod words;

use std::sync::Arc;
use std::time::Duration;

use account::{Account, Sort, TOKEN, post, signed};
use alert::alert;
use bereik_channel::http::{Call, Http};
use bereik_channel::{
    Answer, Channel, Cursor, ErrorKind, EventKind, Evidence, HookRequest, Inbox, Retry, Scope,
    Sent, Webhook, conformance,
};
use bereik_core::OfferId;
use bereik_phone::{TwilioAccount, TwilioSms, TwilioVoice};
use fault::Fault;
use prism::Prism;
use verdict::{BROKEN, CREDENTIALS, INVALID, REFUSED, SLOWER};
use words::{at, message};

fn account_at(api: &str) -> TwilioAccount {
    let http = Http::new()
        .expect("a client")
        .with_answer_within(Duration::from_millis(1_000));
    let inbox = Inbox::new()
        .with_settle_for(Duration::ZERO)
        .with_poll_for(Duration::from_millis(200));
    let sid = "AC0123456789abcdef0123456789abcdef";
    let account = TwilioAccount::new(
        http,
        sid,
        TOKEN.to_owned(),
        "+31201234567",
        account::HOOK,
        Arc::new(inbox),
    );
    account.expect("a token").with_api(api)
}

fn sms(api: &str) -> TwilioSms {
    TwilioSms::new(account_at(api))
}

fn voice(api: &str) -> TwilioVoice {
    TwilioVoice::new(account_at(api))
}

#[tokio::test]
#[ignore = "starts Prism, which cargo xtask test installs, with Twilio's own description"]
async fn twilios_description_takes_what_we_ask() {
    let file = "node_modules/@twilio/cli-core/src/services/twilio-api/twilio_api_v2010.json";
    let description = prism::file("BEREIK_NODE_PACKAGES", file);
    let prism = Prism::start(description).await;
    let (sms, voice) = (sms(&prism.url()), voice(&prism.url()));
    let to = "tel:+31612345678";
    let taken = [
        sms.send(&message(to)).await.map(drop),
        voice.send(&message(to)).await.map(drop),
        voice.offer(&alert("tel:+31612345678", 1)).await.map(drop),
    ];
    assert!(taken.iter().all(Result::is_ok), "{taken:?}");
    assert!(sms.probe().await.is_usable());
    assert_eq!(prism.violations(), Vec::<String>::new());
    let url = format!(
        "{}/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/Messages.json",
        prism.url()
    );
    let without_number = Call::post_form(url, &[("Body", "x")]).with_password("AC0", &"x".into());
    let http = Http::new().expect("a client");
    http.ask(without_number).await.expect("an answer");
    prism.await_violation().await;
}

#[tokio::test]
async fn the_contract_holds_for_both() {
    let account = Account::start(Sort::Sms, sms).await;
    let tests = conformance::check(&account, "sms", at()).await;
    let tests = tests.unwrap_or_else(|broken| panic!("{broken:?}"));
    assert!(tests.contains(&"evidence comes in"), "{tests:?}");
    let account = Account::start(Sort::Voice, voice).await;
    let tests = conformance::check(&account, "voice", at()).await;
    let tests = tests.unwrap_or_else(|broken| panic!("{broken:?}"));
    assert!(tests.contains(&"an answer comes in"), "{tests:?}");
}

#[tokio::test]
async fn each_fault_is_told_apart() {
    let says = |status, code: u32| {
        Fault::Says(
            status,
            format!(r#"{{"code":{code},"message":"secret","status":{status}}}"#),
        )
    };
    let (kind, _, retry, sent) = SLOWER;
    let slower = (kind, Scope::Channel, retry, sent);
    let ours = (ErrorKind::Refused, Scope::Channel, Retry::Never, Sent::No);
    let own = || {
        vec![
            (says(401, 20_003), CREDENTIALS),
            (says(400, 21_211), REFUSED),
            (says(400, 21_610), REFUSED),
            (says(400, 21_617), INVALID),
            (says(400, 21_606), ours),
            (says(429, 20_429), slower),
            (Fault::says(500, "{}"), BROKEN),
        ]
    };
    verdict::hold(own(), &message("tel:+31612345678"), sms).await;
    verdict::hold(own(), &message("tel:+31612345678"), voice).await;
}

#[tokio::test]
async fn an_address_is_a_number() {
    let others = ["handle:twilio/7", "jan@example.org"];
    verdict::refuse(&others, &message("tel:+31612345678"), sms).await;
    verdict::refuse(&others, &message("tel:+31612345678"), voice).await;
}

#[tokio::test]
async fn a_call_that_nobody_takes_comes_back_and_one_that_is_withdrawn_ends() {
    let account = Account::start(Sort::Voice, voice).await;
    let voice = &account.channel;
    voice
        .offer(&alert("tel:+31612345678", 4))
        .await
        .expect("taken");
    let call = account.posted().pop().expect("a call");
    assert_eq!(
        (call["Timeout"].as_str(), call["To"].as_str()),
        ("30", "+31612345678")
    );
    assert!(
        call["Twiml"].contains("A &lt;call&gt; &amp; more"),
        "{}",
        call["Twiml"]
    );
    for status in ["ringing", "no-answer", "no-answer"] {
        let fields = [("CallSid", "CA1"), ("CallStatus", status)];
        assert_eq!(post(&**voice, "of=offer%2FO4", &fields).await.0, 200);
    }
    let batch = voice.receive(Cursor::START, 10).await.expect("events");
    let evidence: Vec<_> = batch
        .events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Delivery { of, evidence } => Some((of.as_str(), *evidence)),
            _ => None,
        })
        .collect();
    assert!(
        evidence.contains(&("offer/O4", Evidence::None)),
        "{evidence:?}"
    );
    let back = evidence
        .iter()
        .filter(|(_, evidence)| *evidence == Evidence::None);
    assert_eq!(back.count(), 1);
    voice.withdraw(OfferId::new(4)).await.expect("taken back");
    voice
        .withdraw(OfferId::new(4))
        .await
        .expect("taken back already");
    let ended = account.posted().into_iter().filter(|fields| {
        fields
            .get("Status")
            .is_some_and(|status| status == "completed")
    });
    assert_eq!(ended.count(), 1);
}

#[tokio::test]
async fn a_key_is_an_answer_and_any_other_none() {
    let voice = voice("http://127.0.0.1:9");
    for (digits, said) in [("1", "Thank you"), ("2", "Thank you"), ("7", "Goodbye")] {
        let fields = [
            ("CallSid", &*format!("CA{digits}")),
            ("To", "+31612345678"),
            ("Digits", digits),
        ];
        let (status, twiml) = post(&voice, "answer=O3", &fields).await;
        assert_eq!(status, 200);
        assert!(twiml.contains(said), "{twiml}");
    }
    let batch = voice.receive(Cursor::START, 10).await.expect("events");
    let answers: Vec<_> = batch
        .events
        .iter()
        .map(|event| match &event.kind {
            EventKind::Answered {
                offer,
                answer,
                from,
                ..
            } => (
                offer.to_string(),
                *answer,
                from.as_ref().map(ToString::to_string),
            ),
            other => panic!("{other:?}"),
        })
        .collect();
    let anna = Some("tel:+31612345678".to_owned());
    assert_eq!(
        answers,
        [
            ("O3".to_owned(), Answer::Accepted, anna.clone()),
            ("O3".to_owned(), Answer::Declined, anna)
        ]
    );
}

#[tokio::test]
async fn only_what_is_signed_for_this_url_comes_in() {
    let sms = sms("http://127.0.0.1:9");
    let body = "MessageSid=SM1&From=%2B31612345678&To=%2B31201234567&Body=hello+there&NumMedia=0";
    let take = async |query: &str, signature: &str| {
        let headers = [("X-Twilio-Signature", signature)];
        let request = HookRequest {
            at: at(),
            body: body.as_bytes(),
            headers: &headers,
            is_get: false,
            query,
        };
        sms.take(request).await.status
    };
    let signature = signed("", body);
    assert_eq!(
        take("of=message%2FM1", &signature).await,
        401,
        "it is another URL"
    );
    assert_eq!(take("", "c2lnbmVk").await, 401);
    assert_eq!(take("", &signature).await, 200);
    assert_eq!(take("", &signature).await, 200);
    let batch = sms.receive(Cursor::START, 10).await.expect("events");
    let [event] = &batch.events[..] else {
        panic!("{batch:?}")
    };
    let EventKind::Message(inbound) = &event.kind else {
        panic!("{event:?}")
    };
    assert_eq!(
        (inbound.body.as_str(), inbound.from.to_string().as_str()),
        ("hello there", "tel:+31612345678")
    );
}
