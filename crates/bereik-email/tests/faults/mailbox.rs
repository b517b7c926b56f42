//! Reads a mail as a mail program does: just as much of MIME as the tests need, written apart
//! from what writes it.

use bereik_channel::conformance::Arrived;

/// The header fields in order, unfolded, and the body as it came.
pub(crate) fn parts(mail: &[u8]) -> (Vec<(String, String)>, Vec<u8>) {
    let end = mail
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .expect("an empty line");
    let head = String::from_utf8(mail[..end].to_vec()).expect("a header in ASCII");
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in head.split("\r\n") {
        match (line.starts_with([' ', '\t']), fields.last_mut()) {
            (true, Some((_, value))) => value.push_str(line),
            _ => {
                let (name, value) = line.split_once(':').expect("a field");
                fields.push((name.to_owned(), value.trim_start().to_owned()));
            }
        }
    }
    (fields, mail[end + 4..].to_vec())
}

pub(crate) fn field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut same = fields
        .iter()
        .filter(|(field, _)| field.eq_ignore_ascii_case(name));
    let found = same.next().map(|(_, value)| value.as_str());
    assert!(same.next().is_none(), "two fields {name}");
    found
}

/// What a reader of the mail sees.
pub(crate) fn read(mail: &[u8]) -> Arrived {
    let (fields, body) = parts(mail);
    assert_eq!(
        field(&fields, "MIME-Version"),
        Some("1.0"),
        "else nothing below counts"
    );
    let content = field(&fields, "Content-Type");
    assert_eq!(content, Some("text/plain; charset=utf-8"));
    let encoding = field(&fields, "Content-Transfer-Encoding").unwrap_or("7bit");
    let bytes = match encoding {
        "base64" => base64(&body),
        "quoted-printable" => quoted_printable(&body, b' '),
        _ => body,
    };
    let text = String::from_utf8(bytes)
        .expect("a body in UTF-8")
        .replace("\r\n", "\n");
    let subject = field(&fields, "Subject").map(words);
    Arrived { subject, text }
}

/// Encoded words (RFC 2047); the blanks between two of them are no text.
pub(crate) fn words(value: &str) -> String {
    let mut text = Vec::new();
    let mut was_encoded = false;
    let mut rest = value;
    while let Some(start) = rest.find("=?") {
        let Some((decoded, after)) = word(&rest[start..]) else {
            text.extend_from_slice(&rest.as_bytes()[..start + 2]);
            (rest, was_encoded) = (&rest[start + 2..], false);
            continue;
        };
        let between = &rest[..start];
        if !(was_encoded && between.trim().is_empty()) {
            text.extend_from_slice(between.as_bytes());
        }
        text.extend(decoded);
        (rest, was_encoded) = (after, true);
    }
    text.extend_from_slice(rest.as_bytes());
    String::from_utf8(text).expect("words in UTF-8")
}

fn word(text: &str) -> Option<(Vec<u8>, &str)> {
    let rest = text.strip_prefix("=?utf-8?")?;
    let (encoding, rest) = rest.split_once('?')?;
    let (encoded, after) = rest.split_once("?=")?;
    let is_word = encoded
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'?');
    let decoded = match encoding {
        "b" if is_word => base64(encoded.as_bytes()),
        "q" if is_word => quoted_printable(encoded.as_bytes(), b'_'),
        _ => return None,
    };
    Some((decoded, after))
}

fn base64(text: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for digit in text
        .iter()
        .filter_map(|c| DIGITS.iter().position(|digit| digit == c))
    {
        bits = (bits << 6) | u32::try_from(digit).expect("six bits");
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    bytes
}

/// `blank` is what stands for a blank besides a blank itself.
fn quoted_printable(text: &[u8], blank: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let [first, after @ ..] = rest {
        rest = match (first, after) {
            (b'=', [b'\r', b'\n', after @ ..]) => after,
            (b'=', [high, low, after @ ..]) => {
                let digit = |c: &u8| char::from(*c).to_digit(16).expect("hexadecimal");
                bytes.push(u8::try_from(digit(high) * 16 + digit(low)).expect("a byte"));
                after
            }
            _ => {
                bytes.push(if *first == blank { b' ' } else { *first });
                after
            }
        };
    }
    bytes
}
