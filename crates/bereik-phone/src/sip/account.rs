//! Who we are at a registrar or PBX, and how we ring.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use bereik_channel::{ChannelError, ErrorKind, Scope};
use bereik_core::Address;
use bereik_core::address::AddressKind;
use rsipstack::dialog::authenticate::Credential;
use rsipstack::sip::Uri;
use secrecy::{ExposeSecret as _, SecretString};

use super::clip::Clip;
use super::reception::Reception;
use crate::CallLink;

/// What counts as taken by a person.
///
/// SIP tells that somebody or something picked up, never what: a person, his voicemail and the answering machine at home
/// all answer with 200. Only a key tells them apart.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Acceptance {
    /// Whoever picks up takes the offer: right for desk phones whose voicemail is off. A call that the other side says it
    /// forwards (181) is given up, because somebody else than who was chosen would take it.
    PickUp,
    /// A key does, within this time after picking up: 1 takes the offer, 2 declines it, nothing is no answer. Keys are heard
    /// as RFC 4733 events and as SIP INFO (`application/dtmf-relay`, `application/dtmf`). The prompt is said until then.
    Key {
        /// What is said: who calls, and which key does what.
        prompt: Clip,
        /// How long somebody has for it.
        within: Duration,
    },
}

/// An account at a registrar or PBX. `Debug` shows nothing of it.
///
/// With a password it registers (RFC 3261, 10) and answers challenges (digest, MD5 or SHA-256); without, it is a trunk
/// that is known by its address. All that goes out goes to the server, and only what comes from its addresses is heard.
///
/// ```
/// use bereik_phone::{Acceptance, SipAccount};
/// use std::time::Duration;
/// let account = SipAccount::new("pbx.example.org:5060", "desk", "example.org")
///     .with_password("the password".to_owned())
///     .with_extension("tel:+31201234567".parse()?, "anna")
///     .with_acceptance(Acceptance::PickUp)
///     .with_trying_within(Duration::from_secs(8));
/// assert_eq!(format!("{account:?}"), "SipAccount { .. }");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SipAccount {
    pub(super) server: String,
    pub(super) user: String,
    pub(super) domain: String,
    pub(super) login: Option<String>,
    password: Option<SecretString>,
    pub(super) local: SocketAddr,
    pub(super) public: Option<IpAddr>,
    pub(super) peers: Vec<IpAddr>,
    pub(super) extensions: BTreeMap<Address, String>,
    pub(super) acceptance: Acceptance,
    pub(super) reception: Option<Reception>,
    pub(super) trying_within: Duration,
    pub(super) holds_for: Duration,
    pub(super) registers_for: Duration,
}

