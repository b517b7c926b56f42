//! Which server, with which account, in whose name, and how patiently.

mod mailbox;
mod server;
mod url;

use std::path::PathBuf;
use std::time::Duration;

use bereik_channel::Label;
use bereik_core::Address;
use bereik_core::address::AddressKind;
use bereik_core::id::Key;

pub use crate::config::mailbox::MailboxConfig;
pub(crate) use crate::config::server::{Certificates, NO_CERTIFICATE, Server};
use crate::error::{ConfigError, ConfigErrorKind};

/// How the connection is kept secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a connection begins encrypted, becomes so, or never is"
)]
pub enum Security {
    /// TLS from the first byte (RFC 8314), usually on port 465.
    ImplicitTls,
    /// None.
    Plain,
    /// TLS after STARTTLS (RFC 3207), usually on port 587; without it nothing is sent.
    StartTls,
}

/// Which server, with which account, in whose name, and how patiently.
///
/// ```
/// use bereik_email::{Security, SmtpConfig};
/// let config = SmtpConfig::parse("smtp://helpdesk%40example.org:secret@mail.example.org")?;
/// assert_eq!(config.security(), Security::StartTls);
/// assert_eq!(config.from().value(), "helpdesk@example.org");
/// assert!(!format!("{config:?}").contains("secret"));
/// # Ok::<(), bereik_email::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct SmtpConfig {
    pub(crate) server: Server,
    pub(crate) from: Address,
    pub(crate) from_name: Option<Label>,
    pub(crate) mark: Option<Key>,
    pub(crate) until_data_max: Duration,
    pub(crate) answer_max: Duration,
}

impl SmtpConfig {
    /// A server, as a name or an IP address, with its port, and the address in whose name mail
    /// goes out.
    ///
    /// # Errors
    /// When the host is not a name or an address, or the sender is not a mail address in ASCII.
    pub fn new(host: &str, port: u16, from: Address) -> Result<Self, ConfigError> {
        Self::of(Server::new(host, port)?, from)
    }

    fn of(server: Server, from: Address) -> Result<Self, ConfigError> {
        if from.kind() != AddressKind::Email || !from.value().is_ascii() {
            let what = "the sender is not a mail address in ASCII";
            return Err(ConfigError::new(ConfigErrorKind::Sender, what));
        }
        Ok(Self {
            server,
            from,
            from_name: None,
            mark: None,
            until_data_max: Duration::from_secs(20),
            answer_max: Duration::from_secs(60),
        })
    }

    /// Parses a URL: `smtp://USER:PASSWORD@HOST:PORT?OPTIONS`, or `smtps://` for TLS from the
    /// first byte. All but the host may be left out; the port is then 587, or 465 for `smtps`.
    /// What has a meaning in a URL is written in percent encoding: `alice%40example.org`.
    ///
    /// | option | |
    /// |---|---|
    /// | `from=ADDRESS` | the sender; without it the user, where that is an address |
    /// | `name=TEXT` | the name that is shown with it |
    /// | `tls=required` | nothing is sent without STARTTLS; so it is anyway, except to this machine without a password |
    /// | `tls=none` | no encryption; never with a password to another machine |
    /// | `ca=PATH` | a PEM file of certificates that are trusted besides the system's own |
    /// | `mark=TEXT` | as in [`with_mark`](Self::with_mark) |
    ///
    /// # Errors
    /// When the text is not such a URL, names no sender, or would send a password unencrypted.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        url::parse(text)
    }

    /// The same, with a user and a password.
    #[must_use]
    pub fn with_login(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.server.log_in(user, password);
        self
    }

    /// The same, kept secret in this way. Without it: [`Security::Plain`] to this machine when
    /// there is no password, else [`Security::StartTls`].
    #[must_use]
    pub const fn with_security(mut self, security: Security) -> Self {
        self.server.asked = Some(security);
        self
    }

    /// The same, with a name that is shown with the sender where a message has none.
    #[must_use]
    pub fn with_from_name(mut self, name: Label) -> Self {
        self.from_name = Some(name);
        self
    }

    /// The same, with a mark that becomes part of every `Message-ID`.
    ///
    /// The rest of it is made of the message's key, so two installations that send from one
    /// domain, or one that begins again with an empty store, need different marks: many mailboxes
    /// drop a mail whose `Message-ID` they have seen.
    #[must_use]
    pub fn with_mark(mut self, mark: Key) -> Self {
        self.mark = Some(mark);
        self
    }

    /// The same, with certificates in PEM that are trusted besides the system's own.
    #[must_use]
    pub fn with_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.server.certificates.push(Certificates::Pem(pem.into()));
        self
    }

    /// The same, with a PEM file of certificates that are trusted besides the system's own; it is
    /// read when the channel is made.
    #[must_use]
    pub fn with_certificate_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.server
            .certificates
            .push(Certificates::File(path.into()));
        self
    }

    /// The same, with other deadlines: how long everything before the mail's text may take
    /// together, from the connection on, and how long the text and the answer to it. Without it
    /// 20 and 60 seconds. A server that is cut off in the second *may* have taken the mail, so
    /// the second is better long.
    #[must_use]
    pub const fn with_deadlines(mut self, until_data: Duration, answer: Duration) -> Self {
        self.until_data_max = until_data;
        self.answer_max = answer;
        self
    }

    /// The address in whose name mail goes out.
    #[must_use]
    pub const fn from(&self) -> &Address {
        &self.from
    }

    /// How the connection is kept secret.
    #[must_use]
    pub fn security(&self) -> Security {
        self.server.security()
    }
}
