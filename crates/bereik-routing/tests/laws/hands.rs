//! Laws of what people hold, and of what is asked of colleagues.

use std::collections::BTreeMap;

use bereik_core::channel_kind::ChannelKind;
use bereik_core::entry::{Entry, Fact};
use bereik_core::group::Requirement;
use bereik_core::message::Author;
use bereik_core::offer::{Offer, OfferRole, Offered, Outcome, RequestEnd, RequestKind};
use bereik_core::urgency::Urgency;
use bereik_routing::Input;
use proptest::collection::vec;
use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};

use super::ledger::Ledger;
use super::trace::{Step, Trace, play};
use super::world::{Act, Known, PEOPLE, Story, addressee, person_id, teams, waits};
use super::{Checked, audit, cases, nothing_after};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    /// Invariant 4 again, where much is asked of colleagues and contacts go over to the phone.
    #[test]
    fn nobody_is_above_capacity_among_colleagues(
        company in teams(), story in stories_among_colleagues(),
    ) {
        check_capacity(&play(&company, &story))?;
    }

    /// Invariant 11 in its first half: somebody has a contact until another one accepted it, he
    /// leaves, or he stays away.
    #[test]
    fn an_owner_keeps_a_contact_until_a_successor_accepted(
        company in teams(), story in stories_among_colleagues(),
    ) {
        let trace = play(&company, &story);
        let check = |ledger: &Ledger, step: &Step, entry: &Entry| {
            let Some(kept) = ledger.contacts.get(&entry.contact) else { return Ok(()) };
            match &entry.fact {
                Fact::OwnerChanged { person } => {
                    prop_assert!(kept.participants.contains(person), "{person} is not there");
                    let accepted = matches!(&step.input, Input::Accepted { by, .. } if by == person);
                    prop_assert!(accepted, "{person} did not accept");
                }
                Fact::RequestEnded { kind: RequestKind::Transfer, end: RequestEnd::Nobody, .. } => {
                    prop_assert!(!kept.participants.is_empty(), "a transfer comes back to nobody");
                }
                _ => {}
            }
            Ok(())
        };
        audit(&trace, check, |ledger, step| {
            check_taken(ledger, step)?;
            for (contact, _) in &step.contacts {
                let kept = &ledger.contacts[&contact.id];
                prop_assert_eq!(kept.channel, contact.channel);
                prop_assert_eq!(&kept.addressee, &contact.addressee);
                if kept.is_open {
                    prop_assert_eq!(&kept.participants, &contact.participants);
                }
                let is_left_alone = kept.is_waiting() && !kept.consulted.is_empty();
                prop_assert!(!is_left_alone, "{} is consulted on and nobody has it", contact.id);
                prop_assert!(kept.is_open || kept.consulted.is_empty());
            }
            Ok(())
        })?;
    }

    /// Wrap-up belongs to the person: nobody is offered anything live in it, but a calamity.
    #[test]
    fn nobody_is_offered_live_contacts_while_he_wraps_up(
        company in teams(), story in stories_among_colleagues(),
    ) {
        let trace = play(&company, &story);
        let mut wraps_up = BTreeMap::new();
        let check = |ledger: &Ledger, _: &Step, entry: &Entry| {
            wraps_up.retain(|_, until| entry.at < *until);
            match &entry.fact {
                Fact::WrappingUp { person, until } => {
                    let until = (*until).max(wraps_up.get(person).copied().unwrap_or(*until));
                    wraps_up.insert(person.clone(), until);
                }
                Fact::WrappedUp { person } => {
                    wraps_up.remove(person);
                }
                Fact::Offered { offer: Offer { to: Offered::Person(person), .. } } => {
                    let kept = &ledger.contacts[&entry.contact];
                    let is_live = kept.channel.is_live() && kept.urgency != Urgency::Calamity;
                    prop_assert!(!is_live || !wraps_up.contains_key(person), "{person} wraps up");
                }
                _ => {}
            }
            Ok(())
        };
        audit(&trace, check, nothing_after)?;
    }
}

