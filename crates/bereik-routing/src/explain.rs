//! What would be decided, without deciding it.

use std::collections::{BTreeMap, VecDeque};

use bereik_core::contact::{Addressee, ContactState, Customer};
use bereik_core::explanation::Explanation;
use bereik_core::group::Requirement;
use bereik_core::id::{ContactId, Key};
use bereik_core::{ChannelKind, Urgency};
use chrono::{DateTime, Utc};

use crate::choose::choose;
use crate::clocks::Clocks;
use crate::contact_state::{Contact, Search};
use crate::eligible::Plan;
use crate::state::State;
use crate::voices::Voices;

/// Who would be offered an everyday contact that came in at `at`.
pub(crate) fn decide(
    state: &State,
    at: DateTime<Utc>,
    addressee: &Addressee,
    requires: &[Requirement],
    channel: ChannelKind,
) -> Explanation {
    let contact = Contact {
        id: ContactId::new(0),
        key: Key::parse("dry-run").expect("a constant that is a key"),
        customer: Customer::default(),
        addressee: addressee.clone(),
        channel,
        page: None,
        requires: requires.to_vec(),
        urgency: Urgency::Normal,
        opened_at: at,
        policy: None,
        state: ContactState::Queued,
        participants: Vec::new(),
        last_word: None,
        last_said: None,
        promise: None,
        is_customer_there: true,
        messages: VecDeque::new(),
        offers: BTreeMap::new(),
        ended: VecDeque::new(),
        search: Search::new(at, at),
        clocks: Clocks::default(),
        call_back: None,
        voices: Voices::new(Urgency::Normal, Urgency::Low, Urgency::Low),
    };
    let plan = Plan::of(&state.directory, &contact);
    let (circle, survey) = state.widen(&contact, &plan, at);
    choose(plan.strategy, survey, circle)
}
