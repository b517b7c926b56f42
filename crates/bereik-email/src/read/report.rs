//! What servers report of our own mails: that they came back, or are late (RFC 3464).

use bereik_channel::{EventKind, Evidence};
use bereik_core::id::Key;
use mail_parser::{Message, MessagePart, MimeHeaders as _, PartType};

use super::automatic::{Hand, hand, is_daemon, is_null_sender};
use super::files::media_type;
use super::head::{Head, message_ids};
use crate::message_id::Origin;

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    CameBack,
    Late,
}

/// How much of a part is looked at for what it reports.
const LOOKED_AT_BYTES_MAX: usize = 64 * 1024;

/// What a mail reports of one of ours; none where it is no report, or not of ours.
///
/// Only servers report, and they send from `<>`. That a report is true, nobody can tell.
pub(super) fn read(head: &Head<'_>, message: &Message<'_>, origin: &Origin) -> Option<EventKind> {
    let is_server = is_daemon(head);
    if head.field("Return-Path").is_some() && !is_null_sender(head) && !is_server {
        return None;
    }
    let (fate, is_form) = if head.is_multipart("report") {
        (reported_fate(message)?, true)
    } else if is_server || is_null_sender(head) && hand(head) != Hand::Stand {
        (told_fate(head), false)
    } else {
        return None;
    };
    // Who is out of office answers a mail too: only of a server does that mean a report.
    let answered = || answered_key(head, origin).filter(|_| is_server || is_form);
    let of = returned_key(message, origin).or_else(answered)?;
    Some(match fate {
        Fate::CameBack => EventKind::Delivery {
            of,
            evidence: Evidence::None,
        },
        Fate::Late => EventKind::Delayed { of },
    })
}

/// Of a report in the form of RFC 3464. Our mails have one recipient; of several fates the worst
/// counts.
fn reported_fate(message: &Message<'_>) -> Option<Fate> {
    let mut fate = None;
    let parts = parts(message).filter(|(kind, _)| {
        matches!(
            kind.as_str(),
            "message/delivery-status" | "message/global-delivery-status"
        )
    });
    for (_, text) in parts {
        for (name, value) in fields(&text) {
            let read = match name.as_str() {
                "action" if value.eq_ignore_ascii_case("failed") => Fate::CameBack,
                "action" if value.eq_ignore_ascii_case("delayed") => Fate::Late,
                // A status without an action is against the standard, and is seen.
                "status" if value.starts_with('5') => Fate::CameBack,
                _ => continue,
            };
            if fate != Some(Fate::CameBack) {
                fate = Some(read);
            }
        }
    }
    fate
}

/// Of a report in words, by its subject.
fn told_fate(head: &Head<'_>) -> Fate {
    let subject = head
        .field("Subject")
        .unwrap_or_default()
        .to_ascii_lowercase();
    if subject.contains("delay") || subject.starts_with("warning") {
        Fate::Late
    } else {
        Fate::CameBack
    }
}

/// The key of our mail that is reported of, by its `Message-ID` in what came back of it.
fn returned_key(message: &Message<'_>, origin: &Origin) -> Option<Key> {
    for (_, text) in parts(message) {
        let named = fields(&text)
            .filter(|(name, _)| ["message-id", "original-message-id"].contains(&name.as_str()));
        for (_, ids) in named {
            if let Some(key) = message_ids(&ids).find_map(|id| origin.key_of(id)) {
                return Some(key);
            }
        }
    }
    None
}

/// The key of our mail that a mail answers.
fn answered_key(head: &Head<'_>, origin: &Origin) -> Option<Key> {
    let field = head.field("In-Reply-To")?;
    message_ids(&field).find_map(|id| origin.key_of(id))
}

/// The media type of each part that is no container, and the start of its text.
fn parts(message: &Message<'_>) -> impl Iterator<Item = (String, String)> {
    message.parts.iter().filter_map(|part| {
        let kind = part.content_type().map(media_type).unwrap_or_default();
        let bytes = bytes(message, part)?;
        let start = &bytes[..bytes.len().min(LOOKED_AT_BYTES_MAX)];
        Some((kind, String::from_utf8_lossy(start).into_owned()))
    })
}

fn bytes<'a>(message: &'a Message<'_>, part: &'a MessagePart<'_>) -> Option<&'a [u8]> {
    match &part.body {
        PartType::Multipart(_) => None,
        _ => Some(super::files::bytes(message, part)),
    }
}

/// What looks like a field, its name in small letters and without marks of quotation, with the
/// lines in which it goes on (RFC 5322, 2.2.3).
fn fields(text: &str) -> impl Iterator<Item = (String, String)> {
    let mut rest = text.lines().peekable();
    std::iter::from_fn(move || {
        loop {
            let line = rest.next()?;
            let Some((name, value)) = line.split_once(':') else {
                continue;
            };
            let mut value = value.trim().to_owned();
            while let Some(more) = rest.next_if(|next| next.starts_with([' ', '\t'])) {
                value.push_str(more);
            }
            let name = name.trim_start_matches(['>', ' ']).trim_end();
            return Some((name.to_ascii_lowercase(), value));
        }
    })
}
