//! What a visitor is shown of his contact: messages, words about what happens, and how it stands.
//!
//! Nothing else leaves: no note, no offer, no reason, and of people only their names.

use bereik_core::acknowledgement::Acknowledgement;
use bereik_core::contact::{Addressee, ContactState, ContactSummary};
use bereik_core::directory::Directory;
use bereik_core::entry::{Entry, Fact};
use bereik_core::id::{LineId, PersonId};
use bereik_core::language::Language;
use bereik_core::message::{Author, Body, MessageKind};
use bereik_core::urgency::Urgency;
use bereik_core::wording::Wording;
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::board::href;
use super::wire::{Promised, Standing};

/// One entry as its customer sees it.
#[derive(Serialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub(super) enum Shown {
    Message {
        message: u64,
        from: From,
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// The words; none once they were erased.
        text: Option<String>,
    },
    Notice {
        /// Words for it are in the browser, under this key.
        #[serde(skip_serializing_if = "Option::is_none")]
        notice: Option<&'static str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        phone: Option<Phone>,
    },
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum From {
    Person,
    Software,
    You,
}

#[derive(Serialize)]
pub(super) struct Phone {
    number: String,
    href: String,
}

/// In which language and with which names a visitor is told.
pub(super) struct Teller<'a> {
    pub(super) directory: &'a Directory,
    pub(super) language: Language,
}

impl Teller<'_> {
    fn name(&self, id: &PersonId) -> String {
        self.directory
            .person(id)
            .map_or_else(String::new, |person| person.name.clone())
    }

    fn with_wording<T>(&self, now: DateTime<Utc>, tell: impl FnOnce(&Wording<'_>) -> T) -> T {
        let name_of = |id: &PersonId| self.name(id);
        let address_of = |id: &LineId| {
            let line = self.directory.line(id);
            line.map_or_else(String::new, |(line, _)| line.address.value().to_owned())
        };
        let (language, zone) = (self.language, self.directory.zone());
        tell(&Wording {
            language,
            zone,
            now,
            name_of: &name_of,
            address_of: &address_of,
        })
    }

    /// An instant as it is told now.
    pub(super) fn clock(&self, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
        self.with_wording(now, |wording| wording.instant(at))
    }

    /// The entry as the customer sees it, if he does.
    pub(super) fn show(&self, entry: &Entry, body: Option<Body>) -> Option<Shown> {
        if !entry.fact.is_for_customer() {
            return None;
        }
        match &entry.fact {
            Fact::Said {
                kind: MessageKind::Note,
                ..
            } => None,
            Fact::Said {
                message, author, ..
            } => {
                let (from, name) = match author {
                    Author::Customer => (From::You, None),
                    Author::Person(id) => (From::Person, Some(self.name(id))),
                    Author::Software => (From::Software, None),
                };
                let text = body.map(String::from);
                Some(Shown::Message {
                    message: message.number(),
                    from,
                    name,
                    text,
                })
            }
            Fact::Acknowledged { acknowledgement } => self.acknowledged(entry.at, acknowledgement),
            Fact::PhoneAsked { by, line } => Some(self.phone_asked(by, line.as_ref())),
            Fact::CustomerNamed { .. } => Some(notice("details.saved")),
            Fact::Reopened { .. } => Some(notice("notice.reopened")),
            Fact::UrgencyChanged {
                urgency: Urgency::High,
                ..
            } => Some(notice("notice.high")),
            _ => None,
        }
    }

    /// The words as they were true when it was said.
    fn acknowledged(&self, at: DateTime<Utc>, said: &Acknowledgement) -> Option<Shown> {
        let text = self.with_wording(at, |wording| wording.acknowledgement(said));
        let phone = match said {
            Acknowledgement::PhoneOffered { line, .. } => self.phone(line),
            _ => None,
        };
        (!text.is_empty()).then_some(Shown::Notice {
            notice: None,
            name: None,
            text: Some(text),
            phone,
        })
    }

    fn phone(&self, line: &LineId) -> Option<Phone> {
        let (line, _) = self.directory.line(line)?;
        let number = line.address.value().to_owned();
        Some(Phone {
            number,
            href: href(&line.address)?,
        })
    }

    fn phone_asked(&self, by: &Author, line: Option<&LineId>) -> Shown {
        match (by, line) {
            (_, None) => notice("phone.none"),
            (Author::Person(id), Some(_)) => Shown::Notice {
                notice: Some("notice.phone.person"),
                name: Some(self.name(id)),
                text: None,
                phone: None,
            },
            (_, Some(_)) => notice("notice.phone"),
        }
    }

    /// How the contact stands.
    pub(super) fn standing(&self, contact: &ContactSummary, now: DateTime<Utc>) -> Standing {
        let addressee = match &contact.addressee {
            Addressee::Group(id) => {
                let group = self.directory.group(id);
                group.map_or_else(String::new, |g| {
                    g.name.in_language(self.language).to_owned()
                })
            }
            Addressee::Person(id) => self.name(id),
            _ => String::new(),
        };
        let promise = contact.promise.filter(|_| contact.state.is_open());
        let state = if contact.state.is_open() {
            contact.state.name()
        } else {
            ContactState::Closed.name()
        };
        Standing {
            id: contact.id.number(),
            addressee,
            state,
            owner: contact.owner().map(|id| self.name(id)),
            people: contact
                .participants
                .iter()
                .map(|id| self.name(id))
                .collect(),
            urgency: contact.urgency,
            promise: promise.map(|promise| Promised {
                kind: promise.kind,
                at: self.clock(promise.by, now),
            }),
        }
    }
}

const fn notice(key: &'static str) -> Shown {
    Shown::Notice {
        notice: Some(key),
        name: None,
        text: None,
        phone: None,
    }
}
