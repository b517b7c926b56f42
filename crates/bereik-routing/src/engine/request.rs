//! Requests to colleagues: to be consulted, to join, to take a contact over. Whoever has the contact
//! keeps it meanwhile.

use bereik_core::Acknowledgement;
use bereik_core::contact::Addressee;
use bereik_core::entry::Fact;
use bereik_core::explanation::{ExcludedBy, Explanation};
use bereik_core::group::Requirement;
use bereik_core::id::{ContactId, OfferId, PersonId};
use bereik_core::message::Author;
use bereik_core::offer::{OfferRole, Offered, Outcome, RequestEnd, RequestKind};
use bereik_core::reachability::Reach;

use crate::answer::{Answer, Refusal};
use crate::choose::{Many, choose};
use crate::contact_state::{Colleagues, Contact, Request, Takes, Way};
use crate::deadline::Timer;
use crate::eligible::Survey;
use crate::engine::converse::PARTICIPANTS_MAX;
use crate::plan::Plan;
use crate::state::State;
use crate::target::later;

/// The most requests that run for one contact.
const REQUESTS_MAX: usize = 8;

impl Colleagues {
    /// Nothing runs and nobody is consulted.
    pub(crate) fn is_empty(&self) -> bool {
        self.requests.is_empty() && self.consulted.is_empty() && self.former.is_none()
    }

    /// Notes what became of an offer of a request.
    pub(crate) fn note(&mut self, request: u64, person: &PersonId, outcome: Outcome) {
        let Some(request) = self.requests.get_mut(&request) else {
            return;
        };
        if outcome == Outcome::Accepted {
            request.is_answered = true;
        } else {
            request.asked.insert(person.clone());
        }
    }

    fn has(&self, kind: RequestKind) -> bool {
        self.requests.values().any(|request| request.kind == kind)
    }
}

impl State {
    /// What an offer that comes about this way makes of a person, and what it takes of him.
    pub(crate) fn role_by(
        &self,
        contact: ContactId,
        way: Way,
        person: Option<&PersonId>,
    ) -> (OfferRole, Takes) {
        let contact = self.held(contact);
        let number = match way {
            Way::Request(number) => number,
            Way::Help => return (OfferRole::Participant, Takes::Contact),
            Way::Calamity | Way::Circle | Way::Level => return (OfferRole::Owner, Takes::Contact),
        };
        let request = contact.colleagues.requests.get(&number);
        let takes_part = person.is_some_and(|person| contact.participants.contains(person));
        match request.map(|request| request.kind) {
            Some(RequestKind::Consult) => (OfferRole::Consultant, Takes::Consult),
            Some(RequestKind::Transfer) if takes_part => (OfferRole::Successor, Takes::Nothing),
            Some(RequestKind::Transfer) => (OfferRole::Successor, Takes::Contact),
            _ => (OfferRole::Participant, Takes::Contact),
        }
    }

    /// A participant asks colleagues about a contact.
    pub(super) fn ask_colleagues(
        &mut self,
        id: ContactId,
        kind: RequestKind,
        whom: Addressee,
        requires: Vec<Requirement>,
        by: &PersonId,
    ) -> Answer {
        let asks = Author::Person(by.clone());
        if let Err(refusal) = self.may_ask(id, kind, by) {
            return Answer::Refused(refusal);
        }
        match self.can_be_asked(id, kind, &whom) {
            Ok(true) => {}
            Ok(false) => return self.late(id, None, asks),
            Err(refusal) => return Answer::Refused(refusal),
        }
        self.request(id, kind, whom, requires, asks);
        Answer::Done
    }

    /// Whether somebody may make such a request at all.
    fn may_ask(&self, id: ContactId, kind: RequestKind, by: &PersonId) -> Result<(), Refusal> {
        let contact = self.held(id);
        let colleagues = &contact.colleagues;
        let is_full = match kind {
            RequestKind::Consult => colleagues.consulted.len() >= PARTICIPANTS_MAX,
            _ => contact.participants.len() >= PARTICIPANTS_MAX,
        };
        if !contact.state.is_open() {
            Err(Refusal::ContactClosed)
        } else if !contact.participants.contains(by) {
            Err(Refusal::NotAParticipant)
        } else if kind == RequestKind::Transfer && contact.owner() != Some(by) {
            Err(Refusal::NotTheOwner)
        } else if is_full {
            Err(Refusal::ConversationFull)
        } else if colleagues.requests.len() >= REQUESTS_MAX {
            Err(Refusal::TooManyRequests)
        } else {
            Ok(())
        }
    }

