//! What would be decided, without deciding it.

use bereik_core::contact::{Addressee, Customer};
use bereik_core::explanation::Explanation;
use bereik_core::group::Requirement;
use bereik_core::id::ContactId;
use bereik_core::{ChannelKind, Urgency};
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
    let mut contact = imagined(at, addressee, channel, Urgency::Normal);
    contact.requires = requires.to_vec();
    let plan = Plan::of(&state.directory, &contact);
    let (circle, survey) = state.widen(&contact, &plan, at);
    choose(plan.strategy, survey, circle)
}

/// A contact that comes in after all that wait, and that nobody holds.
pub(crate) fn imagined(
    at: DateTime<Utc>,
    addressee: &Addressee,
    channel: ChannelKind,
    urgency: Urgency,
) -> Contact {
    let id = ContactId::new(u64::MAX);
    let mut contact = Contact::new(id, Customer::default(), addressee.clone(), channel, at);
    contact.urgency = urgency;
    contact
}
