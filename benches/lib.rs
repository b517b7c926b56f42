//! Benchmarks of bereik; each is a file of this package.
