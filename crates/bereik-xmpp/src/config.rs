//! The account, its server, and who may see what of whom.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bereik_core::Address;
use jid::{BareJid, FullJid};
use secrecy::{ExposeSecret as _, SecretString};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::wire::jid_of;

/// Whose request to see our presence is granted (RFC 6121, 3.1). What is not granted is left as it is, for whoever looks
/// after the account with another client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subscribers {
    /// Everybody.
    Anybody,
    /// Everybody with an account at this domain.
    Domain(String),
    /// Nobody.
    #[default]
    Nobody,
    /// These, each `handle:xmpp/NAME@DOMAIN`.
    These(Vec<Address>),
}

/// An account at a server.
///
/// ```
/// use bereik_xmpp::{Subscribers, XmppConfig};
/// let config = XmppConfig::new("helpdesk@example.org", "secret")?
///     .with_server("xmpp.example.org", 5222)
///     .with_watched(&["handle:xmpp/anna@example.org".parse()?])?
///     .with_subscribers(Subscribers::Domain("example.org".to_owned()));
/// assert!(!format!("{config:?}").contains("secret"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct XmppConfig {
    pub(crate) jid: FullJid,
    pub(crate) user: String,
    pub(crate) password: SecretString,
    pub(crate) domain: ServerName<'static>,
    pub(crate) server: (String, u16),
    pub(crate) is_direct: bool,
    pub(crate) tls: Option<Arc<ClientConfig>>,
    pub(crate) watched: BTreeSet<BareJid>,
    pub(crate) subscribers: Subscribers,
    pub(crate) login_within: Duration,
    pub(crate) answer_within: Duration,
    pub(crate) silence_max: Duration,
}

/// Why an account cannot be used as it is written. In alphabetical order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// An address is not `handle:xmpp/NAME@DOMAIN`.
    #[error("an address is not of the form `handle:xmpp/name@domain`")]
    Address,
    /// The account is not `NAME@DOMAIN`, its domain not one that a certificate can name, or its resource none.
    #[error("an account is `name@domain`, its domain in ASCII")]
    Jid,
    /// The password cannot be expressed in SASL (RFC 4013).
    #[error("the password has a character that no password may have")]
    Password,
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls,
}

impl XmppConfig {
    /// An account, `name@domain`, at port 5222 of its domain. No SRV record is looked up: where the server has another name
    /// or port, [say it](Self::with_server).
    ///
    /// # Errors
    /// When the account or the password cannot be one.
    pub fn new(account: &str, password: impl Into<SecretString>) -> Result<Self, ConfigError> {
        let jid = BareJid::new(account).map_err(|_| ConfigError::Jid)?;
        let user = jid.node().ok_or(ConfigError::Jid)?.as_str().to_owned();
        let host = jid.domain().as_str().to_owned();
        let domain = ServerName::try_from(host.clone()).map_err(|_| ConfigError::Jid)?;
        let password: SecretString = password.into();
        let prepared = stringprep::saslprep(password.expose_secret());
        let prepared = prepared.map_err(|_| ConfigError::Password)?.into_owned();
        Ok(Self {
            jid: jid
                .with_resource_str("bereik")
                .map_err(|_| ConfigError::Jid)?,
            user,
            password: prepared.into(),
            domain,
            server: (host, 5222),
            is_direct: false,
            tls: None,
            watched: BTreeSet::new(),
            subscribers: Subscribers::Nobody,
            login_within: Duration::from_secs(15),
            answer_within: Duration::from_secs(15),
            silence_max: Duration::from_secs(60),
        })
    }

    /// The same, at this host and port. Its certificate must still name the domain of the account (RFC 6120, 13.7.2).
    #[must_use]
    pub fn with_server(mut self, host: impl Into<String>, port: u16) -> Self {
        self.server = (host.into(), port);
        self
    }

    /// The same, at a port that speaks TLS from the first byte on (XEP-0368), most often 5223.
    #[must_use]
    pub const fn with_direct_tls(mut self) -> Self {
        self.is_direct = true;
        self
    }

    /// The same, with a TLS of your own; without, the system's roots are trusted.
    #[must_use]
    pub fn with_tls(mut self, tls: impl Into<Arc<ClientConfig>>) -> Self {
        self.tls = Some(tls.into());
        self
    }

    /// The same, under another name for this connection; `bereik` without. Two processes with one account need two names,
    /// or they drive each other out.
    ///
    /// # Errors
    /// When it cannot be the resource of an address (RFC 7622, 3.4).
    pub fn with_resource(mut self, resource: &str) -> Result<Self, ConfigError> {
        let bare = self.jid.to_bare();
        self.jid = bare
            .with_resource_str(resource)
            .map_err(|_| ConfigError::Jid)?;
        Ok(self)
    }

    /// The same, that asks these for their presence and tells it. What others say of theirs is not told.
    ///
    /// # Errors
    /// When one of them is no address of XMPP.
    pub fn with_watched(mut self, watched: &[Address]) -> Result<Self, ConfigError> {
        let jids = watched.iter().map(jid_of);
        let jids: Option<BTreeSet<BareJid>> = jids.collect();
        self.watched = jids.ok_or(ConfigError::Address)?;
        Ok(self)
    }

    /// The same, where these may see our presence; nobody without.
    #[must_use]
    pub fn with_subscribers(mut self, subscribers: Subscribers) -> Self {
        self.subscribers = subscribers;
        self
    }

    /// The same, with another time for connecting and logging in as a whole; 15 seconds without.
    #[must_use]
    pub const fn with_login_within(mut self, login_within: Duration) -> Self {
        self.login_within = login_within;
        self
    }

    /// The same, with another time for each answer of the server; 15 seconds without.
    #[must_use]
    pub const fn with_answer_within(mut self, answer_within: Duration) -> Self {
        self.answer_within = answer_within;
        self
    }

    /// The same, with another time after which a server that says nothing is asked whether it is there; a minute without.
    #[must_use]
    pub const fn with_silence_max(mut self, silence_max: Duration) -> Self {
        self.silence_max = silence_max;
        self
    }

    /// Whether this one may see our presence.
    pub(crate) fn grants(&self, who: &BareJid) -> bool {
        match &self.subscribers {
            Subscribers::Anybody => true,
            Subscribers::Domain(domain) => who.domain().as_str().eq_ignore_ascii_case(domain),
            Subscribers::Nobody => false,
            Subscribers::These(these) => these.iter().any(|one| jid_of(one).as_ref() == Some(who)),
        }
    }

    /// TLS as it was given, or with the system's roots; nothing is installed for the process.
    pub(crate) fn tls(&self) -> Result<Arc<ClientConfig>, ConfigError> {
        if let Some(tls) = &self.tls {
            return Ok(Arc::clone(tls));
        }
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|_| ConfigError::Tls)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Arc::new(config))
    }
}

impl fmt::Debug for XmppConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("XmppConfig")
            .field("domain", &self.jid.domain().as_str())
            .field("server", &self.server)
            .field("subscribers", &self.subscribers)
            .finish_non_exhaustive()
    }
}
