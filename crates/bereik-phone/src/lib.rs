//! Telephones as channels: over Twilio, short messages ([`TwilioSms`]) and calls that ring somebody and take his answer by
//! key ([`TwilioVoice`]); over SIP, a telephone at a registrar or PBX (`SipPhone`, feature `sip`). [`CallLink`] reads and
//! writes links that call when they are clicked.
//!
//! | | [`TwilioSms`] | [`TwilioVoice`] | `SipPhone` |
//! |---|---|---|---|
//! | interface | Messages of the REST API 2010-04-01 | Calls of the same, with TwiML | SIP over UDP, see below |
//! | address | `tel:+31…` | `tel:+31…` | `tel:+31…`, an extension for it, `handle:sip/name` |
//! | kind | social, as other messages to a number | phone | phone |
//! | messages | up to 10 segments | up to 3,000 characters, read to whoever picks up | up to 700 bytes, to telephones that show them |
//! | offers | as a message | rings until the offer ends, says what it is about; 1 takes it, 2 declines | rings until the offer ends; picking up takes it, or a key |
//! | taking an offer back | no | stops ringing, or ends the call | the same |
//! | best evidence | delivered | delivered: somebody picked up | taken |
//! | busy, no answer | | the alert comes back, so that the next is asked at once | the same |
//! | comes in | by webhook, signed by `X-Twilio-Signature` | the same | messages, presence, calls |
//! | twice is once | no | no | no; an offer that rings is not rung again |
//!
//! # Twilio
//!
//! **Credentials.** The account's SID and its auth token, which signs the webhooks too, and a number of the account. The
//! number's webhook for messages is where the channel's [`Webhook`](bereik_channel::Webhook) is mounted.
//!
//! **The public URL** is part of what Twilio signs: it is given to the constructor byte for byte as Twilio calls it, and
//! never read from a header.
//!
//! **What is not here.** Calls of customers that come in.
//!
//! # SIP
//!
//! **Credentials.** A user and password at a registrar or PBX, or a trunk that knows us by our address: whoever runs the
//! PBX, or the telephone company, gives either.
//!
//! | what | by |
//! |---|---|
//! | being reached | REGISTER with digest (RFC 3261, 10 and 22; RFC 8760 for SHA-256), again at three quarters of what was granted |
//! | an offer | INVITE with SDP (RFC 3264), what it is about as its Subject; CANCEL when it ends or is withdrawn |
//! | taking it | picking up (200), or a key: RFC 4733, or INFO. Picking up cannot tell a person from a voicemail: see `Acceptance` |
//! | declining it | 603, or a key |
//! | handing it over | REFER (RFC 3515), with the outcome that NOTIFY brings; or through us (`put_through`) |
//! | messages | MESSAGE (RFC 3428), plain text |
//! | presence | PUBLISH (RFC 3903) of a PIDF document, SUBSCRIBE to others' (RFC 3856) |
//! | sound | RTP (RFC 3550) with G.711, 8,000 samples a second |
//!
//! | a response | says |
//! |---|---|
//! | 404, 410, 604, 484, 485, 403 | never this recipient |
//! | 480, 408, 487; 486, 600 | this recipient later: no answer; busy |
//! | 603 | declined, for an offer |
//! | 3xx, and 181 where picking up counts | somebody else would be asked than who was chosen: not followed, but told |
//! | 503, other 5xx, nothing at all | the channel, after `Retry-After` |
//! | 400, 415, 488, 513 and their like | the message |
//! | 401, 407 | the credentials |
//!
//! **A call that comes in** is picked up and told of as a message whose body is `[call]`, whose subject is the number that
//! was dialled, and whose `provider_id` is the call's key. What follows in it answers that key: `[voice message]` with a
//! WAV file, `[call back]` when he kept his place by pressing 1, `[hung up]` when he did not wait. Meanwhile he hears what
//! the `Reception` has clips for. Who he is, is what the other side says: nothing in SIP proves a caller's number.
//!
//! Whom to ring for him is routing's to choose: what is said above opens a contact, its offers ring one person or level
//! after the other, and when one of them is taken, `put_through` joins the two. Where nobody takes it, `record` asks the
//! caller for a message; by itself that happens when he has waited as long as the `Reception` lets him.
//!
//! **What comes in from the net.** Only what comes from the server's addresses is heard, and nothing is sent elsewhere,
//! whatever a message says. A datagram that is longer than 8 KB, not whole, without end or out of order is dropped, as is
//! all beyond 200 a second. Nobody makes us call somebody (REFER to us is refused), and a call of our own that comes back
//! is one too many (482). Everything happens on a thread of its own, on which nothing is logged: the stack beneath,
//! [rsipstack](https://docs.rs/rsipstack), logs each message whole.
//!
//! **What is not here.** TCP and TLS (the stack beneath takes its TLS provider from the process), SRTP, codecs other than
//! G.711, early media, video, SRV and NAPTR records, ICE; keys are not passed on in a call that goes through us. An
//! address can be forged and words can be read on the way: where the way to the PBX is not your own, put a proxy or a VPN
//! beside it.

mod call_link;
#[cfg(feature = "sip")]
mod sip;
mod twilio;

pub use call_link::{CallLink, CallLinkError};
#[cfg(feature = "sip")]
pub use sip::{Acceptance, Clip, ClipError, Phrase, Reception, SipAccount, SipPhone};
pub use twilio::{TwilioAccount, TwilioSms, TwilioVoice};
