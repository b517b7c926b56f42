//! A switchboard with web chat over real sockets, that knows the calendars.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use bereik::channel::Memory;
use bereik::core::contact::Addressee;
use bereik::core::directory::Directory;
use bereik::core::signal::SignalKind;
use bereik::core::{ChannelKind, ContactId, Signal};
use bereik::switchboard::{Clock, Switchboard};
use bereik::web::{SignedIn, Web, WebChat, WebConfig};
use chrono::TimeDelta;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::company::{TOKEN, at, directory, id, person_id, without_lines};
use crate::search::{Seen, mark_in};
use crate::{logs, people};

/// Guards against hanging only; nothing is measured with it.
const PATIENCE: Duration = Duration::from_secs(20);

struct House {
    switchboard: Switchboard,
    address: SocketAddr,
    directory: Directory,
}

/// Everybody's time, and what a marked source says of some.
async fn open(seen: &mut Seen) -> House {
    let directory = directory(|number| vec![format!("https://example.org/{TOKEN}/{number}")]);
    let chat = WebChat::new();
    let mail = Arc::new(Memory::holding(ChannelKind::Email));
    let builder = Switchboard::builder(directory.clone())
        .with_channel(chat.clone())
        .with_channel(mail)
        .with_clock(Clock::starting_at(at("2026-11-23T09:10:00Z")));
    seen.debug("a builder", &builder);
    let switchboard = builder.start().await.unwrap();
    for (number, (person, facts)) in people::facts().clone().into_iter().enumerate() {
        let (calendar, board) = (facts.free_busy, &switchboard);
        board
            .update_open_time(person.clone(), facts.open_time)
            .await
            .unwrap();
        board
            .update_calendar(person.clone(), calendar)
            .await
            .unwrap();
        if number % 8 == 0 {
            let signal = facts.signals[0].clone();
            board.signal(person.clone(), signal).await.unwrap();
        }
    }
    let web = Web::new(switchboard.clone(), chat.clone(), WebConfig::default());
    seen.debug("the web", &web);
    seen.debug("web chat", &chat);
    let desk = web.desk_router().layer(Extension(SignedIn::AnyMember));
    let app = Router::new()
        .nest("/help", web.visitor_router())
        .nest("/desk", desk);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    House {
        switchboard,
        address,
        directory,
    }
}

/// One end of a socket, with all that it was told.
struct Peer {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    heard: Vec<String>,
}

impl Peer {
    async fn open(address: SocketAddr, path: &str) -> Self {
        let url = format!("ws://{address}{path}");
        let mut request = url.into_client_request().unwrap();
        let origin = format!("http://{address}").parse().unwrap();
        request.headers_mut().insert("origin", origin);
        let (socket, _) = connect_async(request).await.unwrap();
        Self {
            socket,
            heard: Vec::new(),
        }
    }

    async fn send(&mut self, frame: Value) {
        self.socket
            .send(Message::text(frame.to_string()))
            .await
            .unwrap();
    }

    /// The next frame that is as asked.
    async fn next_where(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = timeout(PATIENCE, self.socket.next()).await.unwrap();
            if let Message::Text(text) = message.unwrap().unwrap() {
                self.heard.push(text.to_string());
                let frame = serde_json::from_str(&text).unwrap();
                if is_it(&frame) {
                    return frame;
                }
            }
        }
    }

    async fn next_of(&mut self, kind: &str) -> Value {
        self.next_where(|frame| frame["type"] == kind).await
    }
}

async fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    answer
}

/// A visitor asks, somebody at a desk answers; with what each was told.
async fn talk(house: &House, desk: &mut Peer, round: usize) -> (u64, Vec<String>) {
    let mut visitor = Peer::open(house.address, "/help/chat").await;
    let hello = json!({"type": "hello", "token": null, "language": "en", "page": "/shop"});
    visitor.send(hello).await;
    visitor.next_of("welcome").await;
    let say = json!({"type": "say", "key": "t:1", "text": "where is my order?", "contact": null});
    visitor.send(say).await;
    let contact = visitor.next_of("kept").await["contact"].as_u64().unwrap();
    visitor
        .send(json!({"type": "follow", "contact": contact, "after": 0}))
        .await;
    let claim = json!({"type": "claim", "contact": contact});
    desk.send(claim).await;
    desk.next_of("acceptance").await;
    desk.send(json!({"type": "follow", "contact": contact, "after": 0}))
        .await;
    let key = format!("d:{round}");
    desk.send(json!({"type": "say", "key": key, "contact": contact, "kind": "text", "text": "on its way"}))
        .await;
    visitor
        .next_where(|frame| frame["text"] == "on its way")
        .await;
    visitor.send(json!({"type": "phone"})).await;
    visitor.send(json!({"type": "close"})).await;
    visitor
        .next_where(|frame| frame.to_string().contains("closed"))
        .await;
    (contact, visitor.heard)
}

