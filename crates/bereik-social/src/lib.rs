//! Social networks as channels: WhatsApp, Messenger and Instagram ([`Meta`]).
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
//! **What cannot be had.** X sells direct messages and their webhooks to large customers only, and has nothing to test
//! against; LinkedIn gives messages to partners that it admits one by one, and to nobody else. Neither is here, because
//! neither could be shown to work.

mod bluesky;
mod mastodon;
mod meta;
mod recent;

pub use bluesky::Bluesky;
pub use mastodon::{Mastodon, Visibility};
pub use meta::{Meta, Product};
