//! Collateral: what Intel signs about platforms and its own enclaves.

mod parts;

pub use parts::{CollateralFormatError, CollateralParts};
