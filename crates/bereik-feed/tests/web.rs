//! Calendars at web addresses: the guard, the client and the feed, against servers on loopback.
#![cfg(feature = "http")]

#[path = "web/feed.rs"]
mod feed;
#[path = "web/http.rs"]
mod http;
#[path = "web/server.rs"]
mod server;
#[path = "web/url_guard.rs"]
mod url_guard;
