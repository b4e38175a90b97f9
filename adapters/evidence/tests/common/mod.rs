//! A guest agent under the test's control, and requests to the routes in front of it.

#![allow(dead_code, reason = "each test file uses a part of this module")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "this file is helpers of tests"
)]

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::HeaderMap;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use teeproof_core::decode_hex;
use teeproof_evidence::{Endpoint, Evidence, Settings, router};
use teeproof_forge::Scenario;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tower::ServiceExt;

/// What the agent does with a connection or a request.
pub(crate) enum Behaviour {
    /// Answers as a guest agent does.
    Honest,
    /// Answers as one that needs leave for each quote.
    Gated(Arc<Semaphore>),
    /// These answers to `GetQuote` and `Info`.
    Says { quote: String, info: String },
    /// This status with this text.
    Status(u16, &'static str),
    /// Takes the request and says nothing.
    Hangs,
    /// These bytes, whatever was asked, and the end.
    Raw(&'static [u8]),
    /// This head, and then zeros for ever.
    Endless(&'static [u8]),
}

/// A guest agent on a socket of its own. It ends when it is dropped.
pub(crate) struct Agent {
    pub(crate) socket: PathBuf,
    /// Everything that it was asked: method and body.
    pub(crate) asked: Arc<Mutex<Vec<(String, String)>>>,
    _tasks: JoinSet<()>,
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.socket);
    }
}

pub(crate) fn fresh_socket() -> PathBuf {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("teeproof-evidence-{}-{number}.sock", std::process::id());
    std::env::temp_dir().join(name)
}

impl Agent {
    pub(crate) fn start(behaviour: Behaviour) -> Self {
        let socket = fresh_socket();
        let listener = UnixListener::bind(&socket).unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let behaviour = Arc::new(behaviour);
        let mut tasks = JoinSet::new();
        let log = Arc::clone(&asked);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                connections.spawn(serve(stream, Arc::clone(&behaviour), Arc::clone(&log)));
            }
        });
        Self {
            socket,
            asked,
            _tasks: tasks,
        }
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        Endpoint::Unix(self.socket.clone())
    }

    /// The report data of every quote that was asked for.
    pub(crate) fn report_data(&self) -> Vec<Vec<u8>> {
        let asked = self.asked.lock().unwrap();
        asked
            .iter()
            .filter(|(method, _)| method == "GetQuote")
            .map(|(_, body)| {
                let body: Value = serde_json::from_str(body).unwrap();
                assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
                decode_hex(body["report_data"].as_str().unwrap(), 1024).unwrap()
            })
            .collect()
    }
}

type Log = Arc<Mutex<Vec<(String, String)>>>;

async fn serve(mut stream: UnixStream, behaviour: Arc<Behaviour>, log: Log) {
    match &*behaviour {
        Behaviour::Raw(bytes) => {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(bytes).await;
        }
        Behaviour::Endless(head) => {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(head).await;
            while stream.write_all(&[0; 65536]).await.is_ok() {}
        }
        _ => {
            let service = service_fn(|request| {
                let (behaviour, log) = (Arc::clone(&behaviour), Arc::clone(&log));
                async move { Ok::<_, std::convert::Infallible>(reply(request, &behaviour, &log).await) }
            });
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        }
    }
}

async fn reply(
    request: Request<Incoming>,
    behaviour: &Behaviour,
    log: &Log,
) -> Response<Full<Bytes>> {
    let method = request.uri().path().trim_start_matches('/').to_owned();
    assert_eq!(request.method(), "POST");
    assert_eq!(request.headers()["content-type"], "application/json");
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let body = String::from_utf8(body.to_vec()).unwrap();
    log.lock().unwrap().push((method.clone(), body.clone()));
    let quote_asked = method == "GetQuote";
    let text = match behaviour {
        Behaviour::Gated(gate) if quote_asked => {
            gate.acquire().await.unwrap().forget();
            quote_answer(&body)
        }
        Behaviour::Honest | Behaviour::Gated(_) if quote_asked => quote_answer(&body),
        Behaviour::Honest | Behaviour::Gated(_) => info_answer(),
        Behaviour::Says { quote, .. } if quote_asked => quote.clone(),
        Behaviour::Says { info, .. } => info.clone(),
        Behaviour::Status(status, text) => {
            let mut response = Response::new(Full::from(*text));
            *response.status_mut() = StatusCode::from_u16(*status).unwrap();
            return response;
        }
        Behaviour::Hangs => std::future::pending().await,
        Behaviour::Raw(_) | Behaviour::Endless(_) => panic!("served before"),
    };
    Response::new(Full::from(text))
}

/// What an honest agent answers to this body of `GetQuote`.
pub(crate) fn quote_answer(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap();
    let asked = decode_hex(body["report_data"].as_str().unwrap(), 64).unwrap();
    let mut report_data = [0; 64];
    report_data[..asked.len()].copy_from_slice(&asked);
    quote_over(report_data)
}

pub(crate) fn quote_over(report_data: [u8; 64]) -> String {
    let mut scenario = Scenario::tdx_v4();
    scenario.answers = None;
    scenario.td().report_data = report_data;
    let issued = scenario.issue();
    json!({
        "quote": teeproof_core::encode_hex(&issued.quote),
        "event_log": issued.event_log,
        "report_data": teeproof_core::encode_hex(&report_data),
        "vm_config": issued.vm_config,
        "attestation": "",
    })
    .to_string()
}

/// What an honest agent answers to `Info`.
pub(crate) fn info_answer() -> String {
    let issued = Scenario::tdx_v4().issue();
    let log: Value = serde_json::from_str(&issued.event_log.unwrap()).unwrap();
    let tcb_info = json!({
        "mrtd": "00", "rtmr0": "00", "rtmr1": "00", "rtmr2": "00", "rtmr3": "00",
        "event_log": log,
        "app_compose": issued.app_compose,
    });
    json!({
        "app_id": "11", "instance_id": "22", "app_name": "test", "tcb_info": tcb_info.to_string(),
    })
    .to_string()
}

/// An answer of the routes.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }

    /// The code of an error, which has the one shape that errors have.
    pub(crate) fn code(&self) -> String {
        assert_eq!(self.headers["content-type"], "application/json");
        let json = self.json();
        assert_eq!(json.as_object().unwrap().len(), 1, "{json}");
        let error = json["error"].as_object().unwrap();
        assert_eq!(error.len(), 2, "{json}");
        assert!(!error["message"].as_str().unwrap().is_empty());
        error["code"].as_str().unwrap().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

pub(crate) fn service(endpoint: Endpoint, settings: Settings) -> Arc<Evidence> {
    Arc::new(Evidence::new(endpoint, settings))
}

pub(crate) async fn ask(evidence: &Arc<Evidence>, method: &str, uri: &str) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(uri)
        .body(Body::empty())
        .unwrap();
    let response = router(Arc::clone(evidence)).oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

pub(crate) async fn get(evidence: &Arc<Evidence>, uri: &str) -> Answer {
    ask(evidence, "GET", uri).await
}

/// A request for evidence with a good challenge.
pub(crate) const GOOD: &str = "/attestation?challenge=000102030405060708090a0b0c0d0e0f";
