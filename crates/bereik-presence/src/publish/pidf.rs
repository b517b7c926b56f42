//! What is seen of a person or group as PIDF with RPID: XML for presence servers and phones.

use std::fmt;

use bereik_core::address::{Address, AddressKind};
use bereik_core::channel_kind::ChannelKind;
use bereik_core::presence::PresenceState;
use bereik_core::public_view::{Standing, View};
use bereik_core::wording::Wording;
use chrono::{DateTime, Datelike as _, SecondsFormat, Utc};

use super::xml::Xml;

const ENTITY_BYTES_MAX: usize = 2_048;

/// A presentity, of which a [`View`] is written as PIDF (RFC 3863) with the data model (RFC 4479) and
/// RPID (RFC 4480): `application/pidf+xml`.
///
/// What is written is what the view holds, and nothing else: whoever may not see the state is told of a
/// standing, and away is away, whatever the reason.
///
/// - One tuple for each way with a mail address or a number, and one for the chat on the website while it
///   is open; it is open if its kind of channel is. Without any, one tuple that is open if the standing is
///   available.
/// - The person's activities: see `docs/STATES.md` for the whole table. They last until the state ends, else
///   until he is back, as far as the view tells.
/// - `time-offset` where the view tells it; a note with the standing in words, and the name if one is given.
///
/// ```
/// use bereik_core::directory::Draft;
/// use bereik_core::language::Language;
/// use bereik_core::public_view::{Standing, View};
/// use bereik_core::wording::Wording;
/// use bereik_core::Zone;
/// use bereik_presence::Pidf;
///
/// let zone = Zone::utc();
/// let wording = Wording {
///     language: Language::English,
///     zone: &zone,
///     now: "2026-11-23T10:00:00Z".parse()?,
///     name_of: &|_| String::new(),
///     address_of: &|_| String::new(),
/// };
/// let desk = Pidf::new("pres:helpdesk@example.org")?.with_name("Help & advice");
/// let xml = desk.write(&View::new(Standing::Busy), &wording);
/// assert!(xml.contains("<rpid:busy/>"));
/// assert!(xml.contains("<note xml:lang=\"en\">Help &amp; advice: Busy, the wait is longer</note>"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pidf {
    entity: String,
    name: Option<String>,
}

impl Pidf {
    /// The presentity with this URI (RFC 3859), such as `pres:anna@example.org` or `sip:…`.
    ///
    /// # Errors
    /// If it is no URI: a scheme and what RFC 3986 allows after it, all else percent-encoded, without
    /// fragment, 2,048 bytes at most.
    pub fn new(entity: &str) -> Result<Self, PidfError> {
        match is_uri(entity) {
            true => Ok(Self {
                entity: entity.to_owned(),
                name: None,
            }),
            false => Err(PidfError(())),
        }
    }

    /// The same with a name that stands in the note. It is shown to whoever gets the document.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The document: UTF-8 text, the same for the same arguments. Words are in the wording's language
    /// and zone, and its `now` is the timestamp.
    #[must_use]
    pub fn write(&self, view: &View, wording: &Wording<'_>) -> String {
        let now = instant(wording.now);
        let mut xml = Xml::new();
        xml.begin(
            "presence",
            &[
                ("xmlns", "urn:ietf:params:xml:ns:pidf"),
                ("xmlns:dm", "urn:ietf:params:xml:ns:pidf:data-model"),
                ("xmlns:rpid", "urn:ietf:params:xml:ns:pidf:rpid"),
                ("entity", &self.entity),
            ],
        );
        let tuples = tuples(view);
        for (number, (is_open, contact)) in tuples.iter().enumerate() {
            xml.begin("tuple", &[("id", &format!("way-{}", number + 1))]);
            xml.begin("status", &[]);
            xml.text("basic", &[], if *is_open { "open" } else { "closed" });
            xml.end();
            if let Some(contact) = contact {
                xml.text("contact", &[], contact);
            }
            if let Some(now) = &now {
                xml.text("timestamp", &[], now);
            }
            xml.end();
        }
        let words = wording.standing(view.standing, view.back_at, view.expected_wait);
        let note = match &self.name {
            Some(name) => format!("{name}: {words}"),
            None => words,
        };
        xml.text("note", &[("xml:lang", wording.language.tag())], &note);
        write_person(&mut xml, view, now.as_deref());
        xml.finish()
    }
}

