//! libteeproof. Every function here reads what C hands over, calls one function of
//! `teeproof-bindings` or `teeproof-core`, and hands on what that gave; there is no logic here.
//!
//! The documentation comments of what is public are those of the header, `include/teeproof.h`, and
//! speak to callers from C. No function can be reached from Rust: whoever calls one has the header's
//! contract, and the SAFETY comments in [`memory`] rest on that and on nothing else. That file has
//! all the unsafe code there is; `#[unsafe(no_mangle)]` elsewhere gives a function its name.

#![deny(clippy::undocumented_unsafe_blocks)]
#![allow(
    unreachable_pub,
    reason = "the header is made from what is public, and only C reaches it"
)]

mod call;
mod collateral;
mod comparison;
mod error;
mod measurement;
mod memory;
mod options;
mod policy;
mod quote;
mod remembered;
mod report;
mod result;
mod text;
mod version;
