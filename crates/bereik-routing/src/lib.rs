//! The routing engine as a machine: inputs in, entries, offers and acknowledgements out.

mod answer;
mod engine;
mod input;
mod output;
mod snapshot;

pub use answer::{Answer, Refusal};
pub use engine::Engine;
pub use input::{Input, Opening};
pub use output::{Effect, Output};
pub use snapshot::{RestoreError, RestoreErrorKind};
