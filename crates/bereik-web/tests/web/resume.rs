//! Exactly once: connections are cut at every step, and nothing is lost or doubled.

use bereik_core::id::Key;
use bereik_core::message::{Author, Body, MessageKind};
use bereik_core::{ContactId, PersonId};
use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};
use proptest::test_runner::TestCaseError;
use serde_json::{Value, json};

use crate::peer::Peer;
use crate::site::{self, GENEROUS, Site, anna};

/// A browser's memory of one conversation: what outlives a cut.
#[derive(Default)]
struct Memory {
    token: Option<String>,
    contact: Option<u64>,
    seen: u64,
    pending: Vec<(String, String)>,
    /// The words of each entry that was taken, in order.
    log: Vec<String>,
}

/// The steps that a connection lives for.
struct Life(usize);

impl Life {
    /// One step; none when the cable is cut.
    fn step(&mut self) -> Option<()> {
        self.0 = self.0.checked_sub(1)?;
        Some(())
    }
}

impl Memory {
    /// One connection of a visitor, until everything is known or the cable is cut. It goes through
    /// what the widget goes through, in the same order.
    async fn connect(&mut self, site: &Site, goal: usize, mut life: Life) -> Option<()> {
        let mut peer = Peer::open(site.address, "/help/chat").await;
        life.step()?;
        peer.send(json!({"type": "hello", "token": self.token, "language": "en", "page": null}))
            .await;
        life.step()?;
        let welcome = peer.next_of("welcome").await;
        if let Some(token) = welcome["token"].as_str() {
            self.token = Some(token.to_owned());
        }
        self.stand(&welcome["contact"]);
        self.flush(&mut peer, &mut life).await?;
        peer.send(json!({"type": "follow", "contact": self.contact, "after": self.seen}))
            .await;
        while self.log.len() < goal || !self.pending.is_empty() {
            life.step()?;
            let frame = peer.next().await?;
            self.take(&frame);
            if frame["type"] == "kept" {
                self.flush(&mut peer, &mut life).await?;
            }
        }
        Some(())
    }

    fn stand(&mut self, contact: &Value) {
        let id = contact["id"].as_u64();
        if id.is_some() && id != self.contact {
            (self.contact, self.seen) = (id, 0);
            self.log.clear();
        }
    }

    /// A message that opens the contact goes alone; the number of each stays the same.
    async fn flush(&mut self, peer: &mut Peer, life: &mut Life) -> Option<()> {
        let at_once = if self.is_opened() {
            self.pending.len()
        } else {
            1
        };
        for (key, text) in self.pending.iter().take(at_once) {
            let contact = if key == "tab:0" { None } else { self.contact };
            peer.send(json!({"type": "say", "key": key, "text": text, "contact": contact}))
                .await;
            life.step()?;
        }
        Some(())
    }

    fn is_opened(&self) -> bool {
        self.pending.first().is_none_or(|(key, _)| key != "tab:0")
    }

    fn take(&mut self, frame: &Value) {
        match frame["type"].as_str() {
            Some("contact") => self.stand(&frame["contact"]),
            Some("kept") => {
                self.pending.retain(|(key, _)| frame["key"] != *key);
                self.contact = self.contact.or(frame["contact"].as_u64());
            }
            Some("entry") if frame["contact"].as_u64() == self.contact => {
                let number = frame["number"].as_u64().unwrap();
                if number > self.seen {
                    self.seen = number;
                    if frame["what"] == "message" {
                        self.log.push(frame["text"].as_str().unwrap().to_owned());
                    }
                }
            }
            _ => {}
        }
    }
}

async fn person_says(site: &Site, contact: u64, person: PersonId, n: usize) {
    let (key, body) = (
        Key::parse(&format!("desk:{n}")).unwrap(),
        Body::parse(&format!("answer {n}")).unwrap(),
    );
    let contact = ContactId::new(contact);
    site.switchboard
        .say(
            contact,
            Author::Person(person),
            MessageKind::Text,
            key,
            body,
        )
        .await
        .unwrap();
}

