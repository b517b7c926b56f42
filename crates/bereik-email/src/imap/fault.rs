//! What a fault of an IMAP server means: whose it is, and whether to try again.

use bereik_channel::{ChannelError, ErrorKind, Retry, Scope};

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No connection, or it ended.
    Closed,
    /// What came was no IMAP, or more of it than it may be.
    Garbage,
    /// The server does not know us, or does not want to.
    Login(Option<String>),
    /// The server said no to a command.
    No(Option<String>),
    /// STARTTLS is not offered, or somebody speaks before it begins.
    NotSecret,
    /// No answer in time.
    Silent,
    /// TLS failed: the certificate, or what should have been TLS.
    Tls,
}

/// Codes by which a server says that it is its own fault, for now (RFC 5530, 3).
const FOR_NOW: [&str; 5] = ["CONTACTADMIN", "INUSE", "LIMIT", "SERVERBUG", "UNAVAILABLE"];

impl Fault {
    /// Whether another connection may fare better.
    pub(crate) const fn is_broken(&self) -> bool {
        matches!(self, Self::Closed | Self::Silent)
    }

    /// Whether the server says that it does not work, for now.
    fn is_for_now(code: Option<&String>) -> bool {
        code.and_then(|code| code.split(' ').next())
            .is_some_and(|word| FOR_NOW.contains(&word))
    }

    /// Whether a command was refused for good.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(self, Self::No(code) if !Self::is_for_now(code.as_ref()))
    }
}

impl From<Fault> for ChannelError {
    fn from(fault: Fault) -> Self {
        let channel = |kind| Self::new(kind, Scope::Channel);
        let (error, code) = match fault {
            Fault::Closed => (
                channel(ErrorKind::Unavailable).with_retry(Retry::BackOff),
                None,
            ),
            Fault::Garbage => (
                channel(ErrorKind::Protocol).with_retry(Retry::BackOff),
                None,
            ),
            Fault::Login(code) | Fault::No(code) if Fault::is_for_now(code.as_ref()) => (
                channel(ErrorKind::Unavailable).with_retry(Retry::BackOff),
                code,
            ),
            Fault::Login(code) => (channel(ErrorKind::Credentials), code),
            Fault::No(code) => (channel(ErrorKind::Refused), code),
            Fault::NotSecret | Fault::Tls => (channel(ErrorKind::Security), None),
            Fault::Silent => (
                channel(ErrorKind::TimedOut).with_retry(Retry::BackOff),
                None,
            ),
        };
        // The first word is the code; what follows can be the server's own.
        let word = code.as_deref().and_then(|code| code.split(' ').next());
        match word {
            Some(word) => error.with_code(word),
            None => error,
        }
    }
}
