//! E-mail as a channel: SMTP with STARTTLS and authentication, every fault told apart.
//!
//! [`Smtp`] submits mail to one server with one account (RFC 6409). Each message is one
//! transaction to one recipient, so that one bad address never holds back another, and each step
//! of it is known: an error says whether the message, the recipient or the server is at fault,
//! and whether the mail *may* have been sent.
//!
//! | it can | |
//! |---|---|
//! | subject, threads | yes: `Message-ID` from the message's key, `In-Reply-To`, `References` |
//! | offers | as a mail; a mail cannot be taken back |
//! | best evidence | taken: the server answered for it |
//! | twice is once | no: a mail sent again arrives again, under the same `Message-ID` |
//! | receiving | no |
//! | addresses beyond ASCII | no: SMTPUTF8 (RFC 6531) is not spoken |
//!
//! ```
//! use std::sync::Arc;
//! use bereik_channel::{Channel, Feature, Memory};
//! use bereik_core::ChannelKind;
//! use bereik_email::{ConfigError, Smtp, SmtpConfig};
//!
//! /// Mail through a server where there is one; else an outbox, which pretends nothing.
//! fn mail(url: Option<&str>) -> Result<Arc<dyn Channel>, ConfigError> {
//!     Ok(match url {
//!         Some(url) => Arc::new(Smtp::new(SmtpConfig::parse(url)?)?),
//!         None => Arc::new(Memory::holding(ChannelKind::Email)),
//!     })
//! }
//!
//! let mail = mail(Some("smtp://localhost:2525?from=helpdesk@example.org"))?;
//! assert!(mail.capability().can(Feature::Subject));
//! # Ok::<(), ConfigError>(())
//! ```
//!
//! The connection is encrypted unless the server is on this machine and no password is sent, or
//! [`Security::Plain`] was asked for; a server that does not offer STARTTLS where it is required
//! gets nothing. TLS is rustls with ring, and no process-wide provider is installed.
//!
//! No header can be smuggled in: subjects and names are [`Label`](bereik_channel::Label)s, keys
//! and addresses have no blanks or control characters, and each is looked at once more before it
//! is written.

mod base64;
mod channel;
mod config;
mod conversation;
mod email;
mod error;
mod fault;
mod imap;
mod invitation;
mod lines;
mod mailbox;
mod message_id;
mod read;
mod wire;

pub use channel::Smtp;
pub use config::{MailboxConfig, Security, SmtpConfig};
pub use email::Email;
pub use error::{ConfigError, ConfigErrorKind};
pub use invitation::{Invitation, compose_invitation};
pub use mailbox::Mailbox;
pub use read::MailReader;
pub use wire::{Mail, compose_alert, compose_message};
