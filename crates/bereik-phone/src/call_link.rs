//! Links that call somebody when they are clicked: `tel:` (RFC 3966) and `sip:` (RFC 3261, 19.1).

use std::fmt;
use std::str::FromStr;

use bereik_core::Address;
use bereik_core::address::AddressKind;

/// A link to call: for a page, for a chat, or as the target of a call that is handed over.
///
/// It is normalised: visual separators are gone and what compares equal by RFC 3966, section 4, is equal. It holds only
/// letters, digits and `+-.*#:;=@[]_!~%`, so that it can stand between quotes in HTML as it is.
///
/// ```
/// use bereik_phone::CallLink;
/// let desk: CallLink = "tel:+31 (20) 123-4567;ext=12".parse()?;
/// assert_eq!(desk.to_string(), "tel:+31201234567;ext=12");
/// let inside: CallLink = "tel:4567;phone-context=Example.org".parse()?;
/// assert_eq!(inside.to_string(), "tel:4567;phone-context=example.org");
/// let anna: CallLink = "SIP:anna@Example.org".parse()?;
/// assert_eq!(anna.to_string(), "sip:anna@example.org");
/// assert!("tel:4567".parse::<CallLink>().is_err(), "whose 4567?");
/// assert!("javascript:alert(1)".parse::<CallLink>().is_err());
///
/// let number = "tel:+31201234567".parse()?;
/// let link = CallLink::to_number(&number)?.with_extension("12")?;
/// assert_eq!(format!("<a href=\"{link}\">Call us</a>"), "<a href=\"tel:+31201234567;ext=12\">Call us</a>");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CallLink {
    kind: Kind,
    text: Box<str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Sip,
    Tel,
}

/// A text is not a [`CallLink`]. The text itself is not repeated: it may be personal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a link to call: write `tel:+31201234567`, `tel:4567;phone-context=example.org` or `sip:name@example.org`"
)]
pub struct CallLinkError;

const LINK_BYTES_MAX: usize = 254;

impl CallLink {
    /// A link to a number.
    ///
    /// # Errors
    /// When the address is no number.
    pub fn to_number(number: &Address) -> Result<Self, CallLinkError> {
        match number.kind() {
            AddressKind::Phone => number.to_string().parse(),
            _ => Err(CallLinkError),
        }
    }

    /// The same with an extension: what is dialled after somebody picked up (RFC 3966, 5.3).
    ///
    /// # Errors
    /// When it is no number, or the link has one already or is no `tel:` link.
    pub fn with_extension(&self, extension: &str) -> Result<Self, CallLinkError> {
        match self.kind {
            Kind::Tel => format!("{self};ext={extension}").parse(),
            Kind::Sip => Err(CallLinkError),
        }
    }

    /// The number in E.164 form, without its extension; none where the link is local or names somebody otherwise.
    #[must_use]
    pub fn number(&self) -> Option<Address> {
        let number = self.text.strip_prefix("tel:")?.split(';').next()?;
        number.starts_with('+').then(|| number.parse().ok())?
    }

    /// The link.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for CallLink {
    type Err = CallLinkError;

    fn from_str(text: &str) -> Result<Self, CallLinkError> {
        let (scheme, rest) = text.split_once(':').ok_or(CallLinkError)?;
        let (kind, text) = match scheme.to_ascii_lowercase().as_str() {
            "sip" => (Kind::Sip, read_sip("sip", rest)),
            "sips" => (Kind::Sip, read_sip("sips", rest)),
            "tel" => (Kind::Tel, read_tel(rest)),
            _ => (Kind::Tel, None),
        };
        let text = text.filter(|text| text.len() <= LINK_BYTES_MAX);
        let text = text.ok_or(CallLinkError)?.into();
        Ok(Self { kind, text })
    }
}

fn read_tel(rest: &str) -> Option<String> {
    let (number, parameters) = split_parameters(rest);
    let parameters = read_parameters(parameters)?;
    let is_global = number.starts_with('+');
    let context = parameters
        .iter()
        .find(|(name, _)| name == "phone-context")
        .map(|(_, value)| value);
    // A local number says whose it is (RFC 3966, 5.1.5); a global one has no need to.
    let number = match (is_global, context) {
        (true, None) => global_number(number)?,
        (false, Some(context)) if is_context(context) => local_number(number)?,
        _ => return None,
    };
    Some(format!("tel:{number}{}", written(parameters)))
}

fn without_separators(text: &str) -> String {
    text.replace([' ', '-', '.', '(', ')'], "")
}

/// E.164: at most 15 digits; the shortest numbers in use have 7 with their country code.
fn global_number(text: &str) -> Option<String> {
    let digits = without_separators(text.strip_prefix('+')?);
    let is_number = (7..=15).contains(&digits.len()) && digits.bytes().all(|c| c.is_ascii_digit());
    is_number.then(|| format!("+{digits}"))
}

fn local_number(text: &str) -> Option<String> {
    let digits = without_separators(text).to_ascii_uppercase();
    let plain = |c: u8| c.is_ascii_digit() || b"*#ABCDEF".contains(&c);
    let is_number = (1..=32).contains(&digits.len()) && digits.bytes().all(plain);
    is_number.then_some(digits)
}

