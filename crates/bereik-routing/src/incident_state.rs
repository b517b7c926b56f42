//! What the engine holds of incidents: those that run, and what may become one.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bereik_core::id::{ContactId, IncidentId, Key, MessageId, NeedId};
use bereik_core::incident::Incident;
use bereik_core::message::Author;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::contact_state::Contact;
use crate::state::State;

/// Of how many needs it is remembered how often they came up lately.
const NEEDS_MAX: usize = 1_000;
/// How many words to all are remembered of an incident, so that the same word twice is one.
const WORDS_REMEMBERED_MAX: usize = 64;

/// An incident that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Running {
    pub(crate) need: NeedId,
    pub(crate) lead: ContactId,
    /// The open contacts that are part of it, the lead included.
    pub(crate) linked: BTreeSet<ContactId>,
    pub(crate) declared_at: DateTime<Utc>,
    pub(crate) declared_by: Author,
    pub(crate) next_word_by: DateTime<Utc>,
    /// How many promised words in a row did not come.
    pub(crate) missed: u32,
    words: VecDeque<(Key, MessageId)>,
}

/// The incidents that run, and what may become one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Incidents {
    pub(crate) running: BTreeMap<IncidentId, Running>,
    pub(crate) by_need: BTreeMap<NeedId, IncidentId>,
    /// The latest contacts of each need, no more than the rule counts.
    recent: BTreeMap<NeedId, VecDeque<(DateTime<Utc>, ContactId)>>,
}

impl Running {
    pub(crate) const fn new(
        need: NeedId,
        lead: ContactId,
        at: DateTime<Utc>,
        by: Author,
        next_word_by: DateTime<Utc>,
    ) -> Self {
        Self {
            need,
            lead,
            linked: BTreeSet::new(),
            declared_at: at,
            declared_by: by,
            next_word_by,
            missed: 0,
            words: VecDeque::new(),
        }
    }

    pub(crate) fn word(&self, key: &Key) -> Option<MessageId> {
        let known = self.words.iter().find(|(known, _)| known == key);
        known.map(|(_, message)| *message)
    }

    pub(crate) fn remember_word(&mut self, key: Key, message: MessageId) {
        if self.words.len() == WORDS_REMEMBERED_MAX {
            self.words.pop_front();
        }
        self.words.push_back((key, message));
    }
}

impl Incidents {
    /// Counts one more contact of a need; answers the latest of them, the first first, when as
    /// many came in within the time as make an incident.
    pub(crate) fn count(
        &mut self,
        need: &NeedId,
        contact: ContactId,
        now: DateTime<Utc>,
        (contacts, within_s): (u32, u32),
    ) -> Option<Vec<ContactId>> {
        if within_s == 0 {
            return None;
        }
        let most = usize::try_from(contacts).unwrap_or(usize::MAX);
        let recent = self.recent.entry(need.clone()).or_default();
        recent.push_back((now, contact));
        let since = TimeDelta::seconds(within_s.into());
        while recent.len() > most || recent.front().is_some_and(|(at, _)| now - *at >= since) {
            recent.pop_front();
        }
        let is_one = recent.len() >= most;
        let ids = is_one.then(|| recent.iter().map(|(_, id)| *id).collect());
        self.forget_needs();
        ids
    }

    /// Forgets the needs that came up longest ago, when there are too many.
    fn forget_needs(&mut self) {
        while self.recent.len() > NEEDS_MAX {
            let latest = |recent: &VecDeque<(DateTime<Utc>, ContactId)>| recent.back().copied();
            let oldest = self.recent.iter().min_by_key(|(_, recent)| latest(recent));
            let Some(need) = oldest.map(|(need, _)| need.clone()) else {
                return;
            };
            self.recent.remove(&need);
        }
    }
}

impl State {
    /// The running incident that a contact is part of.
    pub(crate) fn incident_of(&self, contact: &Contact) -> Option<(IncidentId, &Running)> {
        let id = contact.incident?;
        let running = self.incidents.running.get(&id)?;
        Some((id, running))
    }

    /// Whether a contact waits for the incident that it is part of, and another leads.
    pub(crate) fn rests(&self, contact: &Contact) -> bool {
        let running = self.incident_of(contact);
        running.is_some_and(|(_, running)| running.lead != contact.id)
    }

    /// Whether somebody is being looked for: nobody has the contact, and it waits neither for an
    /// answer of the customer nor for an incident.
    pub(crate) fn is_sought(&self, contact: &Contact) -> bool {
        contact.is_waiting() && contact.triage.is_none() && !self.rests(contact)
    }

    pub(crate) fn incident_summary(&self, id: IncidentId) -> Option<Incident> {
        let running = self.incidents.running.get(&id)?;
        Some(Incident {
            id,
            need: running.need.clone(),
            lead: running.lead,
            team: self.held(running.lead).participants.clone(),
            contacts: running.linked.iter().copied().collect(),
            declared_at: running.declared_at,
            declared_by: running.declared_by.clone(),
            next_word_by: running.next_word_by,
            missed: running.missed,
        })
    }

    /// Whether incidents and contacts agree.
    pub(crate) fn incidents_are_whole(&self) -> bool {
        let running = &self.incidents.running;
        let is_part = |id: &IncidentId, contact: &ContactId| {
            let held = self.contacts.get(contact);
            held.is_some_and(|held| held.state.is_open() && held.incident == Some(*id))
        };
        let is_linked = |id: &IncidentId, contact: ContactId| {
            let running = running.get(id);
            running.is_none_or(|running| running.linked.contains(&contact))
        };
        let open = self.contacts.values().filter(|c| c.state.is_open());
        let mut parts = open.filter_map(|contact| Some((contact.incident?, contact.id)));
        running.iter().all(|(id, one)| {
            one.linked.contains(&one.lead)
                && one.linked.iter().all(|contact| is_part(id, contact))
                && self.incidents.by_need.get(&one.need) == Some(id)
        }) && parts.all(|(id, contact)| is_linked(&id, contact))
            && self
                .incidents
                .by_need
                .values()
                .all(|id| running.contains_key(id))
    }
}
