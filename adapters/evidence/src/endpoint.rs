//! Where the guest agent listens.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use hyper::Uri;

/// The environment variable that dstack's own SDKs read, too.
pub const ENDPOINT_VARIABLE: &str = "DSTACK_SIMULATOR_ENDPOINT";

/// Where guests of the releases so far have the agent's socket, in the order in which dstack's SDKs
/// look for it.
pub const SOCKETS: &[&str] = &[
    "/var/run/dstack.sock",
    "/run/dstack.sock",
    "/var/run/dstack/dstack.sock",
    "/run/dstack/dstack.sock",
];

/// Where the guest agent listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// A unix socket.
    Unix(PathBuf),
    /// An address in plain HTTP, which only simulators have.
    Http {
        /// The host, and the port if it is not 80.
        authority: String,
        /// What stands before the method's name, without a slash at the end.
        prefix: String,
    },
}

impl Endpoint {
    /// The endpoint that [`ENDPOINT_VARIABLE`] names, else the first of [`SOCKETS`] that is there,
    /// else the first of them.
    ///
    /// # Errors
    /// If the variable names nothing that can be an endpoint.
    pub fn from_environment() -> Result<Self, EndpointError> {
        match std::env::var(ENDPOINT_VARIABLE) {
            Ok(text) if !text.is_empty() => text.parse(),
            Ok(_) | Err(std::env::VarError::NotPresent) => {
                let found = SOCKETS.iter().find(|path| Path::new(path).exists());
                let path = found.or(SOCKETS.first()).copied().unwrap_or_default();
                Ok(Self::Unix(path.into()))
            }
            Err(std::env::VarError::NotUnicode(_)) => Err(EndpointError::Unreadable),
        }
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        if let Some(path) = text.strip_prefix("unix:") {
            return unix(path.strip_prefix("//").unwrap_or(path));
        }
        if !text.contains("://") {
            return unix(text);
        }
        let uri: Uri = text.parse().map_err(|_| EndpointError::Unreadable)?;
        match (uri.scheme_str(), uri.authority()) {
            (Some("http"), Some(authority)) if uri.query().is_none() => Ok(Self::Http {
                authority: authority.as_str().to_owned(),
                prefix: uri.path().trim_end_matches('/').to_owned(),
            }),
            (Some("https"), _) => Err(EndpointError::Tls),
            _ => Err(EndpointError::Unreadable),
        }
    }
}

fn unix(path: &str) -> Result<Endpoint, EndpointError> {
    if path.starts_with('/') {
        Ok(Endpoint::Unix(path.into()))
    } else {
        Err(EndpointError::Relative)
    }
}

/// Why a text names no endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointError {
    /// Neither a path nor an address.
    Unreadable,
    /// A path that depends on where the process was started.
    Relative,
    /// An `https` address. The agent is in the same guest: there is nothing that TLS could add.
    Tls,
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreadable => {
                "the guest agent's endpoint is neither the path of a socket nor an http address"
            }
            Self::Relative => "the path of the guest agent's socket has to begin with a slash",
            Self::Tls => {
                "the guest agent is spoken to over a socket of the guest or plain http, not https"
            }
        })
    }
}

impl std::error::Error for EndpointError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_addresses_are_told_apart() {
        for (text, expected) in [
            (
                "/var/run/dstack.sock",
                Endpoint::Unix("/var/run/dstack.sock".into()),
            ),
            ("unix:/run/a.sock", Endpoint::Unix("/run/a.sock".into())),
            ("unix:///run/a.sock", Endpoint::Unix("/run/a.sock".into())),
            (
                "http://localhost:8090",
                Endpoint::Http {
                    authority: "localhost:8090".into(),
                    prefix: String::new(),
                },
            ),
            (
                "http://[::1]:1/agent/",
                Endpoint::Http {
                    authority: "[::1]:1".into(),
                    prefix: "/agent".into(),
                },
            ),
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for (text, error) in [
            ("", EndpointError::Relative),
            ("dstack.sock", EndpointError::Relative),
            ("unix:a.sock", EndpointError::Relative),
            ("https://localhost", EndpointError::Tls),
            ("ftp://localhost", EndpointError::Unreadable),
            ("http://", EndpointError::Unreadable),
            ("http://localhost/?a=b", EndpointError::Unreadable),
        ] {
            assert_eq!(text.parse::<Endpoint>(), Err(error), "{text}");
        }
    }
}
