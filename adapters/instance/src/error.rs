//! Why there is no evidence. Every fault has a stable code and a next step.

use std::fmt;

use teeproof_http::HttpError;

/// Kinds of failure.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum InstanceFault {
    /// The server did not answer, or refused.
    Http(HttpError),
    /// A port behind a colon at a gateway, where none listens.
    GatewayPort {
        /// The port.
        port: u16,
        /// The host that would work.
        instead: String,
    },
    /// The server has no evidence to give at this place.
    NoEndpoint {
        /// Its status.
        status: u16,
    },
    /// The host is that of an app, and one instance was asked for.
    LoadBalanced {
        /// The host of the instance that answered, by its own word.
        instead: Option<String>,
    },
    /// The answer is not JSON.
    NotJson {
        /// How it begins.
        start: String,
    },
    /// The answer is JSON, and no evidence.
    NotEvidence {
        /// What is wrong with it.
        problem: String,
    },
    /// The answer is to another challenge, or to none, by its own word.
    OtherChallenge {
        /// The challenge in the answer.
        found: Option<String>,
        /// The challenge that was sent.
        expected: String,
    },
    /// Any certificate was accepted, and its key is not the one in the evidence.
    ChannelNotBound {
        /// The key in the evidence, by its own word.
        stated: Option<String>,
        /// The key of the connection.
        seen: Option<String>,
    },
    /// The system gives no randomness, so there is no fresh challenge.
    NoRandomness,
}

impl InstanceFault {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Http(error) => error.fault().code(),
            Self::GatewayPort { .. } => "gateway-port",
            Self::NoEndpoint { .. } => "no-evidence-endpoint",
            Self::LoadBalanced { .. } => "load-balanced-host",
            Self::NotJson { .. } => "not-json",
            Self::NotEvidence { .. } => "not-evidence",
            Self::OtherChallenge { .. } => "other-challenge",
            Self::ChannelNotBound { .. } => "channel-not-bound",
            Self::NoRandomness => "no-randomness",
        }
    }

    /// What to do.
    pub const fn next_step(&self) -> &'static str {
        match self {
            Self::Http(error) => error.next_step(),
            Self::GatewayPort { .. } => "write the port into the host name, as shown",
            Self::NoEndpoint { .. } => {
                "serve evidence from the app (GET /attestation?challenge=<hex>), or ask the guest agent: https://<instance id>-8090.<domain>"
            }
            Self::LoadBalanced { .. } => {
                "use the host of one instance: its id in place of the app's"
            }
            Self::NotJson { .. } | Self::NotEvidence { .. } => {
                "check that the address is that of the evidence endpoint, and not of a page"
            }
            Self::OtherChallenge { .. } => {
                "ask the instance directly: something in between answers from memory"
            }
            Self::ChannelNotBound { .. } => {
                "do not use this connection: its other end is not shown to be the instance"
            }
            Self::NoRandomness => "check the machine's source of randomness",
        }
    }
}

/// Why there is no evidence from an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceError {
    address: String,
    fault: InstanceFault,
}

impl InstanceError {
    pub(crate) fn new(address: impl fmt::Display, fault: InstanceFault) -> Self {
        Self {
            address: address.to_string(),
            fault,
        }
    }

    /// The kind of failure.
    pub const fn fault(&self) -> &InstanceFault {
        &self.fault
    }

    /// The stable code.
    pub const fn code(&self) -> &'static str {
        self.fault.code()
    }

    /// What to do.
    pub const fn next_step(&self) -> &'static str {
        self.fault.next_step()
    }
}

impl fmt::Display for InstanceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
        if !matches!(self.fault, InstanceFault::Http(_)) {
            write!(f, "{}: ", self.address)?;
        }
        match &self.fault {
            InstanceFault::Http(error) => write!(f, "{error}"),
            InstanceFault::GatewayPort { port, instead } => write!(
                f,
                "no gateway listens on port {port}: there, a port is part of the host name; expected {instead}"
            ),
            InstanceFault::NoEndpoint { status } => write!(
                f,
                "status {status}: there is no evidence endpoint here; dstack itself has none, an app offers its own"
            ),
            InstanceFault::LoadBalanced { instead } => {
                f.write_str("this is the host of an app, whose instances take turns, so that two requests may reach two machines; expected the host of one instance")?;
                match instead {
                    Some(host) => write!(f, ", such as {host}"),
                    None => Ok(()),
                }
            }
            InstanceFault::NotJson { start } => {
                write!(f, "the answer is not JSON; it begins with `{start}`")
            }
            InstanceFault::NotEvidence { problem } => {
                write!(f, "the answer is no evidence: {problem}")
            }
            InstanceFault::OtherChallenge { found, expected } => write!(
                f,
                "the answer is to another challenge: found {}, expected {expected}",
                or_none(found)
            ),
            InstanceFault::ChannelNotBound { stated, seen } => write!(
                f,
                "any certificate was accepted, and its key is not the one in the evidence: found {}, expected {}",
                or_none(seen),
                or_none(stated)
            ),
            InstanceFault::NoRandomness => f.write_str("no randomness for a fresh challenge"),
        }
    }
}

impl std::error::Error for InstanceError {}
