//! Where conversations are: at which service, and which is the one with a person.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// So many are remembered; what is asked of older ones goes to the service of all.
const KEPT_MAX: usize = 16_384;

/// A map that forgets the oldest.
#[derive(Default)]
struct Bounded {
    values: BTreeMap<String, String>,
    in_order: VecDeque<String>,
}

impl Bounded {
    fn note(&mut self, key: &str, value: &str) {
        if let Some(old) = self.values.get_mut(key) {
            value.clone_into(old);
            return;
        }
        self.values.insert(key.to_owned(), value.to_owned());
        self.in_order.push_back(key.to_owned());
        if self.in_order.len() > KEPT_MAX
            && let Some(oldest) = self.in_order.pop_front()
        {
            self.values.remove(&oldest);
        }
    }
}

#[derive(Default)]
pub(super) struct Places {
    services: Mutex<Bounded>,
    chats: Mutex<Bounded>,
}

fn locked(map: &Mutex<Bounded>) -> MutexGuard<'_, Bounded> {
    map.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Places {
    /// A conversation is at this service.
    pub(super) fn note(&self, conversation: &str, service: &str) {
        locked(&self.services).note(conversation, service);
    }

    pub(super) fn service(&self, conversation: &str) -> Option<String> {
        locked(&self.services).values.get(conversation).cloned()
    }

    pub(super) fn services(&self) -> BTreeMap<String, String> {
        locked(&self.services).values.clone()
    }

    /// The conversation with one person is this one.
    pub(super) fn note_chat(&self, person: &str, conversation: &str) {
        locked(&self.chats).note(person, conversation);
    }

    pub(super) fn chat(&self, person: &str) -> Option<String> {
        locked(&self.chats).values.get(person).cloned()
    }
}
