//! A seeded world around the routing engine: customers, people and faults, in virtual time.
//!
//! The engine that runs in here is the one that runs in the switchboard; only the world around it
//! is made up, from a seed, so that the same seed gives the same world.
//!
//! A [`Scenario`] says which company, which customers come, how people work and what goes wrong; a
//! [`World`] lets it go by under the eyes of a [`Witness`], such as [`Checks`] of the engine's
//! invariants; a [`Report`] says what customers met, and a [`Comparison`] what would be otherwise.
//!
//! ```
//! use bereik_sim::{Checks, Source, Sources, World};
//!
//! let text = r#"
//! name = "One person, some visitors"
//! start = "2026-11-23 09:00"
//! hours = 2
//! company.name = "Rivers & Co"
//! company.zone = "Europe/Amsterdam"
//! company.person = [{ id = "anna", name = "Anna" }]
//! company.group = [{ id = "desk", name = "Desk", members = ["anna"] }]
//!
//! [[customers]]
//! name = "visitors"
//! channel = "web_chat"
//! rate = [{ per_hour = 6 }]
//! "#;
//! let sources = Sources::new(vec![Source::scenario("some-visitors.toml", text)]);
//! let (scenario, directory) = sources.read()?;
//! let mut world = World::new(&scenario, &directory, &Default::default(), scenario.seed);
//! world.run(&mut Checks::new(&directory))?;
//! let report = world.report();
//! assert_eq!(report.total.contacts, report.total.answered);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod check;
pub mod dice;
pub mod drill;
mod fault;
mod load;
mod person;
pub mod pool_world;
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
