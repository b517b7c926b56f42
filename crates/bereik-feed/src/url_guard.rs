//! A guard against server-side request forgery: which web addresses may be asked, and which hosts
//! behind them.
//!
//! Who lets others name the address of a calendar lets them aim the server that reads it. Without
//! a guard it asks its own loopback, the machines around it and its cloud's metadata. So the guard
//! is closed unless it is sure: HTTPS, an ordinary host name on the ordinary port, and behind that
//! name nothing but public addresses.

mod address;
mod network;

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use url::{Host, Position, Url};

pub use self::network::{Network, NetworkError};

/// The longest web address that is taken, in bytes.
const URL_BYTES_MAX: usize = 4096;
/// The longest host name, RFC 1035 2.3.4.
const NAME_BYTES_MAX: usize = 253;

/// Names that never lead out of a machine or a building: RFC 6761, 6762, 7686, 8375, and what
/// ICANN reserved.
const INNER_NAMES: [&str; 6] = [
    "home.arpa",
    "internal",
    "local",
    "localdomain",
    "localhost",
    "onion",
];

/// Which web addresses may be asked.
///
/// Without exceptions it lets pass `https` (and `webcal`, which is read as `https`) on port 443, to
/// a host name with a dot or a public address in its plain spelling. Numbers that stand for an
/// address (`2130706433`, `0x7f.1`), percent signs, letters outside ASCII (write `xn--…`), a final
/// dot, a user name and a password are refused. [`admits`](Self::admits) judges each address that a
/// name leads to, when it is connected to.
///
/// ```
/// use bereik_feed::{UrlErrorKind, UrlGuard};
/// let guard = UrlGuard::new();
/// assert!(guard.check("webcal://calendar.example.org/anna.ics").is_ok());
/// let refused = |url| guard.check(url).map_err(|error| error.kind()).err();
/// assert_eq!(refused("https://127.0.0.1/"), Some(UrlErrorKind::Address));
/// assert_eq!(refused("https://0x7f000001/"), Some(UrlErrorKind::Host));
/// assert_eq!(refused("http://calendar.example.org/"), Some(UrlErrorKind::Scheme));
///
/// let intranet = UrlGuard::new().with_host("agenda.corp").with_network("10.20.0.0/16".parse()?);
/// assert!(intranet.check("https://agenda.corp/anna.ics").is_ok());
/// # Ok::<(), bereik_feed::NetworkError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct UrlGuard {
    is_plain_allowed: bool,
    hosts: BTreeSet<Box<str>>,
    networks: BTreeSet<Network>,
    ports: BTreeSet<u16>,
}

impl UrlGuard {
    /// A guard that lets pass what is public.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets pass `http` too, on port 80: whoever stands in between can read and change what comes.
    #[must_use]
    pub const fn with_plain_http(mut self) -> Self {
        self.is_plain_allowed = true;
        self
    }

    /// Lets pass this host, whatever its name is like, at any address of its own: also a private one
    /// and loopback. Not a link-local address and no cloud's metadata; those need their network. An
    /// address instead of a name is the network of that address.
    #[must_use]
    pub fn with_host(mut self, host: &str) -> Self {
        match host.parse::<IpAddr>() {
            Ok(address) => self.with_network(address.into()),
            Err(_) => {
                self.hosts.insert(host.to_ascii_lowercase().into());
                self
            }
        }
    }

    /// Lets pass the addresses of this network, for every host. A link-local address and a cloud's
    /// metadata only if they are named alone; never an unspecified one, multicast or broadcast.
    #[must_use]
    pub fn with_network(mut self, network: Network) -> Self {
        self.networks.insert(network);
        self
    }

    /// Lets pass this port beside those of the schemes.
    #[must_use]
    pub fn with_port(mut self, port: u16) -> Self {
        self.ports.insert(port);
        self
    }

