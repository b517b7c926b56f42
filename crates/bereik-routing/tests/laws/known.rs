//! The inputs that acts mean, by what was opened and offered so far.

use std::collections::BTreeMap;

use bereik_core::channel_kind::{ChannelKind, PerChannel};
use bereik_core::contact::{Addressee, Authorship};
use bereik_core::customer::CustomerProfile;
use bereik_core::group::Requirement;
use bereik_core::id::{ContactId, IncidentId, Key, MessageId, OfferId, PersonId};
use bereik_core::message::{Author, MessageKind};
use bereik_core::reachability::{Reach, ReachReason, Reachability};
use bereik_routing::{Input, Opening};
use chrono::{DateTime, TimeDelta, Utc};

use super::act::{Act, addressee, customer, need_id};
use super::company::person_id;

/// What the acts refer to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub(crate) contacts: Vec<ContactId>,
    pub(crate) offers: Vec<(OfferId, PersonId)>,
    /// Who had each contact last.
    pub(crate) owners: BTreeMap<ContactId, PersonId>,
    pub(crate) opened: usize,
}

fn row(how: usize, at: DateTime<Utc>) -> PerChannel<Reachability> {
    let back = Reach::From(at + TimeDelta::seconds(1_800));
    let (reach, reason) = match how {
        0..=3 => (Reach::Now, ReachReason::Available),
        4 => (Reach::Never, ReachReason::NoDesk),
        5 => (back, ReachReason::OffDuty),
        6 => (Reach::OnCall, ReachReason::OnCall),
        7 => (Reach::Unknown, ReachReason::Unknown),
        _ => (back, ReachReason::Busy),
    };
    PerChannel::from_fn(|kind| match (kind, reach) {
        (ChannelKind::Voicemail, _) => Reachability::NO_LINE,
        _ => Reachability { reach, reason },
    })
}

fn author(by: &Option<usize>) -> Author {
    by.map_or(Author::Customer, |by| Author::Person(person_id(by)))
}

impl Known {
    pub(crate) fn contact(&self, number: usize) -> Option<ContactId> {
        let back = number % self.contacts.len().max(1);
        self.contacts.iter().rev().nth(back).copied()
    }

    fn offer(&self, number: usize) -> Option<(OfferId, PersonId)> {
        let back = number % self.offers.len().max(1);
        self.offers.iter().rev().nth(back).cloned()
    }

    /// The input that an act means at this instant; time passing, where it refers to nothing.
    pub(crate) fn input(&mut self, act: &Act, at: DateTime<Utc>) -> Input {
        self.try_input(act, at).unwrap_or(Input::Advanced)
    }

    fn try_input(&mut self, act: &Act, at: DateTime<Utc>) -> Option<Input> {
        Some(match act {
            Act::Accept { offer, by } => {
                let (offer, to) = self.offer(*offer)?;
                let by = by.map_or(to, person_id);
                Input::Accepted { offer, by }
            }
            Act::Decline { offer } => {
                let (offer, by) = self.offer(*offer)?;
                Input::Declined { offer, by }
            }
            Act::Fail { offer } => Input::Failed {
                offer: self.offer(*offer)?.0,
            },
            Act::Open { .. } => Input::Opened(Box::new(self.opening(act))),
            Act::Reach { person, how } => Input::Reachability {
                person: person_id(*person),
                row: row(*how, at),
            },
            Act::Replace(company) => Input::DirectoryReplaced(Box::new(company.directory())),
            Act::TakeBack { offer, by } => Input::Withdrawn {
                offer: self.offer(*offer)?.0,
                by: by.map_or(Author::Software, |by| Author::Person(person_id(by))),
            },
            Act::Wait => Input::Advanced,
            Act::WrapUp { person, more_s } => {
                let person = person_id(*person);
                match *more_s {
                    0 => Input::WrappedUp { person },
                    for_s => Input::WrapUpProlonged { person, for_s },
                }
            }
            act => self
                .about_contact(act, at)
                .or_else(|| self.about_customer(act))?,
        })
    }

