//! A case for each entry of the table.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "helpers of tests: a panic is how they say that something is wrong"
)]

mod collateral;
mod pck;
mod quote;
mod theirs;

use crate::support::Evidence;

/// Evidence for one entry of the table.
pub(crate) struct Case {
    pub(crate) id: &'static str,
    /// What the entry explains.
    pub(crate) shows: Evidence,
    /// The entries that explain the rest of it, where one cause has two effects.
    pub(crate) with: &'static [&'static str],
    /// What it does not explain.
    pub(crate) near_miss: Evidence,
}

impl Case {
    fn new(id: &'static str, shows: Evidence, near_miss: Evidence) -> Self {
        Self {
            id,
            shows,
            with: &[],
            near_miss,
        }
    }
}

pub(crate) fn all() -> Vec<Case> {
    [
        theirs::cases(),
        quote::cases(),
        collateral::cases(),
        pck::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
