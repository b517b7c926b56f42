//! Numbers that stand for texts, so that the texts need not be kept or compared.

/// Odd, and without a pattern in its bits.
const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
/// A byte of 1 in each place.
const ALL: u64 = 0x0101_0101_0101_0101;

/// A number for a text. Different texts may share one.
pub(crate) fn key_of(text: &[u8]) -> u64 {
    key_of_words(text, |word| word)
}

/// A number that stands for an address, in whatever case, so that the address itself is not kept; `None` where
/// the text is not one. Its lowest three bits are 0.
pub(crate) fn address_key(text: &[u8]) -> Option<u64> {
    let text = text.trim_ascii();
    let text = match text.split_at_checked(7) {
        Some((scheme, address)) if scheme.eq_ignore_ascii_case(b"mailto:") => address,
        _ => text,
    };
    let has_at = memchr::memchr(b'@', text).is_some();
    // Looking at all of it is faster than stopping early.
    let has_blanks = text.iter().fold(false, |has, byte| has | (*byte <= b' '));
    (has_at && !has_blanks).then(|| key_of_words(text, lower) << 3)
}

/// Eight bytes at a time.
fn key_of_words(text: &[u8], word_of: impl Fn(u64) -> u64) -> u64 {
    let mix = |key: u64, word: u64| {
        let key = (key ^ word_of(word)).wrapping_mul(FACTOR);
        key ^ key >> 29
    };
    let (words, rest) = text.as_chunks::<8>();
    let key = words.iter().fold(text.len() as u64, |key, word| {
        mix(key, u64::from_le_bytes(*word))
    });
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    mix(key, u64::from_le_bytes(last))
}

/// Eight bytes in lower case: the letters of ASCII have the bit of 0x20 set.
fn lower(word: u64) -> u64 {
    let seven_bits = word & (ALL * 0x7F);
    let is_from_a = seven_bits + ALL * (0x80 - b'A' as u64);
    let is_after_z = seven_bits + ALL * (0x7F - b'Z' as u64);
    let is_upper = (is_from_a ^ is_after_z) & !word & (ALL << 7);
    word | is_upper >> 2
}

#[cfg(test)]
mod tests {
    use super::{address_key, lower};

    #[test]
    fn case_is_that_of_ascii() {
        for byte in 0..=u8::MAX {
            let word = u64::from_le_bytes([byte; 8]);
            assert_eq!(lower(word).to_le_bytes(), [byte.to_ascii_lowercase(); 8]);
        }
    }

    #[test]
    fn addresses_in_any_spelling() {
        let plain = address_key(b"jan.de.vries@example.org");
        assert!(plain.is_some_and(|key| key % 8 == 0));
        assert_eq!(address_key(b" MailTo:Jan.de.Vries@EXAMPLE.org "), plain);
        assert_ne!(address_key(b"jan.de.vries@example.com"), plain);
        for none in ["", "jan", "jan @ example.org", "mailto:"] {
            assert_eq!(address_key(none.as_bytes()), None, "{none}");
        }
    }
}
