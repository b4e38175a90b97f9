//! What an app sets.

use std::time::Duration;

use teeproof_core::Bytes32;

use crate::rate::Rate;

/// What the app says of its own build. Nothing of it is evidence: a verifier shows it, and checks the
/// compose hash alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Build {
    /// The app's version.
    pub version: String,
    /// The commit that it was built from, in full.
    pub git_sha: String,
    /// When it was built.
    pub build_time: String,
    /// Where it is meant to run, such as `production`.
    pub environment: String,
}

/// What an app sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// What the app says of its own build.
    pub build: Build,
    /// A name to tell bundles apart. Without one it is the instance id, as the agent states it.
    pub label: Option<String>,
    /// SHA-256 of the SubjectPublicKeyInfo (DER) of the key that this app ends TLS with. Leave it out
    /// where something before the app, such as a gateway, ends TLS: a wrong one makes verifiers
    /// believe in a channel that is not there.
    pub channel_key: Option<Bytes32>,
    /// How often challenges are answered, from all callers together.
    pub rate: Rate,
    /// Requests that wait for the agent at once.
    pub concurrent: usize,
    /// How long the agent has for one answer.
    pub agent_timeout: Duration,
    /// The largest answer of the agent in bytes.
    pub agent_answer: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            build: Build::default(),
            label: None,
            channel_key: None,
            rate: Rate::default(),
            concurrent: 8,
            agent_timeout: Duration::from_secs(10),
            // The log alone may have half of it.
            agent_answer: 16 << 20,
        }
    }
}
