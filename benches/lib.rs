//! What the benchmarks of bereik share: inputs from a fixed seed, clocks, and tables of text.
//!
//! | command | shows |
//! |---|---|
//! | `cargo bench --bench calendar` | reading, expanding, and that a long history costs no more than a short one |
//! | `cargo bench --bench coverage` | planning a company and finding its holes, and asking at each instant beside it |
//! | `cargo bench --bench peers` | bereik beside other engines on the same bytes, and whether they agree |
//! | `cargo bench --bench hostile` | time and memory of files that are written to exhaust a reader |
//! | `cargo bench --bench memory` | what calendars and free/busy time hold |
//! | `cargo bench --bench board` | a million people on a board, beside the naive way |
//! | `cargo bench --bench routing` | the whole engine: contacts a second, and the next contact of 100,000 that wait |
//! | `cargo bench --bench policies` | which contact first: the policies in one pool, with their intervals |
//!
//! All but the first end with an error where a bound is missed, or where bereik disagrees with the others.

pub mod agenda;
pub mod dice;
pub mod resident;
pub mod table;
pub mod timing;
pub mod workload;
