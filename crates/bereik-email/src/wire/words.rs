//! Writes words into header lines: as they are, quoted, or as encoded words (RFC 2047).
//!
//! The library beneath leaves a text alone that looks like an encoded word already, so that a
//! customer could put into his name whatever an encoded word can hold; here it is encoded.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A subject: as it is where that is safe, else in encoded words.
pub(super) fn unstructured(text: &str) -> String {
    if is_safe(text) {
        text.to_owned()
    } else {
        encoded_words(text)
    }
}

/// A name before an address: a quoted string (RFC 5322, 3.2.4), or encoded words.
pub(super) fn phrase(text: &str) -> String {
    if !is_safe(text) {
        return encoded_words(text);
    }
    let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{quoted}\"")
}

/// Whether a reader takes the text for itself: printable ASCII that does not look encoded, and
/// no blanks at the ends, which are not part of a field.
fn is_safe(text: &str) -> bool {
    let is_plain = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    is_plain && !text.contains("=?") && text.trim() == text
}

/// An encoded word has at most 75 characters, 12 of them around its text (RFC 2047, 2); 45 bytes
/// make 60 digits.
const WORD_BYTES_MAX: usize = 45;

fn encoded_words(text: &str) -> String {
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut end = rest.len().min(WORD_BYTES_MAX);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (word, after) = rest.split_at(end);
        words.push(format!("=?utf-8?b?{}?=", STANDARD.encode(word.as_bytes())));
        rest = after;
    }
    words.join("\r\n ")
}

#[cfg(test)]
mod tests {
    use super::{phrase, unstructured};

    #[test]
    fn only_what_needs_it_is_encoded() {
        assert_eq!(unstructured("Your question (1/2)"), "Your question (1/2)");
        assert_eq!(unstructured("\u{e9}t\u{e9}"), "=?utf-8?b?w6l0w6k=?=");
        assert_eq!(
            phrase(r#"Jan "the man" \ Jansen"#),
            r#""Jan \"the man\" \\ Jansen""#
        );
        assert!(!unstructured("=?utf-8?q?=0D=0ABcc:_eve?=").contains("Bcc"));
    }
}
