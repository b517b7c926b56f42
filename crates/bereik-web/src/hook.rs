//! Hands what providers post to the channel that it is for.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use bereik_channel::{HookRequest, Webhook};
use bereik_switchboard::Clock;

/// The webhook of one channel, to be mounted under the path that its provider is told.
///
/// A body longer than [`HookRequest::BODY_BYTES_MAX`] is answered with 413, another method than GET and POST with 405.
/// What the channel answers is sent as it is.
///
/// ```
/// use async_trait::async_trait;
/// use bereik_channel::{HookAnswer, HookRequest, Webhook};
/// use bereik_switchboard::Clock;
/// use bereik_web::hook_router;
/// use std::sync::Arc;
///
/// struct Bell;
///
/// #[async_trait]
/// impl Webhook for Bell {
///     async fn take(&self, _: HookRequest<'_>) -> HookAnswer { HookAnswer::kept() }
/// }
///
/// let app: axum::Router = axum::Router::new()
///     .nest("/hooks/bell", hook_router(Arc::new(Bell), Clock::system()));
/// # drop(app);
/// ```
pub fn hook_router(hook: Arc<dyn Webhook>, clock: Clock) -> Router {
    let hook = Arc::new(Hook { hook, clock });
    Router::new()
        .route("/", any(take))
        .layer(DefaultBodyLimit::max(HookRequest::BODY_BYTES_MAX))
        .with_state(hook)
}

struct Hook {
    hook: Arc<dyn Webhook>,
    clock: Clock,
}

async fn take(
    State(hook): State<Arc<Hook>>,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if method != Method::GET && method != Method::POST {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let as_text = headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let as_text: Vec<(&str, &str)> = as_text.collect();
    let request = HookRequest {
        at: hook.clock.now(),
        body: &body,
        headers: &as_text,
        is_get: method == Method::GET,
        query: query.as_deref().unwrap_or_default(),
    };
    let answer = hook.hook.take(request).await;
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (
        status,
        [(header::CONTENT_TYPE, answer.media_type)],
        answer.body,
    )
        .into_response()
}
