//! E-mail as a channel: SMTP out and IMAP in, every fault told apart.
//!
//! [`Smtp`] submits mail to one server with one account (RFC 6409). Each message is one
//! transaction to one recipient, so that one bad address never holds back another, and each step
//! of it is known: an error says whether the message, the recipient or the server is at fault,
//! and whether the mail *may* have been sent. [`Mailbox`] reads one folder of one account
//! (RFC 3501, RFC 2177). [`Email`] is both as one channel. [`MailReader`] reads the bytes of a
//! mail that came in another way.
//!
//! | it can | |
//! |---|---|
//! | subject, threads | yes: `Message-ID` from the message's key, `In-Reply-To`, `References` |
//! | offers | as a mail; a mail cannot be taken back |
//! | best evidence | taken: the server answered for it; what [came back][back] or is [late] is told |
//! | twice is once | no: a mail sent again arrives again, under the same `Message-ID` |
//! | receiving, replay | yes: a cursor of UIDVALIDITY and UID; IDLE where the server has it |
//! | answers | lead back to our messages by `References` and `In-Reply-To` |
//! | automatic mails | told as such (RFC 3834), and those of who is out of office apart |
//! | files | names, media types, sizes and bytes, within [bounds](bereik_channel::Attachments) |
//! | invitations | sent and called off ([`Invitation`]); [answers][attendance] come in (RFC 5546) |
//! | addresses beyond ASCII | read, not written to: SMTPUTF8 (RFC 6531) is not spoken |
//!
//! [back]: bereik_channel::EventKind::Delivery
//! [late]: bereik_channel::EventKind::Delayed
//! [attendance]: bereik_channel::EventKind::Attendance
//!
//! ```
//! use std::sync::Arc;
//! use bereik_channel::{Channel, Feature, Memory};
//! use bereik_core::ChannelKind;
//! use bereik_email::{ConfigError, Email, Mailbox, MailboxConfig, Smtp, SmtpConfig};
//!
//! /// Mail through a server where there is one; else an outbox, which pretends nothing.
//! fn mail(smtp: Option<&str>, imap: &str) -> Result<Arc<dyn Channel>, ConfigError> {
//!     Ok(match smtp {
//!         Some(url) => {
//!             let smtp = Smtp::new(SmtpConfig::parse(url)?)?;
//!             Arc::new(Email::new(smtp, Mailbox::new(MailboxConfig::parse(imap)?)?))
//!         }
//!         None => Arc::new(Memory::holding(ChannelKind::Email)),
//!     })
//! }
//!
//! let mail = mail(
//!     Some("smtp://helpdesk%40example.org:secret@mail.example.org"),
//!     "imaps://helpdesk%40example.org:secret@mail.example.org",
//! )?;
//! assert!(mail.capability().can(Feature::Subject));
//! assert!(mail.capability().can(Feature::Receive));
//! # Ok::<(), ConfigError>(())
//! ```
//!
//! # Credentials
//!
//! A mailbox of its own, with a user and a password, at the company's own server or its provider.
//! Where the provider asks for a second factor, it gives an *app password* for a program that
//! has none: so does Gmail, in the account's security settings. Exchange Online takes no passwords
//! over IMAP any more, only OAuth, which is not spoken here.
//!
//! The whole folder is read, from its first mail on: take one in which only customers write.
//!
//! # Secrecy
//!
//! The connection is encrypted unless the server is on this machine and no password is sent, or
//! [`Security::Plain`] was asked for; a server that does not offer STARTTLS where it is required
//! gets nothing. TLS is rustls with ring, and no process-wide provider is installed.
//!
//! No header can be smuggled in: subjects and names are [`Label`](bereik_channel::Label)s, keys
//! and addresses have no blanks or control characters, and each is looked at once more before it
//! is written. What comes in is made harmless before anybody sees it: names and subjects become
//! labels, and from the text controls of a terminal and of the direction of writing are dropped.
//!
//! # What it cannot tell
//!
//! Who wrote a mail, who reports of one and who answers an invitation: anybody can write any
//! sender. A server that checks senders (SPF, DKIM, DMARC) is the place to refuse those. Nor does
//! it look into files, take the quoted mail out of an answer, or read what is encrypted or signed
//! as more than a file. A mail that wants another time for a meeting (COUNTER) is a message.

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
