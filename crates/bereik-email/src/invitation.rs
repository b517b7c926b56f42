//! An invitation to a meeting as a mail (RFC 5546, RFC 6047), from values alone.

use bereik_channel::{ChannelError, Label, Outbound, Scope};
use bereik_core::id::Key;
use bereik_core::interval::Interval;
use chrono::{DateTime, Utc};
use icalendar::{CalendarComponent, Property, parser};
use lettre::message::header::{ContentTransferEncoding, ContentType};
use lettre::message::{MultiPart, SinglePart};

use crate::config::SmtpConfig;
use crate::wire::{Draft, Mail, begin, crlf, date, finish, invalid};

/// A meeting that somebody is invited to: a call-back that was agreed, or that is called off.
///
/// ```
/// use bereik_channel::{Label, Outbound};
/// use bereik_core::{id::Key, message::Body};
/// use bereik_email::{Invitation, SmtpConfig, compose_invitation};
/// use chrono::{DateTime, Utc};
///
/// let config = SmtpConfig::parse("smtp://localhost?from=helpdesk@example.org&name=Helpdesk")?;
/// let at = |text: &str| text.parse::<DateTime<Utc>>();
/// let message = Outbound::new(Key::parse("callback/C12")?, "jan@example.org".parse()?, Body::parse("We call you at 14:00.")?, at("2026-11-23T09:00:00Z")?);
/// let when = "2026-11-23T13:00:00Z/2026-11-23T13:15:00Z".parse()?;
/// let call = Invitation::new(Key::parse("callback-C12@example.org")?, message.at, when, Label::parse("Call from the helpdesk")?);
///
/// let mail = compose_invitation(&config, &message, &call)?;
/// assert!(String::from_utf8_lossy(mail.bytes()).contains("method=REQUEST"));
/// let off = compose_invitation(&config, &message, &call.cancelled(1))?;
/// assert!(String::from_utf8_lossy(off.bytes()).contains("method=CANCEL"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Invitation {
    /// Its UID (RFC 5545, 3.8.4.7): the same meeting has the same, and no other has it. What is
    /// [answered](bereik_channel::EventKind::Attendance) names it.
    pub uid: Key,
    /// When this was written (DTSTAMP).
    pub stamp: DateTime<Utc>,
    /// When the meeting is, in whole seconds.
    pub when: Interval,
    /// What it is called.
    pub summary: Label,
    /// How often it was changed since the first invitation (SEQUENCE); a calendar keeps the
    /// highest.
    pub sequence: u32,
    /// Whether it is called off.
    pub is_cancelled: bool,
}

impl Invitation {
    /// A meeting to which somebody is invited for the first time.
    #[must_use]
    pub const fn new(uid: Key, stamp: DateTime<Utc>, when: Interval, summary: Label) -> Self {
        Self {
            uid,
            stamp,
            when,
            summary,
            sequence: 0,
            is_cancelled: false,
        }
    }

    /// The same, at another time, as the change of this number.
    #[must_use]
    pub const fn moved(mut self, when: Interval, sequence: u32) -> Self {
        self.when = when;
        self.sequence = sequence;
        self
    }

    /// The same, called off, as the change of this number.
    #[must_use]
    pub const fn cancelled(mut self, sequence: u32) -> Self {
        self.sequence = sequence;
        self.is_cancelled = true;
        self
    }

    const fn method(&self) -> &'static str {
        if self.is_cancelled {
            "CANCEL"
        } else {
            "REQUEST"
        }
    }
}

/// Writes a message as a mail that invites its recipient: its text, and the meeting for his
/// calendar. Nothing in it is taken from a clock or made by chance.
///
/// # Errors
/// As [`compose_message`](crate::compose_message); [`Scope::Message`] too when the meeting begins
/// before 1970 or ends after 9999.
pub fn compose_invitation(
    config: &SmtpConfig,
    message: &Outbound,
    invitation: &Invitation,
) -> Result<Mail, ChannelError> {
    for instant in [
        invitation.stamp,
        invitation.when.start(),
        invitation.when.end(),
    ] {
        date(instant)?;
    }
    let draft = Draft::of(message);
    let (builder, envelope) = begin(config, &draft)?;
    let kind = format!(
        "text/calendar; charset=utf-8; method={}",
        invitation.method()
    );
    let kind = ContentType::parse(&kind).map_err(|_| invalid(Scope::Message))?;
    let text = SinglePart::builder()
        .header(ContentType::TEXT_PLAIN)
        .header(ContentTransferEncoding::QuotedPrintable)
        .body(crlf(&draft.text));
    let calendar = SinglePart::builder()
        .header(kind)
        .header(ContentTransferEncoding::Base64)
        .body(calendar(config, message, invitation));
    let parts = MultiPart::alternative()
        .boundary(BOUNDARY)
        .singlepart(text)
        .singlepart(calendar);
    finish(builder.multipart(parts), envelope)
}

/// It can stand in neither part: `=` is followed by digits in the one and by nothing in the other
/// (RFC 2045, 6.7).
const BOUNDARY: &str = "=_bereik";

fn calendar(config: &SmtpConfig, message: &Outbound, invitation: &Invitation) -> String {
    let name = message.from_name.as_ref().or(config.from_name.as_ref());
    let mut organizer = Property::new("ORGANIZER", format!("mailto:{}", config.from.value()));
    if let Some(name) = name {
        // A name in quotes cannot hold one (RFC 5545, 3.2).
        organizer.add_parameter("CN", &name.as_str().replace('"', "'"));
    }
    let mut attendee = Property::new("ATTENDEE", format!("mailto:{}", message.to.value()));
    if !invitation.is_cancelled {
        attendee
            .add_parameter("ROLE", "REQ-PARTICIPANT")
            .add_parameter("PARTSTAT", "NEEDS-ACTION")
            .add_parameter("RSVP", "TRUE");
    }
    let status = if invitation.is_cancelled {
        "CANCELLED"
    } else {
        "CONFIRMED"
    };
    // What is text is escaped where it is written out.
    let properties = vec![
        Property::new("UID", invitation.uid.as_str()),
        Property::new("DTSTAMP", second(invitation.stamp)),
        Property::new("DTSTART", second(invitation.when.start())),
        Property::new("DTEND", second(invitation.when.end())),
        Property::new("SEQUENCE", invitation.sequence.to_string()),
        Property::new("STATUS", status),
        Property::new("SUMMARY", invitation.summary.as_str()),
        Property::new("DESCRIPTION", message.body.as_str()),
        organizer.done(),
        attendee.done(),
    ];
    let component = parser::Component {
        name: "VEVENT".into(),
        properties: properties.into_iter().map(Into::into).collect(),
        components: Vec::new(),
    };
    let mut calendar = icalendar::Calendar::empty();
    calendar.append_property(("VERSION", "2.0"));
    calendar.append_property(("PRODID", "-//bereik//e-mail//EN"));
    calendar.append_property(("METHOD", invitation.method()));
    calendar.push(CalendarComponent::from(component));
    calendar.to_string()
}

fn second(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}
