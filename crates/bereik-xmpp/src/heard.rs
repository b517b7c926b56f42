//! What comes in, as events and as what has to be said to it: no I/O here.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::Arc;

use bereik_channel::{Event, EventKind, Evidence, Inbound, Label};
use bereik_core::Address;
use bereik_core::id::Key;
use bereik_core::presence::PresenceState;
use jid::{BareJid, Jid};
use minidom::Element;
use sha2::{Digest as _, Sha256};

use crate::config::XmppConfig;
use crate::fault::of_stanza;
use crate::ledger::Ledger;
use crate::outbox::{Meaning, Outbox, meaning};
use crate::presence::Contacts;
use crate::wire::{
    self, CHAT_STATES, CLIENT, IDS, MARKERS, NICK, RECEIPTS, REPLY, ROSTER, ROSTER_ID, address_of,
};

/// The namespace of stamps of messages that were kept for us (XEP-0203).
const DELAY: &str = "urn:xmpp:delay";

const FALLBACK: &str = "urn:xmpp:fallback:0";

/// What a stanza brought.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) events: Vec<Event>,
    /// What is said to it, once the events are kept.
    pub(crate) answers: Vec<Element>,
}

/// Makes events of what comes in.
pub(crate) struct Listener {
    config: Arc<XmppConfig>,
    outbox: Arc<Outbox>,
    contacts: Contacts,
    /// Tells the events of this listener that have no name of their own from those of another.
    epoch: u64,
    count: u64,
}

impl Listener {
    pub(crate) fn new(config: Arc<XmppConfig>, outbox: Arc<Outbox>) -> Self {
        let contacts = Contacts::new(config.watched.clone());
        Self {
            config,
            outbox,
            contacts,
            // Each of these hashers begins with numbers of its own.
            epoch: RandomState::new().build_hasher().finish(),
            count: 0,
        }
    }

    /// A name that nothing else has.
    pub(crate) fn fresh(&mut self, what: &str) -> Key {
        self.count += 1;
        let name = format!("{what}:{:x}:{}", self.epoch, self.count);
        Key::parse(&name).expect("a word, numbers and colons are a key")
    }

    fn event(&mut self, what: &str, kind: EventKind) -> Event {
        let id = self.fresh(what);
        Event { id, kind }
    }

    /// Something came, or may have come, that cannot be told.
    pub(crate) fn gap(&mut self) -> Event {
        self.event("gap", EventKind::Gap)
    }

    /// A session was lost: how it is with people is not known any more.
    pub(crate) fn lost(&mut self) -> Vec<Event> {
        let mut events = vec![self.gap()];
        for who in self.contacts.forget() {
            events.extend(self.presence_of(&who, PresenceState::Unknown));
        }
        events
    }

    fn presence_of(&mut self, who: &BareJid, state: PresenceState) -> Option<Event> {
        let of = address_of(who)?;
        Some(self.event("presence", EventKind::Presence { of, state }))
    }

    /// Understands a stanza. One that came back for lack of its recipient is told to who waits for it in the ledger.
    pub(crate) fn hear(&mut self, stanza: &Element, ledger: &mut Ledger) -> Heard {
        let from = stanza.attr("from").map_or_else(
            || Some(self.config.jid.to_bare().into()),
            |from| Jid::new(from).ok(),
        );
        let Some(from) = from else {
            return Heard {
                events: vec![self.gap()],
                ..Heard::default()
            };
        };
        match stanza.name() {
            "message" => self.message(&from, stanza, ledger),
            "presence" => self.presence(&from, stanza),
            "iq" => self.iq(&from, stanza),
            _ => Heard::default(),
        }
    }

    fn message(&mut self, from: &Jid, stanza: &Element, ledger: &mut Ledger) -> Heard {
        let who = from.to_bare();
        match stanza.attr("type") {
            Some("error") => return self.came_back(&who, stanza, ledger),
            // Nobody joins a room here; whatever calls itself of one is for nobody.
            Some("groupchat") => return Heard::default(),
            _ => {}
        }
        let mut heard = Heard::default();
        heard.events.extend(self.evidence(&who, stanza));
        if let Some(words) = best_body(stanza) {
            self.words(from, stanza, &words, &mut heard);
        } else if stanza.has_child("composing", CHAT_STATES) && !stanza.has_child("delay", DELAY) {
            let typing = address_of(&who).map(|from| EventKind::Typing { from });
            heard
                .events
                .extend(typing.map(|kind| self.event("typing", kind)));
        }
        heard
    }

