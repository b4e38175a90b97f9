//! The lint: each rule finds what it is for, from a document in which there is nothing to find, and
//! leaves alone what only looks like it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this file is tests and their helpers"
)]

mod bounds;
mod cases;
mod corpus;
mod pinned;
mod report;
mod support;
