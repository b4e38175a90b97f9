//! One request and everything that may happen to it.

use std::io::Read;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustls::ClientConfig;
use teeproof_core::Bytes32;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{ConnectProxyConnector, Connector, TcpConnector};
use ureq::{Agent, Proxy, ProxyProtocol};

use crate::address::Address;
use crate::error::{HttpError, HttpFault};
use crate::options::Options;
use crate::repeat::{may_pass, pause, retry_after};
use crate::tls::{self, TlsConnector};

const USER_AGENT: &str = concat!("teeproof/", env!("CARGO_PKG_VERSION"));

/// A client with its bounds. No connection outlives a request.
#[derive(Clone)]
pub struct Client {
    options: Options,
    tls: Arc<ClientConfig>,
}

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Names, in lower case, and values of the headers that are text.
    pub headers: Vec<(String, String)>,
    /// The whole body, within the bound that was given.
    pub body: Vec<u8>,
    /// The address that answered, after all redirects.
    pub address: Address,
    /// Where redirects led, in their order.
    pub redirects: Vec<String>,
    /// SHA-256 of the key in the certificate of the other end, where TLS was spoken.
    pub tls_key: Option<Bytes32>,
    /// How often the request was repeated.
    pub repetitions: u32,
}

impl Response {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The answer, if it is a success.
    ///
    /// # Errors
    /// [`HttpFault::Status`] for any other status than 200, with the beginning of what it says.
    pub fn success(self) -> Result<Self, HttpError> {
        if self.status == 200 {
            return Ok(self);
        }
        let start = self.body.get(..200).unwrap_or(&self.body);
        let says = String::from_utf8_lossy(start);
        let detail = match says.trim() {
            "" => format!("status {}, expected 200", self.status),
            says => format!("status {}, expected 200; it says: {says}", self.status),
        };
        Err(HttpError::new(HttpFault::Status, self.address.as_str(), detail).after(&self.redirects))
    }
}

