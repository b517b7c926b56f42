//! The machine: inputs in at an instant, outputs out until it says when to come back.

mod arrive;
mod consult;
mod converse;
mod customer;
mod fire;
mod hand_over;
mod incident;
mod join;
mod merge;
mod offers;
mod peers;
mod reach;
mod request;
mod silence;
mod triage;
mod wrap_up;

use std::fmt;

use bereik_core::contact::{Addressee, ContactSummary};
use bereik_core::directory::Directory;
use bereik_core::explanation::Explanation;
use bereik_core::id::{ContactId, GroupId, IncidentId, OfferId, PersonId, SkillId};
use bereik_core::praise::{Application, Praise};

use bereik_core::incident::Incident;
use bereik_core::offer::{Offer, RequestKind};
use bereik_core::{ChannelKind, Urgency};
use chrono::{DateTime, Utc};

use crate::answer::{Answer, Refusal};
use crate::explain::{self, Question, Reachable};
use crate::input::Input;
use crate::output::Output;
use crate::predict::{Coverage, Observed, Prediction};
use crate::pulse::Pulse;
use crate::snapshot::{self, RestoreError};
use crate::state::State;

/// The last instant that counts. Deadlines that would lie beyond all time lie beyond this too, so
/// they never come due.
const LAST_INSTANT: DateTime<Utc> = match DateTime::from_timestamp(253_402_300_799, 0) {
    Some(instant) => instant,
    None => DateTime::<Utc>::UNIX_EPOCH,
};

/// The routing engine: a machine that reads no clock and does no I/O.
///
/// Tell it what happens with [`handle`](Self::handle), then call
/// [`poll_output`](Self::poll_output) until it answers [`Output::Wait`]. Engines that were told
/// the same inputs at the same instants say the same, byte for byte. `Debug` shows counts only.
///
/// ```
/// use bereik_core::directory::Draft;
/// use bereik_core::zone::Zone;
/// use bereik_routing::{Answer, Engine, Input, Output};
///
/// let directory = Draft::new("Rivers & Co", Zone::utc()).check()?;
/// let mut engine = Engine::new(directory);
/// assert_eq!(engine.handle("2026-11-23T09:00:00Z".parse()?, Input::Advanced), Answer::Done);
/// assert_eq!(engine.poll_output(), Output::Wait(None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Engine {
    state: State,
}

impl Engine {
    /// An engine that knows nobody's reachability and has no contacts.
    #[must_use]
    pub fn new(directory: Directory) -> Self {
        let state = State::new(directory);
        Self { state }
    }

    /// First fires every deadline due at or before `at`, each at its own instant and in order,
    /// then takes the input. An instant before the last one counts as the last one, and one after
    /// the year 9999 as its end.
    pub fn handle(&mut self, at: DateTime<Utc>, input: Input) -> Answer {
        self.state.advance_to(at.min(LAST_INSTANT));
        let answer = self.state.take(input);
        self.state.settle();
        answer
    }

    /// What the engine has to say next; call it until it answers [`Output::Wait`].
    ///
    /// Entries come before the effects that follow from them. What has not been polled is part of
    /// a [`snapshot`](Self::snapshot).
    pub fn poll_output(&mut self) -> Output {
        match self.state.out.pop_front() {
            Some(output) => output,
            None => Output::Wait(self.state.next_at()),
        }
    }