    /// One of ours came back: whoever waits for it hears it, else an event tells it.
    fn came_back(&mut self, who: &BareJid, stanza: &Element, ledger: &mut Ledger) -> Heard {
        let mut heard = Heard::default();
        let id = stanza.attr("id").unwrap_or_default();
        let is_ours = self.outbox.went_to(id, who);
        if is_ours && !ledger.refuse(id, || of_stanza(stanza)) {
            // A message that is sent again may come back again.
            let back = delivery(id, Evidence::None).map(|event| Event {
                id: self.fresh("back"),
                ..event
            });
            heard.events.extend(back);
        }
        heard
    }

    /// A receipt, or a mark that something was shown, of who it went to.
    fn evidence(&self, who: &BareJid, stanza: &Element) -> Option<Event> {
        let marks = [
            ("received", RECEIPTS, Evidence::Delivered),
            ("displayed", MARKERS, Evidence::Read),
        ];
        let mut marks = marks.into_iter();
        let (id, evidence) = marks.find_map(|(name, of, evidence)| {
            Some((stanza.get_child(name, of)?.attr("id")?, evidence))
        })?;
        let is_theirs = self.outbox.went_to(id, who);
        delivery(id, evidence).filter(|_| is_theirs)
    }

    /// Somebody writes: it answers an offer, or it is a message.
    fn words(&mut self, from: &Jid, stanza: &Element, words: &str, heard: &mut Heard) {
        let who = from.to_bare();
        if let Some(id) = stanza.attr("id")
            && stanza.has_child("request", RECEIPTS)
        {
            heard.answers.push(wire::receipt(from.as_str(), id));
        }
        let Some(address) = address_of(&who) else {
            heard.events.push(self.gap());
            return;
        };
        let id = self.name(&who, stanza, words);
        let standing = self.outbox.offers_of(&who);
        match meaning(&unquoted(stanza, words), replies_to(stanza), &standing) {
            Meaning::Answers(offer, answer) => {
                if self.outbox.offered_to(offer).as_ref() == Some(&who) {
                    self.outbox.forget(offer);
                }
                let (by, from) = (None, Some(address));
                let kind = EventKind::Answered {
                    offer,
                    answer,
                    by,
                    from,
                };
                heard.events.push(Event { id, kind });
                return;
            }
            Meaning::Ambiguous => {
                let id = self.fresh("which");
                let which = wire::which_one(&who, id.as_str(), &standing);
                heard.answers.push(which);
            }
            Meaning::Nothing => {}
        }
        // A headline wants no answer (RFC 6121, 5.2.2), and a server is nobody.
        let is_automatic = stanza.attr("type") == Some("headline") || from.node().is_none();
        heard
            .events
            .extend(said(stanza, &id, &address, words, is_automatic));
    }

    /// The name of a message: made of its sender, the id that he gave it and its words, so that what a server brings again
    /// after a lost session is the same, and nobody can take the name of another's.
    fn name(&mut self, who: &BareJid, stanza: &Element, words: &str) -> Key {
        let by_server = stanza.get_child("stanza-id", IDS);
        let by_server = by_server.and_then(|id| id.attr("id"));
        match stanza.attr("id").or(by_server) {
            Some(id) => hashed("message", &[who.as_str(), id, words]),
            None => self.fresh("message"),
        }
    }

    fn presence(&mut self, from: &Jid, stanza: &Element) -> Heard {
        let mut heard = Heard::default();
        let who = from.to_bare();
        if stanza.attr("type") == Some("subscribe") {
            let grants = self.config.grants(&who);
            heard
                .answers
                .extend(grants.then(|| wire::subscription(&who, "subscribed")));
        } else if let Some(state) = self.contacts.hear(from, stanza) {
            heard.events.extend(self.presence_of(&who, state));
        }
        heard
    }

