//! The rows that a desk shows: contacts, offers, colleagues.

use bereik_core::acknowledgement::Promise;
use bereik_core::address::AddressKind;
use bereik_core::contact::{Addressee, ContactSummary};
use bereik_core::directory::Directory;
use bereik_core::id::PersonId;
use bereik_core::language::Language;
use bereik_core::message::Author;
use bereik_core::offer::{Offer, OfferRole, Offered};
use bereik_core::presence::{Presence, PresenceSource, PresenceState};
use bereik_core::urgency::Urgency;
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::site::Site;

/// An id and the name that goes with it.
#[derive(Serialize)]
pub(super) struct Name {
    id: String,
    name: String,
}

/// One contact in a list.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub(super) struct Row {
    pub(super) id: u64,
    customer: String,
    addresses: Vec<String>,
    language: Language,
    addressee: String,
    urgency: Urgency,
    state: &'static str,
    people: Vec<PersonId>,
    opened_at: DateTime<Utc>,
    last_word: Option<(Author, DateTime<Utc>)>,
    promise: Option<Promise>,
    /// The page that the customer is on, or came from.
    page: Option<String>,
    is_there: bool,
}

/// One offer that stands.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub(super) struct OfferRow {
    id: u64,
    role: OfferRole,
    /// The line that it was made to; none when it was made to the person.
    line: Option<String>,
    made_at: DateTime<Utc>,
    until: DateTime<Utc>,
    /// What the customer last wrote.
    words: Option<String>,
    contact: Row,
}

/// One colleague.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub(super) struct Colleague {
    id: PersonId,
    name: String,
    state: PresenceState,
    until: Option<DateTime<Utc>>,
    has_desk: bool,
}

/// The members by id and name.
pub(super) fn people(directory: &Directory) -> Vec<Name> {
    let people = directory.people().iter();
    people
        .map(|person| Name {
            id: person.id.to_string(),
            name: person.name.clone(),
        })
        .collect()
}

/// The groups by id and name.
pub(super) fn groups(directory: &Directory, language: Language) -> Vec<Name> {
    let name = |group: &bereik_core::group::Group| group.name.in_language(language).to_owned();
    let groups = directory.groups().iter();
    groups
        .map(|group| Name {
            id: group.id.to_string(),
            name: name(group),
        })
        .collect()
}

/// The lines by id and address, those of people included.
pub(super) fn lines(directory: &Directory) -> Vec<Name> {
    let own = directory.people().iter().flat_map(|person| &person.lines);
    let all = directory.draft().lines.iter().chain(own);
    all.map(|line| Name {
        id: line.id.to_string(),
        name: line.address.value().to_owned(),
    })
    .collect()
}

/// The row of a contact.
pub(super) fn row(site: &Site, contact: &ContactSummary, language: Language) -> Row {
    let directory = site.switchboard.directory();
    let addressee = match &contact.addressee {
        Addressee::Group(id) => {
            let group = directory.group(id);
            group.map_or_else(
                || id.to_string(),
                |g| g.name.in_language(language).to_owned(),
            )
        }
        Addressee::Person(id) => {
            let person = directory.person(id);
            person.map_or_else(|| id.to_string(), |person| person.name.clone())
        }
        Addressee::Authors(authorship) => authorship.document.clone(),
        Addressee::Skill(skill) => skill.to_string(),
        _ => String::new(),
    };
    // The address of a browser says nothing to a reader; it is there for who searches by it.
    let mut addresses: Vec<_> = contact.customer.addresses.iter().collect();
    addresses.sort_by_key(|address| address.kind() == AddressKind::Web);
    Row {
        id: contact.id.number(),
        customer: contact.customer.name.clone(),
        addresses: addresses.into_iter().map(ToString::to_string).collect(),
        language: contact.customer.language,
        addressee,
        urgency: contact.urgency,
        state: contact.state.name(),
        people: contact.participants.clone(),
        opened_at: contact.opened_at,
        last_word: contact.last_word.clone(),
        promise: contact.promise,
        page: site.page_of(contact.id).or_else(|| contact.page.clone()),
        is_there: site.is_there(contact.id),
    }
}

/// The row of an offer.
pub(super) fn offer_row(offer: &Offer, contact: Row, words: Option<String>) -> OfferRow {
    let line = match &offer.to {
        Offered::Line(line) => Some(line.to_string()),
        Offered::Person(_) => None,
    };
    OfferRow {
        id: offer.id.number(),
        role: offer.role,
        line,
        made_at: offer.made_at,
        until: offer.until,
        words,
        contact,
    }
}

/// Everybody's presence.
pub(super) fn colleagues(site: &Site) -> Vec<Colleague> {
    let directory = site.switchboard.directory();
    let one = |person: &bereik_core::person::Person| {
        let (presence, _) = site.switchboard.presence(&person.id);
        let Presence {
            state,
            source,
            until,
            ..
        } = presence;
        // An open desk renews its signal: its end is no end of being there.
        let until = until.filter(|_| source != PresenceSource::Signal);
        Colleague {
            id: person.id.clone(),
            name: person.name.clone(),
            state,
            until,
            has_desk: site.chat.has_desk(&person.id),
        }
    };
    directory.people().iter().map(one).collect()
}
