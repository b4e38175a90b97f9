//! Why there is no collateral. Every fault has a stable code and a next step.

use std::fmt;

use teeproof_http::HttpError;

/// Kinds of failure.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CollateralFault {
    /// The service did not answer, or refused.
    Http(HttpError),
    /// The service knows nothing of this platform.
    UnknownPlatform {
        /// What was asked.
        asked: String,
    },
    /// The answer has no header with the chain of its signer.
    NoIssuerChain {
        /// The headers that were looked for.
        expected: &'static [&'static str],
    },
    /// The header with the chain is not percent-encoded PEM.
    IssuerChain {
        /// The header.
        header: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The body is not what the service answers to this question.
    Body {
        /// What is wrong with it.
        problem: String,
    },
    /// Offline, and the cache has nothing that would do.
    Offline,
    /// The needs that were given make no collateral.
    Needs {
        /// What is missing among them.
        missing: &'static str,
    },
}

impl CollateralFault {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Http(error) => error.fault().code(),
            Self::UnknownPlatform { .. } => "unknown-platform",
            Self::NoIssuerChain { .. } => "no-issuer-chain",
            Self::IssuerChain { .. } => "issuer-chain",
            Self::Body { .. } => "body",
            Self::Offline => "offline",
            Self::Needs { .. } => "needs",
        }
    }

    /// What to do.
    pub const fn next_step(&self) -> &'static str {
        match self {
            Self::Http(error) => error.next_step(),
            Self::UnknownPlatform { .. } => {
                "ask the PCCS of whoever runs the machine: not every one knows every platform"
            }
            Self::NoIssuerChain { .. } | Self::IssuerChain { .. } => {
                "check that no proxy in between drops or changes headers, or ask another PCCS"
            }
            Self::Body { .. } => "check that the address is the root of a PCCS, without a path",
            Self::Offline => "fetch once with a network, or give the collateral as a file",
            Self::Needs { .. } => "ask for what a quote needs as a whole",
        }
    }
}

/// Why there is no collateral, and at which question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollateralError {
    need: &'static str,
    fault: CollateralFault,
}

impl CollateralError {
    pub(crate) const fn new(need: &'static str, fault: CollateralFault) -> Self {
        Self { need, fault }
    }

    /// The kind of need that could not be met.
    pub const fn need(&self) -> &'static str {
        self.need
    }

    /// The kind of failure.
    pub const fn fault(&self) -> &CollateralFault {
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

impl fmt::Display for CollateralError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no {}: ", self.need)?;
        match &self.fault {
            CollateralFault::Http(error) => write!(f, "{error}"),
            CollateralFault::UnknownPlatform { asked } => {
                write!(f, "the service knows nothing of this platform ({asked})")
            }
            CollateralFault::NoIssuerChain { expected } => write!(
                f,
                "the answer has no header with its signer's chain; expected {}",
                expected.join(" or ")
            ),
            CollateralFault::IssuerChain { header, problem } => write!(
                f,
                "{header} holds no chain of its signer: {problem}; expected percent-encoded PEM"
            ),
            CollateralFault::Body { problem } => {
                write!(f, "the answer is not what was asked for: {problem}")
            }
            CollateralFault::Offline => {
                f.write_str("offline, and nothing fitting was kept from before")
            }
            CollateralFault::Needs { missing } => {
                write!(f, "nothing was asked for {missing}, so there is no whole")
            }
        }
    }
}

impl std::error::Error for CollateralError {}
