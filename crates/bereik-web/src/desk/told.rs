//! What a desk was told last: a list goes out only when it is another than before.

use super::row::{Colleague, OfferRow, Row};
use crate::config::KeptMail;

/// What a desk was told last, and what may have changed since.
#[derive(Default)]
pub(super) struct Last {
    pub(super) offers: Option<Vec<OfferRow>>,
    pub(super) contacts: Option<Vec<Row>>,
    pub(super) colleagues: Option<Vec<Colleague>>,
    pub(super) mails: Option<Vec<KeptMail>>,
    /// Whether the lists are to be looked at again.
    pub(super) is_stale: bool,
}

/// Puts `new` in the place of what was told; whether it is another.
pub(super) fn replace<T: PartialEq>(told: &mut Option<Vec<T>>, new: Vec<T>) -> bool {
    if told.as_ref() == Some(&new) {
        return false;
    }
    *told = Some(new);
    true
}
