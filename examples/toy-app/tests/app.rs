//! State belongs to one instance, and the app's routes stand beside those of the evidence.

#![allow(clippy::unwrap_used, reason = "this file is tests and their helpers")]

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use teeproof_evidence::{Endpoint, Evidence, Settings};
use teeproof_toy_app::app;
use tower::ServiceExt;

fn instance() -> Router {
    let nowhere = Endpoint::Unix("/nonexistent/dstack.sock".into());
    app(Arc::new(Evidence::new(nowhere, Settings::default())))
}

async fn ask(app: &Router, method: &str, path: &str) -> (StatusCode, String) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .body(Body::from("{\"email\":\"a@example.org\"}"))
        .unwrap();
    let response = app.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn sign_ups_are_counted_per_instance() {
    let (first, second) = (instance(), instance());
    for count in 1..=3 {
        let (status, body) = ask(&first, "POST", "/signup").await;
        assert_eq!(status, StatusCode::CREATED);
        assert_eq!(body, format!("{{\"count\":{count}}}"));
    }
    for (app, count) in [(&first, 3), (&second, 0)] {
        let (status, body) = ask(app, "GET", "/signup-count").await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(body, format!("{{\"count\":{count}}}"));
    }
}

#[tokio::test]
async fn a_get_signs_nobody_up() {
    let app = instance();
    for (method, path) in [
        ("GET", "/signup"),
        ("POST", "/signup-count"),
        ("PUT", "/signup"),
    ] {
        let (status, _) = ask(&app, method, path).await;
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
    }
    assert_eq!(ask(&app, "GET", "/signup-count").await.1, "{\"count\":0}");
}

#[tokio::test]
async fn evidence_stands_beside_the_apps_routes() {
    let app = instance();
    assert_eq!(ask(&app, "GET", "/health").await.0, StatusCode::OK);
    assert_eq!(ask(&app, "GET", "/version").await.0, StatusCode::OK);
    let (status, body) = ask(&app, "GET", "/attestation").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(body.contains("challenge-missing"), "{body}");
    let (status, body) = ask(&app, "GET", "/").await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.contains("/attestation"), "{body}");
    assert_eq!(ask(&app, "GET", "/secret").await.0, StatusCode::NOT_FOUND);
}
