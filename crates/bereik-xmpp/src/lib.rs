//! XMPP as a channel: one account, with messages, offers and presence both ways.
//!
//! [`Xmpp`] keeps one session with the account's own server (RFC 6120, RFC 6121). A connection that breaks is taken up
//! again, so that each message comes in once and goes out once (XEP-0198); the server may forget what it sent us only
//! once the [inbox](bereik_channel::Inbox) has it.
//!
//! | it can | |
//! |---|---|
//! | address | `handle:xmpp/NAME@DOMAIN`; a resource is never part of it |
//! | best evidence | delivered, by the receipt of the other side's client (XEP-0184); read, where its client marks what it showed (XEP-0333). Many clients tell neither, and a receipt is believed of the recipient alone |
//! | taken | when the server has answered for the message; what comes back later is a [`Delivery`] of nothing |
//! | offers | a message with its words, answered by `yes O3` or `no O3`, by a bare `yes` or `no` where one offer stands, or as a reply to it (XEP-0461); taken back by writing over it (XEP-0308) |
//! | receiving, replay | yes, from the inbox. After a lost session, which is a [`Gap`], the server brings the messages that it kept (XEP-0160); receipts and presence of the time between are lost |
//! | presence | of those who are [watched](XmppConfig::with_watched): `away` and `xa` are idle, gone is unknown; ours by [`publish`](bereik_channel::Channel::publish), to those who [may see it](XmppConfig::with_subscribers) |
//! | typing | comes in (XEP-0085); is not sent |
//! | threads | a message names the one that it answers (XEP-0461) |
//! | text | as long as a [`Body`](bereik_core::message::Body) is: 8 KiB, which is at most 50 KiB on the wire; servers take 256 KiB, if nobody told them otherwise |
//! | who may begin | always, as far as the other server lets strangers in |
//! | twice is once | no: its id goes along as `origin-id` (XEP-0359), and a client that looks at it shows the message once, but no server does. A connection that breaks doubles nothing |
//! | automatic messages | `headline`s and what a server says are told as such; XMPP has no mark for what a machine wrote |
//! | rooms, files, encryption end to end, carbons, archives | no: what comes from a room is for nobody here, and of an encrypted message its hint in clear text comes in |
//!
//! [`Delivery`]: bereik_channel::EventKind::Delivery
//! [`Gap`]: bereik_channel::EventKind::Gap
//!
//! ```
//! use bereik_channel::{Channel, Evidence, Feature};
//! use bereik_xmpp::{Subscribers, Xmpp, XmppConfig};
//!
//! let config = XmppConfig::new("helpdesk@example.org", "secret")?
//!     .with_watched(&["handle:xmpp/anna@example.org".parse()?])?
//!     .with_subscribers(Subscribers::Domain("example.org".to_owned()));
//! let xmpp = Xmpp::new(config)?;
//! assert!(xmpp.capability().can(Feature::Offer) && xmpp.capability().can(Feature::Presence));
//! assert_eq!(xmpp.capability().evidence_max, Evidence::Read);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Credentials
//!
//! An account of its own at any server that speaks XEP-0198 (prosody, ejabberd, Openfire and MongooseIM do), made by the
//! server's administrator: `prosodyctl adduser helpdesk@example.org`. Its password is proved by SCRAM, or said inside TLS
//! to a server that knows nothing better. Offline storage must be on, which it is by default.
//!
//! # Secrecy
//!
//! Nothing is said before TLS, and TLS is never left out: a server that does not offer STARTTLS gets nothing. Its
//! certificate must name the account's domain. TLS is rustls with ring, the embedder's configuration or the system's
//! roots, and no process-wide provider is installed. SCRAM is not bound to the channel.
//!
//! What is written is escaped, and what XML forbids is shown as U+FFFD. What comes in is bounded: of a stanza above 256 KiB,
//! or with more than 32 levels, nothing is kept but that it came, which is a gap; one above 1 MiB or with more than 1,024
//! levels ends the connection.
//!
//! # What it cannot tell
//!
//! When a message was written that was kept for us: the stamp (XEP-0203) has no place in the contract. Who wrote it, beyond
//! what his server vouches for. Whether a client that gave a receipt showed the message to anybody.
//!
//! Two messages of one sender with the same id *and* the same words count as one. A session that ends with the process and
//! without [`Xmpp::close`] is kept by the server for some minutes, and what comes in meanwhile comes with the next one
//! under the same [resource](XmppConfig::with_resource).
//!
//! Not looked up: SRV records; [say](XmppConfig::with_server) where the server is. Domains beyond ASCII cannot be used.
//!
//! # Licence
//!
//! MIT, as all of bereik. It stands apart because what it is built on is under the Mozilla Public License 2.0: `minidom`,
//! `jid` and `sasl`. Why it is not built on `tokio-xmpp`: see `docs/DESIGN.md`.

mod channel;
mod config;
mod fault;
mod heard;
mod ledger;
mod login;
mod outbox;
mod presence;
mod session;
mod stream;
mod wire;

pub use channel::Xmpp;
pub use config::{ConfigError, Subscribers, XmppConfig};