    /// The whole state as bytes: the same state gives the same bytes.
    ///
    /// It holds names and addresses of customers, but no words of messages.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        snapshot::write(&self.state)
    }

    /// The engine of which the bytes are a snapshot.
    ///
    /// # Errors
    /// When the bytes are not such a snapshot, are damaged, or were written by a version that this
    /// one does not understand.
    pub fn restore(bytes: &[u8]) -> Result<Self, RestoreError> {
        let state = snapshot::read(bytes)?;
        Ok(Self { state })
    }

    /// The configuration in force.
    #[must_use]
    pub const fn directory(&self) -> &Directory {
        &self.state.directory
    }

    /// How a contact stands, while the engine holds it.
    #[must_use]
    pub fn contact(&self, id: ContactId) -> Option<ContactSummary> {
        let contact = self.state.contacts.get(&id)?;
        Some(contact.summary())
    }

    /// An offer that stands; none when it has ended.
    #[must_use]
    pub fn offer(&self, id: OfferId) -> Option<&Offer> {
        let contact = self.state.offers.get(&id)?;
        let live = self.state.contacts.get(contact)?.offers.get(&id)?;
        Some(&live.offer)
    }

    /// Every contact that the engine holds, by id: the open ones and the lately closed.
    pub fn contacts(&self) -> impl Iterator<Item = ContactSummary> {
        self.state
            .contacts
            .values()
            .map(|contact| contact.summary())
    }

    /// How an incident stands, while it runs.
    #[must_use]
    pub fn incident(&self, id: IncidentId) -> Option<Incident> {
        self.state.incident_summary(id)
    }

    /// Every incident that runs, by id.
    pub fn incidents(&self) -> impl Iterator<Item = Incident> {
        let ids = self.state.incidents.running.keys();
        ids.filter_map(|id| self.state.incident_summary(*id))
    }

    /// The instants of the armed deadlines of a contact, the earliest first. Every open contact
    /// has one.
    #[must_use]
    pub fn deadlines(&self, id: ContactId) -> Vec<DateTime<Utc>> {
        let mut armed: Vec<_> = self.state.deadlines.of(id).map(|(_, at)| at).collect();
        armed.sort_unstable();
        armed
    }

    /// Who would be offered a contact that came in at `at`, why, and why not each of the others.
    /// Nothing changes.
    #[must_use]
    pub fn decide(&self, at: DateTime<Utc>, question: &Question) -> Explanation {
        explain::decide(&self.state, at, question)
    }

    /// Who would be offered a contact next, at the instant that was told last, and the first rule
    /// that excludes each of the others; `None` where the engine does not hold it. Whoever was
    /// offered it already is among those who are excluded.
    #[must_use]
    pub fn explain(&self, contact: ContactId) -> Option<Explanation> {
        let contact = self.state.contacts.get(&contact)?;
        Some(explain::explain(&self.state, contact))
    }

    /// How many of those for whom a contact would be can be reached over a channel, at the instant
    /// that was told last. Who would be asked in their place does not count.
    #[must_use]
    pub fn reachable(&self, addressee: &Addressee, channel: ChannelKind) -> Reachable {
        explain::reachable(&self.state, addressee, channel)
    }

    /// How the group is doing at `at`: what is asked, what rises, what waits, whom nobody thanked.
    #[must_use]
    pub fn pulse(&self, at: DateTime<Utc>, group: &GroupId) -> Pulse {
        self.state.pulse(group, at)
    }

    /// The judgements that a person received, the latest last: at most the last hundred.
    pub fn praise_of(&self, person: &PersonId) -> impl Iterator<Item = &Praise> {
        self.state.praises.received(person)
    }

    /// What peers' praise comes to in one of a person's skills: 1 for one step above his
    /// proficiency, −1 for one below, else 0. Judgements fade by half in ninety days, and no pair
    /// of peers moves anybody alone.
    #[must_use]
    pub fn praise_tier(&self, person: &PersonId, skill: &SkillId) -> i8 {
        self.state.praises.tier(person, skill, self.state.now)
    }

    /// How an application to a community stands, if there is one.
    #[must_use]
    pub fn application(&self, group: &GroupId, person: &PersonId) -> Option<Application> {
        self.state.application(group, person)
    }

    /// How long a contact that came in at `at` would wait until somebody has a hand free for it.
    /// Nothing changes.
    ///
    /// It goes by who can be reached when, and by the handling times and the patience that the
    /// engine has seen ([`Observed`]); what it leaves out stands at [`wait`](crate::predict::wait).
    /// It looks at each member of a group and each waiting contact.
    ///
    /// ```
    /// use bereik_core::contact::Addressee;
    /// use bereik_core::directory::Draft;
    /// use bereik_core::group::Group;
    /// use bereik_core::zone::Zone;
    /// use bereik_core::{ChannelKind, Person, Urgency};
    /// use bereik_routing::Engine;
    ///
    /// let anna = Person::new("anna".parse()?, "Anna");
    /// let group = Group::new("helpdesk".parse()?, "Helpdesk", vec![anna.id.clone()]);
    /// let directory = Draft::new("Rivers & Co", Zone::utc()).with_person(anna).with_group(group);
    /// let engine = Engine::new(directory.check()?);
    /// let (at, helpdesk) = ("2026-11-23T09:00:00Z".parse()?, Addressee::Group("helpdesk".parse()?));
    /// let prediction = engine.predict(at, &helpdesk, ChannelKind::Phone, Urgency::Normal);
    /// assert_eq!(prediction.wait, None, "nothing is known of Anna, so nothing is promised");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn predict(
        &self,
        at: DateTime<Utc>,
        addressee: &Addressee,
        channel: ChannelKind,
        urgency: Urgency,
    ) -> Prediction {
        self.state
            .predict_for_new(at, addressee, channel, urgency, None)
    }

    /// The same, where the caller knows from calendars how many contacts of this kind those who are
    /// asked can hold: from each instant on so many, in order.
    #[must_use]
    pub fn predict_with_plan(
        &self,
        at: DateTime<Utc>,
        addressee: &Addressee,
        channel: ChannelKind,
        urgency: Urgency,
        plan: &[(DateTime<Utc>, u32)],
    ) -> Prediction {
        self.state
            .predict_for_new(at, addressee, channel, urgency, Some(plan))
    }

    /// How long a contact that waits will wait from the last input on; `None` where it does not
    /// wait.
    #[must_use]
    pub fn predict_for(&self, id: ContactId) -> Option<Prediction> {
        let contact = self.state.contacts.get(&id)?;
        contact
            .is_waiting()
            .then(|| self.state.predict(contact, self.state.now, None))
    }

    /// How long contacts take and how soon customers give up, as far as the engine has seen.
    #[must_use]
    pub const fn observed(&self) -> &Observed {
        &self.state.observed
    }

    /// How often the intervals held that customers were told to wait for.
    #[must_use]
    pub const fn coverage(&self) -> Coverage {
        self.state.coverage
    }
}

