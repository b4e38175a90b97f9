//! Where a request goes: only `https`, and `http` on this machine.

use std::fmt;

use url::{Host, Url};

use crate::error::{HttpError, HttpFault};
use crate::options::Options;

/// An address that the client is willing to ask.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Address(Url);

impl Address {
    /// Reads an address. Names and passwords in it are refused: they would end up in logs and in
    /// bundles. A fragment is left out, for it is never sent.
    ///
    /// # Errors
    /// [`HttpFault::Address`] for anything but `http` and `https` with a host.
    pub fn parse(text: &str) -> Result<Self, HttpError> {
        let refuse = |problem: String| HttpError::new(HttpFault::Address, text, problem);
        let url = Url::parse(text).map_err(|error| refuse(error.to_string()))?;
        Self::from_url(url)
    }

    fn from_url(mut url: Url) -> Result<Self, HttpError> {
        let fault = if !matches!(url.scheme(), "http" | "https") {
            Some(format!("the scheme is `{}`", url.scheme()))
        } else if url.host().is_none() {
            Some("there is no host".to_owned())
        } else if !url.username().is_empty() || url.password().is_some() {
            // The text of the error must not repeat what was refused for being a secret.
            let _ = url.set_username("");
            let _ = url.set_password(None);
            Some("it has a user name or a password in it".to_owned())
        } else {
            None
        };
        match fault {
            Some(problem) => Err(HttpError::new(HttpFault::Address, url.as_str(), problem)),
            None => {
                url.set_fragment(None);
                Ok(Self(url))
            }
        }
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The host.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The port, if the address names one that is not the scheme's.
    pub fn port(&self) -> Option<u16> {
        self.0.port()
    }

    /// The path.
    pub fn path(&self) -> &str {
        self.0.path()
    }

    /// Whether TLS is spoken.
    pub fn is_tls(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Whether it is on this machine, by its text alone: no name but `localhost` is looked up.
    pub fn is_loopback(&self) -> bool {
        is_loopback(self.0.host())
    }

    /// The same server with this path below the address's own, and this query.
    #[must_use]
    pub fn below(&self, path: &str, query: Option<&str>) -> Self {
        let mut url = self.0.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{}", path.trim_start_matches('/')));
        url.set_query(query);
        Self(url)
    }

    /// The same address with this host and the scheme's own port.
    #[must_use]
    pub fn at_host(&self, host: &str) -> Option<Self> {
        let mut url = self.0.clone();
        url.set_port(None).ok()?;
        url.set_host(Some(host)).ok()?;
        Some(Self(url))
    }

    /// Where a `Location` leads from here.
    pub(crate) fn follow(&self, location: &str) -> Result<Self, HttpError> {
        let refuse =
            |problem: String| HttpError::new(HttpFault::RedirectRefused, self.as_str(), problem);
        let url = self
            .0
            .join(location)
            .map_err(|error| refuse(format!("`Location` is no address: {error}")))?;
        let next = Self::from_url(url).map_err(|error| refuse(error.detail().to_owned()))?;
        if self.is_tls() && !next.is_tls() {
            return Err(refuse(format!("it leads from https to {next}")));
        }
        Ok(next)
    }

    /// Refuses plain HTTP beyond this machine.
    pub(crate) fn allowed(&self, options: &Options) -> Result<(), HttpError> {
        if self.is_tls() || self.is_loopback() || options.plain_http {
            return Ok(());
        }
        Err(HttpError::new(
            HttpFault::PlainHttp,
            self.as_str(),
            "anybody on the way could read and change the answer".to_owned(),
        ))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether a host is this machine.
pub fn is_loopback(host: Option<Host<&str>>) -> bool {
    match host {
        Some(Host::Domain(name)) => name.trim_end_matches('.') == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_without_secrets_are_read() {
        for wrong in [
            "",
            "example.com",
            "ftp://example.com",
            "file:///etc/passwd",
            "https://",
            "https://me:secret@example.com/",
            "https://me@example.com/",
        ] {
            let error = Address::parse(wrong).unwrap_err();
            assert_eq!(error.fault(), HttpFault::Address, "{wrong}");
            assert!(
                wrong.is_empty() || !error.detail().contains("secret"),
                "{error}"
            );
        }
        let error = Address::parse("https://me:secret@example.com/").unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
    }

    #[test]
    fn plain_http_is_for_this_machine() {
        for (text, allowed) in [
            ("http://127.0.0.1:8080/a", true),
            ("http://127.9.9.9/", true),
            // One number is an address too.
            ("http://2130706433/", true),
            ("http://[::1]:8080/", true),
            ("http://localhost/", true),
            ("http://localhost.example.com/", false),
            ("http://example.com/", false),
            ("http://10.0.0.1/", false),
            ("http://0.0.0.0/", false),
            ("https://example.com/", true),
        ] {
            let address = Address::parse(text).unwrap();
            let found = address.allowed(&Options::default());
            assert_eq!(found.is_ok(), allowed, "{text}");
            let plain = Options {
                plain_http: true,
                ..Options::default()
            };
            assert!(address.allowed(&plain).is_ok());
        }
    }

    #[test]
    fn a_redirect_never_leaves_tls() {
        let from = Address::parse("https://example.com/a/b?c").unwrap();
        for (location, to) in [
            ("d", "https://example.com/a/d"),
            ("/d?e=1", "https://example.com/d?e=1"),
            ("//other.example/d", "https://other.example/d"),
            ("https://other.example/#f", "https://other.example/"),
        ] {
            assert_eq!(from.follow(location).unwrap().as_str(), to);
        }
        for refused in [
            "http://example.com/",
            "ftp://example.com/",
            "https://a:b@c/",
        ] {
            let error = from.follow(refused).unwrap_err();
            assert_eq!(error.fault(), HttpFault::RedirectRefused, "{refused}");
        }
        let plain = Address::parse("http://localhost/").unwrap();
        assert!(plain.follow("https://example.com/").is_ok());
    }

    #[test]
    fn paths_are_put_below_the_addresss_own() {
        let base = Address::parse("https://example.com/app/?x=1").unwrap();
        assert_eq!(
            base.below("/attestation", Some("challenge=00")).as_str(),
            "https://example.com/app/attestation?challenge=00"
        );
        let bare = Address::parse("https://example.com").unwrap();
        assert_eq!(
            bare.below("version", None).as_str(),
            "https://example.com/version"
        );
    }
}
