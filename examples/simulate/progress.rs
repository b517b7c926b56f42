//! A bar that shows how far a run is, where it takes long and somebody looks.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::time::{Duration, Instant};

use bereik::sim::{Step, Witness};

/// Runs that are over sooner show no bar.
const SHOWN_AFTER: Duration = Duration::from_millis(700);
const EVERY: Duration = Duration::from_millis(100);
const STEPS: u64 = 1_024;
const WIDTH: usize = 30;

pub(crate) struct Progress {
    name: String,
    began: Instant,
    shown: Option<Instant>,
    is_terminal: bool,
}

#[expect(
    clippy::disallowed_methods,
    reason = "a bar is about the time that passes for who looks at it"
)]
fn now() -> Instant {
    Instant::now()
}

impl Progress {
    pub(crate) fn new(name: &str) -> Self {
        let is_terminal = stderr().is_terminal();
        let name = name.chars().take(40).collect();
        Self {
            name,
            began: now(),
            shown: None,
            is_terminal,
        }
    }
}

impl Witness for Progress {
    fn said(&mut self, step: &Step<'_>) -> Result<(), String> {
        if !self.is_terminal
            || !step.number.is_multiple_of(STEPS)
            || self.began.elapsed() < SHOWN_AFTER
        {
            return Ok(());
        }
        if self.shown.is_none_or(|shown| shown.elapsed() >= EVERY) {
            self.shown = Some(now());
            let progress = step.progress.clamp(0.0, 1.0);
            let full = (progress * WIDTH as f64) as usize;
            let bar = "#".repeat(full) + &"-".repeat(WIDTH - full);
            let percent = (progress * 100.0) as u32;
            let mut to = stderr();
            // A bar that cannot be shown harms nothing.
            let _ = write!(
                to,
                "\r{} [{bar}] {percent:3} %, {} contacts",
                self.name, step.visits
            );
            let _ = to.flush();
        }
        Ok(())
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown.is_some() {
            eprint!("\r{}\r", " ".repeat(110));
        }
    }
}
