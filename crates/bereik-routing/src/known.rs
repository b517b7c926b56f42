//! Who had a contact of a customer last, for a bounded number of addresses.

use std::collections::BTreeMap;

use bereik_core::Address;
use bereik_core::id::PersonId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::by_hash::ByHash;

/// For how many addresses it is remembered who knows the customer.
const ADDRESSES_MAX: usize = 10_000;

/// Who had a contact of a customer last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Known {
    by_address: ByHash<Address, Knows>,
    /// The address of each memory, the oldest first.
    order: BTreeMap<u64, Address>,
    last: u64,
}

/// Somebody who had a contact of an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Knows {
    person: PersonId,
    at: DateTime<Utc>,
    number: u64,
}

impl Known {
    /// Remembers that somebody had a contact of this address; forgets the oldest where there are too
    /// many.
    pub(crate) fn remember(&mut self, address: &Address, person: &PersonId, at: DateTime<Utc>) {
        self.last += 1;
        let knows = Knows {
            person: person.clone(),
            at,
            number: self.last,
        };
        if let Some(before) = self.by_address.insert(address.clone(), knows) {
            self.order.remove(&before.number);
        }
        self.order.insert(self.last, address.clone());
        if self.order.len() > ADDRESSES_MAX
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.by_address.remove(&oldest);
        }
    }

    /// Who had a contact of this address last, and when.
    pub(crate) fn of(&self, address: &Address) -> Option<(&PersonId, DateTime<Utc>)> {
        let knows = self.by_address.get(address)?;
        Some((&knows.person, knows.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_forgotten_and_who_comes_again_is_young() {
        let mut known = Known::default();
        let anna: PersonId = "anna".parse().expect("an id");
        let at = DateTime::UNIX_EPOCH;
        let address = |number: usize| -> Address {
            let text = format!("mailto:customer-{number}@example.org");
            text.parse().expect("an address")
        };
        for number in 0..ADDRESSES_MAX {
            known.remember(&address(number), &anna, at);
        }
        known.remember(&address(0), &anna, at);
        known.remember(&address(ADDRESSES_MAX), &anna, at);
        assert!(known.of(&address(0)).is_some());
        assert!(known.of(&address(1)).is_none());
        assert_eq!(known.by_address.len(), ADDRESSES_MAX);
    }
}
