//! The side of the people who help: one page and one socket, behind the embedder's sign-in.

use std::sync::Arc;

use axum::extract::ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection};
use axum::extract::{OriginalUri, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};

use crate::asset;
use crate::origin::allowed;
use crate::page::{base_of, fill, language_of, page};
use crate::sign_in::{SignedIn, refuse};
use crate::site::{From, Site};
use crate::socket::{Socket, turn_away, upgrade};

mod row;
mod session;
mod told;
mod wire;

/// The routes of the desk.
pub(crate) fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/", get(desk_page))
        .route("/desk.css", get(|| async { asset::style(asset::DESK_CSS) }))
        .route("/desk.js", get(|| async { asset::script(&asset::DESK_JS) }))
        .route(
            "/icon.svg",
            get(|| async { asset::picture(asset::ICON_SVG) }),
        )
        .route("/socket", get(socket))
        .layer(from_fn(only_signed_in))
        .with_state(site)
}

async fn only_signed_in(request: Request, next: Next) -> Response {
    if request.extensions().get::<SignedIn>().is_none() {
        return refuse();
    }
    next.run(request).await
}

async fn desk_page(
    State(site): State<Arc<Site>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    let language = language_of(&uri, &headers);
    let texts = asset::desk_texts(language);
    let directory = site.switchboard.directory();
    let base = base_of(&uri);
    let values = [
        ("base", base.as_str()),
        ("company", directory.name()),
        ("language", language.tag()),
        ("no_script", &texts["page.no_script"]),
        ("title", &texts["page.title"]),
    ];
    page(
        fill(asset::DESK_HTML, &values),
        &site.config.frame_ancestors,
    )
}

async fn socket(
    State(site): State<Arc<Site>>,
    Extension(signed_in): Extension<SignedIn>,
    From(address): From,
    headers: HeaderMap,
    asked: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let asked = match asked {
        Ok(asked) => asked,
        Err(rejection) => return rejection.into_response(),
    };
    // A cookie goes along with a socket that any page opens: only our own may.
    if allowed(&headers, &[]).is_none() {
        return (
            StatusCode::FORBIDDEN,
            "The desk opens from its own page only.\n",
        )
            .into_response();
    }
    let Some(room) = site.counters.enter(address, site.switchboard.now()) else {
        return upgrade(asked).on_upgrade(turn_away);
    };
    upgrade(asked)
        .on_upgrade(move |socket| session::serve(site, Socket::new(socket), room, signed_in))
}