/// What the switchboard itself answers.
async fn look_at_switchboard(seen: &mut Seen, house: &House, contacts: &[u64]) {
    let board = &house.switchboard;
    seen.debug("a switchboard", board);
    seen.debug("a directory", &board.directory());
    seen.debug("a public board", &board.public_board());
    for person in house.directory.people() {
        seen.debug("presence", &board.presence(&person.id));
        seen.debug("offers", &board.offers_to(&person.id));
    }
    for channel in [ChannelKind::WebChat, ChannelKind::Email, ChannelKind::Phone] {
        let why = board
            .decide(Addressee::Group(id("desk")), channel)
            .await
            .unwrap();
        seen.debug("an explanation", &why);
        seen.text("an explanation", &serde_json::to_string(&why).unwrap());
    }
    for contact in contacts {
        let contact = ContactId::new(*contact);
        let timeline = board.timeline(contact, 0).await.unwrap();
        assert!(timeline.len() > 5);
        seen.debug("a timeline", &timeline);
        seen.text("a timeline", &serde_json::to_string(&timeline).unwrap());
        seen.debug("a contact", &board.contact(contact).await.unwrap());
    }
    seen.debug("contacts", &board.open_contacts().await.unwrap());
}

#[tokio::test]
async fn no_mark_comes_out_of_a_switchboard_and_its_pages() {
    logs::listen();
    let mut seen = Seen::default();
    let house = open(&mut seen).await;
    let mut notices = house.switchboard.subscribe();
    seen.debug("a subscription", &notices);
    let mut desk = Peer::open(house.address, "/desk/socket").await;
    let member = person_id(7);
    desk.send(json!({"type": "hello", "person": member.as_str(), "language": "en"}))
        .await;
    desk.next_of("contacts").await;
    let mut contacts = Vec::new();
    for round in 0..3 {
        let (contact, heard) = talk(&house, &mut desk, round).await;
        heard
            .iter()
            .for_each(|frame| seen.text("a frame of a visitor", frame));
        contacts.push(contact);
        let gone = SignalKind::DoNotDisturb;
        let signal = Signal {
            kind: gone,
            source: "CANARY-HAND".into(),
            at: house.switchboard.now(),
            expires_at: house.switchboard.now() + TimeDelta::hours(1),
        };
        let other = person_id(round);
        house
            .switchboard
            .signal(other.clone(), signal)
            .await
            .unwrap();
        let cleared = house.switchboard.clear_signal(other, gone, "CANARY-HAND");
        cleared.await.unwrap();
    }
    // A desk is told the addresses of lines, also of private ones, and nothing else that is marked.
    let mut tells_lines = false;
    for frame in &desk.heard {
        tells_lines |= mark_in(frame).is_some();
        seen.text("a frame of a desk", &without_lines(frame));
    }
    assert!(tells_lines, "the search finds what a desk may see");
    for path in ["/help", "/help?lang=nl", "/help/board.json", "/desk"] {
        seen.text(path, &get(house.address, path).await);
    }
    look_at_switchboard(&mut seen, &house, &contacts).await;
    // A directory with the marks in it replaces the other, and the switchboard ends.
    let replaced = house.switchboard.replace_directory(house.directory.clone());
    replaced.await.unwrap();
    house.switchboard.stop().await.unwrap();
    while let Some(notice) = notices.next().await {
        seen.debug("a notice", &notice);
    }
    let error = house
        .switchboard
        .replace_directory(house.directory.clone())
        .await;
    seen.debug("an error", &error);
    seen.text("the log", &logs::heard());
}
