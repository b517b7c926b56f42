//! What the engine holds of one contact, and of the search for somebody who takes it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bereik_core::ChannelKind;
use bereik_core::acknowledgement::{Acknowledgement, Promise, PromiseKind};
use bereik_core::agreement::EscalationPolicy;
use bereik_core::contact::{Addressee, ContactState, ContactSummary, Customer, Leg};
use bereik_core::customer::CustomerProfile;
use bereik_core::group::Requirement;
use bereik_core::id::{ContactId, IncidentId, Key, LineId, MessageId, NeedId, OfferId, PersonId};
use bereik_core::message::Author;
use bereik_core::offer::{Offer, Offered, RequestKind};
use bereik_core::triage::TriageOption;
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
/// How many keys of requests that joined a contact are remembered, so that the same request twice
/// is one.
const KEYS_REMEMBERED_MAX: usize = 64;
/// How many ended offers are remembered for a contact, so that a late answer is known as one.
const ENDED_REMEMBERED_MAX: usize = 256;
/// Of how many it is remembered that they took part in a contact.
const HELPERS_MAX: usize = 64;
/// Of how many it is remembered that they were wanted for a calamity and had no hand free.
const BUSY_MAX: usize = 64;
/// How long somebody is not asked again doubles each time, up to a day.
const COOL_DOWN_FOR_S_MAX: i64 = 86_400;

/// What the engine holds of one contact.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Contact {
    pub(crate) id: ContactId,
    /// The keys of the requests that are this contact, the one that opened it first.
    pub(crate) keys: VecDeque<Key>,
    pub(crate) customer: Customer,
    pub(crate) addressee: Addressee,
    /// The kind of channel in use.
    pub(crate) channel: ChannelKind,
    /// Every kind of channel that was in use, the first first; at most one of each.
    /// One for each kind of channel that the customer used, the one that he used last at the end.
    pub(crate) legs: Vec<Leg>,
    pub(crate) page: Option<String>,
    pub(crate) need: Option<NeedId>,
    pub(crate) incident: Option<IncidentId>,
    pub(crate) requires: Vec<Requirement>,
    pub(crate) urgency: Urgency,
    pub(crate) opened_at: DateTime<Utc>,
    /// Fixed when the contact comes in.
    pub(crate) policy: Option<EscalationPolicy>,
    pub(crate) state: ContactState,
    pub(crate) participants: Vec<PersonId>,
    /// Everybody who ever took part.
    pub(crate) helpers: BTreeSet<PersonId>,
    /// Who judged whose help.
    pub(crate) judged: BTreeSet<(PersonId, PersonId)>,
    pub(crate) last_word: Option<(Author, DateTime<Utc>)>,
    pub(crate) last_said: Option<Acknowledgement>,
    pub(crate) promise: Option<Promise>,
    pub(crate) is_customer_there: bool,
    /// Whether the customer went silently and was asked whether he is still there.
    pub(crate) is_probed: bool,
    /// Whether it goes behind, because of that: it is due as mail is.
    pub(crate) is_deferred: bool,
    /// What was asked in triage, while it is waited for.
    pub(crate) triage: Option<Vec<TriageOption>>,
    pub(crate) profile: Option<Box<CustomerProfile>>,
    pub(crate) closed_at: Option<DateTime<Utc>>,
    /// The contact that began with a word to this one, too late to reopen it.
    pub(crate) continued_as: Option<ContactId>,
    pub(crate) messages: VecDeque<(Key, MessageId)>,
    /// In boxes: a node of the tree has room for eleven of them, and most often there is one.
    pub(crate) offers: BTreeMap<OfferId, Box<LiveOffer>>,
    pub(crate) ended: VecDeque<OfferId>,
    pub(crate) search: Search,
    /// Since when somebody has it, while somebody does.
    pub(crate) owned_since: Option<DateTime<Utc>>,
    /// When the wait was first predicted, and the interval in seconds from then, until it is over.
    pub(crate) predicted: Option<(DateTime<Utc>, u32, u32)>,
    pub(crate) colleagues: Colleagues,
    pub(crate) clocks: Clocks,
    pub(crate) call_back: Option<CallBack>,
    pub(crate) voices: Voices,
}

/// Whom those who have a contact ask about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Colleagues {
    /// The requests that are running, by number.
    pub(crate) requests: BTreeMap<u64, Request>,
    /// Who is consulted, and until when.
    pub(crate) consulted: BTreeMap<PersonId, DateTime<Utc>>,
    /// Who transferred the contact and stays for a while.
    pub(crate) former: Option<PersonId>,
}

