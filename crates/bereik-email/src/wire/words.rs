//! Writes words into header lines: as they are, quoted, or as encoded words (RFC 2047).
//!
//! The library beneath leaves a text alone that looks like an encoded word already, so that a
//! customer could put into his name whatever an encoded word can hold; here it is encoded.

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
        words.push(format!("=?utf-8?b?{}?=", base64(word.as_bytes())));
        rest = after;
    }
    words.join("\r\n ")
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            let six = (bits >> (18 - 6 * digit)) & 63;
            let is_filler = digit > three.len();
            text.push(if is_filler {
                '='
            } else {
                char::from(DIGITS[six as usize])
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{base64, phrase, unstructured};

    #[test]
    fn base64_as_in_rfc_4648() {
        let vectors = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
        ];
        for (text, encoded) in vectors {
            assert_eq!(base64(text.as_bytes()), encoded);
        }
    }

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