    /// Whether this addressee can be asked; `Ok(false)` when he is being asked, or there, already.
    fn can_be_asked(
        &self,
        id: ContactId,
        kind: RequestKind,
        whom: &Addressee,
    ) -> Result<bool, Refusal> {
        let contact = self.held(id);
        let mut requests = contact.colleagues.requests.values();
        let runs = requests.any(|request| request.kind == kind && request.whom == *whom);
        let is_pending = kind == RequestKind::Transfer && contact.colleagues.has(kind);
        if let Addressee::Person(person) = whom {
            if self.directory.person(person).is_none() {
                return Err(Refusal::UnknownPerson);
            }
            let takes_part = contact.participants.contains(person);
            let is_there = match kind {
                RequestKind::Consult => {
                    takes_part || contact.colleagues.consulted.contains_key(person)
                }
                RequestKind::Transfer => contact.owner() == Some(person),
                _ => takes_part,
            };
            if runs || is_there || contact.has_offer_to(person) {
                return Ok(false);
            }
        } else if !self.is_somebody(contact, whom) {
            return Err(Refusal::UnknownAddressee);
        }
        match whom {
            _ if runs => Ok(false),
            _ if is_pending => Err(Refusal::TransferPending),
            Addressee::Person(person) => self.reaches_colleague(contact, kind, person),
            _ => Ok(true),
        }
    }

    fn is_somebody(&self, contact: &Contact, whom: &Addressee) -> bool {
        let shadow = shadow(contact, whom, &[]);
        let plan = Plan::of(&self.directory, &shadow);
        plan.everybody().next().is_some()
    }

    /// Whether a colleague asked by name can be reached and has a hand free for it.
    fn reaches_colleague(
        &self,
        contact: &Contact,
        kind: RequestKind,
        person: &PersonId,
    ) -> Result<bool, Refusal> {
        let takes_part = contact.participants.contains(person);
        let has_room = match kind {
            RequestKind::Consult => self.spare_consults(person) > 0,
            RequestKind::Transfer if takes_part => true,
            _ => self.spare(person, contact.channel) > 0,
        };
        if self.reachability(person, contact.channel).reach != Reach::Now {
            Err(Refusal::NotReachable)
        } else if self.wraps_up_until(contact, person).is_some() {
            Err(Refusal::WrappingUp)
        } else if !has_room {
            Err(Refusal::AtCapacity)
        } else {
            Ok(true)
        }
    }

    /// Begins a request and asks the first.
    pub(super) fn request(
        &mut self,
        id: ContactId,
        kind: RequestKind,
        whom: Addressee,
        requires: Vec<Requirement>,
        by: Author,
    ) {
        self.counters.request += 1;
        let number = self.counters.request;
        self.enter(
            id,
            Fact::Requested {
                kind,
                whom: whom.clone(),
                requires: requires.clone(),
                by: by.clone(),
            },
        );
        let request = Request {
            kind,
            whom,
            requires,
            by,
            asked: std::collections::BTreeSet::new(),
            is_answered: false,
        };
        let requests = &mut self.change(id).colleagues.requests;
        requests.insert(number, request);
        self.continue_request(id, number);
    }

    /// Asks the next, where nobody of a request is being asked any longer, or ends it.
    pub(crate) fn continue_requests(&mut self, id: ContactId) {
        let requests = self.held(id).colleagues.requests.keys();
        let numbers: Vec<u64> = requests.copied().collect();
        for number in numbers {
            self.continue_request(id, number);
        }
    }

    fn continue_request(&mut self, id: ContactId, number: u64) {
        let contact = self.held(id);
        let way = Way::Request(number);
        let Some(request) = contact.colleagues.requests.get(&number) else {
            return;
        };
        if contact.offers_by(way).next().is_some() {
            return;
        }
        if request.is_answered || contact.is_waiting() {
            let end = if request.is_answered {
                RequestEnd::Answered
            } else {
                RequestEnd::Withdrawn
            };
            self.end_request(id, number, end);
            return;
        }
        let offer_for_s = self.request_for_s(contact, request);
        let until = later(self.now, offer_for_s.into());
        let explanation = self.choose_colleagues(contact, request);
        let chosen = explanation.chosen.clone();
        let is_by_name = matches!(request.whom, Addressee::Person(_));
        if !is_by_name {
            self.enter(id, Fact::Chosen { explanation });
        }
        if chosen.is_empty() {
            self.end_request(id, number, RequestEnd::Nobody);
        }
        for person in chosen {
            let to = Offered::Person(person.clone());
            self.offer(id, to, way, until, Some(person));
        }
    }

    fn request_for_s(&self, contact: &Contact, request: &Request) -> u32 {
        let hands = &self.directory.draft().hands;
        let of = |contact: &Contact| Plan::of(&self.directory, contact).offer_for_s;
        match (request.kind, &request.whom) {
            (RequestKind::Consult, _) => hands.consult_offer_for_s,
            (_, Addressee::Person(_)) => of(contact),
            (_, whom) => of(&shadow(contact, whom, &[])),
        }
    }

