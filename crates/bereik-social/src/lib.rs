//! Social networks as channels: WhatsApp, Messenger and Instagram ([`Meta`]), [`Mastodon`] and [`Bluesky`].
//!
//! # Meta
//!
//! | | WhatsApp | Messenger | Instagram |
//! |---|---|---|---|
//! | interface | Cloud API, Graph v23.0 | Send API, Graph v23.0 | Send API, Graph v23.0 |
//! | address | `tel:+31…` | `handle:messenger/ID` | `handle:instagram/ID` |
//! | comes in | webhook, signed by `X-Hub-Signature-256` | the same | the same |
//! | best evidence | read | delivered | taken |
//! | offers | with buttons | with quick replies | with quick replies |
//! | taking an offer back | no | no | no |
//! | threads | a message answers one that came in | no | no |
//! | text | 4,096 characters | 2,000 characters | 1,000 bytes |
//! | who may begin | within 24 hours of the other side's last word; outside only a template | the same, without templates | the same |
//! | twice is once | no | no | no |
//!
//! **The window.** 24 hours after the other side wrote last, Meta takes the message with a 200 and drops it; that it did so
//! comes later, by webhook, as evidence that it [came back](bereik_channel::Evidence::None). Whoever wrote since this
//! channel was made is known: outside his window a message is refused at once, or goes out as the
//! [template](Meta::with_template).
//!
//! **Evidence.** Which message a word of Meta is about is remembered for the last 16,384 messages, in memory: after a restart
//! nothing is heard of those before it.
//!
//! **Credentials.** An app at developers.facebook.com with the product, a system user's token, the app's secret, and a
//! word of your own with which Meta asks first whether the webhook is yours.
//!
//! # Mastodon and Bluesky
//!
//! | | [`Mastodon`] | [`Bluesky`] |
//! |---|---|---|
//! | interface | client API v1, Mastodon 4.3 and later, as of 2026 | XRPC of the AT Protocol, lexicons `com.atproto` and `app.bsky`, as of 2026 |
//! | address | `handle:mastodon/jan` on the account's own server, `handle:mastodon/jan@example.org` on another, as the server writes it | `handle:bluesky/DID`; a handle in place of the DID is taken too |
//! | comes in | mentions of any visibility, direct messages among them, pulled | posts that mention the account or reply to it, pulled |
//! | best evidence | taken | taken |
//! | offers | by direct message, answered by writing `accept 7` or `decline 7`; taken back by deleting them | no: every post is public |
//! | threads | below the question, seen by no more people than it | below the question |
//! | text | any length: cut into statuses of 500 letters, each below the one before | any length: cut into posts of 300 letters |
//! | who may begin | always | always |
//! | twice is once | yes, for an hour (`Idempotency-Key`) | yes: the record's key is made of the message's |
//! | files | by name and sort | by description, sort and size |
//! | read, typing, edit | no: the provider tells none | no |
//!
//! **Answered offers.** Whoever writes `accept 7` to the account says so from his address, which the event holds; whether it is
//! the address of whom the offer was put to is for who reads the event to say. Where an offer stands is remembered in memory:
//! after a restart an older one is not deleted.
//!
//! **In order.** Mastodon numbers notifications as they come. Bluesky orders them by the instant that the author's software
//! claims, if that is earlier: one that is dated back by up to ten minutes before the last that was read comes in all the same,
//! an older one does not. Of more than 2,000 unread the older half is given up, and that is a
//! [gap](bereik_channel::EventKind::Gap). A gap is also a cursor that is none of ours; then all is read again.
//!
//! **Who is named.** Whom a status of Mastodon names gets it, so a name within the words is written such that it names nobody.
//! With Bluesky only what is marked is a mention, and nothing within the words is.
//!
//! **Credentials.** Mastodon: a token of an application of the account (preferences, development) with the scopes
//! `read:accounts`, `read:notifications`, `read:statuses` and `write:statuses`. Bluesky: an app password (settings, privacy and
//! security) without access to direct messages.
//!
//! **What was checked against whom.** Bluesky, against its own servers of accounts and notifications (`@atproto/dev-env`);
//! sessions that expire, only against answers written by hand. Mastodon, against `mastodon_mock`, a server that others wrote
//! after its interface and test with Mastodon.py; never against Mastodon itself, which no package registry has. So these are
//! unchecked: how Mastodon counts letters (links as 23, a name without its domain) beyond its documentation, its own HTML, and
//! other software with this interface.
//!
//! # What cannot be had
//!
//! | | why not |
//! |---|---|
//! | direct messages of Bluesky | they go through a service (`chat.bsky.convo`) of which there is no server to test against, and it knows no message twice |
//! | X | each call is paid for in advance, also to try it, and there is nothing to test against |
//! | LinkedIn | its interfaces for messages, and for comments on a company's page, are open to organisations that it admits one by one, and there is nothing to test against |
//!
//! None of them is here, because none could be shown to work. What another system hears of them it can hand on by
//! [`Json`](bereik_channel::Json).

mod bluesky;
mod gap;
mod mastodon;
mod meta;
mod recent;

pub use bluesky::Bluesky;
pub use mastodon::{Mastodon, Visibility};
pub use meta::{Meta, Product};
