//! A server for tests, on this machine and with real sockets: it answers whatever a test tells it,
//! also what no server should.

#![allow(dead_code, reason = "each test file uses a part of this module")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "this file is helpers of tests"
)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What a request asked.
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) body: Vec<u8>,
    /// How many requests came before this one.
    pub(crate) before: usize,
}

/// How to answer.
pub(crate) enum Reply {
    /// A whole answer.
    Full(u16, Vec<(String, String)>, Vec<u8>),
    /// These bytes, then the end of the connection.
    Raw(Vec<u8>),
    /// These bytes, then silence for as long as the server lives.
    Hang(Vec<u8>),
    /// An endless body without an announced length.
    Endless,
    /// One byte of the body at a time, each after a while, for as long as anybody listens.
    Drip,
}

pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Reply {
    Reply::Full(200, Vec::new(), body.into())
}

pub(crate) fn status(status: u16, headers: &[(&str, &str)]) -> Reply {
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Reply::Full(status, headers, format!("status {status}").into_bytes())
}

pub(crate) fn redirect(to: &str) -> Reply {
    status(302, &[("Location", to)])
}

type Handler = dyn Fn(&Request) -> Reply + Send + Sync;

/// Lets hanging connections end with the server.
#[derive(Default)]
struct Closing(Mutex<bool>, Condvar);

impl Closing {
    fn wait(&self) {
        let mut closed = self.0.lock().unwrap();
        while !*closed {
            closed = self.1.wait(closed).unwrap();
        }
    }
}

pub(crate) struct Server {
    pub(crate) port: u16,
    tls: bool,
    closing: Arc<Closing>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(crate) fn start(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::run(None, Arc::new(handler))
    }

    pub(crate) fn start_tls(
        identity: &Identity,
        handler: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::run(Some(identity.config()), Arc::new(handler))
    }

    fn run(tls: Option<Arc<ServerConfig>>, handler: Arc<Handler>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let closing = Arc::new(Closing::default());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let server = Self {
            port,
            tls: tls.is_some(),
            closing: Arc::clone(&closing),
            requests: Arc::clone(&requests),
        };
        thread::spawn(move || {
            for stream in listener.incoming() {
                if *closing.0.lock().unwrap() {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let (tls, handler) = (tls.clone(), Arc::clone(&handler));
                let (closing, requests) = (Arc::clone(&closing), Arc::clone(&requests));
                // A client that goes away in the middle is what many tests are about.
                thread::spawn(move || serve(stream, tls, &*handler, &closing, &requests));
            }
        });
        server
    }

    pub(crate) fn url(&self, path: &str) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}{path}", self.port)
    }

    /// Method and target of every request so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        *self.closing.0.lock().unwrap() = true;
        self.closing.1.notify_all();
        // Wakes the thread that waits for connections, so that it sees that it is over.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

fn serve(
    stream: TcpStream,
    tls: Option<Arc<ServerConfig>>,
    handler: &Handler,
    closing: &Closing,
    requests: &Mutex<Vec<String>>,
) {
    let mut stream: Box<dyn Stream> = match tls {
        None => Box::new(stream),
        Some(config) => Box::new(StreamOwned::new(
            ServerConnection::new(config).unwrap(),
            stream,
        )),
    };
    let Some(mut request) = read(&mut *stream) else {
        return;
    };
    {
        let mut requests = requests.lock().unwrap();
        request.before = requests.len();
        requests.push(format!("{} {}", request.method, request.target));
    }
    let _ = answer(&mut *stream, handler(&request), closing);
}

fn answer(stream: &mut dyn Stream, reply: Reply, closing: &Closing) -> std::io::Result<()> {
    match reply {
        Reply::Full(status, headers, body) => {
            let mut head = format!(
                "HTTP/1.1 {status} Status\r\nContent-Length: {}\r\nConnection: close\r\n",
                body.len()
            );
            for (name, value) in headers {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
            stream.write_all(head.as_bytes())?;
            stream.write_all(b"\r\n")?;
            stream.write_all(&body)?;
            stream.flush()
        }
        Reply::Raw(bytes) => {
            stream.write_all(&bytes)?;
            stream.flush()
        }
        Reply::Hang(bytes) => {
            stream.write_all(&bytes)?;
            stream.flush()?;
            closing.wait();
            Ok(())
        }
        Reply::Endless => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
            let block = [b'x'; 64 * 1024];
            loop {
                stream.write_all(&block)?;
            }
        }
        Reply::Drip => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
            loop {
                stream.write_all(b"x")?;
                stream.flush()?;
                thread::sleep(std::time::Duration::from_millis(20));
            }
        }
    }
}

fn read(stream: &mut dyn Stream) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        let count = stream.read(&mut chunk).ok()?;
        if count == 0 {
            return None;
        }
        bytes.extend_from_slice(&chunk[..count]);
    };
    let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0);
    let mut body = bytes[end + 4..].to_vec();
    while body.len() < length {
        let count = stream.read(&mut chunk).ok()?;
        if count == 0 {
            return None;
        }
        body.extend_from_slice(&chunk[..count]);
    }
    let mut words = head.lines().next()?.split(' ');
    Some(Request {
        method: words.next()?.to_owned(),
        target: words.next()?.to_owned(),
        body,
        before: 0,
    })
}

/// A key and its own certificate for this machine.
pub(crate) struct Identity {
    key: rcgen::KeyPair,
    certificate: rcgen::Certificate,
}

impl Identity {
    pub(crate) fn new() -> Self {
        let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::new(names)
            .unwrap()
            .self_signed(&key)
            .unwrap();
        Self { key, certificate }
    }

    /// The certificate in DER.
    pub(crate) fn der(&self) -> Vec<u8> {
        self.certificate.der().to_vec()
    }

    /// The SubjectPublicKeyInfo of the key in DER.
    pub(crate) fn public_key(&self) -> Vec<u8> {
        rcgen::PublicKeyData::subject_public_key_info(&self.key)
    }

    fn config(&self) -> Arc<ServerConfig> {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate.der().clone()], key)
            .unwrap();
        Arc::new(config)
    }
}
