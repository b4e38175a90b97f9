//! The guest agent, over HTTP/1 on its socket.

use std::fmt;
use std::io;
use std::time::Duration;

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::challenge::EvidenceChallenge;
use crate::endpoint::Endpoint;

/// Why the agent gave no evidence. It may name the guest's insides and is not for callers.
#[derive(Debug)]
pub enum AgentError {
    /// Nobody listens there.
    Unreachable(io::Error),
    /// No whole answer in time.
    TimedOut,
    /// Not HTTP, or an answer that broke off.
    Protocol(hyper::Error),
    /// More bytes than an answer may have.
    TooLarge {
        /// Bytes allowed.
        limit: usize,
    },
    /// The agent's own refusal.
    Status(StatusCode),
    /// An answer without what was asked for.
    NotUnderstood(String),
    /// A quote over other report data than were asked for.
    OtherReportData,
}

impl fmt::Display for AgentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(error) => write!(f, "the guest agent cannot be reached: {error}"),
            Self::TimedOut => f.write_str("the guest agent did not answer in time"),
            Self::Protocol(error) => write!(f, "the guest agent's answer is not HTTP: {error}"),
            Self::TooLarge { limit } => {
                write!(f, "the guest agent's answer has more than {limit} bytes")
            }
            Self::Status(status) => write!(f, "the guest agent answered {status}"),
            Self::NotUnderstood(what) => {
                write!(f, "the guest agent's answer is not understood: {what}")
            }
            Self::OtherReportData => {
                f.write_str("the guest agent's quote is over other report data than were asked for")
            }
        }
    }
}

impl std::error::Error for AgentError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreachable(error) => Some(error),
            Self::Protocol(error) => Some(error),
            _ => None,
        }
    }
}

impl From<hyper::Error> for AgentError {
    fn from(error: hyper::Error) -> Self {
        Self::Protocol(error)
    }
}

/// The guest agent. Each call has a connection of its own: agents restart, and calls are few.
#[derive(Debug)]
pub(crate) struct Agent {
    pub(crate) endpoint: Endpoint,
    pub(crate) timeout: Duration,
    pub(crate) limit: usize,
}

impl Agent {
    /// The answer to `GetQuote` over the report data of a challenge. There is no way to ask for others.
    pub(crate) async fn quote(&self, challenge: &EvidenceChallenge) -> Result<Bytes, AgentError> {
        let body = format!(r#"{{"report_data":"{}"}}"#, challenge.report_data());
        self.call("GetQuote", body).await
    }

    /// The answer to `Info`.
    pub(crate) async fn info(&self) -> Result<Bytes, AgentError> {
        self.call("Info", "{}".to_owned()).await
    }

    async fn call(&self, method: &str, body: String) -> Result<Bytes, AgentError> {
        tokio::time::timeout(self.timeout, self.connect_and_ask(method, body))
            .await
            .unwrap_or(Err(AgentError::TimedOut))
    }

    async fn connect_and_ask(&self, method: &str, body: String) -> Result<Bytes, AgentError> {
        match &self.endpoint {
            #[cfg(unix)]
            Endpoint::Unix(path) => {
                let stream = tokio::net::UnixStream::connect(path).await;
                let request = request("localhost", &format!("/{method}"), body)?;
                self.ask(stream.map_err(AgentError::Unreachable)?, request)
                    .await
            }
            #[cfg(not(unix))]
            Endpoint::Unix(_) => Err(AgentError::Unreachable(io::ErrorKind::Unsupported.into())),
            Endpoint::Http { authority, prefix } => {
                let address = if authority.ends_with(']') || !authority.contains(':') {
                    format!("{authority}:80")
                } else {
                    authority.clone()
                };
                let stream = TcpStream::connect(address).await;
                let request = request(authority, &format!("{prefix}/{method}"), body)?;
                self.ask(stream.map_err(AgentError::Unreachable)?, request)
                    .await
            }
        }
    }

    async fn ask<S>(&self, stream: S, request: Request<Full<Bytes>>) -> Result<Bytes, AgentError>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // Dropped with this future, so that an answer nobody waits for any more is not read on.
        let mut driver = JoinSet::new();
        driver.spawn(connection);
        let response = sender.send_request(request).await?;
        self.body(response).await
    }

    async fn body(&self, response: Response<Incoming>) -> Result<Bytes, AgentError> {
        let status = response.status();
        if status != StatusCode::OK {
            return Err(AgentError::Status(status));
        }
        let body = response.into_body();
        let limit = self.limit;
        let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
        if announced > limit {
            return Err(AgentError::TooLarge { limit });
        }
        match Limited::new(body, limit).collect().await {
            Ok(collected) => Ok(collected.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(AgentError::TooLarge { limit }),
            Err(error) => Err(match error.downcast::<hyper::Error>() {
                Ok(error) => AgentError::Protocol(*error),
                Err(other) => AgentError::NotUnderstood(other.to_string()),
            }),
        }
    }
}

fn request(host: &str, path: &str, body: String) -> Result<Request<Full<Bytes>>, AgentError> {
    let refuse = |what: &str| AgentError::NotUnderstood(what.to_owned());
    let mut request = Request::new(Full::new(Bytes::from(body)));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = path
        .parse::<Uri>()
        .map_err(|_| refuse("the endpoint's path"))?;
    let host = HeaderValue::from_str(host).map_err(|_| refuse("the endpoint's host"))?;
    let json = HeaderValue::from_static("application/json");
    let headers = request.headers_mut();
    headers.insert(HOST, host);
    headers.insert(CONTENT_TYPE, json.clone());
    headers.insert(ACCEPT, json);
    Ok(request)
}
