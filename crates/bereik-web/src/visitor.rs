//! The side of the visitors: page, script, board and socket.

use std::sync::Arc;

use axum::extract::ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection};
use axum::extract::{OriginalUri, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use bereik_core::language::Language;
use bereik_core::public_view::json_ld::Organization;

use crate::asset;
use crate::contact::{contact_section, json_ld_script};
use crate::origin::allowed;
use crate::page::{base_of, fill, language_of, page};
use crate::site::{From, Site};
use crate::socket::{Socket, turn_away, upgrade};

mod board;
mod session;
mod shown;
mod wire;

pub(crate) use board::href;

/// The routes of the visitors.
pub(crate) fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/", get(visitor_page))
        .route("/board.json", get(board_json))
        .route("/chat", get(chat))
        .route(
            "/icon.svg",
            get(|| async { asset::picture(asset::ICON_SVG) }),
        )
        .route("/page.css", get(|| async { asset::style(asset::PAGE_CSS) }))
        .route("/page.js", get(|| async { asset::script(&asset::PAGE_JS) }))
        .route(
            "/widget.js",
            get(|| async { asset::script(&asset::WIDGET_JS) }),
        )
        .with_state(site)
}

async fn visitor_page(
    State(site): State<Arc<Site>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    let language = language_of(&uri, &headers);
    let texts = asset::visitor_texts(language);
    let directory = site.switchboard.directory();
    let title = texts["page.title"].replace("{company}", directory.name());
    let html = fill_page(language, &texts, directory.name(), &title, &base_of(&uri));
    let told = Organization::new(
        &directory,
        &site.config.profile,
        language,
        site.switchboard.now(),
    );
    let board = board::board(&site.switchboard, language);
    // What was filled in is escaped, so that no value looks like one of the marks.
    let parts = [
        ("<!--groups-->", board.groups_html(&texts)),
        ("<!--people-->", board.people_html(&texts)),
        (
            "<!--contact-->",
            contact_section(&directory, &told, language),
        ),
        ("<!--json-ld-->", json_ld_script(&told)),
    ];
    let html = parts
        .iter()
        .fold(html, |html, (mark, part)| html.replacen(mark, part, 1));
    page(html, &site.config.frame_ancestors)
}

fn fill_page(
    language: Language,
    texts: &asset::Texts,
    company: &str,
    title: &str,
    base: &str,
) -> String {
    let is_dutch = language == Language::Dutch;
    // The mark of the language in force: the only two holes outside text and quoted values.
    let template = asset::PAGE_HTML
        .replace(
            "{{en_current}}",
            if is_dutch {
                ""
            } else {
                r#" aria-current="true""#
            },
        )
        .replace(
            "{{nl_current}}",
            if is_dutch {
                r#" aria-current="true""#
            } else {
                ""
            },
        );
    let values = [
        ("base", base),
        ("company", company),
        ("contact_title", &texts["contact.title"]),
        ("groups_title", &texts["page.departments"]),
        ("intro", &texts["page.intro"]),
        ("language", language.tag()),
        ("language_label", &texts["page.language"]),
        ("people_title", &texts["page.people"]),
        ("title", title),
        ("updated", &texts["page.updated"]),
    ];
    fill(&template, &values)
}

async fn board_json(
    State(site): State<Arc<Site>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    let board = board::board(&site.switchboard, language_of(&uri, &headers));
    let mut answer = Json(board).into_response();
    let fixed = [
        (CACHE_CONTROL, "no-store"),
        (CONTENT_TYPE, "application/json; charset=utf-8"),
        (VARY, "Origin, Accept-Language"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in fixed {
        answer
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    let origin = allowed(&headers, &site.config.origins);
    if let Some(origin) = origin.and_then(|origin| HeaderValue::from_str(origin).ok()) {
        answer
            .headers_mut()
            .insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    answer
}

async fn chat(
    State(site): State<Arc<Site>>,
    From(address): From,
    headers: HeaderMap,
    asked: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let asked = match asked {
        Ok(asked) => asked,
        Err(rejection) => return rejection.into_response(),
    };
    if allowed(&headers, &site.config.origins).is_none() {
        return (StatusCode::FORBIDDEN, "This site may not use the chat.\n").into_response();
    }
    let Some(room) = site.counters.enter(address, site.switchboard.now()) else {
        return upgrade(asked).on_upgrade(turn_away);
    };
    upgrade(asked).on_upgrade(move |socket| session::serve(site, Socket::new(socket), room))
}