    /// Judges a web address as it is written.
    ///
    /// # Errors
    /// When it may not be asked, or it is not sure that it may.
    pub fn check(&self, url: &str) -> Result<CheckedUrl, UrlError> {
        let (scheme, rest) = split_scheme(url)?;
        let secure = ["https", "webcal", "webcals"];
        let is_secure = secure.iter().any(|one| scheme.eq_ignore_ascii_case(one));
        let is_plain = self.is_plain_allowed && scheme.eq_ignore_ascii_case("http");
        let scheme = match (is_secure, is_plain) {
            (true, _) => "https",
            (_, true) => "http",
            _ => return Err(UrlErrorKind::Scheme.into()),
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err(UrlErrorKind::UserInfo.into());
        }
        let parsed = Url::parse(&format!("{scheme}://{rest}"));
        let parsed = parsed.map_err(|error| match error {
            url::ParseError::InvalidPort => UrlErrorKind::Port,
            url::ParseError::RelativeUrlWithoutBase => UrlErrorKind::Malformed,
            _ => UrlErrorKind::Host,
        })?;
        self.check_host(authority, &parsed)?;
        self.check_port(&parsed)?;
        Ok(CheckedUrl::new(parsed))
    }

    /// Judges what a reference leads to: a `Location`, a `DAV:href` (RFC 3986 5.2).
    ///
    /// # Errors
    /// When it may not be asked, or leads from `https` to `http`.
    pub fn check_reference(
        &self,
        base: &CheckedUrl,
        reference: &str,
    ) -> Result<CheckedUrl, UrlError> {
        check_characters(reference)?;
        if split_scheme(reference).is_ok() {
            let url = self.check(reference)?;
            return match base.is_secure() && !url.is_secure() {
                true => Err(UrlErrorKind::Scheme.into()),
                false => Ok(url),
            };
        }
        let joined = base.url.join(reference);
        let joined = joined.map_err(|_| UrlErrorKind::Malformed)?;
        if joined.scheme() != base.url.scheme() {
            return Err(UrlErrorKind::Scheme.into());
        }
        if let Some(rest) = reference.strip_prefix("//") {
            return self.check(&format!("{}://{rest}", base.url.scheme()));
        }
        self.check(joined.as_str())
    }

    /// Whether a connection to this address may be made for this host, as it is written in the web
    /// address.
    #[must_use]
    pub fn admits(&self, host: &str, address: IpAddr) -> bool {
        let disguised = address::disguised(address);
        let real = disguised.unwrap_or(address);
        if address::is_nobody(real) {
            return false;
        }
        let mut of_address = self.networks.iter().filter(|one| one.contains(address));
        if address::is_metadata(real) {
            return of_address.any(Network::is_single);
        }
        let is_of_host = disguised.is_none() && self.hosts.contains(host);
        address::is_public(address) || is_of_host || of_address.next().is_some()
    }

    /// A host is written in the one spelling it has, and is no inner name, no inner address.
    fn check_host(&self, authority: &str, parsed: &Url) -> Result<(), UrlErrorKind> {
        let written = match authority.rfind(':') {
            Some(colon) if !authority[colon..].contains(']') => &authority[..colon],
            _ => authority,
        };
        match parsed.host() {
            Some(Host::Domain(name)) => {
                let is_plain = name.eq_ignore_ascii_case(written);
                let is_known = self.hosts.contains(name) || is_outer_name(name);
                match is_plain && is_host_name(name) && is_known {
                    true => Ok(()),
                    false => Err(UrlErrorKind::Host),
                }
            }
            Some(Host::Ipv4(address)) => self.check_address(written, address.into()),
            Some(Host::Ipv6(address)) => {
                let inner = written.strip_prefix('[').and_then(|w| w.strip_suffix(']'));
                self.check_address(inner.unwrap_or_default(), address.into())
            }
            None => Err(UrlErrorKind::Host),
        }
    }

    fn check_address(&self, written: &str, address: IpAddr) -> Result<(), UrlErrorKind> {
        // The parser of the standard library knows no octal, no hexadecimal and no short form.
        if written.parse() != Ok(address) {
            return Err(UrlErrorKind::Host);
        }
        match self.admits(written, address) {
            true => Ok(()),
            false => Err(UrlErrorKind::Address),
        }
    }

