//! What would be decided, without deciding it.

use bereik_core::ChannelKind;
use bereik_core::contact::{Addressee, Customer};
use bereik_core::explanation::Explanation;
use bereik_core::group::Requirement;
use bereik_core::id::ContactId;
use chrono::{DateTime, Utc};

use crate::choose::choose;
use crate::contact_state::Contact;
use crate::eligible::Plan;
use crate::state::State;

/// Who would be offered an everyday contact that came in at `at`.
pub(crate) fn decide(
    state: &State,
    at: DateTime<Utc>,
    addressee: &Addressee,
    requires: &[Requirement],
    channel: ChannelKind,
) -> Explanation {
    let id = ContactId::new(0);
    let mut contact = Contact::new(id, Customer::default(), addressee.clone(), channel, at);
    contact.requires = requires.to_vec();
    let plan = Plan::of(&state.directory, &contact);
    let (circle, survey) = state.widen(&contact, &plan, at);
    choose(plan.strategy, survey, circle)
}
