//! What the server is told, as values: no I/O here.

use bereik_channel::{Alert, AlertTo, ChannelError, ErrorKind, Outbound, Scope};
use bereik_core::address::AddressKind;
use bereik_core::presence::PresenceState;
use bereik_core::{Address, OfferId};
use jid::BareJid;
use minidom::Element;
use rxml::NcName;

pub(crate) const CHAT_STATES: &str = "http://jabber.org/protocol/chatstates";
pub(crate) const CLIENT: &str = "jabber:client";
pub(crate) const CORRECTION: &str = "urn:xmpp:message-correct:0";
pub(crate) const DISCO: &str = "http://jabber.org/protocol/disco#info";
pub(crate) const IDS: &str = "urn:xmpp:sid:0";
pub(crate) const MARKERS: &str = "urn:xmpp:chat-markers:0";
pub(crate) const NICK: &str = "http://jabber.org/protocol/nick";
pub(crate) const PING: &str = "urn:xmpp:ping";
pub(crate) const RECEIPTS: &str = "urn:xmpp:receipts";
pub(crate) const REPLY: &str = "urn:xmpp:reply:0";
pub(crate) const ROSTER: &str = "jabber:iq:roster";

/// The `id` by which we ask for the roster.
pub(crate) const ROSTER_ID: &str = "bereik-roster";

const NETWORK: &str = "xmpp/";
const STANZAS: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";

/// An element without children. Its names are ours.
pub(crate) fn element(name: &str, namespace: &str, attributes: &[(&str, &str)]) -> Element {
    let mut builder = Element::builder(name, namespace);
    for (name, value) in attributes {
        let name = NcName::try_from(*name).expect("names of attributes are written here");
        builder = builder.attr(name, shown(value));
    }
    builder.build()
}

fn with(mut parent: Element, children: impl IntoIterator<Item = Element>) -> Element {
    for child in children {
        parent.append_child(child);
    }
    parent
}

fn text(name: &str, namespace: &str, words: &str) -> Element {
    let mut element = element(name, namespace, &[]);
    element.append_text_node(shown(words));
    element
}

/// What XML cannot express (XML 1.0, 2.2) is shown as such.
fn shown(words: &str) -> String {
    let is_forbidden = |c: char| {
        matches!(c, '\u{FFFE}' | '\u{FFFF}') || (c.is_control() && !matches!(c, '\t' | '\n'))
    };
    words.replace(is_forbidden, "\u{FFFD}")
}

/// The address of an account: `handle:xmpp/jan@example.org`. None for one that is too long to be an address.
pub(crate) fn address_of(jid: &BareJid) -> Option<Address> {
    format!("handle:{NETWORK}{jid}").parse().ok()
}

/// The account of an address; none where it is of another network.
pub(crate) fn jid_of(address: &Address) -> Option<BareJid> {
    let path = address.value().strip_prefix(NETWORK)?;
    let is_handle = address.kind() == AddressKind::Handle;
    let jid = BareJid::new(path).ok().filter(|_| is_handle)?;
    jid.node().is_some().then_some(jid)
}

pub(crate) fn recipient(address: &Address) -> Result<BareJid, ChannelError> {
    let invalid = ChannelError::new(ErrorKind::Invalid, Scope::Recipient);
    jid_of(address).ok_or(invalid)
}

/// A message of words that asks for its receipt (XEP-0184) and for a mark when it was shown (XEP-0333).
fn said(to: &BareJid, id: &str, words: &str) -> Element {
    let message = [("to", to.as_str()), ("type", "chat"), ("id", id)];
    with(
        element("message", CLIENT, &message),
        [
            text("body", CLIENT, words),
            element("request", RECEIPTS, &[]),
            element("markable", MARKERS, &[]),
            element("active", CHAT_STATES, &[]),
            element("origin-id", IDS, &[("id", id)]),
        ],
    )
}

/// A message; it answers the last of those that it names.
pub(crate) fn message(to: &BareJid, message: &Outbound) -> Element {
    let mut said = said(to, message.id.as_str(), message.body.as_str());
    if let Some(answered) = message.answers.last() {
        let reply = [("to", to.as_str()), ("id", answered.as_str())];
        said.append_child(element("reply", REPLY, &reply));
    }
    if let Some(name) = &message.from_name {
        said.append_child(text("nick", NICK, name.as_str()));
    }
    said
}

/// An offer, and how it is answered.
pub(crate) fn alert(alert: &Alert) -> Result<(BareJid, Element), ChannelError> {
    let AlertTo::Address(to) = &alert.to else {
        return Err(ChannelError::new(ErrorKind::Invalid, Scope::Recipient));
    };
    let to = recipient(to)?;
    let (words, offer) = (alert.words(), alert.offer.id);
    let words = format!("{words}\n\nAnswer “yes {offer}” to accept or “no {offer}” to decline.");
    let said = said(&to, alert.key().as_str(), &words);
    Ok((to, said))
}

