//! The words of alerts that leave the house, and of acknowledgements on channels of others.

use bereik_channel::{Alert, AlertTo, Label, Link, Outbound};
use bereik_core::acknowledgement::Acknowledgement;
use bereik_core::address::Address;
use bereik_core::contact::{Addressee, ContactSummary};
use bereik_core::directory::Directory;
use bereik_core::id::{Key, LineId, PersonId};
use bereik_core::language::Language;
use bereik_core::message::Body;
use bereik_core::offer::Offer;
use bereik_core::urgency::Urgency;
use bereik_core::wording::Wording;
use chrono::{DateTime, Utc};

/// The most words of a conversation that an alert repeats, in bytes.
const QUOTED_BYTES_MAX: usize = 4 * 1024;

/// What an alert is made of.
pub(crate) struct Circumstances<'a> {
    pub(crate) directory: &'a Directory,
    pub(crate) contact: &'a ContactSummary,
    /// What the customer wrote so far, oldest first.
    pub(crate) words: Vec<Body>,
    /// Where the desk opens this contact.
    pub(crate) link: Option<String>,
}

impl Circumstances<'_> {
    /// The alert for an offer: who asks, from which page, what was written, until when it stands.
    pub(crate) fn alert(&self, offer: Offer, to: AlertTo) -> Option<Alert> {
        let text = self.text(&offer);
        let subject = Label::parse(&self.subject()).ok()?;
        let alert = Alert::new(offer, to, subject, Body::parse(&text).ok()?);
        let link = self.link.as_deref().and_then(|link| Link::parse(link).ok());
        Some(match link {
            Some(link) => alert.with_link(link),
            None => alert,
        })
    }

    fn subject(&self) -> String {
        let what = match self.contact.urgency {
            Urgency::Calamity => "Calamity",
            Urgency::High => "Urgent",
            Urgency::Low | Urgency::Normal => "Contact",
        };
        format!("{what} {}: {}", self.contact.id, self.addressee())
    }

    fn addressee(&self) -> String {
        match &self.contact.addressee {
            Addressee::Group(id) => {
                let group = self.directory.group(id);
                group.map_or_else(
                    || id.to_string(),
                    |g| g.name.in_language(Language::English).to_owned(),
                )
            }
            Addressee::Person(id) => name_of(self.directory, id),
            Addressee::Authors(authorship) => authorship.document.clone(),
            Addressee::Skill(skill) => skill.to_string(),
            _ => String::new(),
        }
    }

    fn text(&self, offer: &Offer) -> String {
        let zone = self.directory.zone();
        let mut lines = vec![
            format!(
                "A customer of {} waits for an answer.",
                self.directory.name()
            ),
            String::new(),
        ];
        let mut row = |name: &str, value: &str| {
            if !value.is_empty() {
                lines.push(format!("{name:<10}{value}"));
            }
        };
        row(
            "Contact",
            &format!("{} ({})", self.contact.id, self.contact.urgency.name()),
        );
        row("For", &self.addressee());
        row("Customer", &self.contact.customer.name);
        for address in &self.contact.customer.addresses {
            row("", &address.to_string());
        }
        row("Page", self.contact.page.as_deref().unwrap_or_default());
        row(
            "Since",
            &format!(
                "{} {}",
                zone.local_at(self.contact.opened_at)
                    .format("%Y-%m-%d %H:%M"),
                zone.name()
            ),
        );
        row(
            "Stands to",
            &format!("{}", zone.local_at(offer.until).format("%Y-%m-%d %H:%M:%S")),
        );
        lines.push(String::new());
        let quoted = quote(&self.words);
        if !quoted.is_empty() {
            lines.push("What was written:".to_owned());
            lines.extend(quoted);
            lines.push(String::new());
        }
        lines.push("Accept it at the desk; otherwise the next one is asked.".to_owned());
        lines.join("\n")
    }
}

/// The last words first to be kept when not all fit, in the order in which they were written.
fn quote(words: &[Body]) -> Vec<String> {
    let mut left = QUOTED_BYTES_MAX;
    let fits = |body: &&Body| {
        let size = body.as_str().len();
        let is_room = size <= left;
        left = left.saturating_sub(size);
        is_room
    };
    let mut kept: Vec<&Body> = words.iter().rev().take_while(fits).collect();
    kept.reverse();
    kept.iter()
        .flat_map(|body| body.as_str().lines())
        .map(|line| format!("> {line}"))
        .collect()
}

fn name_of(directory: &Directory, id: &PersonId) -> String {
    directory
        .person(id)
        .map_or_else(|| id.to_string(), |person| person.name.clone())
}

/// An acknowledgement as a message to the customer.
pub(crate) fn acknowledgement(
    directory: &Directory,
    contact: &ContactSummary,
    said: &Acknowledgement,
    id: Key,
    to: Address,
    now: DateTime<Utc>,
) -> Option<Outbound> {
    let name = |id: &PersonId| name_of(directory, id);
    let address = |id: &LineId| {
        directory
            .line(id)
            .map_or_else(String::new, |(line, _)| line.address.value().to_owned())
    };
    let wording = Wording {
        language: contact.customer.language,
        zone: directory.zone(),
        now,
        name_of: &name,
        address_of: &address,
    };
    let body = Body::parse(&wording.acknowledgement(said)).ok()?;
    let message = Outbound::new(id, to, body, now);
    let subject = conversation_label(directory, contact)?;
    let from_name = Label::parse(directory.name()).ok()?;
    Some(message.with_subject(subject).with_from_name(from_name))
}

/// What a conversation is called in the subject of a message.
pub(crate) fn conversation_label(directory: &Directory, contact: &ContactSummary) -> Option<Label> {
    Label::parse(&format!("{} {}", directory.name(), contact.id)).ok()
}
