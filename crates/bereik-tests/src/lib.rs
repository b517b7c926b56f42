//! Tests that need several rooms of the house at once, and what they are driven with.
//!
//! - [`browser`] drives a headless Chromium the way a visitor would: by mouse, keyboard and eyes.
//! - [`cable`] is a loopback connection that a test can cut and mend.

pub mod browser;
pub mod cable;
