//! The files that come with a mail.

use bereik_channel::{Attachment, Attachments};
use mail_parser::{ContentType, Encoding, Message, MessagePart, MimeHeaders as _, PartType};

/// Adds the files of a mail.
pub(super) fn add(message: &Message<'_>, files: &mut Attachments) {
    for part in message.attachments() {
        let media_type = part.content_type().map(media_type).unwrap_or_default();
        let name = part
            .attachment_name()
            .unwrap_or_else(|| name_of(&media_type));
        files.add(Attachment::new(name, &media_type, bytes(message, part)));
    }
}

pub(super) fn media_type(content: &ContentType<'_>) -> String {
    let sort = content.subtype().unwrap_or("octet-stream");
    format!("{}/{sort}", content.ctype())
}

/// What to call a file that has no name.
fn name_of(media_type: &str) -> &'static str {
    match media_type {
        "message/rfc822" => "message.eml",
        "text/calendar" => "invitation.ics",
        "text/plain" | "" => "attachment.txt",
        _ => "attachment",
    }
}

/// What is in a part.
pub(super) fn bytes<'a>(message: &'a Message<'_>, part: &'a MessagePart<'_>) -> &'a [u8] {
    match &part.body {
        // A message within the message: as it stands there, unless it had to be decoded.
        PartType::Message(inner) if part.encoding == Encoding::None => {
            let place = part.raw_body_offset() as usize..part.raw_end_offset() as usize;
            message
                .raw_message
                .get(place)
                .unwrap_or_else(|| inner.raw_message())
        }
        _ => part.contents(),
    }
}
