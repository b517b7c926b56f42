//! The words of a mail as the body of a message, and what does not fit in one as files.

use std::borrow::Cow;

use bereik_channel::Attachment;
use bereik_core::message::Body;
use mail_parser::decoders::html::html_to_text;
use mail_parser::{Message, MessagePartId, PartType};

/// Said of a mail without words.
const EMPTY: &str = "(This mail has no text.)";

/// Said where the words end early.
const GOES_ON: &str = "\n\n(This mail goes on: all of its text is in the file message.txt.)";

/// Said of a mail that no parser understands.
pub(super) const NOT_APART: &str =
    "(This mail could not be taken apart: all of it is in the file mail.eml.)";

/// Said of a mail that is too large.
pub(super) fn too_large(size: u64) -> String {
    format!(
        "(This mail could not be taken: it is too large, with {size} bytes. It is in the mailbox.)"
    )
}

/// The words of a mail, short enough for a body, and the files that keep what is not in them.
pub(super) struct Text {
    pub(super) words: String,
    pub(super) files: Vec<Attachment>,
}

/// The words of a mail: what is written as text, or else what is written as HTML.
pub(super) fn of(message: &Message<'_>) -> Text {
    let plain = joined(message, &message.text_body);
    let mut files = Vec::new();
    let words = if plain.trim().is_empty() {
        for html in message.html_bodies() {
            if let PartType::Html(html) = &html.body {
                // Where links led and how it looked is not in the text.
                files.push(Attachment::new(
                    "message.html",
                    "text/html",
                    html.as_bytes(),
                ));
            }
        }
        joined(message, &message.html_body)
    } else {
        if is_html_only(message) {
            for html in message.html_bodies() {
                if let PartType::Html(html) = &html.body {
                    files.push(Attachment::new(
                        "message.html",
                        "text/html",
                        html.as_bytes(),
                    ));
                }
            }
        }
        plain
    };
    let words = harmless(&words);
    if words.len() <= Body::BYTES_MAX {
        return Text { words, files };
    }
    files.push(Attachment::new(
        "message.txt",
        "text/plain",
        words.as_bytes(),
    ));
    let mut words = start(&words, Body::BYTES_MAX - GOES_ON.len()).to_owned();
    words.push_str(GOES_ON);
    Text { words, files }
}

/// A body of words that are short enough; one that says so where there are none.
pub(super) fn body(words: &str) -> Body {
    let words = start(words, Body::BYTES_MAX);
    Body::parse(words).unwrap_or_else(|_| Body::parse(EMPTY).expect("it has words"))
}

fn is_html_only(message: &Message<'_>) -> bool {
    let mut bodies = message.text_bodies();
    bodies.all(|part| !matches!(part.body, PartType::Text(_)))
}

fn joined(message: &Message<'_>, parts: &[MessagePartId]) -> String {
    let texts = parts
        .iter()
        .filter_map(|id| match &message.part(*id)?.body {
            PartType::Text(text) => Some(Cow::Borrowed(text.as_ref())),
            PartType::Html(html) => Some(Cow::Owned(html_to_text(html))),
            _ => None,
        });
    texts.collect::<Vec<_>>().join("\n")
}

/// Line feeds at the ends of lines, and no controls: neither of a terminal nor of the direction
/// of writing, with which a text can show something else than it says.
fn harmless(text: &str) -> String {
    let is_direction = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let kept = |c: &char| !is_direction(*c) && (!c.is_control() || matches!(c, '\n' | '\t'));
    let lines = text
        .replace("\r\n", "\n")
        .replace(['\r', '\u{2028}', '\u{2029}'], "\n");
    lines.chars().filter(kept).collect()
}

/// At most so many bytes of a text, up to the end of a line where one is near.
fn start(text: &str, bytes_max: usize) -> &str {
    if text.len() <= bytes_max {
        return text;
    }
    let mut end = bytes_max;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let cut = &text[..end];
    match cut.rfind('\n') {
        Some(line) if line > end / 2 => &cut[..line],
        _ => cut,
    }
}
