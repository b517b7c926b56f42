//! Writes the mail as it goes over the wire (RFC 5322, MIME), from values alone.

mod words;

use std::time::SystemTime;

use bereik_channel::{Alert, AlertTo, ChannelError, ErrorKind, Outbound, Scope};
use bereik_core::Address;
use bereik_core::address::AddressKind;
use bereik_core::id::Key;
use chrono::{DateTime, Utc};
use lettre::message::header::{ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0};
use lettre::message::{Mailbox, Message, MessageBuilder};

use crate::config::SmtpConfig;
use crate::message_id::Origin;

/// A mail, ready to be sent. `Debug` shows none of it but its length.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    pub(crate) from: lettre::Address,
    pub(crate) to: lettre::Address,
    message_id: String,
    bytes: Vec<u8>,
}

impl Mail {
    /// Its `Message-ID`, in angle brackets.
    #[must_use]
    pub fn message_id(&self) -> &str {
        &self.message_id
    }

    /// Header and body, in ASCII, every line ended by CR LF.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mail({} bytes)", self.bytes.len())
    }
}

/// Writes a message as a mail.
///
/// ```
/// use bereik_channel::{Label, Outbound};
/// use bereik_core::{id::Key, message::Body};
/// use bereik_email::{SmtpConfig, compose_message};
/// use chrono::DateTime;
///
/// let config = SmtpConfig::parse("smtp://localhost?from=helpdesk@example.org&name=Helpdesk")?;
/// let at = DateTime::from_timestamp(1_795_000_000, 0).ok_or("an instant")?;
/// let message = Outbound::new(Key::parse("message/M12")?, "jan@example.org".parse()?, Body::parse("We are on it.")?, at)
///     .with_subject(Label::parse("Your question")?);
/// let mail = compose_message(&config, &message)?;
/// assert_eq!(mail.message_id(), "<message/M12@example.org>");
/// assert!(String::from_utf8_lossy(mail.bytes()).contains("Subject: Your question\r\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Scope::Recipient`] when the address is not a mail address in ASCII; [`Scope::Message`] when
/// the instant has no date in a mail (before 1970, after 9999).
pub fn compose_message(config: &SmtpConfig, message: &Outbound) -> Result<Mail, ChannelError> {
    let draft = Draft::of(message);
    compose(config, &draft)
}

/// Writes an offer as a mail: its text, and its link below.
///
/// # Errors
/// As [`compose_message`]; an alert to a person without an address is at fault in its recipient.
pub fn compose_alert(config: &SmtpConfig, alert: &Alert) -> Result<Mail, ChannelError> {
    let AlertTo::Address(to) = &alert.to else {
        return Err(invalid(Scope::Recipient));
    };
    let text = match &alert.link {
        Some(link) => format!("{}\n\n{}\n", alert.text.as_str(), link.as_str()),
        None => alert.text.as_str().to_owned(),
    };
    let draft = Draft {
        id: &alert.key(),
        to,
        at: alert.offer.made_at,
        from_name: None,
        subject: Some(alert.subject.as_str()),
        text,
        answers: &[],
        is_automatic: true,
    };
    compose(config, &draft)
}

/// What a mail is made of, besides who sends it.
pub(crate) struct Draft<'a> {
    id: &'a Key,
    to: &'a Address,
    at: DateTime<Utc>,
    from_name: Option<&'a str>,
    subject: Option<&'a str>,
    pub(crate) text: String,
    answers: &'a [Key],
    is_automatic: bool,
}

impl<'a> Draft<'a> {
    pub(crate) fn of(message: &'a Outbound) -> Self {
        Self {
            id: &message.id,
            to: &message.to,
            at: message.at,
            from_name: message.from_name.as_ref().map(|name| name.as_str()),
            subject: message.subject.as_ref().map(|subject| subject.as_str()),
            text: message.body.as_str().to_owned(),
            answers: &message.answers,
            is_automatic: message.is_automatic,
        }
    }
}

/// From whom, to whom, and under what name.
pub(crate) struct Envelope {
    from: lettre::Address,
    to: lettre::Address,
    message_id: String,
}

pub(crate) const fn invalid(scope: Scope) -> ChannelError {
    ChannelError::new(ErrorKind::Invalid, scope)
}

fn compose(config: &SmtpConfig, draft: &Draft<'_>) -> Result<Mail, ChannelError> {
    let (builder, envelope) = begin(config, draft)?;
    let builder = builder.header(ContentType::TEXT_PLAIN);
    finish(builder.body(crlf(&draft.text)), envelope)
}

