//! The contract of durable state, its in-memory reference and its conformance suite.
