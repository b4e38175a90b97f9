//! The versions of an app: where they are written, what the next one is, which compose hash belongs to
//! each, and where in a changelog its section goes.
//!
//! Text in, text out, no IO: whoever calls reads and writes the files.

#![forbid(unsafe_code)]

mod changelog;
mod config;
mod error;
mod history;
mod json;
mod plan;
mod source;
mod toml_file;

pub use changelog::{Inserted, insert};
pub use config::{CONFIG, Config, Source};
pub use error::ReleaseError;
pub use history::{Recorded, record};
pub use plan::{Part, Plan, agreed, bump, tag_of};
pub use semver::Version;

/// Bytes of one file that is read or written here.
pub const FILE: usize = 16 * 1024 * 1024;

/// Version sources of one configuration.
pub const SOURCES: usize = 64;
