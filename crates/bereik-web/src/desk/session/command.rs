//! What a desk may ask, and how it is answered.

use bereik_channel::Link;
use bereik_core::address::Address;
use bereik_core::contact::Addressee;
use bereik_core::id::MessageId;
use bereik_core::id::{ContactId, Key, OfferId, PersonId};
use bereik_core::message::{Author, Body, MessageKind};
use bereik_core::signal::{Signal, SignalKind};
use bereik_switchboard::{Acceptance, Refusal, SwitchboardError, SwitchboardErrorKind};
use chrono::TimeDelta;

use super::super::row::row;
use super::super::wire::{Asked, Reason, Say, SayKind, Told};
use super::Session;
use crate::socket::Gone;
use crate::token::Token;

/// The longest number that a desk may give a message, in bytes.
const KEY_BYTES_MAX: usize = 60;
/// When to try again what could not be kept, in seconds.
const RETRY_AFTER_S: u32 = 3;
/// How long somebody is not disturbed who does not say when it ends.
const UNDISTURBED_FOR: TimeDelta = TimeDelta::hours(12);
/// The source of what somebody sets at a desk; it is his, whichever desk he sits at.
const HAND: &str = "desk";

type Done = Result<(), SwitchboardError>;

impl Session {
    pub(super) async fn refuse_nonsense(&mut self) -> Result<(), Gone> {
        self.refuse(None, Reason::Other, None).await
    }

    pub(super) async fn take(&mut self, asked: Asked) -> Result<(), Gone> {
        if let Asked::Hello { person, .. } = asked {
            return self.sit(person).await;
        }
        let Some(me) = self.me().cloned() else {
            return self.refuse(None, Reason::Other, None).await;
        };
        match asked {
            Asked::Follow { contact, after } => self.follow(ContactId::new(contact), after).await,
            Asked::Say(say) => self.say(me, say).await,
            Asked::Search { address } => self.search(&address).await,
            other => {
                if let Err(seconds) = self.room.take(self.switchboard().now()) {
                    return self.refuse(None, Reason::Flood, Some(seconds)).await;
                }
                self.command(me, other).await
            }
        }
    }

    async fn command(&mut self, me: PersonId, asked: Asked) -> Result<(), Gone> {
        match asked {
            Asked::Accept { offer } => {
                let contact = self.offered(offer);
                let acceptance = self.switchboard().accept(OfferId::new(offer), me).await;
                self.tell_acceptance(contact, acceptance).await
            }
            Asked::Claim { contact } => {
                let acceptance = self.switchboard().claim(ContactId::new(contact), me).await;
                self.tell_acceptance(Some(contact), acceptance).await
            }
            other => {
                let done = self.order(me, other).await;
                self.answer(done).await
            }
        }
    }

    fn offered(&self, offer: u64) -> Option<u64> {
        let (person, lines) = (
            self.me().map(|me| self.switchboard().offers_to(me)),
            self.switchboard().offers_to_lines(),
        );
        let all = person.into_iter().flatten().chain(lines);
        all.into_iter()
            .find(|one| one.id.number() == offer)
            .map(|one| one.contact.number())
    }

    /// The commands that succeed or fail, without more to tell.
    async fn order(&mut self, me: PersonId, asked: Asked) -> Done {
        let switchboard = self.switchboard();
        let by = Author::Person(me.clone());
        match asked {
            Asked::Close { contact } => switchboard.close(ContactId::new(contact), by).await,
            Asked::Decline { offer } => switchboard.decline(OfferId::new(offer), me).await,
            Asked::Disturb { welcome: true } => {
                switchboard
                    .clear_signal(me, SignalKind::DoNotDisturb, HAND)
                    .await
            }
            Asked::Disturb { welcome: false } => {
                let at = switchboard.now();
                let expires_at = at + UNDISTURBED_FOR;
                let signal = Signal {
                    kind: SignalKind::DoNotDisturb,
                    source: HAND.into(),
                    at,
                    expires_at,
                };
                switchboard.signal(me, signal).await
            }
            Asked::Invite { contact, person } => {
                let whom = Addressee::Person(person);
                switchboard
                    .invite(ContactId::new(contact), whom, Vec::new(), me)
                    .await
            }
            Asked::Leave { contact } => switchboard.leave(ContactId::new(contact), me).await,
            Asked::Meeting { contact } => self.start_meeting(me, ContactId::new(contact)).await,
            Asked::Phone { contact } => switchboard.ask_phone(ContactId::new(contact), by).await,
            Asked::Reopen { contact } => switchboard.reopen(ContactId::new(contact), by).await,
            Asked::Urgency {
                contact,
                urgency,
                reason,
            } => {
                switchboard
                    .change_urgency(ContactId::new(contact), urgency, by, reason)
                    .await
            }
            _ => Ok(()),
        }
    }