async fn visitor_resumes(
    said: usize,
    answered: usize,
    cuts: Vec<usize>,
) -> Result<(), TestCaseError> {
    let site = site::open_with(bereik_web::WebConfig::default().with_limits(GENEROUS)).await;
    let _desk = Peer::desk(site.address, "member-one").await;
    let mut memory = Memory {
        pending: (0..said)
            .map(|n| (format!("tab:{n}"), format!("question {n}")))
            .collect(),
        ..Memory::default()
    };
    let mut answers = 0;
    for life in cuts.into_iter().map(Life) {
        // A connection that lives for ever knows when it is done only with all answers given.
        let _ = memory.connect(&site, said + answers, life).await;
        if let Some(contact) = memory.contact.filter(|_| answers < answered) {
            if let Some(offer) = site.switchboard.offers_to(&anna()).first() {
                site.switchboard.accept(offer.id, anna()).await.unwrap();
            }
            person_says(&site, contact, anna(), answers).await;
            answers += 1;
        }
    }
    memory
        .connect(&site, said + answers, Life(usize::MAX))
        .await;
    let contacts = site.switchboard.open_contacts().await.unwrap();
    prop_assert_eq!(contacts.len(), 1, "one contact");
    let kept = site.words(contacts[0].id.number()).await;
    prop_assert_eq!(&memory.log, &kept, "what is shown is what is kept");
    let questions: Vec<_> = kept
        .iter()
        .filter(|text| text.starts_with('q'))
        .cloned()
        .collect();
    let written: Vec<_> = (0..said).map(|n| format!("question {n}")).collect();
    prop_assert_eq!(questions, written, "each once, in the order written");
    prop_assert_eq!(kept.len(), said + answers);
    Ok(())
}

/// A desk that follows one conversation through cuts.
async fn desk_resumes(said: usize, cuts: Vec<usize>) -> Result<(), TestCaseError> {
    let site = site::open().await;
    let (mut visitor, _) = Peer::visitor(site.address, None).await;
    let contact = visitor.say("t:0", "question", None).await;
    let mut sat = Peer::desk(site.address, "member-one").await;
    sat.send(json!({"type": "claim", "contact": contact})).await;
    sat.next_of("acceptance").await;
    let mut pending: Vec<_> = (0..said).map(|n| format!("d:{n}")).collect();
    let (mut seen, mut log) = (0, Vec::new());
    for life in cuts.into_iter().chain([usize::MAX]) {
        let mut life = Life(life);
        let mut peer = Peer::desk(site.address, "member-one").await;
        let mut connected = async || {
            for key in &pending {
                peer.send(json!({"type": "say", "key": key, "contact": contact, "kind": "text", "text": key})).await;
                life.step()?;
            }
            peer.send(json!({"type": "follow", "contact": contact, "after": seen}))
                .await;
            while log.len() < said + 1 || !pending.is_empty() {
                life.step()?;
                let frame = peer.next().await?;
                if frame["type"] == "kept" {
                    pending.retain(|key| frame["key"] != *key);
                } else if frame["type"] == "entry" && frame["entry"]["number"].as_u64() > Some(seen)
                {
                    seen = frame["entry"]["number"].as_u64().unwrap();
                    log.extend(frame["text"].as_str().map(str::to_owned));
                }
            }
            Some(())
        };
        let _ = connected().await;
    }
    prop_assert_eq!(&log, &site.words(contact).await);
    let written: Vec<_> = (0..said).map(|n| format!("d:{n}")).collect();
    prop_assert_eq!(&log[1..], &written[..]);
    Ok(())
}

fn run(test: impl Future<Output = Result<(), TestCaseError>>) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(test)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_visitor_who_is_cut_off_loses_and_doubles_nothing(
        said in 1_usize..5,
        answered in 0_usize..4,
        cuts in proptest::collection::vec(0_usize..16, 0..7),
    ) {
        run(visitor_resumes(said, answered, cuts))?;
    }

    #[test]
    fn a_desk_that_is_cut_off_loses_and_doubles_nothing(
        said in 1_usize..5,
        cuts in proptest::collection::vec(0_usize..14, 0..5),
    ) {
        run(desk_resumes(said, cuts))?;
    }
}

/// The same at each single step, so that no place to cut is left to chance.
#[test]
fn a_visitor_may_be_cut_off_at_any_step() {
    for step in 0..24 {
        run(visitor_resumes(3, 1, vec![step, step])).unwrap();
    }
}