/// Whoever accepts is from then on what he was asked to be.
fn check_taken(ledger: &Ledger, step: &Step) -> Checked {
    let Input::Accepted { offer: taken, by } = &step.input else {
        return Ok(());
    };
    let is_accepted = |entry: &&Entry| {
        let accepted = Outcome::Accepted;
        matches!(entry.fact, Fact::OfferEnded { offer, outcome } if offer == *taken && outcome == accepted)
    };
    let Some(entry) = step.entries().find(is_accepted) else {
        return Ok(());
    };
    let kept = &ledger.contacts[&entry.contact];
    let is_there = match ledger.roles[taken] {
        OfferRole::Consultant => kept.consulted.contains(by),
        OfferRole::Participant => kept.participants.contains(by),
        _ => kept.participants.first() == Some(by),
    };
    prop_assert!(
        is_there,
        "{by} accepted {taken} and is not what he was asked to be"
    );
    Ok(())
}

/// Whoever joins, is consulted, goes over to another channel or is offered something holds no more
/// than he can by it, of any kind and in all, with all that he is offered. A smaller directory, or a
/// call that fails, may have left him with more before.
pub(crate) fn check_capacity(trace: &Trace) -> Checked {
    let mut ledger = Ledger::new(trace.directory.clone());
    for step in &trace.steps {
        ledger.hear(&step.input);
        for entry in step.entries() {
            let (people, with_offers) = match &entry.fact {
                Fact::Joined { person } | Fact::ConsultBegan { person } => {
                    (vec![person.clone()], false)
                }
                Fact::HandedOver { .. } => {
                    let kept = &ledger.contacts[&entry.contact];
                    (kept.participants.clone(), false)
                }
                Fact::Offered { offer } => match &offer.to {
                    Offered::Person(person) => (vec![person.clone()], true),
                    Offered::Line(_) => (Vec::new(), true),
                },
                _ => (Vec::new(), false),
            };
            let too_much = |ledger: &Ledger| {
                let much = people
                    .iter()
                    .map(|person| ledger.too_much(person, with_offers));
                much.collect::<Vec<_>>()
            };
            let before = too_much(&ledger);
            ledger.enter(entry);
            for (before, after) in before.into_iter().zip(too_much(&ledger)) {
                let at = entry.number;
                prop_assert!(before.is_some() || after.is_none(), "{after:?} at {at}");
            }
        }
    }
    Ok(())
}

/// Stories of one group in which colleagues are asked, contacts go over to the phone, and people
/// come and go.
pub(crate) fn stories_among_colleagues() -> impl Strategy<Value = Story> {
    let open = |urgency| Act::Open {
        whom: 0,
        from: 1,
        urgency,
        by_mail: false,
        sews: false,
        again: false,
        need: 0,
    };
    let n = || 0usize..3;
    let p = || 0..PEOPLE;
    let accept = |offer| Act::Accept { offer, by: None };
    let how = prop_oneof![6 => Just(0usize), 1 => Just(4usize), 2 => Just(5usize)];
    let ask = (n(), 0usize..3, 0usize..8).prop_map(|(contact, kind, whom)| Act::Ask {
        contact,
        kind,
        whom,
        by: None,
        sews: false,
    });
    let act = prop_oneof![
        9 => Just(open(Urgency::Normal)),
        12 => (0usize..3).prop_map(accept),
        2 => (0usize..3).prop_map(|offer| Act::Decline { offer }),
        1 => (0usize..3, Just(None)).prop_map(|(offer, by)| Act::TakeBack { offer, by }),
        8 => ask,
        4 => (n(), any::<bool>()).prop_map(|(contact, to_phone)| Act::HandOver { contact, to_phone, by: None }),
        1 => n().prop_map(|contact| Act::CallFailed { contact }),
        2 => (n(), p()).prop_map(|(contact, by)| Act::Close { contact, by }),
        2 => (n(), p()).prop_map(|(contact, person)| Act::Leave { contact, person }),
        6 => (p(), how).prop_map(|(person, how)| Act::Reach { person, how }),
        1 => (p(), Just(0)).prop_map(|(person, more_s)| Act::WrapUp { person, more_s }),
        2 => (n(), 0usize..9).prop_map(|(contact, key)| Act::Say { contact, by: None, key }),
        1 => n().prop_map(|contact| Act::Reopen { contact }),
    ];
    let pauses = prop_oneof![6 => 0i64..15, 1 => waits()];
    let day = vec((pauses, act), 10..60);
    day.prop_map(|mut story| {
        let come = (0..PEOPLE).map(|person| (0, Act::Reach { person, how: 0 }));
        story.splice(0..0, come);
        story
    })
}

/// The input that an act around colleagues means.
pub(crate) fn input(known: &Known, act: &Act) -> Option<Input> {
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