/// A domain, or the digits that all its numbers begin with.
fn is_context(text: &str) -> bool {
    match text.strip_prefix('+') {
        Some(digits) => !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit()),
        None => is_domain(text),
    }
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        let plain = |c: u8| c.is_ascii_alphanumeric() || c == b'-';
        (1..=63).contains(&label.len()) && label.bytes().all(plain) && !label.starts_with('-')
    };
    text.split('.').all(is_label)
}

fn split_parameters(text: &str) -> (&str, &str) {
    text.split_once(';').unwrap_or((text, ""))
}

/// The parameters in the order that RFC 3966, section 4, asks for, each once: the extension, the context, then the
/// others by name.
fn read_parameters(text: &str) -> Option<Vec<(String, String)>> {
    let mut parameters = Vec::new();
    for one in text.split(';').filter(|one| !one.is_empty()) {
        let (name, value) = one.split_once('=').unwrap_or((one, ""));
        let name = name.to_ascii_lowercase();
        let value = match name.as_str() {
            "ext" => without_separators(value),
            "phone-context" if value.starts_with('+') => without_separators(value),
            _ => value.to_ascii_lowercase(),
        };
        let plain = |c: u8| c.is_ascii_alphanumeric() || b"-._!~*%+:[]".contains(&c);
        let is_name =
            !name.is_empty() && name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-');
        let is_value = match name.as_str() {
            "ext" => (1..=20).contains(&value.len()) && value.bytes().all(|c| c.is_ascii_digit()),
            _ => value.bytes().all(plain),
        };
        if !is_name || !is_value || parameters.iter().any(|(other, _)| *other == name) {
            return None;
        }
        parameters.push((name, value));
    }
    parameters.sort_by_key(|(name, _)| (name != "ext", name != "phone-context", name.clone()));
    Some(parameters)
}

fn written(parameters: Vec<(String, String)>) -> String {
    let one = |(name, value): (String, String)| match value.as_str() {
        "" => format!(";{name}"),
        _ => format!(";{name}={value}"),
    };
    parameters.into_iter().map(one).collect()
}

/// Somebody at a host: without a password, which would be shown, and without headers, which would go into the call.
fn read_sip(scheme: &str, rest: &str) -> Option<String> {
    let (user, rest) = rest.split_once('@')?;
    let (host, parameters) = split_parameters(rest);
    let plain = |c: u8| c.is_ascii_alphanumeric() || b"-_.!~*+=%".contains(&c);
    let is_user = !user.is_empty() && user.bytes().all(plain);
    let parameters = read_parameters(parameters)?;
    let host = host.to_ascii_lowercase();
    (is_user && is_host(&host)).then(|| format!("{scheme}:{user}@{host}{}", written(parameters)))
}

/// A name or an address, with a port or without.
fn is_host(text: &str) -> bool {
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
    if let Some(rest) = text.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else {
            return false;
        };
        let is_address = address.parse::<std::net::Ipv6Addr>().is_ok();
        return is_address && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port));
    }
    match text.split_once(':') {
        Some((host, port)) => is_domain(host) && is_port(port),
        None => is_domain(text),
    }
}

impl fmt::Display for CallLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for CallLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallLink({:?})", self.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::CallLink;

    fn read(text: &str) -> Option<String> {
        let link = text.parse::<CallLink>().ok()?;
        let again: CallLink = link.as_str().parse().expect("what is written can be read");
        assert_eq!(link, again);
        Some(link.to_string())
    }

    #[test]
    fn numbers_are_normalised_as_rfc_3966_compares_them() {
        let cases = [
            ("tel:+1-201-555-0123", "tel:+12015550123"),
            ("TEL:+1.201.555.0123;EXT=1-2", "tel:+12015550123;ext=12"),
            (
                "tel:7042;phone-context=example.com",
                "tel:7042;phone-context=example.com",
            ),
            (
                "tel:863-1234;phone-context=+1-914-555",
                "tel:8631234;phone-context=+1914555",
            ),
            (
                "tel:+31201234567;isub=12;ext=3",
                "tel:+31201234567;ext=3;isub=12",
            ),
            (
                "sips:anna@[2001:DB8::1]:5061;transport=TCP",
                "sips:anna@[2001:db8::1]:5061;transport=tcp",
            ),
            (
                "sip:+31201234567@pbx.example.org;user=phone",
                "sip:+31201234567@pbx.example.org;user=phone",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_link_or_carries_more_than_a_link_is_refused() {
        let cases = [
            "+31201234567",
            "tel:",
            "tel:+",
            "tel:+12",
            "tel:+1234567890123456",
            "tel:+31201234567;phone-context=example.org",
            "tel:+31201234567;ext=",
            "tel:+31201234567;ext=1;ext=2",
            "tel:+31201234567\r\nX: y",
            "tel:4567;phone-context=\"><script>",
            "tel:+31201234567;x=\"onclick",
            "sip:example.org",
            "sip:anna:secret@example.org",
            "sip:anna@example.org?Subject=x",
            "sip:anna@example.org:0",
            "sip:an<na@example.org",
            "sip:a@b@c",
            "sip:anna@[::1",
            "http://example.org",
        ];
        for text in cases {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn only_a_number_of_the_world_is_an_address() {
        let number = |text: &str| {
            let link: CallLink = text.parse().expect("a link");
            link.number().map(|number| number.to_string())
        };
        assert_eq!(
            number("tel:+31201234567;ext=12").as_deref(),
            Some("tel:+31201234567")
        );
        assert_eq!(number("tel:4567;phone-context=example.org"), None);
        assert_eq!(number("sip:anna@example.org"), None);
    }
}