impl SipAccount {
    /// An account by the server's host and port, its user there, and the domain of its addresses. A name is looked up when
    /// the channel starts (A and AAAA records; no SRV and NAPTR).
    #[must_use]
    pub fn new(
        server: impl Into<String>,
        user: impl Into<String>,
        domain: impl Into<String>,
    ) -> Self {
        Self {
            server: server.into(),
            user: user.into(),
            domain: domain.into(),
            login: None,
            password: None,
            local: SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0),
            public: None,
            peers: Vec::new(),
            extensions: BTreeMap::new(),
            acceptance: Acceptance::PickUp,
            reception: None,
            trying_within: Duration::from_secs(32),
            holds_for: Duration::from_secs(60),
            registers_for: Duration::from_secs(300),
        }
    }

    /// The same, that registers and answers challenges with this password.
    #[must_use]
    pub fn with_password(mut self, password: impl Into<SecretString>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// The same, whose name in challenges is another than its user: an authentication id.
    #[must_use]
    pub fn with_login(mut self, login: impl Into<String>) -> Self {
        self.login = Some(login.into());
        self
    }

    /// The same, bound to this address and port; any otherwise.
    #[must_use]
    pub const fn with_local(mut self, local: SocketAddr) -> Self {
        self.local = local;
        self
    }

    /// The same, that others reach at another address than its own: behind a translation of addresses whose ports stay.
    #[must_use]
    pub const fn with_public(mut self, public: IpAddr) -> Self {
        self.public = Some(public);
        self
    }

    /// The same, that hears this address too: a second machine of the PBX.
    #[must_use]
    pub fn with_peer(mut self, peer: IpAddr) -> Self {
        self.peers.push(peer);
        self
    }

    /// The same, where the person with this number has another user at the domain: his extension. Without, the number
    /// itself is the user.
    #[must_use]
    pub fn with_extension(mut self, number: Address, user: impl Into<String>) -> Self {
        self.extensions.insert(number, user.into());
        self
    }

    /// The same, with another rule of what counts as taken by a person.
    #[must_use]
    pub fn with_acceptance(mut self, acceptance: Acceptance) -> Self {
        self.acceptance = acceptance;
        self
    }

    /// The same, that picks up when somebody calls; without, it says that nobody is there (480).
    #[must_use]
    pub fn with_reception(mut self, reception: Reception) -> Self {
        self.reception = Some(reception);
        self
    }

    /// The same, where the server counts as gone when it says nothing at all for so long; 32 seconds without (RFC 3261,
    /// 17.1.1.2, timer B), which is the longest.
    #[must_use]
    pub fn with_trying_within(mut self, trying_within: Duration) -> Self {
        self.trying_within = trying_within.min(Duration::from_secs(32));
        self
    }

    /// The same, where a call that was taken and that nothing is done with is ended after so long; a minute without.
    #[must_use]
    pub const fn with_holds_for(mut self, holds_for: Duration) -> Self {
        self.holds_for = holds_for;
        self
    }

    /// The same, that asks to be registered for so long, in whole seconds; 5 minutes without. It registers again at three
    /// quarters of what is granted.
    #[must_use]
    pub const fn with_registers_for(mut self, registers_for: Duration) -> Self {
        self.registers_for = registers_for;
        self
    }

    pub(super) const fn registers(&self) -> bool {
        self.password.is_some()
    }

    /// What a challenge is answered with.
    pub(super) fn credential(&self) -> Option<Credential> {
        let password = self.password.as_ref()?.expose_secret().to_owned();
        Some(Credential {
            username: self.user.clone(),
            password,
            realm: None,
            auth_username: self.login.clone(),
        })
    }

    pub(super) fn own_uri(&self) -> Result<Uri, ChannelError> {
        let wrong = ChannelError::new(ErrorKind::Invalid, Scope::Channel);
        self.uri_of(&self.user).map_err(|_| wrong)
    }

    /// Where somebody is rung and written to.
    pub(super) fn uri(&self, to: &Address) -> Result<Uri, ChannelError> {
        if let Some(user) = self.extensions.get(to) {
            return self.uri_of(user);
        }
        match to.kind() {
            AddressKind::Phone => self.uri_of(to.value()),
            // As callers without a number come in.
            AddressKind::Handle => match to.value().strip_prefix("sip/") {
                Some(uri) if uri.contains('@') => read_uri(&format!("sip:{uri}")),
                Some(user) => self.uri_of(user),
                None => Err(nobody()),
            },
            _ => Err(nobody()),
        }
    }

    fn uri_of(&self, user: &str) -> Result<Uri, ChannelError> {
        read_uri(&format!("sip:{user}@{}", self.domain))
    }

    /// Where a call is handed over to: a number is the server's to find.
    pub(super) fn link_uri(&self, link: &CallLink) -> Result<String, ChannelError> {
        match link.number() {
            Some(number) => self.uri(&number).map(|uri| uri.to_string()),
            None if link.as_str().starts_with("tel:") => Err(nobody()),
            None => Ok(link.to_string()),
        }
    }
}

const fn nobody() -> ChannelError {
    ChannelError::new(ErrorKind::Invalid, Scope::Recipient)
}

/// A URI of which nothing can end up elsewhere in a message.
fn read_uri(text: &str) -> Result<Uri, ChannelError> {
    let link: CallLink = text.parse().map_err(|_| nobody())?;
    Uri::try_from(link.as_str()).map_err(|_| nobody())
}

impl fmt::Debug for SipAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SipAccount").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::SipAccount;

    #[test]
    fn whom_to_ring_is_somebody_at_a_host_and_nothing_more() {
        let number = |text: &str| text.parse().expect("an address");
        let account = SipAccount::new("pbx.example.org:5060", "desk", "Example.org")
            .with_extension(number("tel:+31201234567"), "anna");
        let uri = |text: &str| account.uri(&number(text)).ok().map(|uri| uri.to_string());
        let cases = [
            ("tel:+31201234567", Some("sip:anna@example.org")),
            ("tel:+31207654321", Some("sip:+31207654321@example.org")),
            ("handle:sip/bert", Some("sip:bert@example.org")),
            (
                "handle:sip/bert@other.example:5070",
                Some("sip:bert@other.example:5070"),
            ),
            ("handle:sip/bert>;x=<", None),
            ("handle:sip/bert@x?Replaces=1", None),
            ("handle:slack/bert", None),
            ("mailto:bert@example.org", None),
        ];
        for (address, expected) in cases {
            assert_eq!(uri(address).as_deref(), expected, "{address}");
        }
        let link = |text: &str| account.link_uri(&text.parse().expect("a link")).ok();
        assert_eq!(
            link("tel:+31201234567;ext=3").as_deref(),
            Some("sip:anna@example.org")
        );
        assert_eq!(
            link("sip:room-7@example.org").as_deref(),
            Some("sip:room-7@example.org")
        );
        assert_eq!(link("tel:4567;phone-context=example.org"), None);
    }
}
