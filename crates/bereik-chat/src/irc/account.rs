//! Who we are on a server, and what we look after there.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bereik_channel::{ChannelError, ErrorKind, Scope};
use secrecy::{ExposeSecret as _, SecretString};

use super::wire;

/// One nick on one server of IRC. `Debug` shows no secret.
///
/// ```
/// use bereik_chat::IrcAccount;
/// let account = IrcAccount::new("irc.libera.chat", 6697, "helpdesk")?
///     .with_login("helpdesk", "secret")
///     .with_channel("#example")?
///     .with_watched("anna")?;
/// assert!(!format!("{account:?}").contains("secret"));
/// assert!(IrcAccount::new("irc.libera.chat", 6697, "two words").is_err());
/// # Ok::<(), bereik_channel::ChannelError>(())
/// ```
#[derive(Clone)]
pub struct IrcAccount {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) nick: String,
    pub(super) password: Option<SecretString>,
    pub(super) login: Option<(String, SecretString)>,
    pub(super) channels: Vec<String>,
    pub(super) watched: Vec<String>,
    pub(super) watch_every: Duration,
    pub(super) pace: Pace,
    pub(super) answer_within: Duration,
}

/// So many lines at once, and then one each so long (RFC 1459, 8.10).
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    pub(super) at_once: u32,
    pub(super) every: Duration,
}

/// So many people are asked after: twenty lines each time.
const WATCHED_MAX: usize = 100;

/// Servers have bounds of their own, from 10 up.
const CHANNELS_MAX: usize = 32;

const fn invalid() -> ChannelError {
    ChannelError::new(ErrorKind::Invalid, Scope::Channel)
}

impl IrcAccount {
    /// A nick on a server. Nothing is connected yet.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] when the host is none, or the nick cannot be one (RFC 2812, 2.3.1; at most 30 bytes).
    pub fn new(host: &str, port: u16, nick: &str) -> Result<Self, ChannelError> {
        let is_host = |c: u8| c.is_ascii_alphanumeric() || b"-._:".contains(&c);
        if host.is_empty() || !host.bytes().all(is_host) || port == 0 || !wire::is_nick(nick) {
            return Err(invalid());
        }
        Ok(Self {
            host: host.to_owned(),
            port,
            nick: nick.to_owned(),
            password: None,
            login: None,
            channels: Vec::new(),
            watched: Vec::new(),
            watch_every: Duration::from_secs(60),
            pace: Pace {
                at_once: 5,
                every: Duration::from_secs(2),
            },
            answer_within: Duration::from_secs(15),
        })
    }

    /// The same, with the password of the server itself (`PASS`).
    #[must_use]
    pub fn with_password(mut self, password: impl Into<SecretString>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// The same, with an account at the server's services (SASL PLAIN, RFC 4616). A server that does not offer it is
    /// one that does not know us.
    #[must_use]
    pub fn with_login(mut self, user: &str, password: impl Into<SecretString>) -> Self {
        self.login = Some((user.to_owned(), password.into()));
        self
    }

    /// The same, in a channel too: where our nick is called there, that is a message to us. At most 32.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] when the name cannot be one (RFC 2812, 1.3), or there are too many.
    pub fn with_channel(mut self, name: &str) -> Result<Self, ChannelError> {
        if !wire::is_channel(name) || self.channels.len() == CHANNELS_MAX {
            return Err(invalid());
        }
        self.channels.push(wire::folded(name));
        Ok(self)
    }

    /// The same, that tells whether this person is there. At most 100.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] when the nick cannot be one, or there are too many.
    pub fn with_watched(mut self, nick: &str) -> Result<Self, ChannelError> {
        if !wire::is_nick(nick) || self.watched.len() == WATCHED_MAX {
            return Err(invalid());
        }
        self.watched.push(wire::folded(nick));
        Ok(self)
    }

    /// The same, that asks after those so often, no oftener than each second; each minute without.
    #[must_use]
    pub fn with_watch_every(mut self, watch_every: Duration) -> Self {
        self.watch_every = watch_every.max(Duration::from_secs(1));
        self
    }

    /// The same, at another pace: so many lines at once, and then one each so long. Without, 5 at once and then one each
    /// 2 seconds, which every server bears.
    #[must_use]
    pub const fn with_pace(mut self, at_once: u32, every: Duration) -> Self {
        self.pace = Pace { at_once, every };
        self
    }

    /// The same, that waits so long for the server: to be connected, to be known, and for an answer to a PING; 15 seconds
    /// each without.
    #[must_use]
    pub const fn with_answer_within(mut self, answer_within: Duration) -> Self {
        self.answer_within = answer_within;
        self
    }

    /// The lines that carry the login (IRCv3 SASL: each at most 400 bytes, and one shorter than that ends it).
    pub(super) fn login_lines(&self) -> Vec<String> {
        let Some((user, password)) = &self.login else {
            return Vec::new();
        };
        let encoded = STANDARD.encode(format!("\0{user}\0{}", password.expose_secret()));
        let mut lines: Vec<String> = encoded
            .as_bytes()
            .chunks(400)
            .map(|part| format!("AUTHENTICATE {}", String::from_utf8_lossy(part)))
            .collect();
        if encoded.len() % 400 == 0 {
            lines.push("AUTHENTICATE +".to_owned());
        }
        lines
    }
}

impl fmt::Debug for IrcAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IrcAccount")
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}
