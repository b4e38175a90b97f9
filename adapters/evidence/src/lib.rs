//! The app's side of attestation: an app in a dstack guest offers its own evidence.
//!
//! dstack's guest agent answers on a socket inside the guest and offers no route that takes a
//! challenge from outside. An app that mounts the socket can offer one with this crate:
//!
//! | route | answer |
//! |---|---|
//! | `GET /attestation?challenge=<hex>` | a teeproof bundle with a fresh quote |
//! | `GET /version` | what the app says of its build, and the compose hash |
//! | `GET /compose-hash` | the compose hash alone |
//! | `GET /health` | that the app is up |
//!
//! **What it will not sign.** Report data are chosen by whoever calls the guest agent, and other
//! protocols give meaning to values there: a TLS key, a key of the app, data of the app. So the
//! challenge never becomes report data. The only values that this crate can ask a quote for are those
//! of the rule `teeproof-evidence` ([`teeproof_core::DerivationRule`]): [`EvidenceChallenge`] derives
//! them when it is made, and nothing else is taken by the part that speaks to the agent.
//!
//! **What it costs.** A quote takes the guest some ten milliseconds and one slot of a quoting enclave,
//! so challenges are bounded in length, requests in number at once and in rate, and the agent in time
//! and in size of answer. The bounds hold for all callers together: behind a gateway there is no
//! telling them apart.
//!
//! [`Evidence::answer`] is the plain handler for any HTTP server. The feature `axum` (on by default)
//! has it as routes of a router.

#![forbid(unsafe_code)]

mod agent;
mod challenge;
mod endpoint;
mod http;
mod rate;
mod refusal;
mod service;
mod settings;

#[cfg(feature = "axum")]
mod routes;

pub use agent::AgentError;
pub use challenge::EvidenceChallenge;
pub use endpoint::{ENDPOINT_VARIABLE, Endpoint, EndpointError, SOCKETS};
pub use http::PATHS;
pub use rate::Rate;
pub use refusal::{Refusal, RefusalCode};
#[cfg(feature = "axum")]
pub use routes::router;
pub use service::{Evidence, Version};
pub use settings::{Build, Settings};
