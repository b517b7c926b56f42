//! How much memory this process holds and has held, as Linux tells it.
//!
//! The kernel counts pages for each core apart and adds them up now and then, so that a figure may be wrong by a few
//! hundred KiB.

use std::fs;

/// Bytes in memory now; `None` where there is no /proc.
#[must_use]
pub fn now() -> Option<usize> {
    bytes_of("VmRSS:")
}

/// The most bytes that were ever in memory at once; `None` where there is no /proc.
#[must_use]
pub fn peak() -> Option<usize> {
    bytes_of("VmHWM:")
}

fn bytes_of(name: &str) -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: usize = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes << 10)
}
