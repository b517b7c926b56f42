//! The routing engine as a machine: inputs in, entries, offers and acknowledgements out.

mod answer;
mod backlog;
mod choose;
mod contact_state;
mod deadline;
mod eligible;
mod engine;
mod escalation;
mod explain;
mod input;
mod output;
mod settle;
mod share;
mod snapshot;
mod state;
mod target;
mod tell;

pub use answer::{Answer, Refusal};
pub use engine::Engine;
pub use input::{Input, Opening};
pub use output::{Effect, Output};
pub use snapshot::{RestoreError, RestoreErrorKind};
