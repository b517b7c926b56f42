//! Chat networks as channels: IRC, Matrix, Slack and Telegram.
//!
//! Each is one account of one provider, by a constructor: where its interface is, and its secrets. At Slack and Telegram an
//! offer arrives with two buttons; whoever presses one has answered, and when somebody else was quicker the buttons go away.
//! Over IRC and Matrix it is answered by word, `accept O3` or `decline O3`, or by `accept` alone where only one offer stands,
//! and by nobody but whom it was put to. Which offers stand is known as long as the channel lives.
//!
//! | | [`Slack`] | [`Telegram`] | [`Matrix`] | [`Irc`] |
//! |---|---|---|---|---|
//! | interface | Web API and Events API, as of 2026 | Bot API 7.0 and later | client-server interface v3, of Matrix 1.11 and later | RFC 1459, RFC 2812, SASL of IRCv3 |
//! | address | `handle:slack/CHANNEL`, or `handle:slack/CHANNEL/USER` for who wrote in it | `handle:telegram/CHAT` | `handle:matrix/@USER:SERVER`, `handle:matrix/!ROOM`, or `handle:matrix/!ROOM/@USER:SERVER` for who wrote in it | `handle:irc/NICK`, `handle:irc/#CHANNEL`, or `handle:irc/#CHANNEL/NICK` for who called us in it |
//! | comes in | by webhook ([`Slack`] is a [`Webhook`](bereik_channel::Webhook)) | pulled from the provider | pulled from the homeserver | over a connection that is kept, into an inbox |
//! | best evidence | taken | taken | read | taken |
//! | offers | with buttons; taken back by writing over them | the same | by reply, word, or 👍 and 👎; taken back by writing over them | by word; taken back by another word |
//! | threads | a message answers in the thread of the one that came in | as a reply | as a reply | no |
//! | text | 4,000 characters | 4,096 UTF-16 units | any | 4,096 bytes and 32 lines |
//! | who may begin | always, within the workspace | after the other side wrote | always | always |
//! | twice is once | no: a message that may have been sent is not sent again by itself | no | yes: nothing is ever in doubt | no |
//! | presence | no | no | comes in, and is [shown](Matrix::publish) | of those who are [watched](IrcAccount::with_watched), and of who is away when he is written to |
//! | typing | no: the provider tells neither to a bot | no | comes in | no |
//!
//! **Credentials.** Slack: an app with a bot token (`xoxb-…`, scopes `chat:write`, `im:history`, `channels:history`) and
//! its signing secret, with the webhook as request URL of both its events and its interactivity. Telegram: the token that
//! `@BotFather` gives. Matrix: the access token of an account of its own, which
//! `POST /_matrix/client/v3/login` gives for
//! `{"type":"m.login.password","identifier":{"type":"m.id.user","user":"helpdesk"},"password":"…"}`; logging out ends it.
//! IRC: nothing, or an account at the network's services (`/msg NickServ REGISTER`), without which anybody may take the nick.
//!
//! **What cannot be done.** Encrypted rooms of Matrix are not read, nor written to in the clear; both are told. Over Matrix an
//! edit or a redaction of an old message does not come in. IRC keeps nothing for who is away: what was said while there was no
//! connection is lost, and a gap says so; MONITOR is not used, DCC and CTCP are not answered.
//!
//! **What has ended.** Skype (May 2025), MSN Messenger (2013) and Office Communications Server with Lync (2023) are no
//! more; what their users have now is Microsoft Teams.
//!
//! ```
//! use bereik_channel::http::Http;
//! use bereik_channel::{Channel, Feature, Inbox, signature::Secrets};
//! use bereik_chat::{Matrix, Slack, Telegram};
//! use std::sync::Arc;
//!
//! let http = Http::new()?;
//! let inbox = Arc::new(Inbox::new());
//! let slack = Slack::new(http.clone(), "xoxb-1-secret", Secrets::new("signing-secret")?, inbox);
//! let telegram = Telegram::new(http.clone(), "123:secret");
//! let matrix = Matrix::new(http, "https://matrix.example.org", "syt_secret");
//! assert!(matrix.capability().can(Feature::Idempotent) && !telegram.capability().can(Feature::Idempotent));
//! assert!(!format!("{slack:?} {telegram:?} {matrix:?}").contains("secret"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod irc;
mod matrix;
mod posted;
mod slack;
mod spoken;
mod telegram;

pub use irc::{Irc, IrcAccount};
pub use matrix::{Invitations, Matrix};
pub use slack::Slack;
pub use telegram::Telegram;
