//! Telephones as channels, over Twilio: short messages ([`TwilioSms`]), and calls that ring somebody and take his answer by
//! key ([`TwilioVoice`]).
//!
//! | | [`TwilioSms`] | [`TwilioVoice`] |
//! |---|---|---|
//! | interface | Messages of the REST API 2010-04-01 | Calls of the same, with TwiML |
//! | address | `tel:+31…` | `tel:+31…` |
//! | kind | social, as other messages to a number | phone |
//! | messages | up to 10 segments | up to 3,000 characters, read to whoever picks up |
//! | offers | as a message | rings until the offer ends, says what it is about; 1 takes it, 2 declines |
//! | taking an offer back | no | stops ringing, or ends the call |
//! | best evidence | delivered | delivered: somebody picked up |
//! | busy, no answer | | the alert comes back, so that the next is asked at once |
//! | comes in | by webhook, signed by `X-Twilio-Signature` | the same |
//! | twice is once | no | no |
//!
//! **Credentials.** The account's SID and its auth token, which signs the webhooks too, and a number of the account. The
//! number's webhook for messages is where the channel's [`Webhook`](bereik_channel::Webhook) is mounted.
//!
//! **The public URL** is part of what Twilio signs: it is given to the constructor byte for byte as Twilio calls it, and
//! never read from a header.
//!
//! **What is not here.** Calls of customers that come in, and SIP.

mod call_link;
mod twilio;

pub use call_link::{CallLink, CallLinkError};
pub use twilio::{TwilioAccount, TwilioSms, TwilioVoice};
