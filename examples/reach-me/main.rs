//! Teaches lines and what happens when they fail: Alice is on duty and can be reached by XMPP, on her desk
//! phone, by short message and by mail. The example starts a server of each, stops them one after another,
//! and shows where the offer of a waiting customer arrives; then it brings one back.
//!
//! `cargo run --example reach-me`. It needs prosody, kamailio, baresip, postfix and dovecot, which
//! `cargo xtask test` installs, and root, for postfix.

#![expect(clippy::print_stdout, reason = "an example prints")]

#[expect(dead_code, reason = "the tests use all of it")]
#[path = "../../crates/bereik-phone/tests/sip/baresip.rs"]
mod baresip;
#[expect(dead_code, reason = "the tests use all of it")]
#[path = "../../crates/bereik-phone/tests/sip/kamailio.rs"]
mod kamailio;
#[expect(dead_code, reason = "the tests use all of it")]
#[path = "../../crates/bereik-phone/tests/sip/leash.rs"]
mod leash;
#[expect(dead_code, reason = "the tests use all of it")]
#[path = "../../crates/bereik-xmpp/tests/xmpp/server.rs"]
mod prosody;

mod alice;
mod servers;

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bereik::channel::Inbox;
use bereik::channel::http::Http;
use bereik::core::contact::Customer;
use bereik::core::message::Author;
use bereik::core::offer::{Offered, Outcome};
use bereik::core::{ChannelKind, Directory, Fact, PersonId};
use bereik::email::{Smtp, SmtpConfig};
use bereik::phone::{SipPhone, TwilioAccount, TwilioSms};
use bereik::routing::Opening;
use bereik::switchboard::Switchboard;
use bereik::xmpp::Xmpp;

const COMPANY: &str = include_str!("directory.toml");

/// How long the news of an offer may take to reach Alice; a phone whose server says nothing is given up after four seconds.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut prosody = prosody::Prosody::start("").await;
    let kamailio = kamailio::Kamailio::start().await;
    let mut messages = servers::Messages::start().await?;
    let mail = servers::Mail::start()?;
    let mut alice = alice::Alice::listen(&prosody, &kamailio, &mut messages, &mail).await?;

    let xmpp = Arc::new(Xmpp::new(prosody.config("u0"))?);
    let account = kamailio
        .account("desk")
        .with_extension("tel:+31201234567".parse()?, "alice")
        .with_trying_within(Duration::from_secs(4));
    let phone = Arc::new(SipPhone::start(account, Arc::new(Inbox::new())).await?);
    let account = TwilioAccount::new(
        Http::new()?,
        servers::SID,
        "token".to_owned(),
        "+31200000000",
        "https://desk.example.org/hooks/messages",
        Arc::new(Inbox::new()),
    )?;
    let sms = Arc::new(TwilioSms::new(account.with_api(messages.origin())));
    let smtp = SmtpConfig::parse(&mail.url())?.with_certificate_file(mail.authority());
    let switchboard = Switchboard::builder(toml::from_str::<Directory>(COMPANY)?)
        .with_channel(xmpp)
        .with_channel(phone)
        .with_channel(sms)
        .with_channel(Arc::new(Smtp::new(smtp)?))
        .start()
        .await?;
    let mut desk = Desk {
        switchboard,
        customers: 0,
    };
    desk.until_it_works("alice-desk").await?;

    desk.customer("all four servers run", &mut alice).await?;
    prosody.end();
    desk.customer("prosody is stopped", &mut alice).await?;
    drop(kamailio);
    desk.customer("kamailio is stopped", &mut alice).await?;
    messages.stop();
    desk.customer("the provider of messages is stopped", &mut alice)
        .await?;
    prosody.begin().await;
    desk.until_it_works("alice-xmpp").await?;
    desk.customer("prosody is back", &mut alice).await?;
    Ok(())
}

struct Desk {
    switchboard: Switchboard,
    customers: u32,
}

impl Desk {
    /// A customer asks; says over which lines Alice was tried in vain, and over which it reached her.
    async fn customer(
        &mut self,
        now: &str,
        alice: &mut alice::Alice,
    ) -> Result<(), Box<dyn Error>> {
        self.customers += 1;
        println!("{now}");
        let key = format!("visitor:{}", self.customers).parse()?;
        let opening = Opening::new(key, Customer::default(), ChannelKind::WebChat);
        let contact = self.switchboard.open(opening, None).await?.contact;
        let words = contact.to_string();
        let reached = tokio::time::timeout(PATIENCE, alice.hears(&words));
        let reached = reached
            .await
            .map_err(|_| format!("{contact} reaches nobody"))?;
        let mut lines = BTreeMap::new();
        for entry in self.switchboard.timeline(contact, 0).await? {
            match entry.fact {
                Fact::Offered { offer } => {
                    if let Offered::Line(line) = offer.to {
                        lines.insert(offer.id, line);
                    }
                }
                Fact::OfferEnded {
                    offer,
                    outcome: Outcome::Failed,
                } => {
                    if let Some(line) = lines.get(&offer) {
                        println!("    {contact} {line}: does not go out");
                    }
                }
                _ => {}
            }
        }
        println!("    {contact} {reached}: reaches Alice");
        self.switchboard.close(contact, Author::Software).await?;
        Ok(())
    }

    /// Waits until one of Alice's lines works, by the last probe.
    async fn until_it_works(&self, line: &str) -> Result<(), Box<dyn Error>> {
        let alice: PersonId = "alice".parse()?;
        let works = || {
            let lines = self.switchboard.lines_of(&alice);
            lines
                .iter()
                .any(|state| state.line.as_str() == line && state.works())
        };
        let until = async {
            while !works() {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, until).await;
        Ok(waited.map_err(|_| format!("{line} does not work"))?)
    }
}
