//! What the benchmarks of bereik share: inputs from a fixed seed, clocks, and tables of text.
//!
//! | command | shows |
//! |---|---|
//! | `cargo bench --bench calendar` | reading, expanding, and that a long history costs no more than a short one |
//! | `cargo bench --bench peers` | bereik beside other engines on the same bytes, and whether they agree |
//!
//! The last ends with an error where bereik disagrees with both others.

pub mod dice;
pub mod table;
pub mod timing;
pub mod workload;
