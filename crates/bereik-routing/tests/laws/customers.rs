//! What is told of customers and incidents, at random, and the laws that hold of it.

use bereik_core::acknowledgement::{Acknowledgement, PromiseKind};
use bereik_core::channel_kind::ChannelKind;
use bereik_core::contact::{Abandonment, ContactState};
use bereik_core::customer::{CustomerProfile, Silence};
use bereik_core::directory::Draft;
use bereik_core::entry::Fact;
use bereik_core::id::{IncidentId, Key, MessageId, NeedId};
use bereik_core::incident::{AfterIncident, IncidentRule};
use bereik_core::message::MessageKind;
use bereik_core::offer::OfferRole;
use bereik_core::triage::{Triage, TriageOption};
use bereik_core::urgency::Urgency;
use bereik_routing::{Effect, Input};
use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};

use super::ledger::Ledger;
use super::trace::{Step, play};
use super::world::{
    Act, Known, PEOPLE, companies, customer, person_id, stories_with_change, urgencies,
};
use super::{audit, cases, nothing, nothing_after};

/// How a company serves its customers; every number is bent into range.
#[derive(Clone, Debug)]
pub(crate) struct Serving {
    reopen_for_s: u32,
    triage_for_s: Option<u32>,
    incident: (u32, u32, bool),
    silence_s: u32,
}

pub(crate) fn servings() -> impl Strategy<Value = Serving> {
    let parts = (
        prop_oneof![Just(0u32), 1u32..100_000],
        proptest::option::of(1u32..120),
        (2u32..5, prop_oneof![Just(0u32), 1u32..3_000], any::<bool>()),
        1u32..300,
    );
    parts.prop_map(
        |(reopen_for_s, triage_for_s, incident, silence_s)| Serving {
            reopen_for_s,
            triage_for_s,
            incident,
            silence_s,
        },
    )
}

impl Serving {
    /// How customers are served: what is asked, joined, kept and let go.
    pub(crate) fn configure(&self, draft: &mut Draft) {
        draft.reopen_for_s = self.reopen_for_s;
        draft.looks_up_customers = true;
        let (contacts, within_s, closes) = self.incident;
        draft.incident = IncidentRule {
            contacts,
            within_s,
            word_for_s: 60,
            after: if closes {
                AfterIncident::Close
            } else {
                AfterIncident::Return
            },
        };
        draft.silence = Silence {
            probe_live_after_s: self.silence_s,
            probe_after_s: self.silence_s,
            abandon_after_s: self.silence_s,
            goes_behind: closes,
        };
        let option = |group: Option<usize>, need: Option<usize>| TriageOption {
            label: "This".into(),
            group: group.map(|group| format!("g{group}").parse().expect("an id")),
            requires: std::vec![],
            need: need.and_then(need_id),
        };
        draft.triage = self.triage_for_s.map(|for_s| Triage {
            question: "What?".into(),
            options: std::vec![option(Some(2), None), option(None, Some(1))],
            for_s,
            words_go_on: closes,
            channels: std::vec![],
        });
    }
}

/// What is told of customers and incidents.
pub(crate) fn acts() -> impl Strategy<Value = Act> {
    let n = || 0usize..4;
    let p = || 0..PEOPLE;
    let maybe = || proptest::option::weighted(0.5, 0..PEOPLE);
    prop_oneof![
        2 => (n(), 0u32..4).prop_map(|(contact, option)| Act::Answer { contact, option }),
        2 => (n(), 1usize..3, p()).prop_map(|(contact, need, by)| Act::Declare { contact, need, by }),
        1 => n().prop_map(|contact| Act::Depart { contact }),
        1 => (1u64..3, p()).prop_map(|(incident, by)| Act::End { incident, by }),
        2 => (n(), 0usize..3, 0usize..3, urgencies(), maybe())
            .prop_map(|(contact, from, need, urgency, owner)| Act::Know { contact, from, need, urgency, owner }),
        1 => (n(), any::<bool>()).prop_map(|(contact, is_mail)| Act::Leg { contact, is_mail }),
        3 => (n(), n(), p()).prop_map(|(from, into, by)| Act::Merge { from, into, by }),
        2 => (n(), 1u64..6, 0usize..3, p()).prop_map(|(contact, message, key, by)| Act::Split { contact, message, key, by }),
        2 => (1u64..3, 0usize..3, p()).prop_map(|(incident, key, by)| Act::Word { incident, key, by }),
        2 => n().prop_map(|contact| Act::Gone { contact, is_back: false }),
    ]
}

