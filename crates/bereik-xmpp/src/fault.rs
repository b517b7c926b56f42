//! What can go wrong between us and the server, and what it says to a caller.

use bereik_channel::{ChannelError, ErrorKind, Retry, Scope};
use minidom::Element;

/// The namespace of the reasons of a stanza's error (RFC 6120, 8.3.3).
const REASONS: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";

/// Why there is no session, or what was asked was not done. Nothing that the server said is in it but its codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The server cannot be reached.
    Away,
    /// The server ended the connection.
    Closed,
    /// The server does not take the credentials.
    Credentials(String),
    /// The server said more at once than anybody reads.
    Excess,
    /// The server said something that is not its protocol.
    Garbage,
    /// What came in could not be kept.
    Inbox,
    /// The server does not do what we cannot do without.
    Missing(&'static str),
    /// The connection is not encrypted, or not with whom it should be.
    NotSecret,
    /// There was no answer in time.
    Silent,
    /// The server ended the session and said why (RFC 6120, 4.9.3).
    Stream(String),
}

impl Fault {
    pub(crate) fn of_stream(error: &Element) -> Self {
        let reason = error.children().next().map(Element::name);
        Self::Stream(reason.unwrap_or("undefined-condition").to_owned())
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            // Here TLS says that it does not trust the other side, or does not understand it.
            std::io::ErrorKind::InvalidData => Self::NotSecret,
            _ => Self::Closed,
        }
    }
}

/// Why a message was not even given to the server: nothing was sent.
impl From<Fault> for ChannelError {
    fn from(fault: Fault) -> Self {
        let of_channel = |kind| Self::new(kind, Scope::Channel);
        match fault {
            Fault::Away | Fault::Closed | Fault::Inbox => Self::unavailable(),
            Fault::Credentials(code) => of_channel(ErrorKind::Credentials).with_code(&code),
            Fault::Excess | Fault::Garbage => of_channel(ErrorKind::Protocol),
            Fault::Missing(what) => of_channel(ErrorKind::Protocol).with_code(what),
            Fault::NotSecret => of_channel(ErrorKind::Security),
            Fault::Silent => of_channel(ErrorKind::TimedOut).with_retry(Retry::BackOff),
            Fault::Stream(code) => match code.as_str() {
                "host-unknown" | "host-gone" => of_channel(ErrorKind::Refused).with_code(&code),
                _ => Self::unavailable().with_code(&code),
            },
        }
    }
}

/// What an error that a stanza came back with says (RFC 6120, 8.3).
pub(crate) fn of_stanza(stanza: &Element) -> ChannelError {
    let error = stanza.children().find(|child| child.name() == "error");
    let reasons = error.into_iter().flat_map(Element::children);
    let mut reasons = reasons.filter(|child| child.has_ns(REASONS) && child.name() != "text");
    let code = reasons
        .next()
        .map_or("undefined-condition", Element::name)
        .to_owned();
    let recipient = ChannelError::new(ErrorKind::Refused, Scope::Recipient);
    let error = match code.as_str() {
        "forbidden"
        | "gone"
        | "item-not-found"
        | "jid-malformed"
        | "not-allowed"
        | "not-authorized"
        | "redirect"
        | "registration-required"
        | "remote-server-not-found"
        | "subscription-required" => recipient,
        "recipient-unavailable" | "service-unavailable" => recipient.with_retry(Retry::BackOff),
        "resource-constraint" => {
            ChannelError::new(ErrorKind::Throttled, Scope::Recipient).with_retry(Retry::BackOff)
        }
        "bad-request" | "feature-not-implemented" | "not-acceptable" | "policy-violation" => {
            ChannelError::new(ErrorKind::Refused, Scope::Message)
        }
        // `remote-server-timeout`, `internal-server-error`, and what nobody knows yet.
        _ => ChannelError::unavailable(),
    };
    error.with_code(&code)
}
