//! The contract of a channel, its wrappers, its in-memory reference and its conformance suite.