/// Writes over an offer that stands no longer (XEP-0308); a client that cannot do that shows it below.
pub(crate) fn taken_back(to: &BareJid, offer: OfferId) -> Element {
    let id = format!("offer/{offer}/withdrawn");
    let words = format!("The offer {offer} stands no longer.");
    let over = format!("offer/{offer}");
    with(
        said(to, &id, &words),
        [element("replace", CORRECTION, &[("id", &over)])],
    )
}

/// Says that a bare yes or no could mean more than one offer.
pub(crate) fn which_one(to: &BareJid, id: &str, offers: &[OfferId]) -> Element {
    let offers: Vec<String> = offers.iter().map(ToString::to_string).collect();
    let words = format!(
        "More than one offer stands: {}. Answer with its name, as in “yes {}”.",
        offers.join(", "),
        offers.first().map_or("", String::as_str),
    );
    said(to, id, &words)
}

/// Tells that a message was kept here (XEP-0184).
pub(crate) fn receipt(to: &str, id: &str) -> Element {
    let message = element("message", CLIENT, &[("to", to), ("type", "chat")]);
    with(message, [element("received", RECEIPTS, &[("id", id)])])
}

/// Our presence. We stay there for the server in every state, since what is sent to who is gone does not come in.
pub(crate) fn presence(state: PresenceState) -> Element {
    let show = match state {
        PresenceState::Available | PresenceState::Elsewhere | PresenceState::Tentative => None,
        PresenceState::Busy | PresenceState::DoNotDisturb => Some("dnd"),
        PresenceState::Idle => Some("away"),
        _ => Some("xa"),
    };
    let show = show.map(|show| text("show", CLIENT, show));
    with(element("presence", CLIENT, &[]), show)
}

/// A presence that says something of who sees whom: `subscribe`, `subscribed`.
pub(crate) fn subscription(to: &BareJid, kind: &str) -> Element {
    element("presence", CLIENT, &[("to", to.as_str()), ("type", kind)])
}

pub(crate) fn roster() -> Element {
    let query = element("query", ROSTER, &[]);
    let iq = [("type", "get"), ("id", ROSTER_ID)];
    with(element("iq", CLIENT, &iq), [query])
}

/// Asks the server for nothing but an answer (XEP-0199).
pub(crate) fn ping(domain: &str, id: &str) -> Element {
    let iq = [("to", domain), ("type", "get"), ("id", id)];
    with(element("iq", CLIENT, &iq), [element("ping", PING, &[])])
}

/// Asks for a name for this connection (RFC 6120, 7).
pub(crate) fn bind(resource: &str) -> Element {
    const BIND: &str = "urn:ietf:params:xml:ns:xmpp-bind";
    let bind = with(
        element("bind", BIND, &[]),
        [text("resource", BIND, resource)],
    );
    let iq = [("type", "set"), ("id", "bereik-bind")];
    with(element("iq", CLIENT, &iq), [bind])
}

/// What an adapter understands (XEP-0030): clients ask for a receipt only where they know that one comes.
fn abilities() -> Element {
    let identity = [("category", "client"), ("type", "bot"), ("name", "bereik")];
    let features = [CHAT_STATES, DISCO, PING, RECEIPTS, REPLY];
    let features = features.map(|of| element("feature", DISCO, &[("var", of)]));
    let identity = element("identity", DISCO, &identity);
    let known = [identity].into_iter().chain(features);
    with(element("query", DISCO, &[]), known)
}

/// The answer to what somebody asks of us: each question gets one (RFC 6120, 8.2.3). None where it is an answer itself.
pub(crate) fn answer(question: &Element) -> Option<Element> {
    let kind = question
        .attr("type")
        .filter(|kind| matches!(*kind, "get" | "set"))?;
    let id = question.attr("id").unwrap_or_default();
    let to = question.attr("from").map(|from| ("to", from));
    let iq = |kind| {
        let attributes = [("type", kind), ("id", id)].into_iter().chain(to);
        element("iq", CLIENT, &attributes.collect::<Vec<_>>())
    };
    let payload = question.children().next();
    let asks = |name: &str, of: &str| payload.is_some_and(|payload| payload.is(name, of));
    Some(match kind {
        "get" if asks("ping", PING) => iq("result"),
        "get" if asks("query", DISCO) => with(iq("result"), [abilities()]),
        "set" if asks("query", ROSTER) => iq("result"),
        _ => {
            let reason = element("service-unavailable", STANZAS, &[]);
            let error = element("error", CLIENT, &[("type", "cancel")]);
            with(iq("error"), [with(error, [reason])])
        }
    })
}
