//! The HTTP client that the adapters share. Whoever is at the other end may be slow, hostile or
//! somebody else, so everything is bounded before it begins: the time of the whole exchange and of
//! each read, the bytes of a body, where a redirect may lead, and how often a request is repeated.
//!
//! It sees whom a TLS connection ended with, and hands on the digest of that key. What it brings is
//! believed by nobody: the core judges.

#![forbid(unsafe_code)]

mod address;
mod client;
mod error;
mod options;
mod repeat;
mod tls;

pub use address::{Address, is_loopback};
pub use client::{Client, Response};
pub use error::{HttpError, HttpFault};
pub use options::{Options, Trust};
