//! Gets the collateral that the core asks for, from Intel's Provisioning Certification Service
//! (API v4) or a PCCS, and keeps it on disk.
//!
//! Nothing that comes from there is trusted, and neither is the cache: what is put together here is
//! judged by the core like collateral from anywhere else. The only thing that is taken care of is
//! that the signed texts stay byte for byte what was signed.

#![forbid(unsafe_code)]

mod answer;
mod cache;
mod error;
mod service;

pub use cache::Cache;
pub use error::{CollateralError, CollateralFault};
pub use service::{Fetched, INTEL_ROOT_CRL, Origin, PHALA_PCCS, Service};
