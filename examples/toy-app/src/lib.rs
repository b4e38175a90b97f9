//! A demonstration app for dstack. It offers its own evidence, and counts sign-ups in memory, per
//! instance on purpose: two instances run the same code and still do not share state.

#![forbid(unsafe_code)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Serialize;
use teeproof_evidence::Evidence;

const INDEX: &str = "A toy app in a confidential VM.

GET  /attestation?challenge=<hex>   evidence, as a teeproof bundle
GET  /version                       what this app says of itself
GET  /compose-hash                  the compose hash that it states
GET  /health
POST /signup                        counts one sign-up
GET  /signup-count                  sign-ups of this instance since it started
";

/// The answer to `POST /signup` and `GET /signup-count`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct Count {
    count: u64,
}

/// The app with its counter at zero.
pub fn app(evidence: Arc<Evidence>) -> Router {
    let routes = Router::new()
        .route("/", get(INDEX))
        .route("/signup", post(signup))
        .route("/signup-count", get(count))
        .with_state(Arc::new(AtomicU64::new(0)));
    routes.merge(teeproof_evidence::router(evidence))
}

/// Who signs up is not asked: the body is not read.
async fn signup(State(signups): State<Arc<AtomicU64>>) -> (StatusCode, Json<Count>) {
    let before = signups.fetch_add(1, Ordering::Relaxed);
    let count = before.wrapping_add(1);
    (StatusCode::CREATED, Json(Count { count }))
}

async fn count(State(signups): State<Arc<AtomicU64>>) -> Json<Count> {
    let count = signups.load(Ordering::Relaxed);
    Json(Count { count })
}
