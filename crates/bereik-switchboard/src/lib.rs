//! The running thing on tokio: drives the engine, the channels and the store, and owns the one clock.
