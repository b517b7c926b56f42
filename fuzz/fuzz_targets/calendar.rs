//! The laws of the calendar's reader and expander, on inputs that coverage leads to.
#![no_main]

#[path = "../../crates/bereik-calendar/tests/laws/any_calendar.rs"]
mod any_calendar;

libfuzzer_sys::fuzz_target!(|input: &[u8]| any_calendar::check(input));
