//! Which mailbox is read, on which server, and how patiently.

use std::path::PathBuf;
use std::time::Duration;

use super::{Certificates, Security, Server, url};
use crate::error::{ConfigError, ConfigErrorKind};

/// Which mailbox is read, on which server, and how patiently.
///
/// ```
/// use bereik_email::{MailboxConfig, Security};
/// let config = MailboxConfig::parse("imaps://helpdesk%40example.org:secret@mail.example.org")?;
/// assert_eq!(config.security(), Security::ImplicitTls);
/// assert_eq!(config.folder(), "INBOX");
/// assert!(!format!("{config:?}").contains("secret"));
/// # Ok::<(), bereik_email::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct MailboxConfig {
    pub(crate) server: Server,
    pub(crate) folder: Box<str>,
    pub(crate) marks_read: bool,
    pub(crate) mail_bytes_max: u32,
    pub(crate) poll_for: Duration,
    pub(crate) login_max: Duration,
    pub(crate) answer_max: Duration,
}

impl MailboxConfig {
    /// How large a mail may be that is taken whole, where nothing else is said: 16 MiB.
    pub const MAIL_BYTES_MAX: u32 = 16 * 1024 * 1024;

    /// A server, as a name or an IP address, with its port. Read is its folder `INBOX`.
    ///
    /// # Errors
    /// When the host is not a name or an address.
    pub fn new(host: &str, port: u16) -> Result<Self, ConfigError> {
        Ok(Self::of(Server::new(host, port)?))
    }

    pub(crate) fn of(server: Server) -> Self {
        Self {
            server,
            folder: "INBOX".into(),
            marks_read: false,
            mail_bytes_max: Self::MAIL_BYTES_MAX,
            poll_for: Duration::from_secs(60),
            login_max: Duration::from_secs(30),
            answer_max: Duration::from_secs(60),
        }
    }

    /// Parses a URL: `imap://USER:PASSWORD@HOST:PORT/FOLDER?OPTIONS`, or `imaps://` for TLS from
    /// the first byte. The port is 143 without one, or 993 for `imaps`, and the folder `INBOX`.
    /// What has a meaning in a URL is written in percent encoding: `alice%40example.org`.
    ///
    /// | option | |
    /// |---|---|
    /// | `tls=required` | nothing is read without STARTTLS; so it is anyway, except from this machine without a password |
    /// | `tls=none` | no encryption; never with a password to another machine |
    /// | `ca=PATH` | a PEM file of certificates that are trusted besides the system's own |
    /// | `poll=SECONDS` | as in [`with_poll_for`](Self::with_poll_for) |
    /// | `read=mark` | as in [`with_marking`](Self::with_marking) |
    ///
    /// # Errors
    /// When the text is not such a URL, or would send a password unencrypted.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        url::parse_mailbox(text)
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
        let file = Certificates::File(path.into());
        self.server.certificates.push(file);
        self
    }

    /// The same, reading another folder.
    #[must_use]
    pub fn with_folder(mut self, folder: impl Into<Box<str>>) -> Self {
        self.folder = folder.into();
        self
    }

    /// The same, marking mails as read once the cursor has moved past them. Without it nothing in
    /// the mailbox changes.
    #[must_use]
    pub const fn with_marking(mut self) -> Self {
        self.marks_read = true;
        self
    }

    /// The same, with another bound on the mails that are taken whole, in bytes. Of a larger one
    /// only its head is taken, and the message says so. At most 64 MiB.
    #[must_use]
    pub fn with_mail_bytes_max(mut self, max: u32) -> Self {
        self.mail_bytes_max = max.clamp(1_024, 64 * 1024 * 1024);
        self
    }

    /// The same, with another time that [`receive`](bereik_channel::Channel::receive) waits for
    /// news; 60 seconds without, at most 25 minutes: then many servers end a silent connection.
    #[must_use]
    pub fn with_poll_for(mut self, poll_for: Duration) -> Self {
        self.poll_for = poll_for.min(Duration::from_secs(25 * 60));
        self
    }

    /// The same, with other deadlines: how long everything up to and including the login may take
    /// together, and how long the answer to one command. Without it 30 and 60 seconds.
    #[must_use]
    pub const fn with_deadlines(mut self, login: Duration, answer: Duration) -> Self {
        self.login_max = login;
        self.answer_max = answer;
        self
    }

    /// Which folder is read.
    #[must_use]
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// How the connection is kept secret.
    #[must_use]
    pub fn security(&self) -> Security {
        self.server.security()
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if self.folder.is_empty() || self.folder.chars().any(char::is_control) {
            let what = "the folder has no name, or a control character in it";
            return Err(ConfigError::new(ConfigErrorKind::Folder, what));
        }
        self.server.check()
    }
}