impl State {
    #[expect(clippy::too_many_lines, reason = "a table: one row for each input")]
    pub(crate) fn take(&mut self, input: Input) -> Answer {
        if let Some(contact) = input.contact()
            && !self.contacts.contains_key(&contact)
        {
            return Answer::Refused(Refusal::UnknownContact);
        }
        match input {
            Input::Accepted { offer, by } => self.accept(offer, &by),
            Input::Advanced => Answer::Done,
            Input::Applied { group, person } => self.apply(&group, &person),
            Input::CallBackKept { contact, by } => self.call_back_kept(contact, &by),
            Input::CallBackPromised { contact, by, at } => self.promise_call_back(contact, &by, at),
            Input::Claimed { contact, by } => self.claim(contact, &by),
            Input::Closed { contact, by } => self.close(contact, by),
            Input::Consulted {
                contact,
                whom,
                requires,
                by,
            } => self.ask_colleagues(contact, RequestKind::Consult, whom, requires, &by),
            Input::CustomerBack { contact } => self.customer_is(contact, true),
            Input::CustomerGone { contact } => self.customer_is(contact, false),
            Input::CustomerKnown { contact, profile } => self.know_customer(contact, *profile),
            Input::CustomerLeft { contact } => self.customer_leaves(contact),
            Input::CustomerNamed { contact, customer } => self.name_customer(contact, customer),
            Input::Declined { offer, by } => self.decline(offer, &by),
            Input::DirectoryReplaced(directory) => self.replace_directory(*directory),
            Input::Failed { offer } => self.fail(offer),
            Input::IncidentClosed { incident, by } => self.close_incident_by(incident, &by),
            Input::IncidentDeclared { need, contact, by } => self.declare_by(&need, contact, &by),
            Input::IncidentWord {
                incident,
                key,
                kind,
                by,
            } => self.say_to_all(incident, key, kind, by),
            Input::HandedOver {
                contact,
                channel,
                address,
                line,
                by,
            } => self.hand_over(contact, channel, address, line, by),
            Input::HandOverFailed { contact, channel } => self.fail_hand_over(contact, channel),
            Input::Invited {
                contact,
                whom,
                requires,
                by,
            } => self.ask_colleagues(contact, RequestKind::Invitation, whom, requires, &by),
            Input::Left { contact, person } => self.leave(contact, &person),
            Input::LegUsed {
                contact,
                channel,
                line,
            } => self.use_leg(contact, channel, line, None),
            Input::Merged { from, into, by } => self.merge_by(from, into, &by),
            Input::Opened(opening) => self.open(*opening),
            Input::PhoneAsked { contact, by } => self.ask_phone(contact, by),
            Input::Praised {
                contact,
                of,
                skill,
                judgement,
                by,
            } => self.praise(contact, of, skill, judgement, by),
            Input::Reachability { person, row } => self.take_row(&person, row),
            Input::Reopened { contact, by } => self.reopen(contact, by),
            Input::Replanned { contact, by } => self.replan(contact, by),
            Input::Said {
                contact,
                key,
                author,
                kind,
            } => self.hear(contact, key, author, kind),
            Input::Transferred {
                contact,
                whom,
                requires,
                by,
            } => self.ask_colleagues(contact, RequestKind::Transfer, whom, requires, &by),
            Input::Split {
                contact,
                messages,
                key,
                by,
            } => self.split(contact, &messages, key, &by),
            Input::TriageAnswered { contact, option } => self.answer_triage(contact, option),
            Input::UrgencyChanged {
                contact,
                urgency,
                by,
                reason,
            } => self.change_urgency(contact, urgency, by, reason),
            Input::Vouched {
                group,
                person,
                by,
                verdict,
            } => self.vouch(&group, &person, &by, verdict),
            Input::Withdrawn { offer, by } => self.take_back(offer, by),
            Input::WrappedUp { person } => self.wrapped_up(&person),
            Input::WrapUpProlonged { person, for_s } => self.prolong_wrap_up(&person, for_s),
        }
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("now", &self.state.now)
            .field("contacts", &self.state.contacts.len())
            .field("people", &self.state.people.len())
            .field("deadlines", &self.state.deadlines.len())
            .finish_non_exhaustive()
    }
}