/// One of two needs, or none.
pub(crate) fn need_id(number: usize) -> Option<NeedId> {
    let is_one = (1..3).contains(&number);
    is_one.then(|| format!("need-{number}").parse().expect("an id"))
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    /// What waits for an incident is asked of nobody, and its customer was promised the next word.
    #[test]
    fn an_incident_is_offered_once(company in companies(), story in stories_with_change()) {
        let trace = play(&company, &story);
        audit(&trace, nothing, |ledger, step| {
            for (contact, _) in &step.contacts {
                let kept = &ledger.contacts[&contact.id];
                let Some(lead) = ledger.lead_of(contact.id).filter(|_| kept.is_waiting()) else {
                    continue;
                };
                let asks = kept.offers.values().any(|offer| offer.role == OfferRole::Owner);
                prop_assert!(!asks, "{} is offered beside its incident", contact.id);
                let kind = contact.promise.map(|promise| promise.kind);
                prop_assert_eq!(kind, Some(PromiseKind::NextWord), "{} is forgotten", contact.id);
                prop_assert!(lead.is_open && kept.urgency <= lead.urgency);
            }
            Ok(())
        })?;
    }

    /// Each request that joins an open contact is acknowledged, and what is merged goes on in a
    /// contact that is open.
    #[test]
    fn who_joins_is_heard_and_what_is_merged_goes_on(
        company in companies(), story in stories_with_change(),
    ) {
        let trace = play(&company, &story);
        audit(&trace, nothing, |ledger, step| {
            for entry in step.entries() {
                let is_told = || step.effects().any(|effect| matches!(
                    effect,
                    Effect::Acknowledge { contact, acknowledgement: Acknowledgement::AddedToOpen { .. }, .. }
                        if *contact == entry.contact
                ));
                match &entry.fact {
                    Fact::LegAdded { key: Some(_), .. } => prop_assert!(is_told(), "{} joins unheard", entry.contact),
                    Fact::MergedInto { contact: into, .. } => {
                        let (from, into) = (&ledger.contacts[&entry.contact], &ledger.contacts[into]);
                        prop_assert!(into.is_open && from.urgency <= into.urgency);
                        prop_assert!(from.participants.is_empty() && from.offers.is_empty());
                    }
                    Fact::Linked { contact, .. } => prop_assert!(ledger.contacts.contains_key(contact)),
                    _ => {}
                }
            }
            Ok(())
        })?;
    }

    /// Only what nobody has is abandoned; without a sign only after the customer went and was asked
    /// whether he is there, and never a calamity.
    #[test]
    fn nobody_is_let_go_unasked(company in companies(), story in stories_with_change()) {
        let trace = play(&company, &story);
        let mut asked = std::collections::BTreeSet::new();
        let check = |ledger: &Ledger, _: &Step, entry: &bereik_core::entry::Entry| {
            match &entry.fact {
                Fact::Acknowledged { acknowledgement: Acknowledgement::StillThere { .. } } => {
                    asked.insert(entry.contact);
                }
                Fact::CustomerBack => {
                    asked.remove(&entry.contact);
                }
                Fact::Abandoned { how } => {
                    let kept = &ledger.contacts[&entry.contact];
                    let is_silent = *how == Abandonment::Silent;
                    prop_assert!(kept.is_waiting(), "{} is in hands", entry.contact);
                    prop_assert!(!is_silent || asked.contains(&entry.contact));
                    prop_assert!(!is_silent || kept.urgency < Urgency::Calamity);
                }
                _ => {}
            }
            Ok(())
        };
        audit(&trace, check, nothing_after)?;
    }

    /// Triage asks a contact once, and never one that is a calamity.
    #[test]
    fn triage_asks_once(company in companies(), story in stories_with_change()) {
        let trace = play(&company, &story);
        let mut asked = std::collections::BTreeSet::new();
        let check = |ledger: &Ledger, _: &Step, entry: &bereik_core::entry::Entry| {
            if let Fact::Acknowledged { acknowledgement: Acknowledgement::TriageAsked { .. } } = &entry.fact {
                prop_assert!(asked.insert(entry.contact), "{} is asked again", entry.contact);
                prop_assert!(ledger.contacts[&entry.contact].urgency < Urgency::Calamity);
            }
            Ok(())
        };
        audit(&trace, check, |ledger, step| {
            for (contact, _) in step.contacts.iter().filter(|(c, _)| c.state == ContactState::Triage) {
                let kept = &ledger.contacts[&contact.id];
                prop_assert!(kept.offers.is_empty() && kept.urgency < Urgency::Calamity);
            }
            Ok(())
        })?;
    }
}
