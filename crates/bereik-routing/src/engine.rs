//! The machine: inputs in at an instant, outputs out until it says when to come back.

mod arrive;
mod converse;
mod fire;
mod offers;
mod reach;

use std::fmt;

use bereik_core::ChannelKind;
use bereik_core::contact::{Addressee, ContactSummary};
use bereik_core::directory::Directory;
use bereik_core::explanation::Explanation;
use bereik_core::group::Requirement;
use bereik_core::id::ContactId;
use chrono::{DateTime, Utc};

use crate::answer::{Answer, Refusal};
use crate::explain;
use crate::input::Input;
use crate::output::Output;
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
        let next_at = self.state.deadlines.first().map(|(at, ..)| at);
        self.state.out.pop_front().unwrap_or(Output::Wait(next_at))
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

    /// Every contact that the engine holds, by id: the open ones and the lately closed.
    pub fn contacts(&self) -> impl Iterator<Item = ContactSummary> {
        self.state
            .contacts
            .values()
            .map(|contact| contact.summary())
    }

    /// The instants of the armed deadlines of a contact, the earliest first. Every open contact
    /// has one.
    #[must_use]
    pub fn deadlines(&self, id: ContactId) -> Vec<DateTime<Utc>> {
        let mut armed: Vec<_> = self.state.deadlines.of(id).map(|(_, at)| at).collect();
        armed.sort_unstable();
        armed
    }

    /// Who would be offered an everyday contact that came in at `at`, why, and why not the others.
    /// Nothing changes.
    #[must_use]
    pub fn decide(
        &self,
        at: DateTime<Utc>,
        addressee: &Addressee,
        requires: &[Requirement],
        channel: ChannelKind,
    ) -> Explanation {
        explain::decide(&self.state, at, addressee, requires, channel)
    }
}

impl State {
    fn take(&mut self, input: Input) -> Answer {
        if let Some(contact) = input.contact()
            && !self.contacts.contains_key(&contact)
        {
            return Answer::Refused(Refusal::UnknownContact);
        }
        match input {
            Input::Accepted { offer, by } => self.accept(offer, &by),
            Input::Advanced => Answer::Done,
            Input::Claimed { contact, by } => self.claim(contact, &by),
            Input::Closed { contact, by } => self.close(contact, by),
            Input::CustomerBack { contact } => self.customer_is(contact, true),
            Input::CustomerGone { contact } => self.customer_is(contact, false),
            Input::CustomerNamed { contact, customer } => self.name_customer(contact, customer),
            Input::Declined { offer, by } => self.decline(offer, &by),
            Input::DirectoryReplaced(directory) => self.replace_directory(*directory),
            Input::Failed { offer } => self.fail(offer),
            Input::Invited {
                contact,
                person,
                by,
            } => self.invite(contact, &person, &by),
            Input::Left { contact, person } => self.leave(contact, &person),
            Input::Opened(opening) => self.open(*opening),
            Input::PhoneAsked { contact, by } => self.ask_phone(contact, by),
            Input::Reachability { person, row } => self.take_row(&person, row),
            Input::Reopened { contact, by } => self.reopen(contact, by),
            Input::Said {
                contact,
                key,
                author,
                kind,
            } => self.hear(contact, key, author, kind),
            Input::UrgencyChanged {
                contact,
                urgency,
                by,
            } => self.change_urgency(contact, urgency, by),
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
