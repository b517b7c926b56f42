//! A seeded world around the routing engine: customers, people and faults, in virtual time.
//!
//! The engine that runs in here is the one that runs in the switchboard; only the world around it
//! is made up, from a seed, so that the same seed gives the same world.

pub mod dice;
pub mod pool_world;
