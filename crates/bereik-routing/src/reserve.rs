//! The last idle people of a group are kept for what cannot wait.

use bereik_core::contact::Addressee;
use bereik_core::explanation::{ExcludedBy, OrderKey};
use bereik_core::id::PersonId;
use chrono::{DateTime, Utc};

use crate::backlog::Order;
use crate::contact_state::Contact;
use crate::eligible::Survey;
use crate::state::State;
use crate::turn::turn_of;

impl State {
    /// Leaves the last idle people out of a survey, where the group keeps them and the contact can
    /// wait; answers until when it does.
    pub(crate) fn keep_reserve(
        &self,
        contact: &Contact,
        survey: &mut Survey,
    ) -> Option<DateTime<Utc>> {
        let Addressee::Group(group) = &contact.addressee else {
            return None;
        };
        let group = self.directory.group(group)?;
        group.reserve.filter(|reserve| *reserve > 0)?;
        let (idle, others) = std::mem::take(&mut survey.eligible)
            .into_iter()
            .partition::<Vec<_>, _>(|candidate| self.is_idle(&candidate.person));
        let count = u32::try_from(idle.len()).unwrap_or(u32::MAX);
        let (class, waiting) = turn_of(self, contact);
        let until = Order::from(group).held_back_until(self.now, count, (class, &waiting));
        let until = until.filter(|_| !idle.is_empty());
        survey.eligible = others;
        if until.is_some() {
            let holds_certain = idle.iter().any(|kept| kept.is_certain);
            let kept = idle.into_iter();
            let kept = kept.map(|candidate| (candidate.person, ExcludedBy::Reserved));
            survey.excluded.extend(kept);
            survey.counts.free = survey.counts.free.saturating_sub(count);
            if holds_certain {
                // Whoever is perhaps there is not asked before somebody who is.
                let perhaps = survey.eligible.extract_if(.., |other| !other.is_certain);
                let perhaps: Vec<_> = perhaps.map(|other| other.person).collect();
                let after = perhaps
                    .into_iter()
                    .map(|person| (person, ExcludedBy::OtherFirst(OrderKey::Certainty)));
                survey.excluded.extend(after);
            }
            survey.has_certain = survey.eligible.iter().any(|other| other.is_certain);
            survey.is_full = true;
        } else {
            survey.eligible.extend(idle);
        }
        until
    }

    /// Whether the last idle people may be kept from a contact, so that all of them count.
    pub(crate) fn may_be_held_back(&self, contact: &Contact) -> bool {
        let group = self.group_of(contact).and_then(|group| group.reserve);
        group.is_some_and(|reserve| reserve > 0) && !contact.channel.is_live()
    }

    /// Whether somebody holds nothing and is offered nothing.
    fn is_idle(&self, person: &PersonId) -> bool {
        let standing = self.people.get(person);
        standing.is_none_or(|standing| {
            let mut load = standing.held.iter().zip(standing.offered.iter());
            load.all(|((_, held), (_, offered))| held + offered == 0)
        })
    }
}
