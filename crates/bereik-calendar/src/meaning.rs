//! What an event says of the time it takes: free, tentative, busy, out of office, elsewhere.

use bereik_core::free_busy::FreeBusyKind;

use crate::component::{Event, Role, Stamp, Tables};
use crate::reading::Reading;

/// Whose calendar it is, and how it is to be understood.
pub(crate) struct Meaning<'a> {
    pub(crate) tables: &'a Tables,
    /// The numbers that stand for the owner's addresses.
    pub(crate) owners: &'a [u64],
    pub(crate) reading: &'a Reading,
}

impl Meaning<'_> {
    /// The kind of an event's time. Of one by which its owner says that he is available, only being out of
    /// office or elsewhere is told.
    pub(crate) fn kind_of(&self, event: &Event) -> FreeBusyKind {
        let kind = self.kind_without_marks(event);
        let stays = matches!(kind, FreeBusyKind::Elsewhere | FreeBusyKind::OutOfOffice);
        match event.found == 0 || stays {
            true => kind,
            false => FreeBusyKind::Free,
        }
    }

    /// Whether an event that bears a mark opens its channels: it is certain to take place.
    pub(crate) fn opens(&self, event: &Event) -> bool {
        let declared = &event.declared;
        let is_certain = !declared.is_cancelled
            && !declared.is_tentative
            && !declared.is_answer_lost
            && declared.busy_status != Some(FreeBusyKind::Tentative);
        is_certain && self.answer_of(event) == Role::Accepted
    }

    fn kind_without_marks(&self, event: &Event) -> FreeBusyKind {
        let declared = &event.declared;
        if declared.is_cancelled {
            return FreeBusyKind::Free;
        }
        let own_word = declared
            .busy_status
            .or(declared.intended_status)
            .or(declared.event_type);
        let is_date = !event.is_start_vague && event.start.is_some_and(Stamp::is_date);
        let kind = match own_word {
            // Where the owner works is told beside being free to be reached.
            Some(FreeBusyKind::Elsewhere) => FreeBusyKind::Elsewhere,
            _ if declared.is_transparent => FreeBusyKind::Free,
            Some(kind) => kind,
            None if declared.is_tentative => FreeBusyKind::Tentative,
            None if is_date && !declared.is_opaque => self.reading.unmarked_all_day(),
            None => FreeBusyKind::Busy,
        };
        match self.answer_of(event) {
            Role::Declined => FreeBusyKind::Free,
            Role::Silent | Role::Tentative => kind.min(FreeBusyKind::Tentative),
            Role::Accepted | Role::Organizer => kind,
        }
    }

    /// The owner's answer to an invitation; of several, the one that leaves him busiest. Who is not
    /// invited, or organizes the event and says nothing else, has accepted; so has he whose answer may be lost.
    fn answer_of(&self, event: &Event) -> Role {
        let is_lost = event.declared.is_answer_lost;
        if is_lost || event.voices.is_empty() || self.owners.is_empty() {
            return Role::Accepted;
        }
        let voices = event.voices.of(&self.tables.voices).iter();
        let own = voices.filter(|voice| self.owners.contains(&voice.address()));
        let own = own.map(|voice| voice.role());
        let organizes = own.clone().any(|role| role == Role::Organizer);
        let answers = own.filter_map(|role| match role {
            Role::Organizer => None,
            Role::Silent if organizes => Some(Role::Accepted),
            answer => Some(answer),
        });
        let rank = |answer: &Role| match answer {
            Role::Accepted | Role::Organizer => 2,
            Role::Silent | Role::Tentative => 1,
            Role::Declined => 0,
        };
        answers.max_by_key(rank).unwrap_or(Role::Accepted)
    }
}