    fn iq(&mut self, from: &Jid, stanza: &Element) -> Heard {
        let is_own = from.to_bare() == self.config.jid.to_bare();
        let is_roster = is_own && stanza.attr("id") == Some(ROSTER_ID);
        let mut heard = Heard::default();
        match stanza.attr("type") {
            Some("result") if is_roster => heard.answers = self.missing_subscriptions(stanza),
            _ => heard.answers.extend(wire::answer(stanza)),
        }
        heard
    }

    /// Asks for the presence of those who are watched, where it was not asked for before.
    fn missing_subscriptions(&self, roster: &Element) -> Vec<Element> {
        let query = roster.get_child("query", ROSTER);
        let items = query.into_iter().flat_map(Element::children);
        let asked = items.filter(|item| {
            let sees = matches!(item.attr("subscription"), Some("to" | "both"));
            sees || item.attr("ask") == Some("subscribe")
        });
        let asked: Vec<BareJid> = asked
            .filter_map(|item| BareJid::new(item.attr("jid")?).ok())
            .collect();
        let watched = self.contacts.watched().iter();
        let missing = watched.filter(|who| !asked.contains(who));
        missing
            .map(|who| wire::subscription(who, "subscribe"))
            .collect()
    }
}

/// The words of a message: those without a language, else the first (RFC 6121, 5.2.3). None where there are but blanks.
fn best_body(stanza: &Element) -> Option<String> {
    let bodies = || stanza.children().filter(|child| child.is("body", CLIENT));
    let has_language = |body: &&Element| {
        body.attr_ns("http://www.w3.org/XML/1998/namespace", "lang")
            .is_some()
    };
    let best = bodies()
        .find(|body| !has_language(body))
        .or_else(|| bodies().next());
    best.map(Element::text)
        .filter(|words| !words.trim().is_empty())
}

/// The message that this one answers (XEP-0461).
fn replies_to(stanza: &Element) -> Option<&str> {
    stanza.get_child("reply", REPLY)?.attr("id")
}

/// The words without those of another message that a client quotes for who does not understand replies (XEP-0428).
fn unquoted(stanza: &Element, words: &str) -> String {
    let quote = || {
        let mut children = stanza.children();
        let fallback = children
            .find(|child| child.is("fallback", FALLBACK) && child.attr("for") == Some(REPLY))?;
        let body = fallback.get_child("body", FALLBACK)?;
        let place = |name| body.attr(name)?.parse::<usize>().ok();
        Some(place("start")?..place("end")?)
    };
    let quote = quote().unwrap_or(0..0);
    let kept = words.chars().enumerate();
    let kept = kept.filter(|(at, _)| !quote.contains(at));
    kept.map(|(_, c)| c).collect()
}

/// A message, in parts where it is longer than one holds.
fn said(stanza: &Element, id: &Key, from: &Address, words: &str, is_automatic: bool) -> Vec<Event> {
    let label = |name, of| {
        let label = Label::flattened(&stanza.get_child(name, of)?.text());
        (!label.as_str().is_empty()).then_some(label)
    };
    let parts = Inbound::parts(id.as_str(), words).into_iter();
    let events = parts.map(|(id, body)| {
        let mut inbound = Inbound::new(from.clone(), body);
        inbound.from_name = label("nick", NICK);
        inbound.subject = label("subject", CLIENT);
        inbound.is_automatic = is_automatic;
        let answered = replies_to(stanza).and_then(|id| Key::parse(id).ok());
        inbound.answers.extend(answered);
        inbound.provider_id = stanza.attr("id").and_then(|id| Key::parse(id).ok());
        let kind = EventKind::Message(inbound);
        Event { id, kind }
    });
    events.collect()
}

fn delivery(id: &str, evidence: Evidence) -> Option<Event> {
    let of = Key::parse(id).ok()?;
    let id = hashed("evidence", &[id, &format!("{evidence:?}")]);
    let kind = EventKind::Delivery { of, evidence };
    Some(Event { id, kind })
}

fn hashed(what: &str, parts: &[&str]) -> Key {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let digits = hash.finalize().into_iter().take(20);
    let digits: String = digits.map(|byte| format!("{byte:02x}")).collect();
    Key::parse(&format!("{what}:{digits}")).expect("a word and digits are a key")
}
