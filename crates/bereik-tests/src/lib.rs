//! Tests that need several rooms of the house at once.
