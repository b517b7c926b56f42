//! Chat networks as channels: Slack and Telegram.
//!
//! Each is one account of one provider, by a constructor: where its interface is, and its secrets. An offer arrives with
//! two buttons; whoever presses one has answered, and when somebody else was quicker the buttons go away.
//!
//! | | [`Slack`] | [`Telegram`] |
//! |---|---|---|
//! | interface | Web API and Events API, as of 2026 | Bot API 7.0 and later |
//! | address | `handle:slack/CHANNEL`, or `handle:slack/CHANNEL/USER` for who wrote in it | `handle:telegram/CHAT` |
//! | comes in | by webhook ([`Slack`] is a [`Webhook`](bereik_channel::Webhook)) | pulled from the provider |
//! | best evidence | taken | taken |
//! | offers | with buttons; taken back by writing over them | the same |
//! | threads | a message answers in the thread of the one that came in | as a reply |
//! | text | 4,000 characters | 4,096 UTF-16 units |
//! | who may begin | always, within the workspace | after the other side wrote |
//! | twice is once | no: a message that may have been sent is not sent again by itself | no |
//! | read, typing | no: the provider tells neither to a bot | no |
//!
//! **Credentials.** Slack: an app with a bot token (`xoxb-…`, scopes `chat:write`, `im:history`, `channels:history`) and
//! its signing secret, with the webhook as request URL of both its events and its interactivity. Telegram: the token that
//! `@BotFather` gives.
//!
//! **What has ended.** Skype (May 2025), MSN Messenger (2013) and Office Communications Server with Lync (2023) are no
//! more; what their users have now is Microsoft Teams.
//!
//! ```
//! use bereik_channel::http::Http;
//! use bereik_channel::{Channel, Feature, Inbox, signature::Secrets};
//! use bereik_chat::{Slack, Telegram};
//! use std::sync::Arc;
//!
//! let http = Http::new()?;
//! let inbox = Arc::new(Inbox::new());
//! let slack = Slack::new(http.clone(), "xoxb-1-secret", Secrets::new("signing-secret")?, inbox);
//! let telegram = Telegram::new(http, "123:secret");
//! assert!(slack.capability().can(Feature::Answer) && telegram.capability().can(Feature::Answer));
//! assert!(!format!("{slack:?} {telegram:?}").contains("secret"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod posted;
mod slack;
mod teams;
mod telegram;

pub use slack::Slack;
pub use teams::{EntraApp, GraphPresence, PresenceChange, Teams};
pub use telegram::Telegram;
