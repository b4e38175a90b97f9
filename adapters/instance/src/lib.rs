//! Gets evidence from a running instance, and says how it came.
//!
//! An address is not a machine. What comes from one is a claim like any other, and the result says
//! with it what was asked, whom the connection ended with, and what the way of asking cannot show.

#![forbid(unsafe_code)]

mod capture;
mod error;
mod extras;
mod gateway;
mod note;

pub use capture::{Ask, Captured, Source, capture};
pub use error::{InstanceError, InstanceFault};
pub use gateway::GatewayHost;
pub use note::Note;
