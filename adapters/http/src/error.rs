//! Why there is no answer. Every fault has a stable code and a next step.

use std::fmt;

/// Kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum HttpFault {
    /// The address cannot be asked.
    Address,
    /// Plain HTTP beyond this machine.
    PlainHttp,
    /// The name of the host is not known.
    UnknownHost,
    /// No connection.
    Connect,
    /// No TLS, or a certificate that is not accepted.
    Tls,
    /// Out of time.
    Timeout,
    /// More bytes than any right answer has.
    TooLarge,
    /// The connection ended before the answer did.
    Truncated,
    /// A redirect back to where it came from, or one too many.
    RedirectLoop,
    /// A redirect to where the client does not go.
    RedirectRefused,
    /// A status that is no success.
    Status,
    /// Not HTTP.
    Protocol,
}

impl HttpFault {
    /// All faults.
    pub const ALL: &'static [Self] = &[
        Self::Address,
        Self::PlainHttp,
        Self::UnknownHost,
        Self::Connect,
        Self::Tls,
        Self::Timeout,
        Self::TooLarge,
        Self::Truncated,
        Self::RedirectLoop,
        Self::RedirectRefused,
        Self::Status,
        Self::Protocol,
    ];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::PlainHttp => "plain-http",
            Self::UnknownHost => "unknown-host",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::TooLarge => "too-large",
            Self::Truncated => "truncated",
            Self::RedirectLoop => "redirect-loop",
            Self::RedirectRefused => "redirect-refused",
            Self::Status => "status",
            Self::Protocol => "protocol",
        }
    }

    /// What was expected instead.
    const fn sentence(self) -> &'static str {
        match self {
            Self::Address => "this is no address that can be asked; expected https://host/path",
            Self::PlainHttp => "http is spoken only on this machine; expected https",
            Self::UnknownHost => "the name of the host is not known",
            Self::Connect => "no connection",
            Self::Tls => "no TLS connection with an accepted certificate",
            Self::Timeout => "no complete answer in time",
            Self::TooLarge => "the answer is larger than any right one",
            Self::Truncated => "the connection ended before the answer did",
            Self::RedirectLoop => "redirected in circles or too often",
            Self::RedirectRefused => "redirected to where this client does not go",
            Self::Status => "the server refused",
            Self::Protocol => "the answer is not HTTP",
        }
    }

    /// What to do.
    pub const fn next_step(self) -> &'static str {
        match self {
            Self::Address => "write the whole address, such as https://host/path",
            Self::PlainHttp => "use the https address of the same server",
            Self::UnknownHost => "check the name for typing errors, and that this machine has DNS",
            Self::Connect => "check that the server runs, and that no firewall is in between",
            Self::Tls => {
                "check the name and the certificate; an app that ends TLS with its own key needs the option for RA-TLS"
            }
            Self::Timeout => "try again, or allow more time",
            Self::TooLarge => "check that the address is that of the service, and not of a file",
            Self::Truncated => "try again; a proxy in between may cut answers",
            Self::RedirectLoop | Self::RedirectRefused => {
                "ask the address that the redirects are meant to lead to"
            }
            Self::Status => "check the path, and what the server's own log says",
            Self::Protocol => "check that the port is that of the HTTP service",
        }
    }
}

impl fmt::Display for HttpFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Why there is no answer from an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpError {
    fault: HttpFault,
    address: String,
    detail: String,
    redirects: Vec<String>,
}

impl HttpError {
    pub(crate) fn new(fault: HttpFault, address: &str, detail: String) -> Self {
        Self {
            fault,
            address: address.to_owned(),
            detail,
            redirects: Vec::new(),
        }
    }

    pub(crate) fn after(mut self, redirects: &[String]) -> Self {
        self.redirects = redirects.to_vec();
        self
    }

    /// The kind of failure.
    pub const fn fault(&self) -> HttpFault {
        self.fault
    }

    /// The address that was asked last.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What was found.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// What to do.
    pub const fn next_step(&self) -> &'static str {
        self.fault.next_step()
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |text: &str| -> String {
            text.chars()
                .map(|one| if one.is_control() { '?' } else { one })
                .take(400)
                .collect()
        };
        write!(
            f,
            "{}: {} ({})",
            plain(&self.address),
            self.fault.sentence(),
            plain(&self.detail)
        )?;
        if let Some(first) = self.redirects.first() {
            write!(
                f,
                "; {} redirects, the first to {}",
                self.redirects.len(),
                plain(first)
            )?;
        }
        Ok(())
    }
}

impl std::error::Error for HttpError {}
