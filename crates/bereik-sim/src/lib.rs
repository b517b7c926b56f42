//! A seeded world around the routing engine: customers, people and faults, in virtual time.
//!
//! The engine that runs in here is the one that runs in the switchboard; only the world around it
//! is made up, from a seed, so that the same seed gives the same world.

mod check;
pub mod drill;
mod fault;
mod load;
mod person;
pub mod queue;
pub mod random;
pub mod report;
pub mod scenario;
mod seed;
mod world;

pub use check::Checks;
pub use load::{Arrivals, Curve};
pub use report::{Comparison, Report};
pub use scenario::{Scenario, ScenarioError, Source, Sources};
pub use seed::{Chance, Subject};
pub use world::{Ending, Failure, Predicted, Sabotage, Step, Visit, Witness, World};
