//! An engine at work on a company: people come and go, contacts are offered, taken and closed.

use bereik_core::channel_kind::{ChannelKind, PerChannel};
use bereik_core::contact::{Addressee, Customer};
use bereik_core::directory::{Directory, Draft};
use bereik_core::entry::Fact;
use bereik_core::explanation::Explanation;
use bereik_core::group::Group;
use bereik_core::id::{ContactId, GroupId, Key, OfferId, PersonId};
use bereik_core::message::Author;
use bereik_core::offer::Offered;
use bereik_core::person::Person;
use bereik_core::reachability::{Reach, ReachReason, Reachability};
use bereik_core::zone::Zone;
use bereik_routing::{Answer, Effect, Engine, Input, Opening, Output};
use chrono::{DateTime, TimeDelta, Utc};

pub(crate) fn id(name: &str) -> PersonId {
    name.parse().expect("an id")
}

pub(crate) fn group_id(name: &str) -> GroupId {
    name.parse().expect("an id")
}

pub(crate) fn group(name: &str, members: &[&str]) -> Group {
    let members = members.iter().map(|name| id(name)).collect();
    Group::new(group_id(name), name, members)
}

/// These people, each with these skills.
pub(crate) fn person(name: &str, skills: &[(&str, u8)]) -> Person {
    let person = Person::new(id(name), name);
    skills.iter().fold(person, |person, (skill, level)| {
        person.with_skill(skill.parse().expect("an id"), *level)
    })
}

pub(crate) fn company(people: Vec<Person>, groups: Vec<Group>) -> Directory {
    let mut draft = Draft::new("Rivers & Co", Zone::utc());
    draft.people = people;
    draft.groups = groups;
    draft.check().expect("a company that is right")
}

/// One group of people without skills.
pub(crate) fn team(group: Group) -> Directory {
    let members = group.members.iter();
    let people = members.map(|id| Person::new(id.clone(), id.as_str()));
    company(people.collect(), vec![group])
}

pub(crate) struct Desk {
    pub(crate) engine: Engine,
    pub(crate) now: DateTime<Utc>,
    opened: u32,
}

/// What came of an input.
pub(crate) struct Told {
    pub(crate) answer: Answer,
    /// Who was offered something.
    pub(crate) offers: Vec<(OfferId, String)>,
    pub(crate) withdrawn: Vec<OfferId>,
    pub(crate) chosen: Vec<Explanation>,
}

impl Told {
    pub(crate) fn names(&self) -> Vec<&str> {
        self.offers.iter().map(|(_, name)| name.as_str()).collect()
    }

    pub(crate) fn contact(&self) -> ContactId {
        let Answer::Opened(contact) = self.answer else {
            panic!("nothing was opened: {:?}", self.answer);
        };
        contact
    }
}

impl Desk {
    /// Everybody is there.
    pub(crate) fn new(directory: Directory) -> Self {
        let people: Vec<PersonId> = directory.people().iter().map(|p| p.id.clone()).collect();
        let mut desk = Self {
            engine: Engine::new(directory),
            now: "2026-11-23T09:00:00Z".parse().expect("an instant"),
            opened: 0,
        };
        for person in people {
            desk.reach(person.as_str(), Reach::Now);
        }
        desk
    }

    pub(crate) fn tell(&mut self, input: Input) -> Told {
        self.now += TimeDelta::seconds(1);
        let answer = self.engine.handle(self.now, input);
        let mut told = Told {
            answer,
            offers: Vec::new(),
            withdrawn: Vec::new(),
            chosen: Vec::new(),
        };
        loop {
            match self.engine.poll_output() {
                Output::Effect(Effect::Offer(offer)) => {
                    let name = match &offer.to {
                        Offered::Line(line) => line.to_string(),
                        Offered::Person(person) => person.to_string(),
                    };
                    told.offers.push((offer.id, name));
                }
                Output::Effect(Effect::Withdraw(offer)) => told.withdrawn.push(offer.id),
                Output::Entry(entry) => {
                    if let Fact::Chosen { explanation } = entry.fact {
                        told.chosen.push(explanation);
                    }
                }
                Output::Wait(_) => return told,
                _ => {}
            }
        }
    }

    pub(crate) fn wait(&mut self, seconds: i64) -> Told {
        self.now += TimeDelta::seconds(seconds - 1);
        self.tell(Input::Advanced)
    }

    pub(crate) fn reach(&mut self, name: &str, reach: Reach) -> Told {
        let reason = match reach {
            Reach::Now => ReachReason::Available,
            Reach::Unknown => ReachReason::Unknown,
            _ => ReachReason::OutOfOffice,
        };
        let row = PerChannel::from_fn(|_| Reachability { reach, reason });
        let person = id(name);
        self.tell(Input::Reachability { person, row })
    }

    pub(crate) fn opening(&mut self) -> Opening {
        self.opened += 1;
        let key = Key::parse(&format!("key-{}", self.opened)).expect("a key");
        Opening::new(key, Customer::default(), ChannelKind::WebChat)
    }

    /// A chat for the first group.
    pub(crate) fn open(&mut self) -> Told {
        let opening = self.opening();
        self.tell(Input::Opened(Box::new(opening)))
    }

    pub(crate) fn open_for(&mut self, addressee: Addressee) -> Told {
        let opening = self.opening().for_addressee(addressee);
        self.tell(Input::Opened(Box::new(opening)))
    }

    /// A chat from somebody who can be known again.
    pub(crate) fn open_from(&mut self, address: &str) -> Told {
        let mut opening = self.opening();
        let address = address.parse().expect("an address");
        opening.customer.addresses.push(address);
        self.tell(Input::Opened(Box::new(opening)))
    }

    pub(crate) fn accept(&mut self, told: &Told) -> Told {
        let (offer, by) = told.offers.first().expect("somebody was asked").clone();
        let by = id(&by);
        self.tell(Input::Accepted { offer, by })
    }

    pub(crate) fn decline(&mut self, told: &Told) -> Told {
        let (offer, by) = told.offers.first().expect("somebody was asked").clone();
        let by = id(&by);
        self.tell(Input::Declined { offer, by })
    }

    pub(crate) fn close(&mut self, contact: ContactId) -> Told {
        let by = Author::Software;
        self.tell(Input::Closed { contact, by })
    }

    /// Serves a contact: whoever is asked first takes it and is done at once; answers who.
    pub(crate) fn serve(&mut self) -> String {
        let told = self.open();
        self.accept(&told);
        self.close(told.contact());
        told.offers[0].1.clone()
    }

    /// Who serves so many contacts.
    pub(crate) fn serve_many(&mut self, contacts: usize) -> Vec<String> {
        (0..contacts).map(|_| self.serve()).collect()
    }
}