    /// Who is asked next, and why not the others. Only who is certainly there is asked.
    fn choose_colleagues(&self, contact: &Contact, request: &Request) -> Explanation {
        if let Addressee::Person(person) = &request.whom {
            let can_be = !request.asked.contains(person)
                && !contact.has_offer_to(person)
                && self.reaches_colleague(contact, request.kind, person) == Ok(true);
            return Explanation {
                chosen: can_be.then(|| person.clone()).into_iter().collect(),
                ..Explanation::default()
            };
        }
        let is_consult = request.kind == RequestKind::Consult;
        let mut shadow = shadow(contact, &request.whom, &request.requires);
        if is_consult {
            let consulted = contact.colleagues.consulted.keys();
            shadow.participants.extend(consulted.cloned());
        }
        let plan = Plan::of(&self.directory, &shadow);
        let mut survey = self.survey_one_by_one(&shadow, &plan, 0, self.now);
        if is_consult {
            self.count_consults(&shadow, &plan, &mut survey);
        }
        self.leave_out(contact, request, &mut survey);
        survey.counts.free = u32::try_from(survey.eligible.len()).unwrap_or(u32::MAX);
        let most = usize::from(self.directory.draft().hands.consult_asked_max);
        let many = match Many::of(&plan, plan.strategy, 0) {
            many @ Many::AtMost(_) if !is_consult => many,
            _ => Many::AtMost(most),
        };
        choose(&plan, many, survey, 0)
    }

    /// Who is full of contacts may be consulted still, and who is consulted enough may not.
    fn count_consults(&self, shadow: &Contact, plan: &Plan<'_>, survey: &mut Survey) {
        let excluded = std::mem::take(&mut survey.excluded);
        for (person, why) in excluded {
            if why == ExcludedBy::AtCapacity && self.can_be_reached(shadow, &person) {
                let candidate = self.candidate(shadow, plan, &person, 0, self.now);
                survey.eligible.push(candidate);
            } else {
                survey.excluded.push((person, why));
            }
        }
        let eligible = std::mem::take(&mut survey.eligible);
        for candidate in eligible {
            if self.spare_consults(&candidate.person) > 0 {
                survey.eligible.push(candidate);
            } else {
                let full = (candidate.person, ExcludedBy::AtCapacity);
                survey.excluded.push(full);
            }
        }
    }

    /// Leaves out who was asked before, and who is only perhaps there.
    fn leave_out(&self, contact: &Contact, request: &Request, survey: &mut Survey) {
        let eligible = std::mem::take(&mut survey.eligible);
        for candidate in eligible {
            let person = &candidate.person;
            if request.asked.contains(person) {
                let asked = (person.clone(), ExcludedBy::AskedBefore);
                survey.excluded.push(asked);
            } else if !candidate.is_certain {
                let reason = self.reachability(person, contact.channel).reason;
                let perhaps = (person.clone(), ExcludedBy::NotReachable(reason));
                survey.excluded.push(perhaps);
            } else {
                survey.eligible.push(candidate);
            }
        }
    }

    /// Ends a request, and takes back what is out of it. Whoever took a contact over for a group
    /// took it over to there.
    pub(super) fn end_request(&mut self, id: ContactId, number: u64, end: RequestEnd) {
        let way = Way::Request(number);
        self.withdraw(id, |live| live.way == way);
        let Some(request) = self.change(id).colleagues.requests.remove(&number) else {
            return;
        };
        let Request { kind, whom, .. } = request;
        let is_taken_over = kind == RequestKind::Transfer && end == RequestEnd::Answered;
        if is_taken_over && !matches!(whom, Addressee::Person(_)) {
            self.change(id).addressee = whom.clone();
        }
        self.enter(id, Fact::RequestEnded { kind, whom, end });
    }

    /// Ends the requests that `which` names, nobody having taken them.
    pub(super) fn withdraw_requests(&mut self, id: ContactId, which: impl Fn(&Request) -> bool) {
        let requests = self.held(id).colleagues.requests.iter();
        let numbers: Vec<u64> = requests
            .filter(|(_, request)| which(request))
            .map(|(number, _)| *number)
            .collect();
        for number in numbers {
            self.end_request(id, number, RequestEnd::Withdrawn);
        }
    }

    /// Somebody takes what he was asked for by a request.
    pub(super) fn accept_request(&mut self, id: ContactId, number: u64, by: &PersonId) {
        let requests = &self.held(id).colleagues.requests;
        let kind = requests.get(&number).map(|request| request.kind);
        match kind {
            Some(RequestKind::Consult) => self.begin_consult(id, by),
            Some(RequestKind::Transfer) => {
                self.end_request(id, number, RequestEnd::Answered);
                self.take_over(id, by);
            }
            _ => {
                self.end_request(id, number, RequestEnd::Answered);
                self.join(id, by);
                self.say(id, Acknowledgement::Joined(by.clone()));
                self.attend(id);
            }
        }
    }