/// The `person` element (RFC 4479 section 3.1), which stands for a group as well.
fn write_person(xml: &mut Xml, view: &View, now: Option<&str>) {
    xml.begin("dm:person", &[("id", "person")]);
    let activities = match view.inside {
        Some(inside) => activities_of_state(inside.state),
        None => activities_of_standing(view.standing),
    };
    if !activities.is_empty() {
        let ends_at = view.inside.and_then(|inside| inside.until);
        let until = ends_at.or(view.back_at).and_then(instant);
        let until: Vec<_> = until.iter().map(|at| ("until", at.as_str())).collect();
        xml.begin("rpid:activities", &until);
        for activity in activities {
            match activity {
                Activity::Named(name) => xml.empty(name),
                Activity::Other(text) => xml.text("rpid:other", &[("xml:lang", "en")], text),
            }
        }
        xml.end();
    }
    let offset = view.inside.and_then(|inside| inside.utc_offset_min);
    if let Some(offset) = offset {
        xml.text("rpid:time-offset", &[], &offset.to_string());
    }
    if let Some(now) = now {
        xml.text("dm:timestamp", &[], now);
    }
    xml.end();
}

/// A text is not the URI of a presentity. The text itself is not repeated: it may be personal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PidfError(());

impl fmt::Display for PidfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the uri of a presentity: write it as in pres:anna@example.org")
    }
}

impl std::error::Error for PidfError {}

/// One activity of RFC 4480 section 3.2.
enum Activity {
    Named(&'static str),
    Other(&'static str),
}

const fn activities_of_state(state: PresenceState) -> &'static [Activity] {
    use Activity::{Named, Other};
    match state {
        PresenceState::Available => &[],
        PresenceState::Busy => &[Named("rpid:busy")],
        PresenceState::DoNotDisturb => &[Named("rpid:busy"), Other("do not disturb")],
        PresenceState::Elsewhere => &[Named("rpid:working"), Other("elsewhere")],
        PresenceState::Idle => &[Named("rpid:away"), Other("idle")],
        PresenceState::OffDuty => &[Named("rpid:away"), Other("off duty")],
        PresenceState::OnCall => &[Named("rpid:away"), Other("on call")],
        PresenceState::OutOfOffice => &[Named("rpid:away"), Other("out of office")],
        PresenceState::Tentative => &[Other("tentative")],
        _ => &[Named("rpid:unknown")],
    }
}

const fn activities_of_standing(standing: Standing) -> &'static [Activity] {
    match standing {
        Standing::Available => &[],
        Standing::Busy => &[Activity::Named("rpid:busy")],
        Standing::Away | Standing::Closed => &[Activity::Named("rpid:away")],
        _ => &[Activity::Named("rpid:unknown")],
    }
}

/// Whether each tuple is open, and where it leads.
fn tuples(view: &View) -> Vec<(bool, Option<String>)> {
    let is_open = |channel| view.now_over.contains(&channel);
    let ways = view.ways.iter();
    let mut tuples: Vec<_> = ways
        .filter_map(|(channel, address)| Some((is_open(*channel), Some(uri_of(address)?))))
        .collect();
    if is_open(ChannelKind::WebChat) {
        tuples.push((true, None));
    }
    if tuples.is_empty() {
        tuples.push((view.standing == Standing::Available, None));
    }
    tuples
}

/// The URI of an address, for those that have one: RFC 6068 and RFC 3966.
fn uri_of(address: &Address) -> Option<String> {
    match address.kind() {
        AddressKind::Phone => Some(address.to_string()),
        AddressKind::Email => {
            let mut uri = "mailto:".to_owned();
            for byte in address.value().bytes() {
                match byte {
                    b'-' | b'.' | b'_' | b'~' | b'@' | b'+' => uri.push(byte.into()),
                    byte if byte.is_ascii_alphanumeric() => uri.push(byte.into()),
                    byte => uri.push_str(&format!("%{byte:02X}")),
                }
            }
            Some(uri)
        }
        _ => None,
    }
}

/// Whether it has a scheme (RFC 3986 section 3.1) and after it only what a URI may hold.
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let mut letters = scheme.bytes();
    let has_scheme = letters.next().is_some_and(|b| b.is_ascii_alphabetic())
        && letters.all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let mut escaped = 0;
    let fits = rest.bytes().all(|byte| {
        let is_ok = match escaped {
            0 => byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%".contains(&byte),
            _ => byte.is_ascii_hexdigit(),
        };
        escaped = match (escaped, byte) {
            (0, b'%') => 2,
            (left, _) => left.max(1) - 1,
        };
        is_ok
    });
    has_scheme && fits && escaped == 0 && !rest.is_empty() && text.len() <= ENTITY_BYTES_MAX
}

/// RFC 3339 with `Z`; none beyond what four digits of a year can say.
fn instant(at: DateTime<Utc>) -> Option<String> {
    (1..=9_999)
        .contains(&at.year())
        .then(|| at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}