/// What is sent.
#[derive(Clone, Copy)]
enum Request<'a> {
    Get,
    PostJson(&'a [u8]),
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// A client with these bounds.
    ///
    /// # Errors
    /// [`HttpFault::Tls`] if a root that was given is no certificate.
    pub fn new(options: Options) -> Result<Self, HttpError> {
        let tls = tls::config(&options.trust)
            .map_err(|problem| HttpError::new(HttpFault::Tls, "", problem))?;
        Ok(Self { options, tls })
    }

    /// The bounds.
    pub const fn options(&self) -> &Options {
        &self.options
    }

    /// Gets an address. Any status but a redirect is an answer.
    ///
    /// # Errors
    /// Every fault but [`HttpFault::Status`].
    pub fn get(&self, address: &Address, limit: usize) -> Result<Response, HttpError> {
        let mut redirects: Vec<String> = Vec::new();
        let mut seen = vec![address.clone()];
        let mut current = address.clone();
        let deadline = self.deadline();
        loop {
            let response = self
                .repeated(&current, limit, deadline)
                .map_err(|error| error.after(&redirects))?;
            let location = match response.status {
                301 | 302 | 303 | 307 | 308 => response.header("location"),
                _ => None,
            };
            let Some(location) = location else {
                return Ok(Response {
                    redirects,
                    ..response
                });
            };
            let next = current
                .follow(location)
                .map_err(|error| error.after(&redirects))?;
            redirects.push(next.to_string());
            let looped = seen.contains(&next);
            if looped || redirects.len() > self.options.redirects {
                let detail = if looped {
                    format!("it leads back to {next}")
                } else {
                    format!("at most {} redirects are followed", self.options.redirects)
                };
                return Err(
                    HttpError::new(HttpFault::RedirectLoop, current.as_str(), detail)
                        .after(&redirects),
                );
            }
            seen.push(next.clone());
            current = next;
        }
    }

    /// Posts JSON, once: what changes something is not repeated, and follows no redirect.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub fn post_json(
        &self,
        address: &Address,
        body: &[u8],
        limit: usize,
    ) -> Result<Response, HttpError> {
        let response = self.once(address, Request::PostJson(body), limit, self.deadline())?;
        if matches!(response.status, 301 | 302 | 303 | 307 | 308) {
            let to = response.header("location").unwrap_or("nowhere").to_owned();
            return Err(HttpError::new(
                HttpFault::RedirectRefused,
                address.as_str(),
                format!("what is posted is not sent on; it leads to {to}"),
            ));
        }
        Ok(response)
    }

    fn deadline(&self) -> Option<Instant> {
        Instant::now().checked_add(self.options.timeout)
    }

    /// Gets, and gets again what did not get through.
    fn repeated(
        &self,
        address: &Address,
        limit: usize,
        deadline: Option<Instant>,
    ) -> Result<Response, HttpError> {
        let mut repetition = 0;
        loop {
            let result = self.once(address, Request::Get, limit, deadline);
            let asked = match &result {
                Ok(response) if may_pass(response.status) => {
                    retry_after(response.header("retry-after"))
                }
                Err(error)
                    if matches!(error.fault(), HttpFault::Connect | HttpFault::UnknownHost) =>
                {
                    None
                }
                _ => return result.map(|response| with_repetitions(response, repetition)),
            };
            let pause = pause(&self.options, repetition, asked);
            // A server that asks for more patience than there is gets no second request.
            let impatient = asked.is_some_and(|asked| asked > self.options.longest_pause);
            if impatient || repetition >= self.options.repetitions || pause >= remaining(deadline) {
                return result.map(|response| with_repetitions(response, repetition));
            }
            std::thread::sleep(pause);
            repetition = repetition.saturating_add(1);
        }
    }

    fn once(
        &self,
        address: &Address,
        request: Request<'_>,
        limit: usize,
        deadline: Option<Instant>,
    ) -> Result<Response, HttpError> {
        address.allowed(&self.options)?;
        let fail = |fault, detail: String| HttpError::new(fault, address.as_str(), detail);
        let left = remaining(deadline);
        if left.is_zero() {
            return Err(fail(HttpFault::Timeout, self.out_of_time()));
        }
        let seen = Arc::new(Mutex::new(None));
        let agent = self.agent(address, left, Arc::clone(&seen))?;
        let result = match request {
            Request::Get => agent.get(address.as_str()).call(),
            Request::PostJson(body) => agent
                .post(address.as_str())
                .header("content-type", "application/json")
                .send(body),
        };
        let classify = |error, reading| {
            let (fault, detail) = self.classify(error, reading);
            fail(fault, detail)
        };
        let (head, body) = result.map_err(|error| classify(error, false))?.into_parts();
        let too_large = || {
            fail(
                HttpFault::TooLarge,
                format!("more than {limit} bytes, the most that is read"),
            )
        };
        let cap = u64::try_from(limit).unwrap_or(u64::MAX);
        // The announced length is only good for refusing sooner.
        if body.content_length().is_some_and(|length| length > cap) {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        body.into_with_config()
            .limit(u64::MAX)
            .reader()
            .take(cap.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|error| classify(error.into(), true))?;
        if bytes.len() > limit {
            return Err(too_large());
        }
        let headers = head
            .headers
            .iter()
            .filter_map(|(name, value)| {
                let value = value.to_str().ok()?;
                Some((name.as_str().to_owned(), value.to_owned()))
            })
            .collect();
        let tls_key = seen.lock().ok().and_then(|seen| *seen);
        Ok(Response {
            status: head.status.as_u16(),
            headers,
            body: bytes,
            address: address.clone(),
            redirects: Vec::new(),
            tls_key,
            repetitions: 0,
        })
    }

    /// A fresh agent for each request: the key that it saw is then that of this very connection.
    fn agent(
        &self,
        address: &Address,
        left: Duration,
        seen: tls::SeenKey,
    ) -> Result<Agent, HttpError> {
        // A proxy is for the way out of this machine.
        let proxy = if address.is_loopback() {
            None
        } else {
            Proxy::try_from_env()
        };
        if let Some(proxy) = &proxy
            && !matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https)
        {
            return Err(HttpError::new(
                HttpFault::Connect,
                address.as_str(),
                "the environment names a SOCKS proxy; only HTTP proxies are spoken to".to_owned(),
            ));
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(0)
            .user_agent(USER_AGENT)
            .proxy(proxy)
            .timeout_global(Some(left))
            .timeout_connect(Some(self.options.connect_timeout))
            .timeout_per_read(Some(self.options.read_timeout))
            .timeout_per_write(Some(self.options.read_timeout))
            .build();
        let connector =
            ().chain(ConnectProxyConnector::default())
                .chain(TcpConnector::default())
                .chain(TlsConnector {
                    config: Arc::clone(&self.tls),
                    seen,
                });
        Ok(Agent::with_parts(
            config,
            connector,
            DefaultResolver::default(),
        ))
    }

    fn out_of_time(&self) -> String {
        format!("{} seconds are allowed", self.options.timeout.as_secs_f64())
    }

    fn classify(&self, error: ureq::Error, reading: bool) -> (HttpFault, String) {
        use std::io::ErrorKind;
        let text = error.to_string();
        let fault = match &error {
            ureq::Error::Timeout(which) => {
                let detail = match which {
                    ureq::Timeout::PerRead | ureq::Timeout::PerWrite => format!(
                        "the other end was silent for {} seconds",
                        self.options.read_timeout.as_secs_f64()
                    ),
                    ureq::Timeout::Connect | ureq::Timeout::Resolve => format!(
                        "no connection within {} seconds",
                        self.options.connect_timeout.as_secs_f64()
                    ),
                    _ => self.out_of_time(),
                };
                return (HttpFault::Timeout, detail);
            }
            ureq::Error::HostNotFound => HttpFault::UnknownHost,
            ureq::Error::ConnectionFailed | ureq::Error::ConnectProxyFailed(_) => {
                HttpFault::Connect
            }
            ureq::Error::Tls(tls::CUT) => HttpFault::Truncated,
            ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::TlsRequired => {
                HttpFault::Tls
            }
            ureq::Error::BadUri(_) => HttpFault::Address,
            ureq::Error::LargeResponseHeader(..) | ureq::Error::BodyExceedsLimit(_) => {
                HttpFault::TooLarge
            }
            // The standard library has no kind of its own for it, only this text.
            ureq::Error::Io(error) if error.to_string().contains("failed to lookup address") => {
                HttpFault::UnknownHost
            }
            ureq::Error::Io(error) => match error.kind() {
                ErrorKind::TimedOut | ErrorKind::WouldBlock => HttpFault::Timeout,
                ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
                    if reading =>
                {
                    HttpFault::Truncated
                }
                ErrorKind::UnexpectedEof => HttpFault::Truncated,
                ErrorKind::InvalidData => HttpFault::Tls,
                _ => HttpFault::Connect,
            },
            ureq::Error::BodyStalled => HttpFault::Truncated,
            _ => HttpFault::Protocol,
        };
        (fault, text)
    }
}

fn with_repetitions(response: Response, repetitions: u32) -> Response {
    Response {
        repetitions,
        ..response
    }
}

/// The time that is left. Without a deadline that a clock can hold, there is an hour.
fn remaining(deadline: Option<Instant>) -> Duration {
    deadline.map_or(Duration::from_secs(3600), |deadline| {
        deadline.saturating_duration_since(Instant::now())
    })
}
