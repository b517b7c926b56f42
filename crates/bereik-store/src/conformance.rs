//! What every store must do, as a suite that an engine's own tests run.