/// One request to colleagues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) kind: RequestKind,
    pub(crate) whom: Addressee,
    pub(crate) requires: Vec<Requirement>,
    pub(crate) by: Author,
    /// Who was asked and did not take it.
    pub(crate) asked: BTreeSet<PersonId>,
    pub(crate) is_answered: bool,
}

/// What an offer takes of somebody's capacity while it is out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Takes {
    /// A consult.
    Consult,
    /// A contact of the kind in use.
    Contact,
    /// Nothing: he takes part already.
    Nothing,
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
    /// A level of the escalation policy.
    Level,
    /// The request to colleagues with this number.
    Request(u64),
}

impl Way {
    /// Whether it asks for somebody beside who has the contact.
    pub(crate) const fn is_beside(self) -> bool {
        matches!(self, Self::Help | Self::Request(_))
    }
}

/// An offer that is out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LiveOffer {
    pub(crate) offer: Offer,
    pub(crate) way: Way,
    /// Whose capacity it takes while it is out: the person's to whom it goes, himself or over a
    /// line of his own.
    pub(crate) reserves: Option<PersonId>,
    /// How much of it.
    pub(crate) takes: Takes,
}

impl LiveOffer {
    /// Whether the circles put it to somebody over the contact's own channel.
    pub(crate) const fn is_at_desk(&self) -> bool {
        matches!(self.way, Way::Circle) && matches!(self.offer.to, Offered::Person(_))
    }
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
    /// Whether he was asked last over the contact's own channel and let it lapse, which says
    /// nothing of his other lines.
    pub(crate) at_desk: bool,
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
    /// Whether the instant of what was promised last has passed, and nothing is promised since.
    pub(crate) is_broken: bool,
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
    /// Who is wanted for this calamity and had no hand free: he is asked as soon as he has. At most
    /// [`BUSY_MAX`].
    pub(crate) busy: BTreeSet<PersonId>,
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
            busy: BTreeSet::new(),
            has_alerted: false,
            told: Told::default(),
        }
    }

    /// Notes that somebody is wanted who has no hand free.
    pub(crate) fn is_wanted(&mut self, person: &PersonId) {
        if self.busy.len() < BUSY_MAX {
            self.busy.insert(person.clone());
        }
    }

    /// Notes that somebody was asked and did not take it.
    /// He is not asked again for so many seconds, twice as many each time.
    pub(crate) fn cool_down(&mut self, person: &PersonId, for_s: u32, at: DateTime<Utc>) {
        let asked = self.asked.entry(person.clone()).or_insert(Asked {
            times: 0,
            until: at,
            by_level: false,
            at_desk: false,
        });
        (asked.by_level, asked.at_desk) = (false, false);
        let seconds = i64::from(for_s) << asked.times.min(17);
        asked.times = asked.times.saturating_add(1);
        asked.until = later(at, seconds.min(COOL_DOWN_FOR_S_MAX));
    }

    /// Whether somebody cools down because he let it lapse over the contact's own channel.
    pub(crate) fn lapsed_at_desk(&self, person: &PersonId, at: DateTime<Utc>) -> bool {
        let asked = self.asked.get(person);
        asked.is_some_and(|asked| asked.at_desk && at < asked.until)
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
    /// A contact that comes in over this leg and that nobody has, with an everyday urgency.
    pub(crate) fn new(id: ContactId, customer: Customer, addressee: Addressee, leg: Leg) -> Self {
        let (channel, at) = (leg.channel, leg.opened_at);
        Self {
            id,
            keys: VecDeque::new(),
            customer,
            addressee,
            channel,
            legs: vec![leg],
            page: None,
            need: None,
            incident: None,
            requires: Vec::new(),
            urgency: Urgency::Normal,
            opened_at: at,
            policy: None,
            state: ContactState::Queued,
            participants: Vec::new(),
            helpers: BTreeSet::new(),
            judged: BTreeSet::new(),
            owned_since: None,
            colleagues: Colleagues::default(),
            clocks: Clocks::default(),
            call_back: None,
            voices: Voices::new(Urgency::Normal, Urgency::Low, Urgency::Low),
            predicted: None,
            last_word: None,
            last_said: None,
            promise: None,
            is_customer_there: true,
            is_probed: false,
            is_deferred: false,
            triage: None,
            profile: None,
            closed_at: None,
            continued_as: None,
            messages: VecDeque::new(),
            offers: BTreeMap::new(),
            ended: VecDeque::new(),
            search: Search::new(at, at),
        }
    }

    /// The channel that the customer used last.
    pub(crate) fn reply_channel(&self) -> ChannelKind {
        self.legs.last().map_or(self.channel, |leg| leg.channel)
    }

    /// The leg of a contact that goes on where the customer was last heard.
    pub(crate) fn next_leg(&self, at: DateTime<Utc>) -> Leg {
        let line = self.legs.last().and_then(|leg| leg.line.clone());
        Leg::new(self.reply_channel(), line, at)
    }

    /// The channel whose targets count: the one that the customer used last; that of mail, for
    /// somebody who went silently.
    pub(crate) fn timed_channel(&self) -> ChannelKind {
        if self.is_deferred {
            ChannelKind::Email
        } else {
            self.reply_channel()
        }
    }

    /// The instant of the last word, or of the opening.
    pub(crate) fn last_heard_at(&self) -> DateTime<Utc> {
        let word = self.last_word.as_ref().map(|(_, at)| *at);
        let used = self.legs.iter().map(|leg| leg.last_used_at).max();
        word.max(used).unwrap_or(self.opened_at)
    }

    /// Remembers one more request that is this contact; answers which one is forgotten instead.
    pub(crate) fn remember_key(&mut self, key: Key) -> Option<Key> {
        self.keys.push_back(key);
        if self.keys.len() > KEYS_REMEMBERED_MAX {
            return self.keys.pop_front();
        }
        None
    }

    /// Over which channel a message is sent to the customer, who does not read the timeline:
    /// the one that he used last; mail, when a visitor has left the page and gave an address; none, while
    /// he is there.
    pub(crate) fn channel_to_customer(&self) -> Option<ChannelKind> {
        let over = self.channel_of_words();
        if over != ChannelKind::WebChat {
            return Some(over);
        }
        let has_mail = || {
            let mut addresses = self.customer.addresses.iter();
            addresses.any(|address| address.fits(ChannelKind::Email))
        };
        (!self.is_customer_there && has_mail()).then_some(ChannelKind::Email)
    }

    /// The kind of channel in writing that was used last; the one used last at all where none is.
    pub(crate) fn channel_of_words(&self) -> ChannelKind {
        let is_spoken =
            |channel: ChannelKind| matches!(channel, ChannelKind::Meeting | ChannelKind::Phone);
        let mut written = self.legs.iter().rev().filter(|leg| !is_spoken(leg.channel));
        written
            .next()
            .map_or_else(|| self.reply_channel(), |leg| leg.channel)
    }

    /// Notes that something was written: over the channel in use, or the last over which one writes.
    pub(crate) fn hear_over_leg(&mut self, at: DateTime<Utc>) {
        let channel = self.channel_of_words();
        self.use_leg(channel, None, at);
    }

    /// Notes that a kind of channel is used, over this line of ours; over the one used last, where it is
    /// not known. Answers whether it is for the first time.
    pub(crate) fn use_leg(
        &mut self,
        channel: ChannelKind,
        line: Option<LineId>,
        at: DateTime<Utc>,
    ) -> bool {
        // A leg whose line was not known may be the one.
        let is_it = |leg: &Leg| line.is_none() || leg.line.is_none() || leg.line == line;
        let mut legs = self.legs.iter();
        let place = legs.rposition(|leg| leg.channel == channel && is_it(leg));
        let known = place.map(|place| self.legs.remove(place));
        let is_new = known.is_none();
        let mut leg = known.unwrap_or_else(|| Leg::new(channel, None, at));
        leg.line = line.or(leg.line);
        leg.last_used_at = at;
        self.legs.push(leg);
        is_new
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
        !self.offers.is_empty() && live.any(|live| live.reserves.as_ref() == Some(person))
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

    pub(crate) fn remember_helper(&mut self, person: &PersonId) {
        if self.helpers.len() < HELPERS_MAX {
            self.helpers.insert(person.clone());
        }
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
            legs: self.legs.clone(),
            page: self.page.clone(),
            need: self.need.clone(),
            incident: self.incident,
            urgency: self.urgency,
            state: self.state,
            participants: self.participants.clone(),
            opened_at: self.opened_at,
            last_word: self.last_word.clone(),
            promise: State::next_promise(self),
        }
    }
}
