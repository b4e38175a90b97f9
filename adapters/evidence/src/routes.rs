//! The routes for axum.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Uri};
use axum::routing::any;

use crate::http::PATHS;
use crate::service::Evidence;

/// The routes, to be merged with an app's own. What else is asked for is the app's to answer.
pub fn router(evidence: Arc<Evidence>) -> Router {
    PATHS.iter().fold(Router::new(), |router, path| {
        let evidence = Arc::clone(&evidence);
        let handler = move |method: Method, uri: Uri| async move {
            evidence
                .answer(&method, uri.path(), uri.query())
                .await
                .map(Body::from)
        };
        router.route(path, any(handler))
    })
}
