//! What holds of every day of every company, whatever its bytes: the laws that property tests and
//! fuzzing share.

pub(crate) mod act;
pub(crate) mod among_colleagues;
pub(crate) mod audit;
pub(crate) mod bytes;
pub(crate) mod company;
pub(crate) mod hold;
mod known;
mod ledger;
pub(crate) mod offering;
pub(crate) mod promising;
pub(crate) mod replaying;
pub(crate) mod serving;
pub(crate) mod to_customers;
pub(crate) mod trace;

/// Tries every law on the day that these bytes mean.
///
/// # Panics
/// Where a law does not hold; that is what it is for.
#[cfg(not(test))]
pub(crate) fn check(input: &[u8]) {
    let day = bytes::Day::of(input);
    let held = day.check(&day.play());
    held.unwrap_or_else(|why| panic!("{why}\n{day}"));
}
