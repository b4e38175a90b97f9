//! The boundary of teeproof: texts in, core types and versioned answers out.

#![forbid(unsafe_code)]

mod policy_text;

pub use policy_text::parse_policy;
