//! How long a customer will wait: Erlang's formulas, and an interval for one wait.
//!
//! | module | answers |
//! |---|---|
//! | [`erlang`] | how a steady queue behaves on average, and how many people it needs |
//! | [`wait`] | how long this customer waits, given how many are before him and who serves when |
//! | [`observed`] | how long a contact takes and how soon customers give up, learned from what was seen |
//! | [`coverage`] | whether the intervals that were told held |
//! | [`gamma`] | the distribution from which the quantiles come |
//!
//! An average over all customers (Erlang's, or the mean of the last waits, which is what most
//! systems tell) says little to the one who asks. His own wait is told from the state that he finds:
//! [`wait`] therefore counts who is before him. Floating point is used here and in no decision of
//! the engine; and since `exp` and `ln` of the standard library may differ from machine to machine,
//! these rooms use their own, made of the four operations, so that a prediction that is written on a
//! timeline is the same on every machine.

mod ask;
pub mod coverage;
mod elementary;
pub mod erlang;
pub mod gamma;
mod hands;
pub mod observed;
pub mod wait;

pub use ask::Prediction;
pub use bereik_core::estimate::Method;
pub use coverage::Coverage;
pub(crate) use hands::HandsKept;
pub use observed::Observed;
pub use wait::{Rates, WaitEstimate};
