//! What holds for any evidence, any policy and any backend of signatures, and not only for the
//! cases that somebody thought of.
//!
//! The number of cases is fixed, so that all of it takes seconds. What a failure says is the
//! smallest input that was found for it; nothing is written beside the sources.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "this file is tests and their helpers"
)]

#[path = "../support/mod.rs"]
mod support;

mod fleet;
mod log_order;
mod mutate;
mod no_panics;
mod policies;
mod round_trips;
mod signatures;
mod strictness;
mod subjects;

use proptest::prelude::ProptestConfig;

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}