/// The mail of what was built.
pub(crate) fn finish(
    built: Result<Message, lettre::error::Error>,
    envelope: Envelope,
) -> Result<Mail, ChannelError> {
    let message = built.map_err(|_| invalid(Scope::Message))?;
    let Envelope {
        from,
        to,
        message_id,
    } = envelope;
    let bytes = message.formatted();
    Ok(Mail {
        from,
        to,
        message_id,
        bytes,
    })
}

/// The header of a mail, all but what says of what sort its body is.
pub(crate) fn begin(
    config: &SmtpConfig,
    draft: &Draft<'_>,
) -> Result<(MessageBuilder, Envelope), ChannelError> {
    let to = mail_address(draft.to).ok_or(invalid(Scope::Recipient))?;
    let from = mail_address(&config.from).ok_or(invalid(Scope::Channel))?;
    let own_name = config.from_name.as_ref().map(|name| name.as_str());
    let sender = sender(draft.from_name.or(own_name).unwrap_or_default(), &from)?;
    let message_id = Origin::of(config).message_id(draft.id);
    let mut builder = Message::builder()
        .raw_header(sender)
        .to(Mailbox::new(None, to.clone()))
        .date(date(draft.at)?)
        .raw_header(raw("Message-ID", &[&message_id])?)
        .header(MIME_VERSION_1_0);
    if let Some(subject) = draft.subject {
        let encoded = words::unstructured(plain(subject)?);
        builder = builder.raw_header(header("Subject", subject, encoded));
    }
    if let [.., last] = draft.answers {
        let references = references(config, draft.answers);
        let references: Vec<&str> = references.iter().map(String::as_str).collect();
        builder = builder
            .raw_header(raw("In-Reply-To", &[&Origin::of(config).reference(last)])?)
            .raw_header(raw("References", &references)?);
    }
    if draft.is_automatic {
        builder = builder.raw_header(raw("Auto-Submitted", &["auto-generated"])?);
    }
    let envelope = Envelope {
        from,
        to,
        message_id,
    };
    Ok((builder, envelope))
}

/// The text itself, if it can stand in a header line or an address: no control characters.
fn plain(text: &str) -> Result<&str, ChannelError> {
    if text.chars().any(char::is_control) {
        Err(invalid(Scope::Message))
    } else {
        Ok(text)
    }
}

fn mail_address(address: &Address) -> Option<lettre::Address> {
    let value = address.value();
    let is_plain = value.bytes().all(|byte| byte.is_ascii_graphic());
    if address.kind() != AddressKind::Email || !is_plain {
        return None;
    }
    let (local, domain) = value.rsplit_once('@')?;
    lettre::Address::new(local, domain).ok()
}

/// 9999-12-31T23:59:59Z, the last second that a date in a mail can tell (RFC 5322, 3.3).
const LAST_SECOND: i64 = 253_402_300_799;

pub(crate) fn date(at: DateTime<Utc>) -> Result<SystemTime, ChannelError> {
    if (0..=LAST_SECOND).contains(&at.timestamp()) {
        Ok(at.into())
    } else {
        Err(invalid(Scope::Message))
    }
}

/// The sender's field: his name, encoded by us, and his address.
fn sender(name: &str, from: &lettre::Address) -> Result<HeaderValue, ChannelError> {
    let address = from.to_string();
    let encoded = match plain(name)? {
        "" => address.clone(),
        name => format!("{} <{address}>", words::phrase(name)),
    };
    Ok(header("From", &address, encoded))
}

/// A field whose values are ASCII already, folded between them only (RFC 5322, 2.2.3).
fn raw(name: &'static str, values: &[&str]) -> Result<HeaderValue, ChannelError> {
    let is_plain = |value: &&str| value.bytes().all(|byte| byte.is_ascii_graphic());
    if !values.iter().all(is_plain) {
        return Err(invalid(Scope::Message));
    }
    Ok(header(name, &values.join(" "), values.join("\r\n ")))
}

/// A field with its value as it goes over the wire.
fn header(name: &'static str, value: &str, encoded: String) -> HeaderValue {
    let name = HeaderName::new_from_ascii_str(name);
    HeaderValue::dangerous_new_pre_encoded(name, value.to_owned(), encoded)
}

/// At most so many of them: the first, which names the thread, and the newest.
pub(crate) const REFERENCES_MAX: usize = 20;

fn references(config: &SmtpConfig, answers: &[Key]) -> Vec<String> {
    let skipped = answers.len().saturating_sub(REFERENCES_MAX);
    let kept = answers
        .iter()
        .enumerate()
        .filter(|(at, _)| *at == 0 || *at > skipped);
    kept.map(|(_, key)| Origin::of(config).reference(key))
        .collect()
}

/// The text with every line ended by CR LF and no other control character than tabs, whatever it
/// held before.
pub(crate) fn crlf(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    lines
        .chars()
        .filter(kept)
        .collect::<String>()
        .replace('\n', "\r\n")
}
