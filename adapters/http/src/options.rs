//! What a client is allowed to do.

use std::time::Duration;

/// Which certificates of servers are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// Those that lead to a root of the web's PKI (Mozilla's list, built in), or to one of these
    /// roots in DER.
    WebPki {
        /// Roots beside the built-in ones.
        more_roots: Vec<Vec<u8>>,
    },
    /// Any. The other end still has to prove that it holds the key of its certificate. Whoever asks
    /// for this must hold that key against something else: a quote that has it.
    AnyCertificate,
}

impl Default for Trust {
    fn default() -> Self {
        Self::WebPki {
            more_roots: Vec::new(),
        }
    }
}

/// The bounds of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The whole exchange: every redirect, repetition and pause, up to the last byte of the body.
    pub timeout: Duration,
    /// One connection, TLS included.
    pub connect_timeout: Duration,
    /// One read: how long the other end may be silent.
    pub read_timeout: Duration,
    /// Redirects that are followed.
    pub redirects: usize,
    /// How often a request is repeated that changes nothing and did not get through.
    pub repetitions: u32,
    /// The first pause before a repetition. Each further one is twice as long, and all are jittered.
    pub first_pause: Duration,
    /// The longest pause, whatever `Retry-After` asks for.
    pub longest_pause: Duration,
    /// Which certificates are accepted.
    pub trust: Trust,
    /// Whether `http://` may be used beyond this machine.
    pub plain_http: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(15),
            read_timeout: Duration::from_secs(30),
            redirects: 3,
            repetitions: 2,
            first_pause: Duration::from_millis(250),
            longest_pause: Duration::from_secs(10),
            trust: Trust::default(),
            plain_http: false,
        }
    }
}
