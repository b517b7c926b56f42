//! What the engine holds of one contact, and of the search for somebody who takes it.

use std::collections::{BTreeMap, VecDeque};

use bereik_core::ChannelKind;
use bereik_core::acknowledgement::{Acknowledgement, Promise, PromiseKind};
use bereik_core::agreement::EscalationPolicy;
use bereik_core::contact::{Addressee, ContactState, ContactSummary, Customer};
use bereik_core::group::Requirement;
use bereik_core::id::{ContactId, Key, MessageId, OfferId, PersonId};
use bereik_core::message::Author;
use bereik_core::offer::{Offer, Offered, Outcome};
use bereik_core::urgency::Urgency;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::call_back::CallBack;
use crate::clocks::Clocks;
use crate::state::State;
use crate::target::later;
use crate::voices::Voices;

/// How many keys of messages are remembered for a contact, so that the same message twice is one.
const MESSAGES_REMEMBERED_MAX: usize = 256;
/// How many ended offers are remembered for a contact, so that a late answer is known as one.
const ENDED_REMEMBERED_MAX: usize = 256;
/// Who let an offer lapse, or could not be reached, is not asked again for so long.
const COOL_DOWN_FOR_S: i64 = 120;
/// Who declined is not asked again for so long.
const COOL_DOWN_DECLINED_FOR_S: i64 = 600;
/// Each time doubles it, up to a day.
const COOL_DOWN_FOR_S_MAX: i64 = 86_400;

/// What the engine holds of one contact.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Contact {
    pub(crate) id: ContactId,
    pub(crate) key: Key,
    pub(crate) customer: Customer,
    pub(crate) addressee: Addressee,
    pub(crate) channel: ChannelKind,
    pub(crate) page: Option<String>,
    pub(crate) requires: Vec<Requirement>,
    pub(crate) urgency: Urgency,
    pub(crate) opened_at: DateTime<Utc>,
    /// Fixed when the contact comes in.
    pub(crate) policy: Option<EscalationPolicy>,
    pub(crate) state: ContactState,
    pub(crate) participants: Vec<PersonId>,
    pub(crate) last_word: Option<(Author, DateTime<Utc>)>,
    pub(crate) last_said: Option<Acknowledgement>,
    pub(crate) promise: Option<Promise>,
    pub(crate) is_customer_there: bool,
    pub(crate) messages: VecDeque<(Key, MessageId)>,
    pub(crate) offers: BTreeMap<OfferId, LiveOffer>,
    pub(crate) ended: VecDeque<OfferId>,
    pub(crate) search: Search,
    pub(crate) clocks: Clocks,
    pub(crate) call_back: Option<CallBack>,
    pub(crate) voices: Voices,
}

/// By which way an offer came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Way {
    /// A calamity's own lines.
    Calamity,
    /// The circles of the addressee.
    Circle,
    /// A level of the escalation policy that asks for help with a contact that somebody has.
    Help,
    /// A participant's invitation.
    Invitation,
    /// A level of the escalation policy.
    Level,
}

/// An offer that is out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LiveOffer {
    pub(crate) offer: Offer,
    pub(crate) way: Way,
    /// Whose capacity it takes while it is out: the person's to whom it goes, himself or over a
    /// line of his own.
    pub(crate) reserves: Option<PersonId>,
}

/// How far the escalation policy has been gone through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Escalation {
    /// To its end.
    Exhausted,
    /// Not begun.
    NotStarted,
    /// A level is running.
    Running {
        /// Which, counted from 0.
        level: usize,
        /// Which time the policy is gone through, counted from 1.
        round: u32,
        /// Whether somebody of this round was alerted and let it pass.
        lapsed: bool,
    },
}

/// Who was asked before and did not take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Asked {
    /// How often.
    pub(crate) times: u32,
    /// Not asked again before.
    pub(crate) until: DateTime<Utc>,
    /// Whether it was a level that alerted him last, in vain: a level does so again at once.
    pub(crate) by_level: bool,
}

/// What the customer has been told in this search.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) anything_at: Option<DateTime<Utc>>,
    pub(crate) calamity: bool,
    pub(crate) on_call: bool,
    /// That the alerts did not get through.
    pub(crate) alert_failed: bool,
    /// By when an answer was promised last.
    pub(crate) answer_by: Option<DateTime<Utc>>,
    /// Whether a promise that somebody would be there was given a little grace.
    pub(crate) grace: bool,
}

/// The search for somebody who takes a contact, from the instant when nobody has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Search {
    pub(crate) since: DateTime<Utc>,
    pub(crate) due_at: DateTime<Utc>,
    /// The circle in force, counted from 0.
    pub(crate) circle: u32,
    /// Who is asked before all others.
    pub(crate) prefer: Option<PersonId>,
    pub(crate) asked: BTreeMap<PersonId, Asked>,
    pub(crate) escalation: Escalation,
    /// How many times every way was tried to its end.
    pub(crate) tries: u32,
    /// How often a promised answer was put off.
    pub(crate) renewals: u32,
    /// Whether somebody would be asked but for his capacity.
    pub(crate) is_full: bool,
    /// Whether an alert to somebody on call, or to a calamity line, got through so far.
    pub(crate) has_alerted: bool,
    pub(crate) told: Told,
}

