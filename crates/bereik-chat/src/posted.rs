//! Where the offers stand that were put to people, so that their buttons can be taken away.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use bereik_core::OfferId;

/// So many offers are remembered; the buttons of older ones stay, and pressing one is answered late.
const OFFERS_MAX: usize = 4_096;

/// By offer: the conversation, and the message in it.
#[derive(Default)]
pub(crate) struct Posted(Mutex<State>);

#[derive(Default)]
struct State {
    places: BTreeMap<OfferId, (String, String)>,
    in_order: VecDeque<OfferId>,
}

impl Posted {
    pub(crate) fn note(&self, offer: OfferId, conversation: &str, message: &str) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (conversation.to_owned(), message.to_owned());
        if state.places.insert(offer, place).is_none() {
            state.in_order.push_back(offer);
        }
        if state.in_order.len() > OFFERS_MAX
            && let Some(oldest) = state.in_order.pop_front()
        {
            state.places.remove(&oldest);
        }
    }

    pub(crate) fn place(&self, offer: OfferId) -> Option<(String, String)> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.places.get(&offer).cloned()
    }

    /// The offers that stand in a conversation.
    pub(crate) fn standing(&self, conversation: &str) -> Vec<OfferId> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let places = state.places.iter();
        let here = places.filter(|(_, (of, _))| of == conversation);
        here.map(|(offer, _)| *offer).collect()
    }

    /// The offer that a message in a conversation puts.
    pub(crate) fn with_message(&self, conversation: &str, message: &str) -> Option<OfferId> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut places = state.places.iter();
        let here = places.find(|(_, (of, at))| of == conversation && at == message);
        here.map(|(offer, _)| *offer)
    }

    /// It was taken back, or answered.
    pub(crate) fn forget(&self, offer: OfferId) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.places.remove(&offer);
        state.in_order.retain(|other| *other != offer);
    }
}
