//! Where the people are whose presence was asked for: one state for each, made of those of all their clients.

use std::collections::{BTreeMap, BTreeSet};

use bereik_core::presence::PresenceState;
use jid::{BareJid, Jid};
use minidom::Element;

use crate::wire::CLIENT;

/// So many clients of one person are told apart.
const CLIENTS_MAX: usize = 32;

#[derive(Debug, Default)]
pub(crate) struct Contacts {
    watched: BTreeSet<BareJid>,
    clients: BTreeMap<BareJid, BTreeMap<String, Client>>,
    told: BTreeMap<BareJid, PresenceState>,
}

/// One client of a person: the one with the highest priority speaks for him, and of those the freest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Client {
    priority: i8,
    show: Show,
}

/// RFC 6121, 4.7.2.1; the freest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Show {
    ExtendedAway,
    Away,
    DoNotDisturb,
    There,
}

impl Show {
    const fn state(self) -> PresenceState {
        match self {
            Self::Away | Self::ExtendedAway => PresenceState::Idle,
            Self::DoNotDisturb => PresenceState::DoNotDisturb,
            Self::There => PresenceState::Available,
        }
    }
}

impl Contacts {
    pub(crate) fn new(watched: BTreeSet<BareJid>) -> Self {
        Self {
            watched,
            ..Self::default()
        }
    }

    pub(crate) const fn watched(&self) -> &BTreeSet<BareJid> {
        &self.watched
    }

    /// A client says how it is with a person; the state of the person, where that is news.
    pub(crate) fn hear(&mut self, from: &Jid, presence: &Element) -> Option<PresenceState> {
        let who = from.to_bare();
        if !self.watched.contains(&who) {
            return None;
        }
        let resource = from.resource().map_or("", |resource| resource.as_str());
        let clients = self.clients.entry(who.clone()).or_default();
        match presence.attr("type") {
            None if clients.len() < CLIENTS_MAX || clients.contains_key(resource) => {
                clients.insert(resource.to_owned(), client(presence));
            }
            // Of the account itself it speaks for all of its clients.
            Some("unavailable") if resource.is_empty() => clients.clear(),
            Some("unavailable") => {
                clients.remove(resource);
            }
            _ => return None,
        }
        let best = clients.values().max();
        let state = best.map_or(PresenceState::Unknown, |client| client.show.state());
        let before = self.told.insert(who, state);
        (before != Some(state)).then_some(state)
    }

    /// Nothing is known any more; of whom something was told.
    pub(crate) fn forget(&mut self) -> Vec<BareJid> {
        self.clients.clear();
        let told = std::mem::take(&mut self.told).into_iter();
        told.filter(|(_, state)| *state != PresenceState::Unknown)
            .map(|(who, _)| who)
            .collect()
    }
}

fn client(presence: &Element) -> Client {
    let text = |name| presence.get_child(name, CLIENT).map(Element::text);
    let priority = text("priority").and_then(|text| text.trim().parse().ok());
    let show = match text("show").as_deref().map(str::trim) {
        Some("away") => Show::Away,
        Some("dnd") => Show::DoNotDisturb,
        Some("xa") => Show::ExtendedAway,
        _ => Show::There,
    };
    Client {
        priority: priority.unwrap_or(0),
        show,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_with_the_highest_priority_speaks_for_a_person() {
        let anna = BareJid::new("anna@example.org").unwrap();
        let mut contacts = Contacts::new(BTreeSet::from([anna]));
        let mut hear = |from: &str, rest: &str| {
            let presence = format!("<presence xmlns='jabber:client' {rest}</presence>");
            contacts.hear(&Jid::new(from).unwrap(), &presence.parse().unwrap())
        };
        let desk = "anna@example.org/desk";
        let phone = "anna@example.org/phone";
        assert_eq!(hear("eve@example.org/x", ">"), None);
        assert_eq!(
            hear(desk, "><show>dnd</show><priority>5</priority>"),
            Some(PresenceState::DoNotDisturb)
        );
        assert_eq!(hear(phone, "><priority>-1</priority>"), None);
        assert_eq!(
            hear(phone, "><show>chat</show><priority>5</priority>"),
            Some(PresenceState::Available)
        );
        assert_eq!(
            hear(phone, "type='unavailable'>"),
            Some(PresenceState::DoNotDisturb)
        );
        assert_eq!(hear(desk, "type='error'>"), None);
        assert_eq!(
            hear(desk, "type='unavailable'>"),
            Some(PresenceState::Unknown)
        );
    }
}