    fn check_port(&self, parsed: &Url) -> Result<(), UrlErrorKind> {
        match parsed.port() {
            Some(0) => Err(UrlErrorKind::Port),
            Some(port) if !self.ports.contains(&port) => Err(UrlErrorKind::Port),
            _ => Ok(()),
        }
    }
}

/// Scheme and what follows `://`.
fn split_scheme(url: &str) -> Result<(&str, &str), UrlErrorKind> {
    check_characters(url)?;
    let (scheme, rest) = url.split_once("://").ok_or(UrlErrorKind::Malformed)?;
    let is_scheme = !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match is_scheme {
        true => Ok((scheme, rest)),
        false => Err(UrlErrorKind::Malformed),
    }
}

/// No parser drops, trims or bends a character that is let through here.
fn check_characters(url: &str) -> Result<(), UrlErrorKind> {
    let is_bent = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
    match url.len() <= URL_BYTES_MAX && !url.contains(is_bent) {
        true => Ok(()),
        false => Err(UrlErrorKind::Malformed),
    }
}

/// Labels of letters, digits, hyphens and underscores, without a final dot.
fn is_host_name(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(is_letter);
    name.len() <= NAME_BYTES_MAX && name.split('.').all(is_label)
}

/// Whether the name of a host is one of the public name tree.
fn is_outer_name(name: &str) -> bool {
    let is_in = |inner: &str| {
        let head = name.strip_suffix(inner);
        head.is_some_and(|head| head.is_empty() || head.ends_with('.'))
    };
    name.contains('.') && !INNER_NAMES.into_iter().any(is_in)
}

/// A web address that a guard has let pass. Without user name, password and fragment.
///
/// Many a calendar is a secret by its address: it is shown, and debugged, as scheme, host and port
/// alone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CheckedUrl {
    url: Url,
}

impl CheckedUrl {
    fn new(mut url: Url) -> Self {
        url.set_fragment(None);
        Self { url }
    }

    /// The whole address, secrets and all: for a request, for no log.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// The host: a name in lower case, an IPv4 address, or an IPv6 address without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().map_or("", |host| {
            let inner = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
            inner.unwrap_or(host)
        })
    }

    /// The port, also where it is not written.
    #[must_use]
    pub fn port(&self) -> u16 {
        let default = if self.is_secure() { 443 } else { 80 };
        self.url.port().unwrap_or(default)
    }

    /// Whether it is `https`.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether both have scheme, host and port in common (RFC 6454).
    #[must_use]
    pub fn is_same_origin(&self, other: &Self) -> bool {
        self.url.origin() == other.url.origin()
    }

    /// Host and port as a request names them, the port only where it is not the scheme's.
    pub(crate) fn authority(&self) -> &str {
        &self.url[Position::BeforeHost..Position::AfterPort]
    }

    /// Path and query.
    pub(crate) fn target(&self) -> &str {
        &self.url[Position::BeforePath..Position::AfterQuery]
    }
}

impl fmt::Display for CheckedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}/…", self.url.scheme(), self.authority())
    }
}

impl fmt::Debug for CheckedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CheckedUrl({self})")
    }
}

/// A web address is not asked. Says why, and never what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct UrlError {
    kind: UrlErrorKind,
}

/// Why a web address is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlErrorKind {
    /// It leads to an address that is not public.
    #[error("it leads to an address that is not public")]
    Address,
    /// Its host is not written plainly, or is a name of the inside.
    #[error("its host is not a plain public name or address")]
    Host,
    /// It is not a web address, or has characters that parsers disagree about.
    #[error("it is not a web address")]
    Malformed,
    /// A port that is not on the list.
    #[error("its port is not allowed")]
    Port,
    /// Neither `https` nor, where it is allowed, `http`; or a way from `https` to `http`.
    #[error("its scheme is not allowed")]
    Scheme,
    /// A user name or a password stands in it: credentials are given apart.
    #[error("a user name stands in it")]
    UserInfo,
}

impl UrlError {
    /// Why.
    #[must_use]
    pub const fn kind(&self) -> UrlErrorKind {
        self.kind
    }
}

impl From<UrlErrorKind> for UrlError {
    fn from(kind: UrlErrorKind) -> Self {
        Self { kind }
    }
}
