//! What is said to an IMAP server, as letters that cannot become another command.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A text as a quoted string (RFC 3501, 4.3); none where it holds what cannot stand in one.
pub(crate) fn quoted(text: &str) -> Option<String> {
    let is_plain = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    is_plain.then(|| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}

/// The answer to a server that asks for a user and his password (RFC 4616).
pub(crate) fn plain_login(user: &str, password: &str) -> String {
    STANDARD.encode(format!("\0{user}\0{password}").as_bytes())
}

/// The name of a folder in modified UTF-7 (RFC 3501, 5.1.3).
pub(crate) fn folder(name: &str) -> String {
    let mut encoded = String::new();
    let mut beyond = Vec::new();
    for c in name.chars() {
        if (' '..='~').contains(&c) {
            end_shift(&mut beyond, &mut encoded);
            encoded.push(c);
            if c == '&' {
                encoded.push('-');
            }
        } else {
            let mut units = [0; 2];
            let units = c.encode_utf16(&mut units);
            beyond.extend(units.iter().flat_map(|unit| unit.to_be_bytes()));
        }
    }
    end_shift(&mut beyond, &mut encoded);
    encoded
}

fn end_shift(beyond: &mut Vec<u8>, encoded: &mut String) {
    if !beyond.is_empty() {
        let letters = STANDARD.encode(&*beyond).replace('/', ",");
        encoded.push('&');
        encoded.push_str(letters.trim_end_matches('='));
        encoded.push('-');
        beyond.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::{folder, plain_login, quoted};

    #[test]
    fn nothing_ends_a_command_early() {
        assert_eq!(quoted(r#"a "b" \c"#).unwrap(), r#""a \"b\" \\c""#);
        for text in ["a\r\nb LOGOUT", "\0", "\u{e9}"] {
            assert_eq!(quoted(text), None);
        }
        assert_eq!(
            plain_login("tim", "tanstaaftanstaaf"),
            "AHRpbQB0YW5zdGFhZnRhbnN0YWFm"
        );
    }

    #[test]
    fn folders_as_in_rfc_3501() {
        let table = [
            ("INBOX", "INBOX"),
            ("a & b", "a &- b"),
            (
                "~peter/mail/\u{53f0}\u{5317}/\u{65e5}\u{672c}\u{8a9e}",
                "~peter/mail/&U,BTFw-/&ZeVnLIqe-",
            ),
            ("\u{1F600}", "&2D3eAA-"),
            ("x\r\n", "x&AA0ACg-"),
        ];
        for (name, encoded) in table {
            assert_eq!(folder(name), encoded);
        }
    }
}