    /// Makes up a room that nobody can guess, and says where it is.
    async fn start_meeting(&mut self, me: PersonId, contact: ContactId) -> Done {
        let link = self.site.config.meetings.as_ref().and_then(|meetings| {
            let room = Token::new().ok()?;
            let link = meetings.link(&room.reveal()).ok()?;
            let key = Key::parse(&format!("{me}:meeting:{}", room.visitor().as_str()));
            Some((key.ok()?, Body::parse(link.as_str()).ok()?))
        });
        let Some((key, body)) = link else {
            return Ok(());
        };
        let (by, kind) = (Author::Person(me), MessageKind::Link);
        let said = self.switchboard().say(contact, by, kind, key, body).await;
        said.map(drop)
    }

    async fn answer(&mut self, done: Done) -> Result<(), Gone> {
        match done {
            Ok(()) => Ok(()),
            Err(error) => self.refuse(None, reason_of(&error), None).await,
        }
    }

    async fn refuse(
        &mut self,
        key: Option<&str>,
        reason: Reason,
        retry_after_s: Option<u32>,
    ) -> Result<(), Gone> {
        self.socket
            .send(&Told::Refused {
                key,
                reason,
                retry_after_s,
            })
            .await
    }

    async fn tell_acceptance(
        &mut self,
        contact: Option<u64>,
        acceptance: Result<Acceptance, SwitchboardError>,
    ) -> Result<(), Gone> {
        match acceptance {
            Ok(acceptance) => {
                let is_yours = acceptance == Acceptance::Yours;
                self.socket
                    .send(&Told::Acceptance { contact, is_yours })
                    .await
            }
            Err(error) => self.refuse(None, reason_of(&error), None).await,
        }
    }

    async fn say(&mut self, me: PersonId, say: Say) -> Result<(), Gone> {
        let number = say.key.as_str();
        if let Err(seconds) = self.room.take(self.switchboard().now()) {
            return self
                .refuse(Some(number), Reason::Flood, Some(seconds))
                .await;
        }
        let key = Key::parse(&format!("{me}:{number}"))
            .ok()
            .filter(|_| number.len() <= KEY_BYTES_MAX);
        let (Some(key), Ok(body)) = (key, Body::parse(&say.text)) else {
            return self.refuse(Some(number), Reason::Body, None).await;
        };
        let kind = match say.kind {
            SayKind::Link if Link::parse(body.as_str().trim()).is_err() => {
                return self.refuse(Some(number), Reason::Link, None).await;
            }
            SayKind::Link => MessageKind::Link,
            SayKind::Note => MessageKind::Note,
            SayKind::Text => MessageKind::Text,
        };
        let contact = ContactId::new(say.contact);
        let said = self
            .switchboard()
            .say(contact, Author::Person(me), kind, key, body)
            .await;
        match said {
            Ok(message) => {
                let message = message.map(MessageId::number);
                let (key, contact) = (number, say.contact);
                self.socket
                    .send(&Told::Kept {
                        key,
                        contact,
                        message,
                    })
                    .await
            }
            Err(error) => {
                let reason = reason_of(&error);
                let again = matches!(reason, Reason::Unavailable).then_some(RETRY_AFTER_S);
                self.refuse(Some(number), reason, again).await
            }
        }
    }

    async fn search(&mut self, text: &str) -> Result<(), Gone> {
        let Ok(address) = text.trim().parse::<Address>() else {
            return self.refuse(None, Reason::Address, None).await;
        };
        let found = self.switchboard().find(&address).await;
        let mut contacts = match found {
            Ok(contacts) => contacts,
            Err(error) => return self.refuse(None, reason_of(&error), None).await,
        };
        contacts.sort_by_key(|contact| std::cmp::Reverse(contact.id));
        let rows = contacts
            .iter()
            .map(|contact| row(&self.site, contact, self.language))
            .collect();
        self.socket
            .send(&Told::Found {
                address: text,
                rows,
            })
            .await
    }
}

fn reason_of(error: &SwitchboardError) -> Reason {
    match error.kind() {
        SwitchboardErrorKind::Refused(Refusal::AtCapacity | Refusal::ConversationFull) => {
            Reason::Full
        }
        SwitchboardErrorKind::Refused(Refusal::NotAParticipant) => Reason::NotParticipant,
        SwitchboardErrorKind::Refused(Refusal::NotReachable) => Reason::UnreachableNow,
        SwitchboardErrorKind::Refused(_) => Reason::Other,
        _ => Reason::Unavailable,
    }
}
