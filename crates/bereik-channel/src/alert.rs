//! Offers on their way to somebody.

use bereik_core::id::Key;
use bereik_core::message::Body;
use bereik_core::{Address, Offer, PersonId};

use crate::label::Label;
use crate::link::Link;

/// To whom an alert goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a channel has addresses, or knows people itself"
)]
pub enum AlertTo {
    /// Somebody with an address on this channel.
    Address(Address),
    /// Somebody whom the channel knows by himself: at the desk, people are not addresses.
    Person(PersonId),
}

/// An offer on its way to somebody: what is asked, until when, and what he is shown. `Debug`
/// shows none of its words.
///
/// ```
/// use bereik_channel::{Alert, AlertTo, Label, Link};
/// use bereik_core::{ChannelKind, ContactId, Offer, OfferId, message::Body, offer::{OfferRole, Offered}};
/// use chrono::{DateTime, TimeDelta};
///
/// let made_at = DateTime::from_timestamp(1_795_000_000, 0).ok_or("an instant")?;
/// let offer = Offer {
///     id: OfferId::new(3), contact: ContactId::new(1), to: Offered::Person("anna".parse()?),
///     channel: ChannelKind::WebChat, role: OfferRole::Owner,
///     made_at, until: made_at + TimeDelta::seconds(30),
/// };
/// let alert = Alert::new(offer, AlertTo::Person("anna".parse()?), Label::parse("A chat")?, Body::parse("From the shop's page")?)
///     .with_link(Link::parse("https://desk.example.org/contacts/1")?);
/// assert_eq!(alert.key().as_str(), "offer/O3");
/// assert_eq!(alert.words_within(47), "A chat\nFrom\nhttps://desk.example.org/contacts/1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Alert {
    /// The offer: its contact, and until when it stands.
    pub offer: Offer,
    /// To whom it goes.
    pub to: AlertTo,
    /// What it is, on one line.
    pub subject: Label,
    /// What he is told.
    pub text: Body,
    /// Where he can answer, if that is a page.
    pub link: Option<Link>,
}

impl Alert {
    /// An alert without a link.
    #[must_use]
    pub const fn new(offer: Offer, to: AlertTo, subject: Label, text: Body) -> Self {
        let link = None;
        Self {
            offer,
            to,
            subject,
            text,
            link,
        }
    }

    /// The same, with a page to answer on.
    #[must_use]
    pub fn with_link(mut self, link: Link) -> Self {
        self.link = Some(link);
        self
    }

    /// All of its words, one below the other: what it is, what he is told, and where he can answer.
    #[must_use]
    pub fn words(&self) -> String {
        self.words_with(self.text.as_str())
    }

    /// The same in at most so many characters: of what he is told the end is left out, so that the link stays.
    #[must_use]
    pub fn words_within(&self, characters_max: usize) -> String {
        let words = self.words();
        let over = words.chars().count().saturating_sub(characters_max);
        if over == 0 {
            return words;
        }
        let text = self.text.as_str();
        let kept = text.chars().count().saturating_sub(over);
        let text: String = text.chars().take(kept).collect();
        let words = self.words_with(&text);
        words.chars().take(characters_max).collect()
    }

    fn words_with(&self, text: &str) -> String {
        let link = self.link.as_ref().map_or("", Link::as_str);
        let subject = self.subject.as_str();
        format!("{subject}\n{text}\n{link}").trim_end().to_owned()
    }

    /// Its idempotency key: the offer's.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "it cannot")]
    pub fn key(&self) -> Key {
        Key::parse(&format!("offer/{}", self.offer.id))
            .expect("a short word and a number are a key")
    }
}