    /// Somebody has the contact in place of its owner, who leaves at once or stays for a while.
    fn take_over(&mut self, id: ContactId, person: &PersonId) {
        let owner = self.held(id).owner().cloned();
        let Some(owner) = owner.filter(|owner| owner != person) else {
            return;
        };
        if !self.held(id).participants.contains(person) {
            self.join(id, person);
        }
        let participants = &mut self.change(id).participants;
        participants.retain(|other| other != person);
        participants.insert(0, person.clone());
        self.count_share(id, person);
        let changed = person.clone();
        self.enter(id, Fact::OwnerChanged { person: changed });
        self.say(id, Acknowledgement::Owned(person.clone()));
        self.remember_known(id, person);
        self.withdraw_requests(id, |request| request.kind == RequestKind::Transfer);
        self.former_owner_leaves(id);
        let warm_for_s = self.directory.draft().hands.warm_for_s;
        self.change(id).colleagues.former = Some(owner);
        if warm_for_s == 0 {
            self.former_owner_leaves(id);
        } else {
            let leaves_at = later(self.now, warm_for_s.into());
            self.deadlines.arm(id, Timer::Warm, leaves_at);
        }
        self.deadlines.disarm(id, Timer::OwnerAway);
        self.watch_owner(id);
        self.attend(id);
    }

    /// Whoever transferred the contact and stayed for a while leaves, if he is there and did not get
    /// it back.
    pub(super) fn former_owner_leaves(&mut self, id: ContactId) {
        self.deadlines.disarm(id, Timer::Warm);
        let Some(former) = self.change(id).colleagues.former.take() else {
            return;
        };
        let contact = self.held(id);
        let is_there = contact.participants.contains(&former);
        if is_there && contact.owner() != Some(&former) {
            self.part(id, &former);
            self.say(id, Acknowledgement::Left(former));
        }
    }

    /// The contact is done: whatever was asked of colleagues is so too.
    pub(super) fn dismiss_colleagues(&mut self, id: ContactId) {
        self.withdraw_requests(id, |_| true);
        self.end_consulting(id);
        self.change(id).colleagues.former = None;
        self.deadlines.disarm(id, Timer::Warm);
    }

    /// Takes an offer back.
    pub(super) fn take_back(&mut self, offer: OfferId, by: Author) -> Answer {
        if let Author::Person(person) = &by
            && self.directory.person(person).is_none()
        {
            return Answer::Refused(Refusal::UnknownPerson);
        }
        let Some(id) = self.offers.get(&offer).copied() else {
            return Answer::Refused(Refusal::UnknownOffer);
        };
        let contact = self.held(id);
        let Some(live) = contact.offers.get(&offer) else {
            return self.late(id, Some(offer), by);
        };
        let request = match live.way {
            Way::Request(number) => Some(number),
            _ => None,
        };
        let is_his = |person: &PersonId| {
            let request = request.and_then(|number| contact.colleagues.requests.get(&number));
            request.is_some_and(|request| request.by == by) || contact.owner() == Some(person)
        };
        let may = match &by {
            Author::Customer => false,
            Author::Person(person) => request.is_some() && is_his(person),
            Author::Software => true,
        };
        match request {
            _ if !may => return Answer::Refused(Refusal::NotYourOffer),
            Some(number) => self.end_request(id, number, RequestEnd::Withdrawn),
            None => self.withdraw_offer(id, offer),
        }
        Answer::Done
    }

    /// Takes an offer back and asks him whom it went to no sooner again than if it had lapsed.
    fn withdraw_offer(&mut self, id: ContactId, offer: OfferId) {
        let now = self.now;
        let contact = self.held(id);
        let live = contact.offers.get(&offer);
        let person = live.and_then(|live| live.reserves.clone());
        let for_s = self.cool_down_s(contact, Outcome::Lapsed);
        self.end_offer(id, offer, Outcome::Withdrawn);
        if let (Some(person), Some(for_s)) = (person, for_s) {
            let search = &mut self.change(id).search;
            search.cool_down(&person, for_s, now);
        }
    }
}

/// The same contact as if it were for somebody else, to see who could be asked about it.
fn shadow(contact: &Contact, whom: &Addressee, requires: &[Requirement]) -> Contact {
    let mut shadow = contact.clone();
    shadow.addressee = whom.clone();
    shadow.requires = requires.to_vec();
    shadow.search.asked.clear();
    shadow
}
