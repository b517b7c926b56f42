//! Why a configuration cannot be used.

/// What to change. In alphabetical order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConfigErrorKind {
    /// The file of trusted certificates cannot be read, or is none.
    Certificates,
    /// The folder of a mailbox has no name that could be.
    Folder,
    /// A password would go unencrypted to another machine.
    Insecure,
    /// The user or the password holds a control character.
    Login,
    /// There is no sender, or it is not a mail address in ASCII.
    Sender,
    /// The text is not a URL of a mail server.
    Url,
}

/// A configuration cannot be used. No password is in it.
///
/// ```
/// use bereik_email::{ConfigErrorKind, SmtpConfig};
/// let error = SmtpConfig::parse("smtp://anna:secret@mail.example.org").unwrap_err();
/// assert_eq!(error.kind(), ConfigErrorKind::Sender);
/// assert!(!error.to_string().contains("secret"));
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct ConfigError {
    kind: ConfigErrorKind,
    what: &'static str,
    source: Option<std::io::Error>,
}

impl ConfigError {
    pub(crate) const fn new(kind: ConfigErrorKind, what: &'static str) -> Self {
        Self {
            kind,
            what,
            source: None,
        }
    }

    pub(crate) const fn url(what: &'static str) -> Self {
        Self::new(ConfigErrorKind::Url, what)
    }

    pub(crate) fn with_source(mut self, source: std::io::Error) -> Self {
        self.source = Some(source);
        self
    }

    /// What to change.
    #[must_use]
    pub const fn kind(&self) -> ConfigErrorKind {
        self.kind
    }
}
