//! Chat networks as channels: IRC, Matrix, Microsoft Teams, Slack and Telegram.
//!
//! Each is one account of one provider, by a constructor: where its interface is, and its secrets. At Slack and Telegram an
//! offer arrives with two buttons; whoever presses one has answered, and when somebody else was quicker the buttons go away.
//! Over IRC and Matrix it is answered by word, `accept O3` or `decline O3`, or by `accept` alone where only one offer stands,
//! and by nobody but whom it was put to. Which offers stand is known as long as the channel lives.
//!
//! | | [`Irc`] | [`Matrix`] | [`Slack`] | [`Teams`] | [`Telegram`] |
//! |---|---|---|---|---|---|
//! | interface | RFC 1459, RFC 2812, SASL of IRCv3 | client-server interface v3, of Matrix 1.11 and later | Web API and Events API, as of 2026 | Bot Framework REST v3 and Adaptive Cards 1.4, as of 2026 | Bot API 7.0 and later |
//! | address | `handle:irc/NICK`, `handle:irc/#CHANNEL`, or `handle:irc/#CHANNEL/NICK` for who called us in it | `handle:matrix/@USER:SERVER`, `handle:matrix/!ROOM`, or `handle:matrix/!ROOM/@USER:SERVER` for who wrote in it | `handle:slack/CHANNEL`, or `handle:slack/CHANNEL/USER` for who wrote in it | `handle:teams/CONVERSATION`, or with `/USER` for who wrote in it; `handle:teams/ID` for somebody, by his id with Entra | `handle:telegram/CHAT` |
//! | comes in | over a connection that is kept, into an inbox | pulled from the homeserver | by webhook ([`Slack`] is a [`Webhook`](bereik_channel::Webhook)) | by webhook | pulled from the provider |
//! | best evidence | taken | read | taken | taken | taken |
//! | offers | by word; taken back by another word | by reply, word, or 👍 and 👎; taken back by writing over them | with buttons; taken back by writing over them | with buttons on a card; taken back the same way | as at Slack |
//! | threads | no | as a reply | a message answers in the thread of the one that came in | as a reply; a thread of a channel is a conversation of its own | as a reply |
//! | text | 4,096 bytes and 32 lines | any | 4,000 characters | 10,000 UTF-16 units | 4,096 UTF-16 units |
//! | who may begin | always | always | always, within the workspace | always, where the bot is installed for a person, a chat or a team | after the other side wrote |
//! | twice is once | no | yes: nothing is ever in doubt | no: a message that may have been sent is not sent again by itself | no | no |
//! | presence | of those who are [watched](IrcAccount::with_watched), and of who is away when he is written to | comes in, and is [shown](bereik_channel::Channel::publish) | no | by [`GraphPresence`] | no |
//! | typing | no | comes in | no: the provider does not tell a bot | in chats of two | no: the provider does not tell a bot |
//!
//! **Credentials.** Slack: an app with a bot token (`xoxb-…`, scopes `chat:write`, `im:history`, `channels:history`) and
//! its signing secret, with the webhook as request URL of both its events and its interactivity. Telegram: the token that
//! `@BotFather` gives. Matrix: the access token of an account of its own, which
//! `POST /_matrix/client/v3/login` gives for
//! `{"type":"m.login.password","identifier":{"type":"m.id.user","user":"helpdesk"},"password":"…"}`; logging out ends it.
//! IRC: nothing, or an account at the network's services (`/msg NickServ REGISTER`), without which anybody may take the nick.
//! Teams: an app registration in Microsoft Entra with a client secret, an Azure Bot with that app and the
//! Teams channel, whose messaging endpoint is the webhook, and an app package for Teams that names the bot; for presence the
//! permission `Presence.Read.All` of Microsoft Graph for applications, which an administrator grants.
//!
//! **What cannot be done.** Encrypted rooms of Matrix are not read, nor written to in the clear; both are told. Over Matrix an
//! edit or a redaction of an old message does not come in. IRC keeps nothing for who is away: what was said while there was no
//! connection is lost, and a gap says so; MONITOR is not used, DCC and CTCP are not answered.
//!
//! **Teams, what is believed.** Each activity carries a token, which is verified as
//! [Microsoft says](https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication): RS256
//! by a key of Microsoft's, which is endorsed for Teams; issuer, audience, instants within five minutes, the service's URL; and
//! then the tenant, and that the service is Microsoft's own. Nothing is sent anywhere else.
//!
//! **Teams, what is left out.** Reactions, changes and deletions of messages; files and cards that people send; sending a
//! state to Teams (`setPresence`); regional services other than by what was posted. A mention in our own words stays text.
//!
//! **Teams, what was not checked.** Microsoft gives nothing to test against without a tenant. Its own npm packages stand on
//! the other side of the tests: `botframework-connector` judges tokens and bodies and asks the same service, `adaptivecards`
//! reads the cards, `@microsoft/microsoft-graph-types` has Graph's names. How Teams' clients draw cards and plain words, what its
//! service refuses beyond its documentation, how long a message may truly be (its pages said 28, then 40, then 100 KB), and whether
//! Entra takes the forms of a tenant's policies, nobody has seen here.
//!
//! **What has ended, and what is there instead.**
//!
//! | ended | when | its users went to | in bereik |
//! |---|---|---|---|
//! | MSN Messenger, Windows Live Messenger | 2013 (in China 2014) | Skype, and with it Teams | [`Teams`] |
//! | Skype, and bots on it | May 2025 | Teams, the free one | [`Teams`], for a company's tenant; for others mail, telephone or WhatsApp |
//! | Skype for Business Online | July 2021 | Teams | [`Teams`], [`GraphPresence`] |
//! | Office Communications Server, Lync Server | 2018; 2021 and 2023 | Skype for Business Server, Teams | [`Teams`], [`GraphPresence`] |
//! | Skype for Business Server 2015, 2019 | October 2025 | its Subscription Edition, or Teams | [`Teams`]; calls over SIP with the room for telephones |
//! | the web chat of OCS and Lync | with them | | the chat of `bereik-web` |
//!
//! ```
//! use bereik_channel::http::Http;
//! use bereik_channel::{Channel, Feature, Inbox, signature::Secrets};
//! use bereik_chat::{EntraApp, Matrix, Slack, Teams, Telegram};
//! use std::sync::Arc;
//!
//! let http = Http::new()?;
//! let inbox = Arc::new(Inbox::new());
//! let slack = Slack::new(http.clone(), "xoxb-1-secret", Secrets::new("signing-secret")?, inbox);
//! let app = EntraApp::new("8c6f0d5e-0000-4000-8000-0000000000aa", "7c1f2a4e-0000-4000-8000-000000000001", "secret");
//! let teams = Teams::new(http.clone(), app, Arc::new(Inbox::new()));
//! let telegram = Telegram::new(http.clone(), "123:secret");
//! let matrix = Matrix::new(http, "https://matrix.example.org", "syt_secret");
//! assert!(teams.capability().can(Feature::Withdraw));
//! assert!(matrix.capability().can(Feature::Idempotent) && !telegram.capability().can(Feature::Idempotent));
//! assert!(!format!("{slack:?} {teams:?} {telegram:?} {matrix:?}").contains("secret"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod irc;
mod matrix;
mod posted;
mod slack;
mod spoken;
mod teams;
mod telegram;

pub use irc::{Irc, IrcAccount};
pub use matrix::{Invitations, Matrix};
pub use slack::Slack;
pub use teams::{EntraApp, GraphPresence, PresenceChange, Teams};
pub use telegram::Telegram;
