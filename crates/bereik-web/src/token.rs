//! The secret by which a visitor is known again, and the address that is made of it.

use std::fmt;

use bereik_core::address::Address;
use sha2::{Digest as _, Sha256};

use crate::error::{WebError, WebErrorKind};

/// The secret of one visitor: 128 random bits, in the hands of his browser alone.
pub(crate) struct Token([u8; 16]);

/// Told apart from any other use of the hash.
const PURPOSE: &[u8] = b"bereik visitor 1\0";

impl Token {
    pub(crate) fn new() -> Result<Self, WebError> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|_| WebError::new(WebErrorKind::Randomness))?;
        Ok(Self(bytes))
    }

    /// Reads 32 hexadecimal digits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_hex = text.len() == 32 && text.bytes().all(|c| c.is_ascii_hexdigit());
        let number = is_hex.then(|| u128::from_str_radix(text, 16).ok())??;
        Some(Self(number.to_be_bytes()))
    }

    pub(crate) fn reveal(&self) -> String {
        hex(&self.0)
    }

    /// Who the visitor is to everybody but himself: half of a hash, from which the token cannot be
    /// told.
    pub(crate) fn visitor(&self) -> Visitor {
        let hash = Sha256::new().chain_update(PURPOSE).chain_update(self.0);
        Visitor(hex(&hash.finalize()[..16]).into())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Who a visitor is: the name in his `web:` address. No secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Visitor(Box<str>);

impl Visitor {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn address(&self) -> Address {
        let text = format!("web:{}", self.0);
        text.parse().expect("hexadecimal digits are a name")
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::Token;

    #[test]
    fn a_token_is_read_back_and_leads_to_one_address() {
        let token = Token::new().unwrap();
        let again = Token::parse(&token.reveal()).unwrap();
        assert_eq!(token.visitor(), again.visitor());
        assert!(!token.visitor().as_str().contains(&token.reveal()));
        assert_ne!(token.visitor(), Token::new().unwrap().visitor());
    }

    #[test]
    fn only_32_hexadecimal_digits_are_a_token() {
        for text in [
            "",
            "12",
            "+0000000000000000000000000000000",
            "zz000000000000000000000000000000",
        ] {
            assert!(Token::parse(text).is_none(), "{text}");
        }
    }
}
