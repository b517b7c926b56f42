//! Calendars at web addresses: the guard, the client, the feed and CalDAV, against servers on loopback.
#![cfg(feature = "http")]

#[cfg(feature = "caldav")]
#[path = "web/caldav.rs"]
mod caldav;
#[cfg(feature = "caldav")]
#[path = "web/dav.rs"]
mod dav;
#[path = "web/feed.rs"]
mod feed;
#[path = "web/http.rs"]
mod http;
#[path = "web/server.rs"]
mod server;
#[path = "web/url_guard.rs"]
mod url_guard;
