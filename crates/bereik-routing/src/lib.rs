//! The routing engine as a machine: inputs in, offers, entries and acknowledgements out; no clock, no I/O.
