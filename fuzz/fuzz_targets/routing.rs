//! The laws of routing on whole days that coverage leads to.
#![no_main]

#[path = "../../crates/bereik-routing/tests/laws/any_day.rs"]
mod any_day;

libfuzzer_sys::fuzz_target!(|input: &[u8]| any_day::check(input));
