//! What can be read of a running switchboard at any moment, without waiting.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use bereik_core::directory::Directory;
use bereik_core::entry::{Entry, Fact};
use bereik_core::id::{OfferId, PersonId};
use bereik_core::offer::{Offer, Offered};
use bereik_core::public_view::PublicBoard;

use crate::people::Standing;

/// What was last committed, as far as readers want it at once.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) directory: Arc<Directory>,
    pub(crate) board: Arc<PublicBoard>,
    pub(crate) standings: BTreeMap<PersonId, Standing>,
    offers: BTreeMap<OfferId, Offer>,
}

impl View {
    pub(crate) fn new(directory: Arc<Directory>) -> Self {
        Self {
            directory,
            board: Arc::default(),
            standings: BTreeMap::new(),
            offers: BTreeMap::new(),
        }
    }

    /// Follows the offers through an entry.
    pub(crate) fn follow(&mut self, entry: &Entry) {
        match &entry.fact {
            Fact::Offered { offer } => {
                self.offers.insert(offer.id, offer.clone());
            }
            Fact::OfferEnded { offer, .. } => {
                self.offers.remove(offer);
            }
            _ => {}
        }
    }

    pub(crate) fn offers_to(&self, person: &PersonId) -> Vec<Offer> {
        let is_to = |offer: &&Offer| matches!(&offer.to, Offered::Person(to) if to == person);
        self.offers.values().filter(is_to).cloned().collect()
    }

    /// Live offers to lines, which whoever is on call may answer.
    pub(crate) fn offers_to_lines(&self) -> Vec<Offer> {
        let is_line = |offer: &&Offer| matches!(offer.to, Offered::Line(_));
        self.offers.values().filter(is_line).cloned().collect()
    }
}

/// The view, shared between the one that writes it and all that read it.
#[derive(Clone, Debug)]
pub(crate) struct Shared(Arc<RwLock<View>>);

impl Shared {
    pub(crate) fn new(view: View) -> Self {
        Self(Arc::new(RwLock::new(view)))
    }

    // A poisoned lock is taken all the same: every write leaves the view whole.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, View> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, View> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}
