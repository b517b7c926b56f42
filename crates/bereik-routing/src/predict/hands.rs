//! Who serves when, from what is known of people's reachability.

use std::collections::BTreeMap;

use bereik_core::ChannelKind;
use bereik_core::contact::Addressee;
use bereik_core::id::{ContactId, GroupId, PersonId};
use bereik_core::person::Person;
use bereik_core::reachability::Reach;
use chrono::{DateTime, Utc};

use crate::contact_state::Contact;
use crate::state::State;

/// How many contacts those who are asked first can hold: those who are there, and those who come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hands {
    now: u32,
    /// When how many more come, in order.
    coming: Vec<(DateTime<Utc>, u32)>,
}

/// The hands of groups, kept until somebody can be reached otherwise. They follow from the directory
/// and from people's rows alone, so that an engine without them says the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct HandsKept(BTreeMap<(GroupId, ChannelKind), Hands>);

impl PartialEq for HandsKept {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl HandsKept {
    pub(crate) fn forget(&mut self) {
        self.0.clear();
    }
}

impl Hands {
    /// From when on how many, beginning at `at`. Who should have come by then and did not is left
    /// out.
    pub(super) fn plan(&self, at: DateTime<Utc>) -> Vec<(DateTime<Utc>, u32)> {
        let mut plan = vec![(at, self.now)];
        let mut hands = self.now;
        for (from, more) in self.coming.iter().filter(|(from, _)| at < *from) {
            hands = hands.saturating_add(*more);
            plan.push((*from, hands));
        }
        plan
    }
}

impl State {
    /// The hands of those who are asked first; wider circles only shorten the wait.
    pub(super) fn hands(&self, contact: &Contact) -> Hands {
        let mut now = 0u32;
        let mut coming: BTreeMap<DateTime<Utc>, u32> = BTreeMap::new();
        for person in self.asked_first(contact) {
            let capacity = u32::from(person.capacity_for(contact.channel));
            match self.reachability(&person.id, contact.channel).reach {
                Reach::Now => now = now.saturating_add(capacity),
                Reach::OnCall if contact.is_calamity() => now = now.saturating_add(capacity),
                Reach::From(from) if capacity > 0 => {
                    let more = coming.entry(from).or_default();
                    *more = more.saturating_add(capacity);
                }
                _ => {}
            }
        }
        let coming = coming.into_iter().collect();
        Hands { now, coming }
    }

    /// The plan of a held contact from now on; the hands are kept where nothing but membership of a
    /// group counts.
    pub(super) fn plan_from_now(&mut self, id: ContactId) -> Vec<(DateTime<Utc>, u32)> {
        let contact = self.held(id);
        let group = match &contact.addressee {
            Addressee::Group(group) if !contact.is_calamity() && contact.requires.is_empty() => {
                group.clone()
            }
            _ => return self.hands(contact).plan(self.now),
        };
        let key = (group, contact.channel);
        if let Some(hands) = self.hands_kept.0.get(&key) {
            return hands.plan(self.now);
        }
        let hands = self.hands(contact);
        let plan = hands.plan(self.now);
        self.hands_kept.0.insert(key, hands);
        plan
    }

    /// How many contacts those who are there could take at once.
    pub(super) fn free_hands(&self, contact: &Contact, at: DateTime<Utc>) -> u32 {
        let is_there = |person: &PersonId| self.can_be_reached(contact, person);
        let people = self.asked_first(contact).map(|person| &person.id);
        people
            .filter(|person| is_there(person))
            .filter(|person| contact.search.cools_until(person, at).is_none())
            .map(|person| self.spare(person, contact.channel))
            .fold(0, u32::saturating_add)
    }

    /// Who is asked before any circle widens, and has what the contact needs.
    fn asked_first<'a>(&'a self, contact: &'a Contact) -> impl Iterator<Item = &'a Person> {
        let (group, person) = match &contact.addressee {
            Addressee::Group(id) => (self.directory.group(id), None),
            Addressee::Person(id) => (None, Some(id)),
            _ => (None, None),
        };
        let members = group.into_iter().flat_map(|group| &group.members);
        let people = members
            .chain(person)
            .filter_map(|id| self.directory.person(id));
        people.filter(|person| {
            contact.requires.iter().all(|requirement| {
                let proficiency = person.skills.get(&requirement.skill);
                proficiency.is_some_and(|has| *has >= requirement.at_least)
            })
        })
    }
}
