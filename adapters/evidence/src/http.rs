//! What is answered, as HTTP.

use hyper::body::Bytes;
use hyper::header::{
    ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS,
    ACCESS_CONTROL_MAX_AGE, ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderName,
    HeaderValue, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Method, Response, StatusCode};
use serde::Serialize;

use crate::refusal::{Refusal, RefusalCode};
use crate::service::Evidence;

/// The paths that are served.
pub const PATHS: &[&str] = &["/attestation", "/version", "/compose-hash", "/health"];

#[derive(Serialize)]
struct ErrorBody {
    error: ErrorContent,
}

#[derive(Serialize)]
struct ErrorContent {
    code: &'static str,
    message: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ComposeHashBody {
    compose_hash: String,
}

#[derive(Serialize)]
struct HealthBody {
    status: &'static str,
}

impl Evidence {
    /// Answers a request: the plain handler, for any HTTP server. Bodies of requests are not read.
    pub async fn answer(
        &self,
        method: &Method,
        path: &str,
        query: Option<&str>,
    ) -> Response<Bytes> {
        let mut response = match self.content(method, path, query).await {
            Ok(response) => response,
            Err(refusal) => refused(&refusal, path),
        };
        if method == Method::HEAD {
            // The length is that of the body which a GET would have had.
            let length = std::mem::take(response.body_mut()).len();
            let headers = response.headers_mut();
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        for (name, value) in COMMON {
            let value = HeaderValue::from_static(value);
            response.headers_mut().insert(name.clone(), value);
        }
        response
    }

    async fn content(
        &self,
        method: &Method,
        path: &str,
        query: Option<&str>,
    ) -> Result<Response<Bytes>, Refusal> {
        if !PATHS.contains(&path) {
            return Err(RefusalCode::NotFound.into());
        }
        if method == Method::OPTIONS {
            return Ok(preflight(path));
        }
        if !allowed(path)
            .split(", ")
            .any(|known| known == method.as_str())
        {
            return Err(RefusalCode::Method.into());
        }
        match path {
            "/attestation" => {
                let challenge = self.challenge(query)?;
                Ok(json(StatusCode::OK, self.attestation(&challenge).await?))
            }
            "/version" => Ok(document(StatusCode::OK, &self.version().await)),
            "/compose-hash" => {
                let compose_hash = self.compose_hash().await?;
                Ok(document(StatusCode::OK, &ComposeHashBody { compose_hash }))
            }
            _ => Ok(document(StatusCode::OK, &HealthBody { status: "ok" })),
        }
    }
}

/// Evidence is for everybody: any page may ask for it, and none gets it out of a cache.
const COMMON: [(HeaderName, &str); 4] = [
    (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (ACCESS_CONTROL_EXPOSE_HEADERS, "retry-after"),
    (CACHE_CONTROL, "no-store"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

/// The methods of a path. A quote that nobody reads is not worth making: no HEAD there.
fn allowed(path: &str) -> &'static str {
    if path == "/attestation" {
        "GET, OPTIONS"
    } else {
        "GET, HEAD, OPTIONS"
    }
}

fn preflight(path: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let methods = HeaderValue::from_static(allowed(path));
    let headers = response.headers_mut();
    headers.insert(ALLOW, methods.clone());
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    response
}

fn refused(refusal: &Refusal, path: &str) -> Response<Bytes> {
    let code = refusal.code();
    let error = ErrorContent {
        code: code.as_str(),
        message: code.message(),
    };
    let mut response = document(code.status(), &ErrorBody { error });
    let headers = response.headers_mut();
    if code == RefusalCode::Method {
        headers.insert(ALLOW, HeaderValue::from_static(allowed(path)));
    }
    if let Some(wait) = refusal.retry_after() {
        // Whole seconds, rounded up: a caller that keeps to it is answered.
        let seconds = wait
            .as_secs()
            .saturating_add(u64::from(wait.subsec_nanos() > 0));
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn document(status: StatusCode, content: &impl Serialize) -> Response<Bytes> {
    // Documents of strings have no way to fail.
    json(status, serde_json::to_string(content).unwrap_or_default())
}

fn json(status: StatusCode, text: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(text));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
