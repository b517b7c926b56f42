//! The contract of a channel, over kamailio with baresips at the other end; and that nothing of it is logged.

use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::baresip::Baresip;
use crate::desk::phone;
use crate::kamailio::Kamailio;
use crate::sipp::Sipp;
use crate::words::at;
use async_trait::async_trait;
use bereik_channel::conformance::{self, Arrived, OtherEnd};
use bereik_channel::{AlertTo, Answer, Channel, Health};
use bereik_core::message::Body;
use bereik_core::{Address, OfferId};
use bereik_phone::SipPhone;
use tokio::time::sleep;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Whose telephones ring, one offer each.
const OTHERS: [&str; 3] = ["+31201111111", "+31202222222", "+31203333333"];

struct Company {
    kamailio: Kamailio,
    desk: SipPhone,
    messages: Sipp,
    others: Vec<Baresip>,
    offers: AtomicUsize,
}

#[async_trait]
impl OtherEnd for Company {
    fn channel(&self) -> &dyn Channel {
        &self.desk
    }

    fn address(&self) -> Address {
        "tel:+31208888888".parse().expect("a number")
    }

    fn alert_to(&self) -> AlertTo {
        let number = self.offers.fetch_add(1, Ordering::Relaxed) % OTHERS.len();
        AlertTo::Address(format!("tel:{}", OTHERS[number]).parse().expect("a number"))
    }

    fn unknown_address(&self) -> Option<Address> {
        "tel:+31209999999".parse().ok()
    }

    async fn arrived(&self) -> Vec<Arrived> {
        let messages = self.messages.received().into_iter();
        let messages = messages.filter_map(|message| {
            message
                .split_once("\r\n\r\n")
                .map(|(_, text)| text.to_owned())
        });
        let log = self.kamailio.log();
        let rings = log.lines().filter_map(|line| line.split_once("RINGS "));
        let rings = rings.map(|(_, subject)| subject.to_owned());
        let all = messages.chain(rings).map(|text| Arrived {
            subject: None,
            text,
        });
        all.collect()
    }

    async fn write(&self, body: &Body) {
        let sipp = Sipp::writes(body.as_str(), "desk", self.kamailio.port).await;
        sipp.ends_well().await;
    }

    async fn answer(&self, _: OfferId, answer: Answer) {
        let number = (self.offers.load(Ordering::Relaxed) - 1) % OTHERS.len();
        self.others[number].hears("CALL_INCOMING").await;
        let command = match answer {
            Answer::Accepted => "accept",
            Answer::Declined => "hangup",
        };
        self.others[number].does(command, "");
    }
}

/// Remembers all that anybody logs.
#[derive(Default)]
struct Log;

static LOGGED: Mutex<String> = Mutex::new(String::new());

struct Words<'a>(&'a mut String);

impl Visit for Words<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        writeln!(self.0, "{field}={value:?}").expect("a text");
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Words(
            &mut LOGGED.lock().expect("nobody panics with it"),
        ));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Words(
            &mut LOGGED.lock().expect("nobody panics with it"),
        ));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
#[ignore = "needs kamailio and baresip"]
async fn it_keeps_the_contract_and_logs_nothing_of_it() {
    tracing::subscriber::set_global_default(Log).expect("the only one");
    tracing::info!(word = "canary", "this test can see");
    let kamailio = Kamailio::start().await;
    let messages = Sipp::takes_messages(kamailio.elsewhere).await;
    let mut others = Vec::new();
    for user in OTHERS {
        others.push(Baresip::start(user, kamailio.port).await);
    }
    let desk = phone(kamailio.account("desk")).await;
    while desk.probe().await != Health::Up {
        sleep(Duration::from_millis(50)).await;
    }
    let offers = AtomicUsize::new(0);
    let company = Company {
        kamailio,
        desk,
        messages,
        others,
        offers,
    };
    let passed = conformance::check(&company, "run-1", at()).await;
    let passed = passed.expect("it keeps the contract");
    for test in [
        "an offer arrives",
        "an offer is taken back",
        "an answer comes in",
        "a message comes in once",
    ] {
        assert!(passed.contains(&test), "{test}: {passed:?}");
    }
    drop(company);
    sleep(Duration::from_millis(500)).await;
    let logged = LOGGED.lock().expect("nobody panics with it");
    assert!(logged.contains("canary"));
    for secret in [
        "run-1",
        "nobody's business",
        "response=",
        "INVITE sip",
        "+3120",
    ] {
        assert!(!logged.contains(secret), "{secret}: {logged}");
    }
}
