//! What would be decided, without deciding it: dry runs, whole explanations, who can be reached.

use std::collections::BTreeSet;

use bereik_core::contact::{Addressee, Customer, Leg};
use bereik_core::explanation::Explanation;
use bereik_core::group::{Requirement, Strategy};
use bereik_core::id::{ContactId, PersonId};
use bereik_core::reachability::Reach;
use bereik_core::{ChannelKind, Directory, Urgency};
use chrono::{DateTime, Utc};

use crate::addressee::{authors, is_known, somebody};
use crate::choose::{Many, choose, prefer};
use crate::contact_state::Contact;
use crate::plan::Plan;
use crate::state::State;

/// A contact that has not come in: what a dry run is asked about.
///
/// ```
/// use bereik_core::contact::Addressee;
/// use bereik_core::group::Requirement;
/// use bereik_core::ChannelKind;
/// use bereik_routing::Question;
///
/// let question = Question::new(Addressee::Group("helpdesk".parse()?), ChannelKind::WebChat)
///     .requiring(Requirement::new("french".parse()?, 3));
/// assert_eq!(question.requires.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "built by embedders as a literal")]
pub struct Question {
    /// Whom it is for.
    pub addressee: Addressee,
    /// Over which kind of channel.
    pub channel: ChannelKind,
    /// What it needs of a person.
    pub requires: Vec<Requirement>,
    /// How pressing it is.
    pub urgency: Urgency,
    /// Who asks: who knows him goes first.
    pub customer: Customer,
}

impl Question {
    /// An everyday question of a customer who says nothing of himself.
    #[must_use]
    pub fn new(addressee: Addressee, channel: ChannelKind) -> Self {
        Self {
            addressee,
            channel,
            requires: Vec::new(),
            urgency: Urgency::Normal,
            customer: Customer::default(),
        }
    }

    /// The same with one more requirement.
    #[must_use]
    pub fn requiring(mut self, requirement: Requirement) -> Self {
        self.requires.push(requirement);
        self
    }

    /// The same with this urgency.
    #[must_use]
    pub const fn with_urgency(mut self, urgency: Urgency) -> Self {
        self.urgency = urgency;
        self
    }

    /// The same from this customer.
    #[must_use]
    pub fn from_customer(mut self, customer: Customer) -> Self {
        self.customer = customer;
        self
    }

    /// The contact that it would be, had it come in at this instant.
    fn contact(&self, at: DateTime<Utc>) -> Contact {
        let mut contact = imagined(at, &self.addressee, self.channel, self.urgency);
        contact.customer = self.customer.clone();
        contact.requires.clone_from(&self.requires);
        contact
    }
}

/// How many of those for whom a contact is can be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "how many, of them free, and when"
)]
pub struct Reachable {
    /// How many can certainly be reached now.
    pub now: u32,
    /// How many of them have a hand free.
    pub free: u32,
    /// When the first of the others becomes reachable, as far as is known.
    pub next_at: Option<DateTime<Utc>>,
}

/// Who would be offered a contact that came in at `at`, with everybody who would not.
pub(crate) fn decide(state: &State, at: DateTime<Utc>, question: &Question) -> Explanation {
    let mut contact = question.contact(at);
    if !is_known(&state.directory, &contact.addressee)
        && let Some(addressee) = somebody(&state.directory)
    {
        contact.addressee = addressee;
    }
    contact.search.due_at = state.clock(&contact).due_after(at);
    whole(state, &contact, at)
}

/// Who would be offered a contact now, with everybody who would not.
pub(crate) fn explain(state: &State, contact: &Contact) -> Explanation {
    whole(state, contact, state.now)
}

fn whole(state: &State, contact: &Contact, at: DateTime<Utc>) -> Explanation {
    let plan = Plan::of(&state.directory, contact);
    let strategy = if contact.is_calamity() {
        Strategy::RingAll
    } else {
        plan.strategy
    };
    let many = Many::of(&plan, strategy, 0);
    let (circle, _) = state.widen(contact, &plan, many, at);
    let mut survey = state.survey_one_by_one(contact, &plan, circle, at);
    state.keep_reserve(contact, &mut survey);
    survey.is_listed = true;
    match state.preferred(contact) {
        Some(person) => prefer(&person, survey, circle),
        None => choose(&plan, many, survey, circle),
    }
}

/// How many of those for whom a contact is can be reached over a channel.
pub(crate) fn reachable(state: &State, addressee: &Addressee, channel: ChannelKind) -> Reachable {
    let mut reachable = Reachable::default();
    for person in people_of(&state.directory, addressee) {
        match state.reachability(person, channel).reach {
            Reach::Now => {
                reachable.now += 1;
                reachable.free += u32::from(state.spare(person, channel) > 0);
            }
            Reach::From(at) if state.now < at => {
                let first = reachable.next_at.map_or(at, |first| first.min(at));
                reachable.next_at = Some(first);
            }
            _ => {}
        }
    }
    reachable
}

/// The people for whom a contact is, each once: not those who are asked in their place.
fn people_of<'a>(directory: &'a Directory, addressee: &'a Addressee) -> BTreeSet<&'a PersonId> {
    match addressee {
        Addressee::Authors(authorship) => authors(directory, authorship).collect(),
        Addressee::Group(group) => directory.members_of(group).iter().collect(),
        Addressee::Person(person) => BTreeSet::from([person]),
        Addressee::Skill(skill) => directory.holders_of(skill).iter().collect(),
        _ => BTreeSet::new(),
    }
}

/// A contact that comes in after all that wait, and that nobody holds.
pub(crate) fn imagined(
    at: DateTime<Utc>,
    addressee: &Addressee,
    channel: ChannelKind,
    urgency: Urgency,
) -> Contact {
    let id = ContactId::new(u64::MAX);
    let leg = Leg::new(channel, None, at);
    let mut contact = Contact::new(id, Customer::default(), addressee.clone(), leg);
    contact.urgency = urgency;
    contact
}
