//! The runtime's data tables, generated from documents that belong to no single service: partitions, regions and
//! defaults modes. Knows no service model and no intermediate representation; each `emit` takes JSON and returns a Rust
//! file or problems.

pub mod defaults_modes;
pub mod partitions;
pub mod regions;
