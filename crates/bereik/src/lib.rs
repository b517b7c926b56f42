//! Presence routing: *who can help this customer now, over what, and what happens until somebody
//! does?*
//!
//! bereik works out from people's calendars, hours and live signals who can be reached, and routes
//! each request for help to somebody who answers: the next person, the next channel, the on-call
//! line, in time. This crate re-exports the rooms of the house by feature; it has no code of its
//! own.
//!
//! | feature | room | what it knows | by default |
//! |---|---|---|:--:|
//! | – | [`core`] | the nouns: people, groups, intervals, offers, entries | yes |
//! | `calendar` | [`calendar`] | RFC 5545 bytes → free/busy | yes |
//! | `presence` | [`presence`] | free/busy, hours and signals → who can be reached | yes |
//! | `routing` | [`routing`] | the engine, as a machine without clock or I/O | yes |
//! | `channel` | [`channel`] | the contract of a channel, its wrappers, its conformance suite | |
//! | `chat` | [`chat`] | IRC, Matrix, Microsoft Teams, Slack and Telegram | |
//! | `email` | [`email`] | e-mail by SMTP | |
//! | `feed` | [`feed`] | calendar files, folders and the directory, watched | |
//! | `feed-caldav` | | calendars of CalDAV servers | |
//! | `feed-http` | | calendars at web addresses, over a client that guards itself | |
//! | `phone` | [`phone`] | short messages and calls over Twilio; links to call | |
//! | `phone-sip` | | calls, messages and presence over SIP | |
//! | `sim` | [`sim`] | a seeded world around the engine: what if, and fire drills | |
//! | `social` | [`social`] | WhatsApp, Messenger, Instagram, Mastodon and Bluesky | |
//! | `store` | [`store`] | the contract of durable state, and the in-memory reference | |
//! | `switchboard` | [`switchboard`] | the running thing on tokio | |
//! | `web` | [`web`] | an axum router and a widget: visitor chat and desk | |
//! | `xmpp` | [`xmpp`] | XMPP, with presence both ways | |
//! | `full` | | everything | |
//!
//! The rooms by themselves are crates of the same names, `bereik-core` and so on, for who wants
//! fewer.

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

#[cfg(feature = "calendar")]
#[doc(inline)]
pub use bereik_calendar as calendar;
#[cfg(feature = "channel")]
#[doc(inline)]
pub use bereik_channel as channel;
#[cfg(feature = "chat")]
#[doc(inline)]
pub use bereik_chat as chat;
#[doc(inline)]
pub use bereik_core as core;
#[cfg(feature = "email")]
#[doc(inline)]
pub use bereik_email as email;
#[cfg(feature = "feed")]
#[doc(inline)]
pub use bereik_feed as feed;
#[cfg(feature = "phone")]
#[doc(inline)]
pub use bereik_phone as phone;
#[cfg(feature = "presence")]
#[doc(inline)]
pub use bereik_presence as presence;
#[cfg(feature = "routing")]
#[doc(inline)]
pub use bereik_routing as routing;
#[cfg(feature = "sim")]
#[doc(inline)]
pub use bereik_sim as sim;
#[cfg(feature = "social")]
#[doc(inline)]
pub use bereik_social as social;
#[cfg(feature = "store")]
#[doc(inline)]
pub use bereik_store as store;
#[cfg(feature = "switchboard")]
#[doc(inline)]
pub use bereik_switchboard as switchboard;
#[cfg(feature = "web")]
#[doc(inline)]
pub use bereik_web as web;
#[cfg(feature = "xmpp")]
#[doc(inline)]
pub use bereik_xmpp as xmpp;
