//! Presence routing on a website: a page that shows who is reachable, a chat for visitors, and the
//! desk at which people answer them.
//!
//! [`Web`] gives two routers, to be mounted wherever the embedder likes, and needs a
//! [`WebChat`], the channel over which the switchboard reaches desks and visitors:
//!
//! ```
//! use bereik_core::{Person, Zone, directory::Draft, group::Group};
//! use bereik_switchboard::Switchboard;
//! use bereik_web::{SignInLink, Web, WebChat, WebConfig};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let directory = Draft::new("Rivers & Co", Zone::utc())
//!     .with_person(Person::new("anna".parse()?, "Anna"))
//!     .with_group(Group::new("helpdesk".parse()?, "Helpdesk", vec!["anna".parse()?]))
//!     .check()?;
//! let chat = WebChat::new();
//! let switchboard = Switchboard::builder(directory).with_channel(chat.clone()).start().await?;
//! let web = Web::new(switchboard, chat, WebConfig::default());
//! let link = SignInLink::new()?;
//! let app: axum::Router = axum::Router::new()
//!     .nest("/bereik", web.visitor_router())
//!     .nest("/desk", link.guard(web.desk_router()));
//! # drop(app);
//! # Ok(())
//! # }
//! ```
//!
//! A site then shows the chat with one tag, `<script src="/bereik/widget.js" defer></script>`; the
//! page at `/bereik` lists departments and people. A site on another origin is named in
//! [`WebConfig::origins`]; if it has a content security policy, that allows our origin in
//! `script-src` and `connect-src`. A site that wants to place or set up the chat writes the element itself,
//! `<bereik-chat>`, with these attributes: `lang` (`en` or `nl`; else the page's, else the
//! browser's), `live` (connects before the window is opened) and `without-page` (does not tell which
//! page the visitor is on). Its method `open({ group: "helpdesk" })`, or `{ person: … }`, opens the
//! window.
//!
//! # With scripts off, and with the server down
//! The page at `/bereik` lists departments, people, hours and ways in its HTML; the script only keeps them up to
//! date. For search engines it holds them as JSON-LD as well ([`WebConfig::profile`] adds what the directory does
//! not know). [`contact_page`] gives a page of hours and ways that needs no server: write it to a file, and let a
//! proxy show it as its error page.
//!
//! # Who may do what
//! A visitor is whoever holds a token of 128 random bits, which his browser keeps and sends as the
//! first frame of its socket. Of the token only a hash is kept, as the customer's `web:` address:
//! it opens the same contacts after a restart, and there is no table of tokens to lose. The desk
//! opens to whoever the embedder has signed in: a layer before [`Web::desk_router`] inserts an
//! [`Extension`](axum::Extension) of [`SignedIn`], or [`SignInLink::guard`] does. Without it every
//! route of the desk answers 401.
//!
//! # A form
//! [`WebForm`] is a channel of its own for those who want to leave a question and go: a page without a script, with
//! files, a receipt, and the answer by mail.
//!
//! # Exactly once
//! A browser numbers what it writes, keeps it until it is told that it is kept, and sends it again
//! after a cut; the engine knows the number. In the other direction each entry carries its own
//! number: after a cut the browser names the last it has, the server reads the timeline from there
//! and then follows what happens.
//!
//! Frames are small and follow each other closely: serve them over sockets with `TCP_NODELAY`
//! (axum's `ListenerExt::tap_io`), or Nagle's algorithm holds some of them back for 40 ms.
//!
//! # Limits
//! [`Limits`] bounds sockets, messages per connection and per network address. The address is that
//! of axum's `ConnectInfo`, or of a [`ClientAddress`] that a layer of the embedder inserts, who
//! alone knows which proxy to believe.

mod asset;
mod channel;
mod config;
mod contact;
mod desk;
mod error;
mod form;
mod hook;
mod limit;
mod origin;
mod page;
mod sign_in;
mod site;
mod socket;
mod token;
mod visitor;
mod web;

pub use channel::WebChat;
pub use config::{KeptMail, Limits, Outbox, Rate, WebConfig};
pub use contact::{contact_page, json_ld_script};
pub use error::{WebError, WebErrorKind};
pub use form::{FormConfig, WebForm};
pub use hook::hook_router;
pub use limit::ClientAddress;
pub use origin::Origin;
pub use sign_in::{SignInLink, SignedIn};
pub use web::Web;