    fn about_contact(&self, act: &Act, at: DateTime<Utc>) -> Option<Input> {
        let contact = |number: &usize| self.contact(*number);
        Some(match act {
            Act::Claim { contact: c, by } => Input::Claimed {
                contact: contact(c)?,
                by: person_id(*by),
            },
            Act::Close { contact: c, by } => Input::Closed {
                contact: contact(c)?,
                by: Author::Person(person_id(*by)),
            },
            Act::Gone {
                contact: c,
                is_back,
            } => {
                let contact = contact(c)?;
                if *is_back {
                    Input::CustomerBack { contact }
                } else {
                    Input::CustomerGone { contact }
                }
            }
            Act::Leave { contact: c, person } => Input::Left {
                contact: contact(c)?,
                person: person_id(*person),
            },
            Act::Name { contact: c, from } => Input::CustomerNamed {
                contact: contact(c)?,
                customer: customer(*from),
            },
            Act::Phone { contact: c } => Input::PhoneAsked {
                contact: contact(c)?,
                by: Author::Customer,
            },
            Act::Reopen { contact: c } => Input::Reopened {
                contact: contact(c)?,
                by: Author::Customer,
            },
            Act::Say {
                contact: c,
                by,
                key,
            } => Input::Said {
                contact: contact(c)?,
                key: Key::parse(&format!("say-{key}")).expect("a key"),
                author: author(by),
                kind: MessageKind::Text,
            },
            act => self.about_time(act, at)?,
        })
    }

    fn about_time(&self, act: &Act, at: DateTime<Utc>) -> Option<Input> {
        let contact = |number: &usize| self.contact(*number);
        Some(match act {
            Act::Call {
                contact: c,
                by,
                in_s,
            } => {
                let (contact, by) = (contact(c)?, person_id(*by));
                match in_s {
                    Some(in_s) => Input::CallBackPromised {
                        contact,
                        by,
                        at: at + TimeDelta::seconds(*in_s),
                    },
                    None => Input::CallBackKept { contact, by },
                }
            }
            Act::Replan { contact: c } => Input::Replanned {
                contact: contact(c)?,
                by: Author::Software,
            },
            Act::Urgency {
                contact: c,
                urgency,
                by,
            } => Input::UrgencyChanged {
                contact: contact(c)?,
                urgency: *urgency,
                by: author(by),
                reason: Some("works-around-it".parse().expect("a reason")),
            },
            act => among_colleagues(self, act)?,
        })
    }

    fn opening(&mut self, act: &Act) -> Opening {
        let Act::Open {
            whom,
            from,
            urgency,
            by_mail,
            sews,
            again,
            need,
        } = act
        else {
            panic!("only an opening opens");
        };
        if !again || self.opened == 0 {
            self.opened += 1;
        }
        let key = Key::parse(&format!("open-{}", self.opened)).expect("a key");
        let channel = match (by_mail, need) {
            (_, 3..) => ChannelKind::Social,
            (true, _) => ChannelKind::Email,
            (false, _) => ChannelKind::WebChat,
        };
        let mut opening = Opening::new(key, customer(*from), channel).with_urgency(*urgency);
        opening.need = need_id(*need);
        opening.addressee = match whom {
            0..8 => Some(addressee(*whom)),
            8 => Some(Addressee::Skill("sewing".parse().expect("an id"))),
            9 => {
                let people = std::vec![person_id(*from), person_id(from + 1)];
                let sewing = "sewing".parse().expect("an id");
                let authorship = Authorship::of("patterns", people).about(sewing);
                Some(Addressee::Authors(Box::new(authorship)))
            }
            _ => None,
        };
        if *sews {
            opening = opening.from_page("/sewing/machines");
        }
        opening
    }
}

