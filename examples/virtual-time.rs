//! Teaches how to test your own escalation: an hour of the night passes in a few milliseconds, on
//! tokio's paused time, and nothing in it is a mock. Write it as a `#[tokio::test]` in your own tests.
//!
//! `cargo run --example virtual-time`

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bereik::channel::{Dispatch, Memory};
use bereik::core::contact::Customer;
use bereik::core::message::Body;
use bereik::core::offer::Offered;
use bereik::core::{ChannelKind, Directory, Fact};
use bereik::routing::Opening;
use bereik::switchboard::{Clock, Switchboard};

/// The rules under test: nobody is at work at night, so the on-call mailbox has it at once, and
/// after ten minutes the boss.
const RULES: &str = r#"
name = "Rivers & Co"
zone = "Europe/Amsterdam"
default_hours = "office"
default_escalation = "standard"
line = [
    { id = "on-call", channel = "email", address = "on-call@rivers.example" },
    { id = "boss", channel = "email", address = "boss@rivers.example" },
]
person = [{ id = "anna", name = "Anna" }]
group = [{ id = "helpdesk", name = "Helpdesk", members = ["anna"] }]
[hours.office.week]
mon = ["09:00-17:00"]
tue = ["09:00-17:00"]
[[escalation]]
id = "standard"
level = [{ ask = [{ line = "on-call" }], for_s = 600 }, { ask = [{ line = "boss" }], for_s = 600 }]
"#;

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn Error>> {
    let directory: Directory = toml::from_str(RULES)?;
    let zone = directory.zone().clone();
    let mail = Arc::new(Memory::new(ChannelKind::Email));
    let switchboard = Switchboard::builder(directory)
        .with_clock(Clock::starting_at("2026-11-23T23:00:00+01:00".parse()?))
        .with_channel(mail.clone())
        .start()
        .await?;

    let opening = Opening::new(
        "tab-1:1".parse()?,
        Customer::default(),
        ChannelKind::WebChat,
    );
    let words = Body::parse("Our shop is down.")?;
    let contact = switchboard.open(opening, Some(words)).await?.contact;
    tokio::time::sleep(Duration::from_secs(3_600)).await; // passes at once

    let mut asked = Vec::new();
    for entry in switchboard.timeline(contact, 0).await? {
        if let Fact::Offered { offer } = &entry.fact
            && let Offered::Line(line) = &offer.to
        {
            asked.push(format!(
                "{} {line}",
                zone.local_at(entry.at).format("%H:%M")
            ));
        }
    }
    println!("{}", asked.join("\n"));
    assert_eq!(asked, ["23:00 on-call", "23:10 boss"]);

    for dispatch in mail.outbox() {
        let Dispatch::Alert(alert) = dispatch else {
            panic!("alerts are all that was mailed")
        };
        println!("mailed: {}", alert.subject.as_str());
        assert!(alert.text.as_str().contains("> Our shop is down."));
    }
    Ok(())
}
