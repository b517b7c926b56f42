//! Teaches a channel of your own: a siren with a voice, on the wall of a workshop. The conformance
//! suite holds it to the contract; then a switchboard offers a contact over it, and it is answered.
//!
//! `cargo run --example custom-channel`

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bereik::channel::conformance::{Arrived, OtherEnd, check};
use bereik::channel::{
    Alert, AlertTo, Capability, Channel, ChannelError, ErrorKind, Evidence, Feature, Health,
    Outbound, Receipt, Scope,
};
use bereik::core::contact::Customer;
use bereik::core::message::Body;
use bereik::core::{Address, ChannelKind, Directory, Fact};
use bereik::routing::Opening;
use bereik::switchboard::{Clock, Notice, Switchboard};

/// Says aloud what it is given. Whether somebody listened it cannot know: taken, never delivered.
/// What was said is kept as `Body`, whose `Debug` shows no words; with `String` the suite complains.
#[derive(Debug)]
struct Siren(Capability, Mutex<Vec<Body>>);

impl Siren {
    fn say(&self, to: &Address, words: &Body) -> Result<Receipt, ChannelError> {
        if !to.fits(self.kind()) {
            return Err(ChannelError::new(ErrorKind::Invalid, Scope::Recipient));
        }
        let mut said = self.1.lock().map_err(|_| ChannelError::unavailable())?;
        said.push(words.clone());
        Ok(Receipt::new(Evidence::Taken))
    }
}

#[async_trait]
impl Channel for Siren {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Chat
    }
    fn capability(&self) -> &Capability {
        &self.0
    }
    async fn send(&self, message: &Outbound) -> Result<Receipt, ChannelError> {
        self.say(&message.to, &message.body)
    }
    async fn offer(&self, alert: &Alert) -> Result<Receipt, ChannelError> {
        match &alert.to {
            AlertTo::Address(to) => self.say(to, &alert.text),
            AlertTo::Person(_) => Err(ChannelError::new(ErrorKind::Invalid, Scope::Recipient)),
        }
    }
    async fn probe(&self) -> Health {
        Health::Up
    }
}

/// Who stands in the workshop and listens: the other end, as the suite needs it.
struct Workshop(Arc<Siren>, Address);

#[async_trait]
impl OtherEnd for Workshop {
    fn channel(&self) -> &dyn Channel {
        &*self.0
    }
    fn address(&self) -> Address {
        self.1.clone()
    }
    async fn arrived(&self) -> Vec<Arrived> {
        let said = self.0.1.lock().unwrap_or_else(PoisonError::into_inner);
        let arrived = |body: &Body| Arrived {
            subject: None,
            text: body.as_str().to_owned(),
        };
        said.iter().map(arrived).collect()
    }
}

const COMPANY: &str = r#"
name = "Rivers & Co"
zone = "Europe/Amsterdam"
default_hours = "always"
hours.always.week.mon = ["00:00-24:00"]
group = [{ id = "workshop", name = "Workshop", members = ["daan"] }]
[[person]]
id = "daan"
name = "Daan"
line = [{ id = "siren", channel = "chat", address = "handle:workshop/siren" }]
"#;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let can = Capability::new(Evidence::Taken).with(&[Feature::Offer]);
    let siren = Arc::new(Siren(can, Mutex::default()));
    let workshop = Workshop(Arc::clone(&siren), "handle:workshop/siren".parse()?);
    let monday = "2026-11-23T09:10:00+01:00".parse()?;
    let tests = check(&workshop, "run-1", monday).await?;
    assert!(
        tests.contains(&"an offer arrives"),
        "what the siren declares is tested"
    );
    println!("the siren keeps the contract");

    let directory: Directory = toml::from_str(COMPANY)?;
    let switchboard = Switchboard::builder(directory)
        .with_channel(siren)
        .with_clock(Clock::starting_at(monday))
        .start()
        .await?;
    let mut happening = switchboard.subscribe();
    let opening = Opening::new("chat-1:1".parse()?, Customer::default(), ChannelKind::Chat);
    switchboard.open(opening, None).await?;
    while let Some(Notice::Entry(entry)) = happening.next().await {
        match &entry.fact {
            Fact::Offered { offer } => {
                println!("offered: {} over {}", offer.id, offer.channel.name());
                let answer = switchboard.accept(offer.id, "daan".parse()?).await?;
                println!("accepted: {answer:?}");
            }
            Fact::Joined { person } => {
                println!("joined: {person}");
                break;
            }
            _ => {}
        }
    }
    Ok(())
}
