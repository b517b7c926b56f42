//! An uplink under several channels is cut: what depends on it fails, what does not carries on, and everything
//! comes back with it.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

#[path = "../../bereik-xmpp/tests/xmpp/wire.rs"]
#[expect(dead_code, reason = "the tests of XMPP use all of it")]
mod wire;

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use bereik::channel::http::Http;
use bereik::channel::signature::Secrets;
use bereik::channel::{Channel, Failover, Health, Inbox, Json, Outbound};
use bereik::core::contact::Customer;
use bereik::core::id::Key;
use bereik::core::message::{Author, Body};
use bereik::core::{ChannelKind, Directory};
use bereik::email::{Smtp, SmtpConfig};
use bereik::routing::Opening;
use bereik::switchboard::{Clock, Switchboard};
use chrono::DateTime;
use tokio::sync::mpsc;
use tokio::time::timeout;
use wire::Wire;

/// Alice is on duty: her chat goes over the fibre, her mobile does not.
const COMPANY: &str = r#"
{
  "name": "Rivers & Co", "zone": "UTC", "default_escalation": "duty",
  "group": [{ "id": "helpdesk", "name": { "en": "Helpdesk" }, "members": ["alice"] }],
  "escalation": [{ "id": "duty", "level": [{ "ask": [{ "person": "alice" }], "for_s": 300 }] }],
  "person": [{
    "id": "alice", "name": "Alice", "line": [
      { "id": "alice-chat", "channel": "chat", "address": "handle:forum/alice", "depends_on": ["fibre"] },
      { "id": "alice-mobile", "channel": "social", "address": "tel:+31612345678", "depends_on": ["mobile"] }
    ]
  }]
}"#;

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is set by cargo xtask test"))
}

/// A web server that takes whatever is posted, and tells to which path.
async fn web() -> (u16, mpsc::UnboundedReceiver<String>) {
    async fn take(State(told): State<mpsc::UnboundedSender<String>>, uri: Uri) -> StatusCode {
        told.send(uri.path().to_owned()).unwrap();
        StatusCode::OK
    }
    let (told, heard) = mpsc::unbounded_channel();
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .unwrap();
    let port = listener.local_addr().unwrap().port();
    let router = Router::new().fallback(take).with_state(told);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (port, heard)
}

fn json(kind: ChannelKind, port: u16, path: &str) -> Json {
    let secrets = Secrets::standard("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let (http, clock) = (Http::new().unwrap(), Clock::system());
    let url = format!("http://localhost:{port}/{path}");
    Json::new(
        kind,
        http,
        url,
        secrets,
        Arc::new(Inbox::new()),
        move || clock.now(),
    )
}

/// Mail through the server of the tests, over this wire.
fn smtp(port: u16) -> Arc<Smtp> {
    let url = variable("BEREIK_SMTP_URL");
    let (account, _) = url.rsplit_once(':').unwrap();
    let config = SmtpConfig::parse(&format!("{account}:{port}")).unwrap();
    let config = config.with_certificate_file(variable("BEREIK_SMTP_CA"));
    Arc::new(Smtp::new(config).unwrap())
}

struct Desk {
    switchboard: Switchboard,
    customers: u32,
    heard: mpsc::UnboundedReceiver<String>,
}

impl Desk {
    /// A customer asks; over which path it reaches Alice first.
    async fn asked(&mut self) -> String {
        self.customers += 1;
        while self.heard.try_recv().is_ok() {}
        let key = format!("visitor:{}", self.customers).parse().unwrap();
        let opening = Opening::new(key, Customer::default(), ChannelKind::WebChat);
        let contact = self.switchboard.open(opening, None).await.unwrap().contact;
        let heard = timeout(Duration::from_secs(30), self.heard.recv()).await;
        self.switchboard
            .close(contact, Author::Software)
            .await
            .unwrap();
        heard.expect("it reaches her").unwrap()
    }
}

async fn mail_arrives(mail: &dyn Channel, words: &str) {
    let at = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
    let id = Key::parse(&format!("uplink/{words}/{}", std::process::id())).unwrap();
    let words = format!("{words} of {}", std::process::id());
    let to = "carol@bereik.test".parse().unwrap();
    mail.send(&Outbound::new(id, to, Body::parse(&words).unwrap(), at))
        .await
        .unwrap();
    let folder = PathBuf::from(variable("BEREIK_MAILDIR")).join("carol@bereik.test/new");
    let has = |entry: std::io::Result<std::fs::DirEntry>| {
        std::fs::read_to_string(entry.unwrap().path()).is_ok_and(|mail| mail.contains(&words))
    };
    for _ in 0..300 {
        if std::fs::read_dir(&folder).is_ok_and(|mut mails| mails.any(has)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the mail does not arrive: {words}");
}

#[tokio::test]
#[ignore = "needs the mail server of cargo xtask test"]
async fn what_does_not_depend_on_an_uplink_carries_on_when_it_is_cut() {
    let postfix = variable("BEREIK_SMTP_URL")
        .rsplit_once(':')
        .unwrap()
        .1
        .parse()
        .unwrap();
    let (web, heard) = web().await;
    // The fibre carries the chat and the first provider of mail, the mobile network the rest.
    let fibre = [Wire::lay(web).await, Wire::lay(postfix).await];
    let mobile = [Wire::lay(web).await, Wire::lay(postfix).await];
    let within = Duration::from_secs(10);
    let mail = Failover::new(smtp(fibre[1].port), within)
        .with_line(smtp(mobile[1].port), within)
        .with_rest(Duration::from_millis(500));
    let chat = json(ChannelKind::Chat, fibre[0].port, "chat");
    let message = json(ChannelKind::Social, mobile[0].port, "message");
    let switchboard = Switchboard::builder(serde_json::from_str::<Directory>(COMPANY).unwrap())
        .with_channel(Arc::new(chat))
        .with_channel(Arc::new(message))
        .start()
        .await
        .unwrap();
    let customers = 0;
    let mut desk = Desk {
        switchboard,
        customers,
        heard,
    };

    assert_eq!(desk.asked().await, "/chat");
    mail_arrives(&mail, "whole").await;
    assert_eq!(mail.probe().await, Health::Up);

    fibre.iter().for_each(Wire::cut);
    assert_eq!(
        desk.asked().await,
        "/message",
        "the chat fails, and her mobile is next"
    );
    mail_arrives(&mail, "cut").await;
    assert_eq!(mail.probe().await, Health::Degraded);

    fibre.iter().for_each(Wire::mend);
    assert_eq!(
        desk.asked().await,
        "/chat",
        "what was not tried long is tried first again"
    );
    tokio::time::sleep(Duration::from_millis(600)).await;
    mobile.iter().for_each(Wire::cut);
    mail_arrives(&mail, "mended").await;
}
