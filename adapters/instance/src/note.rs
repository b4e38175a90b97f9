//! What is worth knowing about how evidence came. None of it is an error.

use std::fmt;

/// A note with a stable code.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// The quote answers no challenge: it proves a key, and may be old.
    NoFreshChallenge,
    /// The evidence came from a cloud's record of the instance, and not from the instance.
    FromCloud,
    /// The request was led to another address.
    Redirected {
        /// The address that answered.
        to: String,
    },
    /// The host is that of an app: any of its instances may answer.
    LoadBalanced {
        /// The host of the instance that answered, by its own word.
        instead: Option<String>,
    },
    /// No TLS was spoken.
    NoTls,
    /// TLS ends at the gateway, so its key cannot be that of the instance.
    TlsEndsAtGateway,
    /// Something that the instance says of itself could not be had.
    NoExtra {
        /// Which path.
        path: &'static str,
        /// Why.
        problem: String,
    },
    /// Another key answered there than gave the evidence. What it said was dropped.
    ExtraOfAnotherKey {
        /// Which path.
        path: &'static str,
    },
}

impl Note {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoFreshChallenge => "no-fresh-challenge",
            Self::FromCloud => "from-cloud",
            Self::Redirected { .. } => "redirected",
            Self::LoadBalanced { .. } => "load-balanced",
            Self::NoTls => "no-tls",
            Self::TlsEndsAtGateway => "tls-ends-at-gateway",
            Self::NoExtra { .. } => "no-extra",
            Self::ExtraOfAnotherKey { .. } => "extra-of-another-key",
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFreshChallenge => f.write_str(
                "the quote answers no challenge: it proves a key, and nothing about its age",
            ),
            Self::FromCloud => {
                f.write_str("the evidence is a cloud's record, not an answer of the instance")
            }
            Self::Redirected { to } => write!(f, "redirected; {to} answered"),
            Self::LoadBalanced { instead } => {
                f.write_str("the host is that of an app, whose instances take turns")?;
                match instead {
                    Some(host) => write!(f, "; the one that answered is {host}"),
                    None => Ok(()),
                }
            }
            Self::NoTls => f.write_str("no TLS was spoken"),
            Self::TlsEndsAtGateway => f.write_str(
                "TLS ends at the gateway, which sees everything; for TLS to the instance itself, use a host with `s` after the port",
            ),
            Self::NoExtra { path, problem } => write!(f, "{path} says nothing: {problem}"),
            Self::ExtraOfAnotherKey { path } => {
                write!(f, "{path} was answered by another key, and was dropped")
            }
        }
    }
}
