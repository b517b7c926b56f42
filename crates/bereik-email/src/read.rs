//! From the bytes of a mail (RFC 5322, MIME) to what they mean, without a clock or a wire.

mod attendance;
mod automatic;
mod files;
mod head;
mod report;
mod text;

use std::fmt;

use bereik_channel::{Attachment, EventKind, Inbound};
use bereik_core::Address;
use mail_parser::{Message, MessageParser};

use crate::config::SmtpConfig;
use crate::message_id::Origin;
use automatic::Hand;
use head::Head;

/// Reads mails. The same bytes give the same event.
///
/// No mail is too strange to be read: what cannot be taken apart comes as a message that says so,
/// with all of the mail as a file.
///
/// ```
/// use bereik_channel::EventKind;
/// use bereik_email::{MailReader, SmtpConfig};
///
/// let config = SmtpConfig::parse("smtp://localhost?from=helpdesk@example.org")?;
/// let mail = b"From: Jan <jan@example.org>\r\nSubject: Re: Your question\r\n\
///     In-Reply-To: <message/M12@example.org>\r\n\r\nThank you!\r\n";
/// let EventKind::Message(message) = MailReader::for_sender(&config).read(mail) else {
///     return Err("a message".into());
/// };
/// assert_eq!(message.from.value(), "jan@example.org");
/// assert_eq!(message.answers[0].as_str(), "message/M12");
/// assert_eq!(message.body.as_str(), "Thank you!\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct MailReader {
    origin: Option<Origin>,
}

/// Each level of a message within a message has a field of this name. What the parser builds is
/// taken down by recursion, so that so many levels fit on a small stack.
const CONTENT_TYPES_MAX: usize = 400;
const CONTENT_TYPE: &[u8] = b"content-type";

/// Each field of a header takes more memory than it has letters, so lines are bounded too: three
/// times those of 16 MiB in base64.
const LINES_MAX: usize = 700_000;

/// How much of a mail is looked at for its header alone.
pub(crate) const HEAD_BYTES_MAX: u32 = 64 * 1024;

impl MailReader {
    /// Reads mails to an account that sends none: every mail that is answered is foreign.
    #[must_use]
    pub const fn new() -> Self {
        Self { origin: None }
    }

    /// Reads mails that may answer those of this sender.
    #[must_use]
    pub fn for_sender(config: &SmtpConfig) -> Self {
        let origin = Some(Origin::of(config));
        Self { origin }
    }

    /// What a mail means.
    #[must_use]
    pub fn read(&self, mail: &[u8]) -> EventKind {
        let Some(message) = take_apart(mail) else {
            let mut inbound = self.read_head(mail, text::NOT_APART);
            let whole = Attachment::new("mail.eml", "message/rfc822", mail);
            inbound.attachments.add(whole);
            return EventKind::Message(inbound);
        };
        let head = Head::of(&message);
        let origin = self.origin.as_ref();
        if let Some(told) = origin.and_then(|origin| report::read(&head, &message, origin)) {
            return told;
        }
        let text = text::of(&message);
        let mut inbound = self.begin(&head, &text.words);
        files::add(&message, &mut inbound.attachments);
        for more in text.files {
            inbound.attachments.add(more);
        }
        match attendance::read(&message) {
            Some((of, by, answer)) => EventKind::Attendance {
                of,
                by,
                answer,
                message: inbound,
            },
            None => EventKind::Message(inbound),
        }
    }

    /// What a mail means of which only the start was taken, because all of it is too large. The
    /// message says so.
    #[must_use]
    pub fn read_start(&self, start: &[u8], size: u64) -> EventKind {
        EventKind::Message(self.read_head(start, &text::too_large(size)))
    }

    /// A message of which only the head is read.
    fn read_head(&self, mail: &[u8], words: &str) -> Inbound {
        let length = mail.len().min(HEAD_BYTES_MAX as usize);
        let start = &mail[..length];
        match guarded(|| MessageParser::default().parse_headers(start)) {
            Some(message) => self.begin(&Head::of(&message), words),
            None => Inbound::new(nobody(), text::body(words)),
        }
    }

    fn begin(&self, head: &Head<'_>, words: &str) -> Inbound {
        let (from, from_name) = head.sender();
        let mut inbound = Inbound::new(from.unwrap_or_else(nobody), text::body(words));
        inbound.from_name = from_name;
        inbound.subject = head.subject();
        inbound.answers = head.answers(self.origin.as_ref());
        inbound.provider_id = head.message_id();
        let hand = automatic::hand(head);
        // What we wrote ourselves and comes in again is never answered either.
        inbound.is_automatic = hand != Hand::Person || self.is_ours(&inbound);
        inbound.is_automatic_reply = hand == Hand::Stand;
        inbound
    }

    fn is_ours(&self, inbound: &Inbound) -> bool {
        let id = inbound.provider_id.as_ref();
        let key = id.and_then(|id| self.origin.as_ref()?.key_of(id.as_str()));
        key.is_some()
    }
}

impl fmt::Debug for MailReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailReader")
    }
}

/// Who wrote a mail that does not say so. Nobody can be reached there (RFC 6761, 6.4).
fn nobody() -> Address {
    "nobody@sender.invalid".parse().expect("it is an address")
}

/// None where the mail would take too much to take apart, or cannot be.
fn take_apart(mail: &[u8]) -> Option<Message<'_>> {
    let lines = mail.iter().filter(|byte| **byte == b'\n').count();
    if lines > LINES_MAX || content_types(mail) > CONTENT_TYPES_MAX {
        return None;
    }
    let message = guarded(|| MessageParser::default().parse(mail))?;
    (!message.parts.is_empty()).then_some(message)
}

fn content_types(mail: &[u8]) -> usize {
    let windows = mail.windows(CONTENT_TYPE.len());
    windows
        .filter(|window| window[0] | 0x20 == b'c' && window.eq_ignore_ascii_case(CONTENT_TYPE))
        .count()
}

/// A mail that makes the parser fail must not end the channel: it would be read again for ever.
fn guarded<'a>(
    parse: impl FnOnce() -> Option<Message<'a>> + std::panic::UnwindSafe,
) -> Option<Message<'a>> {
    std::panic::catch_unwind(parse).ok().flatten()
}
