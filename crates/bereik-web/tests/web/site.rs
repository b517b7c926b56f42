//! A small company with its web on a free port of loopback.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::serve::ListenerExt as _;
use axum::{Extension, Router};
use bereik_core::directory::{Directory, Draft};
use bereik_core::free_busy::FreeBusy;
use bereik_core::group::Group;
use bereik_core::interval::Interval;
use bereik_core::line::Line;
use bereik_core::page::PageRule;
use bereik_core::{ChannelKind, ContactId, Entry, Fact, Person, PersonId, Urgency, Zone};
use bereik_store::Memory;
use bereik_switchboard::{Clock, Switchboard};
use bereik_web::{Limits, Rate, SignedIn, Web, WebChat, WebConfig};
use chrono::{DateTime, Utc};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A running site; the server ends with it.
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    pub(crate) switchboard: Switchboard,
    pub(crate) web: Web,
    server: JoinHandle<()>,
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The ids of members are words that appear nowhere else, so that a test can look for them.
pub(crate) fn anna() -> PersonId {
    "member-one".parse().unwrap()
}

pub(crate) fn ben() -> PersonId {
    "member-two".parse().unwrap()
}

pub(crate) fn carla() -> PersonId {
    "member-three".parse().unwrap()
}

fn directory() -> Directory {
    let phone = Line::new(
        "anna-phone".parse().unwrap(),
        ChannelKind::Phone,
        "+44 1632 960121".parse().unwrap(),
    )
    .public();
    let people = [(anna(), "Anna"), (ben(), "Ben"), (carla(), "Carla")];
    let mut draft = Draft::new("Rivers & <Co>", Zone::utc());
    for (id, name) in people {
        let person = Person::new(id.clone(), name);
        draft = draft.with_person(if id == anna() {
            person.with_line(phone.clone())
        } else {
            person
        });
    }
    let mut helpdesk = Group::new(
        "helpdesk".parse().unwrap(),
        "Helpdesk",
        vec![anna(), ben(), carla()],
    );
    helpdesk.is_public = true;
    let hidden = Group::new("back-office".parse().unwrap(), "Back office", vec![ben()]);
    let mut draft = draft.with_group(helpdesk).with_group(hidden);
    draft.pages.push(PageRule {
        pattern: "/pay*".into(),
        group: None,
        requires: vec![],
        urgency: Urgency::High,
        need: None,
    });
    draft.check().unwrap()
}

/// As much as a test can say, so that only the tests of limits meet them.
pub(crate) const GENEROUS: Limits = Limits {
    sockets_max: 1_000,
    sockets_per_address_max: 1_000,
    per_connection: Rate {
        at_once: 10_000,
        per_minute: 10_000,
    },
    per_address: Rate {
        at_once: 10_000,
        per_minute: 10_000,
    },
};

/// Everybody is available all day, and the desk is open to any member.
pub(crate) async fn open() -> Site {
    open_with(WebConfig::default().with_limits(GENEROUS)).await
}

pub(crate) async fn open_with(config: WebConfig) -> Site {
    let chat = WebChat::new();
    let switchboard = Switchboard::builder(directory())
        .with_store(Arc::new(Memory::new()))
        .with_channel(chat.clone())
        .with_clock(Clock::starting_at(at("2026-11-23T09:00:00Z")))
        .start()
        .await
        .unwrap();
    for person in [anna(), ben(), carla()] {
        let known = Interval::new(at("2026-11-01T00:00:00Z"), at("2026-12-31T00:00:00Z")).unwrap();
        switchboard
            .update_calendar(person, FreeBusy::builder(known).build())
            .await
            .unwrap();
    }
    let web = Web::new(switchboard.clone(), chat, config);
    let desk = web.desk_router().layer(Extension(SignedIn::AnyMember));
    let app = Router::new()
        .nest("/help", web.visitor_router())
        .nest("/desk", desk);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let listener = listener.tap_io(|socket| socket.set_nodelay(true).unwrap());
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    let server = tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    Site {
        address,
        switchboard,
        web,
        server,
    }
}

impl Site {
    pub(crate) async fn timeline(&self, contact: u64) -> Vec<Entry> {
        self.switchboard
            .timeline(ContactId::new(contact), 0)
            .await
            .unwrap()
    }

    /// The words of every message, as they are kept, in order.
    pub(crate) async fn words(&self, contact: u64) -> Vec<String> {
        let timeline = self.timeline(contact).await;
        let messages: Vec<_> = timeline
            .iter()
            .filter_map(|entry| match &entry.fact {
                Fact::Said { message, .. } => Some(*message),
                _ => None,
            })
            .collect();
        let bodies = self.switchboard.bodies(&messages).await.unwrap();
        bodies
            .into_iter()
            .map(|body| String::from(body.unwrap()))
            .collect()
    }
}