impl Known {
    pub(crate) fn about_customer(&self, act: &Act) -> Option<Input> {
        let contact = |number: &usize| self.contact(*number);
        Some(match act {
            Act::Answer { contact: c, option } => Input::TriageAnswered {
                contact: contact(c)?,
                option: *option,
            },
            Act::Declare {
                contact: c,
                need,
                by,
            } => Input::IncidentDeclared {
                need: need_id(*need)?,
                contact: contact(c)?,
                by: person_id(*by),
            },
            Act::Depart { contact: c } => Input::CustomerLeft {
                contact: contact(c)?,
            },
            Act::End { incident, by } => Input::IncidentClosed {
                incident: IncidentId::new(*incident),
                by: person_id(*by),
            },
            act => self.about_profile(act)?,
        })
    }

    fn about_profile(&self, act: &Act) -> Option<Input> {
        let contact = |number: &usize| self.contact(*number);
        Some(match act {
            Act::Know {
                contact: c,
                from,
                need,
                urgency,
                owner,
            } => Input::CustomerKnown {
                contact: contact(c)?,
                profile: Box::new(CustomerProfile {
                    addresses: customer(*from).addresses,
                    critical: need_id(*need)
                        .map(|need| (need, *urgency))
                        .into_iter()
                        .collect(),
                    owner: owner.map(person_id),
                    ..CustomerProfile::default()
                }),
            },
            Act::Leg {
                contact: c,
                is_mail,
            } => Input::LegUsed {
                contact: contact(c)?,
                channel: if *is_mail {
                    ChannelKind::Email
                } else {
                    ChannelKind::Social
                },
                line: is_mail.then(|| "mailbox".parse().expect("an id")),
            },
            Act::Merge { from, into, by } => Input::Merged {
                from: contact(from)?,
                into: contact(into)?,
                by: person_id(*by),
            },
            Act::Split {
                contact: c,
                message,
                key,
                by,
            } => Input::Split {
                contact: contact(c)?,
                messages: std::vec![MessageId::new(*message)],
                key: Key::parse(&format!("split-{key}")).expect("a key"),
                by: person_id(*by),
            },
            Act::Word { incident, key, by } => Input::IncidentWord {
                incident: IncidentId::new(*incident),
                key: Key::parse(&format!("word-{key}")).expect("a key"),
                kind: MessageKind::Text,
                by: person_id(*by),
            },
            _ => return None,
        })
    }
}

/// The input that an act around colleagues means.
fn among_colleagues(known: &Known, act: &Act) -> Option<Input> {
    let phone = ChannelKind::Phone;
    Some(match act {
        Act::Ask { .. } => request(known, act)?,
        Act::CallFailed { contact } => Input::HandOverFailed {
            contact: known.contact(*contact)?,
            channel: phone,
        },
        Act::HandOver {
            contact,
            to_phone,
            by,
        } => Input::HandedOver {
            contact: known.contact(*contact)?,
            channel: if *to_phone {
                phone
            } else {
                ChannelKind::WebChat
            },
            address: None,
            line: None,
            by: by.map_or(Author::Customer, |by| Author::Person(person_id(by))),
        },
        _ => return None,
    })
}

fn request(known: &Known, act: &Act) -> Option<Input> {
    let Act::Ask {
        contact,
        kind,
        whom,
        by,
        sews,
    } = act
    else {
        panic!("only a request asks");
    };
    let contact = known.contact(*contact)?;
    let owner = || known.owners.get(&contact).cloned();
    let by = by.map(person_id).or_else(owner)?;
    let whom = addressee(*whom);
    let sewing = Requirement {
        skill: "sewing".parse().expect("an id"),
        at_least: 1,
        is_soft: false,
    };
    let requires: Vec<_> = sews.then_some(sewing).into_iter().collect();
    Some(match kind {
        0 => Input::Consulted {
            contact,
            whom,
            requires,
            by,
        },
        1 => Input::Invited {
            contact,
            whom,
            requires,
            by,
        },
        _ => Input::Transferred {
            contact,
            whom,
            requires,
            by,
        },
    })
}