impl Search {
    pub(crate) fn new(since: DateTime<Utc>, due_at: DateTime<Utc>) -> Self {
        Self {
            since,
            due_at,
            circle: 0,
            prefer: None,
            asked: BTreeMap::new(),
            escalation: Escalation::NotStarted,
            tries: 0,
            renewals: 0,
            is_full: false,
            has_alerted: false,
            told: Told::default(),
        }
    }

    /// Notes that somebody was asked and did not take it.
    pub(crate) fn cool_down(&mut self, person: &PersonId, outcome: Outcome, at: DateTime<Utc>) {
        let base = match outcome {
            Outcome::Declined => COOL_DOWN_DECLINED_FOR_S,
            Outcome::Failed | Outcome::Lapsed => COOL_DOWN_FOR_S,
            Outcome::Accepted | Outcome::Withdrawn => return,
        };
        let asked = self.asked.entry(person.clone()).or_insert(Asked {
            times: 0,
            until: at,
            by_level: false,
        });
        asked.by_level = false;
        let seconds = base << asked.times.min(10);
        asked.times = asked.times.saturating_add(1);
        asked.until = later(at, seconds.min(COOL_DOWN_FOR_S_MAX));
    }

    /// Until when somebody is not asked again, if he is cooling down.
    pub(crate) fn cools_until(
        &self,
        person: &PersonId,
        at: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let until = self.asked.get(person)?.until;
        (at < until).then_some(until)
    }
}

impl Contact {
    /// Over which channel a message is sent to the customer, who does not read the timeline:
    /// the contact's own; mail, when a visitor has left the page and gave an address; none, while
    /// he is there.
    pub(crate) fn channel_to_customer(&self) -> Option<ChannelKind> {
        if self.channel != ChannelKind::WebChat {
            return Some(self.channel);
        }
        let has_mail = || {
            let mut addresses = self.customer.addresses.iter();
            addresses.any(|address| address.fits(ChannelKind::Email))
        };
        (!self.is_customer_there && has_mail()).then_some(ChannelKind::Email)
    }

    pub(crate) fn owner(&self) -> Option<&PersonId> {
        self.participants.first()
    }

    /// Open, and nobody has it.
    pub(crate) fn is_waiting(&self) -> bool {
        self.state.is_open() && self.participants.is_empty()
    }

    pub(crate) fn is_calamity(&self) -> bool {
        self.urgency == Urgency::Calamity
    }

    /// The live offers that came about by this way.
    pub(crate) fn offers_by(&self, way: Way) -> impl Iterator<Item = &Offer> {
        let by_way = self.offers.values().filter(move |live| live.way == way);
        by_way.map(|live| &live.offer)
    }

    /// Whether this person was offered the contact and has not answered yet.
    pub(crate) fn has_offer_to(&self, person: &PersonId) -> bool {
        let mut live = self.offers.values();
        live.any(|live| live.reserves.as_ref() == Some(person))
    }

    /// Whether an offer to this person or line is out.
    pub(crate) fn has_offer(&self, to: &Offered) -> bool {
        self.offers.values().any(|live| live.offer.to == *to)
    }

    /// Whether an answer was promised and the instant has not come yet.
    pub(crate) fn has_promise(&self, kind: PromiseKind, at: DateTime<Utc>) -> bool {
        let stands = |promise: &Promise| promise.kind == kind && at < promise.by;
        self.promise.as_ref().is_some_and(stands)
    }

    /// Whether the customer waits for an answer: he wrote last, or never had one.
    pub(crate) const fn is_unanswered(&self) -> bool {
        matches!(self.last_word, Some((Author::Customer, _))) || !self.clocks.is_answered
    }

    pub(crate) fn message(&self, key: &Key) -> Option<MessageId> {
        let known = self.messages.iter().rev().find(|(known, _)| known == key);
        known.map(|(_, id)| *id)
    }

    pub(crate) fn remember_message(&mut self, key: Key, id: MessageId) {
        if self.messages.len() == MESSAGES_REMEMBERED_MAX {
            self.messages.pop_front();
        }
        self.messages.push_back((key, id));
    }

    /// Remembers that an offer ended; answers which one is forgotten instead.
    pub(crate) fn remember_ended(&mut self, id: OfferId) -> Option<OfferId> {
        self.ended.push_back(id);
        if self.ended.len() > ENDED_REMEMBERED_MAX {
            return self.ended.pop_front();
        }
        None
    }

    pub(crate) fn summary(&self) -> ContactSummary {
        ContactSummary {
            id: self.id,
            customer: self.customer.clone(),
            addressee: self.addressee.clone(),
            channel: self.channel,
            page: self.page.clone(),
            urgency: self.urgency,
            state: self.state,
            participants: self.participants.clone(),
            opened_at: self.opened_at,
            last_word: self.last_word.clone(),
            promise: State::next_promise(self),
        }
    }
}
