//! The caller's side of getting the evidence: what was asked, and how the answer came.

use crate::bytes::Bytes32;
use crate::freshness::{Challenge, DerivationRule};

/// How the evidence came to the caller.
///
/// A fresh answer proves that some TD gave it, and not that the machine at the other end of the
/// connection is that TD: anybody can pass a challenge on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Channel {
    /// As a file: nobody saw a channel.
    #[default]
    Saved,
    /// Over a connection that the caller opened.
    Live {
        /// SHA-256 of the key in the certificate of the other end (its SubjectPublicKeyInfo in DER),
        /// for a TLS connection.
        tls_key: Option<Bytes32>,
    },
}

/// What the caller asked, and how the answer came. By default nothing, out of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exchange {
    /// The caller's own challenge. One that came with the evidence proves nothing about its age and
    /// has no place here.
    pub challenge: Option<Challenge>,
    /// How the evidence came.
    pub channel: Channel,
}

impl Exchange {
    /// Whether the other end of a live channel holds the key that the workload put into the report
    /// data. `None` where no channel was seen.
    pub(crate) fn key_is_the_workloads(&self) -> Option<bool> {
        let Channel::Live { tls_key } = self.channel else {
            return None;
        };
        let stated = self
            .challenge
            .as_ref()
            .filter(|challenge| challenge.rule == DerivationRule::TeeproofEvidence)
            .and_then(|challenge| challenge.channel_key);
        Some(tls_key.is_some() && tls_key == stated)
    }
}

impl From<Challenge> for Exchange {
    fn from(challenge: Challenge) -> Self {
        Self {
            challenge: Some(challenge),
            channel: Channel::Saved,
        }
    }
}
